"""A book of documents that were written once: each sealed by itself and found by a keyed digest of its name.

Neither names nor documents are in clear. A document that was altered, moved or taken from another book does not open.
Whoever has opened a book reads on in it, also once its file was removed. Must never give a document under another
name than its own.
"""

from __future__ import annotations

import hashlib
import json
import os
import struct
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from almoner.kernel.errors import LakeError
from almoner.store.encrypted_parquet import out_of_disk, own_name, private_folder

MAGIC = b"ALMBOOK1"
_END = struct.Struct("<QQ8s")
"""Where the footer begins, how long it is, and the magic: the last bytes of a file."""
_BUFFER = 1 << 20
_SIZE = struct.Struct("<I")
_CODEC = pa.Codec("lz4_raw")
"""Halves a small document in two microseconds; zlib takes twenty times as long to save a third more."""
_UNREADABLE = (OSError, ValueError, struct.error, InvalidTag, KeyError, OverflowError)  # pyarrow's errors are of these


class _Seal:
    """The seal of one file. Its key is the file's own, so a place in the file is never sealed twice under it."""

    def __init__(self, path: Path, key: bytes, *, encrypt: bool) -> None:
        self._names = key
        self._bound = own_name(path) + b"\0"
        self._cipher = AESGCM(key) if encrypt else None

    def digest(self, name: str) -> bytes:
        return hashlib.blake2b(name.encode(), key=self._names, digest_size=8).digest()

    def close(self, content: bytes, at: int, name: str) -> bytes:
        text = name.encode() + b"\0" + content
        packed = _SIZE.pack(len(text)) + _CODEC.compress(text, asbytes=True)
        return self._cipher.encrypt(_nonce(at), packed, self._bound + name.encode()) if self._cipher else packed

    def open(self, sealed: bytes, at: int, name: str) -> bytes:
        packed = self._cipher.decrypt(_nonce(at), sealed, self._bound + name.encode()) if self._cipher else sealed
        (size,) = _SIZE.unpack_from(packed)
        text: bytes = _CODEC.decompress(packed[_SIZE.size :], size, asbytes=True)
        said, _, content = text.partition(b"\0")
        if said != name.encode():
            raise InvalidTag
        return content


def _nonce(at: int) -> bytes:
    return at.to_bytes(12, "little")


class BookWriter:
    """One book being written; `close` makes it durable."""

    def __init__(self, path: Path, key: bytes, *, encrypt: bool) -> None:
        self.path = path
        self.documents = 0
        self._seal = _Seal(path, key, encrypt=encrypt)
        self._at = 0
        self._digests: list[bytes] = []
        self._places: list[int] = []
        private_folder(path.parent)
        try:
            self._file = path.open("xb", buffering=_BUFFER)
            path.chmod(0o600)
        except OSError as error:
            raise out_of_disk(path) from error

    def add(self, name: str, document: bytes) -> None:
        """Add a document under a name that no other has."""
        sealed = self._seal.close(document, self._at, name)
        self._digests.append(self._seal.digest(name))
        self._places.append(self._at)
        self._write(sealed)
        self.documents += 1

    def close(self, told: Mapping[str, Any]) -> int:
        """Finish the file and force it to the disk. In: told = what the book says of itself. Out: its size in bytes."""
        digests = np.frombuffer(b"".join(self._digests), "<u8")
        order = np.argsort(digests, kind="stable")
        starts = np.array([*self._places, self._at], "<u8")
        index = digests[order].tobytes() + starts[:-1][order].tobytes() + np.diff(starts)[order].astype("<u4").tobytes()
        begins = self._at
        self._write(index)
        footer = {"index": begins, "documents": self.documents, "digest": hashlib.sha256(index).hexdigest(), **told}
        at = self._at
        sealed = self._seal.close(json.dumps(footer).encode(), at, "")
        self._write(sealed)
        self._write(_END.pack(at, len(sealed), MAGIC))
        try:
            self._file.flush()
            os.fsync(self._file.fileno())
            self._file.close()
        except OSError as error:
            raise out_of_disk(self.path) from error
        return self._at

    def abandon(self) -> None:
        """Give up the book: nothing of it stays."""
        with suppress(OSError):
            self._file.close()
        self.path.unlink(missing_ok=True)

    def _write(self, content: bytes) -> None:
        try:
            self._file.write(content)
        except OSError as error:
            raise out_of_disk(self.path) from error
        self._at += len(content)


class SealedBook:
    """A book that is open for reading, by any number of threads."""

    def __init__(self, path: Path, key: bytes, *, encrypt: bool) -> None:
        """Open a book. Raises: LakeError where it is missing, cut short, altered or under another key."""
        self._name = path.name
        self._seal = _Seal(path, key, encrypt=encrypt)
        try:
            self._file = path.open("rb", buffering=0)
            size = os.fstat(self._file.fileno()).st_size
            at, length, magic = _END.unpack(self._part(size - _END.size, _END.size))
            if magic != MAGIC:
                raise ValueError
            footer = json.loads(self._seal.open(self._part(at, length), at, ""))
            index = self._part(footer["index"], at - footer["index"])
            count = footer["documents"]
            if hashlib.sha256(index).hexdigest() != footer["digest"]:
                raise ValueError
        except _UNREADABLE as error:
            raise self._damaged() from error
        self._digests = np.frombuffer(index, "<u8", count)
        self._starts = np.frombuffer(index, "<u8", count, offset=8 * count)
        self._lengths = np.frombuffer(index, "<u4", count, offset=16 * count)
        self.told: dict[str, Any] = footer
        """What the book says of itself."""

    def get(self, name: str) -> bytes | None:
        """Give the document of a name, if there is one. Raises: LakeError where it was altered."""
        digest = int.from_bytes(self._seal.digest(name), "little")
        at = int(np.searchsorted(self._digests, np.uint64(digest)))
        failed = None
        while at < len(self._digests) and int(self._digests[at]) == digest:
            start = int(self._starts[at])
            try:
                return self._seal.open(self._part(start, int(self._lengths[at])), start, name)
            except InvalidTag as error:  # two names can have one digest: the seal says whose it is
                failed = error
            except _UNREADABLE as error:
                raise self._damaged() from error
            at += 1
        if failed is not None:
            raise self._damaged() from failed
        return None

    def _part(self, at: int, length: int) -> bytes:
        read = os.pread(self._file.fileno(), length, at)
        if at < 0 or len(read) != length:
            raise ValueError
        return read

    def _damaged(self) -> LakeError:
        return LakeError("A file can't be read.", where=self._name, todo="Run 'almoner link': it is made anew.")
