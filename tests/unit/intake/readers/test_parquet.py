"""Parquet: every column as text in row groups, and what is wrong with a file or a value."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from almoner.intake.readers import BadRecord, ParquetOptions, RawBatch, Wanted, open_parquet
from almoner.kernel.errors import DeliveryRefused

TABLE = pa.table(
    {"id": pa.array([1, 2, 3]), "born": pa.array([dt.date(2020, 1, 2), None, None]), "name": ["a", "", "é"]}
)


def write(tmp_path: Path, table: pa.Table = TABLE, **options: Any) -> Path:
    path = tmp_path / "delivery.parquet"
    pq.write_table(table, path, **options)
    return path


def read(path: Path, names: str, options: ParquetOptions | None = None) -> tuple[list[list[Any]], list[BadRecord]]:
    wanted = {name.rstrip("?"): Wanted(required=not name.endswith("?")) for name in names.split()}
    reader = open_parquet(path, wanted, options)
    rows: list[list[Any]] = []
    bad: list[BadRecord] = []
    for item in reader.read():
        if isinstance(item, BadRecord):
            bad.append(item)
        else:
            assert set(item.table.schema.types) == {pa.string()}
            columns = [item.positions.to_pylist(), *item.table.to_pydict().values()]
            rows += [list(row) for row in zip(*columns, strict=True)]
    assert reader.rows_in == len(rows) + len(bad)
    return rows, bad


def test_columns_come_as_wanted_and_as_text(tmp_path: Path) -> None:
    rows, bad = read(write(tmp_path), "NAME id born other?")
    assert rows == [[1, "a", "1", "2020-01-02", None], [2, None, "2", None, None], [3, "é", "3", None, None]]
    assert bad == []


def test_row_groups_and_batches_keep_the_positions(tmp_path: Path) -> None:
    table = pa.table({"n": np.arange(1000)})
    rows, _ = read(write(tmp_path, table, row_group_size=300), "n", ParquetOptions(batch_rows=128))
    assert rows == [[n + 1, str(n)] for n in range(1000)]


def test_raw_is_the_whole_row_as_canonical_json(tmp_path: Path) -> None:
    wanted = {"id": Wanted()}
    batch = next(iter(open_parquet(write(tmp_path), wanted, ParquetOptions(ignore=("born", "name"))).read()))
    assert isinstance(batch, RawBatch)
    assert [batch.raw(row) for row in (0, 2)] == [
        b'{"born":"2020-01-02","id":"1","name":"a"}',
        '{"born":null,"id":"3","name":"é"}'.encode(),
    ]


def test_bytes_that_are_no_text_make_a_row_bad_and_are_kept(tmp_path: Path) -> None:
    values = pa.array([b"good", b"x\xff", None, b"n\x00l"], pa.binary())
    table = pa.table({"id": ["1", "2", "3", "4"], "b": values})
    for kind in (pa.binary(), pa.string(), pa.dictionary(pa.int32(), pa.binary())):
        stored = pa.Array.from_buffers(kind, 4, values.buffers()) if kind == pa.string() else values.cast(pa.binary())
        stored = stored.dictionary_encode() if pa.types.is_dictionary(kind) else stored
        rows, bad = read(write(tmp_path, table.set_column(1, "b", stored)), "id b")
        assert rows == [[1, "1", "good"], [3, "3", None]]
        assert [(b.position, b.column, b.code) for b in bad] == [
            (2, "b", "undecodable"),
            (4, "b", "nul_byte"),
        ]
        assert bad[0].raw == b'{"b":"x\xff","id":"2"}'
        assert json.loads(bad[1].raw) == {"b": "n\0l", "id": "4"}


def test_an_empty_table_is_a_delivery_of_none(tmp_path: Path) -> None:
    assert read(write(tmp_path, TABLE.slice(0, 0)), "id born name") == ([], [])


@pytest.mark.parametrize(("names", "missing"), [("id born", "'name'"), ("id born name sex", "'sex'")])
def test_other_columns_refuse_the_file(tmp_path: Path, names: str, missing: str) -> None:
    with pytest.raises(DeliveryRefused) as caught:
        read(write(tmp_path), names)
    assert missing in caught.value.why


@pytest.mark.parametrize("keep", [0.3, 0.8, 0.999])
def test_a_truncated_file_is_refused_as_such(tmp_path: Path, keep: float) -> None:
    path = write(tmp_path)
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * keep)])
    with pytest.raises(DeliveryRefused, match="truncated"):
        read(path, "id born name")


def test_a_damaged_page_or_footer_is_refused_without_details(tmp_path: Path) -> None:
    table = pa.table({"n": [f"ZEBEDEE{n}" for n in range(5000)]})
    content = write(tmp_path, table, compression="snappy", use_dictionary=False).read_bytes()
    path = tmp_path / "delivery.parquet"
    for spoilt in (
        content[:40] + b"\xff" * 2000 + content[2040:],
        content[:-60] + b"\xff" * 52 + content[-8:],
    ):
        path.write_bytes(spoilt)
        with pytest.raises(DeliveryRefused, match="damaged") as caught:
            read(path, "n")
        assert caught.value.__cause__ is None


@pytest.mark.parametrize(
    ("content", "message"),
    [(b"", "empty"), (b"a,b\n1,2", "not a Parquet file"), (b"PAR1" + b"\0" * 20 + b"PARE", "encrypted")],
)
def test_what_is_not_parquet_is_refused(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "delivery.parquet"
    path.write_bytes(content)
    with pytest.raises(DeliveryRefused, match=message):
        read(path, "n")


def test_a_nested_column_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(DeliveryRefused, match="column 's' has the type struct"):
        read(write(tmp_path, pa.table({"s": [{"x": 1}]})), "s")
