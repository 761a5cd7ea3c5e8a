"""What the last run of linkage left for the next, read through the gate; and which datasets may have changed since."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import date

import polars as pl
import pyarrow as pa

from almoner.governance.permit import Permit
from almoner.kernel.steps import Step
from almoner.linkage.increment import Fresh
from almoner.linkage.memory import ADDED_TO, ALIVE_MENTIONS, Memory, about
from almoner.registry.datasets import Dataset
from almoner.store.catalogue import PartFile, SpineEntry, memory_part
from almoner.wiring.kept_model import KeptModel
from almoner.wiring.mentions import read_mentions, stated_holders
from almoner.wiring.workspace import Workspace, utc_now

INPUTS = "inputs"
"""The table that says what the run had read: name, held."""

_MARKED = "safety OR sealed OR dead_on IS NOT NULL"

_NAMED = re.compile(r'"(memory\.\w+)"')


class RememberedSpine:
    """The memory of the present spine, under one permit."""

    def __init__(self, workspace: Workspace, permit: Permit) -> None:
        self._desk = workspace.gate.desk(permit)

    def ask(self, sql: str, **given: pa.Table) -> pa.Table:
        """Answer a SELECT over "memory.<table>" and the tables given by name."""
        reads = dict.fromkeys(dict.fromkeys(_NAMED.findall(sql)), ())
        step = Step("remembered", "What the last run left", sql, ())
        return self._desk.run([step], reads, given=given).to_arrow()


def model_of_spine(workspace: Workspace, permit: Permit) -> str | None:
    """Give the model by which the people of the present spine were joined; None where there is none."""
    if is_remembered(workspace.lake.catalogue.spine()) and (said := about(RememberedSpine(workspace, permit))):
        return str(said["model"])
    return KeptModel(workspace.root).present()


def is_remembered(entry: SpineEntry | None) -> bool:
    """Say whether a spine left a memory."""
    return entry is not None and any(file.part == memory_part(INPUTS) for file in entry.files)


def carried_over(entry: SpineEntry, remembered: Mapping[str, pa.Table]) -> tuple[PartFile, ...]:
    """Give the files of the memory that a run adds to: none where it wrote all of it anew."""
    if json.loads(remembered["about"]["about"][0].as_py())["is_whole"]:
        return ()
    kept = {memory_part(name) for name in ADDED_TO}
    return tuple(file for file in entry.files if file.part in kept)


def inputs_of(workspace: Workspace, datasets: list[Dataset]) -> dict[str, str]:
    """Name what a run reads: of each dataset what is held of it today, and the registry."""
    held = {each.full_name: json.dumps(workspace.gate.held(each.full_name)) for each in datasets}
    return {**held, "": workspace.registry.digest}


def inputs_table(inputs: Mapping[str, str]) -> pa.Table:
    """Give what a run read as a table."""
    return pa.table({"name": list(inputs), "held": list(inputs.values())})


def read_changed(
    workspace: Workspace, permit: Permit, datasets: list[Dataset], memory: Memory, inputs: dict[str, str]
) -> Fresh | None:
    """Read the datasets of which something else is held than the last run had read.

    Out: their mentions; None where all must be read: the registry changed.
    """
    rows = memory.ask(f'SELECT name, held FROM "{memory_part(INPUTS)}"').to_pylist()
    before = {row["name"]: row["held"] for row in rows}
    if before.get("") != inputs[""]:
        return None
    changed = {name for name in {*before, *inputs} if before.get(name) != inputs.get(name)}
    changed |= {each.full_name for each in datasets if changed & stated_holders(each)}
    touched = [each for each in datasets if each.full_name in changed]
    return Fresh(read_mentions(workspace, permit, datasets, only=touched), frozenset(changed))


def marked_mentions(memory: Memory | None, remembered: Mapping[str, pa.Table]) -> pa.Table:
    """Give the mentions that bear a marker, a seal or a death: what `relate` looks at.

    In: the memory before the run, where the run only added to it, and what the run remembers.
    """
    columns = ["dataset", "record_id", "row_id", "safety", "sealed", "is_live", "dead_on"]
    found = [pl.DataFrame(pl.from_arrow(remembered["mention"].select(columns)))]
    if memory is not None:
        sql = f"SELECT {', '.join(columns)}, mention FROM {ALIVE_MENTIONS} WHERE {_MARKED}"
        before = pl.DataFrame(pl.from_arrow(memory.ask(sql)))
        dead = pl.DataFrame(pl.from_arrow(remembered["dead"])).filter(pl.col("kind") == "mention")
        found.append(before.join(dead, left_on="mention", right_on="id", how="anti").select(columns))
    marked = pl.col("safety") | pl.col("sealed") | pl.col("dead_on").is_not_null()
    return pl.concat(found).filter(marked).to_arrow()


def last_day(remembered: Mapping[str, pa.Table]) -> date:
    """Give the day of the latest delivery that was joined."""
    said = json.loads(remembered["about"]["about"][0].as_py())["today"]
    return date.fromisoformat(said) if said else utc_now().date()
