"""From an indicator of the registry to the steps that count it and the `reads` by which the gate decides.

One plan per indicator, so that a refusal costs that indicator and no other. A plan is made from
declarations alone: nothing here looks at data.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping

from almoner.counting.areas import area_step
from almoner.counting.counts import AREA, Levels, count_steps, survey_columns
from almoner.counting.open_figures import open_steps
from almoner.counting.plans import PLACE, Plan, literal, merged, one_of, quoted
from almoner.kernel.steps import Step
from almoner.registry.measures import Count, Indicator
from almoner.registry.registry import Registry

FIGURE_COLUMNS = (
    "geography", "area_code", "bucket", "indicator", "numerator", "denominator", "contributors",
    "denominator_contributors",
)  # fmt: skip

FACTS = ("involvement", "event", "attribute")


def indicator_plan(indicator: Indicator, registry: Registry, base: str, as_of: dt.date) -> Plan:
    """Plan one indicator: its steps end in `figure`, one row per area, and per bucket of what has no area.

    Out: numerator and denominator are NULL where there is none to have. For a mean, the denominator is how
        many amounts there were.
    """
    wanted = tuple(registry.geography[name] for name in indicator.geographies)
    levels = Levels(wanted, registry.geography[base])
    areas, area_reads = area_step(registry)
    steps, reads = [areas], [area_reads]
    sources: dict[str, str] = {}
    for part, count in (("numerator", indicator.numerator), ("denominator", indicator.denominator)):
        if count is not None:
            found, read = count_steps(count, levels, as_of)
            steps += [step for step in found if step not in steps]
            reads.append(read)
            sources[part] = found[-1].name
    if indicator.open_figure is not None:
        found, read = open_steps(indicator.open_figure, levels, registry)
        steps += found
        reads.append(read)
        sources["open"] = found[-1].name
    steps.append(_figure(indicator, levels, sources))
    return Plan(tuple(steps), merged(reads), datasets_of(indicator, registry))


def _figure(indicator: Indicator, levels: Levels, sources: Mapping[str, str]) -> Step:
    """Bring numerator and denominator of every area together; an area with nothing to count has 0."""
    mean = indicator.numerator is not None and indicator.numerator.count == "mean"
    has_below = mean or indicator.denominator is not None
    number, below = _zero_or_null(indicator.numerator is not None), _zero_or_null(has_below)
    start = f"{literal(AREA)} AS bucket, {number} AS numerator, {below} AS denominator,"
    start += f" {number} AS contributors, {below} AS denominator_contributors"
    names = ", ".join(literal(geography.name) for geography in levels.geographies)
    place = literal(PLACE)
    parts = [
        f"SELECT geography, area_code, {start} FROM area WHERE geography IN ({names})",
        f"SELECT {place} AS geography, {place} AS area_code, {start}",
    ]
    if indicator.numerator is not None:
        value = "amount" if indicator.numerator.count in ("sum", "mean") else "number"
        below = "number, contributors, contributors" if mean else "NULL, contributors, NULL"
        parts.append(f"SELECT geography, area_code, bucket, {value}, {below} FROM {sources['numerator']}")
    if indicator.denominator is not None:
        value = "amount" if indicator.denominator.count == "sum" else "number"
        below = f"NULL, {value}, NULL, contributors"
        parts.append(f"SELECT geography, area_code, bucket, {below} FROM {sources['denominator']}")
    if indicator.open_figure is not None:
        above = f"{literal(AREA)}, number, NULL, NULL, NULL"
        parts.append(f"SELECT geography, area_code, {above} FROM {sources['open']}")
    measures = ("numerator", "denominator", "contributors", "denominator_contributors")
    sums = ", ".join(f"SUM({name}) AS {name}" for name in measures)
    union = "\nUNION ALL\n".join(parts)
    sql = (
        f"SELECT geography, area_code, bucket, {literal(indicator.name)} AS indicator, {sums}\n"
        f"FROM (\n{union}\n) AS p GROUP BY geography, area_code, bucket"
    )
    return Step("figure", f"{indicator.title}: exact, by area", sql, FIGURE_COLUMNS)


def _zero_or_null(countable: bool) -> str:
    """Where something is counted and nothing found, the number is 0; where nothing is counted, none."""
    return "CAST(0 AS DOUBLE)" if countable else "CAST(NULL AS DOUBLE)"


def survey_plan(fact: str, registry: Registry) -> Plan | None:
    """Plan to find out which datasets hold what indicators count of one kind of fact, and how recent."""
    counts = [count for indicator in registry.indicator.values() for count in counts_of(indicator)]
    counts = [count for count in counts if count.fact == fact]
    if not counts:
        return None
    view, column = survey_columns(fact)
    names = sorted({name for count in counts for name in count.names})
    condition = one_of(column, names) if all(count.names for count in counts) else "TRUE"
    sql = (
        f"SELECT {column} AS name, dataset, MAX(as_of) AS as_of FROM {quoted(view)}"
        f" WHERE {condition} GROUP BY {column}, dataset"
    )
    step = Step("held", f"which datasets hold {fact}s that count", sql, ("name", "dataset", "as_of"))
    datasets = dict.fromkeys(name for count in counts for name in feeds_of(count, registry))
    return Plan((step,), {view: (column, "dataset", "as_of")}, tuple(datasets))


def counts_of(indicator: Indicator) -> Iterator[Count]:
    """Yield what an indicator counts."""
    for count in (indicator.numerator, indicator.denominator):
        if count is not None:
            yield count


def datasets_of(indicator: Indicator, registry: Registry) -> tuple[str, ...]:
    """Give the declared datasets that feed an indicator; residents and households come from the spine."""
    names = [name for count in counts_of(indicator) for name in feeds_of(count, registry)]
    if indicator.open_figure is not None:
        names.append(indicator.open_figure.dataset)
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
