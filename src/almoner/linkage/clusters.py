"""Joins nodes into people: best evidence first, never against a fact, and never by a coin toss.

Four passes over the edges. First what people decided. Then firm edges, whose evidence is a birthday or an
identifier: best weight first, each refused where it would put two facts into one person. Last the weak ones,
which rest on a name within an address: each is taken only if no other group of the same address, known to be
somebody else, fits nearly as well. Then records that name nobody, by the number their own system gave somebody:
each is taken only if all who bear that number are one person by now. A refusal is kept with its reason, for people
to look at.

The result depends on the nodes and edges alone, not on the order in which they came.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import product
from typing import NamedTuple

import duckdb

from almoner.linkage.facts import (
    NOTHING_VOUCHED,
    NodeFacts,
    Vouched,
    find_ages,
    gather_facts,
    nodes_of_records,
)
from almoner.linkage.features import numbered_only
from almoner.linkage.score import weight_of
from almoner.linkage.shapes import Ages, Decision, LinkSettings


class Edge(NamedTuple):
    """A scored pair of nodes. kept: the pair's records were one person in the previous spine."""

    l: int  # noqa: E741
    r: int
    weight: float
    is_rule: bool
    grade: str
    vouched: Vouched
    full_named: bool
    kept: bool


@dataclass
class Clusters:
    """Who belongs together: a label for each node, the edge that brought it in, and what was refused.

    joined_by: for each node in a group of more than one, (edge or None, 'decision' | 'rule' | 'model').
    refused: edges that were good enough but not taken, with the reason.
    """

    label: list[int]
    joined_by: dict[int, tuple[Edge | None, str]]
    refused: list[tuple[Edge, str]]
    overruled: list[str] = field(default_factory=list)


class _Groups:
    """Disjoint sets of nodes that know their members."""

    def __init__(self, nodes: int) -> None:
        self.label = list(range(nodes))
        self._members: dict[int, list[int]] = {}

    def members(self, label: int) -> list[int]:
        return self._members.get(label) or [label]

    def join(self, one: int, other: int) -> None:
        ours, theirs = self.members(one), self.members(other)
        if (len(ours), -one) < (len(theirs), -other):
            one, other, ours, theirs = other, one, theirs, ours
        for node in theirs:
            self.label[node] = one
        self._members[one] = ours + theirs
        self._members.pop(other, None)


def cluster(
    engine: duckdb.DuckDBPyConnection,
    decisions: Sequence[Decision],
    settings: LinkSettings,
    previous_person: dict[int, str],
) -> Clusters:
    """Join the nodes into people.

    In: tables node, edge, mention, node_of_mention; previous_person: the person that a node's records were,
    where they were one. Out: the clusters.
    """
    edges = read_edges(engine, previous_person)
    ages = settings.ages
    if ages is None:
        facts = gather_facts(engine, decisions, Ages())
        first = _join(engine, edges, facts, decisions, settings)
        ages = find_ages(engine, first.label, facts)
    facts = gather_facts(engine, decisions, ages)
    return _join(engine, edges, facts, decisions, settings)


def read_edges(engine: duckdb.DuckDBPyConnection, previous_person: dict[int, str]) -> list[Edge]:
    """Read the scored pairs, the strongest first."""
    rows = engine.execute(
        "SELECT l, r, weight, is_rule, grade, identified, certain, named, full_named "
        "FROM edge ORDER BY weight DESC, l, r"
    ).fetchall()
    edges = []
    for left, right, weight, is_rule, grade, identified, certain, named, full_named in rows:
        vouched = _VOUCHED[identified or is_rule, named, certain]
        kept = left in previous_person and previous_person[left] == previous_person.get(right)
        edges.append(Edge(left, right, weight, is_rule, grade, vouched, full_named, kept))
    return edges


_VOUCHED = {flags: Vouched(*flags) for flags in product((False, True), repeat=3)}


def _numbered(engine: duckdb.DuckDBPyConnection) -> frozenset[int]:
    rows = engine.execute(f"SELECT node FROM node WHERE {numbered_only('node')}").fetchall()
    return frozenset(row[0] for row in rows)


def nobodies(engine: duckdb.DuckDBPyConnection, clusters: Clusters) -> frozenset[int]:
    """Give the nodes that name nobody, and that nobody's number was found for: of them no person is made."""
    return frozenset(node for node in _numbered(engine) if node not in clusters.joined_by)


def _join(
    engine: duckdb.DuckDBPyConnection,
    edges: Sequence[Edge],
    facts: NodeFacts,
    decisions: Sequence[Decision],
    settings: LinkSettings,
) -> Clusters:
    joiner = _Joiner(_Groups(len(facts.dob)), facts, settings)
    joiner.decide(decisions, nodes_of_records(engine))
    joiner.take_firm(edges)
    joiner.take_weak([edge for edge in edges if edge.grade == "weak" and not edge.is_rule])
    joiner.take_numbers([edge for edge in edges if edge.grade == "number"], _numbered(engine))
    joiner.question([edge for edge in edges if edge.grade != "number"])
    return joiner.outcome()


class _Joiner:
    def __init__(self, groups: _Groups, facts: NodeFacts, settings: LinkSettings) -> None:
        self.groups = groups
        self.facts = facts
        self.margin = settings.rival_margin
        self.threshold = weight_of(settings.link_probability)
        self.review = weight_of(settings.review_probability)
        self.weak_threshold = weight_of(settings.weak_probability)
        self.kept_margin = settings.kept_margin
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
            if not (edge.is_rule or (edge.grade == "firm" and self._good(edge))):
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
        waiting = [edge for edge in edges if self._good(edge)]
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
        """Keep for people's eyes what is too uncertain to take: its weight, or the kind of its evidence."""
        for edge in edges:
            taken = edge.is_rule or (edge.grade != "none" and self._good(edge))
            parted = self.groups.label[edge.l] != self.groups.label[edge.r]
            worth_asking = edge.weight >= self.review and not taken and parted
            if worth_asking and self._conflict(edge.l, edge.r, edge.vouched) is None:
                self.refused.append((edge, "uncertain"))

    def outcome(self) -> Clusters:
        """Give the groups, labelled by their first node."""
        first: dict[int, int] = {}
        for node, label in enumerate(self.groups.label):
            first.setdefault(label, node)
        labels = [first[label] for label in self.groups.label]
        return Clusters(labels, self.joined_by, self.refused, self.overruled)

    def _good(self, edge: Edge) -> bool:
        threshold = self.weak_threshold if edge.grade == "weak" else self.threshold
        return edge.weight >= threshold - (self.kept_margin if edge.kept else 0.0)

    def _conflict(self, left: int, right: int, vouched: Vouched) -> str | None:
        ours = self.groups.members(self.groups.label[left])
        theirs = self.groups.members(self.groups.label[right])
        return self.facts.conflict(ours, theirs, vouched)

    def _join(self, left: int, right: int, edge: Edge | None, decided_by: str) -> None:
        one, other = self.groups.label[left], self.groups.label[right]
        for node in (left, right):
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
        seen = {torn, chosen}
        for node in ours:
            for other in near.get(node, ()):
                if other.weight < edge.weight - self.margin or edge.full_named > other.full_named:
                    continue
                third = self.groups.label[other.r if other.l == node else other.l]
                if third in seen:
                    continue
                seen.add(third)
                rivals = self.groups.members(third)
                if self.facts.conflict(ours, rivals, other.vouched) is None and (
                    self.facts.conflict(theirs, rivals, self._vouched(theirs, third, near)) is not None
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
