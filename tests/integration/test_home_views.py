"""What the gate tells of where one person lives: registers and the place alone, under the rules of that person's permit."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from almoner.governance.permit import Permit
from almoner.governance.reads import told_of_places
from almoner.kernel.errors import AccessRefused
from almoner.single_view.place import PlaceView
from almoner.wiring.looking_up import look_up_place
from almoner.wiring.workspace import Workspace
from tests.workspace_builder import PROTECTED, RESIDENTS, Resident, TinyWorkspace, whole, write_workspace

pytestmark = pytest.mark.integration

STREETS = """
[source]
title = "Streets"
organisation = "council"
owner = "Head of streets"
agreement = "housing"
retention = "long"
[dataset.requests]
title = "Requests"
files = "requests_{sent}.csv"
format = { csv = {} }
delivery = "snapshot"
key = ["request"]
purposes = ["front_line", "matching"]
[dataset.requests.columns]
request = { from = "Request", category = "record", required = true }
subject = { from = "Subject", category = "record" }
cause = { from = "Cause", category = "health" }
asked = { from = "Asked", type = "date", category = "record" }
postcode = { from = "Postcode", category = "address", identifies = "postcode", person = "place" }
uprn = { from = "UPRN", category = "address", identifies = "uprn", person = "place" }
[[dataset.requests.facts]]
event = { kind = "Request", on = "asked", detail = "subject" }
[[dataset.requests.facts]]
attribute = { of = "place", name = "cause", value = "cause" }
"""
ONE, FAR = RESIDENTS[0], RESIDENTS[10]


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TinyWorkspace]:
    """Give a workspace in which two homes have had a request about them."""
    tiny = write_workspace(tmp_path_factory.mktemp("homes") / "workspace")
    tiny.add("sources/streets.toml", STREETS)
    rows = [f"Q{one.number},Noise {one.number},asthma,2026-09-0{n},{one.place()['postcode']},{one.place()['uprn']}"
            for n, one in enumerate((ONE, FAR, PROTECTED), 1)]  # fmt: skip
    tiny.deliver("requests_20260930.csv", "\n".join(["Request,Subject,Cause,Asked,Postcode,UPRN", *rows]) + "\n")
    tiny.take_in()
    tiny.open().records.grant_roles("worker", ("front_line",), "test")
    tiny.open().records.grant_roles("steward", ("linkage_steward",), "test")
    yield tiny


def permit_about(workspace: Workspace, person: str) -> Permit:
    """Give a worker's permit about somebody."""
    return workspace.permits.standing("worker", "front_line", "A reason that explains enough", subjects=(person,))


def place_of(tiny: TinyWorkspace, who: Resident) -> PlaceView:
    """Look up the place where a resident lives."""
    return look_up_place(tiny.open("worker"), tiny.person(who), "front_line", "A reason that explains enough", None)


def test_the_place_of_one_person_and_no_other(tiny: TinyWorkspace) -> None:
    view = place_of(tiny, ONE)
    assert view.state == "known"
    assert [(each.what, each.detail) for each in view.facts] == [("Request", "Noise 0")]
    names = {each.forename for each in view.registered}
    assert names == {ONE.forename.upper(), RESIDENTS[1].forename.upper()}
    assert all(by and by[0][0] == "Housing, Tenancies" for by in (each.by for each in view.registered))
    states = {each.title: each.state for each in view.coverage}
    assert (states["Tenancies"], states["Requests"], states["Register of electors"]) == ("held", "held", "not shown")


def test_nothing_of_a_home_that_must_not_become_known(tiny: TinyWorkspace) -> None:
    view = place_of(tiny, PROTECTED)
    assert (view.state, view.facts, view.registered) == ("withheld", [], [])
    workspace = tiny.open("worker")
    permit = permit_about(workspace, tiny.person(PROTECTED))
    for name, columns in (("home:streets.requests", ("subject",)), ("registered:housing.tenancies", ())):
        assert workspace.gate.run(permit, whole(name), {name: columns}).rows() == [], name


def test_what_would_be_of_somebody_is_not_told_of_a_place(tiny: TinyWorkspace) -> None:
    registry = tiny.registry()
    assert told_of_places(registry, registry.dataset("streets.requests")) == {"subject", "asked"}
    workspace = tiny.open("worker")
    permit = permit_about(workspace, tiny.person(ONE))
    for name, columns in (("home:streets.requests", ("cause",)), ("home:streets.requests", ("uprn",)),
                          ("home:housing.tenancies", ("rent",)), ("registered:council.staff", ()),
                          ("registered:elections.register", ()), ("registered:police.incidents", ())):  # fmt: skip
        with pytest.raises(AccessRefused):
            workspace.gate.run(permit, whole(name), {name: columns})


def test_who_names_nobody_is_told_of_no_home(tiny: TinyWorkspace) -> None:
    workspace = tiny.open("steward")
    permit = workspace.permits.standing("steward", "matching", "A reason that explains enough")
    for name, columns in (("home:streets.requests", ("subject",)), ("registered:housing.tenancies", ())):
        with pytest.raises(AccessRefused, match="names nobody"):
            workspace.gate.run(permit, whole(name), {name: columns})


def test_whoever_restricted_the_use_of_their_data_is_registered_nowhere(tiny: TinyWorkspace) -> None:
    person = tiny.person(RESIDENTS[1])
    tiny.restrict(person)
    try:
        assert [each.forename for each in place_of(tiny, ONE).registered] == [ONE.forename.upper()]
    finally:
        tiny.lift_all()
