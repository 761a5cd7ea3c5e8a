"""Officers carry decisions on rights out on pages: what is missing is said, what was granted holds, and it is lifted."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from almoner.requests.casework.cases import Content, Mark, Requester, Step
from almoner.web.site import Site
from almoner.wiring.casework import cases_of, office_of
from tests.rights_desk import WHY, rows
from tests.web_visits import Visitor, served, text_of
from tests.workspace_builder import RESIDENTS, TinyWorkspace, finished_workspace

pytestmark = pytest.mark.integration
CARRY_OUT = "/governance/rights-in-force/carry-out/"


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    """Serve a workspace of its own."""
    with served(finished_workspace(tmp_path / "workspace")) as made:
        yield made


def granted(tiny: TinyWorkspace, kind: str, person: str) -> str:
    """Give a case that was granted."""
    workspace = tiny.open("requests")
    case = office_of(workspace).open(kind, Content(Requester("Somebody"), "Please", person)).case
    mark = Mark(2, "approve", "approved", "officer", case.opened_at, case.received_on)
    cases_of(workspace).keep(replace(case, state="approved", outcome="granted", version=2), Step(mark))
    return case.id


def test_an_objection_is_carried_out_and_lifted(site: Site) -> None:
    tiny, officer = TinyWorkspace(site.root), Visitor(site, "officer")
    person = tiny.person(RESIDENTS[0])
    case = granted(tiny, "objection", person)
    before = len(rows(tiny, "analyst", "planning", "spine.resident"))
    missing = officer.post(CARRY_OUT, {"case": "", "kind": "", "reason": ""})
    assert missing.status_code == 400 and "Enter the reference of the case" in text_of(missing)
    wrong = officer.post(CARRY_OUT, {"case": "OBJ-000000000", "kind": "objection", "reason": WHY})
    assert wrong.status_code == 400 and "There is no such case" in text_of(wrong)
    done = officer.post(CARRY_OUT, {"case": case, "kind": "objection", "purpose": "planning", "reason": WHY})
    assert done.status_code == 303
    assert len(rows(tiny, "analyst", "planning", "spine.resident")) == before - 1
    listed = officer.get("/governance/rights-in-force/")
    assert person not in listed.content.decode(), "the list says of nobody whose right it is"
    shown = officer.get(done["Location"])
    assert person in text_of(shown) and "planning" in text_of(shown)
    assert Visitor(site, "worker").get(done["Location"]).status_code == 403
    short = officer.post(done["Location"], {"words": "no"}, form=done["Location"])
    assert short.status_code == 400
    assert officer.post(done["Location"], {"words": WHY}, form=done["Location"]).status_code == 303
    assert len(rows(tiny, "analyst", "planning", "spine.resident")) == before


def test_a_correction_is_carried_out_and_reported_to_its_source(site: Site) -> None:
    tiny, officer = TinyWorkspace(site.root), Visitor(site, "officer")
    person = tiny.person(RESIDENTS[0])
    case = granted(tiny, "rectification", person)
    told = {"case": case, "kind": "correction", "reason": WHY, "dataset": "housing.tenancies",
            "record": f"T{RESIDENTS[0].house}", "column": "rent", "value": "42.25"}  # fmt: skip
    bad = officer.post(CARRY_OUT, {**told, "value": "a lot"})
    assert bad.status_code == 400 and "no decimal" in text_of(bad)
    assert officer.post(CARRY_OUT, told).status_code == 303
    page = officer.get("/governance/rights-in-force/")
    link = re.search(r'href="(/governance/rights-in-force/source/housing/)"', page.content.decode())
    assert link
    report = officer.get(link[1])
    assert report["Content-Type"].startswith("text/csv") and b"42.25" in report.content
