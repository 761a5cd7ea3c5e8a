"""Writes out repeated person slots: a row that lists up to eight household members declares one of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

NUMBER = "{n}"

_NAMING_SLOTS = ("person", "of", "slot")
_NAMING_COLUMNS = (
    "detail", "starts", "ends", "professional", "on", "quantity", "since", "value", "as_of", "column", "key",
    "event_on", "starts_on", "ends_on",
)  # fmt: skip


def expand_repeats(dataset: dict[str, Any]) -> str | None:
    """Replace each slot with `repeat = [first, last]` by numbered slots, columns and facts, in place.

    In: a dataset as parsed from TOML. Out: what is wrong, or None.
    """
    people = dataset.get("people")
    columns = dataset.get("columns")
    if not isinstance(people, dict) or not isinstance(columns, dict):
        return None
    for name, slot in list(people.items()):
        repeat = slot.get("repeat") if isinstance(slot, dict) else None
        if repeat is None:
            continue
        if not _is_range(repeat) or NUMBER not in str(slot.get("suffix", "")):
            return f"slot '{name}' repeats, but not as [first, last] with {NUMBER} in its suffix"
        numbers = range(repeat[0], repeat[1] + 1)
        repeated = {key for key, column in dataset["columns"].items() if _is_of(column, name)}
        dataset["people"] = _numbered_slots(dataset["people"], name, slot, numbers, repeated)
        dataset["columns"] = _numbered_columns(dataset["columns"], name, numbers)
        dataset["facts"] = _numbered_facts(dataset.get("facts", []), name, numbers, repeated)
    return None


def _is_range(repeat: Any) -> bool:
    return (
        isinstance(repeat, list | tuple)
        and len(repeat) == 2
        and all(isinstance(n, int) for n in repeat)
        and 0 <= repeat[0] <= repeat[1] <= 99
    )


def _is_of(column: Any, name: str) -> bool:
    return isinstance(column, dict) and column.get("person") == name


def _numbered_slots(
    people: dict[str, Any], name: str, slot: dict[str, Any], numbers: range, repeated: Iterable[str]
) -> dict[str, Any]:
    done = {key: value for key, value in people.items() if key != name}
    for n in numbers:
        copy = {key: value for key, value in slot.items() if key != "repeat"}
        done[f"{name}_{n}"] = {
            **_renamed(copy, {}, {column: f"{column}_{n}" for column in repeated}),
            "name": f"{name}_{n}",
            "title": f"{slot.get('title', name)} {n}",
            "suffix": slot["suffix"].replace(NUMBER, str(n)),
        }
    return done


def _numbered_columns(columns: dict[str, Any], name: str, numbers: range) -> dict[str, Any]:
    done: dict[str, Any] = {}
    for key, column in columns.items():
        if not _is_of(column, name):
            done[key] = column
            continue
        for n in numbers:
            done[f"{key}_{n}"] = {
                **column,
                "name": f"{key}_{n}",
                "from": str(column.get("from", "")).replace(NUMBER, str(n)),
                "person": f"{name}_{n}",
            }
    return done


def _numbered_facts(facts: list[Any], name: str, numbers: range, repeated: Iterable[str]) -> list[Any]:
    done: list[Any] = []
    for fact in facts:
        if name not in set(_slots_in(fact)):
            done.append(fact)
            continue
        for n in numbers:
            done.append(_renamed(fact, {name: f"{name}_{n}"}, {column: f"{column}_{n}" for column in repeated}))
    return done


def _slots_in(declared: Any) -> Iterable[str]:
    """List the slots that a fact names, at whatever depth."""
    if isinstance(declared, dict):
        for key, value in declared.items():
            if key in _NAMING_SLOTS and isinstance(value, str):
                yield value
            yield from _slots_in(value)


def _renamed(declared: Any, slots: Mapping[str, str], columns: Mapping[str, str]) -> Any:
    """Write the numbered names of slots and columns wherever a declaration names them."""
    if isinstance(declared, list | tuple):
        return [_renamed(each, slots, columns) for each in declared]
    if not isinstance(declared, dict):
        return declared
    done: dict[str, Any] = {}
    for key, value in declared.items():
        names = slots if key in _NAMING_SLOTS else columns if key in _NAMING_COLUMNS else {}
        done[key] = names.get(value, value) if isinstance(value, str) else _renamed(value, slots, columns)
    return done
