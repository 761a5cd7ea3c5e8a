"""Makes what can be made of a registry with faults of shape, so that faults between declarations are found too.

The result serves checking only: what is left out here was reported, and the registry as a whole stays refused.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pydantic import ValidationError

from almoner.registry.registry import Registry

MOST_TRIES = 50
_STAND_INS: dict[str, dict[str, str]] = {
    "controller": {"title": "?", "service": "?", "address": "?", "place": "?"},
    "data_protection_officer": {"title": "?", "email": "?"},
}


def without_misshapen(merged: dict[str, Any]) -> tuple[Registry | None, frozenset[str]]:
    """Leave out what does not fit its shape, piece by piece.

    In: the merged tables; they are altered. Out: a registry of the rest, or None; the names of what was left out.
    """
    gone: set[str] = set()
    for _ in range(MOST_TRIES):
        try:
            return Registry.model_validate(merged), frozenset(gone)
        except ValidationError as error:
            for problem in error.errors():
                path = [part for part in problem["loc"] if part != "[key]"]
                gone.update(_leave_out(merged, path, unknown_key=problem["type"] == "extra_forbidden"))
    return None, frozenset(gone)


def _leave_out(merged: dict[str, Any], path: Sequence[str | int], *, unknown_key: bool) -> set[str]:
    if len(path) == 1 or path[0] in _STAND_INS:
        merged[str(path[0])] = _STAND_INS.get(str(path[0]), {})
        return set()
    target = list(path) if unknown_key else list(path[: _piece(path)])
    holder: Any = merged
    for part in target[:-1]:
        try:
            holder = holder[part]
        except (KeyError, IndexError, TypeError):
            return set()
    in_table = isinstance(holder, dict) and target[-1] in holder
    in_list = isinstance(holder, list) and isinstance(target[-1], int) and target[-1] < len(holder)
    if in_table or in_list:
        del holder[target[-1]]
    return {str(target[-1])}


def _piece(path: Sequence[str | int]) -> int:
    """Say how much of a path names the smallest piece that can be left out: a column, fact, slot, dataset, entry."""
    if path[0] != "source":
        return 2
    if len(path) > 5 and path[2] == "datasets" and path[4] in ("columns", "people", "facts", "feeds", "expectations"):
        return 6
    return 4 if len(path) > 3 and path[2] == "datasets" else 2
