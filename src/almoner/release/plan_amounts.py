"""Reads the sums and averages of a planned table. The largest contributions are read to be judged, never shown."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence

from almoner.kernel.errors import UsageError
from almoner.release.draft import ABSENT, Column, RateColumn, Said, SumColumn
from almoner.release.plan_words import SumPlan, TablePlan
from almoner.release.populations import Population

_AMOUNT = re.compile(r"[0-9]+(\.[0-9]{1,2})?")


def sum_column(
    column: str, plan: SumPlan, population: Population, columns: Mapping[str, Sequence[str]],
    codes: Mapping[str, tuple[str, ...]], file: str,
) -> SumColumn:  # fmt: skip
    """Read a column of sums.

    Raises: UsageError for what is no amount, or contributions that are more than the sum.
    """
    exact: list[float | None] = []
    said: list[Said] = []
    largest: list[tuple[float, ...]] = []
    for row, text in enumerate(columns[column]):
        absent = next((sign for sign in ABSENT if sign == text), None)
        total = None if absent else _amount(text, file, row, column)
        given = () if absent else tuple(_amount(columns[name][row], file, row, name) for name in plan.largest)
        if total is not None and (math.fsum(given) > total + 0.005 or list(given) != sorted(given, reverse=True)):
            raise UsageError(
                f"Line {row + 2}: the largest contributions are more than the sum, or not in their order.",
                where=file, todo="Give them as they are, the largest first, 0 where there are fewer.",
            )  # fmt: skip
        exact.append(total)
        said.append(absent or "rounded")
        largest.append(given)
    return SumColumn(
        column, plan.title, population.ledger, codes, tuple(exact), tuple(said), plan.contributors, tuple(largest),
        plan.base,
    )  # fmt: skip


def averages(name: str, plan: TablePlan, columns: set[str]) -> Iterator[Column]:
    """Read the averages: each of a sum and a count that stand in the table. Raises: UsageError."""
    for average, each in plan.averages.items():
        if average in columns or average in plan.rates:
            raise UsageError(f"'{average}' is a column already.", where=f"table {name}", todo="Give it another name.")
        if each.sum not in plan.sums or each.count not in plan.counts:
            raise UsageError(
                f"The average '{average}' is not made of a column of sums and one of counts.", where=f"table {name}",
                why="It tells of both, so both have to be stated and checked.",
                todo="Declare them under sums and counts of this table.",
            )  # fmt: skip
        yield RateColumn(average, each.title, each.sum, each.count, 1.0, each.decimals)


def refuse_uncounted(name: str, plan: TablePlan) -> None:
    """Refuse sums of which nobody says how many contribute. Raises: UsageError."""
    for column, each in plan.sums.items():
        if each.contributors not in plan.counts:
            raise UsageError(
                f"'{each.contributors}' is no column of counts, so nobody can tell who stands behind '{column}'.",
                where=f"table {name}", todo="Declare the column of contributors under counts of this table.",
            )  # fmt: skip


def _amount(text: str, file: str, row: int, column: str) -> float:
    if not (text.isascii() and _AMOUNT.fullmatch(text)):
        raise UsageError(
            f"Line {row + 2}, column '{column}' is no amount.", where=file,
            why="What is left out or below zero can't be checked.",
            todo="Write digits, with at most two decimals; [x] or [z] in the column of sums where there is none.",
        )  # fmt: skip
    return float(text)
