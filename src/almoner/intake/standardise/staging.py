"""Values that are taken apart in several rounds, each a layer of intermediate columns below the last SELECT.

DuckDB computes an expression again wherever it stands within a CASE, and sets a lambda up anew for every vector, so
long work is fast only in layers. It must never keep an intermediate column: the outermost SELECT names what stays.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Staged:
    """Parts of one value.

    rounds: layers from the innermost; each maps column names, unique to this value, to SQL over the relation and the
    layers before. parts: the finished parts, SQL over the relation with all its layers.
    """

    rounds: tuple[Mapping[str, str], ...]
    parts: Mapping[str, str]

    def layer(self, depth: int) -> Iterable[tuple[str, str]]:
        """Give the columns of one round, none beyond the last."""
        return self.rounds[depth].items() if depth < len(self.rounds) else ()


class Workings:
    """Collects the rounds of one value."""

    def __init__(self, what: str) -> None:
        self._tag = f"{zlib.crc32(what.encode()):08x}"
        self._rounds: list[Mapping[str, str]] = []

    def column(self, name: str, sql: str) -> str:
        """Compute a column in a round of its own; give the name to use it by."""
        return self.columns(**{name: sql})[0]

    def columns(self, **sql: str) -> list[str]:
        """Compute columns side by side in one round; give their names in order."""
        named = {f'"_{self._tag}_{name}"': text for name, text in sql.items()}
        if any(name in earlier for earlier in self._rounds for name in named):
            raise ValueError(f"a round names a column that is there already: {', '.join(sql)}")
        self._rounds.append(named)
        return list(named)

    def staged(self, parts: Mapping[str, str]) -> Staged:
        """Close the work with its finished parts."""
        return Staged(tuple(self._rounds), dict(parts))


def select_staged(relation: str, columns: Mapping[str, str], staged: Iterable[Staged]) -> str:
    """Write the SELECT that gives `columns` over a relation with the rounds of `staged` beneath.

    In: relation: a name or a parenthesised SELECT. columns: name → SQL, as from `Staged.parts` or from the builders
    that need no rounds; names are quoted here. Work that is listed twice is done once.
    """
    every = list(staged)
    source = relation
    for depth in range(max((len(work.rounds) for work in every), default=0)):
        layer: dict[str, str] = {}
        for name, sql in (item for work in every for item in work.layer(depth)):
            if layer.setdefault(name, sql) != sql:
                raise ValueError("two values share the name of an intermediate column")
        source = f"(SELECT *, {_listed(layer)} FROM {source})"
    quoted = {'"' + name.replace('"', '""') + '"': sql for name, sql in columns.items()}
    return f"SELECT {_listed(quoted)} FROM {source}"


def _listed(columns: Mapping[str, str]) -> str:
    return ", ".join(f"{sql} AS {name}" for name, sql in columns.items())
