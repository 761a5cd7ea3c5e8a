"""A council's colour is readable whatever it is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from almoner.kernel.errors import RegistryError
from almoner.notice.colour import READABLE, contrast, ink_for, ink_upon, parse_colour

WHITE = (255, 255, 255)
COLOURS = st.integers(0, 0xFFFFFF).map(lambda number: f"#{number:06x}")


def test_contrast_is_that_of_the_guidelines() -> None:
    assert contrast((0, 0, 0), WHITE) == pytest.approx(21)
    assert contrast(WHITE, WHITE) == pytest.approx(1)
    assert contrast((0x76, 0x76, 0x76), WHITE) == pytest.approx(4.54, abs=0.005)
    assert contrast(WHITE, (0x77, 0x77, 0x77)) == pytest.approx(4.48, abs=0.005)


@given(COLOURS)
def test_text_in_and_upon_any_colour_can_be_read(colour: str) -> None:
    assert contrast(parse_colour(ink_for(colour)), WHITE) >= READABLE
    assert contrast(parse_colour(ink_upon(colour)), parse_colour(colour)) >= READABLE


def test_a_colour_that_can_be_read_stays_as_it_is() -> None:
    assert ink_for("#1d4e6b") == "#1d4e6b"
    assert ink_for("#036") == "#003366"


@pytest.mark.parametrize("colour", ["red", "#12345", "#1234567", "#12345g", "#123456; }", "#123456\n", ""])
def test_what_is_no_colour_is_refused(colour: str) -> None:
    with pytest.raises(RegistryError) as refused:
        parse_colour(colour)
    assert refused.value.where == "controller.brand_colour"
