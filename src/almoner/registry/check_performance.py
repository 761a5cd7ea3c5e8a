"""What may be wrong with declarations of measures: what feeds them, their areas, breakdowns, targets and benchmarks."""

from __future__ import annotations

from collections.abc import Iterator

from almoner.registry.findings import Finding, unknown
from almoner.registry.measures import Count
from almoner.registry.performance import Benchmark, Measure
from almoner.registry.registry import Registry

Path = tuple[str | int, ...]


def performance_findings(registry: Registry) -> Iterator[Finding]:
    """Yield what is wrong with the measures and with whom they are compared."""
    names = _names_of_facts(registry)
    for measure in registry.measure.values():
        path: Path = ("measure", measure.name)
        for part, count in (("numerator", measure.numerator), ("denominator", measure.denominator)):
            if count is not None:
                yield from _count(count, (*path, part), names)
        if measure.duration is not None:
            kinds = measure.duration.kinds() or (measure.duration.involvement or "",)
            fact = "event" if measure.duration.kinds() else "involvement"
            for name in kinds:
                yield from unknown((*path, "duration"), fact, name, names[fact], "nothing would ever end")
        yield from _ways(registry, measure, path)
        if measure.benchmark is not None:
            yield from _benchmark(registry, measure.benchmark, (*path, "benchmark"))
    for name, group in registry.benchmark_group.items():
        if group.us in group.members:
            yield Finding(
                ("benchmark_group", name, "members"), f"'{group.us}' is among its own comparators",
                "the median would be partly its own figure", "take it out of members",
            )  # fmt: skip


def _names_of_facts(registry: Registry) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {"event": set(), "involvement": set(), "attribute": set()}
    for dataset in registry.datasets():
        for fact in dataset.facts:
            if fact.event is not None:
                found["event"].add(fact.event.kind)
            if fact.involvement is not None:
                found["involvement"].add(fact.involvement.service)
            if fact.attribute is not None:
                found["attribute"].add(fact.attribute.name)
    return found


def _count(count: Count, path: Path, names: dict[str, set[str]]) -> Iterator[Finding]:
    for name in count.names:
        yield from unknown((*path, "names"), count.fact, name, names.get(count.fact, set()), "nothing would be counted")
    if count.count == "mean":
        yield Finding(
            (*path, "count"), "a measure can't count a mean", "means of periods don't add up to that of a year",
            'count "sum" above and what it is divided by below',
        )  # fmt: skip
    if count.months is not None:
        yield Finding(
            (*path, "months"), "months in a measure", "a measure counts each of its periods, whatever 'months' says",
            "take it out; 'every' says how long a period is",
        )  # fmt: skip


def _ways(registry: Registry, measure: Measure, path: Path) -> Iterator[Finding]:
    """Yield what is wrong with the ways in which a measure is cut."""
    if measure.funnel is not None:
        yield from unknown((*path, "funnel"), "geography", measure.funnel, registry.geography, "no area to compare")
        if not measure.is_rate() or measure.duration is not None or (measure.numerator and _summed(measure.numerator)):
            yield Finding(
                (*path, "funnel"), "a funnel of what is no share or rate of counts",
                "its limits follow from how many could have been counted", "take it out, or count out of something",
            )  # fmt: skip
    for name in measure.cuts:
        yield from unknown((*path, "cuts"), "breakdown", name, registry.cut, "nobody could be told apart")
    if measure.cuts and measure.duration is not None:
        yield Finding(
            (*path, "cuts"), "a duration cut by groups", "durations are counted without saying of whom",
            "take it out, or declare a numerator",
        )  # fmt: skip
    if measure.targets and measure.good == "none":
        yield Finding(
            (*path, "targets"), "a target, but neither high nor low is good", "nobody could say whether it was met",
            'add good = "high" or good = "low"',
        )  # fmt: skip


def _summed(count: Count) -> bool:
    return count.count == "sum"


def _benchmark(registry: Registry, benchmark: Benchmark, path: Path) -> Iterator[Finding]:
    groups = registry.benchmark_group
    yield from unknown((*path, "group"), "benchmark group", benchmark.group, groups, "there is nobody to compare with")
    datasets = {dataset.full_name: dataset for dataset in registry.datasets()}
    yield from unknown((*path, "dataset"), "dataset", benchmark.dataset, datasets, "nothing was published")
    if benchmark.dataset in datasets:
        dataset = datasets[benchmark.dataset]
        for column in benchmark.columns():
            why = "the published figures are read from it"
            yield from unknown(path, f"column of '{benchmark.dataset}'", column, dataset.columns, why)
        if not dataset.open:
            yield Finding(
                (*path, "dataset"), "a benchmark that is not open data", "published figures are public",
                "mark the dataset as open, or name another",
            )  # fmt: skip
