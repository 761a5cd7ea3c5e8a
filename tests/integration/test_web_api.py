"""The addresses for programs: they give what the pages give, to the same people, and leave the same in the log."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from almoner.governance.audit import EventFilter
from almoner.web.site import Site
from tests.integration.release_desk import ReleaseDesk
from tests.web_visits import HOST, Visitor, served, text_of
from tests.workspace_builder import PROTECTED, RESIDENTS, TinyWorkspace, finished_workspace

WHY = {"reason": "other", "words": "A reason that explains enough"}
COUNTS = {"2025": [40, 55, 70]}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Serve a workspace."""
    with served(finished_workspace(tmp_path_factory.mktemp("api") / "workspace")) as site:
        yield site


def problem_of(answer: Any, status: int) -> dict[str, Any]:
    """Give the document of a failure."""
    assert (answer.status_code, answer["Content-Type"]) == (status, "application/problem+json"), answer.content
    found: dict[str, Any] = answer.json()
    assert set(found) == {"type", "title", "status", "detail", "why", "todo", "faults"} and found["status"] == status
    return found


def found_handle(visitor: Visitor, who: Any = RESIDENTS[0]) -> str:
    """Look for a resident; give their handle."""
    sent = visitor.send("/api/people/search", {**WHY, "name": f"{who.forename} {who.surname}"})
    assert sent.status_code == 200, sent.content
    return str(sent.json()["people"][0]["handle"])


def opened_handle(visitor: Visitor, who: Any = RESIDENTS[0]) -> str:
    """Open a resident's record; give its handle."""
    handle = found_handle(visitor, who)
    assert visitor.send(f"/api/people/{handle}/open", WHY).status_code == 200
    return handle


def newest(site: Site, count: int = 10) -> list[tuple[str, str, str]]:
    """Give the newest events: who, what, outcome."""
    events = site.workspace.audit.events(EventFilter(newest_first=True, limit=count))
    return [(each.event.actor, each.event.action, each.event.outcome) for each in events]


def test_a_worker_finds_opens_reads_and_closes_a_record(site: Site) -> None:
    visitor, someone = Visitor(site, "worker"), RESIDENTS[0]
    handle = found_handle(visitor)
    assert ("worker", "find", "allowed") in newest(site)
    refused = problem_of(visitor.get(f"/api/people/{handle}"), 403)
    assert "not open" in refused["detail"] and "open" in refused["todo"]
    opened = visitor.send(f"/api/people/{handle}/open", WHY)
    assert opened.json()["purpose"] == "front_line" and ("worker", "permit.issue", "allowed") in newest(site)
    answer = visitor.get(f"/api/people/{handle}")
    record = answer.json()
    assert answer.status_code == 200 and answer["Cache-Control"] == "no-store"
    assert record["surname"].lower() == someone.surname.lower() and record["reason"] == WHY["words"]
    assert record["date_of_birth"] == someone.born.isoformat() and record["coverage"]
    assert ("worker", "run", "allowed") in newest(site)
    lived = visitor.send(f"/api/people/{handle}/household", {"on": "2026-09-30"})
    assert lived.status_code == 200 and lived.json()["state"] in ("known", "not known", "communal")
    assert visitor.send(f"/api/people/{handle}/close", {}).json() == {"handle": handle, "open": False}
    problem_of(visitor.get(f"/api/people/{handle}"), 403)


def test_the_record_says_what_its_page_says(site: Site) -> None:
    visitor = Visitor(site, "worker")
    handle = opened_handle(visitor)
    record, page = visitor.get(f"/api/people/{handle}").json(), text_of(visitor.get(f"/people/{handle}/"))
    assert record["facts"] and all(fact["source"] in page and fact["dataset"] in page for fact in record["facts"])
    assert all(each["title"] in page for each in record["coverage"])
    for each in (*record["household"], *record["family"], *record["relations"]):
        assert each["surname"].title() in page


def test_no_id_of_anybody_stands_in_a_document(site: Site) -> None:
    visitor, tiny = Visitor(site, "worker"), TinyWorkspace(site.root)
    handle = opened_handle(visitor)
    said = visitor.get(f"/api/people/{handle}").content.decode()
    said += visitor.send("/api/people/search", {**WHY, "name": "Ashworth"}).content.decode()
    said += visitor.send(f"/api/people/{handle}/household", {"on": "2026-09-30"}).content.decode()
    assert len(said) > 1000 and not any(tiny.person(each) in said for each in RESIDENTS)


def test_whereabouts_that_must_not_be_shown_are_in_no_document(site: Site) -> None:
    visitor = Visitor(site, "worker")
    sent = visitor.send("/api/people/search", {**WHY, "name": f"{PROTECTED.forename} {PROTECTED.surname}"})
    handle = opened_handle(visitor, PROTECTED)
    record = visitor.get(f"/api/people/{handle}")
    lived = visitor.send(f"/api/people/{handle}/household", {"on": "2026-09-30"})
    assert record.json()["withheld"] and lived.json()["state"] == "withheld"
    said = "".join(each.content.decode() for each in (sent, record, lived))
    place = PROTECTED.place()
    assert place["postcode"] not in said and place["address"].split(",")[0].upper() not in said.upper()


def test_a_handle_is_good_for_one_session_here_too(site: Site) -> None:
    handle = opened_handle(Visitor(site, "worker"))
    problem_of(Visitor(site, "worker").get(f"/api/people/{handle}"), 404)


def test_a_role_lost_or_a_permit_taken_back_opens_nothing_more(site: Site) -> None:
    records = site.workspace.records
    records.grant_roles("hired", ("front_line",), "test")
    visitor = Visitor(site, "hired")
    handle = opened_handle(visitor)
    site.workspace.permits.revoke(records.permits("hired")[0].id, "hired")
    problem_of(visitor.get(f"/api/people/{handle}"), 403)
    records.revoke_role("hired", "front_line")
    problem_of(visitor.send(f"/api/people/{handle}/open", WHY), 403)
    assert newest(site, 1) == [("hired", "refused.page", "refused")]


def test_who_has_not_signed_in_is_told_so_and_sent_nowhere(site: Site) -> None:
    answer = Visitor(site).get("/api/session")
    assert problem_of(answer, 401)["type"] == "/api/#signed_out"
    assert answer["WWW-Authenticate"].startswith("Cookie ") and not answer.has_header("Location")


def test_a_document_without_the_token_or_from_elsewhere_is_refused(site: Site) -> None:
    visitor = Visitor(site, "worker")
    body = {**WHY, "name": "Ashworth"}
    problem_of(visitor.send("/api/people/search", body, **{"x-csrftoken": "x" * 64}), 403)
    problem_of(visitor.send("/api/people/search", body, origin="https://evil.example"), 403)
    plain = visitor.client.post("/api/people/search", json.dumps(body), content_type="application/json", secure=True)
    problem_of(plain, 403)
    assert visitor.send("/api/people/search", body).status_code == 200


def test_a_stolen_session_asks_for_nothing(site: Site) -> None:
    owner = Visitor(site, "worker")
    handle = opened_handle(owner)
    thief = Visitor(site, **{"user-agent": "Another browser"})
    thief.client.cookies["__Host-session"] = owner.client.cookies["__Host-session"].value
    problem_of(thief.get(f"/api/people/{handle}"), 401)
    problem_of(owner.get(f"/api/people/{handle}"), 401)


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"{", 400), (b"\xff\xfe", 400), (b"[" * 100_000, 400), (b"null", 422), (b"[]", 422), (b'"Quillfeather"', 422),
        (b'{"name": 5}', 422), (b'{"name": "\\ud800"}', 422), (b'{"Quillfeather": "x"}', 422),
        (json.dumps({"name": "Quillfeather" * 100}).encode(), 422), (b'{"name": "Quillfeather"}', 400),
        (json.dumps({**WHY}).encode(), 400), (json.dumps({**WHY, "born": "Quillfeather"}).encode(), 400),
        (b'{"name": NaN}', 422), (b"1" * 5000, 400), (b" " * 300_000, 400),
    ],
)  # fmt: skip
def test_what_can_not_be_read_is_refused_and_never_said_again(site: Site, body: bytes, status: int) -> None:
    answer = Visitor(site, "worker").send("/api/people/search", body)
    problem_of(answer, status)
    assert b"Quillfeather" not in answer.content and b"Traceback" not in answer.content


def test_only_documents_are_taken(site: Site) -> None:
    visitor = Visitor(site, "worker")
    token = visitor.get("/api/session").json()["token"]
    for kind in ("multipart/form-data; boundary=x", "application/x-www-form-urlencoded", "text/plain", ""):
        answer = visitor.client.post(
            "/api/people/search", b"{}", content_type=kind, secure=True,
            headers={"origin": f"https://{HOST}", "x-csrftoken": token},
        )  # fmt: skip
        problem_of(answer, 415)


def test_other_methods_and_other_addresses_are_documents_too(site: Site) -> None:
    visitor = Visitor(site, "worker")
    refused = visitor.get("/api/people/search")
    assert problem_of(refused, 405) and refused["Allow"] == "POST"
    problem_of(visitor.get("/api/nothing-here"), 404)
    problem_of(visitor.get("/api/releases?limit=0"), 422)
    assert problem_of(visitor.get("/api/releases?limit=x"), 422)["faults"][0]["field"] == "limit"
    problem_of(visitor.get("/api/releases/%00"), 400)
    assert visitor.client.head("/api/releases", secure=True).status_code == 200


def test_governance_sees_what_its_pages_show(site: Site) -> None:
    officer, steward = Visitor(site, "officer"), Visitor(site, "steward")
    registry = officer.get("/api/governance/registry").json()
    assert {each["name"] for each in registry["sources"]} == set(site.workspace.registry.source)
    source = officer.get("/api/governance/registry/housing").json()
    assert "housing.tenancies" in {each["dataset"] for each in source["flows"]}
    first = officer.get("/api/governance/deliveries?limit=2").json()
    assert len(first["items"]) == 2 and first["more"] and first["total"] > 2
    second = officer.get("/api/governance/deliveries?limit=2&offset=2").json()
    assert first["items"][0] not in second["items"] and ("officer", "deliveries.list", "allowed") in newest(site)
    assert officer.get("/api/governance/notice").status_code == 200
    assert ("officer", "notice.check", "allowed") in newest(site)
    assert steward.get("/api/governance/quarantine").json()["total"] > 0
    problem_of(officer.get("/api/governance/quarantine"), 403)


def test_the_audit_log_is_searched_and_proved(site: Site) -> None:
    officer, person = Visitor(site, "officer"), TinyWorkspace(site.root).person(RESIDENTS[0])
    opened_handle(Visitor(site, "worker"))
    asked = {"person": person, "actor": "worker", "action": "permit.issue", "limit": 5}
    found = officer.send("/api/governance/audit", asked).json()
    told = {(each["actor"], each["action"], each["outcome"]) for each in found["events"]}
    assert 1 <= len(found["events"]) <= 5 and told == {("worker", "permit.issue", "allowed")}
    assert newest(site, 1) == [("officer", "audit.show", "allowed")]
    proof = officer.get("/api/governance/audit/proof").json()
    assert proof["intact"] and len(proof["head_signature"]) == 128 and proof["faults"] == []
    problem_of(officer.send("/api/governance/audit", {"outcome": "any"}), 422)


def test_declared_figures_are_listed(site: Site) -> None:
    registry = site.workspace.registry
    for name, declared in (("indicators", registry.indicator), ("measures", registry.measure)):
        listed = Visitor(site, "analyst").get(f"/api/{name}?limit=200").json()
        assert [each["name"] for each in listed["items"]] == [each.name for each in declared.values()]


def test_the_notice_is_the_notice(site: Site) -> None:
    notice, page = Visitor(site).get("/api/notice").json(), text_of(Visitor(site).get("/privacy/"))
    assert notice["sections"] and all(each["title"] in page for each in notice["sections"])
    assert Visitor(site).get("/api/processing-record").json()["sections"]
    record = Visitor(site).get("/api/transparency").json()["items"][0]
    assert Visitor(site).get(record["address"]).json()["title"] == record["title"]


def test_the_document_and_its_page_name_every_address(site: Site) -> None:
    from almoner.web.pages import PAGES

    document = Visitor(site).get("/api/openapi.json")
    assert document["Content-Type"] == "application/json" and document.json()["openapi"].startswith("3.1")
    guide = text_of(Visitor(site).get("/api/"))
    told = {each["operationId"]: path for path, ways in document.json()["paths"].items() for each in ways.values()}
    declared = {name for name, page in PAGES.items() if page.data and name != "api_document"}
    assert set(told) == declared and all(path in guide for path in told.values())


def test_published_figures_are_what_was_published(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tiny = finished_workspace(tmp_path / "workspace")
    desk = ReleaseDesk(tiny, monkeypatch, tmp_path)
    out, draft = desk.released(COUNTS), desk.drafted({"2024": [40, 55, 70]}, name="second")
    with served(tiny) as site:
        visitor = Visitor(site)
        assert [each["id"] for each in visitor.get("/api/releases").json()["items"]] == [out]
        release = visitor.get(f"/api/releases/{out}").json()
        table = release["tables"][0]
        part = visitor.get(f"/api/releases/{out}/tables/{table['name']}?limit=2").json()
        whole = json.loads(visitor.get(f"/releases/{out}/files/release.json").content)
        assert part["rows"] == whole["tables"][0]["rows"][:2] and part["total"] == table["rows"] == 3 and part["more"]
        assert release["markers"] == whole["markers"] and len(release["files"]) == len(desk.files(out))
        page = visitor.get(f"/releases/{out}/")
        assert page.status_code == 200 and all(each in text_of(page) for each in desk.files(out))
        problem_of(visitor.get(f"/api/releases/{out}/tables/none"), 404)
        problem_of(visitor.get(f"/api/releases/{draft}"), 404)
        (tiny.root / "releases" / out / "release.json").write_text("{}")
        problem_of(visitor.get(f"/api/releases/{out}"), 503)
