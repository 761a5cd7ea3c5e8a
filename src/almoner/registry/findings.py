"""What a check finds, before it is traced to a file and line."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Finding:
    """A fault at a path of the merged registry."""

    path: tuple[str | int, ...]
    what: str
    why: str
    todo: str
