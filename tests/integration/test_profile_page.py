"""The pages of profiles as a reader meets them: their structure, their weight, where their links lead."""

from __future__ import annotations

import base64
import hashlib
import json
import posixpath
import re
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from lxml import html

from almoner.profiles.build import build_profiles
from almoner.profiles.figures import ProfileSet
from almoner.profiles.frame import site_of
from almoner.profiles.page import render_pages
from tests.unit.profiles.borough import AS_OF, FakeGate, borough_rows
from tests.unit.profiles.declared import INDICATORS, make_registry

LARGEST_AREA_PAGE = 200_000
"""Without its map."""

WARD, SMALL, CRIME = "areas/ward23-W0.html", "areas/lsoa21-L03.html", "topics/crime.html"
INDEX = "profiles.html"
EACH_KIND = (INDEX, CRIME, WARD, SMALL)


@pytest.fixture(scope="module")
def profiles() -> ProfileSet:
    registry = make_registry(brand_colour="#7a1f5c", title="Borough <Council> & Co")
    return build_profiles(FakeGate(borough_rows()).run, registry, AS_OF)


@pytest.fixture(scope="module")
def pages(profiles: ProfileSet) -> dict[str, str]:
    return {path: content.decode() for path, content in render_pages(site_of(profiles))}


@pytest.fixture(params=EACH_KIND)
def path(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def text(pages: dict[str, str], path: str) -> str:
    return pages[path]


@pytest.fixture
def page(text: str) -> html.HtmlElement:
    return html.document_fromstring(text)


def _read(pages: dict[str, str], path: str) -> html.HtmlElement:
    return html.document_fromstring(pages[path])


def test_there_is_an_index_a_page_for_each_topic_and_one_for_each_area(pages: dict[str, str]):
    assert len(pages) == 1 + 4 + (3 + 6 + 24)
    assert sum(path.startswith("topics/") for path in pages) == 4


def test_the_page_says_at_both_ends_that_it_is_a_draft(page: html.HtmlElement):
    assert page.find("head/title").text.startswith("UNRELEASED DRAFT")
    assert "UNRELEASED DRAFT" in page.find("body/header").text_content()
    assert "UNRELEASED DRAFT" in page.find("body/footer").text_content()


def test_the_page_has_language_landmarks_and_a_skip_link(page: html.HtmlElement):
    assert page.get("lang") == "en-GB"
    assert len(page.xpath("//main")) == len(page.xpath("/html/body/header")) == len(page.xpath("//footer")) == 1
    assert all(nav.get("aria-labelledby") or nav.get("aria-label") for nav in page.xpath("//nav"))
    first = page.xpath("//a")[0]
    assert first.get("class") == "skip" and first.get("href") == "#main"


def test_headings_go_down_one_step_at_a_time(page: html.HtmlElement):
    levels = [int(heading.tag[1]) for heading in page.xpath("//h1|//h2|//h3|//h4|//h5|//h6")]
    assert levels[0] == 1 and levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))


def test_ids_are_unique_and_every_reference_leads_somewhere(page: html.HtmlElement, pages: dict[str, str], path: str):
    ids = page.xpath("//@id")
    assert len(ids) == len(set(ids))
    for href in page.xpath("//@href"):
        target, _, anchor = href.partition("#")
        to = posixpath.normpath(posixpath.join(posixpath.dirname(path), target)) if target else path
        assert to in pages, href
        assert not anchor or anchor in (set(ids) if to == path else set(_read(pages, to).xpath("//@id"))), href
    for name in ("aria-labelledby", "aria-describedby", "for"):
        for value in page.xpath(f"//@{name}"):
            assert set(value.split()) <= set(ids)


def test_tables_have_captions_and_scoped_headers(page: html.HtmlElement):
    tables = page.xpath("//table")
    assert len(tables) >= 2
    for table in tables:
        assert table.find("caption").text_content().strip()
        assert all(header.get("scope") for header in table.iter("th"))
        assert all(row.find("th") is not None for row in table.xpath(".//tbody/tr"))


def test_drawings_are_named_or_hidden(page: html.HtmlElement):
    for drawing in page.xpath("//svg[not(ancestor::svg)]"):
        named = drawing.get("role") == "img" and drawing.find("title") is not None
        assert named or drawing.get("aria-hidden") == "true"


def test_each_map_has_its_table(pages: dict[str, str]):
    maps = [
        drawn
        for path in pages
        if path.startswith("topics/")
        for drawn in _read(pages, path).xpath("//svg[@class='map']")
    ]
    assert len(maps) == 6, "every indicator that is available"
    for drawn in maps:
        article = next(drawn.iterancestors("article"))
        rows = article.xpath(".//details//tbody/tr")
        assert len(rows) == len(drawn.xpath(".//use[@class!='frame']"))


def test_scrolling_regions_can_be_reached_by_keyboard(page: html.HtmlElement):
    regions = page.xpath("//*[contains(concat(' ', @class, ' '), ' scroll ')]")
    assert regions
    for region in regions:
        assert region.get("tabindex") == "0" and region.get("role") == "region"
        assert region.get("aria-label") or region.get("aria-labelledby")


def test_the_page_asks_nobody_for_anything(text: str, page: html.HtmlElement):
    assert not page.xpath("//@src | //link | //iframe | //object | //form | //@style")
    assert not re.findall(r"https?:|[^.]//[a-z]|@import|url\((?!#)", text)
    policy = page.xpath("//meta[@http-equiv='Content-Security-Policy']/@content")[0]
    script = re.search(r"<script>(.*?)</script>", text, re.DOTALL)
    assert script is not None
    digest = base64.b64encode(hashlib.sha256(script[1].encode()).digest()).decode()
    assert "default-src 'none'" in policy and f"'sha256-{digest}'" in policy


def test_words_of_others_are_escaped(text: str, page: html.HtmlElement):
    assert "<Park>" not in text and "<Council>" not in text
    assert "Borough <Council> & Co" in page.text_content()


def test_areas_are_listed_alphabetically_and_nothing_is_called_worst(page: html.HtmlElement):
    for table in page.xpath("//div[@class='chart']/table"):
        names = [name.text_content() for name in table.xpath(".//tbody/tr[not(@class)]/th")]
        assert names == sorted(names)
    assert not re.search(r"\b(worst|best|rank(ed|ing)? (of|by)|league)\b", page.text_content(), re.IGNORECASE)


@pytest.mark.parametrize("where", [CRIME, WARD])
def test_each_figure_travels_with_source_date_definition_and_caveat(pages: dict[str, str], where: str):
    crime = _read(pages, where).text_content()
    for words in ("Police: Incidents", "30 April 2026", "In the last twelve months", "Reported crime only."):
        assert words in crime


def test_every_page_with_figures_says_how_they_were_protected(page: html.HtmlElement):
    key = page.xpath("//dl[@class='key']")[0].text_content()
    assert all(marker in key for marker in ("[c]", "[x]", "[z]", "[low]"))
    assert "from 1 to 4" in page.text_content() and "nearest 5" in page.text_content()


def test_what_is_not_available_is_said_to_be_so(pages: dict[str, str]):
    visits = _read(pages, CRIME).xpath("//article[@aria-labelledby='i-visits']")[0]
    assert "Not available [x]" in visits.text_content() and not visits.xpath(".//table|.//svg")
    row = _row(pages, WARD, "Fire safety visits")
    assert row.xpath("./td[1]/strong")[0].text == "[x]" and not row.xpath("./td[3]//svg")


def _row(pages: dict[str, str], path: str, title: str) -> html.HtmlElement:
    rows = _read(pages, path).xpath("//div[contains(@class, 'profile')]//tbody/tr")
    return next(row for row in rows if row.find("th").text.strip() == title)


def test_an_area_stands_beside_the_place_and_in_the_range_of_its_kind(pages: dict[str, str]):
    row = _row(pages, SMALL, "Deprivation score")
    value, whole, drawn, _ = row.findall("td")
    assert value.find("strong").text == "13.0" and whole.xpath("string(text()[last()])").strip() == "21.7"
    kinds = set(drawn.xpath(".//svg//@class"))
    assert {"range", "half", "spine"} <= kinds
    assert not _row(pages, SMALL, "Residents").findall("td")[2].xpath(".//svg"), "numbers of people have no range"
    assert "range" not in set(_row(pages, WARD, "Deprivation score").xpath(".//@class")), "three wards are too few"


def test_a_reader_gets_from_any_area_to_those_around_and_within(pages: dict[str, str]):
    ward, small = _read(pages, WARD), _read(pages, SMALL)
    down = set(ward.xpath("//section[@aria-labelledby='where-title']//a/@href"))
    assert "../areas/msoa21-M0.html" in down and "../areas/lsoa21-L03.html" in down
    assert set(small.xpath("//section[@aria-labelledby='where-title']//a/text()")) == {"Oakfield & Mere", "Middle 0"}
    assert ward.xpath("//svg[contains(@class, 'locator')]/title")[0].text == "Map: Oakfield & Mere in The Borough"


def test_an_indicator_stands_only_where_it_is_made():
    chosen = {
        "population": {**INDICATORS["population"], "geographies": ["ward23"]},
        "households": {**INDICATORS["households"], "geographies": ["ward23", "msoa21"]},
    }
    profiles = build_profiles(FakeGate(borough_rows(people=300)).run, make_registry(chosen), AS_OF)
    pages = {path: content.decode() for path, content in render_pages(site_of(profiles))}
    titles = {
        path: [
            row.find("th").text.strip()
            for row in _read(pages, path).xpath("//div[contains(@class, 'profile')]//tbody/tr")
        ]
        for path in (WARD, "areas/msoa21-M0.html", SMALL)
    }
    assert list(titles.values()) == [["Residents", "Households"], ["Households"], []]
    assert "No figure is made for areas of this kind." in pages[SMALL]


def test_the_pages_of_a_whole_city_stay_small(shared_data: Path):
    rows = borough_rows(people=50) | _city(shared_data / "data" / "geography")
    declared = {f"{name}_{copy}": entry for copy in range(10) for name, entry in INDICATORS.items()}
    profiles = build_profiles(FakeGate(rows).run, make_registry(declared, place="The City"), AS_OF)
    assert len(profiles.indicators) == 70
    assert [len(profiles.areas.of[name]) for name in ("ward23", "msoa21", "lsoa21")] == [32, 59, 295]
    pages = dict(render_pages(site_of(profiles)))
    largest = max(len(_without_map(content)) for path, content in pages.items() if path.startswith("areas/"))
    assert 20_000 < largest < LARGEST_AREA_PAGE


def _without_map(content: bytes) -> bytes:
    return re.sub(rb'<svg [^>]*class="map.*?</svg>', b"", content, flags=re.DOTALL)


def _city(folder: Path) -> dict[str, list[dict[str, Any]]]:
    files = {
        "open_data.lsoas": ("lsoa", "LSOA21CD", "LSOA21NM"),
        "open_data.msoas": ("msoa", "MSOA21CD", "MSOA21NM"),
        "open_data.wards": ("ward", "WD25CD", "WD25NM"),
    }
    found = {}
    for view, (level, code, name) in files.items():
        document = json.loads((folder / f"manchester_{level}_E08000003.geojson").read_text(encoding="utf-8"))
        found[view] = [
            {
                "code": feature["properties"][code],
                "name": feature["properties"][name],
                "geometry": json.dumps(feature["geometry"]),
            }
            for feature in document["features"]
        ]
    return found
