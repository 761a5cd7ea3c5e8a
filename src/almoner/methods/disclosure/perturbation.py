"""Adds the Office for National Statistics' cell-key noise to a table of counts, through its own library.

Each record has a key for ever; the keys of a cell's records, added up, pick its noise from a perturbation table, so
that the same people give the same figure in whichever table they are counted. What would let anybody take the noise
off again (true counts, keys, noise) stays here: only perturbed counts are given back.

Source: ONS, "Cell Key Perturbation in Python", SML user guide, version 3.1.0; Thompson, Broadfoot and Elazar (2013).
"""

from __future__ import annotations

import contextlib
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from almoner.kernel.errors import CalculationError
from almoner.methods.disclosure.sums import FloatArray, IndexArray

THRESHOLD = 10
"""Perturbed counts below this are withheld. Source: ONS, as above."""

LARGEST_PATTERN = 750
"""Counts above this use the noise of 501 to 750 again. Source: ONS, as above."""


@dataclass(frozen=True)
class PerturbationTable:
    """The noise by count (1 to 750) and cell key: three columns of one length."""

    counts: IndexArray
    keys: IndexArray
    noise: IndexArray

    def __post_init__(self) -> None:
        top = int(self.keys.max(initial=-1)) + 1
        if not top or len(self.counts) != LARGEST_PATTERN * top or self.counts.max() != LARGEST_PATTERN:
            raise CalculationError(
                "The perturbation table lacks counts or keys.",
                why="A cell that is not in it would be published without noise.",
                todo=f"Give every count from 1 to {LARGEST_PATTERN} with every key.",
            )

    @property
    def largest_noise(self) -> int:
        """Say how far a published count of at least the threshold may lie from the true one."""
        return int(np.abs(self.noise[self.counts >= THRESHOLD]).max())


@dataclass(frozen=True)
class PerturbedTable:
    """A table of counts with noise: the categories of each cell, and its count (NaN: withheld)."""

    categories: Mapping[str, tuple[object, ...]]
    counts: FloatArray


def perturb(
    columns: Mapping[str, Sequence[object]],
    record_keys: Sequence[int],
    table: PerturbationTable,
    threshold: int = THRESHOLD,
) -> PerturbedTable:
    """Count records by every combination of the columns, with noise.

    In: one value per record in each column and one key per record, from 0 to the table's largest key.
    Raises: CalculationError where a record has no key or a key that the table lacks: the library would go on.
    """
    import pandas as pd
    from cell_key_perturbation.create_perturbed_table import create_perturbed_table

    keys = np.asarray(record_keys)
    if len(keys) == 0 or keys.dtype.kind not in "iu" or keys.min() < 0 or keys.max() > table.keys.max():
        raise CalculationError("A record has no key, or one that the perturbation table lacks.")
    if {"pre_sdc_count", "ckey", "pcv", "pvalue", "count", "record_key", "ons_id"} & set(columns):
        raise CalculationError("A column bears a name that the perturbation keeps for itself.")
    data = pd.DataFrame({**{name: list(values) for name, values in columns.items()}, "record_key": keys})
    noise = pd.DataFrame({"pcv": table.counts, "ckey": table.keys, "pvalue": table.noise})
    # The library reports its progress on the standard output, which belongs to the caller's answer.
    with contextlib.redirect_stdout(io.StringIO()):
        done = create_perturbed_table(data, noise, [], list(columns), "record_key", False, threshold)
    return PerturbedTable(
        {name: tuple(done[name]) for name in columns},
        done["count"].to_numpy(dtype=np.float64, na_value=np.nan),
    )
