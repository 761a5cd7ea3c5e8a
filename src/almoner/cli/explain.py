"""`almoner explain`: why two records, or all of a person's, are one person's.

What records say is written to standard output alone. A drawing holds words and numbers and nobody's values.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from almoner.cli.opening import JsonOption, WorkspaceOption, opened, say, show, table
from almoner.wiring.link_words import SHOWN, against, said_of, verdict_of

if TYPE_CHECKING:
    from almoner.linkage.explain import PairExplained
    from almoner.wiring.explaining import PersonExplained, SideBySide


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command("explain")(explain)


def explain(
    names: Annotated[
        list[str],
        typer.Argument(metavar="PERSON|RECORD RECORD", help="A person id, or two records: SOURCE/DATASET/RECORD."),
    ],
    reason: Annotated[str, typer.Option("--reason", help="Why you look; it is kept in the audit log.")],
    svg: Annotated[
        Path | None, typer.Option("--svg", help="Draw the waterfall into this file; of a person, of the weakest link.")
    ] = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Explain why records are one person's, or are not: what each comparison weighs, and what decides besides."""
    from almoner.kernel.errors import UsageError
    from almoner.wiring.explaining import explain_person, explain_records

    if svg is not None and svg.suffix != ".svg":
        raise UsageError("The drawing is an SVG file.", todo="Name it FILE.svg.")
    if len(names) == 1:
        person = explain_person(opened(workspace), names[0], reason)
        _draw(svg, person.links[0] if person.links else None)
        show(_person_document(person), as_json, lambda: _person_text(person))
    elif len(names) == 2:
        shown = explain_records(opened(workspace), names[0], names[1], reason)
        _draw(svg, shown.pair)
        show(side_by_side_document(shown), as_json, lambda: side_by_side_text(shown))
    else:
        raise UsageError("Name one person, or two records.", todo="almoner explain --help")


def side_by_side_document(shown: SideBySide, *, blind: bool = False) -> dict[str, Any]:
    """Give two records and their explanation as a document.

    In: blind leaves out what was decided and how the two now stand, for whoever shall decide without knowing.
    """
    from almoner.wiring.reviewing import record_text

    document: dict[str, Any] = {
        "left": {"record": record_text(shown.pair.left), **said_of(shown.left)},
        "right": {"record": record_text(shown.pair.right), **said_of(shown.right)},
        **_pair_document(shown.pair),
    }
    if not blind:
        document |= {
            "joined": shown.joined, "left_person": shown.left_person, "right_person": shown.right_person,
            "decided": shown.pair.decided, "why": verdict_of(shown),
        }  # fmt: skip
    return document


def side_by_side_text(shown: SideBySide, *, blind: bool = False) -> str:
    """Lay out two records beside each other, then the waterfall, then why."""
    from almoner.linkage.waterfall import waterfall_text
    from almoner.wiring.reviewing import record_text

    records = (record_text(shown.pair.left), record_text(shown.pair.right))
    parts = [records_text(records, (shown.left, shown.right)), waterfall_text(shown.pair)]
    if not blind:
        parts.append("\n".join(verdict_of(shown)))
    elif fact := against(shown):
        parts.append(f"Against: {fact}.")
    return "\n\n".join(parts)


def records_text(names: tuple[str, str], records: tuple[dict[str, Any], dict[str, Any]]) -> str:
    """Lay out two records beside each other, and nothing of what is thought of them."""
    left, right = (said_of(each) for each in records)
    rows = [("record", *names)]
    rows += [
        (name, str(left.get(name, "")), str(right.get(name, ""))) for name in SHOWN if name in left or name in right
    ]
    warned = any(each.get("safety") for each in records)
    shown = table(("", "one", "other"), rows)
    return f"{shown}\n\nDO NOT DISCLOSE the address of whoever is marked for safety." if warned else shown


def _pair_document(pair: PairExplained) -> dict[str, Any]:
    return {
        "model": pair.model, "prior": pair.prior,
        "parts": [
            {"comparison": each.comparison, "level": each.level, "weight": each.weight, "rarity": each.adjustment}
            for each in pair.parts
        ],
        "weight": pair.total, "probability": pair.probability, "grade": pair.grade, "keys": list(pair.keys),
        "too_common_keys": list(pair.crowded), "fact": pair.record_fact,
    }  # fmt: skip


def _person_document(person: PersonExplained) -> dict[str, Any]:
    from almoner.wiring.reviewing import record_text

    records = [
        {
            "record": record_text((row["dataset"], row["record_id"])), "decided_by": row["decided_by"],
            "weight": row["match_weight"], "probability": row["match_probability"], "evidence": row["evidence"],
        }
        for row in person.records
    ]  # fmt: skip
    links = [
        {
            "left": record_text(each.left),
            "right": record_text(each.right),
            "decided": each.decided,
            **_pair_document(each),
        }
        for each in person.links
    ]
    return {"person": person.person_id, "records": records, "links": links, "weakest": links[0] if links else None}


def _person_text(person: PersonExplained) -> str:
    from almoner.linkage.waterfall import waterfall_text
    from almoner.wiring.reviewing import record_text

    rows = [
        (
            record_text((row["dataset"], row["record_id"])), row["decided_by"],
            "" if row["match_probability"] is None else f"{row['match_probability']:.1%}", row["evidence"],
        )
        for row in person.records
    ]  # fmt: skip
    parts = [f"{person.person_id}: {len(rows):,} records", table(("record", "joined by", "match", "evidence"), rows)]
    if not person.links:
        return "\n\n".join([*parts, "The record stands alone."])
    links = [(record_text(e.left), record_text(e.right), f"{e.total:+.2f}", _held_by(e)) for e in person.links]
    weakest = person.links[0]
    return "\n\n".join(
        [
            *parts,
            "What holds them together, the weakest link first\n" + table(("one", "other", "bits", "by"), links),
            f"The weakest link: {record_text(weakest.left)} and {record_text(weakest.right)}",
            waterfall_text(weakest),
        ]
    )


def _held_by(link: PairExplained) -> str:
    if link.decided == "same":
        return "decision"
    return "rule" if link.by_rule else link.grade if link.compared else "not compared by a run"


def _draw(file: Path | None, pair: PairExplained | None) -> None:
    from almoner.kernel.errors import NotFound, UsageError
    from almoner.linkage.waterfall import waterfall_svg

    if file is None:
        return
    if pair is None:
        raise NotFound("The record stands alone: there is nothing to draw.")
    try:
        file.write_text(waterfall_svg(pair), encoding="utf-8")
    except OSError as error:
        raise UsageError("The file can't be written.", where=str(file), why=str(error.strerror)) from error
    say(f"The drawing is in {file}.")
