"""What the notice has to state, worked out from the registry and from nothing else.

Here it is decided which kinds of data are held, which bases the purposes rest on and which rule keeps which
records. No wording stands here (that is `wording`), and nothing may be added that the registry does not
declare.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal, TypeVar

from almoner.kernel.errors import RegistryError
from almoner.registry.datasets import Dataset, Source
from almoner.registry.governing import (
    Agreement,
    Category,
    Condition,
    Controller,
    LawfulBasis,
    Officer,
    Purpose,
    Recipient,
    Retention,
)
from almoner.registry.registry import Registry

Held = Literal["held", "permitted", "declared"]
"""held: a column or a floor of a dataset is of the kind; permitted: only a purpose names it; declared:
neither does."""

_ARTICLE_6 = re.compile(r"6\s*\(1\)\s*\(([a-f])\)")

_Found = TypeVar("_Found")


@dataclass(frozen=True)
class KindOfData:
    """A category, which datasets hold it, and which purposes may use it."""

    category: Category
    datasets: tuple[str, ...]
    purposes: tuple[str, ...]

    @property
    def held(self) -> Held:
        """Say whether anything that is delivered is of this kind."""
        return "held" if self.datasets else "permitted" if self.purposes else "declared"


@dataclass(frozen=True)
class PurposeStated:
    """A purpose with the law it rests on."""

    purpose: Purpose
    basis: LawfulBasis
    special: Condition | None
    criminal: Condition | None


@dataclass(frozen=True)
class SourceStated:
    """A source by the name the notice gives it, with the agreement under which it delivers."""

    source: Source
    shown: str
    agreement: Agreement


@dataclass(frozen=True)
class RecipientStated:
    """A recipient with what it may be sent, and for what."""

    recipient: Recipient
    agreement: Agreement
    purposes: tuple[Purpose, ...]
    categories: tuple[Category, ...]


@dataclass(frozen=True)
class RetentionStated:
    """A rule and the records of one service that it keeps."""

    shown: str
    datasets: tuple[Dataset, ...]
    rule: Retention
    whole_source: bool


@dataclass(frozen=True)
class NoticeContent:
    """Everything the nine sections state."""

    controller: Controller
    officer: Officer
    kinds: tuple[KindOfData, ...]
    purposes: tuple[PurposeStated, ...]
    sources: tuple[SourceStated, ...]
    recipients: tuple[RecipientStated, ...]
    retention: tuple[RetentionStated, ...]

    def kinds_of(self, kind: str) -> tuple[KindOfData, ...]:
        """List the ordinary, special, criminal or not_personal kinds, in the order of the registry."""
        return tuple(each for each in self.kinds if each.category.kind == kind)

    def sources_of(self, organisation: str) -> tuple[SourceStated, ...]:
        """List the sources within the council, of partners, or of open data."""
        return tuple(each for each in self.sources if each.source.organisation == organisation)

    def bases(self) -> tuple[LawfulBasis, ...]:
        """List the lawful bases that purposes rest on."""
        return tuple({stated.basis.name: stated.basis for stated in self.purposes}.values())

    def conditions(self, kind: Literal["special", "criminal"]) -> tuple[Condition, ...]:
        """List the conditions of Art 9 or Art 10 that purposes rest on."""
        found = [stated.special if kind == "special" else stated.criminal for stated in self.purposes]
        return tuple({each.name: each for each in found if each is not None}.values())

    def articles(self) -> frozenset[str]:
        """Name the letters of UK GDPR Art 6(1) in use: {'c', 'e'}."""
        return frozenset(letter for basis in self.bases() if (letter := article_6(basis)))

    def datasets(self) -> Iterator[tuple[SourceStated, Dataset]]:
        """Yield every dataset with its source."""
        for stated in self.sources:
            for dataset in stated.source.datasets.values():
                yield stated, dataset


def article_6(basis: LawfulBasis) -> str | None:
    """Give the letter of UK GDPR Art 6(1) that a basis is, if it says so."""
    found = _ARTICLE_6.search(basis.article)
    return found[1] if found else None


def notice_content(registry: Registry) -> NoticeContent:
    """Work out what the notice states.

    Raises: RegistryError when a declaration refers to another that is missing: half a statement is no notice.
    """
    return NoticeContent(
        controller=registry.controller,
        officer=registry.data_protection_officer,
        kinds=tuple(_kinds(registry)),
        purposes=tuple(_purpose(registry, purpose) for purpose in registry.purpose.values()),
        sources=tuple(_source(registry, source) for source in registry.source.values()),
        recipients=tuple(_recipient(registry, recipient) for recipient in registry.recipient.values()),
        retention=tuple(line for source in registry.source.values() for line in _retention(registry, source)),
    )


def categories_of(dataset: Dataset) -> tuple[str, ...]:
    """Name the categories that a dataset holds: its floor's and its columns'."""
    floor = [dataset.floor] if dataset.floor else []
    return tuple(dict.fromkeys([*floor, *(column.category for column in dataset.columns.values())]))


def shown_name(source: Source) -> str:
    """Give the name by which the notice calls a source."""
    return source.notice or source.title


def _kinds(registry: Registry) -> Iterator[KindOfData]:
    holding = [(dataset.full_name, categories_of(dataset)) for dataset in registry.datasets()]
    for name, category in registry.category.items():
        yield KindOfData(
            category=category,
            datasets=tuple(dataset for dataset, names in holding if name in names),
            purposes=tuple(key for key, purpose in registry.purpose.items() if name in purpose.categories),
        )


def _purpose(registry: Registry, purpose: Purpose) -> PurposeStated:
    where = f"purpose.{purpose.name}"
    special, criminal = purpose.special_category_condition, purpose.criminal_offence_condition
    return PurposeStated(
        purpose,
        _look_up(registry.lawful_basis, purpose.lawful_basis, where, "lawful basis"),
        _look_up(registry.condition, special, where, "condition") if special else None,
        _look_up(registry.condition, criminal, where, "condition") if criminal else None,
    )


def _source(registry: Registry, source: Source) -> SourceStated:
    agreement = _look_up(registry.agreement, source.agreement, f"source.{source.name}", "agreement")
    return SourceStated(source, shown_name(source), agreement)


def _recipient(registry: Registry, recipient: Recipient) -> RecipientStated:
    where = f"recipient.{recipient.name}"
    return RecipientStated(
        recipient,
        _look_up(registry.agreement, recipient.agreement, where, "agreement"),
        tuple(_look_up(registry.purpose, name, where, "purpose") for name in recipient.purposes),
        tuple(_look_up(registry.category, name, where, "category") for name in recipient.may_receive),
    )


def _retention(registry: Registry, source: Source) -> Iterator[RetentionStated]:
    """Give the rules of a source's records; published data about places has no person to forget."""
    personal = [dataset for dataset in source.datasets.values() if not dataset.open]
    if source.organisation == "open" and not personal:
        return
    groups: dict[str, list[Dataset]] = {}
    for dataset in personal:
        groups.setdefault(dataset.retention or source.retention, []).append(dataset)
    for name, datasets in (groups or {source.retention: []}).items():
        rule = _look_up(registry.retention, name, f"source.{source.name}", "retention rule")
        yield RetentionStated(shown_name(source), tuple(datasets), rule, whole_source=len(groups) < 2)


def _look_up(table: Mapping[str, _Found], name: str, where: str, what: str) -> _Found:
    if name not in table:
        raise RegistryError(
            f"The {what} '{name}' is not declared, so the notice can't state it.",
            where=where,
            why="A notice that leaves something out is untrue.",
            todo="Run 'almoner check' and mend what it finds.",
        )
    return table[name]
