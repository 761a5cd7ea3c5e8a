"""Asking over HTTP: what is told stands in the ledger first, nobody gets round it, and looking again asks nothing."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import pytest

from almoner.methods.disclosure.check import check
from almoner.methods.disclosure.ledger import Ledger
from almoner.methods.disclosure.primary import RULE
from almoner.methods.disclosure.released import ReleaseTable, state
from almoner.release.codes import Codebook
from almoner.web.site import Site
from almoner.wiring.releasing import book_of
from tests.small_areas import LSOAS, workspace_with_small_areas
from tests.web_visits import Visitor, served, text_of
from tests.workspace_builder import RESIDENTS, TinyWorkspace

pytestmark = pytest.mark.integration
WHY = {"reason": "A question that has to be answered", "project": "alpha"}
CHECK = "/questions/check/"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Serve a workspace with small areas. Its ledger grows from test to test, as a council's does."""
    with served(workspace_with_small_areas(tmp_path_factory.mktemp("asking") / "workspace")) as site:
        yield site


@pytest.fixture
def analyst(site: Site) -> Visitor:
    """Sign in as somebody who may ask."""
    return Visitor(site, "analyst")


def asked(visitor: Visitor, *indicators: str, **more: Any) -> Any:
    """Ask, and give what the form leads to."""
    pairs = [*(("indicator", name) for name in indicators), *more.items()]
    return visitor.post(f"{CHECK}?{urlencode(pairs, doseq=True)}", WHY)


def ledger(site: Site) -> list[ReleaseTable]:
    """Read everything that was ever told."""
    book = book_of(site.workspace)
    return book.ledger(book.populations())


def deducible(site: Site, tables: list[ReleaseTable]) -> int:
    """Count what an attacker finds who has read all of it."""
    codebook, found = Codebook(book_of(site.workspace).members()), 0
    for population in {table.population for table in tables}:
        of_it = [table for table in tables if table.population == population]
        verdict = check(Ledger(codebook.space(of_it)), of_it, RULE)
        found += len(verdict.findings) + len(verdict.contradictions)
    return found


def plainly(tables: list[ReleaseTable]) -> list[ReleaseTable]:
    """State the same with nothing but the counts from 1 to 4 withheld, and none rounded."""
    return [
        state(each.release, each.population, each.codes, each.exact,
              withheld=(each.exact >= 1) & (each.exact <= RULE.largest_small))
        for each in tables
    ]  # fmt: skip


def test_nothing_is_asked_by_looking(site: Site, analyst: Visitor) -> None:
    before = len(ledger(site))
    page = analyst.get("/questions/?indicator=population&where=every:ward")
    said = text_of(page)
    assert page.status_code == 200 and "Residents" in said and "Wards" in said and "Sex" in said
    page = analyst.get(f"{CHECK}?indicator=population&where=every:ward&compare=place")
    said = text_of(page)
    assert page.status_code == 200 and "What it is checked against" in said and "Tinytown" in said
    assert re.search(r"Rows 4\b", said)
    assert len(ledger(site)) == before


def test_an_answer_is_in_the_ledger_and_the_log_and_can_be_come_back_to(site: Site, analyst: Visitor) -> None:
    from almoner.governance.audit import EventFilter

    before = len(ledger(site))
    sent = asked(analyst, "population", where="every:lsoa21", compare="place")
    assert sent.status_code == 303 and re.fullmatch(r"/questions/answers/Q\w{11}/", sent["Location"])
    name = sent["Location"].split("/")[3]
    assert len(ledger(site)) == before + 1 and ledger(site)[-1].release == name
    events = [each.event for each in site.workspace.audit.events(EventFilter(actor="analyst", action="query.answer"))]
    assert events[-1].detail["answer"] == name and events[-1].outcome == "allowed"
    page = analyst.get(sent["Location"])
    said = text_of(page)
    assert (
        "Small area 1" in said
        and "[c]" in said
        and "Zero: none were counted" in said
        and "<svg" in page.content.decode()
    )
    assert text_of(analyst.get(sent["Location"])) == said
    assert len(ledger(site)) == before + 1 and len(book_of(site.workspace).answers("analyst")) >= 1
    again = [each.event for each in site.workspace.audit.events(EventFilter(actor="analyst", action="query.read"))]
    assert [each.detail["answer"] for each in again] == [name, name]
    file = analyst.get(sent["Location"] + "figures.csv")
    assert "attachment" in file["Content-Disposition"] and file.content.decode().startswith(
        "\ufeffindicator,geography,"
    )
    assert "population,lsoa21,E01000001,Small area 1,2026-10-01,[c]" in file.content.decode()
    assert "population,lsoa21,E01000004,Small area 4,2026-10-01,0" in file.content.decode(), "zero is no sign"
    assert name in text_of(analyst.get("/questions/answers/"))


def test_an_answer_is_shown_to_whoever_asked(site: Site, analyst: Visitor) -> None:
    address = asked(analyst, "referrals")["Location"]
    assert Visitor(site, "second_analyst").get(address).status_code == 404
    assert Visitor(site, "second_analyst").get(address + "figures.csv").status_code == 404
    assert Visitor(site, "worker").get(address).status_code == 403
    assert "to a colleague" in text_of(Visitor(site, "second_analyst").get(f"{CHECK}?indicator=referrals"))


def test_two_figures_that_differ_by_one_person_are_told_apart_by_nobody(site: Site, analyst: Visitor) -> None:
    before = len(ledger(site))
    first = asked(analyst, "forty_and_over", where="every:lsoa21", compare="place")
    second = asked(analyst, "thirty_seven_and_over", where="every:lsoa21", compare="place")
    told = ledger(site)[before:]
    exact = [dict(zip(each.codes["area"], each.exact, strict=True)) for each in told]
    assert sum(exact[1][code] != exact[0][code] for code in exact[0] if code != "*") == 1
    assert exact[1]["*"] - exact[0]["*"] == 1
    assert "[c]" in text_of(analyst.get(first["Location"])) and "[c]" in text_of(analyst.get(second["Location"]))
    assert deducible(site, ledger(site)) == 0
    assert deducible(site, plainly(told)) > 0, "an attack that finds nothing anyway proves nothing"


def drawn(visitor: Visitor, title: str, members: tuple[str, ...]) -> str:
    """Draw an area, and give its id."""
    sent = visitor.post("/areas/draw/", {"member": members, "title": title, "do": "keep"})  # type: ignore[dict-item]
    assert sent.status_code == 303, text_of(sent)
    return str(sent["Location"].split("/")[2])


def test_many_similar_areas_get_nobody_round_the_ledger(site: Site) -> None:
    analyst, before = Visitor(site, "second_analyst"), len(ledger(site))
    choices = [chosen for size in (1, 2, 3, 4) for chosen in itertools.combinations(LSOAS, size)]
    areas = [drawn(analyst, f"Area {number}", chosen) for number, chosen in enumerate(choices)]
    for number, area in enumerate(areas):
        by = {"by": "sex"} if number % 2 else {}
        sent = asked(analyst, "population", "forty_and_over", where="drawn", drawn=area, **by)
        assert sent.status_code in (303, 409), text_of(sent)
    assert deducible(site, ledger(site)) == 0
    assert deducible(site, plainly(ledger(site)[before:])) > 0
    assert all(each.cells for each in book_of(site.workspace).answers("second_analyst"))


def test_another_name_makes_no_other_area_of_the_same_places(site: Site, analyst: Visitor) -> None:
    one, other = (drawn(analyst, title, LSOAS[1:3]) for title in ("Canal side", "Canal side again"))
    asked(analyst, "referrals", where="drawn", drawn=one)
    asked(analyst, "referrals", where="drawn", drawn=other)
    first, second = ledger(site)[-2:]
    assert first.codes["area"] == second.codes["area"] and first.release != second.release


def test_a_form_without_a_reason_or_from_elsewhere_asks_nothing(site: Site, analyst: Visitor) -> None:
    before, path = len(ledger(site)), f"{CHECK}?indicator=population"
    sent = analyst.post(path, {"reason": "no", "project": "alpha"})
    assert sent.status_code == 400 and "Say what the answer is for" in text_of(sent)
    sent = analyst.post(path, {"reason": WHY["reason"], "project": "nothing"})
    assert sent.status_code == 400 and "Select the project that asks" in text_of(sent)
    assert analyst.client.post(path, WHY, secure=True).status_code == 403
    assert (
        analyst.client.post("/areas/draw/", {"member": LSOAS[0], "title": "Elsewhere"}, secure=True).status_code == 403
    )
    assert len(ledger(site)) == before


@pytest.mark.parametrize(
    ("question", "words"),
    [
        ("where=place", "Select at least one indicator"),
        ("indicator=nothing", "No indicator 'nothing' is declared"),
        ("indicator=population&where=every:moon", "Select one of these kinds of area"),
        ("indicator=population&where=moon", "Select which areas you ask about"),
        ("indicator=population&where=chosen", "Select at least one area"),
        ("indicator=population&where=drawn", "Select at least one of your areas"),
        ("indicator=population&where=drawn&drawn=D000000000000", "no longer among yours"),
        ("indicator=population&every=week", "Select one of these kinds of period"),
        ("indicator=population&every=month&from=sometime", "This is not a period"),
        ("indicator=population&every=month&from=2090-01", "No whole period"),
        ("indicator=population&by=faith", "No breakdown 'faith' is declared"),
        ("&".join(f"indicator=x{n}" for n in range(40)), "Select at most"),
        ("indicator=%7F&indicator=%F0%9F%8C%99<script>alert(1)</script>", "No indicator"),
    ],
)
def test_what_can_not_be_asked_is_said_at_its_field(analyst: Visitor, question: str, words: str) -> None:
    page = analyst.get(f"{CHECK}?{question}")
    assert page.status_code == 400 and words in text_of(page) and "There is a problem" in text_of(page)
    assert "<script" not in page.content.decode()


def test_an_area_that_is_not_there_is_refused_when_it_is_asked(analyst: Visitor) -> None:
    sent = asked(analyst, "population", where="chosen", area="lsoa21:E01999999")
    assert sent.status_code == 400 and "There is no area" in text_of(sent)


def test_a_refusal_says_what_stands_in_the_way_and_what_to_ask_instead(site: Site, analyst: Visitor) -> None:
    """Figures of the same day that were counted anew contradict what was told: five people have objected since."""
    told = asked(analyst, "population", where="every:lsoa21", compare="place")["Location"].split("/")[3]
    tiny = TinyWorkspace(site.root)
    for number in (1, 2, 3, 8, 9):
        tiny.restrict(tiny.person(RESIDENTS[number]), "research")
    try:
        before = len(ledger(site))
        sent = asked(analyst, "population", where="every:lsoa21", compare="place")
        said = text_of(sent)
        assert sent.status_code == 409 and "This can't be answered" in said
        assert told in said and "What stands in the way" in said
        assert (
            "By larger areas: Wards" in said and "For Tinytown as a whole" in said and "almoner release draft" in said
        )
        summary = re.search(r"This can't be answered.*?Check your question", said)
        assert summary and not re.search(r"\d", summary[0]), "no number gets into a refusal"
        assert len(ledger(site)) == before
    finally:
        tiny.lift_all()


def test_a_role_that_is_taken_away_in_the_middle_asks_nothing(site: Site, analyst: Visitor) -> None:
    path, before = f"{CHECK}?indicator=population", len(ledger(site))
    page = analyst.get(path)
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.content.decode())
    site.workspace.records.revoke_role("analyst", "analyst")
    try:
        sent = analyst.client.post(
            path, {**WHY, "csrfmiddlewaretoken": token[1] if token else ""}, secure=True,
            headers={"origin": "https://almoner.example.org"},
        )  # fmt: skip
        assert sent.status_code == 403 and "Your roles don't give that" in text_of(sent)
        assert len(ledger(site)) == before
    finally:
        site.workspace.records.grant_roles("analyst", ("analyst",), "test")


def test_a_project_that_ends_in_the_middle_is_said(
    site: Site, analyst: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    from almoner.web.analysts import asking

    monkeypatch.setattr(asking, "projects_in_force", lambda _: [])
    page = analyst.get(f"{CHECK}?indicator=population")
    assert page.status_code == 200 and "No research project is in force" in text_of(page)
    before = len(ledger(site))
    sent = analyst.post(f"{CHECK}?indicator=population", WHY)
    assert (
        sent.status_code == 400 and "No research project is in force" in text_of(sent) and len(ledger(site)) == before
    )


def test_lines_are_drawn_over_periods(site: Site, analyst: Visitor) -> None:
    address = asked(analyst, "referrals", every="month", **{"from": "2026-05"})["Location"]
    page = analyst.get(address).content.decode()
    assert 'class="lines"' in page and "2026-05" in page and "2026-09" in page
