"""Texts of others stay texts, and every drawing is named or hidden."""

from __future__ import annotations

from lxml import etree, html
from markupsafe import Markup

from almoner.charts.colours import palette_of
from almoner.charts.equivalents import Equivalent
from almoner.charts.style import chart_css
from almoner.charts.svg import decoration, element, picture, standalone

HOSTILE = '"><script>alert(1)</script>'


def test_texts_and_attributes_are_escaped():
    drawn = element("text", HOSTILE, class_=HOSTILE, x=1.0, y=2.25, href=None)
    assert "<script" not in drawn and 'x="1"' in drawn and 'y="2.2"' in drawn and "href" not in drawn
    assert etree.fromstring(drawn).text == HOSTILE and etree.fromstring(drawn).get("class") == HOSTILE


def test_a_picture_is_named_and_a_decoration_is_hidden():
    assert 'role="img"' in picture("a", "T", "D") and 'aria-describedby="a-d"' in picture("a", "T", "D")
    assert 'aria-hidden="true"' in decoration(element("line"))


def test_a_drawing_can_stand_alone():
    made = standalone(picture("a", HOSTILE, "D"), 100, 50, chart_css(palette_of("#1d4e6b")))
    root = etree.fromstring(made)
    assert root.get("viewBox") == "0 0 100 50" and root.get("width") == "100"


def test_a_table_equivalent_has_caption_and_scoped_headers():
    table = html.fragment_fromstring(Equivalent("C", ("Area", "Figure"), [(HOSTILE, "1"), ("B", "")]).html())
    assert table.get("tabindex") == "0" and table.findtext(".//caption") == "C"
    assert [each.get("scope") for each in table.iter("th")] == ["col", "col", "row", "row"]
    assert table.xpath(".//tbody/tr/th")[0].text == HOSTILE and len(table.xpath(".//td")) == 2
    assert isinstance(Equivalent("C", ("A",), []).html(), Markup)
