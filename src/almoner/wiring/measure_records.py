"""Opens the records behind a figure of a measure, under a permit that sees records."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import get_args

from almoner.counting.known_areas import known_areas
from almoner.counting.spans import Span, spans_ending
from almoner.facts import run_with_facts
from almoner.governance.permit import Permit
from almoner.kernel.errors import AccessRefused, NotFound, UsageError
from almoner.performance.records import CountedRecord, Part, records_of
from almoner.registry.performance import Measure
from almoner.registry.registry import Registry
from almoner.wiring.measuring import measures_named, position_of
from almoner.wiring.workspace import Workspace


@dataclass(frozen=True)
class Behind:
    """The records behind a figure, how many people they are about, and why they counted."""

    records: tuple[CountedRecord, ...]
    people: int
    why: str


def records_behind(
    workspace: Workspace, name: str, period: str, reason: str, *, part: str = "numerator",
    permit_id: str | None = None, purpose: str | None = None, project: str | None = None,
) -> Behind:  # fmt: skip
    """List the records behind a figure.

    Raises: AccessRefused where the permit or the role does not see records; NotFound; UsageError.
    """
    permit = _permit(workspace, reason, permit_id, purpose, project)
    measure = measures_named(workspace, [name])[0]
    wanted = next((each for each in get_args(Part) if each == part), None)
    if wanted is None:
        raise UsageError("A figure has a numerator and a denominator.", todo="Use --part numerator or denominator.")
    if permit.form == "aggregate":
        workspace.note("measure.records", outcome="refused", measure=measure.name)
        raise AccessRefused(
            f"Purpose '{permit.purpose}' sees counts, never the records behind them.",
            why="Monitoring does not need to know who.",
            todo=_how(workspace.registry),
        )
    run = run_with_facts(workspace.registry, workspace.gate, permit)
    areas = known_areas(run, workspace.registry)
    span = _span(workspace, measure, period)
    found = records_of(run, measure, workspace.registry, areas.base, span, wanted)
    workspace.note("measure.records", measure=name, period=span.name, part=part, records=len(found), permit=permit.id)
    nameless = sum(each.person_ref is None for each in found)
    people = len({each.person_ref for each in found if each.person_ref is not None}) + nameless
    return Behind(tuple(found), people, found[0].why if found else "nothing was counted")


def _permit(
    workspace: Workspace, reason: str, permit_id: str | None, purpose: str | None, project: str | None
) -> Permit:
    if permit_id is not None:
        permit = workspace.records.permit(permit_id)
        if permit is None or permit.actor != workspace.actor:
            raise NotFound("You have no such permit.", todo="See: almoner permit list")
        return permit
    if purpose is None:
        workspace.note("measure.records", outcome="refused")
        raise AccessRefused(
            "The records behind a figure need a permit that sees records.",
            why="Nobody sees who is behind a number by seeing the number.",
            todo=_how(workspace.registry),
        )
    return workspace.permits.standing(workspace.actor, purpose, reason, project=project)


def _how(registry: Registry) -> str:
    """Say how records can be seen: the purposes about more than one person whose form is not aggregate."""
    rows: Mapping[str, bool] = {
        each.name: each.standing
        for each in registry.purpose.values()
        if each.form != "aggregate"
        and each.scope != "one_person"
        and not each.joins_records
        and not each.mends_quarantine
    }
    standing = [name for name, held in rows.items() if held]
    by_hand = [name for name, held in rows.items() if not held]
    ways = [f"use --purpose with one of {', '.join(standing)} (and its --project)"] if standing else []
    ways += (
        [f"ask for a permit for {' or '.join(by_hand)} (almoner permit request) and give --permit"] if by_hand else []
    )
    return "; or ".join(ways).capitalize() + "." if ways else "No declared purpose sees records of many people."


def _span(workspace: Workspace, measure: Measure, period: str) -> Span:
    spans = spans_ending(position_of(workspace), measure.every, measure.periods)
    for span in spans:
        if span.name == period:
            return span
    raise NotFound("The measure has no such period.", todo=f"Its periods go from {spans[0].name} to {spans[-1].name}.")
