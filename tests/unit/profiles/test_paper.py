"""The printable profile: tagged, in reading order, with alternative texts and table headers, the same each time."""

from __future__ import annotations

import pytest

from almoner.charts.geometry import draw
from almoner.profiles.build import build_profiles
from almoner.profiles.frame import site_of
from almoner.profiles.paper import area_paper
from almoner.profiles.spines import spines_of
from almoner.profiles.tree import kinds_of
from tests.tagged_pdf import TaggedPdf
from tests.unit.profiles.borough import AS_OF, FakeGate, borough_rows
from tests.unit.profiles.declared import make_registry


def _papers(code: str = "W0", geography: str = "ward23") -> bytes:
    profiles = build_profiles(FakeGate(borough_rows()).run, make_registry(), AS_OF)
    kind = next(each for each in kinds_of(profiles.areas) if each.name == geography)
    area = next(each for each in kind.areas if each.code == code)
    spines = spines_of({entry.indicator.name: entry for entry in profiles.indicators})
    return area_paper(site_of(profiles), kind, area, spines, draw(profiles.areas.outlines))


@pytest.fixture(scope="module")
def content() -> bytes:
    return _papers("L03", "lsoa21")


@pytest.fixture(scope="module")
def paper(content: bytes) -> TaggedPdf:
    return TaggedPdf(content)


def test_it_is_tagged_titled_and_says_its_language(paper: TaggedPdf):
    assert paper.is_tagged and paper.root["/Lang"] == "en-GB"
    assert paper.reader.metadata is not None and paper.reader.metadata.title == "Small 03: profile"
    assert paper.root["/ViewerPreferences"]["/DisplayDocTitle"]


def test_headings_come_in_reading_order(paper: TaggedPdf):
    headings = [kind for kind in paper.kinds() if kind[0] == "H" and kind[1:].isdigit()]
    assert headings[0] == "H1" and headings.count("H1") == 1
    # Where it is; four topics; how to read; definitions, with one heading for each of seven indicators.
    assert headings[1:7] == ["H2"] * 6 and headings[-8:] == ["H2"] + ["H3"] * 7
    assert paper.kinds().index("H1") < paper.kinds().index("Figure") < paper.kinds().index("Table")


def test_every_table_has_header_cells_and_every_figure_an_alternative(paper: TaggedPdf):
    kinds = paper.kinds()
    assert kinds.count("Table") == 4 and kinds.count("TH") == 4 * 5 and kinds.count("TD") == 7 * 5
    alternatives = paper.alternatives()
    assert len(alternatives) >= 4 and all(alternatives)
    assert alternatives[0] == "Map: where Small 03 lies in The Borough."
    assert any(each.startswith("Small 03: 13.0; The Borough: 21.7. Range: 10.0 to 33.0") for each in alternatives)


def test_the_paper_says_what_the_page_says(paper: TaggedPdf):
    for words in ("UNRELEASED DRAFT", "Oakfield & Mere", "Recorded crime", "Reported crime only.", "[x]", "13.0"):
        assert words in paper.text, words


def test_the_same_profile_gives_the_same_paper(content: bytes):
    assert _papers("L03", "lsoa21") == content
