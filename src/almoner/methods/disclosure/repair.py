"""Mends a release that would give a hidden count away: rounds it, suppresses more of it, or makes it coarser.

What was released before can't be taken back, so only the new tables change. A repair is offered only after it has
passed the same check. It must never be applied by itself: a person chooses, for only a person knows which figures
matter.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from almoner.methods.disclosure.check import Recheck, check
from almoner.methods.disclosure.findings import Finding, Verdict
from almoner.methods.disclosure.ledger import Ledger
from almoner.methods.disclosure.partitions import WHOLE
from almoner.methods.disclosure.primary import RULE, SmallNumberRule
from almoner.methods.disclosure.released import ReleaseTable, said_when_rounded, said_when_suppressed
from almoner.methods.disclosure.sums import BoolArray

_PATIENCE = 3
"""After so many rounds one cell more is withheld at once for each finding that is left."""

_MOST_ROUNDS = 60
"""How often more is suppressed before a repair is given up."""

Tables = tuple[ReleaseTable, ...]


@dataclass(frozen=True)
class Repair:
    """A way to publish nearly the same that passes.

    kind: "suppressed", "rounded" (with suppression where rounding is not enough) or "coarser". tables: what would be
    published. suppressed: how many cells more than before are withheld; left_out: how many are not stated at all.
    """

    kind: str
    description: str
    tables: Tables
    suppressed: int
    left_out: int


def repairs(
    ledger: Ledger, tables: Sequence[ReleaseTable], verdict: Verdict, rule: SmallNumberRule = RULE
) -> list[Repair]:
    """Offer ways to mend a release that failed, each of which passes; the one that hides least comes first.

    Figures that contradict earlier ones can't be mended here: they are another edition of their population.
    """
    if verdict.passes or verdict.contradictions:
        return []
    found = [
        repair for way in (_suppressed, _rounded, _coarser) for repair in way(ledger, tuple(tables), verdict, rule)
    ]
    return sorted(found, key=lambda repair: repair.suppressed + repair.left_out)


def _suppressed(ledger: Ledger, tables: Tables, verdict: Verdict, rule: SmallNumberRule) -> Iterator[Repair]:
    mended = suppress(ledger, tables, rule, verdict)
    if mended is not None:
        more = _withheld(mended) - _withheld(tables)
        yield Repair("suppressed", f"Suppress {_cells(more)} more.", mended, more, 0)


def _rounded(ledger: Ledger, tables: Tables, verdict: Verdict, rule: SmallNumberRule) -> Iterator[Repair]:
    populations = {finding.population for finding in verdict.findings}
    rounded = tuple(_round(table, rule) if table.population in populations else table for table in tables)
    mended = suppress(ledger, rounded, rule)
    if mended is not None:
        more = _withheld(mended) - _withheld(tables)
        also = f", and suppress {_cells(more)} more" if more else ""
        yield Repair("rounded", f"Round to the nearest {rule.base}{also}.", mended, more, 0)


def _coarser(ledger: Ledger, tables: Tables, verdict: Verdict, rule: SmallNumberRule) -> Iterator[Repair]:
    """Leave out one list of codes: a geography, a kind of period, a breakdown."""
    for name, family in _lists_in(ledger, tables, verdict.findings):
        of = ledger.space.dimensions[name].family
        kept = tuple(
            table.take(np.array([code == WHOLE or of(code) != family for code in table.codes[name]], dtype=bool))
            if name in table.codes
            else table
            for table in tables
        )
        kept = tuple(table for table in kept if len(table))
        left_out = sum(map(len, tables)) - sum(map(len, kept))
        if kept and check(ledger, kept, rule).passes:
            yield Repair("coarser", f"Leave out the figures by {name} {family}.", kept, 0, left_out)


def suppress(
    ledger: Ledger, tables: Tables, rule: SmallNumberRule = RULE, verdict: Verdict | None = None
) -> Tables | None:
    """Withhold further cells of a release until it passes; None where no suppression helps.

    In: verdict: that of these tables, if it is known.
    """
    for _ in range(_MOST_ROUNDS):
        again = Recheck(ledger, tables, rule)
        if again.asks_cheaply:
            mended = _withheld_as_found(again, tables)
        else:
            verdict = verdict or check(ledger, tables, rule)
            if verdict.passes or verdict.contradictions:
                return tables if verdict.passes else None
            mended = _withheld_until(again, tables, verdict.findings)
        if mended is None:
            return None
        tables = mended
        verdict = check(ledger, tables, rule)
        if verdict.passes:
            return tables
    return None


def _withheld_until(again: Recheck, tables: Tables, findings: Sequence[Finding]) -> Tables | None:
    """Withhold cells until some findings hold no longer; None where that does not help."""
    open_findings, said, rounds = list(findings), list(findings), 0
    while said:
        chosen = _choose(tables, said, 1 + rounds // _PATIENCE)
        if not any(rows.any() for rows in chosen):
            return None
        tables = _withholding(tables, chosen)
        said, all_of_them = again.still(tables, open_findings)
        if all_of_them:
            open_findings, rounds = said, rounds + 1
    return tables


def _withheld_as_found(again: Recheck, tables: Tables) -> Tables | None:
    """Mend one finding after another as they are found: what is withheld for one often mends the next."""
    after: dict[str, int] = {}
    rounds = 0
    while found := again.first_of(tables, after):
        place, finding = found
        rounds = rounds + 1 if after.get(finding.population) == place else 0
        after[finding.population] = place
        chosen = _choose(tables, [finding], 1 + rounds // _PATIENCE)
        if not any(rows.any() for rows in chosen):
            return None
        tables = _withholding(tables, chosen)
    return tables


def _withholding(tables: Tables, chosen: Sequence[BoolArray]) -> Tables:
    return tuple(
        table.saying(said_when_suppressed(table.exact), rows) for table, rows in zip(tables, chosen, strict=True)
    )


def _choose(tables: Tables, findings: Sequence[Finding], number_each: int) -> list[BoolArray]:
    """Choose for each finding the smallest of its cells that still say something, zeros last."""
    chosen = [np.zeros(len(table), dtype=bool) for table in tables]
    for finding in findings:
        telling = [
            (tables[number].exact[row] == 0, tables[number].exact[row], number, row)
            for number, row in finding.new_cells
            if np.isfinite(tables[number].high[row])
        ]
        if telling and not any(chosen[number][row] for *_, number, row in telling):
            for *_, number, row in sorted(telling)[:number_each]:
                chosen[number][row] = True
    return chosen


def _round(table: ReleaseTable, rule: SmallNumberRule) -> ReleaseTable:
    """Round what is published exactly."""
    return table.saying(said_when_rounded(table.exact, rule.base), table.low == table.high)


def _lists_in(ledger: Ledger, tables: Tables, findings: Sequence[Finding]) -> list[tuple[str, str]]:
    """Give the lists of codes that the findings rest on, the most involved first; never the only list of a table."""
    counts: dict[tuple[str, str], int] = {}
    for finding in findings:
        for number, row in finding.new_cells:
            for name, codes in tables[number].codes.items():
                if codes[row] != WHOLE:
                    key = name, ledger.space.dimensions[name].family(codes[row])
                    counts[key] = counts.get(key, 0) + 1
    order: Callable[[tuple[str, str]], int] = lambda key: -counts[key]  # noqa: E731
    return sorted(counts, key=order)


def _withheld(tables: Sequence[ReleaseTable]) -> int:
    return sum(int(np.isinf(table.high).sum()) for table in tables)


def _cells(number: int) -> str:
    return "1 cell" if number == 1 else f"{number} cells"
