"""Sessions, headers and cookies: bound to a browser, ended in time, sealed at rest, and nothing kept by anybody else."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from almoner.kernel.errors import WorkspaceError
from almoner.web.serving import check_place
from almoner.web.site import Site
from almoner.wiring.settings import Settings, WebSettings
from tests.web_visits import HOST, Visitor, served, text_of
from tests.workspace_builder import finished_workspace


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Serve a workspace."""
    with served(finished_workspace(tmp_path_factory.mktemp("sessions") / "workspace")) as site:
        yield site


class Later:
    """A clock that goes forward when it is told to."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.by = dt.timedelta()
        monkeypatch.setattr(Site, "now", property(lambda _: dt.datetime.now(dt.UTC) + self.by))


def test_every_answer_has_the_headers(site: Site) -> None:
    for path in ("/", "/privacy/", "/nothing-here/", "/static/almoner.css"):
        page = Visitor(site).get(path)
        policy = dict(part.strip().partition(" ")[::2] for part in page["Content-Security-Policy"].split(";"))
        assert policy["default-src"] == "'none'" and policy["frame-ancestors"] == "'none'"
        assert "script-src" not in policy and "unsafe" not in page["Content-Security-Policy"]
        assert page["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains; preload"
        assert page["Cross-Origin-Opener-Policy"] == page["Cross-Origin-Resource-Policy"] == "same-origin"
        assert page["X-Content-Type-Options"] == "nosniff" and page["Referrer-Policy"] == "same-origin"
        assert "camera=()" in page["Permissions-Policy"]
        if path != "/static/almoner.css":
            assert page["X-Frame-Options"] == "DENY"
            assert "<script" not in page.content.decode() and " style=" not in page.content.decode()


def test_http_is_sent_to_https(site: Site) -> None:
    page = Visitor(site).client.get("/privacy/")
    assert (page.status_code, page["Location"]) == (301, f"https://{HOST}/privacy/")


def test_another_host_is_refused(site: Site) -> None:
    assert Visitor(site).client.get("/", secure=True, SERVER_NAME="evil.example").status_code == 400


def test_cookies_belong_to_this_host_alone(site: Site) -> None:
    visitor = Visitor(site)
    visitor.get("/people/")
    visitor.get("/feedback/")
    for name, same in (("__Host-session", "Lax"), ("__Host-csrf", "Strict")):
        cookie = visitor.client.cookies[name]
        assert cookie["secure"] and cookie["httponly"] and cookie["path"] == "/" and not cookie["domain"]
        assert cookie["samesite"] == same and not cookie["max-age"]


def test_a_public_page_sets_no_cookie(site: Site) -> None:
    visitor = Visitor(site)
    for path in ("/", "/privacy/", "/releases/", "/accessibility/"):
        assert not visitor.get(path).cookies


def test_a_form_from_elsewhere_is_refused(site: Site) -> None:
    visitor = Visitor(site, "worker")
    plain = visitor.client.post("/sign-out/", {}, secure=True)
    assert plain.status_code == 403 and "too old" in text_of(plain)
    visitor.get("/people/")
    token = visitor.client.cookies["__Host-csrf"].value
    for origin in ("https://evil.example", "null"):
        sent = visitor.client.post(
            "/sign-out/", {"csrfmiddlewaretoken": token}, secure=True, headers={"origin": origin}
        )
        assert sent.status_code == 403
    assert visitor.get("/account/").status_code == 200


def test_a_stolen_session_ends_in_the_other_browser_and_in_its_own(site: Site) -> None:
    owner = Visitor(site, "worker")
    assert owner.get("/people/").status_code == 200
    thief = Visitor(site, **{"user-agent": "Another browser"})
    thief.client.cookies["__Host-session"] = owner.client.cookies["__Host-session"].value
    assert thief.get("/people/").status_code == 303
    assert owner.get("/people/").status_code == 303
    newest = list(site.workspace.audit.events())[-1].event
    assert (newest.actor, newest.action, newest.outcome) == ("worker", "session.stolen", "refused")


def test_a_session_ends_when_nothing_happens(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    clock, visitor = Later(monkeypatch), Visitor(site, "worker")
    for _ in range(4):
        clock.by += dt.timedelta(minutes=14)
        assert visitor.get("/account/").status_code == 200
    clock.by += dt.timedelta(minutes=16)
    assert visitor.get("/account/").status_code == 303


def test_a_session_ends_after_its_hours_whatever_happens(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    clock, visitor = Later(monkeypatch), Visitor(site, "worker")
    seen = []
    for _ in range(8 * 6 + 1):
        clock.by += dt.timedelta(minutes=10)
        seen.append(visitor.get("/account/").status_code)
    assert set(seen[:47]) == {200} and seen[-1] == 303


def test_signing_out_ends_the_session_on_the_server(site: Site) -> None:
    visitor = Visitor(site, "worker")
    key = visitor.client.cookies["__Host-session"].value
    assert visitor.post("/sign-out/", form="/account/").status_code == 303
    visitor.client.cookies["__Host-session"] = key
    assert visitor.get("/account/").status_code == 303


def test_neither_key_nor_content_of_a_session_stands_in_the_records(site: Site) -> None:
    visitor = Visitor(site, "worker")
    visitor.post("/people/", {"name": "Quillfeather", "reason": "other", "words": "A reason that explains enough"})
    key = visitor.client.cookies["__Host-session"].value
    written = b"".join(path.read_bytes() for path in site.root.glob("records.sqlite*"))
    assert len(written) > 1000 and key.encode() not in written and b"Quillfeather" not in written


def test_something_grave_needs_a_recent_sign_in(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    clock, visitor = Later(monkeypatch), Visitor(site, "checker")
    assert visitor.get("/governance/releases/R00000000000/").status_code == 404
    clock.by += dt.timedelta(minutes=8)
    visitor.get("/account/")
    clock.by += dt.timedelta(minutes=8)
    page = visitor.get("/governance/releases/R00000000000/")
    assert (page.status_code, page["Location"]) == (303, "/sign-in/")


def test_an_unforeseen_failure_says_nothing_of_anybody(
    site: Site, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("Mary Quillfeather, 943 476 5919")

    monkeypatch.setattr("almoner.web.front_line.search.look_for", fail)
    logging.getLogger("almoner.web").propagate = True
    page = Visitor(site, "worker").post(
        "/people/", {"name": "Mary Quillfeather", "reason": "other", "words": "A reason that explains enough"}
    )
    logging.getLogger("almoner.web").propagate = False
    assert page.status_code == 503
    assert "RuntimeError at" in caplog.text
    assert "Quillfeather" not in caplog.text + page.content.decode() and "943" not in caplog.text


def test_the_local_sign_in_is_refused_where_it_is_not_a_demonstration(site: Site) -> None:
    visitor = Visitor(site)
    assert visitor.get("/sign-in/local/").status_code == 403
    assert "Choose who you are" not in text_of(visitor.get("/sign-in/"))


@pytest.mark.parametrize(
    ("web", "address"),
    [
        ({"local_sign_in": True}, "127.0.0.1"),
        ({"local_sign_in": True, "debug": True}, "0.0.0.0"),
        ({"local_sign_in": True, "debug": True, "hosts": ("council.example",)}, "127.0.0.1"),
        ({"debug": True}, "192.0.2.1"),
        ({"debug": True, "hosts": ("council.example",)}, "127.0.0.1"),
    ],
)
def test_a_demonstration_is_never_served_to_others(web: dict[str, object], address: str) -> None:
    with pytest.raises(WorkspaceError):
        check_place(Settings(web=WebSettings(**web)), address)  # type: ignore[arg-type]


def test_a_demonstration_on_this_machine_and_a_council_anywhere_are_served() -> None:
    check_place(Settings(web=WebSettings(debug=True, local_sign_in=True)), "127.0.0.1")
    check_place(Settings(web=WebSettings(debug=True, local_sign_in=True)), "::1")
    check_place(Settings(web=WebSettings(hosts=("council.example",))), "0.0.0.0")


def test_the_settings_pass_djangos_checks_for_deployment(tmp_path: Path) -> None:
    tiny = finished_workspace(tmp_path / "workspace")
    done = tiny.run("serve", "--check")
    assert done.returncode == 0 and "Fit for serving" in done.stdout, done.stderr


def test_a_session_does_not_live_longer_because_a_clock_is_set_back(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock, visitor = Later(monkeypatch), Visitor(site, "checker")
    clock.by = -dt.timedelta(minutes=1)
    assert visitor.get("/account/").status_code == 200, "clocks are put right by a little all the time"
    clock.by = -dt.timedelta(minutes=10)
    assert visitor.get("/account/").status_code == 303


def test_a_sign_in_of_a_time_to_come_is_not_recent(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    from almoner.web.session_store import SessionStore

    visitor = Visitor(site, "checker")
    session = SessionStore(visitor.client.cookies["__Host-session"].value)
    session["signed_in_at"] = site.now.timestamp() + 3600
    session.save()
    assert visitor.get("/account/").status_code == 200
    assert visitor.get("/governance/releases/R00000000000/").status_code == 303


def test_a_clock_that_jumps_ahead_ends_sessions(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    clock, visitor = Later(monkeypatch), Visitor(site, "worker")
    clock.by = dt.timedelta(days=400)
    assert visitor.get("/account/").status_code == 303


def test_feedback_of_one_browser_and_of_a_day_is_limited(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    from almoner.web.public import feedback

    clock, told = Later(monkeypatch), {"helpful": "yes", "words": "zqwordszq"}
    visitor = Visitor(site)
    sent = [visitor.post("/feedback/", told) for _ in range(feedback.MOST_OF_ONE + 1)]
    assert [each.status_code for each in sent] == [303] * feedback.MOST_OF_ONE + [429]
    assert "zqwordszq" not in text_of(sent[-1])
    assert Visitor(site).post("/feedback/", told).status_code == 303, "another browser still may"
    monkeypatch.setattr(feedback, "MOST_OF_ALL", feedback.MOST_OF_ONE + 1)
    assert Visitor(site).post("/feedback/", told).status_code == 429
    clock.by = dt.timedelta(days=1, minutes=1)
    assert Visitor(site).post("/feedback/", told).status_code == 303, "on the next day"


def test_a_file_of_a_draft_needs_a_recent_sign_in(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    clock, visitor = Later(monkeypatch), Visitor(site, "checker")
    assert visitor.get("/governance/releases/R00000000000/preview/x.csv").status_code == 404
    for _ in range(2):
        clock.by += dt.timedelta(minutes=8)
        visitor.get("/account/")
    assert visitor.get("/governance/releases/R00000000000/preview/x.csv").status_code == 303
