"""The facts that keep two groups of nodes apart, whatever their score.

A fact is something a person can be told: two verified numbers, two birthdays, two rows of one register, an
event before birth. `conflict` names the fact, without its value.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

import duckdb

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

FEWEST_DATED, STRAYS = 50, 0.04
"""A dataset is of grown-ups, or of children, when of at least so many people with a birthday at most this
share is not."""

NO_DATE = -1


Keys = tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class Vouched:
    """What a pair of nodes has to say for itself against the facts.

    identified: a verified number is shared. named: full forenames agree. certain: full name, birthday, and
    number or address agree.
    """

    identified: bool = False
    named: bool = False
    certain: bool = False


NOTHING_VOUCHED = Vouched()


@dataclass(frozen=True)
class NodeFacts:
    """What is known of each node, by node number. Dates are days since 1970; texts are codes; -1 is unknown.

    apart, snapshot: for each node, pairs (key, value): two nodes with one key and two values are different
    people. Those of a snapshot yield to a pair that is certain: registers hold duplicates. born_from,
    born_by: the earliest and the latest birthday that what is told of the node allows.
    """

    numbers: dict[str, list[int]]
    dob: list[int]
    sex: list[int]
    forenames: list[frozenset[str]]
    suffix: list[str | None]
    born_from: list[int]
    born_by: list[int]
    dead_on: list[int]
    last_event: list[int]
    apart: list[Keys]
    snapshot: list[Keys]
    mentions: list[int]

    def conflict(self, left: Sequence[int], right: Sequence[int], vouched: Vouched = NOTHING_VOUCHED) -> str | None:
        """Name the fact that keeps two groups of nodes apart, or None."""
        if _clash(self.apart, left, right) or (not vouched.certain and _clash(self.snapshot, left, right)):
            return "apart"
        for name, codes in self.numbers.items():
            if _differ(codes, left, right):
                return name
        return None if vouched.identified else self._unlike(left, right, vouched.named)

    def _unlike(self, left: Sequence[int], right: Sequence[int], named: bool) -> str | None:
        """Name the fact that keeps two groups apart where no number vouches for them."""
        ours, theirs = self.anchor(left), self.anchor(right)
        dated = NO_DATE not in (ours, theirs)
        if dated and not births_explained(ours, theirs):
            return "birth"
        if self._impossible(ours, left, right) or self._impossible(theirs, right, left):
            return "dates"
        if not named and not dated and _differ(self.sex, left, right):
            return "sex"
        if not named and self._names_differ(left, right):
            return "forename"
        return "suffix" if _differ(self.suffix, left, right) else None

    def anchor(self, nodes: Sequence[int]) -> int:
        """Give the birthday that most of a group's mentions give."""
        counts: Counter[int] = Counter()
        for node in nodes:
            if self.dob[node] != NO_DATE:
                counts[self.dob[node]] += self.mentions[node]
        return min(counts, key=lambda day: (-counts[day], day)) if counts else NO_DATE

    def _impossible(self, birth: int, born: Sequence[int], lived: Sequence[int]) -> bool:
        """Whether one group was born too late, or dead too early, for what is told of the other."""
        if birth != NO_DATE and any(
            NO_DATE < self.born_by[node] < birth or birth < self.born_from[node] for node in lived
        ):
            return True
        dead = max(self.dead_on[node] for node in born)
        return dead != NO_DATE and max(self.last_event[node] for node in lived) > dead + DAYS_AFTER_DEATH

    def _names_differ(self, left: Sequence[int], right: Sequence[int]) -> bool:
        ours = frozenset().union(*(self.forenames[node] for node in left))
        theirs = frozenset().union(*(self.forenames[node] for node in right))
        if not ours or not theirs or ours & theirs:
            return False
        return not any(names_alike(one, other) for one in ours for other in theirs)


def _clash(keys: Sequence[Keys], left: Sequence[int], right: Sequence[int]) -> bool:
    seen: dict[int, set[int]] = {}
    for node in left:
        for key, value in keys[node]:
            seen.setdefault(key, set()).add(value)
    return bool(seen) and any(key in seen and value not in seen[key] for node in right for key, value in keys[node])


def _differ(values: Sequence[int | str | None], left: Sequence[int], right: Sequence[int]) -> bool:
    ours = {values[node] for node in left} - {-1, None}
    if not ours:
        return False
    theirs = {values[node] for node in right} - {-1, None}
    return bool(theirs) and not ours & theirs


@lru_cache(maxsize=65536)
def names_alike(one: str, other: str) -> bool:
    """Say whether two forenames may be one name, cut short or misspelt: up to two slips, where they begin
    alike."""
    short, long = sorted((one, other), key=len)
    if len(short) > 2 and long.startswith(short):
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
    return _one_slip(a.strftime("%Y%m%d"), b.strftime("%Y%m%d"))


def _one_slip(a: str, b: str) -> bool:
    wrong = [place for place in range(8) if a[place] != b[place]]
    if len(wrong) == 1:
        return True
    if len(wrong) != 2 or wrong[1] != wrong[0] + 1:
        return False
    first, second = wrong
    return a[first] == b[second] and a[second] == b[first]


def gather_facts(engine: duckdb.DuckDBPyConnection, decisions: Sequence[Decision], ages: Ages) -> NodeFacts:
    """Gather the facts of the nodes. In: tables node, node_of_mention, mention; which datasets hold whom."""
    numbers = ", ".join(
        f"CASE WHEN {name} IS NULL THEN -1 ELSE CAST(dense_rank() OVER (ORDER BY {name}) AS INTEGER) END"
        for name in UNIQUE_NUMBERS
    )
    adults, children = (
        ", ".join(f"'{name}'" for name in sorted(names)) or "NULL" for names in (ages.adults, ages.children)
    )
    rows = engine.execute(
        f"""
        WITH lived AS (
            SELECT node, max(event_on) AS last_event, max(dead_on) AS dead_on,
                   least(
                       min(event_on) + {DAYS_BEFORE_BIRTH},
                       CAST(min(CASE WHEN dataset IN ({adults}) THEN as_of END)
                            - INTERVAL {ADULT_AGE} YEAR AS DATE)
                   ) AS born_by,
                   CAST(max(CASE WHEN dataset IN ({children}) THEN as_of END)
                        - INTERVAL {CHILD_AGE} YEAR AS DATE) AS born_from
            FROM mention JOIN node_of_mention USING (mention) GROUP BY node
        )
        SELECT CASE WHEN NOT dob_heaped THEN dob END, born_by, dead_on, last_event, born_from,
               CASE sex WHEN 'F' THEN 1 WHEN 'M' THEN 2 ELSE -1 END, forename_roots, suffix, mentions,
               {numbers}
        FROM node JOIN lived USING (node)
        ORDER BY node
        """
    ).fetchall()
    columns = list(zip(*rows, strict=True)) if rows else [()] * (9 + len(UNIQUE_NUMBERS))
    dob, born_by, dead_on, last_event, born_from = (
        [day.toordinal() if day else NO_DATE for day in column] for column in columns[:5]
    )
    return NodeFacts(
        numbers={name: list(columns[9 + place]) for place, name in enumerate(UNIQUE_NUMBERS)},
        dob=dob,
        sex=list(columns[5]),
        forenames=[frozenset(roots) for roots in columns[6]],
        suffix=list(columns[7]),
        born_from=born_from,
        born_by=born_by,
        dead_on=dead_on,
        last_event=last_event,
        apart=_apart_keys(engine, decisions, len(rows)),
        snapshot=_snapshot_keys(engine, len(rows)),
        mentions=list(columns[8]),
    )


def find_ages(engine: duckdb.DuckDBPyConnection, label: Sequence[int], facts: NodeFacts) -> Ages:
    """Find the datasets of grown-ups and of children, from the birthdays of the people they were joined to.

    A tax or an electoral register holds no birthdays, but must not be taken for the taxpayer's child of one
    name.
    """
    members: dict[int, list[int]] = {}
    for node, group in enumerate(label):
        members.setdefault(group, []).append(node)
    births = {group: facts.anchor(nodes) for group, nodes in members.items()}
    rows = engine.execute(
        "SELECT dataset, node, as_of FROM mention JOIN node_of_mention USING (mention) "
        "WHERE is_latest AND as_of IS NOT NULL"
    ).fetchall()
    seen: dict[str, list[float]] = {}
    for dataset, node, day in rows:
        birth = births[label[node]]
        if birth != NO_DATE:
            seen.setdefault(dataset, []).append((day.toordinal() - birth) / 365.25)
    known = {dataset: ages for dataset, ages in seen.items() if len(ages) >= FEWEST_DATED}
    return Ages(
        frozenset(name for name, ages in known.items() if sum(a < ADULT_AGE for a in ages) <= STRAYS * len(ages)),
        frozenset(name for name, ages in known.items() if sum(a > CHILD_AGE for a in ages) <= STRAYS * len(ages)),
    )


def _apart_keys(engine: duckdb.DuckDBPyConnection, decisions: Sequence[Decision], nodes: int) -> list[Keys]:
    """Who is known to be different: slots of one row, parties of one account, and what people decided."""
    keys = _keyed(
        engine,
        nodes,
        """
        SELECT node, record_id, 'r' || dataset || '|' || row_id AS key FROM said
        QUALIFY count(*) OVER (PARTITION BY dataset, row_id) > 1
        UNION ALL
        SELECT node, record_id, 'p' || dataset || '|' || party_of FROM said
        WHERE party_of IS NOT NULL AND is_latest
        """,
    )
    where = nodes_of_records(engine)
    for place, decision in enumerate(decisions):
        left, right = where.get(decision.left), where.get(decision.right)
        if decision.verdict == "different" and left is not None and right is not None:
            keys[left] += ((-1 - place, 0),)
            keys[right] += ((-1 - place, 1),)
    return keys


def _snapshot_keys(engine: duckdb.DuckDBPyConnection, nodes: int) -> list[Keys]:
    """The rows of snapshots that are keyed by person, at one address: who moved may be on a register twice."""
    return _keyed(
        engine, nodes, "SELECT node, record_id, dataset || '|' || coalesce(place, '') AS key FROM said WHERE is_apart"
    )


def _keyed(engine: duckdb.DuckDBPyConnection, nodes: int, sql: str) -> list[Keys]:
    rows = engine.execute(
        f"""
        WITH said AS (
            SELECT node, dataset, record_id, row_id, party_of, is_apart, is_latest, place
            FROM mention JOIN node_of_mention USING (mention) JOIN mention_place USING (mention)
        ), keyed AS ({sql})
        SELECT DISTINCT node, CAST(dense_rank() OVER (ORDER BY key) AS INTEGER),
               CAST(dense_rank() OVER (ORDER BY key, record_id) AS INTEGER)
        FROM keyed
        ORDER BY 1, 2, 3
        """
    ).fetchall()
    found: dict[int, list[tuple[int, int]]] = {}
    for node, key, value in rows:
        found.setdefault(node, []).append((key, value))
    return [tuple(found.get(node, ())) for node in range(nodes)]


def nodes_of_records(engine: duckdb.DuckDBPyConnection) -> dict[tuple[str, str], int]:
    """Give the node of each record that a decision names."""
    rows = engine.execute(
        "SELECT dataset, record_id, node FROM mention JOIN decided USING (mention) JOIN node_of_mention USING (mention)"
    ).fetchall()
    return {(dataset, record_id): node for dataset, record_id, node in rows}
