"""Settles at once the groups of nodes in which nothing contradicts anything; the doubtful rest goes edge by edge.

Where all good edges of a group agree with every fact and with nobody outside it, the order in which they are taken
makes no difference: the group is one person. It must never settle a group that a fact, a rival or a decision touches.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import duckdb
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from almoner.linkage.facts import DAYS_AFTER_DEATH, UNIQUE_NUMBERS
from almoner.linkage.features import numbered_only
from almoner.linkage.shapes import Decision

Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]


GRADES = ("none", "number", "weak", "firm")


@dataclass(frozen=True)
class Edges:
    """The scored pairs as columns, the strongest first. grade: by its place in GRADES. good: strong enough to be
    taken."""

    l: Ints  # noqa: E741
    r: Ints
    weight: NDArray[np.float64]
    is_rule: Flags
    grade: NDArray[np.int8]
    good: Flags
    flags: dict[str, Flags]

    def __len__(self) -> int:
        return len(self.l)

    def graded(self, grade: str) -> Flags:
        """Say which pairs are of a grade."""
        found: Flags = self.grade == GRADES.index(grade)
        return found


def components(nodes: int, left: Ints, right: Ints) -> Ints:
    """Give each node the smallest node that it hangs together with."""
    label = np.arange(nodes)
    while True:
        one, other = label[left], label[right]
        apart = one != other
        if not apart.any():
            return label
        left, right, one, other = left[apart], right[apart], one[apart], other[apart]
        np.minimum.at(label, np.maximum(one, other), np.minimum(one, other))
        while True:
            further = label[label]
            if np.array_equal(further, label):
                break
            label = further


def settle(
    engine: duckdb.DuckDBPyConnection, nodes: int, edges: Edges, decisions: Sequence[Decision], margin: float
) -> tuple[Ints, Flags]:
    """Find the groups and which of their nodes are doubtful.

    In: tables node, fact, apart_key, snapshot_key, decided, node_of_mention; edges; margin: by how much weak evidence
    must be ahead of a rival's. Out: the label of each node's
    group by all good edges, and whether that group must be looked at edge by edge.
    """
    label = components(nodes, edges.l[edges.good], edges.r[edges.good])
    doubtful = np.zeros(nodes, dtype=np.bool_)
    doubtful[_contradicted(engine, np.arange(nodes), label, _CONTRADICTED)] = True
    numbered = edges.graded("number")
    named = edges.good & ~numbered
    before = components(nodes, edges.l[named], edges.r[named])
    for each in (edges.l, edges.r):  # a nameless record whose number two people bear
        nameless = _nameless(engine, nodes)[each] & numbered
        other = np.where(each is edges.l, edges.r, edges.l)
        who = np.full(nodes, -1)
        who[each[nameless]] = before[other[nameless]]
        torn = nameless & (who[each] != before[other])
        doubtful[label[each[torn]]] = True
    rivals = _rivals(label, edges, margin)
    doubtful[label[edges.l[rivals]]] = doubtful[label[edges.r[rivals]]] = True
    if decisions:
        doubtful[label[_decided(engine)]] = True
    return label, doubtful[label]


def misdated(engine: duckdb.DuckDBPyConnection, label: Ints) -> Flags:
    """Find the nodes of groups in which somebody was born too late or too early for what is told. In: table fact."""
    found = np.zeros(len(label), dtype=np.bool_)
    found[_contradicted(engine, np.arange(len(label)), label, f"{_TOLD} AND ({_MISDATED})")] = True
    return found[label]


def settle_firm(
    engine: duckdb.DuckDBPyConnection, edges: Edges, doubtful: Flags, decisions: Sequence[Decision]
) -> Ints:
    """Find what firm evidence alone surely joins within doubtful groups.

    Firm edges are taken before weak ones, and ask only about the groups that they themselves made: where nothing within
    such a group contradicts anything, all its firm edges are taken. In: as for `settle`. Out: the label of each node's
    group by those edges.
    """
    firm = edges.good & (edges.is_rule | edges.graded("firm")) & doubtful[edges.l]
    label = components(len(doubtful), edges.l[firm], edges.r[firm])
    at = np.flatnonzero(doubtful)
    torn = np.zeros(len(label), dtype=np.bool_)
    torn[_contradicted(engine, at, label[at], _CONTRADICTED)] = True
    if decisions:
        torn[label[_decided(engine)]] = True
    return np.where(torn[label], np.arange(len(label)), label)


def _contradicted(engine: duckdb.DuckDBPyConnection, nodes: Ints, label: Ints, sql: str) -> Ints:
    """Give the labels of groups that a query over table grouped (node, label) finds fault with."""
    engine.register("given", pa.table({"node": pa.array(nodes, pa.int32()), "label": pa.array(label, pa.int32())}))
    engine.execute("CREATE OR REPLACE TEMP TABLE grouped AS SELECT * FROM given")
    engine.unregister("given")
    return np.asarray(engine.execute(sql).fetchnumpy()["label"], dtype=np.int64)


def _decided(engine: duckdb.DuckDBPyConnection) -> Ints:
    """Give the nodes that decisions are about."""
    rows = engine.execute("SELECT DISTINCT node FROM decided JOIN node_of_mention USING (mention)").fetchnumpy()
    return np.asarray(rows["node"], dtype=np.int64)


def _rivals(label: Ints, edges: Edges, margin: float) -> Flags:
    """Find the weak edges between two groups that come near a weak edge by which one of the groups holds together."""
    weak = edges.graded("weak") & ~edges.is_rule
    across = label[edges.l] != label[edges.r]
    weakest = np.full(len(label), np.inf)
    holding = weak & ~across & edges.good
    np.minimum.at(weakest, label[edges.l[holding]], edges.weight[holding])
    near = np.minimum(weakest[label[edges.l]], weakest[label[edges.r]]) - margin
    return weak & across & (edges.weight >= near)


def strongest(nodes: int, edges: Edges, usable: Flags) -> Ints:
    """Give for each node the place of the first usable edge that touches it, in the order of taking; -1 for none."""
    stage = np.select([edges.is_rule, edges.graded("firm"), edges.graded("weak")], [0, 1, 2], 3)
    order = np.lexsort((np.arange(len(edges)), stage))
    order = order[usable[order]][::-1]
    first = np.full(nodes, -1)
    both = np.stack((edges.l[order], edges.r[order]), axis=1).ravel()
    first[both] = np.repeat(order, 2)  # of several, the last written stays: the first of the order
    return first


def _nameless(engine: duckdb.DuckDBPyConnection, nodes: int) -> Flags:
    flags = np.zeros(nodes, dtype=np.bool_)
    rows = engine.execute(f"SELECT node FROM node WHERE {numbered_only('node')}").fetchnumpy()["node"]
    flags[np.asarray(rows, dtype=np.int64)] = True
    return flags


_MISDATED = """
    coalesce(min(born_by) < max(dob), false) OR coalesce(max(born_from) > min(dob), false)
"""
_TOLD = "SELECT label FROM grouped JOIN fact USING (node) GROUP BY label HAVING count(*) > 1"

_CONTRADICTED = f"""
    {_TOLD} AND (
        {" OR ".join(f"coalesce(min({name}) <> max({name}), false)" for name in (*UNIQUE_NUMBERS, "suffix"))}
        OR coalesce(min(dob) <> max(dob), false)
        OR coalesce(min(sex) <> max(sex), false)
        OR {_MISDATED}
        OR coalesce(min(dead_on) + {DAYS_AFTER_DEATH} < max(last_event), false)
    )
    UNION
    SELECT label FROM (
        SELECT label, count(*) AS bearing FROM grouped JOIN fact USING (node)
        WHERE len(forename_roots) > 0 GROUP BY label HAVING count(*) > 1
    ) JOIN (
        SELECT label, max(bearing_one) AS most FROM (
            SELECT label, root, count(*) AS bearing_one
            FROM (SELECT label, unnest(forename_roots) AS root FROM grouped JOIN fact USING (node)) GROUP BY label, root
        ) GROUP BY label
    ) USING (label) WHERE most < bearing
    UNION
    SELECT label FROM grouped JOIN apart_key USING (node) GROUP BY label, key HAVING min(value) <> max(value)
    UNION
    SELECT label FROM grouped JOIN snapshot_key USING (node) GROUP BY label, key HAVING min(value) <> max(value)
"""
"""Groups that hold two numbers, birthdays, sexes or suffixes, no forename in common, rows that are known to be of
different people, or somebody born too late or dead too early for what is told of them."""
