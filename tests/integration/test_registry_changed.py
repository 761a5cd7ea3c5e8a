"""A registry that was changed counts from the next request on; one with a fault counts not at all, and is told."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from almoner.web.site import Site
from almoner.wiring import registry_watch
from almoner.wiring.registry_watch import RegistryWatch
from tests.web_visits import Visitor, served, text_of
from tests.workspace_builder import TinyWorkspace, finished_workspace

pytestmark = pytest.mark.integration


@pytest.fixture
def tiny(tmp_path: Path) -> TinyWorkspace:
    """Give a workspace."""
    return finished_workspace(tmp_path / "workspace")


@pytest.fixture
def site(tiny: TinyWorkspace, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    """Serve it; the registry is looked at with each request."""
    monkeypatch.setattr(registry_watch, "LOOK_SECONDS", 0.0)
    with served(tiny) as site:
        yield site


def council(site: Site) -> str:
    return text_of(Visitor(site).get("/privacy/"))


def test_the_next_request_is_under_the_new_registry(site: Site, tiny: TinyWorkspace) -> None:
    assert "Tiny Council" in council(site)
    before = site.workspace
    tiny.change("council.toml", "Tiny Council", "Larger Council")
    assert "Larger Council" in council(site)
    assert site.workspace.registry.digest != before.registry.digest
    assert before.registry.controller.title == "Tiny Council", "whoever began under it ends under it"
    assert site.workspace.engine is before.engine and site.workspace.audit is before.audit


def test_a_right_that_was_taken_out_is_gone_at_once(site: Site, tiny: TinyWorkspace) -> None:
    officer = Visitor(site, "officer")
    assert officer.get("/governance/audit/").status_code == 200
    tiny.change("purposes.toml", '"grant", "audit", "break_glass_review", "notice"', '"grant", "notice"')
    assert officer.get("/governance/audit/").status_code == 403


def test_a_faulty_registry_changes_nothing_and_is_told(site: Site, tiny: TinyWorkspace) -> None:
    officer = Visitor(site, "officer")
    assert "has a fault" not in text_of(officer.get("/governance/"))
    tiny.change("sources/housing.toml", 'category = "financial"', 'category = "finacial"')
    assert "Tiny Council" in council(site)
    said = text_of(officer.get("/governance/"))
    assert "The registry was changed and has a fault (registry/sources/housing.toml:" in said
    assert "holds until it is mended" in said
    tiny.change("sources/housing.toml", 'category = "finacial"', 'category = "financial"')
    assert "has a fault" not in text_of(officer.get("/governance/"))


def test_broken_toml_is_a_fault_and_no_traceback(site: Site, tiny: TinyWorkspace) -> None:
    assert "Tiny Council" in council(site)
    (tiny.root / "registry" / "half.toml").write_text("[role.")
    assert "Tiny Council" in council(site)
    assert "has a fault" in text_of(Visitor(site, "officer").get("/governance/"))


def test_a_process_that_begins_under_a_faulty_registry_says_so_plainly(site: Site, tiny: TinyWorkspace) -> None:
    (tiny.root / "registry" / "half.toml").write_text("[role.")
    visitor = Visitor(site)
    visitor.client.raise_request_exception = False
    page = visitor.get("/privacy/")
    assert (page.status_code, page["Content-Type"]) == (503, "text/plain; charset=utf-8")
    assert "Try again" in page.content.decode() and "role" not in page.content.decode()
    (tiny.root / "registry" / "half.toml").unlink()
    assert visitor.get("/privacy/").status_code == 200


def test_a_watch_sees_what_was_added_changed_and_taken_away(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry_watch, "LOOK_SECONDS", 0.0)
    watch = RegistryWatch(tmp_path)
    assert not watch.has_changed()
    file = tmp_path / "a.toml"
    for act in (lambda: file.write_text("a = 1"), lambda: file.write_text("a = 10"), file.unlink):
        act()
        assert watch.has_changed() and not watch.has_changed()
