"""Writes out repeated person slots: a row that lists up to eight household members declares one of them."""

from __future__ import annotations

from typing import Any

NUMBER = "{n}"


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
        dataset["people"] = _numbered_slots(dataset["people"], name, slot, numbers)
        dataset["columns"] = _numbered_columns(dataset["columns"], name, numbers)
        dataset["facts"] = _numbered_facts(dataset.get("facts", []), name, numbers)
    return None


def _is_range(repeat: Any) -> bool:
    return (
        isinstance(repeat, list | tuple)
        and len(repeat) == 2
        and all(isinstance(n, int) for n in repeat)
        and 0 <= repeat[0] <= repeat[1] <= 99
    )


def _numbered_slots(people: dict[str, Any], name: str, slot: dict[str, Any], numbers: range) -> dict[str, Any]:
    done = {key: value for key, value in people.items() if key != name}
    for n in numbers:
        copy = {key: value for key, value in slot.items() if key != "repeat"}
        done[f"{name}_{n}"] = {
            **copy,
            "name": f"{name}_{n}",
            "title": f"{slot.get('title', name)} {n}",
            "suffix": slot["suffix"].replace(NUMBER, str(n)),
        }
    return done


def _numbered_columns(columns: dict[str, Any], name: str, numbers: range) -> dict[str, Any]:
    done: dict[str, Any] = {}
    for key, column in columns.items():
        if not isinstance(column, dict) or column.get("person") != name:
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


def _numbered_facts(facts: list[Any], name: str, numbers: range) -> list[Any]:
    done: list[Any] = []
    for fact in facts:
        if name not in _people_of(fact):
            done.append(fact)
            continue
        for n in numbers:
            done.append(_with_person(fact, name, f"{name}_{n}"))
    return done


def _people_of(fact: Any) -> set[str]:
    if not isinstance(fact, dict):
        return set()
    return {
        str(part.get(key))
        for part in fact.values()
        if isinstance(part, dict)
        for key in ("person", "of")
        if part.get(key)
    }


def _with_person(fact: dict[str, Any], name: str, numbered: str) -> dict[str, Any]:
    return {
        kind: {key: numbered if key in ("person", "of") and value == name else value for key, value in part.items()}
        for kind, part in fact.items()
    }
