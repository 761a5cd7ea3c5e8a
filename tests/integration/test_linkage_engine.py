"""Linkage as a whole: how right it is where the truth is known, that order and repetition change nothing, and that
its scores are Splink's own."""

from __future__ import annotations

import json
from random import Random

import pytest
from splink import DuckDBAPI, Linker

from almoner.linkage import Decision, LinkOutcome, LinkSettings, PreviousSpine, link
from almoner.linkage.addresses import resolve_addresses
from almoner.linkage.blocking import find_pairs
from almoner.linkage.evaluate import Quality, b_cubed, pairwise
from almoner.linkage.features import IDENTIFIERS, build_nodes, number_mentions
from almoner.linkage.model import models_from_json
from almoner.linkage.score import count_frequencies, score_pairs
from almoner.linkage.shapes import as_mentions
from almoner.linkage.steps import open_engine
from tests.unit.linkage.borough import Borough
from tests.unit.linkage.mentions import spine

pytestmark = pytest.mark.integration

SPINE = ("person_record", "person", "person_event", "address", "residence", "household", "household_member", "review")


@pytest.fixture(scope="module")
def borough() -> Borough:
    """Give a borough of four thousand people."""
    return Borough(4000, seed=2026)


@pytest.fixture(scope="module")
def linked(borough: Borough) -> LinkOutcome:
    """Give it linked from scratch."""
    return _link(borough)


def _link(borough: Borough, previous: PreviousSpine | None = None, **settings: object) -> LinkOutcome:
    return link(borough.table(), previous=previous, decisions=(), settings=LinkSettings(**settings), seed=1)  # type: ignore[arg-type]


def _groups(outcome: LinkOutcome) -> dict[tuple[str, str], str]:
    rows = outcome.person_record
    keys = zip(rows["dataset"].to_pylist(), rows["record_id"].to_pylist(), strict=True)
    return dict(zip(keys, rows["person_id"].to_pylist(), strict=True))


def _quality(borough: Borough, outcome: LinkOutcome) -> Quality:
    return pairwise(_groups(outcome), borough.truth)


def test_it_is_right(borough: Borough, linked: LinkOutcome) -> None:
    quality = _quality(borough, linked)
    assert quality.precision >= 0.995
    assert quality.recall >= 0.94
    assert quality.f1 >= 0.97
    assert b_cubed(_groups(linked), borough.truth).f1 >= 0.975


def test_false_pairs_are_not_what_a_household_shares(borough: Borough, linked: LinkOutcome) -> None:
    """Of people who share a home, at most a few in a thousand are taken for one."""
    found = _groups(linked)
    confused: dict[str, set[int]] = {}
    for record, person in found.items():
        confused.setdefault(person, set()).add(borough.truth[record])
    wrong = sum(len(people) > 1 for people in confused.values())
    assert wrong / len(borough.people) < 0.006


def test_every_record_has_one_person_and_counts_agree(borough: Borough, linked: LinkOutcome) -> None:
    assert set(_groups(linked)) == set(borough.truth)
    assert linked.metrics["records"] == len(borough.truth) == linked.person_record.num_rows
    assert linked.metrics["persons"] == linked.person.num_rows == len(set(_groups(linked).values()))
    assert sum(linked.person["record_count"].to_pylist()) == linked.metrics["records"]
    assert linked.metrics["households"] == linked.household.num_rows
    assert linked.metrics["review_queue"] == linked.review.num_rows > 0


def test_no_person_holds_two_verified_numbers(borough: Borough, linked: LinkOutcome) -> None:
    held: dict[tuple[str, str], set[str]] = {}
    found = _groups(linked)
    for row in borough.rows:
        person = found[row["dataset"], row["record_id"]]
        for name in IDENTIFIERS:
            if row.get(name):
                held.setdefault((person, name), set()).add(row[name])
    assert held and all(len(numbers) == 1 for numbers in held.values())


def test_the_order_of_the_rows_changes_nothing(borough: Borough, linked: LinkOutcome) -> None:
    order = list(range(len(borough.rows)))
    Random(3).shuffle(order)
    shuffled = link(borough.table().take(order), previous=None, decisions=(), settings=LinkSettings(), seed=1)
    assert shuffled.model_json == linked.model_json
    for name in SPINE:
        assert getattr(shuffled, name).equals(getattr(linked, name)), name


def test_a_second_run_keeps_every_id(borough: Borough, linked: LinkOutcome) -> None:
    again = _link(borough, spine(linked), model_json=linked.model_json)
    for name in SPINE:
        assert getattr(again, name).equals(getattr(linked, name)), name
    assert again.metrics["merges"] == again.metrics["splits"] == 0


def test_new_records_agree_with_a_rebuild_and_leave_others_alone(borough: Borough, linked: LinkOutcome) -> None:
    table = borough.table()
    early = table.slice(0, int(table.num_rows * 0.9))
    settings = LinkSettings(model_json=linked.model_json)
    first = link(early, previous=None, decisions=(), settings=settings, seed=1)
    then = link(table, previous=spine(first), decisions=(), settings=settings, seed=1)
    against = pairwise(_groups(then), _groups(linked))
    assert against.precision >= 0.999 and against.recall >= 0.999
    before, after = _groups(first), _groups(then)
    events = then.person_event.to_pylist()
    touched = {event["person_id"] for event in events if event["kind"] in ("merged", "split")}
    touched |= {event["other_person_id"] for event in events if event["kind"] == "split"}
    assert all(after[record] == person for record, person in before.items() if person not in touched)
    assert len(touched) < 0.03 * first.metrics["persons"]


def test_an_unmerge_survives_a_rebuild(borough: Borough, linked: LinkOutcome) -> None:
    members: dict[str, list[tuple[str, str]]] = {}
    for record, person in _groups(linked).items():
        members.setdefault(person, []).append(record)
    one, other = next(records for records in members.values() if len(records) > 3)[:2]
    decision = Decision(one, other, "different")
    settings = LinkSettings(model_json=linked.model_json)
    for previous in (spine(linked), None):
        found = _groups(link(borough.table(), previous=previous, decisions=[decision], settings=settings, seed=1))
        assert found[one] != found[other]


def test_all_records_of_a_source_can_go_without_a_trace(borough: Borough, linked: LinkOutcome) -> None:
    """What is left is what there would be had the source never been."""
    table = borough.table()
    kept = table.filter([source != "police" for source in table["source"].to_pylist()])
    settings = LinkSettings(model_json=linked.model_json)
    after = link(kept, previous=spine(linked), decisions=(), settings=settings, seed=1)
    never = link(kept, previous=None, decisions=(), settings=settings, seed=1)
    against = pairwise(_groups(after), _groups(never))
    assert against.precision >= 0.999 and against.recall == 1.0
    assert not [d for d in after.person_record["dataset"].to_pylist() if d.startswith("police")]


@pytest.mark.parametrize("name", ["anywhere", "one_address"])
def test_scores_are_those_of_splink(borough: Borough, linked: LinkOutcome, name: str) -> None:
    """The same pairs, the same model and the same frequencies give the same weights as Splink's predict."""
    settings = LinkSettings(review_probability=1e-12, rival_margin=100.0)
    models = models_from_json(linked.model_json)
    with open_engine(settings) as engine:
        number_mentions(engine, as_mentions(borough.table().slice(0, 4000)))
        resolve_addresses(engine)
        build_nodes(engine, ())
        find_pairs(engine, settings)
        count_frequencies(engine, models)
        score_pairs(engine, models, settings)
        chosen = "one_address" if name == "one_address" else "NOT one_address"
        ours = dict(_weights(engine.execute(f"SELECT l, r, weight FROM edge WHERE {chosen}").fetchall()))
        engine.execute(
            f"CREATE TABLE splink_pairs AS SELECT '0' AS match_key, l AS join_key_l, r AS join_key_r "
            f"FROM pair WHERE {chosen}"
        )
        api = DuckDBAPI(connection=engine)
        linker = Linker(api.register("node"), models[name], log_level=None, validate_settings=False)  # type: ignore[arg-type, index]
        for column in ("forename", "surname", "dob"):
            linker.table_management.register_term_frequency_lookup(api.register(f"tf_{column}"), column)
        linker.table_management.register_blocked_pairs_for_predict(api.register("splink_pairs"))
        predicted = linker.inference.predict().physical_name
        rows = engine.execute(f"SELECT node_l, node_r, match_weight FROM {predicted}").fetchall()
        theirs = dict(_weights(rows))
    assert len(ours) > 500
    assert set(ours) == set(theirs)
    assert max(abs(ours[pair] - theirs[pair]) for pair in ours) < 1e-6


def _weights(rows: list[tuple[int, int, float]]) -> list[tuple[tuple[int, int], float]]:
    return [((min(left, right), max(left, right)), weight) for left, right, weight in rows]


def test_training_on_a_sample_is_nearly_as_good(borough: Borough, linked: LinkOutcome) -> None:
    sampled = _link(borough, max_pairs=5000)
    assert sampled.model_json != linked.model_json
    assert _quality(borough, sampled).f1 >= _quality(borough, linked).f1 - 0.01


def test_the_model_is_trained_and_plain_json(linked: LinkOutcome) -> None:
    models = json.loads(linked.model_json)["models"]
    levels = {
        level["label_for_charts"]: level
        for each in models["one_address"]["comparisons"]
        if each["output_column_name"] == "birth"
        for level in each["comparison_levels"]
        if not level.get("is_null_level")
    }
    assert levels["same"]["m_probability"] > 0.8 > 0.1 > levels["same"]["u_probability"]
    assert levels["different"]["u_probability"] > 0.95
