"""Joins what changed since the last run into a spine that is remembered: the cost is that of what changed.

Out comes the same spine as from a whole run, but for these effects of order: how common a name or birthday is, which
birthdays are heaped and which datasets hold grown-ups is as the last whole run found it; a key that became too common
since brings no more pairs, but loses none; and who was grouped together before, and is touched by no change, is not
looked at again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time
from typing import Any

import duckdb
import pyarrow as pa

from almoner.linkage.blocking import Blocked
from almoner.linkage.clusters import Clusters, cluster
from almoner.linkage.identity import IdMaker, tied_ids, used_ids
from almoner.linkage.increment.changes import Changes, find_changes
from almoner.linkage.increment.nodes import make_nodes, score_new
from almoner.linkage.increment.places import place_texts
from almoner.linkage.increment.regroup import lay_out_touched
from almoner.linkage.increment.remembering import remember_changes
from almoner.linkage.increment.splice import splice
from almoner.linkage.memory import Memory, about
from almoner.linkage.model import models_from_json
from almoner.linkage.run import identify, in_fixed_order, nodes_before, warnings_of
from almoner.linkage.shapes import Ages, Decision, LinkOutcome, LinkSettings, PreviousSpine, RecordKey
from almoner.linkage.steps import open_engine, read_table

MOST_CHANGED = 0.5
"""A whole run is due when so many mentions, of those held at the last whole run, changed since."""


@dataclass(frozen=True)
class Fresh:
    """What may have changed.

    mentions: shaped as shapes.MENTIONS, every version of each record that they name. whole: the datasets of which they
    name every record that is held.
    """

    mentions: pa.Table
    whole: frozenset[str]


def update(
    fresh: Fresh,
    *,
    memory: Memory,
    previous: PreviousSpine,
    decisions: Sequence[Decision],
    settings: LinkSettings,
    seed: int,
) -> LinkOutcome | None:
    """Bring the spine up to date with what changed.

    In: memory and previous: what the last run left; decisions: all that stand now. Out: the whole new spine, and in
    `remembered` what is to be added to the memory; None where a whole run is due: nothing of this version is
    remembered, the settings differ, or too much changed since the last one. Raises: CalculationError,
    ResourceExhausted, as `link`.
    """
    said = about(memory)
    if said is None or said["limits"] != [settings.block_limit, settings.address_limit]:
        return None
    ordered = in_fixed_order(decisions)
    ages = Ages(*(frozenset(names) for names in said["ages"]))
    settings = replace(settings, ages=settings.ages or ages)
    with open_engine(settings) as engine:
        changes = find_changes(engine, fresh.mentions, fresh.whole, _decided_anew(ordered, said), memory)
        if said["changed"] + changes.opened > MOST_CHANGED * said["held"]:
            return None
        moved = place_texts(engine, memory, said["next"]["text"])
        made = make_nodes(engine, memory, ordered, moved, said["next"]["node"])
        pairs = score_new(engine, memory, models_from_json(said["model"]), settings)
        lay_out_touched(engine, memory, ordered)
        return _outcome(engine, memory, previous, ordered, settings, seed, changes, said, made, pairs)


def _decided_anew(decisions: list[Decision], said: dict[str, Any]) -> list[RecordKey]:
    """Give the records of decisions that were made or taken back since."""
    before = {((each[0], each[1]), (each[2], each[3]), each[4]) for each in said["decisions"]}
    now = {(each.left, each.right, each.verdict) for each in decisions}
    return sorted({key for one, other, _ in before ^ now for key in (one, other)})


def _outcome(
    engine: duckdb.DuckDBPyConnection,
    memory: Memory,
    previous: PreviousSpine,
    decisions: list[Decision],
    settings: LinkSettings,
    seed: int,
    changes: Changes,
    said: dict[str, Any],
    made: int,
    pairs: int,
) -> LinkOutcome:
    before = _touched_before(engine, previous)
    clusters: Clusters = cluster(engine, decisions, settings, nodes_before(engine, before))
    maker = IdMaker(seed, used_ids(previous))
    identities = identify(engine, clusters, _people(before), maker, tied_ids(previous))
    today = _today(engine, said)
    if today is not None and settings.at is None:
        settings = replace(settings, at=datetime.combine(today, time(), UTC))
    outcome = splice(engine, memory, previous, clusters, identities, settings, maker, said, today)
    remembered = remember_changes(engine, memory, changes, said, decisions, made, today)
    return replace(
        outcome,
        metrics={**outcome.metrics, "candidate_pairs": pairs},
        model_json=said["model"],
        warnings=warnings_of(Blocked(pairs, {}), clusters),
        remembered=remembered,
    )


def _today(engine: duckdb.DuckDBPyConnection, said: dict[str, Any]) -> date | None:
    """Give the day of the latest delivery that was ever joined."""
    days = [date.fromisoformat(said["today"])] if said["today"] else []
    last = engine.execute("SELECT max(as_of) FROM fresh").fetchall()[0][0]
    return max([*days, last] if last else days, default=None)


def _touched_before(engine: duckdb.DuckDBPyConnection, previous: PreviousSpine) -> pa.Table:
    """Give the person_record rows of everybody whose records changed or are grouped anew; leave table
    regrouped (person_id) complete."""
    engine.register("person_record", previous.person_record)
    engine.execute(
        """
        INSERT INTO regrouped
        SELECT person_id FROM person_record SEMI JOIN record_changed USING (dataset, record_id)
        """
    )
    engine.execute("CREATE OR REPLACE TEMP TABLE regrouped AS SELECT DISTINCT person_id FROM regrouped")
    found = read_table(engine, "SELECT * FROM person_record SEMI JOIN regrouped USING (person_id)")
    engine.unregister("person_record")
    return found


def _people(before: pa.Table) -> dict[RecordKey, str]:
    keys = zip(before["dataset"].to_pylist(), before["record_id"].to_pylist(), strict=True)
    return dict(zip(keys, before["person_id"].to_pylist(), strict=True))
