"""Reads everything held on one person through the gate, under one permit that is about them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from almoner.governance.gate import Desk, Gate
from almoner.governance.views import SAID
from almoner.kernel.steps import Step
from almoner.registry.registry import Registry

_NEAR = ("spine.person", "spine.residence", "spine.address", "spine.protected")


@dataclass(frozen=True)
class Read:
    """What was read. links: the person's records in the spine; rows: of each dataset, every version."""

    person: Mapping[str, Any]
    links: Sequence[Mapping[str, Any]]
    near: Sequence[Mapping[str, Any]]
    homes: Sequence[Mapping[str, Any]]
    protected: bool
    rows: Mapping[str, Sequence[Mapping[str, Any]]] = field(default_factory=dict)


def read_everything(registry: Registry, gate: Gate, desk: Desk, person: Mapping[str, Any]) -> Read:
    """Read what is held on the person of a desk's permit: every version of every record, who is near, the links.

    In: person: as `who_it_is` gives them. Raises: AccessRefused.
    """
    (person_id,) = desk.permit.subjects
    links = _all(desk, "spine.person_record")
    given = gate.columns_for(desk.permit)
    rows = {}
    for name in sorted({str(each["dataset"]) for each in links} & set(given)):
        columns = tuple(each for each in registry.dataset(name).columns if each in set(given[name]))
        rows[name] = _by_row(_all(desk, f"held:{name}", columns))
    near = _all(desk, "spine.person", (), f"person_id <> {_quoted(person_id)}")
    hidden = _one(desk, "spine.protected", f"person_id = {_quoted(person_id)}") is not None
    return Read(person, links, near, _homes(desk), hidden, rows)


def who_it_is(desk: Desk) -> tuple[dict[str, Any] | None, list[str], list[str]]:
    """Give the person of a desk's permit, None where the id is not used now; who has its records; whose it took in."""
    (person_id,) = desk.permit.subjects
    person = _one(desk, "spine.person", f"person_id = {_quoted(person_id)}")
    events = [each for each in _all(desk, "spine.person_event") if each["other_person_id"] is not None]
    went = [e["other_person_id"] for e in events if e["person_id"] == person_id and e["kind"] in ("merged", "moved")]
    took = [e["person_id"] for e in events if e["other_person_id"] == person_id and e["kind"] == "merged"]
    return person, list(dict.fromkeys(went)), list(dict.fromkeys(took))


def _by_row(found: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Give each row once, with `slots`, everybody of it who is the person, and `said`, what it says of each of them."""
    rows: dict[int, dict[str, Any]] = {}
    for each in found:
        plain = {name: value for name, value in each.items() if not name.startswith(SAID) and name != "slot"}
        row = rows.setdefault(each["row_id"], {**plain, "slots": set(), "said": []})
        row["slots"].add(each["slot"])
        row["said"].append({name.removeprefix(SAID): value for name, value in each.items() if name.startswith(SAID)})
    return list(rows.values())


def _homes(desk: Desk) -> list[dict[str, Any]]:
    sql = """SELECT r.person_id, a.house_number, a.street, a.postcode, a.address
             FROM "spine.residence" AS r JOIN "spine.address" AS a USING (address_id)"""
    return desk.run(
        [Step("homes", "Where they and those near them live or lived", sql, ())], dict.fromkeys(_NEAR, ())
    ).rows()


def _all(desk: Desk, name: str, columns: tuple[str, ...] = (), where: str = "TRUE") -> list[dict[str, Any]]:
    return desk.run(
        [Step("held", "All that is held", f'SELECT * FROM "{name}" WHERE {where}', ())], {name: columns}
    ).rows()


def _one(desk: Desk, name: str, where: str) -> dict[str, Any] | None:
    found = _all(desk, name, (), where)
    return found[0] if found else None


def _quoted(person_id: str) -> str:
    from almoner.single_view.ids import plain_id

    return f"'{plain_id(person_id)}'"
