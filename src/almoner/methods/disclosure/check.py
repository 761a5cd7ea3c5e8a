"""Judges a new release by what anybody could deduce from it together with everything released before.

A release fails if some protected count can be narrowed down to less than its rule allows, and could not be without the
release. Protected are small counts that a table states, and small pieces that no table shows but subtraction brings
out. What was deducible before is reported, and not held against the release. Ranges and counts found here are secrets:
the text of a finding names cells and releases, never a number.

Limits. Figures are compared within a population only: two editions of the same records, or two populations of the
same people, are not tied together. Lasting things counted at two dates are not either. Perturbed and rounded figures
count as ranges: how likely each value is within them is not used. Each count is judged by itself.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from almoner.kernel.errors import FiguresContradict
from almoner.methods.disclosure.findings import Finding, Said, Verdict
from almoner.methods.disclosure.ledger import Ledger
from almoner.methods.disclosure.primary import RULE, SmallNumberRule
from almoner.methods.disclosure.released import ReleaseTable
from almoner.methods.disclosure.walking import WalkingCheck
from almoner.methods.disclosure.witnesses import Remembered, WitnessedCheck, witnessed


def check(ledger: Ledger, tables: Sequence[ReleaseTable], rule: SmallNumberRule = RULE) -> Verdict:
    """Check a release against every cell ever released.

    In: tables: those of the new release, as they would be published.
    Raises: CalculationError for codes that are not declared, or if the release can't be judged.
    """
    findings: list[Finding] = []
    standing: list[Finding] = []
    contradictions, entangled, told = [], 0, 0
    for population in dict.fromkeys(table.population for table in tables):
        one = _turn_to(ledger, population, tables, rule)
        try:
            new, old = one.findings()
        except FiguresContradict:
            contradictions.append(population)
            continue
        finally:
            looked_at = one.looked_at
            entangled, told = entangled + looked_at[0], told + looked_at[1]
        findings += new
        standing += old
    return Verdict(tuple(findings), tuple(standing), tuple(contradictions), entangled, told)


def _turn_to(
    ledger: Ledger, population: str, tables: Sequence[ReleaseTable], rule: SmallNumberRule, *, again: bool = False
) -> WitnessedCheck | WalkingCheck:
    """Choose how a population is judged: by its atoms where they are not too many."""
    said = Said(ledger, population, tables)
    remembered = ledger.remembered.setdefault(population, Remembered())
    return witnessed(said, remembered, rule) or WalkingCheck(said, rule, all_sums=again)


class Recheck:
    """Asks about the findings of a release again and again while more and more of it is withheld.

    That only widens what is known: what was safe stays safe. What passes has to be checked in full all the same.
    """

    def __init__(self, ledger: Ledger, tables: Sequence[ReleaseTable], rule: SmallNumberRule) -> None:
        self._ledger, self._rule = ledger, rule
        self._checks = {
            population: _turn_to(ledger, population, tables, rule, again=True)
            for population in dict.fromkeys(table.population for table in tables)
        }

    @property
    def asks_cheaply(self) -> bool:
        """Say whether one finding is asked about as quickly as among many."""
        return all(isinstance(one, WitnessedCheck) for one in self._checks.values())

    def first_of(self, tables: Sequence[ReleaseTable], after: Mapping[str, int]) -> tuple[int, Finding] | None:
        """Give the first finding there is in the release as it is now, and its place in the order of its population.

        In: after: where to begin in each population. Only where one finding is asked about cheaply.
        """
        for population, one in self._checks.items():
            one.restate(Said(self._ledger, population, tables))
            found = one.next_finding(after.get(population, 0)) if isinstance(one, WitnessedCheck) else None
            if found is not None:
                return found
        return None

    def still(self, tables: Sequence[ReleaseTable], findings: Sequence[Finding]) -> tuple[list[Finding], bool]:
        """Give those of the findings that hold for the release as it is now, and whether these are all.

        What one sum after another tells is given first, alone: mending that often mends the rest.
        """
        asked = []
        for population, one in self._checks.items():
            places = {finding.place for finding in findings if finding.population == population}
            if places:
                one.restate(Said(self._ledger, population, tables))
                asked.append((one, places))
        quick = [finding for one, places in asked for finding in one.still_at(places, solve=False)]
        if quick:
            return quick, False
        return [finding for one, places in asked for finding in one.still_at(places, solve=True)], True
