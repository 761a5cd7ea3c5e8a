"""The profile page as a reader meets it: its structure, its requests, its behaviour in a browser."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from lxml import html

from almoner.profiles.build import build_profiles
from almoner.profiles.figures import ProfileSet
from almoner.profiles.page import render_page
from almoner.profiles.write import write_profiles
from tests.unit.profiles.borough import AS_OF, FakeGate, borough_rows
from tests.unit.profiles.declared import INDICATORS, make_registry

LARGEST_PAGE = 6_000_000


@pytest.fixture(scope="module")
def profiles() -> ProfileSet:
    registry = make_registry(brand_colour="#7a1f5c", title="Borough <Council> & Co")
    return build_profiles(FakeGate(borough_rows()).run, registry, AS_OF)


@pytest.fixture(scope="module")
def text(profiles: ProfileSet) -> str:
    return render_page(profiles)


@pytest.fixture(scope="module")
def page(text: str) -> html.HtmlElement:
    return html.document_fromstring(text)


# ── structure ────────────────────────────────────────────────────────────────────────────────────────────


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


def test_ids_are_unique_and_every_reference_leads_somewhere(page: html.HtmlElement):
    ids = page.xpath("//@id")
    assert len(ids) == len(set(ids))
    targets = page.xpath("//@href")
    assert targets and all(href.startswith("#") and href[1:] in set(ids) for href in targets)
    for name in ("aria-labelledby", "aria-describedby", "for"):
        for value in page.xpath(f"//@{name}"):
            assert set(value.split()) <= set(ids)


def test_tables_have_captions_and_scoped_headers(page: html.HtmlElement):
    tables = page.xpath("//table")
    assert len(tables) > 10
    for table in tables:
        assert table.find("caption").text_content().strip()
        assert all(header.get("scope") for header in table.iter("th"))
        assert all(row.find("th") is not None for row in table.xpath(".//tbody/tr"))


def test_drawings_are_named_or_hidden_and_maps_have_their_table(page: html.HtmlElement):
    for drawing in page.xpath("//svg"):
        named = drawing.get("role") == "img" and drawing.find("title") is not None
        assert named or drawing.get("aria-hidden") == "true"
    maps = page.xpath("//svg[@class='map']")
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
    assert not re.findall(r"https?:|//[a-z]|@import|url\((?!#)", text)
    policy = page.xpath("//meta[@http-equiv='Content-Security-Policy']/@content")[0]
    script = re.search(r"<script>(.*?)</script>", text, re.DOTALL)
    assert script is not None
    digest = base64.b64encode(hashlib.sha256(script[1].encode()).digest()).decode()
    assert "default-src 'none'" in policy and f"'sha256-{digest}'" in policy


def test_words_of_others_are_escaped(text: str, page: html.HtmlElement):
    assert "<Park>" not in text and "<Council>" not in text
    assert "Beech <Park>" in page.text_content() and "Borough <Council> & Co" in page.text_content()


def test_areas_are_listed_alphabetically_and_nothing_is_called_worst(page: html.HtmlElement):
    for table in page.xpath("//div[@class='chart']/table"):
        names = [name.text_content() for name in table.xpath(".//tbody/tr[not(@class)]/th")]
        assert names == sorted(names)
    assert not re.search(r"\b(worst|best|rank(ed|ing)? (of|by)|league)\b", page.text_content(), re.IGNORECASE)


def test_each_figure_travels_with_source_date_definition_and_caveat(page: html.HtmlElement):
    crime = page.xpath("//article[@aria-labelledby='i-crime']")[0].text_content()
    for words in ("Police: Incidents", "30 April 2026", "In the last twelve months", "Reported crime only."):
        assert words in crime
    key = page.xpath("//dl[@class='key']")[0].text_content()
    assert all(marker in key for marker in ("[c]", "[x]", "[z]", "[low]"))
    assert "from 1 to 4" in page.text_content() and "nearest 5" in page.text_content()


def test_what_is_not_available_is_said_to_be_so(page: html.HtmlElement):
    visits = page.xpath("//article[@aria-labelledby='i-visits']")[0]
    assert "Not available [x]" in visits.text_content() and not visits.xpath(".//table|.//svg")


def test_every_small_area_stands_within_a_larger_one(page: html.HtmlElement):
    sections = page.xpath("//details[@class='area']")
    assert [section.find("summary/h3").text for section in sections] == [
        "Beech <Park>",
        "Cedar",
        "Oakfield & Mere",
    ]
    assert len(page.xpath("//details[@class='area']//details")) == 6


def test_an_indicator_stands_only_where_it_is_made():
    chosen = {
        "population": {**INDICATORS["population"], "geographies": ["ward23"]},
        "households": {**INDICATORS["households"], "geographies": ["ward23", "msoa21"]},
    }
    profiles = build_profiles(FakeGate(borough_rows(people=300)).run, make_registry(chosen), AS_OF)
    page = html.document_fromstring(render_page(profiles))
    rows = page.xpath("//details[@class='area']//details")[0].xpath(".//tbody/tr")
    assert [row.find("th").text.strip() for row in rows] == ["Households"]
    cells = [cell.text_content() for cell in rows[0].findall("td")]
    assert cells[0] != "[z]" and set(cells[1:]) == {"[z]"}, "made for middle areas, not for small ones"


def test_a_page_of_a_whole_city_stays_small(shared_data: Path):
    rows = borough_rows(people=50) | _city(shared_data / "data" / "geography")
    profiles = build_profiles(FakeGate(rows).run, make_registry(place="The City"), AS_OF)
    assert [len(profiles.areas.of[name]) for name in ("ward23", "msoa21", "lsoa21")] == [32, 59, 295]
    assert len(render_page(profiles).encode()) < LARGEST_PAGE


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


# ── in a browser ─────────────────────────────────────────────────────────────────────────────────────────


class Browser:
    """Debian's Chromium, spoken to over a pipe."""

    def __init__(self) -> None:
        self._home = tempfile.mkdtemp()
        to_browser, self._out = os.pipe()
        self._in, from_browser = os.pipe()
        flags = [
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--disable-sync",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--remote-debugging-pipe",
        ]
        command = " ".join(["exec", "chromium", *flags, f"--user-data-dir={self._home}", "3<&$1", "4>&$2"])
        self._process = subprocess.Popen(
            ["bash", "-c", command, "browser", str(to_browser), str(from_browser)],
            pass_fds=(to_browser, from_browser),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(to_browser)
        os.close(from_browser)
        self._buffer, self._number, self._session = b"", 0, ""
        self.events: list[dict[str, Any]] = []
        target = self.send("Target.createTarget", url="about:blank")["targetId"]
        self._session = self.send("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Network", "Runtime", "Log"):
            self.send(f"{domain}.enable")

    def _next(self) -> dict[str, Any]:
        while b"\0" not in self._buffer:
            read = os.read(self._in, 1 << 20)
            assert read, "the browser has gone"
            self._buffer += read
        message, self._buffer = self._buffer.split(b"\0", 1)
        return json.loads(message)

    def send(self, method: str, **params: Any) -> dict[str, Any]:
        self._number += 1
        message = {"id": self._number, "method": method, "params": params}
        if self._session:
            message["sessionId"] = self._session
        os.write(self._out, json.dumps(message).encode() + b"\0")
        while (answer := self._next()).get("id") != self._number:
            self.events.append(answer)
        assert "error" not in answer, answer
        return answer["result"]

    def open(self, path: Path, width: int, *, scripts: bool = True) -> None:
        self.send("Emulation.setScriptExecutionDisabled", value=not scripts)
        self.send("Emulation.setDeviceMetricsOverride", width=width, height=900, deviceScaleFactor=1, mobile=False)
        self.events.clear()
        self.send("Page.navigate", url=path.as_uri())
        while not any(event.get("method") == "Page.loadEventFired" for event in self.events):
            self.events.append(self._next())

    def ask(self, expression: str) -> Any:
        answer = self.send("Runtime.evaluate", expression=expression, returnByValue=True)
        assert "exceptionDetails" not in answer, answer
        return answer["result"].get("value")

    def close(self) -> None:
        self._process.terminate()
        self._process.wait(20)
        os.close(self._in)
        os.close(self._out)
        shutil.rmtree(self._home, ignore_errors=True)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    if shutil.which("chromium") is None:
        pytest.skip("Chromium is not installed (apt-get install chromium)")
    found = Browser()
    yield found
    found.close()


@pytest.fixture(scope="module")
def file(profiles: ProfileSet, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_profiles(profiles, tmp_path_factory.mktemp("page") / "drafts")[2]


OPEN_ALL = "document.querySelectorAll('details').forEach(each => { each.open = true; });"


@pytest.mark.integration
@pytest.mark.parametrize("width", [320, 390, 1280])
def test_the_page_fits_a_phone_and_four_hundred_per_cent(browser: Browser, file: Path, width: int):
    browser.open(file, width)
    browser.ask(OPEN_ALL)
    assert browser.ask("document.documentElement.scrollWidth") <= width


@pytest.mark.integration
def test_the_browser_loads_one_file_and_complains_of_nothing(browser: Browser, file: Path):
    browser.open(file, 1280)
    asked = [e["params"]["request"]["url"] for e in browser.events if e["method"] == "Network.requestWillBeSent"]
    assert asked == [file.as_uri()]
    assert not [e for e in browser.events if e["method"] in ("Log.entryAdded", "Runtime.exceptionThrown")]


@pytest.mark.integration
def test_a_link_opens_what_it_points_into_with_and_without_script(browser: Browser, file: Path):
    for scripts in (True, False):
        browser.open(file, 1280, scripts=scripts)
        browser.send("Page.navigate", url=f"{file.as_uri()}#a-msoa21_M2")
        opened = browser.ask("[...document.querySelectorAll('details[open] > summary')].map(s => s.textContent)")
        assert opened == ["Beech <Park>", "Middle 2"], f"scripts: {scripts}"


@pytest.mark.integration
def test_the_filter_is_there_only_with_script_and_finds_areas(browser: Browser, file: Path):
    visible = "!!document.getElementById('filter').offsetParent"
    browser.open(file, 1280, scripts=False)
    assert browser.ask(visible) is False
    browser.open(file, 1280)
    assert browser.ask(visible) is True
    browser.ask("const f = document.getElementById('filter'); f.value = 'mere'; f.dispatchEvent(new Event('input'))")
    shown = browser.ask("[...document.querySelectorAll('#index li:not([hidden])')].map(e => e.textContent.trim())")
    assert shown == ["Oakfield & Mere"]
    assert browser.ask("document.getElementById('filter-status').textContent") == "1 area matches"


@pytest.mark.integration
def test_everything_is_open_on_paper(browser: Browser, file: Path):
    browser.open(file, 1280, scripts=False)
    browser.send("Emulation.setEmulatedMedia", media="print")
    hidden = browser.ask("[...document.querySelectorAll('details.area td')].filter(e => !e.checkVisibility()).length")
    browser.send("Emulation.setEmulatedMedia", media="")
    assert hidden == 0
