"""Row numbers of a project: a permutation, the same each time, and of no use in another project."""

from __future__ import annotations

import itertools

import pyarrow as pa

from almoner.governance.pseudonyms import row_pseudonyms, set_apart
from almoner.store.relation import Relation

ALPHA, BETA = bytes(range(32)), bytes(range(1, 33))
ROWS = pa.array([(delivery << 32) + n for delivery in (1, 2, 70_000) for n in range(1, 20_000)], pa.int64())


def relation(**columns: pa.Array) -> Relation:
    """Give a relation of these columns."""
    table = pa.table(columns)
    return Relation(table.schema, iter(table.to_batches()))


def test_no_two_rows_meet_and_none_keeps_its_number() -> None:
    shown = row_pseudonyms(ROWS, ALPHA).to_pylist()
    assert len(set(shown)) == len(ROWS)
    assert not set(shown) & set(ROWS.to_pylist())
    assert shown == row_pseudonyms(ROWS, ALPHA).to_pylist()
    assert not set(shown) & set(row_pseudonyms(ROWS, BETA).to_pylist())


def test_neighbours_are_no_neighbours() -> None:
    """A number that grew with the row's would tell its place in the file, and files are alike in every project."""
    shown = row_pseudonyms(ROWS, ALPHA).to_pylist()
    rising = sum(one < two for one, two in itertools.pairwise(shown))
    assert 0.48 < rising / len(shown) < 0.52
    assert len({number >> 32 for number in shown}) > 0.99 * len(shown)


def test_what_is_not_there_stays_so() -> None:
    assert row_pseudonyms(pa.array([None, 5, None], pa.int64()), ALPHA).is_null().to_pylist() == [True, False, True]
    assert row_pseudonyms(pa.array([], pa.int64()), ALPHA).to_pylist() == []


def test_people_get_rows_in_an_order_of_the_projects_own() -> None:
    places = pa.array(range(len(ROWS)), pa.int64())
    orders = [
        set_apart(relation(row_id=ROWS, place=places), key, shuffled=True).to_arrow().column("place").to_pylist()
        for key in (ALPHA, BETA)
    ]
    assert sorted(orders[0]) == sorted(orders[1]) == places.to_pylist()
    same = sum(one == two for one, two in zip(*orders, strict=True))
    assert same < 20, "two copies join by position"


def test_a_products_rows_keep_their_order() -> None:
    places = pa.array(range(len(ROWS)), pa.int64())
    table = set_apart(relation(row_id=ROWS, place=places), ALPHA, shuffled=False).to_arrow()
    assert table.column("place").to_pylist() == places.to_pylist()
    assert table.column("row_id").to_pylist() == row_pseudonyms(ROWS, ALPHA).to_pylist()
    assert set_apart(relation(place=places), ALPHA, shuffled=False).columns == ("place",)
