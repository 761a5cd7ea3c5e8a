"""The explanation of a pair: Splink's own parts, the facts, the keys, and drawings without anybody's values."""

from __future__ import annotations

from typing import Any
from xml.etree import ElementTree

import pyarrow as pa
import pytest
from splink import DuckDBAPI, Linker

from almoner.kernel.errors import CalculationError
from almoner.linkage.addresses import resolve_addresses
from almoner.linkage.explain import PairExplained, explain_pairs
from almoner.linkage.features import build_nodes, number_mentions
from almoner.linkage.model import models_from_json
from almoner.linkage.score import count_frequencies
from almoner.linkage.shapes import Decision, LinkSettings, RecordKey
from almoner.linkage.steps import open_engine
from almoner.linkage.waterfall import bars_of, waterfall_svg, waterfall_text
from tests.unit.linkage.mentions import AWAY, HOME, mention, run, table

ROWS = [
    mention("h.p/1", "ZAINAB TALWICK", "1980-05-06", sex="F", nhs_number="9434765919", **HOME),
    mention("r.t/1", "ZAINAB TALWICK", "1980-06-05", sex="F", **HOME),
    mention("s.u/1", "ZAINAB TALWICK", "1980-05-06", sex="F", nhs_number="9434765870", **AWAY),
    mention("h.p/2", "ADAM TALWICK", "1978-01-02", sex="M", **HOME),
    mention("r.t/2", "ADAM TALWICK", sex="M", **HOME),
    mention("h.p/3", "QUENTIN MARCHBANKS", "1941-11-30", sex="M", **AWAY),
    mention("r.t/3", "ZAINAB OSMOND", "1980-05-06", **AWAY),
]
PAIRS: list[tuple[RecordKey, RecordKey]] = [
    (("h.p", "1"), ("r.t", "1")),
    (("h.p", "1"), ("s.u", "1")),
    (("h.p", "2"), ("r.t", "2")),
    (("h.p", "1"), ("r.t", "2")),
    (("h.p", "1"), ("r.t", "3")),
    (("h.p", "2"), ("h.p", "3")),
]


def explained(
    pairs: list[tuple[RecordKey, RecordKey]], rows: list[dict[str, Any]] = ROWS, **named: Any
) -> list[PairExplained]:
    """Explain pairs of records as the run that joins them leaves them."""
    decisions = named.pop("decisions", ())
    outcome = run(rows, decisions=decisions)
    births = {row["person_id"]: row["date_of_birth"] for row in outcome.person.to_pylist()}
    people = outcome.person_record.select(["dataset", "record_id", "person_id"])
    born = pa.array([births[person] for person in people["person_id"].to_pylist()], pa.date32())
    return explain_pairs(
        table(rows), people.append_column("date_of_birth", born), pairs,
        decisions=decisions, model_json=outcome.model_json, settings=LinkSettings(**named),
    )  # fmt: skip


@pytest.mark.parametrize("name", ["anywhere", "one_address"])
def test_the_waterfall_is_splinks(name: str) -> None:
    """Every bar is the match weight that Splink gives the comparison, or its term-frequency adjustment."""
    models = models_from_json(run(ROWS).model_json)
    ours = {(each.left, each.right): each for each in explained(PAIRS) if each.model == name}
    assert len(ours) >= 2
    with open_engine(LinkSettings()) as engine:
        number_mentions(engine, table(ROWS))
        resolve_addresses(engine)
        build_nodes(engine, [Decision(record, record, "same") for pair in PAIRS for record in pair])
        count_frequencies(engine, models)
        where = {
            (dataset, record): node
            for dataset, record, node in engine.execute(
                "SELECT dataset, record_id, node FROM mention JOIN node_of_mention USING (mention)"
            ).fetchall()
        }
        rows = ", ".join(f"('0', {min(where[a], where[b])}, {max(where[a], where[b])})" for a, b in ours)
        engine.execute(f"CREATE TABLE asked AS SELECT * FROM (VALUES {rows}) AS t(match_key, join_key_l, join_key_r)")
        api = DuckDBAPI(connection=engine)
        linker = Linker(api.register("node"), models[name], log_level=None, validate_settings=False)  # type: ignore[arg-type, index]
        for column in ("forename", "surname", "dob"):
            linker.table_management.register_term_frequency_lookup(api.register(f"tf_{column}"), column)
        linker.table_management.register_blocked_pairs_for_predict(api.register("asked"))
        result = engine.execute(f"SELECT * FROM {linker.inference.predict().physical_name}")
        names = [column[0] for column in result.description or ()]
        theirs = [dict(zip(names, row, strict=True)) for row in result.fetchall()]
    by_nodes = {frozenset((row["node_l"], row["node_r"])): row for row in theirs}
    for (left, right), pair in ours.items():
        row = by_nodes[frozenset((where[left], where[right]))]
        assert pair.total == pytest.approx(row["match_weight"], abs=1e-6)
        for part in pair.parts:
            assert part.weight == pytest.approx(row[f"mw_{part.comparison}"], abs=1e-6), part
            assert part.adjustment == pytest.approx(row.get(f"mw_tf_adj_{part.comparison}", 0), abs=1e-6), part


def test_facts_keys_and_decisions_are_named() -> None:
    by_pair = dict(zip(PAIRS, explained(PAIRS), strict=True))
    assert by_pair[PAIRS[1]].record_fact == "nhs_number"
    assert "birth_and_name" in by_pair[PAIRS[1]].keys
    assert by_pair[PAIRS[0]].record_fact is None
    assert "address" in by_pair[PAIRS[0]].keys
    assert not by_pair[PAIRS[5]].compared
    decided = explained(PAIRS[:1], decisions=[Decision(*PAIRS[0], "different")])[0]
    assert (decided.decided, decided.record_fact) == ("different", "apart")


def test_two_that_say_exactly_the_same_are_weighed_all_the_same() -> None:
    twins = [mention("h.p/1", "ZAINAB TALWICK", "1980-05-06"), mention("r.t/1", "ZAINAB TALWICK", "1980-05-06")]
    found = explained([(("h.p", "1"), ("r.t", "1"))], [*ROWS[3:], *twins])[0]
    assert {part.level for part in found.parts if part.comparison in ("forename", "birth")} == {"same"}


def test_a_key_that_too_many_share_is_told() -> None:
    crowd = [mention(f"c.d/{n}", f"{chr(65 + n)}ORA {chr(66 + n)}ELWICK", **HOME) for n in range(8)]
    found = explained([(("c.d", "0"), ("c.d", "5"))], [*ROWS, *crowd], address_limit=3, block_limit=3)[0]
    assert "address" in found.crowded
    assert not found.compared


def test_a_record_that_is_not_held_is_refused() -> None:
    with pytest.raises(CalculationError, match="can't be weighed"):
        explained([(("h.p", "1"), ("h.p", "404"))])


def test_drawings_add_up_are_accessible_and_name_nobody() -> None:
    for pair in explained(PAIRS):
        bars = bars_of(pair)
        assert bars[-2].end == pytest.approx(pair.total, abs=1e-6)
        drawing = ElementTree.fromstring(waterfall_svg(pair))
        space = {"s": "http://www.w3.org/2000/svg"}
        ids = {each.get("id") for each in drawing if each.text}
        assert set(drawing.get("aria-labelledby", "").split()) <= ids
        assert drawing.get("role") == "img"
        labels = [each.text for each in drawing.findall("s:text", space)]
        assert all(bar.label in labels and f"{bar.change:+.2f}" in labels for bar in bars)
        for text in (waterfall_svg(pair), waterfall_text(pair)):
            assert not [word for word in ("ZAINAB", "TALWICK", "1980", "OAK ROAD", "9434765919") if word in text]
