"""What became of a person's id: records that were joined into another person's, or came out of one."""

from __future__ import annotations

from typing import Any

from almoner.facts.read import FactReader
from almoner.kernel.errors import NotFound
from almoner.kernel.steps import Step
from almoner.single_view.ids import plain_id


def gone(run: FactReader, person_id: str) -> NotFound:
    """Say where the records of an id that is no longer used went, so that an old note can be followed."""
    went = [row["other_person_id"] for row in history_of(run, person_id) if row["kind"] in ("merged", "moved")]
    others = tuple(dict.fromkeys(went))
    error = NotFound("There is no such person.", todo="Look them up: almoner find NAME.")
    if others:
        error = NotFound(
            "This person id is no longer used.",
            why="Its records are another person's now.",
            todo=f"Look there: almoner person {', '.join(others)}",
        )
    error.became = others
    return error


def history_of(run: FactReader, person_id: str) -> list[dict[str, Any]]:
    """List what happened to the id: records that went to another person, or came out of one."""
    step = Step(
        "history",
        "What happened to this id",
        f"""SELECT kind, other_person_id, CAST("at" AS DATE) AS happened_on FROM "spine.person_event"
            WHERE person_id = '{plain_id(person_id)}' AND other_person_id IS NOT NULL
            ORDER BY "at", kind, other_person_id""",
        ("kind", "other_person_id", "happened_on"),
    )
    return run([step], {"spine.person_event": ()}).rows()


def happened_to_id(run: FactReader, person_id: str) -> tuple[bool, list[dict[str, Any]]]:
    """Say whether an id is still somebody's, and all that has happened to it: kind, other_person_id, day.

    kind: 'merged', 'moved', 'split' as it happened to the person; 'took in', 'took some', 'gave off' as it happened to
    the other one.
    """
    who = plain_id(person_id)
    still = Step("still_used", "Whether there is such a person",
                 f"""SELECT person_id FROM "spine.person" WHERE person_id = '{who}'""", ("person_id",))  # fmt: skip
    happened = Step(
        "happened",
        "What has happened to this person",
        f"""SELECT CASE WHEN person_id = '{who}' THEN kind
                        ELSE CASE kind WHEN 'merged' THEN 'took in' WHEN 'moved' THEN 'took some' ELSE 'gave off' END
                   END AS kind,
                   CASE WHEN person_id = '{who}' THEN other_person_id ELSE person_id END AS other_person_id,
                   CAST("at" AS DATE) AS happened_on
            FROM "spine.person_event"
            WHERE (person_id = '{who}' OR other_person_id = '{who}') AND other_person_id IS NOT NULL
            ORDER BY "at", kind, other_person_id""",
        ("kind", "other_person_id", "happened_on"),
    )
    return run([still], {"spine.person": ()}).one() is not None, run([happened], {"spine.person_event": ()}).rows()
