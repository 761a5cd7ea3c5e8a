"""From the indicators of the registry to the steps that count them and the `reads` by which the gate decides.

All indicators that count one kind of fact are answered by one plan: a scan serves them all. Published figures have a
plan each. A plan is made from declarations alone: nothing here looks at data.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from almoner.counting.areas import Areas, area_step
from almoner.counting.asks import Ask
from almoner.counting.counts import ask_steps
from almoner.counting.folding import survey_columns
from almoner.counting.levels import Levels
from almoner.counting.open_figures import open_steps
from almoner.counting.plans import Plan, merged, one_of, quoted
from almoner.counting.spans import Span, spans_ending, window
from almoner.kernel.steps import Step
from almoner.registry.measures import Count, Cut, Indicator, OpenFigure
from almoner.registry.registry import Registry

FACTS = ("involvement", "event", "attribute")
STANDING = ("residents", "households")
"""What is known as of now only: an earlier period is set against the people of today."""


@dataclass(frozen=True)
class Asked:
    """What an indicator asks of the facts: its numerator and denominator, and the breakdowns of both.

    cuts: name of a breakdown → (numerator, denominator).
    """

    numerator: Ask | None
    denominator: Ask | None
    cuts: dict[str, tuple[Ask, Ask | None]]

    def all(self) -> Iterator[Ask]:
        """Yield every question."""
        for ask in (self.numerator, self.denominator, *(ask for pair in self.cuts.values() for ask in pair)):
            if ask is not None:
                yield ask


def levels_of(registry: Registry, areas: Areas) -> Levels:
    """Count at every declared geography of which there are areas, and at drawn areas."""
    drawn_from = registry.geography[areas.drawn[0].geography] if areas.drawn else None
    return Levels(tuple(areas.geographies.values()), registry.geography[areas.base], areas.drawn, drawn_from)


def spans_of(indicator: Indicator, as_of: dt.date) -> tuple[Span, ...]:
    """Give the earlier periods of which an indicator shows figures; none without a trend."""
    trend = indicator.trend
    return () if trend is None else spans_ending(as_of, trend.every, trend.points)


def asked_of(indicator: Indicator, as_of: dt.date, cuts: Sequence[Cut] = ()) -> Asked:
    """Say what an indicator asks of the facts."""

    def ask(count: Count | None, cut: Cut | None = None) -> Ask | None:
        if count is None:
            return None
        earlier = () if cut is not None or count.fact in STANDING else spans_of(indicator, as_of)
        return Ask(count, (window(as_of, count.months), *earlier), cut)

    by_cut = {}
    for cut in cuts:
        above = ask(indicator.numerator, cut)
        if above is not None:
            by_cut[cut.name] = (above, ask(indicator.denominator, cut))
    return Asked(ask(indicator.numerator), ask(indicator.denominator), by_cut)


def count_plan(asks: Sequence[Ask], registry: Registry, levels: Levels) -> Plan:
    """Plan to answer questions about the facts; the rows say by `ask` which question they answer."""
    areas, area_reads = area_step(registry)
    steps, reads = ask_steps(asks, levels)
    datasets = dict.fromkeys(name for ask in asks for name in feeds_of(ask.count, registry))
    return Plan((areas, *steps), merged([area_reads, reads]), tuple(datasets))


def open_plan(figure: OpenFigure, registry: Registry, levels: Levels, spans: Sequence[Span]) -> Plan:
    """Plan to read a published figure; the first span is the headline's."""
    areas, area_reads = area_step(registry)
    steps, reads = open_steps(figure, levels, registry, spans)
    return Plan((areas, *steps), merged([area_reads, reads]), (figure.dataset,))


def survey_plan(fact: str, registry: Registry) -> Plan | None:
    """Plan to find out which datasets hold what indicators count of one kind of fact, and how recent."""
    counts = [count for indicator in registry.indicator.values() for count in counts_of(indicator)]
    counts = [count for count in counts if count.fact == fact]
    if not counts:
        return None
    view, column = survey_columns(fact)
    names = sorted({name for count in counts for name in count.names})
    condition = one_of(column, names) if all(count.names for count in counts) else "TRUE"
    day = {"event": "happened_on", "attribute": "as_of", "involvement": "starts_on"}[fact]
    sql = (
        f"SELECT {column} AS name, dataset, MAX(as_of) AS as_of, MIN({day}) AS first_on FROM {quoted(view)}"
        f" WHERE {condition} GROUP BY {column}, dataset"
    )
    step = Step("held", f"which datasets hold {fact}s that count", sql, ("name", "dataset", "as_of", "first_on"))
    datasets = dict.fromkeys(name for count in counts for name in feeds_of(count, registry))
    columns = tuple(dict.fromkeys((column, "dataset", "as_of", day)))
    return Plan((step,), {view: columns}, tuple(datasets))


def counts_of(indicator: Indicator) -> Iterator[Count]:
    """Yield what an indicator counts."""
    for count in (indicator.numerator, indicator.denominator):
        if count is not None:
            yield count


def open_figures_of(indicator: Indicator) -> Iterator[OpenFigure]:
    """Yield the published figures that an indicator is made of."""
    for figure in (indicator.open_figure, indicator.open_denominator):
        if figure is not None:
            yield figure


def datasets_of(indicator: Indicator, registry: Registry) -> tuple[str, ...]:
    """Give the declared datasets that feed an indicator; residents and households come from the spine."""
    names = [name for count in counts_of(indicator) for name in feeds_of(count, registry)]
    for figure in open_figures_of(indicator):
        names += [figure.dataset, *([figure.weight.dataset] if figure.weight else [])]
    return tuple(dict.fromkeys(names))


def feeds_of(count: Count, registry: Registry) -> list[str]:
    """Give the declared datasets whose facts a count counts."""
    found = []
    for dataset in registry.datasets():
        for fact in dataset.facts:
            name = {
                "involvement": fact.involvement and fact.involvement.service,
                "event": fact.event and fact.event.kind,
                "attribute": fact.attribute and fact.attribute.name,
            }.get(count.fact)
            if name and (not count.names or name in count.names):
                found.append(dataset.full_name)
                break
    return found
