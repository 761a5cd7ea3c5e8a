"""How fast and how well one person is found among a million, beside two ways that others would take.

The people are written as a spine without linkage; each piece runs in a process of its own. Each query is measured
three ways: the index alone, behind the gate with its durable audit event, and at the peers, who look by name alone.
"""

from __future__ import annotations

import json
import os
import pickle
import resource
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa

from almoner.governance.searching import IndexShelf
from almoner.kernel.errors import AccessRefused
from almoner.single_view.finding import MOST_CANDIDATES, find_people
from almoner.single_view.searching import PeopleSearch
from almoner.single_view.wanted import read_wanted
from almoner.wiring.serving import publish_snapshot
from almoner.wiring.workspace import open_workspace, utc_now
from bench.child import run_piece
from bench.lookup_data import Town, make_town, write_spine
from bench.lookup_queries import Query, make_queries

EACH, PEER_EACH = 50, 4
"""Queries of each kind; for the peers, which take seconds each, fewer."""
WHY = "Measuring how people are found"


def compare(folder: Path, people: int) -> dict[str, Any]:
    """Measure all of it."""
    folder.mkdir(parents=True)
    pieces = ("make", "index", "ours", "duckdb", "rapidfuzz")
    return {"people": people, **{piece: _run(piece, folder, people) for piece in pieces}}


def _run(piece: str, folder: Path, people: int) -> dict[str, Any]:
    return run_piece("bench.lookup", piece, str(folder), str(people))


def make(folder: Path, people: int) -> dict[str, Any]:
    """Write the people; nothing of this is measured."""
    town = make_town(people)
    write_spine(folder / "w", town)
    (folder / "town.pickle").write_bytes(pickle.dumps(town))
    return {"surnames": len(set(town.surname)), "forenames": len(set(town.forename))}


def index(folder: Path, people: int) -> dict[str, Any]:
    """Make the snapshot as a link does when it is done: the indexes and the documents of every purpose about one person."""
    workspace, _ = open_workspace(folder / "w")
    started, busy = time.perf_counter(), time.process_time()
    publish_snapshot(workspace, lambda _text: None)
    held = sum(file.stat().st_size for file in (folder / "w" / "lake" / "serving").rglob("search-*.parquet"))
    return {
        "snapshot_seconds": round(time.perf_counter() - started, 1),
        "snapshot_cpu_seconds": round(time.process_time() - busy, 1),
        "peak_gigabytes": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6, 2),
        "megabytes_of_indexes_on_disk": round(held / 1e6),
    }


def ours(folder: Path, people: int) -> dict[str, Any]:
    """Look people up."""
    workspace, _ = open_workspace(folder / "w")
    permit = workspace.permits.standing(workspace.actor, "front_line", WHY)
    before, started, busy = _resident(), time.perf_counter(), time.process_time()
    shelf = IndexShelf(workspace.registry, workspace.lake, PeopleSearch())
    held = shelf.find(permit, utc_now().date())
    assert held is not None
    loaded = {
        "load_seconds": round(time.perf_counter() - started, 2),
        "load_cpu_seconds": round(time.process_time() - busy, 2),
        "memory_megabytes": round(_resident() - before),
        "arrays_megabytes": round(sum(array.nbytes for array in held.arrays().values()) / 1e6),
    }
    queries = make_queries(_town(folder), EACH)

    def alone(query: Query) -> list[str]:
        found = held.answer(read_wanted(query.wanted), limit=MOST_CANDIDATES, hidden=(), only=())
        return found["person_id"].to_pylist() if found.num_rows <= MOST_CANDIDATES else []

    def gated(query: Query) -> list[str]:
        try:
            return [each.person_id for each in find_people(workspace.gate, permit, query.wanted)]
        except AccessRefused:
            return []

    alone(queries[0])
    timed = {"index_alone": _timed(queries, alone), "through_the_gate": _timed(queries, gated)}
    return {**loaded, "queries": len(queries), **{name: each.figures() for name, each in timed.items()},
            "by_kind": timed["through_the_gate"].by_kind()}  # fmt: skip


def peer_duckdb(folder: Path, people: int) -> dict[str, Any]:
    """Look by SQL, as the product did before: Jaro-Winkler over everybody, best first."""
    town = _town(folder)
    connection = duckdb.connect(config={"threads": 2})
    names = pa.table({"id": town.person, "forename": town.forename, "surname": town.surname})
    connection.register("names", names)
    connection.execute("CREATE TABLE people AS SELECT * FROM names")

    def look(query: Query) -> list[str]:
        sql = """SELECT id FROM people WHERE jaro_winkler_similarity(surname, $s) >= 0.88
                 AND jaro_winkler_similarity(forename, $f) >= 0.88 ORDER BY jaro_winkler_similarity(surname, $s)
                 + jaro_winkler_similarity(forename, $f) DESC, id LIMIT 10"""
        return [row[0] for row in connection.execute(sql, {"s": query.surname, "f": query.forename}).fetchall()]

    return {"names_only": _timed(make_queries(town, PEER_EACH), look).speed()}


def peer_rapidfuzz(folder: Path, people: int) -> dict[str, Any]:
    """Look by rapidfuzz over everybody's whole name, as its documentation shows."""
    from rapidfuzz import fuzz, process

    town = _town(folder)
    names = [f"{one} {other}" for one, other in zip(town.forename, town.surname, strict=True)]

    def look(query: Query) -> list[str]:
        found = process.extract(f"{query.forename} {query.surname}", names, scorer=fuzz.ratio, limit=10)
        return [town.person[place] for _, _, place in found]

    return {"names_only": _timed(make_queries(town, PEER_EACH), look).speed()}


class Timed:
    """What queries took, and where the one who was meant stood."""

    def __init__(self) -> None:
        self.wall: list[float] = []
        self.busy: list[float] = []
        self.place: dict[str, list[int | None]] = defaultdict(list)

    def speed(self) -> dict[str, Any]:
        """Give milliseconds: elapsed, and of processor time."""
        kinds = (("milliseconds", self.wall), ("cpu_milliseconds", self.busy))
        return {
            f"{name}_{label}": round(float(np.percentile(values, q)) * 1000, 1)
            for name, values in kinds
            for label, q in (("p50", 50), ("p95", 95), ("p99", 99))
        }

    def figures(self) -> dict[str, Any]:
        """Give speed and quality."""
        meant = [place for kind, places in self.place.items() if kind != "nobody" for place in places]
        return {**self.speed(), **_shares(meant), "nobody_for_nobody": _share(p is None for p in self.place["nobody"])}

    def by_kind(self) -> dict[str, Any]:
        """Give the quality of each kind."""
        return {kind: _shares(places) for kind, places in sorted(self.place.items()) if kind != "nobody"}


def _shares(places: Sequence[int | None]) -> dict[str, float]:
    first = _share(place == 0 for place in places)
    return {"first": first, "in_first_five": _share(place is not None and place < 5 for place in places)}


def _share(truths: Any) -> float:
    told = list(truths)
    return round(sum(told) / len(told), 3) if told else 1.0


def _timed(queries: Sequence[Query], look: Callable[[Query], list[str]]) -> Timed:
    timed = Timed()
    for query in queries:
        started, busy = time.perf_counter(), time.process_time()
        found = look(query)
        timed.wall.append(time.perf_counter() - started)
        timed.busy.append(time.process_time() - busy)
        if query.meant is None:
            timed.place[query.kind].append(0 if found else None)
        else:
            timed.place[query.kind].append(found.index(query.meant) if query.meant in found else None)
    return timed


def _town(folder: Path) -> Town:
    town: Town = pickle.loads((folder / "town.pickle").read_bytes())
    return town


def _resident() -> float:
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize() / 1e6


PIECES = {"make": make, "index": index, "ours": ours, "duckdb": peer_duckdb, "rapidfuzz": peer_rapidfuzz}

if __name__ == "__main__":
    sys.stdout.write(json.dumps(PIECES[sys.argv[1]](Path(sys.argv[2]), int(sys.argv[3]))) + "\n")
    sys.stdout.flush()
    os._exit(0)
