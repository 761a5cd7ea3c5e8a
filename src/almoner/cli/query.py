"""`almoner query`."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from almoner.cli.opening import JsonOption, WorkspaceOption, opened, show, table
from almoner.kernel.errors import UsageError
from almoner.kernel.periods import parse_period

if TYPE_CHECKING:
    from almoner.release.publication import ShownTable
    from almoner.wiring.querying import Reply

EVERY = ("month", "quarter", "year", "financial_year")


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command("query")(query)


def query(
    indicators: Annotated[list[str], typer.Argument(help="Indicators, by name.")],
    area: Annotated[
        list[str] | None, typer.Option("--area", help="An area as geography:code, or place. Repeat it.")
    ] = None,
    together: Annotated[
        str | None, typer.Option("--together", help="Take all --area as one area, and give it this title.")
    ] = None,
    areas: Annotated[
        Path | None, typer.Option("--areas", help="A TOML file of areas drawn from LSOAs: [neighbourhood.NAME].")
    ] = None,
    kept: Annotated[
        list[str] | None, typer.Option("--drawn", help="An area that you have drawn and kept, by its id. Repeat it.")
    ] = None,
    every: Annotated[
        str | None, typer.Option("--every", help="month, quarter, year or financial_year; else the newest figure.")
    ] = None,
    first: Annotated[str | None, typer.Option("--from", help="The first period, e.g. 2025-04.")] = None,
    last: Annotated[str | None, typer.Option("--to", help="The last period, e.g. 2026-03.")] = None,
    by: Annotated[str | None, typer.Option("--by", help="A breakdown: sex, age or another declared one.")] = None,
    compare: Annotated[str | None, typer.Option("--compare", help="Give this besides: place.")] = None,
    as_csv: Annotated[bool, typer.Option("--csv", help="Write CSV to standard output.")] = False,
    project: Annotated[str | None, typer.Option("--project", help="The project of the register that asks.")] = None,
    reason: Annotated[str, typer.Option("--reason")] = "A question about neighbourhoods for the declared project",
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Ask for indicators by area, period and breakdown. The answer is checked against all that is out, then shown."""
    from almoner.counting.levels import drawn_areas
    from almoner.profiles.queries import Query
    from almoner.release.kept_answers import answer_csv
    from almoner.wiring.drawing import areas_by_id
    from almoner.wiring.profiling import areas_of_file
    from almoner.wiring.querying import answer_query

    if every is not None and every not in EVERY:
        raise UsageError(f"There is no period '{every}'.", todo=f"Use one of: {', '.join(EVERY)}.")
    if compare not in (None, "place"):
        raise UsageError("Figures can be set beside the whole place only.", todo="Write --compare place.")
    opening = opened(workspace)
    drawn = (*(areas_of_file(areas) if areas is not None else ()), *areas_by_id(opening, kept or ()))
    named = [_area(text) for text in area or ()]
    if together is not None:
        if drawn:
            raise UsageError("--together excludes areas that are drawn.", todo="Leave out --areas and --drawn.")
        drawn, named = drawn_areas([("together", together, tuple(area or ()))]), []
    asked = Query(
        tuple(dict.fromkeys(indicators)), tuple(named), drawn, every, _day(first, 0), _day(last, 1), by,  # type: ignore[arg-type]
        compare is not None,
    )  # fmt: skip
    reply = answer_query(opening, asked, project, reason)
    if as_csv:
        typer.echo(answer_csv(reply.given.tables), nl=False)
        return
    show(_document(reply), as_json, lambda: _text(reply))


def _area(text: str) -> tuple[str, str]:
    if text == "place":
        return ("place", "place")
    geography, sign, code = text.partition(":")
    if not sign or not code:
        raise UsageError("This is no area.", todo="Write geography:code, for example lsoa21:E01005060, or place.")
    return geography, code


def _day(text: str | None, end: int) -> dt.date | None:
    return None if text is None else parse_period(text)[end]


def _rows(shown: ShownTable) -> list[list[str]]:
    return [[column.text(row) for column in shown.columns] for row in range(len(shown.columns[0].words))]


def _document(reply: Reply) -> dict[str, Any]:
    return {
        "answer": reply.id,
        "status": "answer, checked and recorded",
        "as_of": reply.given.as_of,
        "small_numbers": reply.given.protection,
        "tables": [
            {
                "indicator": shown.name, "title": shown.title, "notes": list(shown.notes),
                "rows": [
                    {
                        column.name: column.words[row] if column.is_label else _value(column, row)
                        for column in shown.columns
                    }
                    for row in range(len(shown.columns[0].words))
                ],
            }
            for shown in reply.given.tables
        ],
    }  # fmt: skip


def _value(column: Any, row: int) -> float | str:
    cell = column.cells[row]
    return str(cell.marker) if cell.value is None else round(cell.value, column.decimals)


def _text(reply: Reply) -> str:
    parts = []
    for shown in reply.given.tables:
        headings = tuple(column.name for column in shown.columns)
        parts += [shown.title, table(headings, _rows(shown)), *shown.notes, ""]
    signs = sorted({marker for shown in reply.given.tables for marker in shown.markers() if marker})
    if signs:
        from almoner.methods.cells import MEANINGS

        parts += [f"{sign} {MEANINGS[sign]}" for sign in signs]
    return "\n".join([*parts, f"Answer {reply.id}, as of {reply.given.as_of}. {reply.given.protection}"])
