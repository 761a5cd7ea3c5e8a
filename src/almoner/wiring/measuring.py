"""Builds scorecards: makes the permits, reads what was delivered when, and hands the product its way to read."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from difflib import get_close_matches
from pathlib import Path

from almoner.counting.spans import Span
from almoner.facts import run_with_facts
from almoner.governance.permit import Permit
from almoner.governance.policies import dataset_refusal
from almoner.kernel.errors import NotFound, UsageError
from almoner.performance.build import build_scorecard
from almoner.performance.figures import Scorecard
from almoner.performance.protection import Exact
from almoner.performance.write import write_scorecard
from almoner.registry.performance import Measure
from almoner.release.stating import rule_of
from almoner.wiring.kept_figures import keep_scorecard
from almoner.wiring.looking_up import newest_deliveries
from almoner.wiring.workspace import Workspace, utc_now

PURPOSE = "monitoring"
EQUALITY = "equality"
"""Breakdowns by protected characteristic are for this purpose, and for no other."""

Counted = dict[str, tuple[tuple[Span, ...], Exact]]
"""Measure → its periods and the exact counts behind them."""


def report_measures(
    workspace: Workspace, names: Sequence[str], out: Path, reason: str, *, equality: bool
) -> tuple[Scorecard, list[Path]]:
    """Build a scorecard and write its pages, tables and document; of all measures it is kept for the web pages.

    Raises: AccessRefused; NotFound for a measure that is not declared; UsageError where nothing was taken in.
    """
    scorecard, _ = built_scorecard(workspace, names, reason, equality=equality)
    paths = write_scorecard(scorecard, out)
    if not names:
        keep_scorecard(workspace, scorecard, PURPOSE, EQUALITY)
    workspace.note("measure.report", measures=len(scorecard.measures), files=len(paths))
    return scorecard, list(paths)


def built_scorecard(
    workspace: Workspace, names: Sequence[str], reason: str, *, equality: bool = False
) -> tuple[Scorecard, Counted]:
    """Build a scorecard. Out: what may be seen, and the exact counts behind it, for the ledger of releases.

    Raises: AccessRefused; NotFound for a measure that is not declared; UsageError where nothing was taken in.
    """
    permit = workspace.permits.standing(workspace.actor, PURPOSE, reason)
    groups = workspace.permits.standing(workspace.actor, EQUALITY, reason) if equality else None
    chosen = measures_named(workspace, names)
    newest = newest_deliveries(workspace)
    today = utc_now().date()
    exact: Counted = {}
    scorecard = build_scorecard(
        run_with_facts(workspace.registry, workspace.gate, permit), workspace.registry, chosen,
        position_of(workspace), today,
        unavailable=_unavailable(workspace, permit, today), dated=newest, gaps=missing_months(workspace),
        rule=rule_of(workspace.registry.release),
        equality=None if groups is None else run_with_facts(workspace.registry, workspace.gate, groups),
        witness=lambda measure, spans, counts: exact.update({measure.name: (tuple(spans), counts)}),
    )  # fmt: skip
    return scorecard, exact


def measures_named(workspace: Workspace, names: Sequence[str]) -> list[Measure]:
    """Give the declared measures of some names, or all. Raises: NotFound."""
    declared = workspace.registry.measure
    if not declared:
        raise UsageError("No measure is declared.", todo="Declare one: [measure.NAME] in registry/measures.toml.")
    for name in names:
        if name not in declared:
            near = get_close_matches(name, declared, n=1)
            todo = f"Did you mean '{near[0]}'?" if near else "See: almoner measure list"
            raise NotFound("There is no such measure.", todo=todo)
    return [declared[name] for name in names] if names else list(declared.values())


def position_of(workspace: Workspace) -> dt.date:
    """Give the newest date of which data about people was received. Raises: UsageError where there is none."""
    newest = newest_deliveries(workspace)
    personal = [day for name, day in newest.items() if not workspace.registry.dataset(name).open]
    if not personal:
        raise UsageError("Nothing has been taken in.", todo="Run 'almoner intake' and 'almoner link' first.")
    return max(personal)


def missing_months(workspace: Workspace) -> dict[str, list[dt.date]]:
    """Find, of the datasets that only ever send what is new, the months between deliveries of which none came."""
    received: dict[str, set[dt.date]] = {}
    for entry in workspace.lake.catalogue.deliveries():
        if entry.kind == "append":
            received.setdefault(entry.dataset, set()).add(entry.as_of.replace(day=1))
    return {name: _between(months) for name, months in received.items()}


def _between(months: set[dt.date]) -> list[dt.date]:
    found, month = [], min(months)
    while month < max(months):
        if month not in months:
            found.append(month)
        month = (month.replace(day=28) + dt.timedelta(days=4)).replace(day=1)
    return found


def _unavailable(workspace: Workspace, permit: Permit, today: dt.date) -> dict[str, str]:
    newest = newest_deliveries(workspace)
    found = {}
    for dataset in workspace.registry.datasets():
        refusal = dataset_refusal(workspace.registry, permit, dataset, today)
        if refusal is not None:
            found[dataset.full_name] = refusal
        elif dataset.full_name not in newest:
            found[dataset.full_name] = "nothing has been received"
    return found
