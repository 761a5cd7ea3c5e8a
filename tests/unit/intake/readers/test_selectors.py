"""Paths into nested records: how they are read, and that nothing of a record goes unnoticed."""

from __future__ import annotations

from typing import Any

import pytest

from almoner.intake.readers.selectors import Picked, Step, is_present, json_path, plant, xml_path
from almoner.kernel.errors import RegistryError


def pick(wanted: str, record: dict[str, Any], ignore: str = "") -> Picked:
    tree = plant({path: json_path(path) for path in wanted.split()}, [json_path(path) for path in ignore.split()])
    picked = Picked(".", None)
    picked.take(tree, record, "")
    return picked


@pytest.mark.parametrize(
    ("path", "steps"),
    [
        ("ref", (Step("ref"),)),
        ("property.uprn", (Step("property"), Step("uprn"))),
        ("tenants[tenantNo=1].forename", (Step("tenants", key="tenantNo", value="1"), Step("forename"))),
        ("a[kind='x.y'].b", (Step("a", key="kind", value="x.y"), Step("b"))),
        ("alerts[*]", (Step("alerts", every=True),)),
        ("two words.x-y", (Step("two words"), Step("x-y"))),
    ],
)
def test_json_paths(path: str, steps: tuple[Step, ...]) -> None:
    assert json_path(path) == steps


@pytest.mark.parametrize(
    ("path", "steps"),
    [
        ("@ref", (Step("@ref"),)),
        ("Offence/@code", (Step("Offence"), Step("@code"))),
        ("Person[@role='VICTIM']/Name", (Step("Person", key="@role", value="VICTIM"), Step("Name"))),
        ("Person[Kind='A/B']/Name", (Step("Person", key="Kind", value="A/B"), Step("Name"))),
        ("Note/text()", (Step("Note"), Step("#text"))),
        ("Flag[*]", (Step("Flag", every=True),)),
    ],
)
def test_xml_paths(path: str, steps: tuple[Step, ...]) -> None:
    assert xml_path(path) == steps


@pytest.mark.parametrize("path", ["", ".", "a.", ".a", "a..b", "a[", "a[]", "a[b]", "a[b=1", "a]b", "a[1=2]b"])
def test_json_paths_that_can_t_be_read(path: str) -> None:
    with pytest.raises(RegistryError):
        json_path(path)


@pytest.mark.parametrize("path", ["", "/", "a/", "/a", "a//b", "@a/b", "a[@b]", "a[@b=c]", "a[1]", "//a", "ns:a"])
def test_xml_paths_that_can_t_be_read(path: str) -> None:
    with pytest.raises(RegistryError):
        xml_path(path)


def test_one_value_can_t_have_two_names() -> None:
    with pytest.raises(RegistryError, match="name the same value"):
        plant({"a/b": xml_path("a/b"), "a/b/text()": xml_path("a/b/text()")}, [])


def test_values_are_picked_by_selector() -> None:
    picked = pick(
        "ref p.x t[no=1].n t[no=2].n f[*] f2[*].v",
        {
            "ref": "R",
            "p": {"x": True},
            "t": [{"no": "2", "n": "two"}, {"no": "1", "n": "one"}],
            "f": ["A", "", None, "B"],
            "f2": [{"v": "C"}, {"v": None}, {"v": "D"}],
        },
    )
    assert (picked.extra, picked.fault) == (set(), None)
    assert picked.values == {
        "ref": "R",
        "p.x": "true",
        "t[no=1].n": "one",
        "t[no=2].n": "two",
        "f[*]": "A | B",
        "f2[*].v": "C | D",
    }


FAULTS = [
    (
        "a third tenant",
        {"t": [{"no": "1"}, {"no": "2"}, {"no": "3"}]},
        "t",
        "unclaimed_element",
        "1 element(s)",
    ),
    ("two first tenants", {"t": [{"no": "1"}, {"no": "1"}]}, "t", "unclaimed_element", "1 element(s)"),
    ("no number", {"t": [{"n": "x"}, {"n": "y"}]}, "t", "unclaimed_element", "2 element(s)"),
    ("a number that is null", {"t": [{"no": None}]}, "t", "unclaimed_element", "1 element(s)"),
    ("text for an object", {"t": ["x"]}, "t", "unclaimed_element", "1 element(s)"),
    ("a single unclaimed object", {"t": {"no": "9"}}, "t", "unclaimed_element", "1 element(s)"),
    ("several values", {"ref": ["R", "S"]}, "ref", "unclaimed_element", "1 element(s)"),
    ("several objects", {"p": [{"x": "1"}, {"x": "2"}]}, "p", "unclaimed_element", "1 element(s)"),
    ("lists in a list", {"ref": [["R"]]}, "ref", "unclaimed_element", "1 element(s)"),
    ("an object for a value", {"ref": {"x": "R"}}, "ref", "unexpected_shape", "an object"),
    ("a value for an object", {"p": "x"}, "p", "unexpected_shape", "a single value"),
    ("inside an element", {"t": [{"no": "1", "n": {"x": "y"}}]}, "t.n", "unexpected_shape", "an object"),
]


@pytest.mark.parametrize(("record", "path", "code", "message"), [f[1:] for f in FAULTS], ids=[f[0] for f in FAULTS])
def test_what_no_path_claims_is_a_fault(record: dict[str, Any], path: str, code: str, message: str) -> None:
    fault = pick("ref p.x t[no=1].n t[no=2].n", record).fault
    assert fault is not None
    assert fault[:2] == (path, code)
    assert message in fault[2]


@pytest.mark.parametrize(
    "record",
    [
        {},
        {"ref": None},
        {"ref": {}},
        {"ref": []},
        {"p": None},
        {"p": {}},
        {"t": []},
        {"t": [None]},
        {"ref": ["R"]},
    ],
)
def test_what_holds_nothing_is_no_fault(record: dict[str, Any]) -> None:
    picked = pick("ref p.x t[no=1].n", record)
    assert (picked.extra, picked.fault) == (set(), None)


def test_keys_that_are_not_declared_are_extra_wherever_they_are() -> None:
    record = {"ref": "1", "new": "2", "p": {"x": "3", "y": "4"}, "t": [{"no": "1", "n": "5", "z": "6"}]}
    assert pick("ref p.x t[no=1].n", record).extra == {"new", "p.y", "t.z"}
    assert pick("ref p.x t[no=1].n", record, ignore="new p.y t.z").extra == set()


def test_ignoring_a_place_ignores_all_below_it() -> None:
    picked = pick("ref", {"ref": "1", "p": {"x": {"y": "z"}}, "l": [{"a": "1"}, ["b"]]}, ignore="p l")
    assert (picked.values, picked.extra, picked.fault) == ({"ref": "1"}, set(), None)


def test_ignoring_a_list_lets_its_other_elements_pass() -> None:
    picked = pick("t[no=1].n", {"t": [{"no": "1", "n": "x"}, {"no": "2", "n": "y"}]}, ignore="t")
    assert (picked.values, picked.fault) == ({"t[no=1].n": "x"}, None)


@pytest.mark.parametrize(
    ("record", "present"),
    [
        ({"p": {"x": None}}, True),
        ({"p": None}, True),
        ({"p": [{"x": "1"}]}, True),
        ({"p": {}}, False),
        ({}, False),
        ({"p": "x"}, False),
    ],
)
def test_presence_of_a_path(record: dict[str, Any], present: bool) -> None:
    assert is_present(record, json_path("p.x")) is present
