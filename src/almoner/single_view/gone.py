"""What became of a person's id: records that were joined into another person's, or came out of one."""

from __future__ import annotations

from typing import Any

from almoner.governance.gate import Piece
from almoner.kernel.errors import NotFound
from almoner.single_view.rows import Rows

_FROM_THE_OTHER_SIDE = "CASE kind WHEN 'merged' THEN 'took in' WHEN 'moved' THEN 'took some' ELSE 'gave off' END"


def happened_piece() -> Piece:
    """Give all that has happened to an id. own: it happened to the person; else to the other one, and is said so."""
    told = 'CAST("at" AS DATE) AS happened_on, CAST(epoch_us("at") AS BIGINT) AS moment'
    return Piece(
        "happened",
        "What has happened to this person",
        f"""SELECT person_id AS about, kind, other_person_id, {told}, TRUE AS own
            FROM "spine.person_event" WHERE other_person_id IS NOT NULL
            UNION ALL
            SELECT other_person_id, {_FROM_THE_OTHER_SIDE}, person_id, {told}, FALSE
            FROM "spine.person_event" WHERE other_person_id IS NOT NULL AND other_person_id <> person_id""",
        ("kind", "other_person_id", "happened_on", "moment", "own"),
        {"spine.person_event": ()},
    )


def gone(rows: Rows) -> NotFound:
    """Say where the records of an id that is no longer used went, so that an old note can be followed."""
    others = became(rows)
    error = NotFound("There is no such person.", todo="Look them up: almoner find NAME.")
    if others:
        error = NotFound(
            "This person id is no longer used.",
            why="Its records are another person's now.",
            todo=f"Look there: almoner person {', '.join(others)}",
        )
    error.became = others
    return error


def became(rows: Rows) -> tuple[str, ...]:
    """Say who has the records now of an id that is no longer used."""
    went = [row["other_person_id"] for row in history_of(rows) if row["kind"] in ("merged", "moved")]
    return tuple(dict.fromkeys(went))


def history_of(rows: Rows) -> list[dict[str, Any]]:
    """List what happened to the id: records that went to another person, or came out of one."""
    return _in_order(rows, own=True)


def happened_to_id(rows: Rows) -> tuple[bool, list[dict[str, Any]]]:
    """Say whether an id is still somebody's, and all that has happened to it: kind, other_person_id, day.

    kind: 'merged', 'moved', 'split' as it happened to the person; 'took in', 'took some', 'gave off' as it happened to
    the other one.
    """
    return bool(rows.get("identity")), _in_order(rows, own=False)


def _in_order(rows: Rows, *, own: bool) -> list[dict[str, Any]]:
    found = sorted(rows.get("happened", ()), key=lambda row: (row["moment"], row["kind"], row["other_person_id"]))
    shown = ("kind", "other_person_id", "happened_on")
    return [{name: row[name] for name in shown} for row in found if row["own"] or not own]
