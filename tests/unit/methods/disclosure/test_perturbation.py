"""The Office for National Statistics' cell-key example, through its own library, and what the library lets pass."""

from __future__ import annotations

import gzip
import os
from pathlib import Path

import numpy as np
import pytest
from cell_key_perturbation.utils.generate_test_data import generate_test_data
from cell_key_perturbation.utils.generate_test_ptable import generate_ptable_10_5_rule

from almoner.kernel.errors import CalculationError
from almoner.methods.disclosure.perturbation import PerturbationTable, perturb

SHARED = Path(os.environ.get("ALMONER_SHARED", Path(__file__).resolve().parents[5] / "shared"))


@pytest.fixture(scope="module")
def table() -> PerturbationTable:
    made = generate_ptable_10_5_rule()
    return PerturbationTable(made["pcv"].to_numpy(), made["ckey"].to_numpy(), made["pvalue"].to_numpy())


def test_the_published_example_is_reproduced(table: PerturbationTable, capsys: pytest.CaptureFixture[str]):
    """Source: ONS, user guide 3.1.0, "Interpreting the Output": 10, 10, suppressed, 15, 10."""
    data = generate_test_data()
    done = perturb({name: data[name].tolist() for name in ("var1", "var5", "var8")}, data["record_key"].tolist(), table)
    first = [[str(done.categories[name][row]) for name in ("var1", "var5", "var8")] for row in range(5)]
    assert first == [["1", "1", "A"], ["1", "1", "B"], ["1", "1", "C"], ["1", "1", "D"], ["1", "2", "A"]]
    np.testing.assert_array_equal(done.counts[:5], [10, 10, np.nan, 15, 10])
    assert set(done.categories) == {"var1", "var5", "var8"}, "nothing that would take the noise off"
    assert capsys.readouterr().out == ""


def test_the_shipped_table_is_the_rule_of_ten_and_five(table: PerturbationTable):
    file = SHARED / "data" / "statistics" / "ons_ptable_10_5_rule.csv.gz"
    if not file.exists():
        pytest.skip("the published perturbation table is not here")
    with gzip.open(file, "rt") as lines:
        header = [name.strip().strip('"') for name in lines.readline().split(",")]
        rows = np.loadtxt(lines, delimiter=",", dtype=int)
    published = {name: rows[:, column] for column, name in enumerate(header)}
    order = np.lexsort((published["ckey"], published["pcv"]))
    assert np.array_equal(published["pvalue"][order], table.noise)
    assert table.largest_noise == 2


def test_the_same_people_give_the_same_figure_in_any_table(table: PerturbationTable):
    keys = np.arange(40) * 7 % 256
    whole = perturb({"area": ["a"] * 40}, keys.tolist(), table)
    other = perturb({"sort": ["x"] * 40, "area": ["b"] * 40}, keys[::-1].tolist(), table)
    assert whole.counts.tolist() == other.counts.tolist()


@pytest.mark.parametrize("keys", [[], [1.5, 2.0], [-1, 2], [0, 256], [None, 1]])
def test_records_without_a_proper_key_are_refused(table: PerturbationTable, keys: list):
    with pytest.raises(CalculationError, match="key"):
        perturb({"area": ["a"] * len(keys)}, keys, table)


def test_a_table_with_holes_is_refused():
    with pytest.raises(CalculationError, match="lacks"):
        PerturbationTable(np.array([1, 2]), np.array([0, 0]), np.array([0, 0]))
