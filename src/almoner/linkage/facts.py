"""The facts that keep two groups of nodes apart, whatever their score.

A fact is something a person can be told: two verified numbers, two birthdays, two rows of one register, an
event before birth. `conflict` names the fact, without its value.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

import duckdb
import pyarrow as pa

from almoner.linkage.comparisons import MISWRITTEN
from almoner.linkage.features import IDENTIFIERS
from almoner.linkage.shapes import Ages, Decision

UNIQUE_NUMBERS = tuple(name for name in IDENTIFIERS if name != "uln")
"""Numbers of which nobody holds two. A learner may be given a second ULN by mistake."""

DAYS_AFTER_DEATH = 60
"""How long after a death services still write events about the dead person."""

DAYS_BEFORE_BIRTH = 280
"""How long before birth services already write events about an unborn child."""

ADULT_AGE = 16
"""The age from which people pay tax, rent, vote or own in their own name, with room for attainers."""

CHILD_AGE = 20
"""The age up to which people are pupils, with room for those who stay on."""

GROWN_AGE = 25
"""The age from which two people of one birthday and surname at one address are hardly ever twins: those have left."""

FEWEST_DATED, STRAYS = 50, 0.04
"""A dataset is of grown-ups, or of children, when of at least so many people with a birthday at most this
share is not."""

NO_DATE = -1

FEWEST_BEARERS = 10
"""Nodes with a forename whose sex is told, from which the others are taken to be of that sex, if hardly any differ."""

_USUAL_SEX = f"""
    SELECT forename, mode(sex) AS sex FROM node WHERE forename IS NOT NULL AND sex IS NOT NULL
    GROUP BY forename
    HAVING count(*) >= {FEWEST_BEARERS}
       AND least(count(*) FILTER (WHERE sex = 'F'), count(*) FILTER (WHERE sex = 'M')) <= {STRAYS} * count(*)
"""


Keys = dict[int, set[int]]
NodeKeys = Mapping[int, Sequence[tuple[int, int]]]


@dataclass(frozen=True)
class Vouched:
    """What a pair of nodes has to say for itself against the facts.

    identified: a verified number is shared. named: full forenames agree. certain: full name, birthday, and
    number or address agree. renamed: surname, birthday and address agree, the forename doesn't.
    """

    identified: bool = False
    named: bool = False
    certain: bool = False
    renamed: bool = False


NOTHING_VOUCHED = Vouched()


@dataclass(slots=True)
class Held:
    """What is known of a group of nodes, all told. Dates are day numbers; -1 is no date.

    numbers: the different ones of each kind. days: how many mentions give each birthday. apart, snapshot: by key,
    the values: two nodes with one key and two values are different people. Those of a snapshot yield to a pair that is
    certain: registers hold duplicates. born_from, born_by: the earliest and the latest birthday that what is told of
    the group allows. grown_by: who was born by then is no longer a twin who lives with the other.
    """

    numbers: tuple[set[str], ...]
    days: dict[int, int]
    sex: set[int]
    forenames: set[str]
    suffix: set[str]
    born_from: int
    born_by: int
    dead_on: int
    last_event: int
    apart: Keys
    snapshot: Keys
    grown_by: int = NO_DATE
    anchor: int = NO_DATE
    """The birthday that most of the group's mentions give."""

    def absorb(self, other: Held) -> None:
        """Take over all that is known of another group."""
        for day, mentions in other.days.items():
            self.days[day] = self.days.get(day, 0) + mentions
        self.sex |= other.sex
        self.forenames |= other.forenames
        self.suffix |= other.suffix
        for ours, theirs in zip(self.numbers, other.numbers, strict=True):
            ours |= theirs
        for keys, taken in ((self.apart, other.apart), (self.snapshot, other.snapshot)):
            for key, values in taken.items():
                keys[key] = keys[key] | values if key in keys else values
        if other.born_by != NO_DATE:
            self.born_by = other.born_by if self.born_by == NO_DATE else min(self.born_by, other.born_by)
        self.born_from = max(self.born_from, other.born_from)
        self.dead_on, self.last_event = max(self.dead_on, other.dead_on), max(self.last_event, other.last_event)
        self.find_anchor()

    def find_anchor(self) -> None:
        """Find the birthday that most of the group's mentions give."""
        self.anchor = min(self.days, key=lambda day: (-self.days[day], day)) if self.days else NO_DATE

    def conflict(self, other: Held, vouched: Vouched = NOTHING_VOUCHED) -> str | None:
        """Name the fact that keeps two groups apart, or None."""
        if _clash(self.apart, other.apart) or (not vouched.certain and _clash(self.snapshot, other.snapshot)):
            return "apart"
        for name, ours, theirs in zip(UNIQUE_NUMBERS, self.numbers, other.numbers, strict=True):
            miswritten = vouched.named and name in MISWRITTEN
            if _differ(ours, theirs) and not (miswritten and _one_slip_apart(ours, theirs)):
                return name
        return None if vouched.identified else self._unlike(other, vouched)

    def _unlike(self, other: Held, vouched: Vouched) -> str | None:
        """Name the fact that keeps two groups apart where no number vouches for them."""
        named = vouched.named
        ours, theirs = self.anchor, other.anchor
        dated = NO_DATE not in (ours, theirs)
        if dated and not births_explained(ours, theirs):
            return "birth"
        if not vouched.certain and (self._impossible(other) or other._impossible(self)):
            return "dates"
        if not named and not dated and _differ(self.sex, other.sex):
            return "sex"
        no_twin = vouched.renamed and NO_DATE < max(ours, theirs) <= self.grown_by
        if not named and not no_twin and self._names_differ(other):
            return "forename"
        return "suffix" if _differ(self.suffix, other.suffix) else None

    def _impossible(self, other: Held) -> bool:
        """Whether the group was born too late, or dead too early, for what is told of the other."""
        birth = self.anchor
        if birth != NO_DATE and (NO_DATE < other.born_by < birth or birth < other.born_from):
            return True
        return self.dead_on != NO_DATE and other.last_event > self.dead_on + DAYS_AFTER_DEATH

    def _names_differ(self, other: Held) -> bool:
        ours, theirs = self.forenames, other.forenames
        if not _differ(ours, theirs):
            return False
        return not any(names_alike(one, other) for one in ours for other in theirs)


class NodeFacts:
    """What is known of each node that is looked at: its row of table fact, and its keys."""

    def __init__(
        self, rows: Mapping[int, tuple[Any, ...]], apart: NodeKeys, snapshot: NodeKeys, grown_by: int = NO_DATE
    ) -> None:
        self._rows, self._apart, self._snapshot, self._grown_by = rows, apart, snapshot, grown_by

    def of(self, nodes: Sequence[int]) -> Held:
        """Tell what is known of a group of nodes."""
        told = Held(
            tuple(set() for _ in UNIQUE_NUMBERS), {}, set(), set(), set(), *(NO_DATE,) * 4, {}, {}, self._grown_by
        )
        for node in nodes:
            dob, born_by, dead_on, last_event, born_from, sex, forenames, suffix, mentions, *numbers = self._rows[node]
            if dob != NO_DATE:
                told.days[dob] = told.days.get(dob, 0) + mentions
            if born_by != NO_DATE:
                told.born_by = born_by if told.born_by == NO_DATE else min(told.born_by, born_by)
            told.born_from = max(told.born_from, born_from)
            told.dead_on, told.last_event = max(told.dead_on, dead_on), max(told.last_event, last_event)
            told.forenames.update(forenames)
            if sex is not None:
                told.sex.add(sex)
            if suffix is not None:
                told.suffix.add(suffix)
            for held, number in zip(told.numbers, numbers, strict=True):
                if number is not None:
                    held.add(number)
            for keys, own in ((told.apart, self._apart), (told.snapshot, self._snapshot)):
                for key, value in own.get(node, ()):
                    keys.setdefault(key, set()).add(value)
        told.find_anchor()
        return told

    def conflict(self, left: Sequence[int], right: Sequence[int], vouched: Vouched = NOTHING_VOUCHED) -> str | None:
        """Name the fact that keeps two groups of nodes apart, or None."""
        return self.of(left).conflict(self.of(right), vouched)


def _clash(left: Keys, right: Keys) -> bool:
    return any(key in left and not values <= left[key] for key, values in right.items())


def _differ(ours: set[Any], theirs: set[Any]) -> bool:
    return bool(ours) and bool(theirs) and ours.isdisjoint(theirs)


def _one_slip_apart(ours: set[Any], theirs: set[Any]) -> bool:
    return any(_slips(min(one, other, key=len), max(other, one, key=len), 1) == 1 for one in ours for other in theirs)


@lru_cache(maxsize=65536)
def names_alike(one: str, other: str) -> bool:
    """Say whether two forenames may be one name, cut short or misspelt: up to two slips, where they begin
    alike."""
    short, long = sorted((one, other), key=len)
    if (len(short) > 2 and long.startswith(short)) or (len(short) > 3 and long.endswith(short)):
        return True
    allowed = 2 if short[:1] == long[:1] and len(long) > 3 else 1
    return len(long) > 2 and _slips(short, long, allowed) <= allowed


def _slips(one: str, other: str, most: int) -> int:
    """Count the letters added, lost, changed or swapped with a neighbour; `most` + 1 stands for more."""
    if len(other) - len(one) > most:
        return most + 1
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, letter in enumerate(one, 1):
        older, before, row = before, row, [i]
        for j, against in enumerate(other, 1):
            cost = min(row[j - 1] + 1, before[j] + 1, before[j - 1] + (letter != against))
            if i > 1 and j > 1 and letter == other[j - 2] and one[i - 2] == against:
                cost = min(cost, older[j - 2] + 1)
            row.append(cost)
    return min(row[-1], most + 1)


def births_explained(one: int, other: int) -> bool:
    """Say whether two birthdays can be one, misread.

    The same; day and month swapped; one part of a day in the right year wrong; 1 January for a year alone; a
    decade or a year off; or one digit, or two neighbours, off.
    """
    if one == other:
        return True
    a, b = date.fromordinal(one), date.fromordinal(other)
    if a.year == b.year:
        guess = (1, 1) in ((a.month, a.day), (b.month, b.day))
        if guess or (a.month, a.day) == (b.day, b.month) or a.month == b.month or a.day == b.day:
            return True
    if abs(a.year - b.year) in (1, 10) and (a.month, a.day) == (b.month, b.day):
        return True
    # isoformat and not strftime, which writes the year 1 with one digit
    return _one_slip(a.isoformat().replace("-", ""), b.isoformat().replace("-", ""))


def _one_slip(a: str, b: str) -> bool:
    wrong = [place for place in range(8) if a[place] != b[place]]
    if len(wrong) == 1:
        return True
    if len(wrong) != 2 or wrong[1] != wrong[0] + 1:
        return False
    first, second = wrong
    return a[first] == b[second] and a[second] == b[first]


def find_usual_sex(engine: duckdb.DuckDBPyConnection) -> None:
    """Find the sex that a forename usually tells. In: table node. Out: table usual_sex (forename, sex)."""
    engine.execute(f"CREATE OR REPLACE TEMP TABLE usual_sex AS {_USUAL_SEX}")


def tell_facts(engine: duckdb.DuckDBPyConnection, decisions: Sequence[Decision], ages: Ages) -> None:
    """Tell the facts of the nodes.

    In: tables node, node_of_mention, mention, mention_place, usual_sex; which datasets hold whom. Out: tables fact,
    apart_key and snapshot_key (node, key, value).
    """
    tell_lives(engine, ages)
    _tell_apart_keys(engine, decisions)


def tell_lives(engine: duckdb.DuckDBPyConnection, ages: Ages) -> None:
    """Tell what a node says of a life: who it may be, and when it can have begun and ended. Out: table fact."""
    adults, children = (
        ", ".join(f"'{name}'" for name in sorted(names)) or "NULL" for names in (ages.adults, ages.children)
    )
    engine.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE fact AS
        WITH lived AS (
            SELECT node, max(event_on) AS last_event, max(dead_on) AS dead_on,
                   least(
                       min(event_on) + {DAYS_BEFORE_BIRTH},
                       CAST(min(CASE WHEN dataset IN ({adults}) AND date_of_birth IS NULL THEN as_of END)
                            - INTERVAL {ADULT_AGE} YEAR AS DATE)
                   ) AS born_by,
                   CAST(max(CASE WHEN dataset IN ({children}) AND date_of_birth IS NULL THEN as_of END)
                        - INTERVAL {CHILD_AGE} YEAR AS DATE) AS born_from
            FROM mention JOIN node_of_mention USING (mention) GROUP BY node
        )
        SELECT node, CASE WHEN NOT dob_heaped THEN dob END AS dob, born_by, dead_on, last_event, born_from,
               CASE coalesce(node.sex, usual.sex) WHEN 'F' THEN 1 WHEN 'M' THEN 2 END AS sex,
               forename_roots, suffix, mentions, {", ".join(UNIQUE_NUMBERS)}
        FROM node JOIN lived USING (node) LEFT JOIN usual_sex usual USING (forename)
        """
    )


def gather_facts(engine: duckdb.DuckDBPyConnection) -> NodeFacts:
    """Gather the facts of the nodes to be looked at. In: tables fact, apart_key, snapshot_key and looked_at (node)."""
    days = ", ".join(
        f"coalesce(CAST({day} - DATE '1970-01-01' AS INTEGER) + {date(1970, 1, 1).toordinal()}, {NO_DATE})"
        for day in ("dob", "born_by", "dead_on", "last_event", "born_from")
    )
    rows = engine.execute(
        f"SELECT node, {days}, sex, forename_roots, suffix, mentions, {', '.join(UNIQUE_NUMBERS)} "
        f"FROM fact SEMI JOIN looked_at USING (node)"
    ).fetchall()
    by_node = {row[0]: row[1:] for row in rows}
    apart, snapshot = _read_keys(engine, "apart_key"), _read_keys(engine, "snapshot_key")
    return NodeFacts(by_node, apart, snapshot, _grown_by(engine))


def _grown_by(engine: duckdb.DuckDBPyConnection) -> int:
    day = engine.execute(f"SELECT CAST(max(as_of) - INTERVAL {GROWN_AGE} YEAR AS DATE) FROM mention").fetchall()[0][0]
    return day.toordinal() if day else NO_DATE


def find_ages(engine: duckdb.DuckDBPyConnection) -> Ages:
    """Find the datasets of grown-ups and of children, from the birthdays of the people they were joined to.

    A tax or an electoral register holds no birthdays, but must not be taken for the taxpayer's child of one
    name. In: tables grouped (node, label), sure (label), fact, mention, node_of_mention.
    """
    rows = engine.execute(
        f"""
        WITH births AS (SELECT label, min(dob) AS dob FROM grouped JOIN fact USING (node) GROUP BY label),
        aged AS (
            SELECT dataset, (as_of - dob) / 365.25 AS age
            FROM mention JOIN node_of_mention USING (mention) JOIN grouped USING (node) SEMI JOIN sure USING (label)
            JOIN births USING (label)
            WHERE is_latest AND as_of IS NOT NULL AND dob IS NOT NULL
        )
        SELECT dataset, avg(CAST(age < {ADULT_AGE} AS INTEGER)), avg(CAST(age > {CHILD_AGE} AS INTEGER))
        FROM aged GROUP BY dataset HAVING count(*) >= {FEWEST_DATED}
        """
    ).fetchall()
    return Ages(
        frozenset(name for name, young, _ in rows if young <= STRAYS),
        frozenset(name for name, _, old in rows if old <= STRAYS),
    )


def _tell_apart_keys(engine: duckdb.DuckDBPyConnection, decisions: Sequence[Decision]) -> None:
    """Tell who is known to be different: slots of one row, parties of one account, and what people decided; and the
    rows of snapshots that are keyed by person, at one address: who moved may be on a register twice."""
    engine.execute(
        """
        CREATE OR REPLACE TEMP TABLE said AS
        SELECT node, dataset, record_id, row_id, party_of, is_apart, is_latest, place
        FROM mention JOIN node_of_mention USING (mention) JOIN mention_place USING (mention)
        """
    )
    engine.execute(
        """
        CREATE OR REPLACE TEMP TABLE apart_key AS
        SELECT DISTINCT node, hash('r', dataset, row_id) AS key, hash(record_id) AS value FROM said
        WHERE row_id IN (SELECT row_id FROM said GROUP BY dataset, row_id HAVING count(*) > 1)
        UNION
        SELECT node, hash('p', dataset, party_of), hash(record_id) FROM said WHERE party_of IS NOT NULL AND is_latest
        """
    )
    engine.execute(
        """
        CREATE OR REPLACE TEMP TABLE snapshot_key AS
        SELECT DISTINCT node, hash(dataset, coalesce(place, '')) AS key, hash(record_id) AS value
        FROM said WHERE is_apart
        """
    )
    where = nodes_of_records(engine) if decisions else {}
    apart = []
    for place, decision in enumerate(decisions):
        left, right = where.get(decision.left), where.get(decision.right)
        if decision.verdict == "different" and left is not None and right is not None:
            apart += [(left, place, 0), (right, place, 1)]
    columns = {name: pa.array([row[i] for row in apart], pa.int64()) for i, name in enumerate(("node", "no", "value"))}
    engine.register("given", pa.table(columns))
    engine.execute("INSERT INTO apart_key SELECT node, hash('d', no), value FROM given")
    engine.unregister("given")


def _read_keys(engine: duckdb.DuckDBPyConnection, table: str) -> NodeKeys:
    rows = engine.execute(f"SELECT node, key, value FROM {table} SEMI JOIN looked_at USING (node)").fetchall()
    found: dict[int, list[tuple[int, int]]] = {}
    for node, key, value in rows:
        found.setdefault(node, []).append((key, value))
    return found


def nodes_of_records(engine: duckdb.DuckDBPyConnection) -> dict[tuple[str, str], int]:
    """Give the node of each record that a decision names."""
    rows = engine.execute(
        "SELECT dataset, record_id, node FROM mention JOIN decided USING (mention) JOIN node_of_mention USING (mention)"
    ).fetchall()
    return {(dataset, record_id): node for dataset, record_id, node in rows}
