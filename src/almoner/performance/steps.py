"""From a measure of the registry to the steps that count it, and the `reads` by which the gate decides.

Plans are values made from declarations alone. Counting itself belongs to `counting`; what is here is what only
measures have: durations, which months a source speaks of, and published figures of others.
"""

from __future__ import annotations

from collections.abc import Sequence

from almoner.counting.areas import area_step
from almoner.counting.asks import Ask
from almoner.counting.counts import ASK_COLUMNS, ask_steps
from almoner.counting.levels import Levels
from almoner.counting.plans import Plan, Reads, content_name, date_literal, literal, merged, one_of, quoted
from almoner.counting.spans import Span
from almoner.kernel.steps import Step
from almoner.registry.measures import Count, Cut
from almoner.registry.performance import Benchmark, Duration, Measure
from almoner.registry.registry import Registry

EVENT, INVOLVEMENT = "fact.event", "fact.involvement"
TOOK_COLUMNS = ("span", "part", "days", "number", "people", "nameless")


def series_plan(
    measure: Measure, registry: Registry, levels: Levels, spans: Sequence[Span], cut: Cut | None = None
) -> Plan:
    """Plan to count a measure in each span, at the levels asked for and for the whole place.

    Out: one row per ask (0: numerator, 1: denominator), span, cut, geography, bucket and area_code.
    """
    asks = [Ask(count, tuple(spans), cut) for count in measure.counts()]
    areas, area_reads = area_step(registry)
    steps, reads = ask_steps(asks, levels)
    keys = ", ".join(ASK_COLUMNS[:6])
    sums = ", ".join(f"SUM({name}) AS {name}" for name in ASK_COLUMNS[6:])
    sql = f"SELECT {keys}, {sums} FROM {steps[-1].name} GROUP BY {keys}"
    last = Step("series", f"{measure.title}: exact, by period", sql, ASK_COLUMNS)
    return Plan((areas, *steps, last), merged([area_reads, reads]), datasets_of(measure, registry))


def duration_plan(measure: Measure, registry: Registry, spans: Sequence[Span]) -> Plan:
    """Plan to count, for each span in which something ended, how many took how many days.

    Out: span, part ('days': of each number of days; 'all': however long; 'within': no longer than promised), days
        (-1 but for 'days'), number, people (distinct), nameless (rows that name nobody).
    """
    assert measure.duration is not None
    ended, reads = ended_step(measure.duration)
    within = -1 if measure.duration.within is None else measure.duration.within
    parts = " UNION ALL ".join(f"SELECT {literal(part)} AS part" for part in ("days", "all", "within"))
    days = "CASE WHEN m.part = 'days' THEN e.days ELSE -1 END"
    sql = (
        f"SELECT s.span AS span, m.part AS part, {days} AS days, COUNT(*) AS number,"
        f" COUNT(DISTINCT e.person_ref) AS people, COUNT(CASE WHEN e.person_ref IS NULL THEN 1 END) AS nameless\n"
        f"FROM {ended.name} AS e JOIN ({spans_sql(spans)}) AS s ON e.ended_on BETWEEN s.starts_on AND s.ends_on\n"
        f"CROSS JOIN ({parts}) AS m WHERE m.part <> 'within' OR e.days <= {within}\n"
        f"GROUP BY s.span, m.part, {days}"
    )
    last = Step("took", f"{measure.title}: how many took how long", sql, TOOK_COLUMNS)
    return Plan((ended, last), reads, datasets_of(measure, registry))


def ended_step(duration: Duration) -> tuple[Step, Reads]:
    """Make the step `ended`: one row for each thing that ended, with the days that it took."""
    if duration.involvement is not None:
        sql = (
            f"SELECT f.person_ref AS person_ref, f.row_id AS row_id, f.dataset AS dataset, f.service AS kind,"
            f" f.detail AS detail, f.starts_on AS began_on, f.ends_on AS ended_on,"
            f" DATE_DIFF('day', f.starts_on, f.ends_on) AS days\n"
            f"FROM {quoted(INVOLVEMENT)} AS f WHERE f.service = {literal(duration.involvement)}"
            f" AND {one_of('f.detail', duration.details)} AND f.starts_on IS NOT NULL AND f.ends_on IS NOT NULL"
        )
        reads: Reads = {INVOLVEMENT: ("person_ref", "row_id", "dataset", "service", "detail", "starts_on", "ends_on")}
    else:
        sql = _from_quantity(duration) if duration.event is not None else _from_two_events(duration)
        reads = {EVENT: ("person_ref", "row_id", "dataset", "kind", "detail", "quantity", "happened_on")}
    kept = f"SELECT * FROM ({sql}) AS t WHERE t.days BETWEEN 0 AND {duration.at_most}"
    columns = ("person_ref", "row_id", "dataset", "kind", "detail", "began_on", "ended_on", "days")
    return Step(content_name("ended", kept), "what ended, and how long it took", kept, columns), reads


def _from_quantity(duration: Duration) -> str:
    return (
        f"SELECT f.person_ref AS person_ref, f.row_id AS row_id, f.dataset AS dataset, f.kind AS kind,"
        f" f.detail AS detail, CAST(NULL AS DATE) AS began_on, f.happened_on AS ended_on,"
        f" CAST(f.quantity AS INTEGER) AS days\n"
        f"FROM {quoted(EVENT)} AS f WHERE f.kind = {literal(duration.event or '')}"
        f" AND {one_of('f.detail', duration.details)} AND f.quantity IS NOT NULL"
    )


def _from_two_events(duration: Duration) -> str:
    """Pair each start with the same person's first finish on that day or later."""
    firsts = (
        f"SELECT b.person_ref AS person_ref, b.row_id AS row_id, b.dataset AS dataset, b.kind AS kind,"
        f" b.detail AS detail, b.happened_on AS began_on, MIN(f.happened_on) AS ended_on\n"
        f"FROM {quoted(EVENT)} AS b JOIN {quoted(EVENT)} AS f"
        f" ON f.person_ref = b.person_ref AND f.happened_on >= b.happened_on\n"
        f"WHERE {one_of('b.kind', duration.start)} AND {one_of('f.kind', duration.finish)}"
        f" AND {one_of('b.detail', duration.details)}\n"
        f"GROUP BY b.person_ref, b.row_id, b.dataset, b.kind, b.detail, b.happened_on"
    )
    return f"SELECT p.*, DATE_DIFF('day', p.began_on, p.ended_on) AS days FROM ({firsts}) AS p"


def spans_sql(spans: Sequence[Span]) -> str:
    """Write spans as rows: span, starts_on, ends_on."""
    return "\nUNION ALL\n".join(
        f"SELECT {literal(span.name)} AS span, {date_literal(span.starts_on)} AS starts_on,"
        f" {date_literal(span.ends_on)} AS ends_on"
        for span in spans
    )


def months_plan(view: str, names: Sequence[str], registry: Registry) -> Plan:
    """Plan to find the months in which each dataset has rows of a kind of fact: from when to when it speaks.

    Out: dataset, year, month, number; a row without a date has neither year nor month.
    """
    name, day = ("kind", "happened_on") if view == EVENT else ("service", "starts_on")
    sql = (
        f"SELECT dataset, EXTRACT(year FROM {day}) AS year, EXTRACT(month FROM {day}) AS month, COUNT(*) AS number\n"
        f"FROM {quoted(view)} WHERE {one_of(name, tuple(names))}"
        f" GROUP BY dataset, EXTRACT(year FROM {day}), EXTRACT(month FROM {day})"
    )
    step = Step("held", "the months that a source speaks of", sql, ("dataset", "year", "month", "number"))
    return Plan((step,), {view: (name, day, "dataset")}, ())


def benchmark_plan(benchmark: Benchmark, councils: Sequence[str]) -> Plan:
    """Plan to read what councils have published for a measure. Out: council, period, value, lower, upper."""
    chosen = [one_of(quoted(benchmark.council), tuple(councils))]
    chosen += [f"{quoted(column)} = {literal(value)}" for column, value in benchmark.where.items()]
    shown = [
        f"AVG(CAST({quoted(column)} AS DOUBLE)) AS {name}" if column else f"AVG(CAST(NULL AS DOUBLE)) AS {name}"
        for name, column in (("value", benchmark.value), ("lower", benchmark.lower), ("upper", benchmark.upper))
    ]
    keys = f"{quoted(benchmark.council)}, {quoted(benchmark.period)}"
    sql = (
        f"SELECT {quoted(benchmark.council)} AS council, {quoted(benchmark.period)} AS period, {', '.join(shown)}\n"
        f"FROM {quoted(benchmark.dataset)} WHERE {' AND '.join(chosen)} GROUP BY {keys}"
    )
    step = Step("published", "published figures", sql, ("council", "period", "value", "lower", "upper"))
    return Plan((step,), {benchmark.dataset: benchmark.columns()}, (benchmark.dataset,))


def datasets_of(measure: Measure, registry: Registry) -> tuple[str, ...]:
    """Give the declared datasets that feed a measure; residents and households come from the spine."""
    names = [name for count in measure.counts() for name in feeds_of(count.fact, count.names, registry)]
    if measure.duration is not None:
        fact = "event" if measure.duration.kinds() else "involvement"
        kinds = measure.duration.kinds() or (measure.duration.involvement or "",)
        names += feeds_of(fact, kinds, registry)
    return tuple(dict.fromkeys(names))


def feeds_of(fact: str, names: Sequence[str], registry: Registry) -> list[str]:
    """Give the declared datasets whose facts of some names count."""
    found = []
    for dataset in registry.datasets():
        for each in dataset.facts:
            name = {
                "involvement": each.involvement and each.involvement.service,
                "event": each.event and each.event.kind,
                "attribute": each.attribute and each.attribute.name,
            }.get(fact)
            if name and (not names or name in names):
                found.append(dataset.full_name)
                break
    return found


def flow_of(measure: Measure) -> tuple[str, tuple[str, ...]] | None:
    """Give the view and the names of the events by whose dates a measure goes; None for what is counted at a moment."""
    if measure.duration is not None:
        kinds = measure.duration.kinds()
        return (EVENT, kinds) if kinds else (INVOLVEMENT, (measure.duration.involvement or "",))
    count: Count | None = measure.numerator
    return (EVENT, count.names) if count is not None and count.fact == "event" else None
