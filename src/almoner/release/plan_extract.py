"""Reads the records that a plan wants to leave one by one, and states what they tell of their population.

Whoever has an extract of a whole population can count it: the size of every class of people who are alike in what is
known of them is as good as published. That table is kept beside the records, for the ledger, and never shown.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

from almoner.kernel.errors import UsageError
from almoner.release.codes import AREA, MOMENT, PERIOD
from almoner.release.delimited import read_columns, same_columns
from almoner.release.draft import CountColumn, DraftTable, Extract, LabelColumn, Said
from almoner.release.plan_words import ExtractPlan, KnownPlan, SecretPlan
from almoner.release.populations import Population

NAME = "records"
STATED = "records_stated"


def extract_of(plan: ExtractPlan, folder: Path) -> tuple[Extract, DraftTable]:
    """Read an extract. Out: what it is, and its records in an order that says nothing.

    Raises: UsageError.
    """
    columns = read_columns(folder, plan.file)
    if twice := set(plan.quasi_identifiers) & set(plan.sensitive):
        raise UsageError(
            f"'{min(twice)}' is declared twice.", where="microdata",
            todo="Say of each column whether it is known elsewhere or sensitive.",
        )  # fmt: skip
    declared: dict[str, KnownPlan | SecretPlan] = {**plan.quasi_identifiers, **plan.sensitive}
    same_columns(plan.file, list(columns), set(declared))
    rows = sorted(zip(*(columns[name] for name in declared), strict=True))
    shown = tuple(
        LabelColumn(name, each.title, tuple(row[place] for row in rows))
        for place, (name, each) in enumerate(declared.items())
    )
    what = Extract(
        NAME, plan.covers, tuple(plan.quasi_identifiers), tuple(plan.sensitive),
        tuple(each.category for each in declared.values()),
    )  # fmt: skip
    covers = "Every record of the population." if plan.covers == "population" else "A sample of the records."
    notes = (f"One row to a record, sorted by its columns. {covers}", *plan.notes)
    return what, DraftTable(NAME, plan.title, shown, notes)


def stated_classes(plan: ExtractPlan, records: DraftTable, population: Population) -> DraftTable:
    """State how many records there are of each combination of what is known elsewhere."""
    columns = {each.name: each.values for each in records.columns if isinstance(each, LabelColumn)}
    coded = {_dimension(name, each): _codes(name, each, columns[name]) for name, each in plan.quasi_identifiers.items()}
    if len(coded) < len(plan.quasi_identifiers):
        raise UsageError("Two columns are of one dimension.", where="microdata", todo="Take one of them out.")
    classes = Counter(zip(*coded.values(), strict=True))
    listed = sorted(classes)
    codes = {name: tuple(key[place] for key in listed) for place, name in enumerate(coded)}
    codes[PERIOD if population.time == "period" else MOMENT] = (plan.time,) * len(listed)
    counts = tuple(float(classes[key]) for key in listed)
    exactly: Said = "exact"
    said = (exactly,) * len(listed)
    column = CountColumn("records", "Records", population.ledger, codes, counts, said)
    return DraftTable(STATED, "What the records tell", (column,), shown=False)


def places_of(plan: ExtractPlan) -> Mapping[tuple[str, str], tuple[str, str]]:
    """Say from which column the codes of each dimension were read."""
    return {(STATED, _dimension(name, each)): (plan.file, name) for name, each in plan.quasi_identifiers.items()}


def _dimension(name: str, plan: KnownPlan) -> str:
    if (plan.geography is None) is (plan.codes is None):
        raise UsageError(
            f"Nobody has said what the codes of '{name}' are.", where="microdata",
            why="What the extract tells could not be compared with what is out.",
            todo="Name the geography of its areas, or the list of its codes (list), one of the two.",
        )  # fmt: skip
    return AREA if plan.geography is not None else plan.dimension or name


def _codes(name: str, plan: KnownPlan, values: Sequence[str]) -> tuple[str, ...]:
    if "" in values:
        raise UsageError(
            f"Column '{name}' has empty fields.", where="microdata",
            why="Who has none of something can be found by that.", todo="Give them a code, and declare it.",
        )  # fmt: skip
    return tuple(f"{plan.geography or plan.codes}:{value}" for value in values)
