"""What may be seen of a draft: cells, with the words that have to travel with them. Made only here, from said to shown.

No exact count that is not to be published may ever be in one of these. Rates are made from the counts as they are
published, so that neither gives the exact one away.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from almoner.methods import rates
from almoner.methods.cells import MEANINGS, Cell, Marker
from almoner.methods.disclosure.partitions import WHOLE
from almoner.methods.disclosure.rounding import round_to
from almoner.registry.releasing import ReleaseRules
from almoner.release.draft import CountColumn, Draft, DraftTable, GivenColumn, LabelColumn, RateColumn, Said, SumColumn

UNRELEASED = "UNRELEASED DRAFT"
RELEASED = "RELEASED"
EVERYTHING = "All"
_ABSENT_REASONS = {Marker.NOT_AVAILABLE: "no figure was given", Marker.NOT_APPLICABLE: "there can be no figure"}


@dataclass(frozen=True)
class Shown:
    """A column as people see it: words, or cells with so many decimals."""

    name: str
    title: str
    words: tuple[str, ...] = ()
    cells: tuple[Cell, ...] = ()
    decimals: int = 0

    @property
    def is_label(self) -> bool:
        """Say whether the column holds words."""
        return not self.cells

    def text(self, row: int) -> str:
        """Give a row's entry as people read it."""
        return self.words[row] if self.is_label else self.cells[row].text(self.decimals)


@dataclass(frozen=True)
class ShownTable:
    """A table as people see it."""

    name: str
    title: str
    columns: tuple[Shown, ...]
    notes: tuple[str, ...] = ()

    def __len__(self) -> int:
        return max((len(each.words) + len(each.cells) for each in self.columns), default=0)

    def markers(self) -> list[Marker]:
        """List the signs that stand in the table, in the order of their meanings."""
        used = {cell.marker for column in self.columns for cell in column.cells}
        return [marker for marker in MEANINGS if marker in used]


@dataclass(frozen=True)
class Publication:
    """A release as people see it."""

    id: str
    status: str
    title: str
    description: str
    publisher: str
    place: str
    brand_colour: str
    released_on: str
    as_of: str
    purpose: str
    recipient: str
    agreement: str
    licence: str
    contact: str
    source: str
    protection: str
    notes: tuple[str, ...]
    tables: tuple[ShownTable, ...]

    def markers(self) -> list[Marker]:
        """List the signs that stand in any table."""
        used = {marker for table in self.tables for marker in table.markers()}
        return [marker for marker in MEANINGS if marker in used]

    def facts(self) -> list[tuple[str, str]]:
        """List what has to be known of the release: heading and words."""
        listed = [
            ("Status", self.status), ("Published by", self.publisher), ("Released on", self.released_on),
            ("Figures as of", self.as_of), ("Purpose", self.purpose), ("Recipient", self.recipient),
            ("Agreement", self.agreement), ("Licence", self.licence), ("Source", self.source),
            ("Contact", self.contact), ("Reference", self.id),
        ]  # fmt: skip
        return [(heading, words) for heading, words in listed if words]


def protection_words(rules: ReleaseRules, draft: Draft) -> str:
    """Say how people were protected, as it is said to readers."""
    if draft.extract is not None:
        least = max(rules.k_anonymity, rules.largest_small + 1)
        return (
            f"Nothing here names anybody. Every combination of what may be known of people elsewhere is shared by at"
            f" least {least} records, which have at least {rules.l_diversity} different values of what is sensitive."
            f" Nobody may try to find out who somebody is, or join these records with others."
        )
    words = (
        f"Counts from 1 to {rules.largest_small} are withheld, and so is what would give one away, alone or with"
        f" figures that were published before. Unless a column says that it is exact, other counts are rounded to the"
        f" nearest {rules.rounding_base}, so that parts may not add up to their total. Percentages, rates and intervals"
        f" are made from the published counts. A sign is never a zero; zero is written 0."
    )
    if any(table.sums() for table in draft.tables):
        words += (
            f" Sums are withheld where {rules.largest_small} or fewer stand behind them, or where a few make up most of"
            f" them, and so is what would give one away. Averages are made from the published sums and counts."
        )
    return words


def shown_tables(draft: Draft, base: int) -> tuple[ShownTable, ...]:
    """Make of every table of a draft what may be seen of it."""
    return tuple(_shown_table(table, base) for table in draft.tables if table.shown)


def _shown_table(table: DraftTable, base: int) -> ShownTable:
    counts = {each.name: _cells(each, base) for each in table.counts()}
    counts |= {each.name: _cells(each, each.base) for each in table.sums()}
    columns: list[Shown] = []
    for column in table.columns:
        if isinstance(column, LabelColumn):
            columns.append(Shown(column.name, column.title, words=tuple(map(_label, column.values))))
        elif isinstance(column, CountColumn):
            exact = " (exact)" if any(said == "exact" for said in column.said) else ""
            columns.append(Shown(column.name, column.title + exact, cells=counts[column.name]))
        elif isinstance(column, SumColumn):
            columns.append(
                Shown(column.name, f"{column.title} (to the nearest {column.base:,})", cells=counts[column.name])
            )
        elif isinstance(column, GivenColumn):
            cells = tuple(_given(value) for value in column.values)
            columns.append(Shown(column.name, column.title, cells=cells, decimals=column.decimals))
        else:
            columns += _rate_columns(column, counts, alone=sum(isinstance(c, RateColumn) for c in table.columns) == 1)
    return ShownTable(table.name, table.title, tuple(columns), table.notes)


def _label(text: str) -> str:
    """Write the code for everything as a word: a sign alone would be taken for one that says why a figure lacks."""
    return EVERYTHING if text == WHOLE else text


def _cells(column: CountColumn | SumColumn, base: int) -> tuple[Cell, ...]:
    return tuple(_count_cell(exact, said, base) for exact, said in zip(column.exact, column.said, strict=True))


def _count_cell(exact: float | None, said: Said, base: int) -> Cell:
    if said == "withheld":
        return Cell.suppressed()
    if exact is None or said in ("[x]", "[z]"):
        marker = Marker.NOT_APPLICABLE if said == "[z]" else Marker.NOT_AVAILABLE
        return Cell(None, marker, _ABSENT_REASONS[marker])
    if said == "exact":
        return Cell(exact)
    rounded = float(round_to([exact], base)[0])
    return Cell(None, Marker.LOW) if rounded == 0 and exact > 0 else Cell(rounded)


def _given(value: float | str) -> Cell:
    return Cell(None, Marker(value)) if isinstance(value, str) else Cell(float(value))


def _rate_columns(column: RateColumn, counts: dict[str, tuple[Cell, ...]], *, alone: bool) -> Iterator[Shown]:
    """Make a rate and its limits; where there are several rates, the limits say whose they are."""
    above, below = counts[column.numerator], counts[column.denominator]
    cells = [_rate(column, one, other) for one, other in zip(above, below, strict=True)]
    yield Shown(column.name, column.title, cells=tuple(cells), decimals=column.decimals)
    if not column.interval:
        return
    x, n = (np.array([math.nan if c.value is None else c.value for c in side]) for side in (above, below))
    low, high = rates.wilson_interval(x, n) if column.interval == "wilson" else rates.rate_interval(x, n, column.per)
    scale = column.per if column.interval == "wilson" else 1.0
    for name, title, bound in (("lower_95", "Lower limit, 95%", low), ("upper_95", "Upper limit, 95%", high)):
        limits = tuple(
            cell if cell.value is None else _limit(float(each) * scale, column.decimals)
            for cell, each in zip(cells, bound, strict=True)
        )
        heading = title if alone else f"{column.title}: {title.lower()}"
        yield Shown(f"{column.name}_{name}", heading, cells=limits, decimals=column.decimals)


def _limit(value: float, decimals: int) -> Cell:
    return Cell.not_applicable("there is no such limit") if math.isnan(value) else Cell(round(value, decimals))


def _rate(column: RateColumn, above: Cell, below: Cell) -> Cell:
    """Give a rate from two published counts; where one is a sign, the sign that says most of why."""
    for marker in (Marker.NOT_AVAILABLE, Marker.SUPPRESSED, Marker.NOT_APPLICABLE):
        for cell in (above, below):
            if cell.marker is marker:
                return cell
    if below.value == 0:
        return Cell.not_applicable("nothing here that the figure could be about")
    if above.value is None or below.value is None:
        return Cell(None, Marker.LOW) if above.marker is Marker.LOW and below.value else Cell.suppressed()
    if column.interval == "wilson" and above.value > below.value:
        return Cell.not_available("more were counted than there are to count from")
    return Cell.rounded(above.value / below.value * column.per, column.decimals)


def as_draft(publication: Publication) -> Publication:
    """Mark a publication as something that is not out."""
    return replace(publication, status=UNRELEASED, released_on="")
