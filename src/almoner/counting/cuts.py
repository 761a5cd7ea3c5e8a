"""SQL that gives each person the code of a breakdown: sex, age band, or a value that some record states.

One code for each person, so that the parts of a figure add up to it; whoever has none is 'unknown'.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from almoner.counting.asks import UNKNOWN, WHOLE, Ask
from almoner.counting.plans import Reads, literal, merged, one_of, quoted
from almoner.kernel.steps import Step
from almoner.registry.measures import Cut

ATTRIBUTE = "fact.attribute"


@dataclass(frozen=True)
class CutSql:
    """How a query gets at codes: an expression over r (residents) and k (what is asked), joins, resident columns."""

    expression: str
    joins: str
    columns: tuple[str, ...]


def cut_sources(cuts: Iterable[Cut], asks: Sequence[Ask]) -> tuple[list[Step], Reads]:
    """Make a step for each breakdown by an attribute: person_ref, code."""
    steps: dict[str, Step] = {}
    reads: list[Reads] = []
    for cut in cuts:
        if cut.of == "attribute" and cut.name not in steps:
            assert cut.attribute is not None
            known = tuple(cut.values or cut.codes)
            cases = " ".join(f"WHEN {literal(value)} THEN {literal(code)}" for value, code in cut.values.items())
            code = f"CASE value {cases} END" if cases else "value"
            sql = (
                f"SELECT person_ref, MIN({code}) AS code FROM (\n"
                f"  SELECT person_ref, value, as_of, MAX(as_of) OVER (PARTITION BY person_ref) AS newest_on\n"
                f"  FROM {quoted(ATTRIBUTE)} WHERE name = {literal(cut.attribute)} AND person_ref IS NOT NULL"
                f" AND {one_of('value', known)}\n"
                f") AS v WHERE as_of IS NULL OR as_of = newest_on GROUP BY person_ref"
            )
            steps[cut.name] = Step(_source(cut), f"who is what by {cut.title}", sql, ("person_ref", "code"), True)
            reads.append({ATTRIBUTE: ("person_ref", "name", "value", "as_of")})
    return list(steps.values()), merged(reads)


def _source(cut: Cut) -> str:
    return f"code_of_{cut.name}"


def cut_sql(asks: Sequence[tuple[int, Ask]], person: str) -> CutSql:
    """Write how the code of each row is found. In: person: the column that names whom a row is about."""
    cuts = {ask.cut.name: ask.cut for _, ask in asks if ask.cut is not None}
    if not cuts:
        return CutSql(literal(WHOLE), "", ())
    cases = " ".join(f"WHEN {literal(name)} THEN {_code(cut)}" for name, cut in cuts.items())
    joins = "".join(
        f"\nLEFT JOIN {_source(cut)} AS {quoted('c_' + name)} ON {quoted('c_' + name)}.person_ref = {person}"
        for name, cut in cuts.items()
        if cut.of == "attribute"
    )
    columns = {"sex": "sex", "age": "age"}
    needed = dict.fromkeys(columns[cut.of] for cut in cuts.values() if cut.of in columns)
    return CutSql(f"CASE k.cut {cases} ELSE {literal(WHOLE)} END", joins, tuple(needed))


def _code(cut: Cut) -> str:
    if cut.of == "attribute":
        return f"COALESCE({quoted('c_' + cut.name)}.code, {literal(UNKNOWN)})"
    if cut.of == "sex":
        return f"CASE WHEN {one_of('r.sex', tuple(cut.codes))} THEN r.sex ELSE {literal(UNKNOWN)} END"
    bands = " ".join(
        f"WHEN r.age BETWEEN {int(first)} AND {int(last)} THEN {literal(band)}"
        for band, (first, _, last) in ((band, band.partition("-")) for band in cut.bands)
    )
    return f"CASE {bands} ELSE {literal(UNKNOWN)} END"


def codes_of(cut: Cut) -> dict[str, str]:
    """Give every code of a breakdown with its meaning, 'unknown' last."""
    known = dict(cut.codes) if cut.of != "age" else {band: _band_words(band) for band in cut.bands}
    return {**known, UNKNOWN: "Not known"}


def _band_words(band: str) -> str:
    first, _, last = band.partition("-")
    return f"{first} and over" if int(last) >= 100 else f"{first} to {last}"
