"""Repeated slots: whatever names the slot or one of its columns is numbered with it."""

from __future__ import annotations

from typing import Any

from almoner.registry.expand import expand_repeats


def household() -> dict[str, Any]:
    """Give a dataset whose rows list two members of a household."""
    return {
        "people": {
            "tenant": {"name": "tenant"},
            "member": {"name": "member", "repeat": [1, 2], "suffix": "#M{n}", "event_on": "seen",
                       "sealed": {"column": "sealed", "values": ["Y"]}},
        },
        "columns": {
            "tenancy": {"from": "Tenancy"},
            "name": {"from": "m[{n}].name", "person": "member"},
            "relation": {"from": "m[{n}].relation", "person": "member"},
            "seen": {"from": "m[{n}].seen", "person": "member"},
            "sealed": {"from": "m[{n}].sealed", "person": "member"},
        },
        "facts": [
            {"relationship": {"person": "member", "other": {"slot": "tenant"}, "kind": "member", "detail": "relation",
                              "where": [{"column": "relation", "filled": True}, {"column": "tenancy", "filled": True}]}},
            {"relationship": {"person": "tenant", "other": {"slot": "member"}, "kind": "tenant"}},
            {"event": {"person": "member", "kind": "relation", "on": "seen"}},
            {"residence": {"person": "tenant"}},
        ],
    }  # fmt: skip


def test_a_relationship_of_a_repeated_slot_reads_the_detail_and_conditions_of_its_own_columns() -> None:
    dataset = household()
    assert expand_repeats(dataset) is None
    assert dataset["facts"][:2] == [
        {"relationship": {"person": f"member_{n}", "other": {"slot": "tenant"}, "kind": "member",
                          "detail": f"relation_{n}",
                          "where": [{"column": f"relation_{n}", "filled": True}, {"column": "tenancy", "filled": True}]}}
        for n in (1, 2)
    ]  # fmt: skip


def test_the_other_end_of_a_relationship_is_numbered_too() -> None:
    dataset = household()
    expand_repeats(dataset)
    others = [
        fact["relationship"]["other"]
        for fact in dataset["facts"]
        if fact.get("relationship", {}).get("person") == "tenant"
    ]
    assert others == [{"slot": "member_1"}, {"slot": "member_2"}]


def test_words_are_left_as_they_are_though_a_column_is_called_so() -> None:
    dataset = household()
    expand_repeats(dataset)
    events = [fact["event"] for fact in dataset["facts"] if "event" in fact]
    assert events == [{"person": f"member_{n}", "kind": "relation", "on": f"seen_{n}"} for n in (1, 2)]
    assert dataset["facts"][-1] == {"residence": {"person": "tenant"}}


def test_a_slot_reads_its_days_and_markers_from_its_own_columns() -> None:
    dataset = household()
    expand_repeats(dataset)
    slot = dataset["people"]["member_2"]
    assert slot["event_on"] == "seen_2"
    assert slot["sealed"] == {"column": "sealed_2", "values": ["Y"]}
    assert slot["suffix"] == "#M2"
    assert dataset["columns"]["seen_2"]["from"] == "m[2].seen"
