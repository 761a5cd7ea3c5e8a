"""Whatever the council's colour, what is written in it can be read."""

from __future__ import annotations

import re
from itertools import pairwise

import pytest

from almoner.charts.colours import CATEGORICAL, COMPARED, SEQUENTIAL, contrast_of, palette_of


@pytest.mark.parametrize("brand", ["#1d4e6b", "#ffd100", "#000000", "#ffffff", "#888888", "#e4003b", "red; }"])
def test_text_is_readable_whatever_the_brand_colour(brand: str):
    palette = palette_of(brand)
    assert contrast_of(palette.brand, palette.on_brand) >= 4.5
    assert contrast_of(palette.ink, "#ffffff") >= 7 and contrast_of(palette.ink, palette.tint) >= 4.5
    assert contrast_of("#4d565f", palette.tint) >= 4.5
    light = [contrast_of(colour, "#ffffff") for colour in palette.ramp]
    assert light == sorted(light) and light[-1] >= 4.5, "darker step by step"
    assert all(b / a > 1.2 for a, b in pairwise(light)), "steps that can be told apart"
    assert re.fullmatch(r"#[0-9a-f]{6}", palette.brand)


@pytest.mark.parametrize("colour", [*SEQUENTIAL[:2], *COMPARED.values()])
def test_marks_stand_out_from_the_page(colour: str):
    """Source: WCAG 2.2, success criterion 1.4.11: 3:1 for graphics."""
    assert contrast_of(colour, "#ffffff") >= 3


def test_the_palettes_are_those_of_the_analysis_function():
    assert CATEGORICAL == ("#12436D", "#28A197", "#801650", "#F46A25", "#3D3D3D", "#A285D1")
    assert len(set(COMPARED.values())) == len(COMPARED)
