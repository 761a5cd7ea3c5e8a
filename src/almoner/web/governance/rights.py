"""Which rights open which pages of governance, so that pages and navigation agree."""

from __future__ import annotations

from almoner.web.pages import right

REGISTRY = right("audit", "grant", "notice", "quarantine", "release", "release_approve", "intake")
"""Whoever looks after anything may read the registry: what is declared is public in the notice and the record."""
DELIVERIES = right("intake", "quarantine", "notice")
WORK = right("intake", "link", "workspace", "audit", "notice")
"""Whoever takes in, joins or builds; and whoever looks after what they do."""
