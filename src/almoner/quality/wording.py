"""What is expected, said in words that a supplier can act on. Names of columns are the supplier's own."""

from __future__ import annotations

from almoner.registry.datasets import Dataset
from almoner.registry.expectations import Bound, Condition, Expectation


def rule_words(dataset: Dataset, expectation: Expectation) -> str:
    """Say what is expected, with the names that the supplier's columns have."""
    words = _words(dataset, expectation)
    chosen = " and ".join(_condition(dataset, condition) for condition in expectation.where)
    return f"{words}, where {chosen}" if chosen else words


def _words(dataset: Dataset, expectation: Expectation) -> str:  # noqa: PLR0911 -- one line for each kind
    name = lambda column: f"“{column_name(dataset, column)}”"  # noqa: E731
    if expectation.complete is not None:
        return f"{name(expectation.complete)} is filled in"
    if expectation.understood is not None:
        return f"{name(expectation.understood)} can be read"
    if expectation.unique is not None:
        return f"no two rows have the same {' and '.join(map(name, expectation.unique))}"
    if (between := expectation.between) is not None:
        low, high = (_bound(bound) for bound in (between.lowest, between.highest))
        if low and high:
            return f"{name(between.column)} lies from {low} to {high}"
        return f"{name(between.column)} is {f'not below {low}' if low else f'not above {high}'}"
    if expectation.in_order is not None:
        first, then = map(name, expectation.in_order)
        return f"{first} is not after {then}"
    if (sums := expectation.adds_up) is not None:
        return f"{' + '.join(map(name, sums.parts))} = {name(sums.total)}"
    if (refers := expectation.refers) is not None:
        return f"{name(refers.column)} is in {refers.dataset}"
    if expectation.agrees is not None:
        return f"another source says the same {expectation.agrees.replace('_', ' ')} (agreement, not truth)"
    if expectation.accepted is not None:
        return "rows can be taken in"
    if expectation.row_change is not None:
        return f"the number of rows changes by no more than {expectation.row_change:g}%"
    return f"it comes within {expectation.within_days} days of the end of the period"


def _bound(bound: Bound | None) -> str:
    if bound is None:
        return ""
    return "the day that the delivery describes" if bound == "as_of" else str(bound)


def column_name(dataset: Dataset, name: str) -> str:
    """Give the supplier's own name of a column; of one that is no more, the name it had here."""
    column = dataset.columns.get(name)
    return column.source_name if column is not None else name


def _condition(dataset: Dataset, condition: Condition) -> str:
    name = f"“{column_name(dataset, condition.column)}”"
    parts = []
    if condition.values:
        parts.append(f"{name} is {' or '.join(condition.values)}")
    if condition.not_values:
        parts.append(f"{name} is not {' or '.join(condition.not_values)}")
    if condition.filled is not None:
        parts.append(f"{name} is {'filled in' if condition.filled else 'empty'}")
    return " and ".join(parts)
