"""What a check finds, before it is traced to a file and line."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from difflib import get_close_matches


@dataclass(frozen=True)
class Finding:
    """A fault at a path of the merged registry."""

    path: tuple[str | int, ...]
    what: str
    why: str
    todo: str


def unknown(path: tuple[str | int, ...], what: str, name: str, known: Iterable[str], why: str) -> Iterator[Finding]:
    """Yield a finding if `name` is not among the known names, with the nearest of them."""
    names = sorted(known)
    if name in names:
        return
    near = get_close_matches(name, names, n=1)
    hint = f"did you mean '{near[0]}'?" if near else f"declare it, or use one of: {', '.join(names) or 'none declared'}"
    yield Finding(path, f"{what} '{name}' is not declared", why, hint)
