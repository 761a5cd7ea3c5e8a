"""One measured piece of linkage in a process of its own, so that its time and peak memory are its own.

Run as `python -m bench.linkage_work TASK FOLDER`: reads `mentions.parquet` of the folder, prints one JSON object.
"""

from __future__ import annotations

import json
import os
import pickle
import resource
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from almoner.linkage import LinkOutcome, LinkSettings, PreviousSpine, link
from almoner.linkage.addresses import resolve_addresses
from almoner.linkage.evaluate import pairwise
from almoner.linkage.features import build_nodes, number_mentions
from almoner.linkage.increment import Fresh, update
from almoner.linkage.memory import MEMORY, MemoryTables
from almoner.linkage.shapes import as_mentions
from almoner.linkage.steps import open_engine, read_table

MEMORY_LIMIT = "6GB"


def train(folder: Path) -> dict[str, Any]:
    """Learn the model once, for every run that follows."""
    outcome = _link(folder, None)
    (folder / "model.json").write_text(outcome.model_json)
    return _scored(folder, people_of(outcome))


def full(folder: Path) -> dict[str, Any]:
    """Link everything from nothing, with the model that was learnt."""
    return _link(folder, _model(folder)).metrics


def before(folder: Path) -> dict[str, Any]:
    """Link what came early, and keep the spine and what the run remembers."""
    outcome = _link(folder, _model(folder), "early.parquet", remember=True)
    for name in PreviousSpine.__dataclass_fields__:
        pq.write_table(getattr(outcome, name), folder / f"spine_{name}.parquet")
    for name, table in outcome.remembered.items():
        pq.write_table(table, folder / f"memory_{name}.parquet", compression="none", use_dictionary=False)
    return outcome.metrics


def later(folder: Path) -> dict[str, Any]:
    """Join the late records to what is known: read what the last run left, and bring the spine up to date.

    Unaffected is who holds all the earlier records of one person and no others.
    """
    tables = {name: pq.read_table(folder / f"spine_{name}.parquet") for name in PreviousSpine.__dataclass_fields__}
    late = pq.read_table(folder / "late.parquet")
    started, used = time.perf_counter(), _cpu()
    memory = MemoryTables({name: pq.read_table(folder / f"memory_{name}.parquet") for name in MEMORY})
    outcome = update(
        Fresh(late, frozenset()),
        memory=memory,
        previous=PreviousSpine(**tables),
        decisions=(),
        settings=LinkSettings(memory=MEMORY_LIMIT, model_json=_model(folder), remember=True),
        seed=1,
    )
    if outcome is None:
        raise RuntimeError("The update asked for a whole run.")
    cpu_seconds = round(_cpu() - used, 2)
    seconds = round(time.perf_counter() - started, 2)
    was, now = dict(_whose(tables["person_record"])), people_of(outcome)
    moved = {(person, now[record]) for record, person in was.items()}
    went, came = Counter(old for old, _ in moved), Counter(new for _, new in moved)
    whole = [(old, new) for old, new in moved if went[old] == 1 and came[new] == 1]
    return {
        "seconds": seconds,
        "cpu_seconds": cpu_seconds,
        "new_records": len(now) - len(was),
        "unaffected_people": len(whole),
        "unaffected_ids_changed": sum(old != new for old, new in whole),
        **outcome.metrics,
    }


def features(folder: Path) -> dict[str, Any]:
    """Write the features of every mention, for the peer."""
    with open_engine(LinkSettings(memory=MEMORY_LIMIT)) as engine:
        number_mentions(engine, as_mentions(pq.read_table(folder / "mentions.parquet")))
        resolve_addresses(engine)
        build_nodes(engine, ())
        sql = """
            SELECT feature.*, housemates FROM feature
            JOIN node_of_mention USING (mention) JOIN node USING (node)
            SEMI JOIN (SELECT mention FROM mention WHERE is_latest) USING (mention)
        """
        pq.write_table(read_table(engine, sql), folder / "features.parquet")
    return {}


def splink_same_model(folder: Path) -> dict[str, Any]:
    """Let plain Splink predict and cluster with the same model."""
    from bench.linkage_peers import same_model

    model = json.loads((folder / "model.json").read_text())["models"]["anywhere"]
    return same_model(pq.read_table(folder / "features.parquet"), model, MEMORY_LIMIT)


def splink_by_hand(folder: Path) -> dict[str, Any]:
    """Let plain Splink do everything its own way."""
    from bench.linkage_peers import by_hand

    found = by_hand(pq.read_table(folder / "mentions.parquet"), (0.5, 0.9, 0.95, 0.99), seed=1)
    return {f"at_{threshold}": _scored(folder, groups) for threshold, groups in found.items()}


def people_of(outcome: LinkOutcome) -> dict[tuple[str, str], str]:
    """Give the person of each record."""
    return dict(_whose(outcome.person_record))


def _whose(rows: pa.Table) -> Iterator[tuple[tuple[str, str], str]]:
    keys = zip(rows["dataset"].to_pylist(), rows["record_id"].to_pylist(), strict=True)
    return zip(keys, rows["person_id"].to_pylist(), strict=True)


def _model(folder: Path) -> str:
    return (folder / "model.json").read_text()


def _link(folder: Path, model: str | None, file: str = "mentions.parquet", *, remember: bool = False) -> LinkOutcome:
    mentions: pa.Table = pq.read_table(folder / file)
    settings = LinkSettings(memory=MEMORY_LIMIT, model_json=model, remember=remember)
    return link(mentions, previous=None, decisions=(), settings=settings, seed=1)


def _scored(folder: Path, found: dict[tuple[str, str], str]) -> dict[str, Any]:
    truth = pickle.loads((folder / "truth.pickle").read_bytes())
    quality = pairwise(found, truth)
    return {name: round(getattr(quality, name), 4) for name in ("precision", "recall", "f1")}


TASKS: dict[str, Callable[[Path], dict[str, Any]]] = {
    each.__name__: each for each in (train, full, before, later, features, splink_same_model, splink_by_hand)
}


def main() -> None:
    """Do one task and say what it took."""
    load = os.getloadavg()[0]
    started, before = time.perf_counter(), _cpu()
    result = TASKS[sys.argv[1]](Path(sys.argv[2]))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
    measured = {
        "seconds": round(time.perf_counter() - started, 2),
        "cpu_seconds": round(_cpu() - before, 2),
        "peak_gigabytes": round(peak, 2),
        "load_average": round(load, 1),
    }
    sys.stdout.write(json.dumps({**measured, **result}) + "\n")
    sys.stdout.flush()
    os._exit(0)


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    main()
