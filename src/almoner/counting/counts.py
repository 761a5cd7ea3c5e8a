"""SQL that counts: from the common facts and the spine to a number per area, and what could not be placed.

Every row ends in exactly one bucket: an area of the place, outside of it, no area known, or left out for a
reason that the bucket names. The steps give exact counts; whoever runs them must protect these before
anybody sees them. Many questions about one kind of fact are answered by one scan of it.
"""

from __future__ import annotations

from collections.abc import Sequence

from almoner.counting.asks import Ask
from almoner.counting.cuts import cut_sources
from almoner.counting.folding import Folded, folded_steps
from almoner.counting.levels import Levels
from almoner.counting.plans import DRAWN, PLACE, Reads, content_name, literal, merged, quoted
from almoner.counting.spans import Span
from almoner.kernel.steps import Step
from almoner.registry.measures import Count, Cut

AREA, OUTSIDE, UNPLACED = "area", "outside", "unplaced"
AGE_UNKNOWN, UNDATED, NO_VALUE, NO_HOUSEHOLD = "age_unknown", "undated", "no_value", "no_household"

BUCKETS = {
    OUTSIDE: "outside the area",
    UNPLACED: "no area known",
    AGE_UNKNOWN: "age not known",
    UNDATED: "date not known",
    NO_VALUE: "no amount recorded",
    NO_HOUSEHOLD: "in no known household",
}

ASK_COLUMNS = ("ask", "span", "cut", "geography", "bucket", "area_code", "number", "amount", "contributors")
COUNT_COLUMNS = ASK_COLUMNS[1:]

_KEYS = "ask, span, cut, geography, bucket, area_code"


def count_steps(
    count: Count, levels: Levels, spans: Sequence[Span], cut: Cut | None = None
) -> tuple[list[Step], Reads]:
    """Make the steps that count one thing; the area step has to stand before them.

    Out: the last gives span, cut (a code; '*' without a cut), geography, bucket, area_code (NULL but for 'area'),
        number (of what is counted), amount (their sum), contributors (distinct people; each row that names nobody
        counts as one). Events count within a span; what lasts counts as at its end, or, for involvements that need
        not be open, if it lasted into the span. Residents are always those of now.
    """
    steps, reads = ask_steps([Ask(count, tuple(spans), cut)], levels)
    last = steps[-1]
    shown = ", ".join(COUNT_COLUMNS[:5])
    sql = (
        f"SELECT {shown}, SUM(number) AS number, SUM(amount) AS amount, SUM(contributors) AS contributors\n"
        f"FROM {last.name} GROUP BY {shown}"
    )
    return [*steps, Step(content_name("by_area", sql), "the same by area", sql, COUNT_COLUMNS, keep=True)], reads


def ask_steps(asks: Sequence[Ask], levels: Levels) -> tuple[list[Step], Reads]:
    """Make the steps that answer many questions, each kind of fact in as few scans as there can be.

    Out: as `count_steps`, with ask: the position of the question.
    """
    for ask in asks:
        ask.check()
    cuts, cut_reads = cut_sources([ask.cut for ask in asks if ask.cut is not None], asks)
    steps: list[Step] = [*cuts]
    reads: list[Reads] = [cut_reads]
    folded: list[Folded] = []
    for group in _groups(asks):
        found, read = folded_steps(group, levels)
        folded += found
        steps += [step for each in found for step in each.steps]
        reads.append(read)
    parts = [
        _by_area(each, geography, located_by, asks, levels)
        for each in folded
        for geography, located_by in levels.counted()
    ]
    union = "\nUNION ALL\n".join(parts)
    together = Step(content_name("counted", union), "what was counted, by area", union, ASK_COLUMNS)
    sql = (
        f"SELECT {_KEYS}, SUM(number) AS number, SUM(amount) AS amount, SUM(contributors) AS contributors\n"
        f"FROM {together.name} GROUP BY {_KEYS}"
    )
    last = Step(content_name("by_area", sql, union), "the answers by area", sql, ASK_COLUMNS, keep=True)
    return [*levels.steps(), *dict.fromkeys(steps), together, last], merged(reads)


def _groups(asks: Sequence[Ask]) -> list[list[tuple[int, Ask]]]:
    """Put together what one scan can answer: the same kind of fact, and the same need to know the people."""
    groups: dict[tuple[object, ...], list[tuple[int, Ask]]] = {}
    for number, ask in enumerate(asks):
        fact = "residents" if ask.count.fact == "households" else ask.count.fact
        key = (fact, ask.needs_resident, ask.by_household, bool(ask.count.names), ask.count.size, str(ask.count.among))
        groups.setdefault(key, []).append((number, ask))
    return list(groups.values())


def _by_area(folded: Folded, geography: str, located_by: str, asks: Sequence[Ask], levels: Levels) -> str:
    """Count what was folded at one geography by bucket and area."""
    at = f"n.{quoted('at_' + located_by)}"
    code = literal(PLACE) if geography == PLACE else "a.area_code"
    keys = "n.ask, n.span, n.cut"
    join = f"LEFT JOIN area AS a ON a.geography = {literal(located_by)} AND a.area_code = {at}"
    where = ""
    if geography == DRAWN:
        join = f"JOIN {levels.drawn_name} AS a ON a.member = {at}"
        where = " WHERE n.left_out IS NULL"
    bucket = (
        f"COALESCE(n.left_out, CASE WHEN {at} IS NULL THEN {literal(UNPLACED)}"
        f" WHEN a.area_code IS NULL THEN {literal(OUTSIDE)} ELSE {literal(AREA)} END)"
    )
    area = f"CASE WHEN n.left_out IS NULL AND a.area_code IS NOT NULL THEN {code} END"
    inner = (
        f"SELECT {keys}, {bucket} AS bucket, {area} AS area_code, n.person_ref, SUM(n.records) AS records,"
        f" SUM(n.amount) AS amount\n  FROM {folded.name} AS n {join}{where} GROUP BY 1, 2, 3, 4, 5, 6"
    )
    if folded.additive:
        inner = (
            f"SELECT {keys}, {bucket} AS bucket, {area} AS area_code, n.people, n.contributors, n.records, n.amount\n"
            f"  FROM {folded.name} AS n {join}{where}"
        )
        distinct, contributors = "SUM(people)", "SUM(contributors)"
    else:
        distinct = "COUNT(person_ref)"
        contributors = "COUNT(person_ref) + SUM(CASE WHEN person_ref IS NULL THEN records ELSE 0 END)"
    number = "SUM(records)" if folded.by_rows(asks) else distinct
    if folded.mixed(asks):
        rows = ", ".join(str(number) for number in folded.numbers if not asks[number].by_person)
        number = f"CASE WHEN ask IN ({rows}) THEN SUM(records) ELSE {distinct} END"
    return (
        f"SELECT ask, span, cut, {literal(geography)} AS geography, bucket, area_code,"
        f" CAST({number} AS DOUBLE) AS number, CAST(COALESCE(SUM(amount), 0) AS DOUBLE) AS amount,"
        f" CAST({contributors} AS DOUBLE) AS contributors\n"
        f"FROM (\n  {inner}\n) AS b GROUP BY ask, span, cut, bucket, area_code"
    )
