"""Drafts a release of measures: builds the scorecard, and hands its tables to the office that judges them."""

from __future__ import annotations

from collections.abc import Sequence

from almoner.facts import run_with_facts
from almoner.kernel.errors import UsageError
from almoner.release.draft import FORMATS, Draft
from almoner.release.ports import Release
from almoner.wiring.measuring import PURPOSE, built_scorecard
from almoner.wiring.release_areas import read_members
from almoner.wiring.release_measures import measure_tables
from almoner.wiring.releasing import office_of
from almoner.wiring.workspace import Workspace


def draft_of_measures(
    workspace: Workspace, reason: str, *, recipient: str, measures: Sequence[str], formats: Sequence[str],
    replacing: str | None,
) -> Release:  # fmt: skip
    """Draft the figures of measures over time.

    Raises: AccessRefused, ReleaseRefused, NotFound for a measure that is not declared, UsageError.
    """
    office = office_of(workspace)
    if unknown := [name for name in formats if name not in FORMATS]:
        raise UsageError(f"No format '{unknown[0]}' is known.", todo=f"Use one of: {', '.join(FORMATS)}.")
    scorecard, exact = built_scorecard(workspace, measures, reason)
    tables = measure_tables(scorecard, exact)
    if not tables:
        raise UsageError("None of these measures has a figure.", todo="'almoner measure report' says why.")
    permit = workspace.permits.standing(workspace.actor, PURPOSE, reason)
    members = read_members(run_with_facts(workspace.registry, workspace.gate, permit), workspace.registry)
    released = {table.name for table in tables}
    sources = {
        source.dataset: source.title
        for entry in scorecard.measures
        if entry.measure.name in released
        for source in entry.sources
    }
    draft = Draft(
        title=f"Performance measures: {scorecard.place}",
        description="How services do what they are there for, period by period.",
        purpose=PURPOSE,
        recipient=recipient,
        as_of=scorecard.as_of.isoformat(),
        tables=tables,
        datasets=tuple(sources),
        source="; ".join(dict.fromkeys(sources.values())),
        notes=("A period that was not received is not one in which nothing happened.",),
        formats=tuple(formats) or FORMATS,
    )
    return office.draft(draft, members, replacing)
