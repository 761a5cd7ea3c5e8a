"""Files at rest: nothing of them can be read without the right key, under the right name."""

from __future__ import annotations

import errno
import shutil
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from almoner.kernel.errors import AlmonerError, LakeError, ResourceExhausted
from almoner.store.encrypted_parquet import EncryptedParquet
from almoner.store.keys import LOCK_NAMES, KeyRing

SCHEMA = pa.schema([pa.field("row_id", pa.int64(), nullable=False), pa.field("surname", pa.string())])
SECRET = "Zqcanaryvalue"
TABLE = pa.table({"row_id": [1, 2, 3], "surname": [SECRET, "B", None]}, schema=SCHEMA)
RING = KeyRing(bytes(32), {name: bytes([number]) * 32 for number, name in enumerate(LOCK_NAMES, start=1)})


def written(path: Path, lock: str = "identity", *, encrypt: bool = True) -> EncryptedParquet:
    """Write the table."""
    parquet = EncryptedParquet(RING, encrypt=encrypt)
    writer = parquet.writer(path, SCHEMA, lock)
    writer.write(TABLE.slice(0, 2))
    writer.write(TABLE.slice(2))
    assert writer.close() == path.stat().st_size
    assert writer.rows == 3
    return parquet


def test_what_was_written_is_read(tmp_path: Path) -> None:
    path = tmp_path / "1" / "part.parquet"
    parquet = written(path)
    assert parquet.read(path, "identity").equals(TABLE)
    assert parquet.dataset([path], SCHEMA, "identity").to_table().equals(TABLE)


def test_neither_values_nor_names_lie_open(tmp_path: Path) -> None:
    path = tmp_path / "1" / "part.parquet"
    written(path)
    content = path.read_bytes()
    assert content[:4] == content[-4:] == b"PARE", "the footer is not encrypted"
    for word in (SECRET.encode(), b"surname", b"row_id", b"ARROW"):
        assert word not in content
    with pytest.raises(OSError):
        pq.read_table(path)


def test_without_encryption_the_test_above_would_fail(tmp_path: Path) -> None:
    path = tmp_path / "1" / "part.parquet"
    written(path, encrypt=False)
    assert b"surname" in path.read_bytes()
    assert pq.read_table(path).num_rows == 3


@pytest.mark.parametrize("lock", [name for name in LOCK_NAMES if name != "identity"])
def test_each_lock_opens_its_own_files_only(tmp_path: Path, lock: str) -> None:
    path = tmp_path / "1" / "part.parquet"
    parquet = written(path)
    with pytest.raises(LakeError):
        parquet.read(path, lock)
    with pytest.raises((OSError, pa.ArrowException, AlmonerError)):
        parquet.dataset([path], SCHEMA, lock).to_table()


@pytest.mark.parametrize("other", ["1/other.parquet", "2/part.parquet"])
def test_a_file_can_not_take_anothers_place(tmp_path: Path, other: str) -> None:
    path = tmp_path / "1" / "part.parquet"
    parquet = written(path)
    moved = tmp_path / other
    moved.parent.mkdir(exist_ok=True)
    shutil.copy(path, moved)
    with pytest.raises(LakeError):
        parquet.read(moved, "identity")


@pytest.mark.parametrize("position", [4, 40, -60, -20])
def test_an_altered_file_is_not_read(tmp_path: Path, position: int) -> None:
    path = tmp_path / "1" / "part.parquet"
    parquet = written(path)
    content = bytearray(path.read_bytes())
    content[position] ^= 0xFF
    path.write_bytes(content)
    with pytest.raises(LakeError):
        parquet.read(path, "identity")


def test_a_missing_file_is_said_by_name(tmp_path: Path) -> None:
    path = tmp_path / "1" / "part.parquet"
    with pytest.raises(LakeError) as refusal:
        written(tmp_path / "1" / "other.parquet").dataset([path], SCHEMA, "identity")
    assert refusal.value.where == "part.parquet"


def test_identity_has_no_statistics(tmp_path: Path) -> None:
    path = tmp_path / "1" / "part.parquet"
    written(path, encrypt=False)
    group = pq.ParquetFile(path).metadata.row_group(0)
    told = {group.column(i).path_in_schema: group.column(i).is_stats_set for i in range(group.num_columns)}
    assert told == {"row_id": True, "surname": False}


def test_what_is_given_up_leaves_nothing(tmp_path: Path) -> None:
    path = tmp_path / "1" / "part.parquet"
    writer = EncryptedParquet(RING).writer(path, SCHEMA, "identity")
    writer.write(TABLE)
    writer.abandon()
    assert not path.exists()


@pytest.mark.parametrize("step", ["open", "write", "close"])
def test_a_full_disk_is_said_as_such(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str) -> None:
    def full(*_: Any, **__: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    if step == "open":
        monkeypatch.setattr(pq, "ParquetWriter", full)
    with pytest.raises(ResourceExhausted, match="could not be written"):
        writer = EncryptedParquet(RING).writer(tmp_path / "1" / "part.parquet", SCHEMA, "identity")
        if step != "open":
            monkeypatch.setattr(writer._writer, "write_table" if step == "write" else "close", full)
        writer.write(TABLE)
        writer.close()
