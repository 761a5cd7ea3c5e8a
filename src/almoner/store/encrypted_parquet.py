"""Parquet Modular Encryption by pyarrow, AES-256-GCM, a key for each file derived from its lock's key.

Footers are encrypted too (they hold column names and counts), and columns that identify carry no statistics: Parquet
minima and maxima are values in clear to whoever opens the footer. A file's own name is authenticated with it, so that
one file can't be put in another's place. Keys are given to pyarrow directly: its key-management callbacks would call
back into Python from its reading threads, and several scans at once then wait for one another for ever.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.parquet as pq
import pyarrow.parquet.encryption as pe
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from almoner.kernel.errors import LakeError, ResourceExhausted
from almoner.store.keys import KEY_BYTES, KeyRing

ROW_ID = "row_id"
ROW_GROUP_ROWS = 122_880
"""DuckDB's own row group size: one morsel of work for a thread."""
COMPRESSION = "snappy"
"""Half the time of zstd for twice the size: a lake is written every night. A test that looks for bytes turns it off."""


class EncryptedParquet:
    """Writes and scans encrypted Parquet files. A lock names the key that a file's own key is derived from."""

    def __init__(self, ring: KeyRing, *, encrypt: bool = True) -> None:
        self._ring = ring
        self.encrypts = encrypt

    def writer(self, path: Path, schema: pa.Schema, lock: str, *, coded: Sequence[str] = ()) -> PartWriter:
        """Open a file for writing. `coded`: columns of few values, kept as a dictionary."""
        properties = None
        if self.encrypts:
            properties = pe.create_encryption_properties(
                self.file_key(path, lock), aad_prefix=own_name(path), store_aad_prefix=False
            )
        return PartWriter(path, schema, properties, coded)

    def dataset(self, paths: Sequence[Path], schema: pa.Schema, lock: str) -> ds.Dataset:
        """Open files as one dataset, decrypted while it is scanned.

        Raises: LakeError where a file is missing.
        """
        missing = [path.name for path in paths if not path.is_file()]
        if missing:
            raise LakeError(
                f"{len(missing)} file(s) of the lake are missing.",
                where=missing[0],
                why="The catalogue names them, so they were written; somebody or something removed them.",
                todo="Restore the lake from a backup.",
            )
        opened = [ds.dataset([str(path)], schema=schema, format=self._format(path, lock)) for path in paths]
        return opened[0] if len(opened) == 1 else ds.dataset(opened)

    def schema(self, path: Path, lock: str) -> pa.Schema:
        """Tell the columns and types of a file.

        Raises: LakeError where it is missing, altered or under another key.
        """
        try:
            return pq.ParquetFile(path, decryption_properties=self._decryption(path, lock)).schema_arrow
        except (OSError, pa.ArrowException, ValueError) as error:
            raise LakeError("A file can't be read.", where=path.name, todo="Restore it from a backup.") from error

    def _format(self, path: Path, lock: str) -> ds.ParquetFileFormat:
        options = ds.ParquetFragmentScanOptions(decryption_properties=self._decryption(path, lock))
        return ds.ParquetFileFormat(default_fragment_scan_options=options)

    def _decryption(self, path: Path, lock: str) -> object | None:
        if not self.encrypts:
            return None
        return pe.create_decryption_properties(self.file_key(path, lock), aad_prefix=own_name(path))

    def file_key(self, path: Path, lock: str) -> bytes:
        """Derive the key of one file; for the store only."""
        info = b"almoner:file:" + own_name(path)
        return HKDF(SHA256(), KEY_BYTES, salt=None, info=info).derive(self._ring.key(lock))

    def read(self, path: Path, lock: str) -> pa.Table:
        """Read one whole file with the schema it was written with.

        Raises: LakeError where it is missing, altered or under another key.
        """
        try:
            return pq.ParquetFile(path, decryption_properties=self._decryption(path, lock)).read()
        except (OSError, pa.ArrowException, ValueError) as error:
            raise LakeError("A file can't be read.", where=path.name, todo="Restore it from a backup.") from error

    def groups(self, path: Path, lock: str, columns: Sequence[str] | None = None) -> Iterator[pa.Table]:
        """Read a file row group by row group, all of its columns or those named. Raises: LakeError as `read` does."""
        try:
            file = pq.ParquetFile(path, decryption_properties=self._decryption(path, lock))
            for number in range(file.num_row_groups):
                yield file.read_row_group(number, columns=None if columns is None else list(columns))
        except (OSError, pa.ArrowException, ValueError) as error:
            raise LakeError("A file can't be read.", where=path.name, todo="Restore it from a backup.") from error

    def outline(self, path: Path, lock: str) -> Outline:
        """Read from a file's footer alone what it is like. Raises: LakeError as `read` does."""
        try:
            file = pq.ParquetFile(path, decryption_properties=self._decryption(path, lock))
        except (OSError, pa.ArrowException, ValueError) as error:
            raise LakeError("A file can't be read.", where=path.name, todo="Restore it from a backup.") from error
        names, metadata = file.schema_arrow.names, file.metadata
        groups = [metadata.row_group(number) for number in range(metadata.num_row_groups)]
        spans: list[tuple[int, int]] = []
        if ROW_ID in names:
            told = [group.column(names.index(ROW_ID)).statistics for group in groups]
            spans = [(each.min, each.max) for each in told if each is not None and each.has_min_max]
            spans = spans if len(spans) == len(groups) else [(-(2**63), 2**63 - 1)]
        coded = [
            name
            for place, name in enumerate(names)
            if groups and any("DICTIONARY" in each for each in groups[0].column(place).encodings)
        ]
        return Outline(file.schema_arrow, tuple(spans), tuple(coded))


@dataclass(frozen=True)
class Outline:
    """What a file's footer tells: its columns, the least and greatest row id of each row group, and which columns are
    kept as dictionaries."""

    schema: pa.Schema
    spans: tuple[tuple[int, int], ...]
    coded: tuple[str, ...]


def own_name(path: Path) -> bytes:
    """Give what names a file among all of a workspace: its folder and its name, which holds a random part."""
    return f"{path.parent.name}/{path.name}".encode()


class PartWriter:
    """One file being written; `close` makes it durable."""

    def __init__(self, path: Path, schema: pa.Schema, properties: object, coded: Sequence[str]) -> None:
        self.path = path
        self.rows = 0
        self._schema = schema
        dictionaries = [field.name for field in schema if pa.types.is_dictionary(field.type)]
        private_folder(path.parent)
        try:
            self._writer = pq.ParquetWriter(
                path,
                schema,
                encryption_properties=properties,
                compression=COMPRESSION,
                use_dictionary=[*{*coded, *dictionaries}],
                column_encoding={"row_id": "DELTA_BINARY_PACKED"} if "row_id" in schema.names else None,  # they rise
                store_schema=False,  # texts read back as texts, whether they were written as dictionaries or not
                write_statistics=["row_id"] if "row_id" in schema.names else False,
            )
        except OSError as error:
            path.unlink(missing_ok=True)  # a full disk can hold the file's name and none of its bytes
            raise out_of_disk(path) from error

    def write(self, table: pa.Table) -> None:
        """Append rows."""
        try:
            told = _alike(without_unused(table), self._schema)
            self._writer.write_table(told, row_group_size=ROW_GROUP_ROWS)
        except OSError as error:
            raise out_of_disk(self.path) from error
        self.rows += table.num_rows

    def close(self) -> int:
        """Finish the file and force it to the disk. Out: its size in bytes."""
        try:
            self._writer.close()
            with self.path.open("rb+") as file:
                os.fsync(file.fileno())
                return os.fstat(file.fileno()).st_size
        except OSError as error:
            raise out_of_disk(self.path) from error

    def abandon(self) -> None:
        """Give up the file: nothing of it stays."""
        with suppress(OSError, pa.ArrowException):  # the disk is full or the writer failed: the file goes either way
            self._writer.close()
        self.path.unlink(missing_ok=True)


def without_unused(table: pa.Table) -> pa.Table:
    """Give a table whose dictionaries hold only texts that stand in its rows.

    A row that was taken out of a table leaves its texts in them, and a file is written with all of its dictionary.
    """
    for place, field in enumerate(table.schema):
        if pa.types.is_dictionary(field.type):
            held = table.column(place).chunks
            chunks = [_only_used(chunk) for chunk in held]
            if any(new is not old for new, old in zip(chunks, held, strict=True)):
                table = table.set_column(place, field, pa.chunked_array(chunks, field.type))
    return table


def _only_used(chunk: pa.DictionaryArray) -> pa.DictionaryArray:
    indices = chunk.indices
    codes = indices.fill_null(0).to_numpy(zero_copy_only=False)
    given = indices.is_valid().to_numpy(zero_copy_only=False)
    used = np.zeros(len(chunk.dictionary), bool)
    used[codes[given]] = True
    if used.all():
        return chunk
    numbers = np.where(given, (np.cumsum(used) - 1)[codes], 0) if len(used) else codes
    dictionary = chunk.dictionary.filter(pa.array(used))
    return pa.DictionaryArray.from_arrays(pa.array(numbers.astype(np.int32), mask=~given), dictionary).cast(chunk.type)


def _alike(table: pa.Table, schema: pa.Schema) -> pa.Table:
    """Give a table the schema of the rows before it: columns that it lacks are NULL."""
    if table.schema == schema:
        return table
    for field in schema:
        if field.name not in table.column_names:
            table = table.append_column(field, pa.nulls(table.num_rows, field.type))
    return table.select(schema.names).cast(schema)


def private_folder(folder: Path) -> None:
    """Make a folder and those above it that are missing, each for its owner only."""
    for each in reversed([folder, *folder.parents]):
        if not each.exists():
            each.mkdir(mode=0o700, exist_ok=True)


def out_of_disk(path: Path) -> ResourceExhausted:
    """Say that a file of the lake could not be written."""
    return ResourceExhausted(
        "A file of the lake could not be written.",
        where=str(path.parent),
        why="The disk is full or can't be written to; what was under way has been undone.",
        todo="Free space on that disk and run the command again.",
    )
