"""Common facts: how rows of any source become involvements, events, attributes, residences and relationships.

Facts are views, not copies: they carry row and slot, and the person is resolved when they are read, so that a merge
or split of people rewrites nothing.
"""

from almoner.facts.read import run_with_facts

__all__ = ["run_with_facts"]
