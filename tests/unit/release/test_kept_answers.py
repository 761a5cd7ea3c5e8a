"""An answer that is kept reads as it was told: four kinds of "no figure" stay four, and no text becomes a formula."""

from __future__ import annotations

from almoner.methods.cells import Cell, Marker
from almoner.release.kept_answers import GivenAnswer, answer_csv, answer_of_text
from almoner.release.publication import Shown, ShownTable

CELLS = (
    Cell(0.0), Cell(1240.0), Cell.suppressed(), Cell.not_available("not received"), Cell.not_applicable("nobody"),
    Cell(None, Marker.LOW),
)  # fmt: skip
TABLE = ShownTable(
    "residents", "Residents",
    (Shown("area_name", "Area", words=("=1+1", "@x", "Ancoats", "b", "c", "-d")), Shown("value", "Residents", cells=CELLS)),
    ("A note",),
)  # fmt: skip
GIVEN = GivenAnswer("2026-04-30", "alpha", "Counts are rounded.", "indicator=residents", (TABLE,))


def test_it_is_read_back_as_it_was() -> None:
    assert answer_of_text(GIVEN.text()) == GIVEN
    assert answer_of_text(GIVEN.text()).markers() == [
        Marker.SUPPRESSED, Marker.NOT_AVAILABLE, Marker.NOT_APPLICABLE, Marker.LOW,
    ]  # fmt: skip


def test_the_file_tells_zero_from_every_sign() -> None:
    lines = answer_csv([TABLE]).split("\r\n")
    assert lines[0] == "indicator,area_name,value"
    assert [line.rsplit(",", 1)[1] for line in lines[1:7]] == ["0", "1240", "[c]", "[x]", "[z]", "[low]"]
    assert lines[1].startswith("residents,'=1+1,") and lines[2].startswith("residents,'@x,")
