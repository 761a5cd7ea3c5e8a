"""Joins nodes into people: best evidence first, never against a fact, and never by a coin toss.

Four passes over the edges. First what people decided. Then firm edges, whose evidence is a birthday or an
identifier: best weight first, each refused where it would put two facts into one person. Last the weak ones,
which rest on a name within an address: each is taken only if no other group of the same address, known to be
somebody else, fits nearly as well. Then records that name nobody, by the number their own system gave somebody:
each is taken only if all who bear that number are one person by now. A refusal is kept with its reason, for people
to look at.

Groups in which nothing contradicts anything are settled at once (`settled`); the passes are for the others.
The result depends on the nodes and edges alone, not on the order in which they came.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from itertools import product
from typing import NamedTuple

import duckdb
import numpy as np
import pyarrow as pa

from almoner.linkage.facts import (
    NOTHING_VOUCHED,
    Held,
    NodeFacts,
    Vouched,
    find_ages,
    gather_facts,
    nodes_of_records,
    tell_facts,
    tell_lives,
)
from almoner.linkage.features import numbered_only
from almoner.linkage.settled import GRADES, Edges, Flags, Ints, misdated, settle, settle_firm, strongest
from almoner.linkage.shapes import Ages, Decision, LinkSettings
from almoner.linkage.weighing import weight_of


class Edge(NamedTuple):
    """A scored pair of nodes. good: strong enough to be taken, if no fact and no rival stands against it."""

    l: int  # noqa: E741
    r: int
    weight: float
    is_rule: bool
    grade: str
    good: bool
    vouched: Vouched
    full_named: bool


@dataclass
class Clusters:
    """Who belongs together: a label for each node, the edge that brought it in, and what was refused.

    joined: one row per node in a group of more than one: node, l and r (the edge; NULL for a decision), weight,
    is_number (the edge is a system's own number, which is not weighed) and decided_by: decision, rule or model.
    refused: edges that were good enough but not taken, with the reason. ages: which datasets hold whom, as used.
    """

    label: Ints
    joined: pa.Table
    refused: list[tuple[Edge, str]]
    overruled: list[str] = field(default_factory=list)
    ages: Ages = field(default_factory=Ages)


class _Groups:
    """Disjoint sets of nodes that know their members and what is known of them."""

    def __init__(self, label: dict[int, int], facts: NodeFacts) -> None:
        self.label = label
        self._facts = facts
        self._held: dict[int, Held] = {}
        self._members: dict[int, list[int]] = {}
        for node, group in label.items():
            self._members.setdefault(group, []).append(node)

    def members(self, label: int) -> list[int]:
        return self._members.get(label) or [label]

    def held(self, label: int) -> Held:
        """Tell what is known of a group, gathered when first asked for after a change."""
        if label not in self._held:
            self._held[label] = self._facts.of(self.members(label))
        return self._held[label]

    def join(self, one: int, other: int) -> None:
        ours, theirs = self.members(one), self.members(other)
        if (len(ours), -one) < (len(theirs), -other):
            one, other, ours, theirs = other, one, theirs, ours
        for node in theirs:
            self.label[node] = one
        self._members[one] = ours + theirs
        self._members.pop(other, None)
        if one in self._held and other in self._held:
            self._held[one].absorb(self._held[other])
        else:
            self._held.pop(one, None)
        self._held.pop(other, None)


def cluster(
    engine: duckdb.DuckDBPyConnection,
    decisions: Sequence[Decision],
    settings: LinkSettings,
    previous_person: Ints | None,
) -> Clusters:
    """Join the nodes into people.

    In: tables node, edge, mention, node_of_mention, mention_place; previous_person: for each node a number for the
    person that its records were, -1 where they were not one. Out: the clusters.
    """
    nodes = int(engine.execute("SELECT count(*) FROM node").fetchall()[0][0])
    edges = read_edges(engine, settings, previous_person)
    ages = settings.ages or Ages()
    tell_facts(engine, decisions, ages)
    label, doubtful = settle(engine, nodes, edges, decisions, settings.rival_margin)
    if settings.ages is None:
        engine.execute("CREATE OR REPLACE TEMP TABLE sure AS SELECT DISTINCT label FROM grouped")
        _remove(engine, "sure", "label", np.unique(label[doubtful]))
        ages = find_ages(engine)
        tell_lives(engine, ages)
        doubtful |= misdated(engine, label)
    return replace(_join(engine, edges, label, doubtful, decisions, settings), ages=ages)


def _remove(engine: duckdb.DuckDBPyConnection, table: str, column: str, values: Ints) -> None:
    engine.register("given", pa.table({column: pa.array(values, pa.int32())}))
    engine.execute(f"CREATE OR REPLACE TEMP TABLE {table} AS SELECT * FROM {table} ANTI JOIN given USING ({column})")
    engine.unregister("given")


def read_edges(engine: duckdb.DuckDBPyConnection, settings: LinkSettings, previous_person: Ints | None) -> Edges:
    """Read the scored pairs, the strongest first, and say which are good enough to be taken."""
    read = engine.execute(
        f"SELECT l, r, weight, is_rule, CAST(list_position({list(GRADES)}, grade) - 1 AS TINYINT) AS grade, "
        f"{', '.join(_VOUCHING)}, full_named FROM edge ORDER BY weight DESC, l, r"
    ).fetchnumpy()
    left, right = read["l"].astype(np.int64), read["r"].astype(np.int64)
    weight, is_rule = np.asarray(read["weight"]), np.asarray(read["is_rule"])
    grade = np.asarray(read["grade"])
    firm, weak, number = (grade == GRADES.index(each) for each in ("firm", "weak", "number"))
    kept = np.zeros(len(left), dtype=np.bool_)
    if previous_person is not None:
        kept = (previous_person[left] >= 0) & (previous_person[left] == previous_person[right])
    bar = np.where(weak, weight_of(settings.weak_probability), weight_of(settings.link_probability))
    strong = weight >= bar - np.where(kept, settings.kept_margin, 0.0)
    good = is_rule | number | (strong & (firm | weak))
    flags = {name: np.asarray(read[name]) for name in (*_VOUCHING, "full_named")}
    return Edges(left, right, weight, is_rule, grade, good, flags)


_VOUCHING = ("identified", "named", "certain", "renamed")

_VOUCHED = {flags: Vouched(*flags) for flags in product((False, True), repeat=len(_VOUCHING))}


def _listed(edges: Edges, chosen: Flags) -> list[Edge]:
    """Give some edges one by one, the strongest first."""
    at = np.flatnonzero(chosen)
    columns = (edges.l, edges.r, edges.weight, edges.is_rule, edges.grade, edges.good)
    flags = (edges.flags[name] for name in (*_VOUCHING, "full_named"))
    return [
        Edge(left, right, weight, is_rule, GRADES[grade], good, _VOUCHED[identified or is_rule, *said], full_named)
        for left, right, weight, is_rule, grade, good, identified, *said, full_named in zip(
            *(column[at].tolist() for column in (*columns, *flags)), strict=True
        )
    ]


def _numbered(engine: duckdb.DuckDBPyConnection) -> frozenset[int]:
    rows = engine.execute(f"SELECT node FROM node WHERE {numbered_only('node')}").fetchall()
    return frozenset(row[0] for row in rows)


def nobodies(engine: duckdb.DuckDBPyConnection, clusters: Clusters) -> frozenset[int]:
    """Give the nodes that name nobody, and that nobody's number was found for: of them no person is made."""
    return _numbered(engine) - frozenset(clusters.joined["node"].to_pylist())


def _join(
    engine: duckdb.DuckDBPyConnection,
    edges: Edges,
    label: Ints,
    doubtful: Flags,
    decisions: Sequence[Decision],
    settings: LinkSettings,
) -> Clusters:
    """Take the doubtful groups edge by edge, and put what comes of them beside the settled ones."""
    asked = ~edges.good & ~edges.graded("number") & (edges.weight >= weight_of(settings.review_probability))
    parted = asked & (label[edges.l] != label[edges.r])
    looked_at = doubtful.copy()
    looked_at[np.isin(label, np.concatenate((label[edges.l[parted]], label[edges.r[parted]])))] = True
    at = np.flatnonzero(looked_at)
    engine.register("given", pa.table({"node": pa.array(at, pa.int32())}))
    engine.execute("CREATE OR REPLACE TEMP TABLE looked_at AS SELECT * FROM given")
    engine.unregister("given")
    firm = settle_firm(engine, edges, doubtful, decisions)
    start = np.where(doubtful, firm, label)
    groups = _Groups(dict(zip(at.tolist(), start[at].tolist(), strict=True)), gather_facts(engine))
    at_once = edges.good & (start[edges.l] == start[edges.r])
    first = strongest(len(label), edges, at_once)
    settled = np.flatnonzero(first >= 0)
    joiner = _Joiner(groups, frozenset(settled[doubtful[settled]].tolist()), settings)
    taken = _listed(edges, doubtful[edges.l] & doubtful[edges.r] & (start[edges.l] != start[edges.r]))
    joiner.decide(decisions, nodes_of_records(engine) if decisions else {})
    joiner.take_firm([edge for edge in taken if edge.is_rule or edge.grade == "firm"])
    joiner.take_weak([edge for edge in taken if edge.grade == "weak" and not edge.is_rule])
    joiner.take_numbers([edge for edge in taken if edge.grade == "number"], _numbered(engine))
    final = label.copy()
    final[at] = joiner.labels(at.tolist())
    joiner.question(_listed(edges, asked & (final[edges.l] != final[edges.r])))
    joined = pa.concat_tables([_joined_at_once(edges, settled, first[settled]), joiner.joined()])
    return Clusters(final, joined, joiner.refused, joiner.overruled)


def _joined_at_once(edges: Edges, nodes: Ints, at: Ints) -> pa.Table:
    by_rule = edges.is_rule[at] | (edges.graded("number")[at])
    return pa.table(
        {
            "node": pa.array(nodes, pa.int32()),
            "l": pa.array(edges.l[at], pa.int32()),
            "r": pa.array(edges.r[at], pa.int32()),
            "weight": pa.array(edges.weight[at]),
            "is_number": pa.array(edges.graded("number")[at]),
            "decided_by": pa.array(np.where(by_rule, "rule", "model").tolist(), pa.string()),
        }
    )


_JOINED = pa.schema(
    [
        ("node", pa.int32()),
        ("l", pa.int32()),
        ("r", pa.int32()),
        ("weight", pa.float64()),
        ("is_number", pa.bool_()),
        ("decided_by", pa.string()),
    ]
)


class _Joiner:
    def __init__(self, groups: _Groups, settled: frozenset[int], settings: LinkSettings) -> None:
        self.groups = groups
        self.settled = settled
        self.margin = settings.rival_margin
        self.joined_by: dict[int, tuple[Edge | None, str]] = {}
        self.refused: list[tuple[Edge, str]] = []
        self.overruled: list[str] = []

    def decide(self, decisions: Iterable[Decision], where: dict[tuple[str, str], int]) -> None:
        """Join what people said is one, even against a number, but say so."""
        for decision in sorted(decisions, key=lambda each: (each.left, each.right)):
            left, right = where.get(decision.left), where.get(decision.right)
            if decision.verdict == "same" and left is not None and right is not None:
                reason = self._conflict(left, right, Vouched(named=True, certain=True))
                if reason not in (None, "sex", "suffix", "forename"):
                    self.overruled.append(reason or "")
                self._join(left, right, None, "decision")

    def take_firm(self, edges: Sequence[Edge]) -> None:
        """Take edges with a birthday or an identifier behind them, and a system's own person numbers."""
        for edge in sorted(edges, key=lambda each: not each.is_rule):
            if not (edge.is_rule or (edge.grade == "firm" and edge.good)):
                continue
            if self.groups.label[edge.l] == self.groups.label[edge.r]:
                continue
            reason = self._conflict(edge.l, edge.r, edge.vouched)
            if reason is None:
                self._join(edge.l, edge.r, edge, "rule" if edge.is_rule else "model")
            else:
                self.refused.append((edge, reason))

    def take_weak(self, edges: Sequence[Edge]) -> None:
        """Take names within an address, where nobody else fits nearly as well. Twice: a join may settle a
        rivalry."""
        near: dict[int, list[Edge]] = {}
        for edge in edges:
            near.setdefault(edge.l, []).append(edge)
            near.setdefault(edge.r, []).append(edge)
        waiting = [edge for edge in edges if edge.good]
        for last in (False, True):
            left_over = []
            for edge in waiting:
                if self.groups.label[edge.l] == self.groups.label[edge.r]:
                    continue
                reason = self._conflict(edge.l, edge.r, edge.vouched)
                if reason is None and self._has_rival(edge, near):
                    reason = "rival"
                if reason is None:
                    self._join(edge.l, edge.r, edge, "model")
                elif last:
                    self.refused.append((edge, reason))
                else:
                    left_over.append(edge)
            waiting = left_over

    def take_numbers(self, edges: Sequence[Edge], nameless: frozenset[int]) -> None:
        """Join each nameless node to the one person who bears its number; where two do, to neither."""
        bearers: dict[int, list[Edge]] = {}
        for edge in edges:
            bearers.setdefault(edge.l if edge.l in nameless else edge.r, []).append(edge)
        for node, found in sorted(bearers.items()):
            people = {self.groups.label[edge.r if edge.l == node else edge.l] for edge in found}
            reason = "rival" if len(people) > 1 else self._conflict(found[0].l, found[0].r, found[0].vouched)
            if reason is None:
                self._join(found[0].l, found[0].r, found[0], "rule")
            else:
                self.refused.append((found[0], reason))

    def question(self, edges: Sequence[Edge]) -> None:
        """Keep for people's eyes what is too uncertain to take, by its weight or the kind of its evidence, and was not
        joined otherwise."""
        for edge in edges:
            if self._conflict(edge.l, edge.r, edge.vouched) is None:
                self.refused.append((edge, "uncertain"))

    def labels(self, nodes: Sequence[int]) -> list[int]:
        """Give each node's group, labelled by its first node."""
        first: dict[int, int] = {}
        for node in nodes:
            first.setdefault(self.groups.label[node], node)
        return [first[self.groups.label[node]] for node in nodes]

    def joined(self) -> pa.Table:
        """Give the edge that brought each node in."""
        rows = [
            {
                "node": node,
                "l": edge.l if edge else None,
                "r": edge.r if edge else None,
                "weight": edge.weight if edge else None,
                "is_number": bool(edge and edge.grade == "number"),
                "decided_by": decided_by,
            }
            for node, (edge, decided_by) in self.joined_by.items()
        ]
        return pa.Table.from_pylist(rows, _JOINED)

    def _conflict(self, left: int, right: int, vouched: Vouched) -> str | None:
        ours, theirs = self.groups.held(self.groups.label[left]), self.groups.held(self.groups.label[right])
        return ours.conflict(theirs, vouched)

    def _join(self, left: int, right: int, edge: Edge | None, decided_by: str) -> None:
        one, other = self.groups.label[left], self.groups.label[right]
        for node in (left, right):
            if node not in self.settled:
                self.joined_by.setdefault(node, (edge, decided_by))
        if one != other:
            self.groups.join(one, other)

    def _has_rival(self, edge: Edge, near: dict[int, list[Edge]]) -> bool:
        one, other = self.groups.label[edge.l], self.groups.label[edge.r]
        return self._rival_of(one, other, edge, near) or self._rival_of(other, one, edge, near)

    def _rival_of(self, torn: int, chosen: int, edge: Edge, near: dict[int, list[Edge]]) -> bool:
        """Whether `torn` would go nearly as well with a third group that can't be the same person as
        `chosen`.

        An initial, or a forename alone, is no rival to a full name.
        """
        ours, theirs = self.groups.members(torn), self.groups.members(chosen)
        held = self.groups.held
        seen = {torn, chosen}
        for node in ours:
            for other in near.get(node, ()):
                if other.weight < edge.weight - self.margin or edge.full_named > other.full_named:
                    continue
                third = self.groups.label[other.r if other.l == node else other.l]
                if third in seen:
                    continue
                seen.add(third)
                if held(torn).conflict(held(third), other.vouched) is None and (
                    held(chosen).conflict(held(third), self._vouched(theirs, third, near)) is not None
                ):
                    return True
        return False

    def _vouched(self, nodes: Sequence[int], label: int, near: dict[int, list[Edge]]) -> Vouched:
        """What the best edge between some nodes and a group has to say."""
        for node in nodes:
            for edge in near.get(node, ()):
                if self.groups.label[edge.r if edge.l == node else edge.l] == label and edge.vouched.named:
                    return edge.vouched
        return NOTHING_VOUCHED
