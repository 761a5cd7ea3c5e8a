"""What is asked of the facts, as rows of a table: so that one scan of a kind of fact answers every question about it.

A row of a fact meets each question that it fits at most once: names and details of one question are distinct, and so
are its spans.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from almoner.counting.plans import content_name, date_literal, literal
from almoner.counting.spans import BEGINNING, Span
from almoner.kernel.errors import RegistryError
from almoner.kernel.steps import Step
from almoner.registry.measures import Count, Cut

WHOLE, UNKNOWN = "*", "unknown"
"""The code of a figure that is not cut, and of whoever has none of a cut's codes."""

_ASKED_COLUMNS = (
    "ask", "alike", "set_no", "name", "detail", "youngest", "oldest", "dated", "measured", "by_household", "cut",
)  # fmt: skip


@dataclass(frozen=True)
class Ask:
    """One question: what to count, for which spans, and by which breakdown."""

    count: Count
    spans: tuple[Span, ...]
    cut: Cut | None = None

    @cached_property
    def key(self) -> str:
        """Give a text that two questions share if they are the same."""
        spans = ";".join(f"{span.name}:{span.starts_on}:{span.ends_on}" for span in self.spans)
        return f"{self.count.model_dump_json()}|{spans}|{self.cut.name if self.cut else ''}"

    @property
    def by_household(self) -> bool:
        """Say whether households are counted."""
        return self.count.count == "households" or self.count.fact == "households"

    @property
    def by_person(self) -> bool:
        """Say whether people are counted."""
        return not self.by_household and (self.count.count == "persons" or self.count.fact == "residents")

    @property
    def measured(self) -> bool:
        """Say whether amounts are added up."""
        return self.count.count in ("sum", "mean")

    @property
    def dated(self) -> bool:
        """Say whether a row without a date can't be counted."""
        return self.count.fact in ("event", "attribute") and any(span.bounded for span in self.spans)

    @property
    def needs_resident(self) -> bool:
        """Say whether it takes knowing where somebody lives, or who they are."""
        return (
            self.count.fact != "event" or self.count.ages is not None or self.by_household or self.cut is not None
        )  # fmt: skip

    def check(self) -> None:
        """Refuse what has no answer. Raises: RegistryError."""
        if self.measured and self.count.fact not in ("event", "attribute"):
            raise RegistryError(
                f"An indicator asks for the {self.count.count} of {self.count.fact}, which have no amount.",
                why="Only events (quantity) and attributes (value) carry numbers.",
                todo='Use count = "persons", "rows" or "households".',
            )


def ages_of(count: Count) -> tuple[int, int] | None:
    """Give the youngest and the oldest who count."""
    if count.ages is None:
        return None
    youngest, oldest = count.ages.split("-")
    return int(youngest), int(oldest)


def asked_step(asks: Sequence[tuple[int, Ask]]) -> Step:
    """Write questions as rows: ask, name and detail that fit, ages, and the numbers of their spans.

    Out: one row per ask, span, name and detail; ends_from is the day from which something lasting must still last.
        alike: the same for all whom the same rows of a fact answer, be they of other ages or cuts.
    """
    rows: list[str] = []
    alike: dict[tuple[object, ...], int] = {}
    spans: dict[tuple[Span, ...], int] = {}
    for number, ask in asks:
        known = spans.setdefault(ask.spans, len(spans))
        count = ask.count
        same = alike.setdefault((count.names, count.details, known, count.open_only), len(alike))
        for name in count.names or (None,):
            for detail in count.details or (None,):
                rows.append(_select((number, same, known), ask, name, detail))
    sql = "\nUNION ALL\n".join(rows)
    times = "\nUNION ALL\n".join(
        f"SELECT {number} AS set_no, {literal(span.name)} AS span, {date_literal(span.starts_on)} AS starts_on,"
        f" {date_literal(span.ends_on)} AS ends_on, {date_literal(span.ends_on + dt.timedelta(days=1))} AS after_on"
        for listed, number in spans.items()
        for span in listed
    )
    shown = ", ".join(f"q.{column}" for column in _ASKED_COLUMNS if column != "set_no")
    whole = (
        f"SELECT {shown}, q.open_only, s.span, s.starts_on, s.ends_on,"
        f" CASE WHEN q.open_only THEN s.after_on ELSE s.starts_on END AS ends_from\n"
        f"FROM (\n{sql}\n) AS q JOIN (\n{times}\n) AS s ON s.set_no = q.set_no"
    )
    columns = (*(c for c in _ASKED_COLUMNS if c != "set_no"), "open_only", "span", "starts_on", "ends_on", "ends_from")
    return Step(content_name("asked", whole), "what is asked, one row per name, detail and span", whole, columns, True)


def _select(numbers: tuple[int, int, int], ask: Ask, name: str | None, detail: str | None) -> str:
    ages, (number, same, known) = ages_of(ask.count), numbers
    return (
        f"SELECT {number} AS ask, {same} AS alike, {known} AS set_no, {_text(name)} AS name, {_text(detail)} AS detail,"
        f" {_number(ages and ages[0])} AS youngest, {_number(ages and ages[1])} AS oldest,"
        f" {_truth(ask.dated)} AS dated, {_truth(ask.measured)} AS measured,"
        f" {_truth(ask.by_household)} AS by_household, {literal(ask.cut.name if ask.cut else WHOLE)} AS cut,"
        f" {_truth(ask.count.open_only)} AS open_only"
    )


def _text(value: str | None) -> str:
    return "CAST(NULL AS VARCHAR)" if value is None else literal(value)


def _number(value: int | None) -> str:
    return "CAST(NULL AS INTEGER)" if value is None else str(value)


def _truth(value: bool) -> str:
    return "TRUE" if value else "FALSE"


def beginning_literal() -> str:
    """Write the day before which nothing is."""
    return date_literal(BEGINNING)
