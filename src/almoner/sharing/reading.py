"""Reads an extract through the gate, under a permit that gives what was agreed and is taken back at once.

Nothing of it is shown to anybody here: it is counted and judged, and encrypted for the recipient. People stand in it
under pseudonyms that only this recipient is given, also beside their names.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from almoner.facts.conditions import where_sql
from almoner.governance.gate import Gate
from almoner.governance.granting import PermitOffice
from almoner.governance.permit import Permit
from almoner.governance.shared import recipient_scope
from almoner.intake.standardise.expressions import literal
from almoner.kernel.steps import Step
from almoner.registry.datasets import PLACE, Dataset
from almoner.registry.registry import Registry
from almoner.registry.sharing import RESIDENT, Sharing
from almoner.sharing.extracts import Share
from almoner.sharing.minimising import span_of
from almoner.single_view.certainty import surely

PERSON = "person"
"""The column of the recipient's pseudonyms."""
_REF = "person_ref"

Pseudonyms = Callable[[str, Sequence[str]], list[str]]
"""Gives people's pseudonyms under the key of a scope."""


@dataclass(frozen=True)
class Table:
    """A table of an extract, its rows in an order that says nothing."""

    name: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Content:
    """Everything that an extract holds. people: everybody in it, as the recipient knows them."""

    tables: tuple[Table, ...]
    people: tuple[str, ...]

    @property
    def rows(self) -> int:
        """How many rows."""
        return sum(len(table.rows) for table in self.tables)


class Reader:
    """Reads extracts as one actor."""

    def __init__(
        self, registry: Registry, gate: Gate, permits: PermitOffice, actor: str, pseudonyms: Pseudonyms
    ) -> None:
        self._registry, self._gate, self._permits = registry, gate, permits
        self._actor, self._pseudonyms = actor, pseudonyms

    def read(self, share: Share, sharing: Sharing, granted_by: str, subject: str = "") -> Content:
        """Read what an extract holds today.

        Raises: AccessRefused, AuditError; NotFound where there is no such person.
        """
        reason = f"Extract {share.id} for recipient {share.recipient}"
        permit = self._permits.for_sharing(
            self._actor, sharing, reason, granted_by, names=share.form == "identifiable",
            subjects=(subject,) if subject else (),
        )  # fmt: skip
        try:
            return self._read(permit, share, sharing)
        finally:
            self._permits.revoke(permit.id, self._actor)

    def _read(self, permit: Permit, share: Share, sharing: Sharing) -> Content:
        desk = self._gate.desk(permit)
        tables, people = [], set()
        for name, steps, reads in _tables(self._registry, share, sharing):
            found = desk.run(steps, reads).to_arrow().to_pydict()
            known = found.pop(_REF)
            if share.form == "identifiable":
                known = self._pseudonyms(recipient_scope(share.recipient, share.project), known)
            people |= set(known)
            shown = {} if share.form == "anonymous" else {PERSON: known}
            columns = {**shown, **found}
            cells = [[text_of(value) for value in column] for column in columns.values()]
            tables.append(Table(name, tuple(columns), tuple(sorted(zip(*cells, strict=True)))))
        return Content(tuple(tables), tuple(sorted(people)))


def text_of(value: Any) -> str:
    """Write a value as it stands in a file."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


# ── the steps ────────────────────────────────────────────────────────────────────────────────────────────────────────

Reads = dict[str, tuple[str, ...]]


def _tables(registry: Registry, share: Share, sharing: Sharing) -> Iterator[tuple[str, list[Step], Reads]]:
    cohort = _cohort(sharing, share.ages)
    asked = {sharing.cohort.dataset: tuple(w.column for w in sharing.cohort.where)} if sharing.cohort else {}
    always: Reads = {**asked, "spine.link": (), "spine.resident": ()}
    about = [f"r.{_quoted(name)}" for name in share.fields.get(RESIDENT, ()) if name != "age"]
    about += [_age(sharing)] if "age" in share.fields.get(RESIDENT, ()) else []
    datasets = {name: columns for name, columns in share.fields.items() if name != RESIDENT and columns}
    if about and not (share.form == "anonymous" and datasets):
        sql = (
            f'SELECT {", ".join([f"c.{_REF}", *about])} FROM cohort AS c LEFT JOIN "spine.resident" AS r USING ({_REF})'
        )
        yield "people", [cohort, Step("people", "What their place in the population tells", sql, ())], always
    for name, columns in datasets.items():
        joined = about if share.form == "anonymous" else []
        step = _rows(registry.dataset(name), columns, sharing, joined)
        read = tuple(dict.fromkeys((*columns, *asked.get(name, ()))))
        yield name.replace(".", "_"), [cohort, step], {**always, name: read}


def _cohort(sharing: Sharing, ages: str | None) -> Step:
    """Write of whom an extract is: in an emergency, of the one whom the permit is about."""
    conditions = [surely()]
    if sharing.cohort is not None:
        conditions += _told_by(sharing, "l")
        for span in (sharing.cohort.ages, ages):
            if span is not None:
                youngest, oldest = span_of(span)
                of_age = f'SELECT {_REF} FROM "spine.resident" WHERE age BETWEEN {youngest} AND {oldest}'
                conditions.append(f"l.{_REF} IN ({of_age})")
    sql = f'SELECT DISTINCT l.{_REF} FROM "spine.link" AS l WHERE {" AND ".join(conditions)}'
    return Step("cohort", "Of whom it is", sql, (_REF,), keep=True)


def _told_by(sharing: Sharing, alias: str) -> list[str]:
    """Write the conditions under which a link is to a row that makes somebody one of the cohort."""
    cohort = sharing.cohort
    if cohort is None:
        return []
    rows = f"SELECT d.row_id FROM {_quoted(cohort.dataset)} AS d{where_sql(cohort.where)}"
    named = [f"{alias}.slot = {literal(cohort.person)}"] if cohort.person else []
    return [f"{alias}.dataset = {literal(cohort.dataset)}", f"{alias}.row_id IN ({rows})", *named]


def _rows(dataset: Dataset, columns: Sequence[str], sharing: Sharing, about: Sequence[str]) -> Step:
    """Write the rows of a dataset about the cohort; of the cohort's own dataset those alone that make it."""
    name = dataset.full_name
    conditions = [f"l.dataset = {literal(name)}", surely()]
    if sharing.cohort is not None and sharing.cohort.dataset == name:
        conditions += _told_by(sharing, "l")
    if name in sharing.people:
        conditions.append(f"l.slot = {literal(sharing.people[name])}")
    shown = [f"l.{_REF}", *about, *(_column(dataset, column) for column in columns)]
    joins = f'LEFT JOIN "spine.resident" AS r ON r.{_REF} = l.{_REF}' if about else ""
    sql = f"""SELECT {", ".join(shown)} FROM cohort AS c JOIN "spine.link" AS l USING ({_REF})
              JOIN {_quoted(name)} AS d ON d.row_id = l.row_id {joins}
              WHERE {" AND ".join(conditions)}"""
    return Step("rows", f"Rows of {name} about them", sql, ())


def _column(dataset: Dataset, name: str) -> str:
    """Write a column: what identifies another person of the row is not theirs to be shared."""
    of = dataset.columns[name].person
    column = f"d.{_quoted(name)}"
    if of is None or of == PLACE:
        return column
    return f"CASE WHEN l.slot = {literal(of)} THEN {column} END AS {_quoted(name)}"


def _age(sharing: Sharing) -> str:
    if not sharing.age_bands:
        return "r.age"
    bands = [(band, *span_of(band)) for band in sharing.age_bands]
    cases = " ".join(f"WHEN r.age BETWEEN {first} AND {last} THEN {literal(band)}" for band, first, last in bands)
    return f"CASE {cases} END AS age"


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def known_and_secret(table: Table, sharing: Sharing) -> tuple[Mapping[str, list[str]], Mapping[str, list[str]]]:
    """Part a table's columns into what is known of people elsewhere, and what must not be learnt."""
    columns = {name: [row[place] for row in table.rows] for place, name in enumerate(table.columns)}
    known = {name: values for name, values in columns.items() if name not in sharing.sensitive}
    return known, {name: values for name, values in columns.items() if name in sharing.sensitive}
