"""`almoner quality`."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Annotated, Any

import typer

from almoner.cli.opening import JsonOption, WorkspaceOption, opened, show, table
from almoner.kernel.errors import UsageError

AsOfOption = Annotated[
    str | None, typer.Option("--as-of", help="The day at which timeliness is judged, YYYY-MM-DD; else today.")
]
SourceOption = Annotated[str | None, typer.Option("--source", help="Only this source.")]


def add_to(app: typer.Typer) -> None:
    """Add the commands."""
    group = typer.Typer(help="How good the data is that suppliers send.", no_args_is_help=True)
    group.command("list")(list_expectations)
    group.command("report")(report)
    group.command("history")(history)
    app.add_typer(group, name="quality")


def list_expectations(
    source: SourceOption = None,
    only_missed: Annotated[bool, typer.Option("--missed", help="Only what is not met.")] = False,
    as_of: AsOfOption = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """List what is expected of each dataset and how it stands at its newest delivery. Shows counts, no row."""
    from almoner.quality.documents import outcome_document
    from almoner.wiring.quality import review_quality

    review = review_quality(opened(workspace), today=_day(as_of), exact=True)
    review = review.of_source(source) if source else review
    outcomes = [each for one in review.datasets for each in one.outcomes]
    documents = [outcome_document(each) for each in outcomes if not only_missed or each.stand == "not met"]
    heads = ("dataset", "expectation", "dimension", "severity", "stands", "missed", "met_percent", "owner")
    rows = [[_shown(each[head]) for head in heads] for each in documents]
    show({"expectations": documents}, as_json, lambda: table(heads, rows))


def report(
    out: Annotated[Path, typer.Option("--out", help="The folder to write into: new, empty, or an earlier report.")],
    source: SourceOption = None,
    examples: Annotated[
        bool, typer.Option("--examples", help="Also name the records that are wrong, for the supplier of --source.")
    ] = False,
    reason: Annotated[
        str, typer.Option("--reason", help="Why the records are named; it is kept in the audit log.")
    ] = "",
    as_of: AsOfOption = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write the review of data quality: a page, tables and a document; with --source, a report for that supplier."""
    from almoner.wiring.quality_report import write_quality_report

    written = write_quality_report(
        opened(workspace), out, source=source, examples=examples, reason=reason, today=_day(as_of)
    )
    document = {
        "as_of": written.review.today.isoformat(),
        "datasets": len(written.review.datasets),
        "issues": len(written.review.issues()),
        "examples": written.examples,
        "files": [str(path) for path in written.paths],
    }
    lines = [f"{document['datasets']} datasets, {document['issues']} expectations not met."]
    if source and examples:
        lines.append(f"{written.examples} records are named: personal data, for that supplier alone.")
    show(document, as_json, "\n".join([*lines, *(f"  {path}" for path in written.paths)]))


def history(
    dataset: Annotated[str | None, typer.Option("--dataset", help="source.dataset")] = None,
    measure: Annotated[str | None, typer.Option("--measure", help="Only this measure, e.g. complete:postcode.")] = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show what was measured of every delivery, of those that were replaced or disposed of too."""
    from almoner.quality.documents import kept_document
    from almoner.wiring.quality import quality_history

    kept = quality_history(opened(workspace), dataset)
    documents = [kept_document(each) for each in kept if measure is None or each.measure == measure]
    heads = ("dataset", "delivery", "version", "measure", "missed", "tested", "met_percent", "received_on")
    rows = [[_shown(each[head]) for head in heads] for each in documents]
    show({"figures": documents}, as_json, lambda: table(heads, rows, counts=("missed", "tested")))


def _day(text: str | None) -> dt.date | None:
    if text is None:
        return None
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise UsageError("The day can't be read.", where="--as-of", todo="Write it as YYYY-MM-DD.") from None


def _shown(value: Any) -> Any:
    return "" if value is None else value
