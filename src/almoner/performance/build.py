"""Builds the figures of measures. It is given `run`; it never opens an engine and knows nothing of permits.

A read that is refused costs the measure that needed it and no other: its reason is shown in place of the figures.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from almoner.counting.areas import Areas
from almoner.counting.cuts import codes_of
from almoner.counting.known_areas import known_areas
from almoner.counting.levels import Levels
from almoner.counting.plans import Run
from almoner.counting.spans import Span, spans_ending
from almoner.kernel.errors import AccessRefused, NotFound
from almoner.methods.cells import Cell
from almoner.methods.disclosure.primary import RULE, SmallNumberRule
from almoner.performance.analysis import analysis_of, step_positions
from almoner.performance.benchmarks import absent, compared
from almoner.performance.breakdowns import breakdown_of, code_key, refused
from almoner.performance.cells import Cells, area_of, durations_of, place_of
from almoner.performance.coverage import Held, held_months, missing_in, year_to
from almoner.performance.figures import (
    Breakdown,
    Comparison,
    MeasureFigures,
    PeriodFigure,
    Scorecard,
    SourceNote,
)
from almoner.performance.funnels import funnel_of
from almoner.performance.protection import Exact, Shown, figures_of
from almoner.performance.steps import benchmark_plan, datasets_of, duration_plan, series_plan
from almoner.registry.measures import Cut
from almoner.registry.performance import Measure
from almoner.registry.registry import Registry

Witness = Callable[[Measure, Sequence[Span], Exact], None]
"""Is given the exact counts of each period of a measure, for the ledger of releases. Never for showing."""

RATES_OF_NOW = "The rate of every period is worked out with the people who live here now."
ENDED_ONLY = "Only what has ended is counted: what still goes on has no duration yet."


@dataclass(frozen=True)
class Setting:
    """What every measure is built with.

    unavailable: dataset → why it gives nothing; dated: dataset → its newest date; gaps: dataset → the months of
    which no delivery came. equality: the way to read for breakdowns, None where none were asked for.
    """

    run: Run
    registry: Registry
    areas: Areas
    as_of: dt.date
    unavailable: Mapping[str, str] = field(default_factory=dict)
    dated: Mapping[str, dt.date] = field(default_factory=dict)
    gaps: Mapping[str, Sequence[dt.date]] = field(default_factory=dict)
    rule: SmallNumberRule = RULE
    equality: Run | None = None
    witness: Witness | None = None

    def levels(self, *geographies: str) -> Levels:
        """Give the levels to count at."""
        named = self.registry.geography
        return Levels(tuple(named[name] for name in geographies), named[self.areas.base])


def build_scorecard(
    run: Run, registry: Registry, measures: Iterable[Measure], as_of: dt.date, made_on: dt.date, **given: Any
) -> Scorecard:
    """Build the figures of measures. In: given: as in `Setting`.

    Raises: whatever reading the open geography raises; RegistryError where no area is declared.
    """
    setting = Setting(run, registry, known_areas(run, registry), as_of, **given)
    controller = registry.controller
    return Scorecard(
        place=controller.place,
        service=controller.service,
        controller=controller.title,
        brand_colour=controller.brand_colour,
        as_of=as_of,
        made_on=made_on,
        measures=tuple(build_measure(setting, measure) for measure in measures),
        rule=setting.rule,
    )


def build_measure(setting: Setting, measure: Measure) -> MeasureFigures:
    """Build one measure, or say why there is none."""
    spans = spans_ending(setting.as_of, measure.every, measure.periods)
    sources = [_source(name, setting) for name in datasets_of(measure, setting.registry)]
    reason = _why_none(measure, setting)
    if not reason:
        try:
            built = _counted(setting, measure, spans)
        except (AccessRefused, NotFound) as error:
            reason = error.message
    if reason:
        return MeasureFigures(measure, _without(measure, spans, reason), sources=tuple(sources), reason=reason)
    points, funnel, breakdowns = built
    return MeasureFigures(
        measure=measure,
        points=points,
        analysis=analysis_of(measure, points),
        as_of=min((source.as_of for source in sources if source.as_of), default=setting.as_of),
        sources=tuple(sources),
        caveats=_caveats(measure, setting),
        funnel=funnel,
        breakdowns=breakdowns,
        comparison=_comparison(setting, measure),
    )


def _counted(
    setting: Setting, measure: Measure, spans: Sequence[Span]
) -> tuple[tuple[PeriodFigure, ...], Any, tuple[Breakdown, ...]]:
    """Count and protect a measure: its periods, and, for what is counted, areas and groups together with them."""
    held = held_months(setting.run, measure, setting.registry, setting.gaps)
    missing = [missing_in(span, measure, held, setting.as_of) for span in spans]
    if measure.duration is not None:
        rows = duration_plan(measure, setting.registry, spans).rows(setting.run)
        exact = durations_of(spans, rows, measure.duration.within)
        shown = figures_of(measure, exact, missing, (), setting.rule)
        _tell(setting, measure, spans, exact)
        return _points(measure, spans, shown), None, ()
    year = year_to(spans, measure)
    cells, rows = Cells(), series_plan(measure, setting.registry, setting.levels(), spans).rows(setting.run)
    for span, why in zip(spans, missing, strict=True):
        cells.add(place_of(span), why)
    lacking = missing_in(year, measure, held, setting.as_of)
    rows += _add_areas(setting, measure, cells, year, lacking)
    cuts = [setting.registry.cut[name] for name in measure.cuts] if setting.equality else []
    refusals: dict[str, str] = {}
    for cut in cuts:
        try:
            rows += _add_groups(setting, measure, cells, cut, year, lacking)
        except (AccessRefused, NotFound) as error:
            refusals[cut.name] = error.message
    if place_of(year) in cells.keys:
        parts = [span for span in spans if span.starts_on >= year.starts_on]
        cells.sums_to(place_of(year), [place_of(span) for span in parts if span != year])
    exact = cells.exact(measure, rows)
    found = cells.protected(measure, exact, setting.rule)
    _tell(setting, measure, spans, exact)
    points = _points(measure, spans, [found[place_of(span)] for span in spans])
    funnel = None
    if measure.funnel in setting.areas.of and measure.is_rate():
        listed = setting.areas.of[measure.funnel or ""]
        funnel = funnel_of(measure, setting.areas.geographies[measure.funnel or ""].plural, year, listed, found)
    breakdowns = [
        refused(cut, year, refusals[cut.name], found[place_of(year)])
        if cut.name in refusals
        else breakdown_of(measure, cut, year, found)
        for cut in cuts
        if place_of(year) in found
    ]
    return points, funnel, tuple(breakdowns)


def _add_areas(setting: Setting, measure: Measure, cells: Cells, year: Span, lacking: str) -> list[dict[str, Any]]:
    """Add the whole of the year and the areas of the funnel, if a funnel is declared or groups are asked for."""
    geographies = (measure.funnel,) if measure.funnel in setting.areas.of else ()
    if not geographies and not (measure.cuts and setting.equality):
        return []
    names = tuple(name for name in geographies if name)
    rows = series_plan(measure, setting.registry, setting.levels(*names), [year]).rows(setting.run)
    cells.add(place_of(year), lacking)
    for name in names:
        listed = [area_of(year, area) for area in setting.areas.of[name]]
        for key in listed:
            cells.add(key, lacking)
        cells.sums_to(place_of(year), listed)
    return rows


def _add_groups(
    setting: Setting, measure: Measure, cells: Cells, cut: Cut, year: Span, lacking: str
) -> list[dict[str, Any]]:
    """Count a measure by a breakdown, under the permit for equality monitoring, and add its groups."""
    assert setting.equality is not None
    rows = series_plan(measure, setting.registry, setting.levels(), [year], cut).rows(setting.equality)
    listed = [code_key(cut, year, code) for code in codes_of(cut)]
    for key in listed:
        cells.add(key, lacking)
    cells.sums_to(place_of(year), listed)
    return [{**row, "cut": f"{cut.name}:{row['cut']}"} for row in rows]


def _points(measure: Measure, spans: Sequence[Span], shown: Sequence[Shown]) -> tuple[PeriodFigure, ...]:
    points = []
    for span, figure in zip(spans, shown, strict=True):
        target = measure.target_on(span.ends_on)
        points.append(
            PeriodFigure(
                span, figure.value, figure.numerator, figure.denominator, figure.lower, figure.upper,
                None if target is None else target.value,
            )
        )  # fmt: skip
    steps = step_positions(measure, points)
    reasons = {
        at: next(change.reason for change in reversed(measure.step_changes) if change.on <= points[at].span.starts_on)
        for at in steps
    }
    return tuple(PeriodFigure(**{**vars(point), "step": reasons.get(at, "")}) for at, point in enumerate(points))


def _without(measure: Measure, spans: Sequence[Span], reason: str) -> tuple[PeriodFigure, ...]:
    cell = Cell.not_available(reason)
    return _points(measure, spans, [Shown(cell, cell, cell)] * len(spans))


def _tell(setting: Setting, measure: Measure, spans: Sequence[Span], exact: Exact) -> None:
    if setting.witness is not None:
        first = len(spans)
        cut = [None if each is None else each[:first] for each in vars(exact).values()]
        setting.witness(measure, spans, Exact(*cut))  # type: ignore[arg-type]


def _why_none(measure: Measure, setting: Setting) -> str:
    """Say why a measure can't be counted at all: nothing feeds it, or nothing of it may be read or was received."""
    names = datasets_of(measure, setting.registry)
    about_people = all(count.fact in ("residents", "households") for count in measure.counts())
    if not names and not (about_people and measure.duration is None):
        return "no declared dataset delivers what this measure counts"
    reasons = [f"{_title(name, setting.registry)}: {setting.unavailable[name]}" for name in names
               if name in setting.unavailable]  # fmt: skip
    return "; ".join(reasons) if names and len(reasons) == len(names) else ""


def _comparison(setting: Setting, measure: Measure) -> Comparison | None:
    benchmark = measure.benchmark
    if benchmark is None:
        return None
    group = setting.registry.benchmark_group[benchmark.group]
    if benchmark.dataset in setting.unavailable:
        return absent(group, f"{_title(benchmark.dataset, setting.registry)}: {setting.unavailable[benchmark.dataset]}")
    try:
        rows = benchmark_plan(benchmark, (group.us, *group.members)).rows(setting.run)
    except (AccessRefused, NotFound) as error:
        return absent(group, error.message)
    return compared(measure, group, rows)


def _caveats(measure: Measure, setting: Setting) -> tuple[str, ...]:
    own = [measure.caveats] if measure.caveats else []
    if measure.duration is not None:
        own.append(ENDED_ONLY)
    if measure.denominator is not None and measure.denominator.fact in ("residents", "households"):
        own.append(RATES_OF_NOW)
    names = datasets_of(measure, setting.registry)
    own += [setting.registry.dataset(name).caveats for name in names]
    lacking = [f"{_title(name, setting.registry)} ({setting.unavailable[name]})" for name in names
               if name in setting.unavailable]  # fmt: skip
    if lacking:
        own.append("Incomplete: counted without " + "; ".join(lacking) + ".")
    return tuple(dict.fromkeys(caveat for caveat in own if caveat))


def _source(name: str, setting: Setting) -> SourceNote:
    declared = setting.registry.dataset(name)
    return SourceNote(name, _title(name, setting.registry), setting.dated.get(name), declared.coverage)


def _title(name: str, registry: Registry) -> str:
    source, _, dataset = name.partition(".")
    return f"{registry.source[source].title}: {registry.source[source].datasets[dataset].title}"


__all__ = ["Held", "Setting", "build_measure", "build_scorecard"]
