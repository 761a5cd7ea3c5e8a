"""Linkage: joins mentions of people into persons, addresses into places, and keeps their ids for ever.

It sees standardised identity and bare dates only, takes and gives tables, and opens no file.
"""

from almoner.linkage.run import link
from almoner.linkage.shapes import Decision, LinkOutcome, LinkSettings, PreviousSpine

__all__ = ["Decision", "LinkOutcome", "LinkSettings", "PreviousSpine", "link"]
