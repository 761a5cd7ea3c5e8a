"""Profiles in a real browser: at any width, with and without scripts, on paper, and for those who can't see them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from almoner.profiles.build import build_profiles
from almoner.profiles.write import write_profiles
from tests.browser.reading import NARROW, WIDE, faults_of, opened
from tests.unit.profiles.borough import AS_OF, FakeGate, borough_rows
from tests.unit.profiles.declared import make_registry

INDEX = "profiles.html"
EACH_KIND = (INDEX, "topics/crime.html", "areas/ward23-W0.html", "areas/lsoa21-L03.html")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    registry = make_registry(brand_colour="#7a1f5c", title="Borough <Council> & Co")
    out = tmp_path_factory.mktemp("pages") / "drafts"
    write_profiles(build_profiles(FakeGate(borough_rows()).run, registry, AS_OF), out)
    yield out


@pytest.mark.parametrize("path", EACH_KIND)
def test_nothing_is_wrong_with_any_kind_of_page(chromium: Browser, folder: Path, path: str) -> None:
    assert faults_of(chromium, folder / path, widths=(WIDE, 390, NARROW)) == []


def test_a_link_to_an_indicator_opens_what_it_points_into(chromium: Browser, folder: Path) -> None:
    for scripts in (True, False):
        with opened(chromium, f"{(folder / INDEX).as_uri()}#topics", scripts=scripts) as read:
            read.page.click("a[href='topics/crime.html#i-crime']")
            assert read.page.url.endswith("topics/crime.html#i-crime")
            assert read.page.text_content("#i-crime") == "Recorded crime"


def test_the_filter_is_there_only_with_script_and_finds_areas(chromium: Browser, folder: Path) -> None:
    with opened(chromium, (folder / INDEX).as_uri(), scripts=False) as read:
        assert not read.page.is_visible("#filter")
    with opened(chromium, (folder / INDEX).as_uri()) as read:
        read.page.fill("#filter", "mere")
        assert read.page.locator("#index li:visible").all_text_contents()[0].startswith("Oakfield & Mere")
        assert read.page.locator("#index li:visible").count() == 1
        assert read.page.text_content("#filter-status") == "1 area matches"


def test_a_table_stays_a_table_where_it_is_shown_as_cards(chromium: Browser, folder: Path) -> None:
    with opened(chromium, (folder / "areas/ward23-W0.html").as_uri(), width=NARROW) as read:
        assert read.ask("getComputedStyle(document.querySelector('.profile tr')).display") == "grid"
        row = read.page.get_by_role("row", name="Recorded crime")
        assert row.get_by_role("cell").count() == 3 and row.get_by_role("rowheader").count() == 1


def test_everything_is_open_on_paper(chromium: Browser, folder: Path) -> None:
    with opened(chromium, (folder / "areas/ward23-W0.html").as_uri(), scripts=False, unfold=False) as read:
        assert read.page.locator("details h4:visible").count() == 0
        read.page.emulate_media(media="print")
        hidden = "[...document.querySelectorAll('details h4')].filter(e => !e.checkVisibility()).length"
        assert read.ask(hidden) == 0
