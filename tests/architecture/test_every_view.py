"""Every view that the gate gives is subject to people's rights: a kind of view that is new fails here until it is.

Two purposes see all that can be seen, and do not go on despite a restriction. What they are given is searched for one
person: before a restriction they are there, after it they are nowhere.
"""

from __future__ import annotations

import ast
import inspect
import re
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from almoner.governance import gate
from almoner.governance.gate import Desk
from almoner.governance.permit import Permit
from almoner.kernel.errors import AccessRefused, AlmonerError
from almoner.kernel.steps import Step
from almoner.kernel.tables import SPINE
from almoner.registry import check_registry
from almoner.registry.registry import Registry
from almoner.wiring.workspace import Workspace
from tests.workspace_builder import RESIDENTS, TinyWorkspace, finished_workspace, identifier

WHY = "A reason that explains enough"
ONE, MATE = RESIDENTS[0], RESIDENTS[1]
TOKENS = (ONE.forename.lower(), identifier("nino", ONE.number).lower(), identifier("nhs_number", ONE.number))
OF_DATASETS = {"", "persons", "places", "home", "registered", "corrections"}
"""Kinds of views of a dataset that are subject to rights; '' is the dataset itself."""
DESPITE = {"quarantine", "quality", "held"}
"""Kinds that only purposes get which go on despite a restriction: nobody knows yet whose such a row is, or it is what
the person themselves is answered with."""
UNJOINED = {"council.staff"}
"""Never joined to anybody, by its own declaration: whose such a record is, nothing here knows."""
PURPOSE = """
[purpose.{name}]
title = "Everything"
notice = "Everything."
lawful_basis = "public_task"
special_category_condition = "public_interest"
criminal_offence_condition = "statutory"
form = "identifiable"
scope = "{scope}"
permit_days = 1
sees_whereabouts = true
categories = ["name", "address", "gender", "date_of_birth", "identifiers", "contact", "gp_clinic", "financial",
              "employment", "record", "health", "criminal_history", "place", "anonymised"]
"""
ALL, ABOUT_MATE = "everything_all", "everything_one"


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> TinyWorkspace:
    """Give a workspace with purposes that see everything, and one who may act for them."""
    made = finished_workspace(tmp_path_factory.mktemp("views") / "workspace")
    for file in (made.root / "registry").rglob("*.toml"):
        text = re.sub(
            r'^(purposes = \[)(?=.*"requests")', rf'\1"{ALL}", "{ABOUT_MATE}", ', file.read_text(), flags=re.MULTILINE
        )
        file.write_text(text)
    made.add(
        "everything.toml", PURPOSE.format(name=ALL, scope="all") + PURPOSE.format(name=ABOUT_MATE, scope="one_person")
    )
    assert not check_registry(made.root / "registry").faults
    return made


def kinds() -> set[str]:
    """Name the kinds of views of a dataset that a desk lays out."""
    tree = ast.parse(textwrap.dedent(inspect.getsource(Desk._define_of)))
    return {*gate._PLAIN, *gate._BY_COLUMNS} | {
        str(node.comparators[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Compare)
        and isinstance(node.left, ast.Name)
        and node.left.id == "kind"
        and isinstance(node.comparators[0], ast.Constant)
    }


def views(registry: Registry) -> Iterator[str]:
    """Name every view that is subject to rights."""
    yield from (f"spine.{name}" for name in (*SPINE, "link", "resident"))
    for dataset in registry.datasets():
        yield from (f"{kind}:{dataset.full_name}".removeprefix(":") for kind in sorted(OF_DATASETS))


def test_every_kind_of_view_is_classed() -> None:
    assert kinds() == (OF_DATASETS | DESPITE) - {""}


def permits(workspace: Workspace, mate: str) -> list[Permit]:
    issued = workspace.permits.standing
    return [issued("requests", ALL, WHY), issued("requests", ABOUT_MATE, WHY, subjects=[mate])]


def shown(workspace: Workspace, permit: Permit, view: str, person: str) -> bool | None:
    """Say whether a view shows the person at all; None where the permit does not give it."""
    kind, _, rest = view.rpartition(":")
    columns: tuple[str, ...] = ()
    if "." in (rest or view) and not view.startswith("spine."):
        columns = workspace.gate.columns_for(permit).get(rest or view, ())
    step = Step("all", "All of a view", f'SELECT * FROM "{view}"', ())
    try:
        if kind == "home":
            from almoner.governance.reads import told_of_places

            columns = tuple(sorted(told_of_places(workspace.registry, workspace.registry.dataset(rest))))
        rows = workspace.gate.run(permit, [step], {view: columns}).rows()
    except AccessRefused:
        return None
    return any(_names(value, person) for row in rows for value in row.values())


def joined(registry: Registry, dataset: str) -> bool:
    return any(registry.purpose[name].joins_records for name in registry.dataset(dataset).purposes)


def _names(value: Any, person: str) -> bool:
    text = str(value).lower()
    return text == person.lower() or any(token in text for token in TOKENS)


def test_who_restricted_the_use_of_their_data_is_in_no_view(tiny: TinyWorkspace) -> None:
    person, mate = tiny.person(ONE), tiny.person(MATE)
    workspace = tiny.open("requests")
    before = {
        (view, permit.purpose): shown(workspace, permit, view, person)
        for permit in permits(workspace, mate)
        for view in views(workspace.registry)
    }
    there = {view for (view, _), seen in before.items() if seen}
    assert {"housing.tenancies", "elections.register", "persons:housing.tenancies", "registered:elections.register",
            "spine.person", "spine.residence", "spine.relationship", "spine.link", "spine.resident"} <= there  # fmt: skip
    tiny.restrict(person)
    workspace = tiny.open("requests")
    after = {
        (view, permit.purpose): shown(workspace, permit, view, person)
        for permit in permits(workspace, mate)
        for view in views(workspace.registry)
    }
    left = {view.rpartition(":")[2] for (view, _), seen in after.items() if seen}
    assert left <= UNJOINED and {name for name in UNJOINED if not joined(workspace.registry, name)} == UNJOINED
    assert {key for key, seen in after.items() if seen is None} == {key for key, seen in before.items() if seen is None}


@pytest.mark.parametrize("view", ["quarantine:housing.tenancies", "quality:housing.tenancies", "memory.mention"])
def test_what_is_not_subject_to_rights_is_given_only_to_who_goes_on(tiny: TinyWorkspace, view: str) -> None:
    workspace = tiny.open("requests")
    for permit in permits(workspace, tiny.person(MATE)):
        with pytest.raises(AlmonerError):
            workspace.gate.run(permit, [Step("all", "", f'SELECT * FROM "{view}"', ())], {view: ()}).rows()


@pytest.mark.parametrize("purpose", ["matching", "data_quality"])
def test_a_registry_in_which_such_a_purpose_does_not_go_on_has_a_fault(tmp_path: Path, purpose: str) -> None:
    own = finished_workspace(tmp_path / "workspace")
    file = own.root / "registry" / "purposes.toml"
    head, _, tail = file.read_text().partition(f"[purpose.{purpose}]")
    file.write_text(f"{head}[purpose.{purpose}]{tail.replace('despite_restriction = true', '', 1)}")
    assert any("despite a restriction" in fault.what for fault in check_registry(own.root / "registry").faults)
