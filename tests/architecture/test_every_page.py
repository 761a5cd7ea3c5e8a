"""Every address is declared, everybody else is refused, and the reference says what the application does.

Each page is asked for as each role; a page answers only whom its declaration lets in, and the declaration is what the
reference (generated, compared here) says.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from almoner.cli.reference import reference_pages
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
    "case_id": "E0000000000", "work_id": "W0000000000",
}  # fmt: skip
OTHERS = {"brand", "icon"}
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


def test_every_address_is_a_declared_page(site: Site) -> None:
    from almoner.web.pages import PAGES
    from almoner.web.urls import urlpatterns

    assert {each.name for each in urlpatterns} == set(PAGES)
    assert all(each.callback == PAGES[each.name].answer for each in urlpatterns)
    assert all(page.purpose for page in PAGES.values())


def test_every_module_that_declares_pages_is_served(site: Site) -> None:
    from almoner.web.urls import DECLARING

    declaring = {path for path in (ROOT / "src/almoner/web").rglob("*.py") if "\n@page(" in path.read_text()}
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
        before = len(list(site.workspace.audit.events()))
        page = visitor.get(address) if "GET" in PAGES[name].methods else visitor.post(address, form="/feedback/")
        if held:
            assert page.status_code in (200, 303, 404) or (name.startswith("sign_in") and page.status_code == 403), name
        elif not actor:
            assert (page.status_code, page["Location"]) == (303, "/sign-in/"), name
        else:
            assert page.status_code == 403, name
            newest = [each.event for each in site.workspace.audit.events()][before:]
            assert [(e.actor, e.action, e.outcome) for e in newest] == [(actor, "refused.page", "refused")], name


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
