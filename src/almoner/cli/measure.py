"""`almoner measure`: what is measured, scorecards, and the records behind a figure."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from almoner.cli.opening import JsonOption, WorkspaceOption, opened, say, show, table

MeasuresArgument = Annotated[list[str] | None, typer.Argument(help="Names of measures; none: all.", show_default=False)]
REASON = "Monitoring how services perform"


def add_to(app: typer.Typer) -> None:
    """Add the commands."""
    group = typer.Typer(help="Measures of performance.", no_args_is_help=True)
    group.command("list")(list_measures)
    group.command("show")(show_measure)
    group.command("report")(report)
    group.command("export")(export)
    group.command("records")(records)
    group.callback()(_group)
    app.add_typer(group, name="measure")


def _group() -> None:
    """Measures of performance."""


def list_measures(workspace: WorkspaceOption = None, as_json: JsonOption = False) -> None:
    """List the declared measures with their owners and the duties that they serve."""
    listed = list(opened(workspace).registry.measure.values())
    rows = [[each.name, each.title, each.unit, each.every, each.owner] for each in listed]
    document = [
        {"name": each.name, "title": each.title, "unit": each.unit, "every": each.every, "owner": each.owner,
         "serves": each.serves, "targets": [target.model_dump(mode="json") for target in each.targets]}
        for each in listed
    ]  # fmt: skip
    show(document, as_json, lambda: table(["Name", "Measure", "Unit", "Every", "Owner"], rows))


def show_measure(
    measure: Annotated[str, typer.Argument(help="The name of a measure.")],
    reason: Annotated[str, typer.Option("--reason")] = REASON,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show one measure: its figures, what they say, and what it is."""
    from almoner.performance.wording import cell_text, period_text, summary_of, value_text
    from almoner.performance.write import document_of
    from almoner.wiring.measuring import built_scorecard

    scorecard, _ = built_scorecard(opened(workspace), [measure], reason)
    entry = scorecard.measures[0]
    declared, decimals = entry.measure, entry.decimals
    rows = [
        [period_text(each.span), cell_text(declared, each.value, decimals), each.numerator.text(0),
         each.denominator.text(0), value_text(declared, each.target, decimals)]
        for each in entry.points
    ]  # fmt: skip
    lines = [
        declared.title, declared.definition, f"Owner: {declared.owner}. Serves: {declared.serves}.", "",
        table(["Period", "Figure", "Number", "Out of", "Target"], rows), "", *summary_of(entry),
    ]  # fmt: skip
    show(document_of(scorecard)["measures"][0], as_json, "\n".join(lines))


def report(
    out: Annotated[Path, typer.Option("--out", help="The folder to write the scorecard into.")],
    measures: MeasuresArgument = None,
    equality: Annotated[
        bool, typer.Option("--equality", help="With breakdowns by protected characteristic, for whom may see them.")
    ] = False,
    reason: Annotated[str, typer.Option("--reason")] = REASON,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write a scorecard: a page for all measures and one for each, tables and a document. Internal, not released."""
    from almoner.performance.figures import STATUS
    from almoner.wiring.measuring import report_measures

    scorecard, paths = report_measures(opened(workspace), measures or (), out, reason, equality=equality)
    absent = {each.measure.name: each.reason for each in scorecard.measures if each.reason}
    document = {
        "status": STATUS.lower(), "as_of": scorecard.as_of.isoformat(), "measures": len(scorecard.measures),
        "not_available": absent, "files": [str(path) for path in paths],
        "found": {
            each.measure.name: {"variation": str(each.analysis.variation), "assurance": str(each.analysis.assurance)}
            for each in scorecard.measures if each.analysis
        },
    }  # fmt: skip
    lines = [
        f"{len(scorecard.measures)} measures, as of {scorecard.as_of}: internal, not released.",
        f"  {paths[0]}",
        *(f"  not available: {name} ({why})" for name, why in absent.items()),
    ]
    show(document, as_json, "\n".join(lines))


def export(
    measures: MeasuresArgument = None,
    reason: Annotated[str, typer.Option("--reason")] = REASON,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write the figures of measures to standard output: CSV, or a JSON document. Internal, not released."""
    from almoner.performance.write import csv_text, document_of
    from almoner.wiring.measuring import built_scorecard

    scorecard, _ = built_scorecard(opened(workspace), measures or (), reason)
    show(document_of(scorecard), as_json, lambda: csv_text(scorecard.measures).replace("\r\n", "\n").rstrip("\n"))


def records(
    measure: Annotated[str, typer.Argument(help="The name of a measure.")],
    period: Annotated[str, typer.Option("--period", help="A period of the measure, such as 2026-03.")],
    reason: Annotated[str, typer.Option("--reason", help="Why the records are needed.")],
    part: Annotated[str, typer.Option("--part", help="numerator or denominator.")] = "numerator",
    permit: Annotated[
        str | None, typer.Option("--permit", help="A permit that was granted to you and sees records.")
    ] = None,
    purpose: Annotated[
        str | None, typer.Option("--purpose", help="A purpose of your role that sees records, in place of a permit.")
    ] = None,
    project: Annotated[str | None, typer.Option("--project", help="The project, where the purpose needs one.")] = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """List the records behind a figure: who, which record, why it counted. Every look is audited."""
    from almoner.wiring.measure_records import records_behind

    found = records_behind(
        opened(workspace), measure, period, reason, part=part, permit_id=permit, purpose=purpose, project=project
    )
    rows: list[list[Any]] = [
        [each.person_ref or "–", each.dataset, each.row_id, each.kind, each.detail or "–",
         each.began_on or "–", each.ended_on or "–", "–" if each.days is None else each.days]
        for each in found.records
    ]  # fmt: skip
    document = {
        "measure": measure, "period": period, "part": part, "records": [vars(each) for each in found.records],
        "number": len(found.records), "people": found.people, "why": found.why,
    }  # fmt: skip
    heads = ["Person", "Dataset", "Record", "What", "Detail", "Began", "On", "Days"]
    if not as_json:
        say(f"{len(found.records):,} records about {found.people:,} people: {found.why}.")
    show(document, as_json, lambda: table(heads, rows))
