"""What is done with the texts of one column, whatever row they stand in: typed, checked, standardised, hashed.

All of it follows from the column alone, so it is done once for each different text. The SQL names no column, so that
columns of one kind, of whatever dataset, share one query and what it has found.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from almoner.intake.standardise.expressions import literal
from almoner.intake.standardise.staging import Staged, select_staged
from almoner.intake.standardise.whole_names import CLOSING_BLANK_TELLS
from almoner.registry.datasets import Column
from almoner.store.standing import FED

RAW = "raw"
"""The text, NULL where it says 'not given': what builders of SQL take."""

OWN = "own"
"""The column's typed value."""

WHOLE = "whole"
"""The text of a whole name with its closing blank, NULL where it says 'not given'; only where the blank tells."""

TEXT = "text"
"""The text as sent, without white space at its ends. It is at hand, and no SQL gives it."""

DELIVERED = "delivered"
FAULT = "fault"
_LIGHT = ("text", "integer", "decimal")
HASH = "hash"


@dataclass(frozen=True)
class Output:
    """One thing that is known of each text of a column."""

    column: str
    name: str


@dataclass(frozen=True)
class ColumnWork:
    """The work on one column: the SELECT over `fed`, and which outputs are the text itself.

    light: nothing is taken apart, so that a text is worked nearly as fast as it is looked up.
    closing_blank: the SELECT is fed with the one blank that ends a text, where one does.
    """

    column: str
    source: str
    sql: str
    same: frozenset[str]
    light: bool
    closing_blank: bool = False


@dataclass
class Bench:
    """Gathers what is to be computed of one column."""

    column: Column
    typed: str
    outputs: dict[str, str] = field(default_factory=dict)
    staged: list[Staged] = field(default_factory=list)

    @property
    def closing_blank(self) -> bool:
        """Whether a blank at the end of a text tells something."""
        return self.column.identifies == "full_name" and self.column.order in CLOSING_BLANK_TELLS

    def output(self, name: str, sql: str) -> Output:
        """Compute something of the column's text; give what to name it by."""
        if self.outputs.setdefault(name, sql) != sql:
            raise ValueError(f"two outputs of '{self.column.name}' share the name '{name}'")
        return Output(self.column.name, name)

    def parts(self, work: Staged) -> dict[str, Output]:
        """Compute the parts of staged work."""
        self.staged.append(work)
        return {name: self.output(name, sql) for name, sql in work.parts.items()}

    def faults(self, tests: Iterable[str]) -> None:
        """Number the tests that a text can fail: the first that holds is its fault."""
        branches = " ".join(f"WHEN {test} THEN {number}" for number, test in enumerate(tests))
        if branches:
            self.output(FAULT, f"CAST(CASE {branches} ELSE -1 END AS INTEGER)")

    def work(self) -> ColumnWork:
        """Finish: write the SELECT."""
        given = f"SELECT i, v AS sent, {self._given('v')} AS {RAW} FROM {FED}"
        if self.closing_blank:
            bare = f"SELECT i, rtrim(v) AS sent, {self._given('rtrim(v)')} AS {RAW}, v FROM {FED}"
            given = f"SELECT i, sent, {RAW}, CASE WHEN {RAW} IS NOT NULL THEN v END AS {WHOLE} FROM ({bare})"
        same = frozenset[str]()
        if not self.column.missing:
            same = frozenset({RAW, OWN} if self.typed == RAW else {RAW})
        relation = f"({given})"
        outputs: Mapping[str, str] = {RAW: RAW, OWN: OWN, **self.outputs}
        if OWN not in same:
            relation = f"(SELECT *, {self.typed} AS {OWN} FROM {relation})"
        selected = {"i": "i", HASH: "hash(sent)", **{name: sql for name, sql in outputs.items() if name not in same}}
        sql = select_staged(relation, selected, self.staged)
        light = not self.column.identifies and self.column.codes is None and self.column.type in _LIGHT
        return ColumnWork(self.column.name, self.column.source_name, sql, same, light, self.closing_blank)

    def _given(self, text: str) -> str:
        if not self.column.missing:
            return text
        values = ", ".join(literal(value.upper()) for value in self.column.missing)
        return f"CASE WHEN upper({text}) IN ({values}) THEN NULL ELSE {text} END"
