"""Carries out corrections of records (UK GDPR Art 16), says what became of them at the source, and reports to it.

A correction stands over what the source sent: while the source repeats the old value the new one is given; once it
sends the new one the correction is settled; where it sends a third, nobody knows which is right, and somebody has to
look.
"""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from almoner.counting.plans import literal, quoted
from almoner.governance.following import anchors_of
from almoner.governance.in_force import Anchor, Correction, FieldChange, RightInForce
from almoner.governance.permit import Permit
from almoner.intake.correcting import read_corrected
from almoner.intake.identity_plan import slots_of
from almoner.kernel.errors import AccessRefused, NotFound, UsageError
from almoner.kernel.steps import Step
from almoner.registry.datasets import Dataset
from almoner.store.catalogue import ROW_ID_SHIFT
from almoner.wiring.rights import CarriedOut, Decided, find_right, note_right, put_in_force
from almoner.wiring.workspace import Workspace, utc_now

PURPOSE = "requests"
"""The purpose under which the records of people who use their rights are read."""
State = Literal["in force", "settled", "to review", "gone", "not told"]
STATES: dict[State, str] = {
    "in force": "The source still says what is wrong; the right value is given",
    "settled": "The source now says what is right",
    "to review": "The source now says something else: look which is right",
    "gone": "The source no longer has the record",
    "not told": "The purpose that reads it may not see the dataset",
}


@dataclass(frozen=True)
class Wrong:
    """What is to be corrected: a record by the source's own key (or, without one, by its row), a column, the value."""

    dataset: str
    record: str
    column: str
    value: str = field(repr=False)


@dataclass(frozen=True)
class Standing:
    """A right in force, and what became of a correction. held: what the source says now, where somebody has to look."""

    right: RightInForce
    state: State = "in force"


def correct(workspace: Workspace, case_id: str, wrong: Wrong, reason: str, person_id: str = "") -> CarriedOut:
    """Correct a value in a person's record, from the next read on and in whatever the source sends later.

    Raises: AccessRefused, Busy where records are being joined, NotFound, RequestRefused, UsageError.
    """
    decided = Decided.of(workspace, case_id, "correction", reason, person_id)
    dataset = workspace.registry.dataset(wrong.dataset)
    column = dataset.columns.get(wrong.column)
    if column is None:
        raise UsageError(
            f"'{dataset.full_name}' has no column '{wrong.column}'.",
            todo=f"Its columns: {', '.join(dataset.columns)}.",
        )
    if dataset.open or wrong.column in dataset.key:
        raise UsageError(
            f"'{wrong.column}' can't be corrected here.",
            why="It is published data." if dataset.open else "It is the key by which the source knows the record.",
            todo="Ask the source to mend it.",
        )
    theirs = _records_of(workspace, dataset, decided.person_id, wrong.record)
    row = _row(workspace, decided.person_id, dataset, wrong)
    was = row.get(wrong.column)
    read = read_corrected(workspace.registry, workspace.engine, dataset, column, row, wrong.value, utc_now().date())
    if read.value == was:
        raise UsageError("The record says so already.", todo="Nothing is to be done.")
    fields = tuple(FieldChange(slot, name, *values) for (slot, name), values in read.fields.items())
    key, row_id = (wrong.record, 0) if dataset.key else ("", int(wrong.record))
    made = Correction(dataset.full_name, key, row_id, wrong.column, was, read.value, fields)
    _refuse_twice(workspace, made)
    with ExitStack() as stack:
        if fields:  # who is who rests on it: nobody may be joining records by the old value now
            stack.enter_context(workspace.lake.catalogue.lease("link"))
        right = replace(decided.right("correction", ()), correction=made, records=_named_in(dataset, made, theirs))
        return put_in_force(workspace, right)


def _named_in(dataset: Dataset, made: Correction, theirs: Sequence[Anchor]) -> tuple[Anchor, ...]:
    """Give the person's places in the row, then those of everybody else whom the correction changes."""
    changed = {each.slot for each in made.fields} - {each.slot for each in theirs}
    key = made.record_key or str(made.row_id & ((1 << ROW_ID_SHIFT) - 1))
    others = (
        Anchor(dataset.full_name, f"{key}{slot.suffix}", slot.name, made.row_id)
        for slot in slots_of(dataset)
        if slot.name in changed
    )
    return (*theirs, *others)


def _records_of(workspace: Workspace, dataset: Dataset, person_id: str, record: str) -> list[Anchor]:
    """Give the person's places in a row. Raises: NotFound where the row does not name them."""
    from almoner.disposal.person import key_of

    found = [
        each
        for each in anchors_of(workspace.registry, workspace.lake, person_id)
        if each.dataset == dataset.full_name
        and (key_of(dataset, each.record_id, each.slot) if dataset.key else str(each.row_id)) == record
    ]
    if not found:
        raise NotFound(
            "This record is not one of the person's.",
            where=dataset.full_name,
            why="A correction is about a record in which the person is named.",
            todo="See which are theirs: almoner person P… --purpose requests",
        )
    return found


def _row(workspace: Workspace, person_id: str, dataset: Dataset, wrong: Wrong) -> dict[str, str | None]:
    """Read the record as it is given now, as text. Raises: AccessRefused, NotFound where it is not current."""
    permit = _permit(workspace, [person_id], "Reading the record that is to be corrected")
    given = workspace.gate.columns_for(permit).get(dataset.full_name, ())
    columns = tuple(dict.fromkeys([wrong.column, *given]))
    shown = ", ".join(f"CAST({quoted(name)} AS VARCHAR) AS {quoted(name)}" for name in columns)
    name = "record_key" if dataset.key else "CAST(row_id AS VARCHAR)"
    sql = f"SELECT {shown} FROM {quoted(dataset.full_name)} WHERE {name} = {literal(wrong.record)}"
    step = Step("record", "The record that is to be corrected", sql, ())
    rows = workspace.gate.run(permit, [step], {dataset.full_name: columns}).rows()
    if not rows:
        raise NotFound(
            "The source no longer has this record, or it was not joined yet.",
            todo="Run 'almoner link', and look again.",
        )
    return dict(rows[0])


def _refuse_twice(workspace: Workspace, made: Correction) -> None:
    cell = (made.dataset, made.record_key, made.row_id, made.column)
    for right in workspace.rights.rights():
        known = right.correction
        if known and (known.dataset, known.record_key, known.row_id, known.column) == cell and made.was in (
            known.was, known.now,
        ):  # fmt: skip
            raise UsageError(
                "This value is corrected already.",
                where=f"right {right.id}",
                todo=f"If that correction was wrong, lift it first: almoner rights lift {right.id} --reason '…'",
            )


# ── what became of it ────────────────────────────────────────────────────────────────────────────────────────────────


def in_force(workspace: Workspace) -> list[Standing]:
    """List the rights in force, and what became of each correction. Raises: AccessRefused."""
    workspace.require("carry_out")
    rights = workspace.rights.rights()
    workspace.note("rights.list", rights=len(rights))
    told = {row["right"]: row for row in _told(workspace, rights)}
    return [Standing(right, _state(right, told)) for right in rights]


def look_at(workspace: Workspace, right_id: str) -> Standing:
    """Open one right that is in force, with all it says; logged as about the person.

    Raises: AccessRefused, NotFound.
    """
    workspace.require("carry_out")
    right = find_right(workspace, right_id)
    note_right(workspace, "rights.show", right, "")
    return Standing(right, _state(right, {row["right"]: row for row in _told(workspace, [right])}))


def _state(right: RightInForce, told: Mapping[str, Mapping[str, Any]]) -> State:
    if right.correction is None:
        return "in force"
    found = told.get(right.id)
    if found is None:
        return "gone"
    if found.get("refused"):
        return "not told"
    return state_of(found["was"], found["now"], found["held"])


def state_of(was: str | None, now: str | None, held: str | None) -> State:
    """Say what became of a correction by what the source says now."""
    if held == was:
        return "in force"
    return "settled" if _bare(held) == _bare(now) else "to review"


def _bare(text: str | None) -> str | None:
    return None if text is None else " ".join(text.split()).casefold()


def _told(workspace: Workspace, rights: Sequence[RightInForce]) -> list[dict[str, Any]]:
    """Read what is corrected and what the sources say now, through the gate, under a permit about those people."""
    wanted: dict[str, list[RightInForce]] = defaultdict(list)
    for right in rights:
        if right.correction is not None and workspace.lake.catalogue.spine() is not None:
            wanted[right.correction.dataset].append(right)
    people = sorted({holder for right in rights if right.correction for holder in _holders(workspace, right)})
    if not wanted or not people:
        return []
    permit = _permit(workspace, people, "Seeing what became of corrections at their sources")
    found: list[dict[str, Any]] = []
    for dataset, theirs in wanted.items():
        columns = tuple(sorted({right.correction.column for right in theirs if right.correction}))
        name = f"corrections:{dataset}"
        step = Step("corrections", "What is corrected, and what the source says", f"SELECT * FROM {quoted(name)}", ())
        try:
            found += workspace.gate.run(permit, [step], {name: columns}).rows()
        except (AccessRefused, NotFound):
            found += [{"right": right.id, "refused": True} for right in theirs]
    return found


def _holders(workspace: Workspace, right: RightInForce) -> list[str]:
    """Name whose the corrected record is now, as far as anybody is held under the id."""
    from almoner.governance.following import in_force_now

    now = in_force_now(workspace.lake, workspace.lake.catalogue.spine(), 0, [right])
    return [each for _, persons in now.holders for each in persons]


def _permit(workspace: Workspace, people: Sequence[str], why: str) -> Permit:
    return workspace.permits.standing(workspace.actor, PURPOSE, why, subjects=people)


# ── the report to a source ───────────────────────────────────────────────────────────────────────────────────────────

REPORTED = ("dataset", "record", "column", "it_says", "right_is", "since", "state", "case")


def report_to(workspace: Workspace, source: str) -> bytes:
    """Write what a source has to correct in its own records, as CSV for its steward.

    Out: one line for each correction that the source has not made. Raises: AccessRefused, NotFound.
    """
    workspace.require("carry_out")
    if source not in workspace.registry.source:
        raise NotFound("No such source is declared.", todo=f"One of: {', '.join(sorted(workspace.registry.source))}.")
    rights = [
        each for each in workspace.rights.rights()
        if each.correction is not None and each.correction.dataset.partition(".")[0] == source
    ]  # fmt: skip
    workspace.note("rights.report", source=source, subjects=sorted({each.person_id for each in rights}))
    told = {row["right"]: row for row in _told(workspace, rights)}
    lines = []
    for right in rights:
        row, state = told.get(right.id, {}), _state(right, told)
        if right.correction and state in ("in force", "to review"):
            says = [_plain(row[name]) for name in ("record_key", "column", "held", "now")]
            lines.append([right.correction.dataset, *says, right.made_at.date().isoformat(), state, right.case_id])
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(REPORTED)
    writer.writerows(lines)
    return text.getvalue().encode("utf-8-sig")


def _plain(text: str | None) -> str:
    """Give a value that no spreadsheet takes for a formula. Source: OWASP, CSV injection."""
    value = text or ""
    return f"'{value}" if value[:1] in ("=", "+", "-", "@", "\t", "\r") else value
