"""Builds the profiles: runs one plan per indicator, protects what comes back, and adds where it comes from.

It is given a `run`, and so never meets the gate, a permit or an engine. What it may not read, or what was
never received, is 'not available' with the reason: it must never come out as 0.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from almoner.counting.areas import Areas, groups_of, read_areas
from almoner.counting.counts import AREA
from almoner.counting.plans import PLACE, RESIDENT, Run
from almoner.kernel.errors import AccessRefused, NotFound
from almoner.methods.cells import Cell, Marker
from almoner.methods.disclosure.primary import RULE, SmallNumberRule
from almoner.methods.disclosure.secondary import protect_one
from almoner.profiles.figures import Contribution, Coverage, Figure, IndicatorFigures, ProfileSet
from almoner.profiles.protection import Exact, decimals_of, exact_of, figures_of, published_areas
from almoner.profiles.steps import FACTS, counts_of, datasets_of, feeds_of, indicator_plan, survey_plan
from almoner.registry.measures import Indicator
from almoner.registry.registry import Registry

NOT_HELD = "not received, or not permitted for this purpose"
NONE_FOUND = "received, but holds none of this that may be counted here"

NOTES = (
    "Wards and statistical areas overlap. This draft was protected within each hierarchy of areas, not across"
    " them: differences between overlapping areas are checked before release, with all that is already out.",
    "Counts are rounded one by one, so that the parts of an area may not add up to its total.",
    "Areas are listed alphabetically, never ranked. The figures describe areas, not the people there.",
)


Witness = Callable[[Indicator, Exact], None]


@dataclass(frozen=True)
class Held:
    """What the fact views hold: (fact, name) → dataset → newest date; why a kind of fact can't be read."""

    found: Mapping[tuple[str, str], Mapping[str, dt.date | None]]
    refused: Mapping[str, str]


def build_profiles(
    run: Run,
    registry: Registry,
    as_of: dt.date,
    *,
    unavailable: Mapping[str, str] | None = None,
    dated: Mapping[str, dt.date] | None = None,
    rule: SmallNumberRule = RULE,
    witness: Witness | None = None,
) -> ProfileSet:
    """Build the draft profiles of every declared area.

    In: run(steps, reads) gives the rows of the last step, or raises AccessRefused or NotFound; unavailable,
        the datasets that are known not to be readable, with the reason; dated, the date of each dataset's
        newest delivery; witness, who is told the exact counts behind each indicator, to check them for release.
    Raises: whatever reading the open geography raises; RegistryError where no area is declared.
    """
    areas = read_areas(run, registry)
    reasons = dict(unavailable or {})
    held = _survey(run, registry)
    indicators = tuple(
        _profile(run, indicator, registry, areas, as_of, held, reasons, dated or {}, rule, witness)
        for indicator in registry.indicator.values()
    )
    controller = registry.controller
    return ProfileSet(
        place=controller.place,
        service=controller.service,
        controller=controller.title,
        brand_colour=controller.brand_colour,
        as_of=as_of,
        areas=areas,
        indicators=indicators,
        rule=rule,
        notes=NOTES,
    )


def _survey(run: Run, registry: Registry) -> Held:
    found: dict[tuple[str, str], dict[str, dt.date | None]] = {}
    refused = {}
    for fact in FACTS:
        plan = survey_plan(fact, registry)
        if plan is None:
            continue
        try:
            rows = plan.rows(run)
        except (AccessRefused, NotFound) as error:
            refused[fact] = error.message
            continue
        for row in rows:
            found.setdefault((fact, row["name"]), {})[row["dataset"]] = row["as_of"]
    return Held(found, refused)


def _profile(
    run: Run, indicator: Indicator, registry: Registry, areas: Areas, as_of: dt.date, held: Held,
    reasons: Mapping[str, str], dated: Mapping[str, dt.date], rule: SmallNumberRule, witness: Witness | None,
) -> IndicatorFigures:  # fmt: skip
    """Build one indicator, or say why there is none."""
    listed = published_areas(indicator, areas)
    sources, missing, reason = _sources(indicator, registry, held, reasons, dated, as_of)
    rows: list[dict[str, Any]] = []
    if not reason:
        try:
            rows = indicator_plan(indicator, registry, areas.base, as_of).rows(run)
        except (AccessRefused, NotFound) as error:
            reason = error.message
    by_area = {(row["geography"], row["area_code"]): row for row in rows if row["bucket"] == AREA}
    exact = exact_of(listed, by_area)
    if not reason and indicator.open_figure and np.isnan(exact.numerator).all():
        reason = "the published dataset has no figure for any of these areas"
    if reason:
        figures = [_absent(area, reason) for area in listed]
    else:
        figures = figures_of(indicator, exact, groups_of(listed, areas), rule)
        if witness is not None:
            witness(indicator, exact)
    return IndicatorFigures(
        indicator=indicator,
        figures=_by_geography(figures),
        decimals=decimals_of(indicator, exact),
        as_of=min((source.as_of for source in sources if source.as_of), default=None) if not reason else None,
        sources=sources,
        missing=missing,
        coverage=_coverage(indicator, rows, figures[0], rule),
        caveats=_caveats(indicator, registry, missing),
        reason=reason,
    )


def _sources(
    indicator: Indicator, registry: Registry, held: Held, reasons: Mapping[str, str],
    dated: Mapping[str, dt.date], as_of: dt.date,
) -> tuple[tuple[Contribution, ...], tuple[str, ...], str]:  # fmt: skip
    """Find which datasets contribute, which ought to and don't, and the reason if none does."""
    sources: dict[str, Contribution] = {}
    missing: list[str] = []
    for count in counts_of(indicator):
        if count.fact in ("residents", "households"):
            sources[RESIDENT] = Contribution(RESIDENT, "Residents, from all joined records", as_of)
            continue
        if count.fact in held.refused:
            return (), (), held.refused[count.fact]
        names = count.names or tuple(name for fact, name in held.found if fact == count.fact)
        present: dict[str, list[dt.date]] = {}
        for name in names:
            for dataset, day in held.found.get((count.fact, name), {}).items():
                present.setdefault(dataset, []).extend([day] if day else [])
        for dataset, days in present.items():
            sources[dataset] = _contribution(dataset, registry, max(days, default=dated.get(dataset)))
        absent = [name for name in feeds_of(count, registry) if name not in present]
        if not present:
            return (), (), _none_of(absent, registry, reasons, dated)
        missing += [f"{_title(name, registry)} ({_reason(name, reasons, dated)})" for name in absent]
    if indicator.open_figure is not None:
        dataset = indicator.open_figure.dataset
        if dataset in reasons:
            return (), (), _none_of([dataset], registry, reasons, dated)
        sources[dataset] = _contribution(dataset, registry, dated.get(dataset))
    return tuple(sources.values()), tuple(dict.fromkeys(missing)), ""


def _reason(name: str, reasons: Mapping[str, str], dated: Mapping[str, dt.date]) -> str:
    """Say why a dataset gives nothing. Holding none is not taken for zero: columns may be refused."""
    return reasons.get(name, NONE_FOUND if name in dated else NOT_HELD)


def _none_of(absent: list[str], registry: Registry, reasons: Mapping[str, str], dated: Mapping[str, dt.date]) -> str:
    if not absent:
        return "no declared dataset delivers what this indicator counts"
    return "; ".join(f"{_title(name, registry)}: {_reason(name, reasons, dated)}" for name in absent)


def _contribution(name: str, registry: Registry, as_of: dt.date | None) -> Contribution:
    source, _, dataset = name.partition(".")
    declared = registry.source[source].datasets.get(dataset) if source in registry.source else None
    title = _title(name, registry)
    if declared is None:
        return Contribution(name, title, as_of)
    return Contribution(name, title, as_of, declared.coverage, declared.open)


def _title(name: str, registry: Registry) -> str:
    source, _, dataset = name.partition(".")
    if source not in registry.source or dataset not in registry.source[source].datasets:
        return name
    declared = registry.source[source]
    return f"{declared.title}: {declared.datasets[dataset].title}"


def _caveats(indicator: Indicator, registry: Registry, missing: tuple[str, ...]) -> tuple[str, ...]:
    own = [indicator.caveats] if indicator.caveats else []
    own += [registry.dataset(name).caveats for name in datasets_of(indicator, registry)]
    if missing:
        own.append("Incomplete: counted without " + "; ".join(missing) + ".")
    return tuple(dict.fromkeys(caveat for caveat in own if caveat))


def _absent(area: Any, reason: str) -> Figure:
    cell = Cell.not_available(reason)
    return Figure(area, cell, cell, cell)


def _by_geography(figures: list[Figure]) -> dict[str, tuple[Figure, ...]]:
    found: dict[str, list[Figure]] = {}
    for figure in figures:
        found.setdefault(figure.area.geography, []).append(figure)
    return {geography: tuple(listed) for geography, listed in found.items()}


def _coverage(
    indicator: Indicator, rows: list[dict[str, Any]], place: Figure, rule: SmallNumberRule
) -> tuple[Coverage, ...]:
    """Count what was placed and what was not, protected like any count; open figures have no coverage."""
    count = indicator.numerator
    if count is None:
        return ()
    column = {"mean": "denominator", "sum": "contributors"}.get(count.count, "numerator")
    found: dict[str, dict[str, float]] = {}
    for row in rows:
        buckets = found.setdefault(row["geography"], {})
        buckets[row["bucket"]] = buckets.get(row["bucket"], 0.0) + (row[column] or 0.0)
    # What was placed comes to the figure of the whole place: it is withheld if that is.
    hidden = place.value.marker is Marker.SUPPRESSED
    return tuple(
        Coverage(
            geography,
            Cell.suppressed() if hidden else protect_one(buckets.get(AREA, 0.0), rule),
            {bucket: protect_one(number, rule) for bucket, number in sorted(buckets.items()) if bucket != AREA},
        )
        for geography, buckets in sorted(found.items(), key=lambda item: (item[0] != PLACE, item[0]))
    )
