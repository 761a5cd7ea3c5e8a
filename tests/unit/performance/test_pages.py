"""The pages, tables and documents of a scorecard: what stands in them, and what never may."""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path

import pytest
from lxml import html

from almoner.kernel.errors import UsageError
from almoner.methods.spc import Assurance, Variation
from almoner.performance.build import build_scorecard
from almoner.performance.figures import Scorecard
from almoner.performance.icons import ASSURANCE_WORDS, VARIATION_WORDS, assurance_icon, variation_icon
from almoner.performance.page import render_measure, render_scorecard
from almoner.performance.write import DOCUMENT, MARK, PAGE, TABLE, csv_text, document_of, write_scorecard
from tests.unit.performance.town import AS_OF, calls, measure, months, registry, town

SECRET = 3


@pytest.fixture(scope="module")
def scorecard() -> Scorecard:
    first = measure(
        name="calls", title="Calls & <letters>", unit="per_1000", funnel="ward", cuts=("sex",), good="low",
        denominator={"fact": "residents", "count": "persons"},
        targets=[{"value": 200, "starts_on": "2025-01-01", "source": "=Plan"}],
        step_changes=[{"on": "2025-11-01", "reason": "Letters are counted too"}],
    )  # fmt: skip
    second = measure(name="none", title="Never received", numerator={"fact": "event", "names": ["Request"]})
    place = town(event=calls(months("2025-05", 50, SECRET, 48, 51, 49, 53, 90, 95, 99, 94, 93, 92)))
    declared = registry(first, second)
    return build_scorecard(place.run, declared, [first, second], AS_OF, AS_OF, equality=place.run)


@pytest.fixture(scope="module")
def page(scorecard: Scorecard) -> html.HtmlElement:
    return html.document_fromstring(render_measure(scorecard, scorecard.measures[0]))


def test_pages_need_nothing_else_and_run_nothing(scorecard: Scorecard):
    for text in (render_scorecard(scorecard), render_measure(scorecard, scorecard.measures[0])):
        assert "<script" not in text and not re.search(r'(src|href)="(https?:)?//', text)
        assert "default-src 'none'" in text and "script-src" not in text
        assert "Calls &amp; &lt;letters&gt;" in text and "<letters>" not in text


def test_every_page_says_that_it_is_internal(scorecard: Scorecard):
    for text in (render_scorecard(scorecard), render_measure(scorecard, scorecard.measures[0])):
        assert "INTERNAL, NOT RELEASED" in html.document_fromstring(text).find("body/header").text_content()


def test_every_picture_says_what_it_shows(page: html.HtmlElement):
    pictures = page.xpath('//svg[@role="img"]')
    assert len(pictures) == 2
    for drawn in pictures:
        for name in (drawn.get("aria-labelledby"), drawn.get("aria-describedby")):
            assert page.xpath(f'//*[@id="{name}"]')[0].text_content().strip()
    hidden = [drawn for drawn in page.xpath("//svg[not(ancestor::svg)]") if drawn.get("role") != "img"]
    assert hidden and all(drawn.get("aria-hidden") == "true" for drawn in hidden)


def test_the_table_holds_every_period_and_the_withheld_as_withheld(page: html.HtmlElement):
    table = page.xpath('//section[@aria-labelledby="figures"]//table')[0]
    rows = {
        row.findtext("th"): [cell.text_content().strip() for cell in row.findall("td")]
        for row in table.xpath(".//tbody/tr")
    }
    assert len(rows) == 12 and rows["June 2025"][:2] == ["[c]", "[c]"]
    assert rows["June 2025"][4:7] == ["", "", ""], "a gap has no limits"
    assert "Letters are counted too" in rows["November 2025"]


def test_the_page_says_definition_owner_duty_source_age_and_caveats(page: html.HtmlElement):
    facts = {each.findtext("dt"): each.find("dd").text_content() for each in page.xpath("//dl/div")}
    assert facts["Owner"] == "Head of Calls" and facts["Serves"] == "Calls Act 2020 s1"
    assert "0 days" in facts["Age of the data"] and "Only answered calls" in facts["Caveats"]
    assert "from 1 January 2025 (=Plan)" in facts["Targets"] and "Letters" in facts["Step changes"]


def test_ids_are_used_once(page: html.HtmlElement):
    ids = page.xpath("//@id")
    assert len(ids) == len(set(ids))


def test_nothing_tells_the_withheld_number(scorecard: Scorecard):
    entry = document_of(scorecard)["measures"][0]
    june = next(point for point in entry["points"] if point["period"] == "2025-06")
    assert june["value"] == june["numerator"] == {"value": None, "marker": "[c]"}
    assert "mean" not in june and june["lower"] is june["upper"] is None
    row = next(row for row in csv.DictReader(io.StringIO(csv_text(scorecard.measures))) if row["period"] == "2025-06")
    assert row["marker"] == "[c]" and not any(row[name] for name in ("value", "numerator", "lower_95", "average"))


def test_a_measure_without_figures_has_a_page_that_says_why(scorecard: Scorecard):
    text = render_measure(scorecard, scorecard.measures[1])
    assert "nothing of the kind is in the data that was received" in text


@pytest.mark.parametrize("variation", Variation)
def test_icons_of_variation_differ_in_more_than_colour(variation: Variation):
    def bare(each: Variation) -> str:
        return re.sub(r"#[0-9a-f]{6}", "", str(variation_icon(each)))

    assert VARIATION_WORDS[variation]
    assert sum(bare(each) == bare(variation) for each in Variation) <= 2, "improvement and concern by H and L and words"


def test_icons_of_assurance_have_a_letter_each():
    letters = [re.findall(r">([PF?])<", str(assurance_icon(each))) for each in (Assurance.PASS, Assurance.FAIL)]
    assert letters == [["P"], ["F"]] and all(ASSURANCE_WORDS.values())


def test_files_are_replaced_as_a_whole_and_nothing_else_is(scorecard: Scorecard, tmp_path: Path):
    out = tmp_path / "scorecard"
    paths = write_scorecard(scorecard, out)
    assert {path.name for path in paths} >= {PAGE, TABLE, DOCUMENT, "calls.html", "calls.csv", "none.html"}
    assert json.loads((out / DOCUMENT).read_text("utf-8"))["status"] == "INTERNAL, NOT RELEASED"
    write_scorecard(scorecard, out)
    (out / MARK).unlink()
    with pytest.raises(UsageError):
        write_scorecard(scorecard, out)
    assert (out / PAGE).is_file()
