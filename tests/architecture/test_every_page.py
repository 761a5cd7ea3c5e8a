"""Every address is declared, everybody else is refused, and the reference says what the application does.

Each page is asked for as each role; a page answers only whom its declaration lets in, and the declaration is what the
reference (generated, compared here) says.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from almoner.cli.reference import reference_pages
from almoner.governance.audit import EventFilter, LoggedEvent
from almoner.registry.governing import Role
from almoner.web.site import Site
from tests.web_visits import Visitor, served
from tests.workspace_builder import finished_workspace

ROOT = Path(__file__).resolve().parents[2]
WHOM = {
    "": (), "stranger": (), "worker": ("front_line",), "analyst": ("analyst",), "steward": ("linkage_steward",),
    "officer": ("governance",), "auditor": ("auditor",), "checker": ("output_checker",),
}  # fmt: skip
"""Visitors and their roles; the first has not signed in."""
SAMPLE = {
    "handle": "nobodys", "token": "nobodys", "release_id": "R00000000000", "name": "x.csv", "source": "housing",
    "case_id": "E0000000000", "measure": "nothing", "area": "nowhere", "topic": "nothing", "indicator": "nothing",
    "dataset": "none.none", "answer_id": "Q00000000000", "area_id": "D000000000000", "permit_id": "K0000000000", "right_id": "R0000000000",
    "fact": "nothing", "report_id": "M00000000000", "question": "Q0000000000", "mark": "nobodys",
    "request_id": "SAR-000000000", "redaction": "1",
    "sharing": "nothing", "share_id": "SHR-000000000",
    "work_id": "W0000000000",
}  # fmt: skip
UNDONE = {
    "sign_in_local": 403, "sign_in_start": 403, "sign_in_return": 403, "api_search": 400, "api_household": 422,
}  # fmt: skip
"""Pages that here refuse even whom they let in: no such sign-in is set up, or too little is said."""
HEADERS = {
    "Strict-Transport-Security": "max-age=31536000; includeSubDomains; preload", "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Resource-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY", "X-Permitted-Cross-Domain-Policies": "none",
}  # fmt: skip
"""Headers that every answer has."""
OTHERS = {"brand", "icon", "chart_style"}
"""Addresses that are no pages to read."""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Serve a workspace in which everybody has their role."""
    tiny = finished_workspace(tmp_path_factory.mktemp("pages") / "workspace")
    with served(tiny) as site:
        yield site


def addresses() -> dict[str, str]:
    """Give an address of each page: as Django has them, not as they are declared."""
    from almoner.web.urls import urlpatterns

    found = {}
    for each in urlpatterns:
        path = re.sub(r"<str:(\w+)>", lambda match: SAMPLE[match[1]], str(each.pattern))
        found[each.name] = f"/{path}"
    return found


def last_events(site: Site, count: int) -> list[LoggedEvent]:
    """Give the newest events of the log."""
    return list(site.workspace.audit.events(EventFilter(newest_first=True, limit=count)))


def asked(visitor: Visitor, page: Any, address: str) -> Any:
    """Ask for a page as it is meant to be asked for: by its address, or with a form or a document."""
    if "GET" in page.methods:
        return visitor.get(address)
    return visitor.send(address, {}) if page.data else visitor.post(address, form="/feedback/")


def test_every_address_is_a_declared_page(site: Site) -> None:
    from almoner.web.pages import PAGES
    from almoner.web.urls import urlpatterns

    assert {each.name for each in urlpatterns} == set(PAGES)
    assert all(each.callback == PAGES[each.name].answer for each in urlpatterns)
    assert all(page.purpose for page in PAGES.values())


def test_every_module_that_declares_pages_is_served(site: Site) -> None:
    from almoner.web.urls import DECLARING

    web = (ROOT / "src/almoner/web").rglob("*.py")
    declaring = {path for path in web if re.search(r"^@(page|route)\(", path.read_text(), re.MULTILINE)}
    assert {Path(module.__file__) for module in DECLARING} == declaring


@pytest.mark.parametrize("actor", WHOM)
def test_a_page_opens_for_whom_it_is_declared_and_for_nobody_else(site: Site, actor: str) -> None:
    from almoner.web.pages import PAGES

    registry = site.workspace.registry
    roles: list[Role] = [registry.role[name] for name in WHOM[actor]]
    rights = {right for role in roles for right in role.rights}
    purposes = {purpose for role in roles for purpose in role.purposes}
    for name, address in addresses().items():
        need, visitor = PAGES[name].need, Visitor(site, actor)
        held = {"nothing": True, "signed in": bool(actor), "right": bool(rights & {*need.names}),
                "purpose": bool(purposes & {*need.names})}[need.kind]  # fmt: skip
        before = last_events(site, 1)[0].sequence
        page = asked(visitor, PAGES[name], address)
        if held:
            assert page.status_code in (200, 303, 404) or name in UNDONE, (name, page.status_code)
            assert page.status_code == UNDONE.get(name, page.status_code), name
        elif not actor and PAGES[name].data:
            assert page.status_code == (401 if "GET" in PAGES[name].methods else 403), name
        elif not actor:
            assert (page.status_code, page["Location"]) == (303, "/sign-in/"), name
        else:
            assert page.status_code == 403, name
            newest = [each.event for each in last_events(site, 5) if each.sequence > before]
            assert [(e.actor, e.action, e.outcome) for e in newest] == [(actor, "refused.page", "refused")], name


def test_what_changes_something_is_never_done_by_a_link(site: Site) -> None:
    from almoner.web.pages import PAGES

    for name, address in addresses().items():
        if "GET" not in PAGES[name].methods:
            visitor = Visitor(site, "worker")
            assert visitor.get(address).status_code == 405, name
            assert visitor.get("/account/").status_code == 200, f"{name} ended the session"


def test_a_file_that_is_not_for_everybody_needs_a_recent_sign_in(site: Site) -> None:
    from almoner.web.pages import PAGES

    giving = set()
    for path in (ROOT / "src/almoner/web").rglob("*.py"):
        for each in ast.walk(ast.parse(path.read_text())):
            if isinstance(each, ast.FunctionDef) and "Content-Disposition" in ast.unparse(each):
                giving |= {each.name} & set(PAGES)
    assert giving >= {"release_file", "release_preview"}
    for name in giving:
        assert PAGES[name].need.kind == "nothing" or PAGES[name].fresh, f"{name} gives a file without a recent sign-in"


@pytest.mark.parametrize("actor", ["", "worker", "officer", "checker"])
def test_every_answer_of_every_page_has_every_header_and_safe_cookies(site: Site, actor: str) -> None:
    from almoner.web.pages import PAGES

    for name, address in addresses().items():
        page = Visitor(site, actor).get(address)
        assert "default-src 'none'" in page["Content-Security-Policy"], name
        assert not re.search(r"script-src|unsafe|https?:|\*", page["Content-Security-Policy"]), name
        for header, value in HEADERS.items():
            assert page[header] == value, (name, header)
        assert "Server" not in page and "X-Powered-By" not in page and "Access-Control-Allow-Origin" not in page, name
        if PAGES[name].personal or (actor and page.status_code < 400 and name not in OTHERS):
            assert page.get("Cache-Control", "no-store") == "no-store", name
            assert page.status_code in (303, 405) or "Cache-Control" in page, name
        for key, cookie in page.cookies.items():
            assert key in ("__Host-session", "__Host-csrf") and cookie["secure"] and cookie["httponly"], name
            assert cookie["path"] == "/" and not cookie["domain"] and cookie["samesite"] in ("Lax", "Strict"), name
        if page.get("Content-Type", "").startswith("text/html"):
            assert not re.search(r"<script| style=| on[a-z]+=", page.content.decode()), name


def test_nobody_learns_of_somebody_elses_handle(site: Site) -> None:
    for path in (
        "/people/nobodys/",
        "/people/nobodys/household/",
        "/people/nobodys/mistake/",
        "/people/found/nobodys/",
    ):
        assert Visitor(site, "worker").get(path).status_code == 404


def test_pages_that_show_somebody_are_never_kept(site: Site) -> None:
    from almoner.web.pages import PAGES

    for name, address in addresses().items():
        for actor in ("worker", "officer", "steward"):
            page = Visitor(site, actor).get(address)
            if name not in OTHERS and page.status_code == 200:
                assert page["Cache-Control"] == "no-store", (name, actor)
        page = Visitor(site).get(address)
        if PAGES[name].need.kind == "nothing" and page.status_code == 200:
            assert "no-store" not in page["Cache-Control"], name


def test_the_reference_says_what_the_application_does(site: Site) -> None:
    import typer

    from almoner.cli.main import app

    page = reference_pages(typer.main.get_command(app))["pages.md"]
    assert page == (ROOT / "docs/reference/pages.md").read_text("utf-8"), "run: almoner docs"
    for name in addresses():
        assert f"| `{name}` |" in page
