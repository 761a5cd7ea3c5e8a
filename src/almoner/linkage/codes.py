"""Gives what nodes say as whole numbers, so that pairs are compared by number and no two texts more than once.

A `value` is any SQL over the columns of one node; it is worked out once for each node. Equal texts have equal codes
within one value; dates, numbers and flags stand for themselves.
"""

from __future__ import annotations

from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.types as kinds
from numpy.typing import NDArray

from almoner.linkage.steps import read_table

Codes = NDArray[np.int32]
Ints = NDArray[np.int64]

NULL = np.int32(-(2**31))
"""The code of what a node doesn't say."""


class NodeCodes:
    """The values of the nodes, worked out when they are first asked for. In: table node."""

    def __init__(self, engine: duckdb.DuckDBPyConnection) -> None:
        self.engine = engine
        self.nodes: Ints = read_table(engine, "SELECT node FROM node")["node"].to_numpy().astype(np.int64)
        self._values: dict[str, tuple[Codes, bool]] = {}
        self._ways: dict[tuple[str, ...], tuple[Codes, int, str]] = {}

    def places(self, nodes: Ints) -> Ints:
        """Give the places of some nodes, at which their codes stand."""
        place = np.zeros(int(self.nodes.max(initial=-1)) + 1, dtype=np.int64)
        place[self.nodes] = np.arange(len(self.nodes))
        found: Ints = place[nodes]
        return found

    def of(self, value: str) -> Codes:
        """Give each node's code for a value."""
        return self._value(value)[0]

    def is_number(self, value: str) -> bool:
        """Say whether the codes of a value are what it says, so that they compare with those of others."""
        return self._value(value)[1]

    def ways(self, columns: tuple[str, ...]) -> tuple[Codes, int, str]:
        """Number the ways in which nodes fill some columns together.

        Out: the number of each node's way, how many there are, and the name of a table (code, columns).
        """
        if columns not in self._ways:
            way = self._numbered(columns[0])
            for column in columns[1:]:
                told = self._numbered(column)
                way = _dense(way.astype(np.int64) * (int(told.max(initial=0)) + 1) + told)
            many = int(way.max(initial=0)) + 1
            first = np.full(many, -1)
            first[way[::-1]] = np.arange(len(way))[::-1]  # of several, the last written stays
            self._ways[columns] = (way, many, self._tell(columns, first))
        return self._ways[columns]

    def _numbered(self, column: str) -> Codes:
        """Number what a column says, from 1; 0 stands for nothing."""
        told = self.of(column)
        if not self.is_number(column):
            return np.where(told == NULL, np.int32(0), told + 1)
        return _dense(told)

    def _value(self, value: str) -> tuple[Codes, bool]:
        if value not in self._values:
            self._values[value] = self._read(value)
        return self._values[value]

    def _read(self, value: str) -> tuple[Codes, bool]:
        kind = read_table(self.engine, f"SELECT {value} AS told FROM node LIMIT 0")["told"].type
        if kinds.is_list(kind):
            value = f"array_to_string({value}, '|')"
        told = read_table(self.engine, f"SELECT {value} AS told FROM node")["told"]
        is_number = not kinds.is_string(told.type)
        codes = told.cast(pa.int32()) if is_number else told.combine_chunks().dictionary_encode().indices
        return codes.fill_null(int(NULL)).to_numpy(), is_number

    def _tell(self, columns: tuple[str, ...], first: Ints) -> str:
        """Keep what each way says, as its first node says it."""
        name = "way_" + "_".join(columns)
        met = np.flatnonzero(first >= 0)
        self.engine.register("given", pa.table({"code": met, "node": self.nodes[first[met]]}))
        self.engine.execute(
            f"CREATE OR REPLACE TEMP TABLE {name} AS "
            f"SELECT code, {', '.join(columns)} FROM given JOIN node USING (node) ORDER BY code"
        )
        self.engine.unregister("given")
        return name

    def close(self) -> None:
        """Drop the tables of ways."""
        for _, _, name in self._ways.values():
            self.engine.execute(f"DROP TABLE {name}")
        self._ways.clear()


def _dense(numbers: NDArray[Any]) -> Codes:
    """Number distinct numbers 0, 1, …, in their order."""
    return np.unique(numbers, return_inverse=True)[1].astype(np.int32)
