"""What it would cost to answer, and whether that is above the limit of FOI s12.

Source: Freedom of Information Act 2000 s12; Freedom of Information and Data Protection (Appropriate Limit and Fees)
Regulations 2004, reg 3 (limits), 4(3) (what counts), 4(4) (the rate), 5 (requests taken together).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from almoner.kernel.errors import RequestRefused, UsageError
from almoner.requests.clocks.calendars import Calendar
from almoner.requests.clocks.deadlines import deadline
from almoner.requests.clocks.history import History

RATE_POUNDS = 25
LIMIT_POUNDS = {"council": 450, "central_government": 600}
ACTIVITIES = ("determine", "locate", "retrieve", "extract")
"""All that may be counted: not reading, redacting or deciding."""
AGGREGATION = "foi_aggregation"


@dataclass(frozen=True)
class Estimate:
    """Hours for each activity, and how many hours requests taken together with this one need."""

    hours: tuple[tuple[str, Decimal], ...]
    others: Decimal
    authority: str

    @property
    def total_hours(self) -> Decimal:
        """All hours."""
        return sum((each for _, each in self.hours), Decimal()) + self.others

    @property
    def pounds(self) -> Decimal:
        """What they cost."""
        return self.total_hours * RATE_POUNDS

    @property
    def limit_pounds(self) -> int:
        """The limit."""
        return LIMIT_POUNDS[self.authority]

    @property
    def is_over(self) -> bool:
        """Say whether the request may be refused for its cost."""
        return self.pounds > self.limit_pounds

    def words(self) -> str:
        """Say how it was reckoned."""
        parts = [f"{hours:g} hours to {name}" for name, hours in self.hours if hours]
        if self.others:
            parts.append(f"{self.others:g} hours for requests taken together with it")
        over = "above" if self.is_over else "within"
        return (
            f"{'; '.join(parts)}: {self.total_hours:g} hours at £{RATE_POUNDS} an hour are £{self.pounds:,.2f}, "
            f"{over} the limit of £{self.limit_pounds}."
        )


def estimate(hours: dict[str, Decimal], others: Decimal, authority: str) -> Estimate:
    """Make an estimate. Raises: UsageError for hours that can't be."""
    unknown = sorted(set(hours) - set(ACTIVITIES))
    if unknown or any(not each.is_finite() or not 0 <= each <= 10_000 for each in hours.values()):
        raise UsageError("These hours can't be counted.", todo=f"Give hours to {', '.join(ACTIVITIES)}.")
    if not sum(hours.values()):
        raise UsageError("An estimate needs hours.", todo=f"Give hours to {', '.join(ACTIVITIES)}.")
    return Estimate(tuple((name, hours.get(name, Decimal())) for name in ACTIVITIES), others, authority)


def check_taken_together(received: Sequence[dt.date], calendar: Calendar) -> None:
    """Refuse to take requests together that did not come within 60 consecutive working days.

    Raises: RequestRefused.
    """
    last = deadline(AGGREGATION, History(min(received)), calendar).due_on
    if last is not None and max(received) > last:
        raise RequestRefused(
            "These requests can't be taken together.",
            why=f"They have to come within 60 consecutive working days: the last by {last.day} {last:%B %Y}.",
            todo="Leave the later or the earlier ones out.",
        )
