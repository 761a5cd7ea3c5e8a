"""SQL that counts: from the common facts and the spine to a number per area, and what could not be placed.

Every row ends in exactly one bucket: an area of the place, outside of it, no area known, or left out for a
reason that the bucket names. The steps give exact counts; whoever runs them must protect these before
anybody sees them.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from almoner.counting.plans import (
    PLACE,
    RESIDENT,
    Reads,
    content_name,
    date_literal,
    literal,
    merged,
    months_before,
    one_of,
    quoted,
)
from almoner.kernel.errors import RegistryError
from almoner.kernel.steps import Step
from almoner.registry.measures import Count, Geography

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

COUNT_COLUMNS = ("geography", "bucket", "area_code", "number", "amount", "contributors")

_NAME_OF = {"involvement": "service", "event": "kind", "attribute": "name"}
_AMOUNT_OF = {"event": "quantity", "attribute": "value"}
_DETAIL_OF = {"involvement": "detail", "event": "detail", "attribute": "value"}


def survey_columns(fact: str) -> tuple[str, str]:
    """Give the view of a fact, and its column that holds what the registry calls `names`."""
    return f"fact.{fact}", _NAME_OF[fact]


@dataclass(frozen=True)
class Levels:
    """At which geographies to count; `base` says who is inside the place as a whole."""

    geographies: tuple[Geography, ...]
    base: Geography

    def all(self) -> tuple[Geography, ...]:
        """Give the geographies and the base, each once."""
        return (
            self.geographies
            if self.base.name in {geography.name for geography in self.geographies}
            else (*self.geographies, self.base)
        )


def count_steps(count: Count, levels: Levels, as_of: dt.date) -> tuple[list[Step], Reads]:
    """Make the steps that count: rows with their areas and, last, how many there are by area.

    Out: the last gives geography, bucket, area_code (NULL but for 'area'), number (of what is counted),
        amount (their sum), contributors (distinct people; each row that names nobody counts as one).
    """
    if count.count in ("sum", "mean") and count.fact not in ("event", "attribute"):
        raise RegistryError(
            f"An indicator asks for the {count.count} of {count.fact}, which have no amount.",
            why="Only events (quantity) and attributes (value) carry numbers.",
            todo='Use count = "persons", "rows" or "households".',
        )
    sql, reads = _rows(count, levels, as_of)
    places = tuple(f"at_{geography.name}" for geography in levels.all())
    columns = ("person_ref", "household_ref", "amount", "left_out", *places)
    rows = Step(content_name("counted", sql), f"what is counted of {count.fact}, with its areas", sql, columns)
    selects = [_by_area(rows.name, count, each.name, each.name) for each in levels.geographies]
    selects.append(_by_area(rows.name, count, PLACE, levels.base.name))
    union = "\nUNION ALL\n".join(selects)
    return [
        rows,
        Step(content_name("by_area", union), "the same by area", union, COUNT_COLUMNS, keep=True),
    ], reads


def _rows(count: Count, levels: Levels, as_of: dt.date) -> tuple[str, Reads]:
    """Select one row per thing that may be counted."""
    if count.fact in ("residents", "households"):
        return _resident_rows(count, levels)
    view, _ = survey_columns(count.fact)
    source, reads = _fact_source(count, levels, as_of)
    own_places = count.fact in ("event", "attribute")
    needs_resident = count.fact != "event" or count.ages is not None or _counts_households(count)
    select = [
        "f.person_ref AS person_ref",
        f"{'r.household_ref' if _counts_households(count) else 'CAST(NULL AS VARCHAR)'} AS household_ref",
        f"{_amount(count)} AS amount",
        f"{_left_out(count, 'f', needs_resident)} AS left_out",
    ]
    for geography in levels.all():
        column = quoted(geography.postcode_column)
        # An event has its place in the view already; an attribute of a person is where the person lives.
        where = {"involvement": f"r.{column}", "event": f"f.{column}"}.get(
            count.fact, f"COALESCE(f.{column}, r.{column})"
        )
        select.append(f"{where} AS {quoted('at_' + geography.name)}")
    sql = f"SELECT {', '.join(select)}\nFROM {source}"
    all_reads = [reads]
    if needs_resident:
        sql += f"\nLEFT JOIN {quoted(RESIDENT)} AS r ON r.person_ref = f.person_ref"
        all_reads.append(_resident_reads(count, levels, places=count.fact != "event"))
    conditions = _conditions(count, as_of, needs_resident)
    if own_places:
        all_reads.append({view: tuple(geography.postcode_column for geography in levels.all())})
    return f"{sql}\nWHERE {' AND '.join(conditions)}", merged(all_reads)


def _resident_rows(count: Count, levels: Levels) -> tuple[str, Reads]:
    select = [
        "r.person_ref AS person_ref",
        f"{'r.household_ref' if _counts_households(count) else 'CAST(NULL AS VARCHAR)'} AS household_ref",
        "CAST(NULL AS DOUBLE) AS amount",
        f"{_left_out(count, '', True)} AS left_out",
        *(f"r.{quoted(geography.postcode_column)} AS {quoted('at_' + geography.name)}" for geography in levels.all()),
    ]
    sql = f"SELECT {', '.join(select)}\nFROM {quoted(RESIDENT)} AS r\nWHERE {_age_fits(count)}"
    return sql, _resident_reads(count, levels)


def _resident_reads(count: Count, levels: Levels, *, places: bool = True) -> Reads:
    columns = ["person_ref", *(["household_ref"] if _counts_households(count) else [])]
    columns += ["age"] if count.ages else []
    columns += [geography.postcode_column for geography in levels.all()] if places else []
    return {RESIDENT: tuple(columns)}


def _fact_source(count: Count, levels: Levels, as_of: dt.date) -> tuple[str, Reads]:
    """Write what stands after FROM: the fact view, for attributes each person's newest values only."""
    view, name = survey_columns(count.fact)
    ends = ("ends_on",) if count.open_only or count.months else ()
    dates = {"involvement": ("starts_on", *ends), "event": ("happened_on",), "attribute": ("as_of",)}
    columns = ["person_ref", name, *dates[count.fact]]
    if count.details:
        columns.append(_DETAIL_OF[count.fact])
    if count.count in ("sum", "mean"):
        columns.append(_AMOUNT_OF[count.fact])
    if count.fact != "attribute":
        return f"{quoted(view)} AS f", {view: tuple(columns)}
    places = tuple(quoted(geography.postcode_column) for geography in levels.all())
    kept = ", ".join(dict.fromkeys((*columns, *places)))
    newest = (
        f"(SELECT {kept},"
        " MAX(as_of) OVER (PARTITION BY person_ref, dataset, name) AS newest_on"
        f" FROM {quoted(view)} WHERE {one_of('name', count.names)}"
        f" AND (as_of IS NULL OR as_of <= {date_literal(as_of)})) AS f"
    )
    return newest, {view: (*columns, "dataset")}


def _conditions(count: Count, as_of: dt.date, needs_resident: bool) -> list[str]:
    day = date_literal(as_of)
    since = date_literal(months_before(as_of, count.months)) if count.months else None
    found = [one_of(f"f.{_NAME_OF[count.fact]}", count.names)]
    if count.details:
        found.append(one_of(f"f.{_DETAIL_OF[count.fact]}", count.details))
    if count.fact == "involvement":
        found.append(f"(f.starts_on IS NULL OR f.starts_on <= {day})")
        # An involvement that ends on the day is over at its end.
        if count.open_only:
            found.append(f"(f.ends_on IS NULL OR f.ends_on > {day})")
        elif since:
            found.append(f"(f.ends_on IS NULL OR f.ends_on > {since})")
    if count.fact == "event":
        found.append(f"(f.happened_on IS NULL OR f.happened_on <= {day})")
        if since:
            found.append(f"(f.happened_on IS NULL OR f.happened_on > {since})")
    if count.fact == "attribute":
        found.append("(f.person_ref IS NULL OR f.newest_on IS NULL OR f.as_of = f.newest_on)")
        if since:
            found.append(f"(f.as_of IS NULL OR f.as_of > {since})")
    if needs_resident:
        found.append(_age_fits(count))
    return found


def _age_fits(count: Count) -> str:
    if count.ages is None:
        return "TRUE"
    youngest, oldest = count.ages.split("-")
    return f"(r.age IS NULL OR r.age BETWEEN {int(youngest)} AND {int(oldest)})"


def _amount(count: Count) -> str:
    if count.count not in ("sum", "mean"):
        return "CAST(NULL AS DOUBLE)"
    return "CAST(f.quantity AS DOUBLE)" if count.fact == "event" else "TRY_CAST(f.value AS DOUBLE)"


def _left_out(count: Count, fact: str, needs_resident: bool) -> str:
    """Write the reason for which a row can't be counted anywhere, NULL if it can."""
    reasons = []
    if count.ages is not None and needs_resident:
        reasons.append(("r.age IS NULL", AGE_UNKNOWN))
    if fact and count.months is not None and count.fact in ("event", "attribute"):
        reasons.append((f"{fact}.{'happened_on' if count.fact == 'event' else 'as_of'} IS NULL", UNDATED))
    if count.count in ("sum", "mean"):
        reasons.append((f"{_amount(count)} IS NULL", NO_VALUE))
    if _counts_households(count):
        reasons.append(("r.household_ref IS NULL", NO_HOUSEHOLD))
    cases = " ".join(f"WHEN {condition} THEN {literal(bucket)}" for condition, bucket in reasons)
    return f"CASE {cases} END" if cases else "CAST(NULL AS VARCHAR)"


def _counts_households(count: Count) -> bool:
    return count.count == "households" or count.fact == "households"


def _by_area(rows: str, count: Count, geography: str, located_by: str) -> str:
    """Count the rows of one geography by bucket and area."""
    at = f"n.{quoted('at_' + located_by)}"
    code = literal(PLACE) if geography == PLACE else "a.area_code"
    if _counts_households(count):
        without = "COUNT(DISTINCT CASE WHEN household_ref IS NULL THEN person_ref END)"
        number = people = f"COUNT(DISTINCT household_ref) + {without}"
    else:
        people = "COUNT(DISTINCT person_ref) + COUNT(CASE WHEN person_ref IS NULL THEN 1 END)"
        number = "COUNT(DISTINCT person_ref)" if _counts_persons(count) else "COUNT(*)"
    return (
        f"SELECT {literal(geography)} AS geography, bucket, area_code, CAST({number} AS DOUBLE) AS number,"
        f" COALESCE(SUM(amount), 0) AS amount, CAST({people} AS DOUBLE) AS contributors\nFROM (\n"
        f"  SELECT n.person_ref, n.household_ref, n.amount,"
        f" COALESCE(n.left_out, CASE WHEN {at} IS NULL THEN {literal(UNPLACED)}"
        f" WHEN a.area_code IS NULL THEN {literal(OUTSIDE)} ELSE {literal(AREA)} END) AS bucket,"
        f" CASE WHEN n.left_out IS NULL AND a.area_code IS NOT NULL THEN {code} END AS area_code\n"
        f"  FROM {rows} AS n LEFT JOIN area AS a"
        f" ON a.geography = {literal(located_by)} AND a.area_code = {at}\n"
        f") AS b GROUP BY bucket, area_code"
    )


def _counts_persons(count: Count) -> bool:
    return count.count == "persons" or count.fact == "residents"
