"""Builds the profiles: runs one plan per indicator, protects what comes back, and adds where it comes from.

It is given a `run`, and so never meets the gate, a permit or an engine. What it may not read, or what was
never received, is 'not available' with the reason: it must never come out as 0.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from almoner.counting.areas import Area, Areas, groups_of, read_areas
from almoner.counting.counts import AREA
from almoner.counting.cuts import codes_of
from almoner.counting.levels import DrawnArea
from almoner.counting.plans import DRAWN, PLACE, RESIDENT, Run
from almoner.counting.spans import NOW, Span
from almoner.kernel.errors import AccessRefused, NotFound
from almoner.methods.cells import Cell, Marker
from almoner.methods.disclosure.primary import RULE, SmallNumberRule
from almoner.methods.disclosure.secondary import protect_one
from almoner.profiles.comparing import comparator_of, compared
from almoner.profiles.exact import exact_of, modelled_at, open_spans
from almoner.profiles.figures import (
    DECIMALS,
    Contribution,
    Coverage,
    CutFigures,
    Figure,
    IndicatorFigures,
    ProfileSet,
    day_text,
)
from almoner.profiles.protection import Exact, Stack, Sum, decimals_of, published_areas
from almoner.profiles.showing import shown_together
from almoner.profiles.steps import (
    FACTS,
    STANDING,
    asked_of,
    counts_of,
    datasets_of,
    feeds_of,
    levels_of,
    open_figures_of,
    spans_of,
    survey_plan,
)
from almoner.profiles.tallies import Place, Tallies, Tally
from almoner.profiles.trends import shown_spans, sums_of_spans, trend_of
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
    """What the fact views hold: (fact, name) → dataset → newest date; why a kind of fact can't be read.

    first: (fact, name) → the first day that they speak of.
    """

    found: Mapping[tuple[str, str], Mapping[str, dt.date | None]]
    refused: Mapping[str, str]
    first: Mapping[tuple[str, str], dt.date] = field(default_factory=dict)


def build_profiles(
    run: Run,
    registry: Registry,
    as_of: dt.date,
    *,
    unavailable: Mapping[str, str] | None = None,
    dated: Mapping[str, dt.date] | None = None,
    rule: SmallNumberRule = RULE,
    witness: Witness | None = None,
    drawn: Sequence[DrawnArea] = (),
) -> ProfileSet:
    """Build the draft profiles of every declared area, and of those that somebody has drawn.

    In: run(steps, reads) gives the rows of the last step, or raises AccessRefused or NotFound; unavailable,
        the datasets that are known not to be readable, with the reason; dated, the date of each dataset's
        newest delivery; witness, who is told the exact counts behind each indicator, to check them for release.
    Raises: whatever reading the open geography raises; RegistryError where no area is declared; UsageError for a drawn
        area that is made of areas that are not there.
    """
    areas = read_areas(run, registry, drawn)
    maker = _Maker(run, registry, areas, as_of, dict(unavailable or {}), dated or {}, rule)
    maker.count()
    controller = registry.controller
    return ProfileSet(
        place=controller.place,
        service=controller.service,
        controller=controller.title,
        brand_colour=controller.brand_colour,
        as_of=as_of,
        areas=areas,
        indicators=tuple(maker.profile(indicator, witness) for indicator in registry.indicator.values()),
        rule=rule,
        notes=NOTES,
    )


def _survey(run: Run, registry: Registry) -> Held:
    found: dict[tuple[str, str], dict[str, dt.date | None]] = {}
    first: dict[tuple[str, str], dt.date] = {}
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
            key = (fact, row["name"])
            found.setdefault(key, {})[row["dataset"]] = row["as_of"]
            if row["first_on"] is not None:
                first[key] = min(first.get(key, row["first_on"]), row["first_on"])
    return Held(found, refused, first)


class _Maker:
    """Builds the indicators of one set: what is counted is counted for all of them at once."""

    def __init__(
        self, run: Run, registry: Registry, areas: Areas, as_of: dt.date, reasons: Mapping[str, str],
        dated: Mapping[str, dt.date], rule: SmallNumberRule,
    ) -> None:  # fmt: skip
        self.registry, self.areas, self.as_of, self.rule = registry, areas, as_of, rule
        self.reasons, self.dated = reasons, dated
        self.held = _survey(run, registry)
        self.tallies = Tallies(run, registry, levels_of(registry, areas))
        self.asked = {
            name: asked_of(indicator, as_of, [registry.cut[cut] for cut in indicator.cuts])
            for name, indicator in registry.indicator.items()
        }
        self.found = {
            name: _sources(indicator, registry, self.held, reasons, dated, as_of)
            for name, indicator in registry.indicator.items()
        }

    def count(self) -> None:
        """Count everything that there is to count."""
        self.tallies.ask(ask for name, asked in self.asked.items() if not self.found[name][2] for ask in asked.all())

    def profile(self, indicator: Indicator, witness: Witness | None) -> IndicatorFigures:
        """Build one indicator, or say why there is none."""
        listed = published_areas(indicator, self.areas)
        sources, missing, reason = self.found[indicator.name]
        reason = reason or self._refusal(indicator)
        if reason:
            return self._without(indicator, listed, sources, missing, reason)
        asked = self.asked[indicator.name]
        exact = exact_of(indicator, asked, self.tallies, listed, self.as_of)
        if indicator.open_figure is not None and np.isnan(exact.numerator).all():
            reason = "the published dataset has no figure for any of these areas"
            return self._without(indicator, listed, sources, missing, reason)
        groups = groups_of(listed, self.areas)
        first = self._first(indicator)
        spans = spans_of(indicator, self.as_of)
        shown = self._all(indicator, exact, spans, first)
        sums = [*sums_of_spans(indicator, [span for span in spans if span.name in shown], self.as_of)]
        sums += [Sum(NOW, tuple(_part(cut, code) for code in codes), True) for cut, codes in self._codes(indicator)]
        standing = indicator.denominator is not None and indicator.denominator.fact in STANDING
        same = {span.name: NOW for span in spans if span.name in shown} if standing else {}
        together = shown_together(indicator, Stack(shown, sums, same), groups, self.areas, self.rule)
        figures = together[NOW]
        if witness is not None:
            witness(indicator, exact)
        modelled = modelled_at(indicator, self.tallies, self.as_of)
        comparator = comparator_of(indicator, figures[0])
        return IndicatorFigures(
            indicator=indicator,
            figures=_by_geography(compared(figures, indicator, comparator)),
            decimals=decimals_of(indicator, exact),
            as_of=min((source.as_of for source in sources if source.as_of), default=None),
            sources=sources,
            missing=missing,
            coverage=_coverage(indicator, self._answer(indicator), figures[0], self.rule),
            caveats=_caveats(indicator, self.registry, missing, modelled, self.areas),
            comparator=comparator,
            trend=trend_of(indicator, listed, spans, together, first),
            cuts=self._cuts(indicator, together),
            modelled_at=modelled,
        )

    def _without(
        self, indicator: Indicator, listed: Sequence[Area], sources: tuple[Contribution, ...],
        missing: tuple[str, ...], reason: str,
    ) -> IndicatorFigures:  # fmt: skip
        return IndicatorFigures(
            indicator=indicator, figures=_by_geography([_absent(area, reason) for area in listed]), as_of=None,
            decimals=DECIMALS[indicator.unit], sources=sources, missing=missing,
            caveats=_caveats(indicator, self.registry, missing, (), self.areas), reason=reason,
        )  # fmt: skip

    def _refusal(self, indicator: Indicator) -> str:
        """Say why what an indicator counts could not be read; reads what is published."""
        refused = (self.tallies.refusal(ask) for ask in self.asked[indicator.name].all())
        if reason := next(filter(None, refused), ""):
            return reason
        try:
            for figure in open_figures_of(indicator):
                self.tallies.read_open(figure, open_spans(indicator, self.as_of))
        except (AccessRefused, NotFound) as error:
            return error.message
        return ""

    def _answer(self, indicator: Indicator) -> Mapping[tuple[str, Place], Tally]:
        above = self.asked[indicator.name].numerator
        return {} if above is None else self.tallies.answer(above, NOW)

    def _first(self, indicator: Indicator) -> dt.date | None:
        """Give the first day of which all that an indicator counts is known."""
        first = [self.held.first.get((count.fact, name)) for count in counts_of(indicator) for name in count.names]
        return max((day for day in first if day is not None), default=None)

    def _codes(self, indicator: Indicator) -> list[tuple[str, list[str]]]:
        return [(name, list(codes_of(self.registry.cut[name]))) for name in self.asked[indicator.name].cuts]

    def _all(
        self, indicator: Indicator, headline: Exact, spans: Sequence[Span], first: dt.date | None
    ) -> dict[str, Exact]:
        """Give the numbers of everything that is shown of an indicator, by name."""
        asked = self.asked[indicator.name]
        listed = headline.areas
        earlier = {}
        for span in spans:
            made = exact_of(indicator, asked, self.tallies, listed, self.as_of, span=span.name)
            if not np.isnan(made.numerator).all():
                earlier[span.name] = made
        found = {NOW: headline}
        found |= {span.name: earlier[span.name] for span in shown_spans(indicator, spans, earlier, first)}
        for cut, codes in self._codes(indicator):
            for code in codes:
                made = exact_of(indicator, asked, self.tallies, listed, self.as_of, cut=cut, code=code)
                found[_part(cut, code)] = made
        return found

    def _cuts(self, indicator: Indicator, together: Mapping[str, list[Figure]]) -> dict[str, CutFigures]:
        made = {}
        for name, _ in self._codes(indicator):
            cut = self.registry.cut[name]
            codes = codes_of(cut)
            made[name] = CutFigures(
                cut.title, codes, {code: _by_geography(together[_part(name, code)]) for code in codes}
            )
        return made


def _part(cut: str, code: str) -> str:
    return f"{cut}={code}"


def _sources(
    indicator: Indicator, registry: Registry, held: Held, reasons: Mapping[str, str],
    dated: Mapping[str, dt.date], as_of: dt.date,
) -> tuple[tuple[Contribution, ...], tuple[str, ...], str]:  # fmt: skip
    """Find which datasets contribute, which ought to and don't, and the reason if none does."""
    sources: dict[str, Contribution] = {}
    missing: list[str] = []
    for count in counts_of(indicator):
        if count.fact in STANDING:
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
    for figure in open_figures_of(indicator):
        for dataset in (figure.dataset, *([figure.weight.dataset] if figure.weight else [])):
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


def _caveats(
    indicator: Indicator, registry: Registry, missing: tuple[str, ...], modelled: tuple[str, ...], areas: Areas
) -> tuple[str, ...]:
    own = [indicator.caveats] if indicator.caveats else []
    own += [registry.dataset(name).caveats for name in datasets_of(indicator, registry)]
    if modelled:
        titles = ", ".join(areas.title(geography) for geography in modelled)
        averaged = indicator.open_figure is not None and indicator.open_figure.combine == "mean"
        how = "a mean of published figures" if averaged else "published for other areas, and shared out by postcodes"
        own.append(f"Modelled ({titles}): {how}.")
    own += [f"Not comparable before {day_text(each.on)}: {each.why}" for each in indicator.breaks]
    if indicator.trend is not None and any(count.fact in STANDING for count in counts_of(indicator)):
        own.append("Earlier periods are set against the people who live here now.")
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
    indicator: Indicator, answer: Mapping[tuple[str, Place], Tally], place: Figure, rule: SmallNumberRule
) -> tuple[Coverage, ...]:
    """Count what was placed and what was not, protected like any count; open figures have no coverage."""
    count = indicator.numerator
    if count is None:
        return ()
    column = "contributors" if count.count == "sum" else "number"
    found: dict[str, dict[str, float]] = {}
    for (bucket, (geography, _)), tally in answer.items():
        if geography == DRAWN or geography not in (PLACE, *indicator.geographies):
            continue
        buckets = found.setdefault(geography, {})
        buckets[bucket] = buckets.get(bucket, 0.0) + getattr(tally, column)
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
