"""Judges a draft against everything ever released, and offers repairs. Says names of cells and releases, no number.

Populations are judged one by one, each in the dimensions that its own cells are cut by.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from almoner.methods.disclosure.check import check
from almoner.methods.disclosure.findings import Finding, Verdict
from almoner.methods.disclosure.ledger import Ledger
from almoner.methods.disclosure.primary import SmallNumberRule
from almoner.methods.disclosure.released import ReleaseTable
from almoner.methods.disclosure.repair import Repair, repairs
from almoner.release.codes import Codebook
from almoner.release.stating import Statement

KINDS = ("suppressed", "rounded", "coarser")


@dataclass(frozen=True)
class Judgement:
    """What came of a check: the verdict for each population, and how much was compared."""

    verdicts: Mapping[str, Verdict]
    cells: int
    earlier_cells: int

    @property
    def passes(self) -> bool:
        """Say whether the draft may go out."""
        return all(verdict.passes for verdict in self.verdicts.values())

    def findings(self) -> list[Finding]:
        """List what could be deduced."""
        return [finding for verdict in self.verdicts.values() for finding in verdict.findings]

    def contradictions(self) -> list[str]:
        """List the populations of which no common truth is left."""
        return [name for verdict in self.verdicts.values() for name in verdict.contradictions]


@dataclass(frozen=True)
class Mend:
    """A repair of the whole draft."""

    kind: str
    description: str
    tables: tuple[ReleaseTable, ...]
    suppressed: int
    left_out: int


def judge(
    earlier: Iterable[ReleaseTable], statement: Statement, codebook: Codebook, rule: SmallNumberRule
) -> Judgement:
    """Check a draft.

    Raises: ReleaseRefused for codes that nobody has declared; CalculationError if it can't be judged.
    """
    ledgers = _ledgers(earlier, statement, codebook)
    verdicts = {table.population: check(ledgers[table.population], [table], rule) for table in statement.tables}
    return Judgement(verdicts, len(statement), sum(len(t) for each in ledgers.values() for t in _tables_of(each)))


def _tables_of(ledger: Ledger) -> Iterable[ReleaseTable]:
    return (table for tables in ledger.tables.values() for table in tables)


def _ledgers(earlier: Iterable[ReleaseTable], statement: Statement, codebook: Codebook) -> dict[str, Ledger]:
    by_population: dict[str, list[ReleaseTable]] = {table.population: [] for table in statement.tables}
    for table in earlier:
        if table.population in by_population:
            by_population[table.population].append(table)
    return {
        table.population: Ledger(codebook.space([*by_population[table.population], table])).with_tables(
            by_population[table.population]
        )
        for table in statement.tables
    }


def mends(
    earlier: Sequence[ReleaseTable], statement: Statement, judgement: Judgement, codebook: Codebook,
    rule: SmallNumberRule,
) -> list[Mend]:  # fmt: skip
    """Offer repairs of the whole draft, each of which passes; the one that hides least comes first.

    Each failing population is mended in the one way, or, where that way does not help it, in the best of the others.
    """
    ledgers = _ledgers(earlier, statement, codebook)
    offers: dict[str, list[Repair]] = {}
    for table in statement.tables:
        verdict = judgement.verdicts[table.population]
        if not verdict.passes:
            offers[table.population] = repairs(ledgers[table.population], [table], verdict, rule)
            if not offers[table.population]:
                return []
    kinds = [kind for kind in KINDS if any(each.kind == kind for found in offers.values() for each in found)]
    found = [_joined(kind, statement, offers) for kind in kinds]
    return sorted(found, key=lambda mend: mend.suppressed + mend.left_out)


def _joined(kind: str, statement: Statement, offers: Mapping[str, list[Repair]]) -> Mend:
    chosen = {
        population: next((each for each in found if each.kind == kind), found[0])
        for population, found in offers.items()
    }
    tables = [
        table
        for before in statement.tables
        for table in (chosen[before.population].tables if before.population in chosen else (before,))
    ]
    words = [f"{population}: {each.description}" for population, each in chosen.items()]
    return Mend(
        kind,
        " ".join(words),
        tuple(tables),
        sum(each.suppressed for each in chosen.values()),
        sum(each.left_out for each in chosen.values()),
    )
