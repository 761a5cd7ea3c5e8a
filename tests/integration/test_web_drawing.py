"""Drawing areas and looking after workspaces and permits, over HTTP."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import replace

import pytest

from almoner.web.analysts import drawing
from almoner.web.analysts.places import Places
from almoner.web.site import Site
from tests.small_areas import LSOAS, workspace_with_small_areas
from tests.web_visits import Visitor, served, text_of

pytestmark = pytest.mark.integration
REASON = "A reason that explains enough"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Serve a workspace with small areas."""
    with served(workspace_with_small_areas(tmp_path_factory.mktemp("drawing") / "workspace")) as site:
        yield site


def ticked(page: str) -> set[str]:
    """Give the small areas that are ticked in the list."""
    return set(re.findall(r'name="member" type="checkbox" value="(\w+)" checked', page))


def links_of(page: str) -> dict[str, str]:
    """Give where a press on each area of the map leads, by what its title says."""
    return {
        title: address.replace("&amp;", "&").partition("#")[0]
        for address, title in re.findall(r'<a href="([^"]*)" tabindex="-1"><path[^>]*><title>([^<]*)</title>', page)
    }


def test_pressing_areas_of_the_map_is_the_same_as_ticking_the_list(site: Site) -> None:
    analyst = Visitor(site, "analyst")
    page = analyst.get("/areas/draw/").content.decode()
    assert len(links_of(page)) == 4 and not ticked(page) and "<script" not in page
    page = analyst.get("/areas/draw/" + links_of(page)["Small area 2: not chosen"]).content.decode()
    page = analyst.get("/areas/draw/" + links_of(page)["Small area 4: not chosen"]).content.decode()
    assert ticked(page) == {LSOAS[1], LSOAS[3]} and page.count('class="in"') == 2
    sent = analyst.post("/areas/draw/", {"member": (LSOAS[1], LSOAS[3]), "do": "show"})  # type: ignore[dict-item]
    assert analyst.get(sent["Location"]).content.decode().count('class="in"') == 2
    page = analyst.get("/areas/draw/" + links_of(page)["Small area 2: chosen"]).content.decode()
    assert ticked(page) == {LSOAS[3]}


def test_the_map_is_moved_by_links_and_keeps_the_choice(site: Site) -> None:
    analyst = Visitor(site, "analyst")
    page = analyst.get(
        "/areas/draw/" + links_of(analyst.get("/areas/draw/").content.decode())["Small area 1: not chosen"]
    )
    nearer = re.search(r'href="(\?[^"]*)#map">Zoom in<', page.content.decode())
    assert nearer
    page = analyst.get("/areas/draw/" + nearer[1].replace("&amp;", "&"))
    assert ticked(page.content.decode()) == {LSOAS[0]}
    for words in ("Zoom in", "Zoom out", "North", "West", "Whole map"):
        assert words in text_of(page)
    boxes = [re.search(r'viewBox="([^"]*)"', analyst.get(f"/areas/draw/?{q}").content.decode()) for q in
             ("z=1", "z=2&x=0&y=0", "z=999&x=x&y=-4", "z=8&x=999&y=50")]  # fmt: skip
    assert all(boxes) and boxes[0][1] == boxes[2][1] != boxes[1][1]  # type: ignore[index]


def test_an_area_is_kept_under_a_name_and_used_in_a_question(site: Site) -> None:
    analyst = Visitor(site, "analyst")
    sent = analyst.post("/areas/draw/", {"member": LSOAS[1:3], "title": "  Canal   <b>side</b> ", "do": "keep"})  # type: ignore[dict-item]
    assert sent.status_code == 303
    page = analyst.get(sent["Location"])
    assert "<li>Small area 2</li>" in page.content.decode() and "<li>Small area 4</li>" not in page.content.decode()
    assert "Canal &lt;b&gt;side&lt;/b&gt;" in page.content.decode()
    assert page.content.decode().count('class="in"') == 2
    topic = re.search(r'href="(/questions/check/\?[^"]*)">Population<', page.content.decode())
    assert topic and "Canal" in text_of(analyst.get(topic[1].replace("&amp;", "&")))
    assert "Canal" in text_of(analyst.get("/questions/?where=drawn")) and "Canal" in text_of(analyst.get("/areas/"))
    assert Visitor(site, "second_analyst").get(sent["Location"]).status_code == 404
    assert "Canal" not in text_of(Visitor(site, "second_analyst").get("/areas/"))
    actions = [each.event.action for each in site.workspace.audit.events()]
    assert "area.keep" in actions
    assert analyst.post(sent["Location"]).status_code == 303
    assert analyst.get(sent["Location"]).status_code == 404


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        ({"member": [], "title": "Nothing at all"}, "Choose at least one"),
        ({"member": ["E01999999", "<b>"], "title": "Elsewhere"}, "Choose at least one"),
        ({"member": [LSOAS[0]], "title": ""}, "This is no name for an area"),
        ({"member": [LSOAS[0]], "title": "x" * 200}, "This is no name for an area"),
    ],
)
def test_what_is_no_area_is_said(site: Site, sent: dict[str, str], words: str) -> None:
    page = Visitor(site, "analyst").post("/areas/draw/", {**sent, "do": "keep"})
    assert page.status_code == 400 and words in text_of(page)


def test_a_name_is_given_once(site: Site) -> None:
    analyst = Visitor(site, "analyst")
    assert analyst.post("/areas/draw/", {"member": LSOAS[0], "title": "Once", "do": "keep"}).status_code == 303
    page = analyst.post("/areas/draw/", {"member": LSOAS[1], "title": "ONCE", "do": "keep"})
    assert page.status_code == 400 and "You have an area of this name" in text_of(page)
    assert ticked(page.content.decode()) == {LSOAS[1]}, "what was ticked is not lost"


@pytest.mark.parametrize("choice", ["zzz", "00000000", "%7F", "a" * 3000, "AAAAAA===="])
def test_an_address_that_was_cut_is_said_and_chooses_nothing(site: Site, choice: str) -> None:
    page = Visitor(site, "analyst").get(f"/areas/draw/?a={choice}")
    assert page.status_code == 400 and "can't be read" in text_of(page) and not ticked(page.content.decode())


def test_without_outlines_there_is_the_list_alone_and_the_page_says_why(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = drawing.places_of
    monkeypatch.setattr(drawing, "places_of", lambda visit: Places(whole(visit).areas, {}))
    page = Visitor(site, "analyst").get("/areas/draw/")
    assert (
        "There is no map" in text_of(page)
        and "Small area 2" in text_of(page)
        and 'class="app-map"' not in page.content.decode()
    )


# ── workspaces and permits ───────────────────────────────────────────────────────────────────────────────────────


def a_permit(site: Site, visitor: Visitor, actor: str = "analyst") -> str:
    """Ask for a permit for research, which the role gives at once."""
    sent = visitor.post(
        "/account/permits/", {"do": "request", "purpose": "research", "project": "alpha", "reason": REASON}
    )
    assert sent.status_code == 303, text_of(sent)
    return str(site.workspace.records.permits(actor)[0].id)


def test_a_workspace_is_opened_listed_and_closed(site: Site) -> None:
    analyst = Visitor(site, "analyst")
    permit = a_permit(site, analyst)
    assert permit in text_of(analyst.get("/workspaces/"))
    path = f"/workspaces/open/{permit}/"
    assert "Tenancies" in text_of(analyst.get(path))
    sent = analyst.post(path, {"dataset": "council.staff"})
    assert sent.status_code == 400 and "Select at least one dataset" in text_of(sent), "it gives no such dataset"
    assert analyst.post(path, {"dataset": "housing.tenancies"}).status_code == 303
    (opened,) = [each for each in site.acting_as("analyst").analysts.list("analyst") if each.permit_id == permit]
    assert set(opened.tables) == {"housing.tenancies", "spine.link", "spine.resident"}
    assert opened.id in text_of(analyst.get("/workspaces/"))
    assert opened.id not in text_of(Visitor(site, "second_analyst").get("/workspaces/"))
    assert Visitor(site, "second_analyst").get(path).status_code == 404
    assert Visitor(site, "second_analyst").post("/workspaces/", {"workspace": opened.id}).status_code == 404
    assert analyst.post("/workspaces/", {"workspace": opened.id}).status_code == 303
    assert site.acting_as("analyst").analysts.list("analyst") == []
    assert analyst.post("/workspaces/", {"workspace": opened.id}).status_code == 404


def test_a_permit_that_ends_in_the_middle_opens_nothing(site: Site) -> None:
    analyst = Visitor(site, "analyst")
    permit = a_permit(site, analyst)
    path = f"/workspaces/open/{permit}/"
    assert analyst.get(path).status_code == 200
    records, found = site.workspace.records, site.workspace.records.permit(permit)
    assert found is not None
    records.save_permit(replace(found, expires_at=dt.datetime.now(dt.UTC) - dt.timedelta(seconds=1)))
    page = analyst.post(path, {"dataset": "housing.tenancies"}, form="/workspaces/")
    assert page.status_code == 404 and "It has ended, was taken back" in text_of(page)
    assert not any(each.permit_id == permit for each in site.acting_as("analyst").analysts.list("analyst"))
    assert permit not in text_of(analyst.get("/account/permits/"))


def test_a_workspace_goes_with_its_permit(site: Site) -> None:
    analyst, officer = Visitor(site, "analyst"), Visitor(site, "officer")
    permit = a_permit(site, analyst)
    analyst.post(f"/workspaces/open/{permit}/", {"dataset": "housing.tenancies"})
    assert permit in text_of(officer.get("/governance/permits/"))
    assert officer.post("/governance/permits/", {"do": "revoke", "permit": permit}).status_code == 303
    assert permit not in text_of(officer.get("/governance/permits/"))
    assert "You have none open" in text_of(analyst.get("/workspaces/"))
    again = officer.post("/governance/permits/", {"do": "grant", "permit": permit})
    assert again.status_code == 409 and "is revoked, not requested" in text_of(again)


def test_a_permit_is_granted_by_somebody_else(site: Site) -> None:
    permits = site.acting_as("analyst").permits
    from almoner.governance.permit import Permit

    asked: Permit = permits.request("analyst", "research", "Words for <b>whoever</b> grants it", project="alpha")
    site.workspace.records.save_permit(replace(asked, state="requested", granted_by=None))
    own: Permit = replace(asked, id="K0000000001", actor="officer", state="requested", granted_by=None)
    site.workspace.records.save_permit(own)
    officer = Visitor(site, "officer")
    page = officer.get("/governance/permits/")
    assert "&lt;b&gt;whoever&lt;/b&gt;" in page.content.decode() and "Somebody else decides" in text_of(page)
    assert officer.post("/governance/permits/", {"do": "grant", "permit": own.id}).status_code == 403
    assert officer.post("/governance/permits/", {"do": "grant", "permit": asked.id}).status_code == 303
    granted = site.workspace.records.permit(asked.id)
    assert granted is not None and granted.state == "granted" and granted.granted_by == "officer"
    listed = officer.post("/governance/permits/", {"do": "list", "actor": "nobody at all"})
    assert listed.status_code == 200 and asked.id not in text_of(listed)
    assert officer.post("/governance/permits/", {"do": "grant", "permit": "K9999999999"}).status_code == 409


def test_nobody_gives_back_or_sees_somebody_elses_permit(site: Site) -> None:
    analyst, second = Visitor(site, "analyst"), Visitor(site, "second_analyst")
    permit = a_permit(site, analyst)
    assert permit not in text_of(second.get("/account/permits/"))
    second.post("/account/permits/", {"do": "revoke", "permit": permit})
    found = site.workspace.records.permit(permit)
    assert found is not None and found.state == "granted"
    analyst.post("/account/permits/", {"do": "revoke", "permit": permit})
    found = site.workspace.records.permit(permit)
    assert found is not None and found.state == "revoked"


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        ({"purpose": "research", "project": "alpha", "reason": "short"}, "Say why you need it"),
        ({"purpose": "front_line", "reason": REASON}, "Select what the permit is for"),
        ({"purpose": "requests", "reason": REASON}, "Select what the permit is for"),
        ({"purpose": "research", "project": "none", "reason": REASON}, "needs a project"),
    ],
)
def test_what_can_not_be_asked_for_is_said(site: Site, sent: dict[str, str], words: str) -> None:
    page = Visitor(site, "analyst").post("/account/permits/", {"do": "request", **sent})
    assert page.status_code == 400 and words in text_of(page)
