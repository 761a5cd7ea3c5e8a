"""People who are merged, split or erased while their record is open: the next click says so and offers what to do.

One workspace goes through it in order: two people are decided to be one, then apart again, then one is erased.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from almoner.web.site import Site
from almoner.wiring.deciding import merge, unmerge
from almoner.wiring.linking import link_records
from tests.integration.test_web_front_line import WHY
from tests.web_visits import Visitor, served, text_of
from tests.workspace_builder import RESIDENTS, Resident, finished_workspace
from tests.workspace_builder import TinyWorkspace as Tiny

pytestmark = pytest.mark.integration

ONE, OTHER, ALONE = RESIDENTS[0], RESIDENTS[8], RESIDENTS[10]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Serve a workspace."""
    with served(finished_workspace(tmp_path_factory.mktemp("change") / "workspace")) as site:
        yield site


def open_record(visitor: Visitor, someone: Resident) -> str:
    """Open somebody's record; give its address."""
    sent = visitor.post("/people/", {**WHY, "name": f"{someone.forename} {someone.surname}"})
    link = re.search(r'href="(/people/[^"/]+/open/)"', visitor.get(sent["Location"]).content.decode())
    assert link
    return str(visitor.post(link[1], WHY)["Location"])


def join(site: Site) -> None:
    """Join records anew, as who does that."""
    link_records(Tiny(site.root).open("steward"), lambda _: None)


def test_merged_while_the_page_is_open(site: Site) -> None:
    tiny = Tiny(site.root)
    ids = {who.number: tiny.person(who) for who in (ONE, OTHER)}
    visitor = Visitor(site, "worker")
    records = {who.number: open_record(visitor, who) for who in (ONE, OTHER, ALONE)}
    for number, record in records.items():
        assert visitor.get(record).status_code == 200
        assert visitor.post(record + "follow/", {"words": "I am their social worker"}).status_code == 303, number
    tokens = {number: re.search(r'value="([^"]{40,})"', visitor.get(record + "mistake/").content.decode())
              for number, record in records.items()}  # fmt: skip
    merge(tiny.open("steward"), ids[ONE.number], ids[OTHER.number], "They are one person, I have seen the papers")
    join(site)
    assert visitor.get(records[ALONE.number] + "household/").status_code == 200, "nothing has happened to them"
    pages = {}
    for who in (ONE, OTHER):
        token = tokens[who.number]
        assert token
        told = {"kind": "name", "words": "This is about the wrong one", "csrfmiddlewaretoken": token[1]}
        sent = visitor.client.post(
            records[who.number] + "mistake/", told, secure=True, headers={"origin": "https://almoner.example.org"}
        )
        assert (sent.status_code, sent["Location"]) == (303, records[who.number]), (
            "nothing is taken about who is no more"
        )
        pages[who.number] = visitor.get(records[who.number])
    gone = [page for page in pages.values() if page.status_code == 404]
    kept = [page for page in pages.values() if page.status_code == 200]
    assert len(gone) == len(kept) == 1
    assert "part of another person’s record now" in text_of(gone[0])
    assert "Your caseload, to take them off it" in text_of(gone[0])
    onward = re.search(r'href="(/people/[^"/]+/open/)">Open the record that has them now', gone[0].content.decode())
    assert onward and visitor.get(onward[1]).status_code == 200
    assert "Mistakes" not in text_of(gone[0]) and "None is" in text_of(
        Visitor(site, "steward").get("/governance/mistakes/")
    )
    listed = visitor.get("/caseload/")
    assert "has changed since you opened it" in text_of(kept[0]) and "What you had typed was not sent" in text_of(
        kept[0]
    )
    assert "Another record was joined into it" in text_of(kept[0])
    assert "A record that was joined into another" in text_of(listed)


def test_split_while_the_page_is_open(site: Site) -> None:
    tiny = Tiny(site.root)
    visitor = Visitor(site, "worker")
    record = open_record(visitor, ONE)
    before = visitor.get(record)
    assert "has changed since you opened it" not in text_of(before)
    steward = tiny.open("steward")
    tiny_person = _person_of(tiny, f"T{ONE.house}")
    unmerge(
        steward, tiny_person, [f"housing/tenancies/T{OTHER.house}"], "They are two people after all, see the papers"
    )
    join(site)
    sent = visitor.get(record + "place/")
    assert (sent.status_code, sent["Location"]) == (303, record)
    page = visitor.get(record)
    assert page.status_code in (200, 404)
    assert "has changed since you opened it" in text_of(page) or "part of another person’s record now" in text_of(
        page
    ), text_of(page)
    assert "/open/" in page.content.decode(), "there is somewhere to go"
    if page.status_code == 200:
        assert visitor.get(record + "household/").status_code == 200, "once told, the pages answer again"


def test_no_longer_held_while_the_page_is_open(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """For the gate it is the same whether somebody was erased or may no longer be used: there is no such person."""
    visitor = Visitor(site, "worker")
    record = open_record(visitor, ALONE)
    assert visitor.get(record).status_code == 200
    person = Tiny(site.root).person(ALONE)
    Tiny(site.root).restrict(person)
    page = visitor.get(record)
    said = text_of(page)
    assert page.status_code == 404 and ALONE.surname.lower() not in said.lower()
    assert "Nothing is held of this person" in said and "Search again" in said
    assert "Your caseload, to take them off it" in said
    assert visitor.get(record).status_code == 303, "the handle opens nothing any more"
    monkeypatch.setattr("almoner.wiring.caseload.knows_person", lambda _lake, who: who != person)
    listed = visitor.get("/caseload/")
    assert listed.status_code == 200 and "Somebody of whom nothing is held any more" in text_of(listed)


def _person_of(tiny: Tiny, record: str) -> str:
    from almoner.kernel.steps import Step

    workspace = tiny.open("steward")
    permit = workspace.permits.standing("steward", "matching", "Finding somebody for a test")
    sql = f"""SELECT person_id FROM "spine.person_record" WHERE dataset = 'housing.tenancies'
              AND record_id = '{record}'"""
    found = workspace.gate.run(permit, [Step("who", "", sql, ())], {"spine.person_record": ()}).one()
    assert found is not None
    return str(found["person_id"])
