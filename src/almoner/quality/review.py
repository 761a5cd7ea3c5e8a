"""The review: of every source and dataset, by dimension, field and expectation, what was measured and how it stands.

Four answers are never one another: a figure, withheld, not measured (with the reason), not applicable. Counts are
added up; shares are never averaged.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from almoner.methods.cells import Cell
from almoner.quality.arrivals import (
    COPIES,
    DELIVERY,
    Arrival,
    Kept,
    can_be_wrong,
    complete,
    essential,
    measure_of,
    understood,
)
from almoner.quality.change import Series, count_cell, current, met_percent, series_of
from almoner.quality.timeliness import Punctuality, punctuality
from almoner.registry.datasets import Dataset
from almoner.registry.expectations import DIMENSIONS, ROW_KINDS, Dimension, Expectation, Severity
from almoner.registry.registry import Registry

Stand = Literal["met", "not met", "not measured", "not applicable"]

_DIMENSION_OF: Mapping[str, Dimension] = {
    "complete": "completeness", "understood": "validity", "unique": "uniqueness", "between": "validity",
    "in_order": "consistency", "adds_up": "consistency", "refers": "consistency", "agrees": "accuracy",
    "accepted": "validity", "row_change": "consistency", "within_days": "timeliness",
}  # fmt: skip
SEVERITIES: tuple[Severity, ...] = ("high", "medium", "low")
NEVER = "nothing has ever been received"
NOT_DECLARED = "nothing is declared by which it could be judged"


@dataclass(frozen=True)
class Outcome:
    """How one expectation stands at the newest delivery."""

    dataset: Dataset
    expectation: Expectation
    dimension: Dimension
    owner: str
    stand: Stand
    missed: Cell
    met_percent: Cell
    reason: str = ""
    series: Series | None = None
    delivery: str = ""


@dataclass(frozen=True)
class FieldQuality:
    """A column at the newest delivery: the per cent with a value that can be used, and of those given, understood."""

    name: str
    title: str
    complete: Cell
    understood: Cell
    completeness: Series | None = None
    validity: Series | None = None
    essential: bool = False
    """Whether it is declared to be filled in."""


@dataclass(frozen=True)
class Score:
    """A dimension of a dataset or source: of so many things tested, so many missed it."""

    dimension: Dimension
    met_percent: Cell
    missed: int
    tested: int
    expectations_missed: int = 0
    expectations: int = 0


@dataclass(frozen=True)
class DatasetQuality:
    """A dataset: its deliveries, its fields, what is expected of it."""

    dataset: Dataset
    source_title: str
    owner: str
    scores: tuple[Score, ...]
    fields: tuple[FieldQuality, ...]
    outcomes: tuple[Outcome, ...]
    punctuality: Punctuality
    arrivals: tuple[Arrival, ...] = ()
    rows: Series | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Review:
    """Everything, at a day."""

    today: dt.date
    place: str
    service: str
    datasets: tuple[DatasetQuality, ...]
    small: int = 4
    title: str = "Data quality"

    def of_source(self, source: str) -> Review:
        """Give the part that is about one source, and nothing of another."""
        mine = tuple(each for each in self.datasets if each.dataset.source == source)
        return Review(self.today, self.place, self.service, mine, self.small, self.title)

    def issues(self) -> list[Outcome]:
        """List the expectations that are not met, the most severe first, then by owner."""
        found = [each for one in self.datasets for each in one.outcomes if each.stand == "not met"]
        rank = {name: place for place, name in enumerate(SEVERITIES)}
        return sorted(found, key=lambda e: (rank[e.expectation.severity], e.owner, e.dataset.full_name))


@dataclass
class Measured:
    """What was measured, and why the rest was not.

    figures: of all deliveries; unmeasured: (dataset, expectation name) → reason.
    """

    figures: Sequence[Kept] = ()
    unmeasured: Mapping[tuple[str, str], str] = field(default_factory=dict)

    def of(self, dataset: str, measure: str) -> list[Kept]:
        """List the figures of one measure."""
        return [each for each in self.figures if each.dataset == dataset and each.measure == measure]


def make_review(
    registry: Registry, arrivals: Sequence[Arrival], measured: Measured, today: dt.date, *, small: int | None = None
) -> Review:
    """Put together what was measured. In: small: the largest count withheld; None takes the rule for releases."""
    rule = registry.release.largest_small if small is None else small
    by_dataset: dict[str, list[Arrival]] = {}
    for arrival in arrivals:
        by_dataset.setdefault(arrival.dataset, []).append(arrival)
    grouped = _grouped(measured)
    made = tuple(
        _dataset(registry, dataset, by_dataset.get(dataset.full_name, []), grouped, measured.unmeasured, today, rule)
        for dataset in registry.datasets()
    )
    return Review(today, registry.controller.place, registry.controller.service, made, rule)


Grouped = Mapping[tuple[str, str], list[Kept]]


def _grouped(measured: Measured) -> Grouped:
    found: dict[tuple[str, str], list[Kept]] = {}
    for each in measured.figures:
        found.setdefault((each.dataset, each.measure), []).append(each)
    return found


def _dataset(
    registry: Registry, dataset: Dataset, arrivals: Sequence[Arrival], figures: Grouped,
    unmeasured: Mapping[tuple[str, str], str], today: dt.date, rule: int,
) -> DatasetQuality:  # fmt: skip
    small = None if dataset.open or not rule else rule
    source = registry.source_of(dataset)
    when = punctuality(dataset, arrivals, today)
    newest = _newest(arrivals)
    published = frozenset(each.full_name for each in registry.datasets() if each.open)
    maker = _Maker(dataset, source.owner, figures, unmeasured, when, newest, small, published)
    outcomes = tuple(maker.outcome(each) for each in dataset.expectations.values())
    fields = tuple(maker.field(name) for name in dataset.columns)
    return DatasetQuality(
        dataset, source.title, source.owner, maker.scores(outcomes), fields, outcomes, when, tuple(arrivals),
        maker.series(DELIVERY), tuple(maker.notes()),
    )  # fmt: skip


def _newest(arrivals: Iterable[Arrival]) -> Arrival | None:
    present = [each for each in arrivals if not each.replaced]
    return max(present, key=lambda each: (each.as_of, each.sent_on or each.as_of, each.number), default=None)


@dataclass(frozen=True)
class _Maker:
    """What is needed to judge one dataset."""

    dataset: Dataset
    owner: str
    figures: Grouped
    unmeasured: Mapping[tuple[str, str], str]
    when: Punctuality
    newest: Arrival | None
    small: int | None
    published: frozenset[str] = frozenset()
    """Open datasets: what they say is from outside."""

    def kept(self, measure: str) -> list[Kept]:
        return self.figures.get((self.dataset.full_name, measure), [])

    def series(self, measure: str) -> Series | None:
        found = self.kept(measure)
        return series_of(found, self.small) if found else None

    def at_newest(self, measure: str) -> Kept | None:
        """Give the figure of the newest delivery; None where it was not measured."""
        number = self.newest.number if self.newest is not None else None
        return next((each for each in self.kept(measure) if each.number == number), None)

    def why_not(self, name: str = "") -> str:
        if self.newest is None:
            return NEVER
        told = self.unmeasured.get((self.dataset.full_name, name)) or self.unmeasured.get((self.dataset.full_name, ""))
        return told or "the delivery landed before quality was measured"

    def cell(self, measure: str) -> Cell:
        figure = self.at_newest(measure)
        return Cell.not_available(self.why_not()) if figure is None else met_percent(
            figure.missed, figure.tested, self.small
        )  # fmt: skip

    def field(self, name: str) -> FieldQuality:
        column = self.dataset.columns[name]
        valid = self.cell(understood(name)) if can_be_wrong(self.dataset, name) else Cell.not_applicable(
            "any text is a value here"
        )  # fmt: skip
        return FieldQuality(
            name, column.title or name.replace("_", " "), self.cell(complete(name)), valid,
            self.series(complete(name)), self.series(understood(name)), name in essential(self.dataset),
        )  # fmt: skip

    def notes(self) -> Iterable[str]:
        if self.newest is None:
            yield f"{NEVER}."
        elif self.newest.rows_in == 0:
            yield f"The newest delivery ({self.newest.delivery}) is empty."
        elif self.newest.quarantined >= self.newest.rows_in:
            yield f"Every row of the newest delivery ({self.newest.delivery}) is in quarantine."
        if not self.dataset.expectations and not self.dataset.open:
            yield "Nothing is declared to be expected of this dataset."

    # ── one expectation ──────────────────────────────────────────────────────────────────────────────────────

    def outcome(self, expectation: Expectation) -> Outcome:
        dimension = dimension_of(expectation, self.published)
        owner = expectation.owner or self.owner
        if expectation.within_days is not None:
            return self._arrival_outcome(expectation, owner)
        if expectation.row_change is not None:
            return self._change_outcome(expectation, owner)
        measure = measure_of(expectation)
        figure = self.at_newest(measure)
        if figure is None:
            cell = Cell.not_available(self.why_not(expectation.name))
            return Outcome(self.dataset, expectation, dimension, owner, "not measured", cell, cell, cell.reason,
                           self.series(measure))  # fmt: skip
        percent = met_percent(figure.missed, figure.tested, self.small)
        missed = count_cell(figure.missed, figure.tested, self.small)
        stand: Stand = "met" if figure.missed * 100 <= expectation.at_most * figure.tested else "not met"
        if not figure.tested:
            stand = "not applicable"
        return Outcome(self.dataset, expectation, dimension, owner, stand, missed, percent, percent.reason,
                       self.series(measure), figure.delivery)  # fmt: skip

    def _arrival_outcome(self, expectation: Expectation, owner: str) -> Outcome:
        judged = self.when.judged
        if not judged:
            reason = self.when.reason or "no delivery has been due yet"
            cell = Cell.not_available(reason) if self.newest is None else Cell.not_applicable(reason)
            stand: Stand = "not met" if self.newest is None else "not applicable"
            return Outcome(self.dataset, expectation, "timeliness", owner, stand, cell, cell, reason)
        last, percent = judged[-1], Cell(100 * (len(judged) - self.when.missed) / len(judged))
        stand = "met" if last.state == "on time" else "not met"
        told = f"{last.ends_on}: {last.state}" + (f", {last.late} days" if last.late else "")
        return Outcome(self.dataset, expectation, "timeliness", owner, stand, Cell(float(self.when.missed)), percent,
                       told, None, str(last.ends_on))  # fmt: skip

    def _change_outcome(self, expectation: Expectation, owner: str) -> Outcome:
        """Compare the rows of the newest delivery with those of the one before."""
        rows = current(self.kept(DELIVERY))
        if len(rows) < 2 or not rows[-2].tested:
            reason = NEVER if not rows else "there is no earlier delivery with rows to compare with"
            cell = Cell.not_applicable(reason)
            stand: Stand = "not measured" if not rows else "not applicable"
            return Outcome(self.dataset, expectation, "consistency", owner, stand, cell, cell, reason)
        change = 100 * (rows[-1].tested - rows[-2].tested) / rows[-2].tested
        stand = "met" if abs(change) <= (expectation.row_change or 0) else "not met"
        told = f"{rows[-1].tested:,} rows after {rows[-2].tested:,}: {change:+.1f}%"
        return Outcome(self.dataset, expectation, "consistency", owner, stand, Cell.not_applicable("a delivery has it"),
                       Cell.not_applicable("a delivery has it"), told, None, rows[-1].delivery)  # fmt: skip

    # ── the dimensions ───────────────────────────────────────────────────────────────────────────────────────

    def scores(self, outcomes: Sequence[Outcome]) -> tuple[Score, ...]:
        return tuple(self._score(dimension, outcomes) for dimension in DIMENSIONS)

    def _score(self, dimension: Dimension, outcomes: Sequence[Outcome]) -> Score:
        mine = [each for each in outcomes if each.dimension == dimension]
        judged = [each for each in mine if each.stand in ("met", "not met")]
        missed, tested, told = self._added(dimension, mine)
        if self.newest is None and dimension != "timeliness":
            cell = Cell.not_available(NEVER)
        elif dimension == "timeliness":
            cell = self._on_time()
        elif tested is None:
            cell = self._why_none(mine, judged)
        else:
            cell = met_percent(missed, tested, self.small) if told else Cell.suppressed()
        bad = sum(each.stand == "not met" for each in judged)
        return Score(dimension, cell, missed, tested or 0, bad, len(judged))

    def _why_none(self, mine: Sequence[Outcome], judged: Sequence[Outcome]) -> Cell:
        """Say why a dimension has no share: judged by whole deliveries, refused, or nothing is declared."""
        if judged:
            return Cell.not_applicable("judged by whole deliveries, see the expectations")
        reasons = {each.reason for each in mine if each.stand == "not measured"}
        return Cell.not_available("; ".join(sorted(reasons)) or NOT_DECLARED)

    def _on_time(self) -> Cell:
        judged = self.when.judged
        if judged:
            return Cell(100 * (len(judged) - self.when.missed) / len(judged))
        if self.when.reason and self.newest is not None:
            return Cell.not_applicable(self.when.reason)
        return Cell.not_available(self.when.reason or "no day is agreed by which a delivery is due")

    def _added(self, dimension: Dimension, outcomes: Sequence[Outcome]) -> tuple[int, int | None, bool]:
        """Add up what was missed and tested; None where nothing was. Last: whether the sum gives no part away."""
        measures = {measure_of(e.expectation) for e in outcomes if e.expectation.kind in (*ROW_KINDS, "agrees")}
        if dimension == "completeness":
            measures |= {complete(name) for name in essential(self.dataset)}
        elif dimension == "validity":
            measures |= {understood(name) for name in self.dataset.columns}
        elif dimension == "uniqueness":
            measures.add(COPIES)
        found = [figure for figure in map(self.at_newest, sorted(measures)) if figure is not None]
        if not found:
            return 0, None, True
        return sum(each.missed for each in found), sum(each.tested for each in found), self._hides_parts(found)

    def _hides_parts(self, figures: Sequence[Kept]) -> bool:
        """Say whether the parts that are withheld can't be had from the sum by subtraction: not one, nor few rows."""
        shown = [(each, met_percent(each.missed, each.tested, self.small)) for each in figures if each.tested]
        withheld = [each.missed for each, percent in shown if percent.value is None]
        return not withheld or (len(withheld) > 1 and sum(withheld) > (self.small or 0))


def dimension_of(expectation: Expectation, published: frozenset[str]) -> Dimension:
    """Give the dimension of an expectation. Open data is an outside reference, so to stand in it is accuracy."""
    refers = expectation.refers
    return "accuracy" if refers is not None and refers.dataset in published else _DIMENSION_OF[expectation.kind]
