"""Why: lays out an invented borough as a grid of small areas that nest like the real ones do: postcodes in
LSOAs, LSOAs in MSOAs and in wards, wards and MSOAs across each other.

Must never use a code that is in use: codes are of the pattern E01999001, and the borough lies in the sea.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from almoner.demo.chance import Chance, Ints, Text, choices
from almoner.demo.place_words import WARD_NAMES

Numbers = NDArray[np.float64]

COUNCIL = "Ambleford Borough Council"
BOROUGH = "Ambleford"
BOROUGH_CODE = "E08999001"
_SMALL_AREAS_AT_LEAST = 24
_PEOPLE_PER_SMALL_AREA = 1500
_WEST, _SOUTH = 1.2, 55.0
_CELL = (0.0090, 0.0060)
_JITTER = 0.18
_QUARTERS = ("", "North ", "South ", "East ", "West ")


@dataclass(frozen=True)
class Geography:
    """The grid: `msoa` and `ward` say of each LSOA (in row order from the south-west) where it belongs."""

    width: int
    height: int
    msoa: Ints
    ward: Ints
    deprivation: Numbers
    """A latent value per LSOA, mean 0, standard deviation 1; high is deprived."""
    corners: Numbers
    """(height + 1, width + 1, 2): longitude and latitude of the grid's vertices."""

    @property
    def lsoa_codes(self) -> Text:
        """Give the LSOA codes."""
        return choices([f"E01999{i + 1:03d}" for i in range(self.width * self.height)])

    @property
    def lsoa_names(self) -> Text:
        """Give the LSOA names: borough, MSOA number, letter."""
        letters: dict[int, int] = {}
        names = []
        for msoa in self.msoa:
            letters[msoa] = letters.get(msoa, -1) + 1
            names.append(f"{BOROUGH} {msoa + 1:03d}{chr(65 + letters[msoa])}")
        return choices(names)

    @property
    def msoa_codes(self) -> Text:
        """Give the MSOA codes."""
        return choices([f"E02999{i + 1:03d}" for i in range(int(self.msoa.max()) + 1)])

    @property
    def msoa_names(self) -> Text:
        """Give the MSOA names."""
        return choices([f"{BOROUGH} {i + 1:03d}" for i in range(int(self.msoa.max()) + 1)])

    @property
    def ward_codes(self) -> Text:
        """Give the ward codes."""
        return choices([f"E05999{i + 1:03d}" for i in range(int(self.ward.max()) + 1)])

    @property
    def ward_names(self) -> Text:
        """Give the ward names."""
        count = len(WARD_NAMES)
        return choices([_QUARTERS[i // count] + WARD_NAMES[i % count] for i in range(int(self.ward.max()) + 1)])

    def inside(self, lsoa: Ints, across: Numbers, up: Numbers) -> tuple[Numbers, Numbers]:
        """Give longitude and latitude of points inside LSOAs; `across` and `up` lie between 0 and 1."""
        row, column = lsoa // self.width, lsoa % self.width
        a, b = self.corners[row, column], self.corners[row, column + 1]
        c, d = self.corners[row + 1, column], self.corners[row + 1, column + 1]
        across, up = across[:, None], up[:, None]
        point = (a * (1 - across) + b * across) * (1 - up) + (c * (1 - across) + d * across) * up
        return point[:, 0], point[:, 1]


def lay_out(rng: np.random.Generator, people: int, seed: int) -> Geography:
    """Lay out the borough for a number of people."""
    wanted = max(_SMALL_AREAS_AT_LEAST, people // _PEOPLE_PER_SMALL_AREA)
    width = 6 if wanted <= 60 else 12
    height = 2 * -(-wanted // (2 * width))
    row, column = np.divmod(np.arange(width * height), width)
    ward_rows = 2 * max(1, round(height / 12))
    return Geography(
        width=width,
        height=height,
        msoa=(row // 2) * (width // 2) + column // 2,
        ward=(row // ward_rows) * (width // 3) + column // 3,
        deprivation=_gradient(rng, row / height, column / width),
        corners=_corners(width, height, seed),
    )


def _gradient(rng: np.random.Generator, row: Numbers, column: Numbers) -> Numbers:
    slope, waves = rng.normal(0, 1, 2), rng.uniform(0, 2 * np.pi, 2)
    value = slope[0] * row + slope[1] * column + np.sin(5 * row + waves[0]) + np.cos(4 * column + waves[1])
    value = value + rng.normal(0, 0.5, len(row))
    return np.asarray((value - value.mean()) / value.std())


def _corners(width: int, height: int, seed: int) -> Numbers:
    """Place the vertices on a grid and push them a little, so that maps don't look like a chess board."""
    up, across = np.meshgrid(np.arange(height + 1), np.arange(width + 1), indexing="ij")
    ids = np.arange(up.size).reshape(up.shape)
    chance = Chance(seed, "corners")
    push = [(chance.uniform(ids, axis) - 0.5) * 2 * _JITTER for axis in ("x", "y")]
    longitude = _WEST + (across + push[0]) * _CELL[0]
    latitude = _SOUTH + (up + push[1]) * _CELL[1]
    return np.asarray(np.round(np.stack([longitude, latitude], axis=-1), 6), dtype=np.float64)
