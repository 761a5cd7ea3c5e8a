"""What may be wrong with declarations about figures: geographies, lookups, breakdowns, drawn areas, indicators."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from almoner.registry.findings import Finding, unknown
from almoner.registry.measures import Indicator, OpenFigure
from almoner.registry.registry import Registry


def _open_columns(
    registry: Registry, path: tuple[str | int, ...], name: str, columns: Iterable[str | None], why: str
) -> Iterator[Finding]:
    """Yield what is wrong with a reference to an open dataset and its columns."""
    datasets = {dataset.full_name: dataset for dataset in registry.datasets()}
    yield from unknown(path, "dataset", name, datasets, why)
    if name in datasets:
        for column in columns:
            if column is not None:
                yield from unknown(path, f"column of '{name}'", column, datasets[name].columns, why)


def measure_findings(registry: Registry) -> Iterator[Finding]:
    """Yield what is wrong with the declarations about figures."""
    areas = [geography.postcode_column for geography in registry.geography.values()]
    directory = registry.postcode_directory
    if directory is not None:
        columns = [directory.postcode, directory.latitude, directory.longitude, *areas]
        yield from _open_columns(
            registry, ("postcode_directory", "dataset"), directory.dataset, columns,
            "no address could be placed on the map",
        )  # fmt: skip
    for name, geography in registry.geography.items():
        if (drawn := geography.boundaries) is not None:
            columns = [drawn.code, drawn.area_name, drawn.geometry]
            path = ("geography", name, "boundaries")
            yield from _open_columns(registry, path, drawn.dataset, columns, "no map")
        if (named := geography.names) is not None:
            path = ("geography", name, "names")
            columns = [named.code, named.area_name]
            yield from _open_columns(registry, path, named.dataset, columns, "areas keep the names of their boundaries")
    yield from _area_findings(registry)
    for indicator in registry.indicator.values():
        yield from _indicator_findings(registry, indicator)


def _area_findings(registry: Registry) -> Iterator[Finding]:
    for name, lookup in registry.lookup.items():
        path = ("lookup", name)
        why = "figures of those areas have no place"
        yield from unknown((*path, "geography"), "geography", lookup.geography, registry.geography, why)
        yield from _open_columns(registry, path, lookup.dataset, (lookup.code, lookup.to_code), why)
    for name, drawn in registry.neighbourhood.items():
        for member in drawn.members:
            geography, sign, _ = member.partition(":")
            where: tuple[str | int, ...] = ("neighbourhood", name, "members")
            if not sign:
                yield Finding(
                    where, f"'{member}' is no area", "nobody can tell of which geography it is",
                    "write geography:code, for example lsoa21:E01005060",
                )  # fmt: skip
            else:
                yield from unknown(where, "geography", geography, registry.geography, "the area has no place")


def _indicator_findings(registry: Registry, indicator: Indicator) -> Iterator[Finding]:
    path = ("indicator", indicator.name)
    if (indicator.numerator is None) == (indicator.open_figure is None):
        yield Finding(
            path, "an indicator has either a numerator or an open_figure", "it would have no, or two, values",
            "keep one of them",
        )  # fmt: skip
    if indicator.denominator is not None and indicator.open_denominator is not None:
        yield Finding(path, "an indicator has two denominators", "nobody could tell what it is a rate of", "keep one")
    if indicator.unit in ("percent", "per_1000") and indicator.numerator and not indicator.is_rate:
        yield Finding(
            path, f"unit {indicator.unit} without a denominator", "a rate needs what it is a rate of",
            "add denominator, or use unit = \"count\"",
        )  # fmt: skip
    for name in indicator.geographies:
        yield from unknown((*path, "geographies"), "geography", name, registry.geography, "the figure has no place")
    for name in indicator.cuts:
        yield from unknown((*path, "cuts"), "cut", name, registry.cut, "there is no such breakdown")
    if indicator.cuts and (indicator.numerator is None or indicator.open_denominator is not None):
        yield Finding(
            (*path, "cuts"), "a published figure is cut", "what others have published has no parts that are held here",
            "take the cuts out",
        )  # fmt: skip
    for key, figure in (("open_figure", indicator.open_figure), ("open_denominator", indicator.open_denominator)):
        if figure is not None:
            yield from _figure_findings(registry, indicator, (*path, key), figure)


def _figure_findings(
    registry: Registry, indicator: Indicator, where: tuple[str | int, ...], figure: OpenFigure
) -> Iterator[Finding]:
    known = (*registry.geography, *registry.lookup)
    yield from unknown(where, "geography", figure.geography, known, "the figure has no place")
    yield from _open_columns(registry, where, figure.dataset, figure.columns(), "the figure has no source")
    if (weight := figure.weight) is not None:
        columns = (weight.code, weight.value, *weight.where)
        yield from _open_columns(registry, where, weight.dataset, columns, "the mean has no weight")
    if indicator.is_rate and figure.combine == "mean":
        yield Finding(
            where, "a mean is divided, or divided by", "counts are added up; rates are never averaged",
            'use combine = "sum" with a column of numbers, or leave the denominator out',
        )  # fmt: skip
