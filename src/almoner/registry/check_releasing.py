"""What may be wrong with declarations about what leaves: agreements, recipients, and the populations of plans."""

from __future__ import annotations

from collections.abc import Iterator

from almoner.registry.findings import Finding, unknown
from almoner.registry.registry import Registry
from almoner.registry.releasing import PUBLIC, CountedPopulation

_STANDING = ("residents", "households")
"""Populations that profiles name without anybody declaring them."""


def release_findings(registry: Registry) -> Iterator[Finding]:
    """Yield what is wrong with the declarations about what leaves."""
    if registry.release.publication_agreement:
        yield from unknown(
            ("release", "publication_agreement"), "agreement", registry.release.publication_agreement,
            registry.agreement, "nothing may be published without an agreement that permits it",
        )  # fmt: skip
    if PUBLIC in registry.recipient:
        yield Finding(
            ("recipient", PUBLIC), "the recipient 'public' is there without being declared",
            "its agreement stands in [release], and two of them would contradict each other",
            "remove it, and name the agreement as release.publication_agreement",
        )  # fmt: skip
    yield from _population_findings(registry)


def _population_findings(registry: Registry) -> Iterator[Finding]:
    """Two names for the same people would let their figures pass each other by."""
    spelt: dict[str, str] = {}
    facts: dict[str, str] = {}
    for name, population in registry.population.items():
        path: tuple[str, ...] = ("population", name)
        yield from _source_findings(registry, name, population)
        first = spelt.setdefault(name.replace("_", ""), name)
        if first != name:
            yield Finding(
                path, f"is '{first}' written otherwise", "figures of two populations are not compared",
                "use one of the two names, or give the other people a name that says who they are",
            )  # fmt: skip
        same = facts.setdefault(f"{population.fact}: {population.amount}", name) if population.fact else name
        if same != name:
            yield Finding(
                (*path, "fact"), f"'{same}' counts the same fact", "two names for the same people",
                f"use '{same}' in plans, and remove this one",
            )  # fmt: skip


def _source_findings(registry: Registry, name: str, population: CountedPopulation) -> Iterator[Finding]:
    path: tuple[str, ...] = ("population", name)
    if bool(population.dataset) is bool(population.fact):
        yield Finding(
            path, "names both a dataset and a fact, or neither", "nobody could tell whose records are counted",
            "name the dataset, or the fact that profiles count as well",
        )  # fmt: skip
    if population.dataset:
        known = {dataset.full_name for dataset in registry.datasets()}
        yield from unknown((*path, "dataset"), "dataset", population.dataset, known, "its records are what is counted")
    if name in _STANDING and population.fact != name:
        yield Finding(
            path, f"profiles call their own population '{name}'", "figures of the two would be compared as if one",
            f'write fact = "{name}", or give it another name',
        )  # fmt: skip
