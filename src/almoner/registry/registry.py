"""The whole registry as one value: what every other layer asks what may be."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from pydantic import Field

from almoner.kernel.errors import NotFound
from almoner.registry.access_review import AccessReviewRules
from almoner.registry.datasets import Dataset, Source
from almoner.registry.declared import Declared, Name, Named, Words
from almoner.registry.governing import (
    Agreement,
    Category,
    Condition,
    Controller,
    DisposalRules,
    LawfulBasis,
    Officer,
    Project,
    Purpose,
    Recipient,
    Retention,
    Role,
)
from almoner.registry.linkage import Linkage
from almoner.registry.measures import Cut, DrawnNeighbourhood, Geography, Indicator, Lookup, PostcodeDirectory
from almoner.registry.performance import BenchmarkGroup, Measure
from almoner.registry.releasing import Breakdown, CountedPopulation, ReleaseRules
from almoner.registry.requests import RequestRules
from almoner.registry.sharing import Sharing


class CodeList(Named):
    """Codes as delivered and what they mean. `standard` names a mapping that the product ships."""

    title: Words
    standard: str | None = Field(default=None, description="A shipped mapping, e.g. 'sex' or 'ethnicity_dfe'.")
    values: dict[str, str] = Field(default={}, description="As delivered = meaning.")
    missing: tuple[str, ...] = Field(default=(), description="Codes that say: not known.")
    closed: bool = Field(default=False, description="An undeclared code sends the row to quarantine.")


class Registry(Declared):
    """Everything that the council has declared."""

    controller: Controller
    data_protection_officer: Officer
    category: dict[Name, Category]
    lawful_basis: dict[Name, LawfulBasis]
    condition: dict[Name, Condition] = {}
    purpose: dict[Name, Purpose]
    agreement: dict[str, Agreement] = {}
    recipient: dict[Name, Recipient] = {}
    sharing: dict[Name, Sharing] = {}
    retention: dict[Name, Retention]
    disposal: DisposalRules = DisposalRules()
    role: dict[Name, Role]
    project: dict[str, Project] = {}
    codes: dict[Name, CodeList] = {}
    geography: dict[Name, Geography] = {}
    postcode_directory: PostcodeDirectory | None = None
    lookup: dict[Name, Lookup] = {}
    neighbourhood: dict[Name, DrawnNeighbourhood] = {}
    cut: dict[Name, Cut] = {}
    indicator: dict[Name, Indicator] = {}
    measure: dict[Name, Measure] = {}
    benchmark_group: dict[Name, BenchmarkGroup] = {}
    source: dict[Name, Source] = {}
    linkage: Linkage = Linkage()
    access_review: AccessReviewRules = AccessReviewRules()
    release: ReleaseRules = ReleaseRules()
    breakdown: dict[Name, Breakdown] = {}
    population: dict[Name, CountedPopulation] = {}
    requests: RequestRules = RequestRules()
    placeholder_dates: tuple[dt.date, ...] = Field(
        default=(
            dt.date(1899, 12, 30),
            dt.date(1900, 1, 1),
            dt.date(1901, 1, 1),
            dt.date(1111, 11, 11),
            dt.date(9999, 12, 31),
        ),
        description="Dates that systems write when none is known: read as missing, and counted.",
    )
    digest: str = Field(default="", exclude=True, json_schema_extra={"readOnly": True})

    def datasets(self) -> Iterator[Dataset]:
        """Yield every dataset in the order of the sources."""
        for source in self.source.values():
            yield from source.datasets.values()

    def dataset(self, full_name: str) -> Dataset:
        """Find a dataset by `source.dataset`.

        Raises: NotFound, naming what is declared.
        """
        source_name, _, name = full_name.partition(".")
        source = self.source.get(source_name)
        if source is None or name not in source.datasets:
            raise NotFound(
                f"No dataset '{full_name}' is declared.",
                todo="'almoner check' lists the declared datasets; a new one is a table in registry/sources/.",
            )
        return source.datasets[name]

    def source_of(self, dataset: Dataset) -> Source:
        """Give the source that delivers a dataset."""
        return self.source[dataset.source]

    def agreement_of(self, dataset: Dataset) -> Agreement | None:
        """Give the agreement under which a dataset is delivered."""
        return self.agreement.get(self.source_of(dataset).agreement)

    def agreement_for(self, sharing: Sharing) -> Agreement:
        """Give the agreement under which something is shared."""
        return self.agreement[sharing.agreement or self.recipient[sharing.recipient].agreement]

    def retention_of(self, dataset: Dataset) -> Retention:
        """Give the retention rule of a dataset: its own, else its source's."""
        return self.retention[dataset.retention or self.source_of(dataset).retention]
