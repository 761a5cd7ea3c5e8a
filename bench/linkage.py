"""How good and how fast linkage is, beside plain Splink, in one run.

The records are those of the synthetic borough as a council would receive them: 60,000 people for accuracy, 210,000 (a
million records from thirty datasets) for speed. Each piece runs in a process of its own, one after the other.
"""

from __future__ import annotations

import math
import pickle
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from bench import linkage_febrl
from bench.child import run_piece
from bench.linkage_data import borough

PEOPLE, MANY_PEOPLE, FEWER_PEOPLE = 60_000, 210_000, 42_000
UNSEEN_SEED, SPEED_SEED = 90_817, 77
"""The first was never used while linkage was made: accuracy is measured on it alone, with the settings as shipped."""

NEW_RECORDS = 10_000


def compare(folder: Path, scale: int = 1) -> dict[str, Any]:
    """Measure all of it. In: scale divides the numbers of people."""
    return {
        "accuracy": accuracy(folder / "accuracy", PEOPLE // scale),
        "febrl": linkage_febrl.compare(),
        "speed": speed(folder / "speed", MANY_PEOPLE // scale, FEWER_PEOPLE // scale),
    }


def accuracy(folder: Path, people: int) -> dict[str, Any]:
    """Link a borough never seen before, ours and Splink's by hand, at fixed thresholds."""
    _prepare(folder, people, UNSEEN_SEED)
    return {"people": people, "seed": UNSEEN_SEED, "almoner": _run("train", folder),
            "splink_by_hand": _run("splink_by_hand", folder)}  # fmt: skip


def speed(folder: Path, people: int, fewer: int) -> dict[str, Any]:
    """Link a million records with a model that was learnt before: in full, by Splink, fewer, and a little later."""
    _prepare(folder / "fewer", fewer, SPEED_SEED)
    _run("train", folder / "fewer")
    few = _run("full", folder / "fewer")
    _prepare(folder / "many", people, SPEED_SEED)
    (folder / "many" / "model.json").write_text((folder / "fewer" / "model.json").read_text())
    _hold_back(folder / "many")
    before = _run("before", folder / "many")
    later = _run("later", folder / "many")
    full = _run("full", folder / "many")
    _run("features", folder / "many")
    peer = _run("splink_same_model", folder / "many")
    peer_seconds = peer["predict_seconds"] + peer["cluster_seconds"]
    growth = math.log(full["cpu_seconds"] / few["cpu_seconds"]) / math.log(full["records"] / few["records"])
    return {
        "full": full,
        "splink_same_model": peer,
        "time_ratio": round(full["seconds"] / peer_seconds, 2),
        "memory_ratio": round(full["peak_gigabytes"] / peer["peak_gigabytes"], 2),
        "fewer": few,
        "cost_exponent": round(growth, 3),
        "before_new_records": before,
        "new_records": {
            **later,
            "share_of_full": round(later["seconds"] / full["seconds"], 3),
            "share_of_full_processor_time": round(later["cpu_seconds"] / full["cpu_seconds"], 3),
        },
    }


def _prepare(folder: Path, people: int, seed: int) -> None:
    folder.mkdir(parents=True)
    mentions, truth = borough(folder / "made", people, seed)
    pq.write_table(mentions[-1], folder / "mentions.parquet")
    (folder / "truth.pickle").write_bytes(pickle.dumps(truth))


def _hold_back(folder: Path) -> None:
    """Hold the newest version of some records back, spread evenly over all datasets, to come later as new."""
    mentions = pq.read_table(folder / "mentions.parquet")
    step = max(mentions.num_rows // NEW_RECORDS, 2)
    held = pa.array([place % step == 0 for place in range(mentions.num_rows)])
    pq.write_table(mentions.filter(pc.invert(held)), folder / "early.parquet")
    names = mentions.filter(held).select(["dataset", "record_id"]).group_by(["dataset", "record_id"]).aggregate([])
    pq.write_table(mentions.join(names, ["dataset", "record_id"], join_type="left semi"), folder / "late.parquet")


def _run(task: str, folder: Path) -> dict[str, Any]:
    """Run one task in a process of its own."""
    return run_piece("bench.linkage_work", task, str(folder))
