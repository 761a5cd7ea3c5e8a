"""A key for each case, in a file of its own: destroying it makes all that was sealed under it unreadable for ever.

A database keeps what was deleted (PostgreSQL in dead rows and its log), so the keys never enter one. Each is wrapped by
a key that the master key protects. Must never give a new key in the place of one that is gone.
"""

from __future__ import annotations

import os
import re
import secrets
from pathlib import Path

from cryptography.hazmat.primitives.keywrap import InvalidUnwrap, aes_key_unwrap, aes_key_wrap

from almoner.kernel.errors import KeyMissing
from almoner.store.keys import KEY_BYTES

_NAME = re.compile(r"[A-Z]{3}-[0-9A-Z]{9}")


class CaseKeys:
    """The keys of cases. In: folder: where they lie; wrapping: the key that wraps them."""

    def __init__(self, folder: Path, wrapping: bytes) -> None:
        self._folder, self._wrapping = folder, wrapping

    def make(self, case_id: str) -> bytes:
        """Make the key of a new case, and have it on the disk before anything is sealed under it."""
        key = secrets.token_bytes(KEY_BYTES)
        self._folder.mkdir(mode=0o700, exist_ok=True)
        with os.fdopen(os.open(self._file(case_id), os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
            out.write(aes_key_wrap(self._wrapping, key))
            out.flush()
            os.fsync(out.fileno())
        self._sync()
        return key

    def key(self, case_id: str) -> bytes:
        """Give the key of a case. Raises: KeyMissing where it is gone, or was wrapped under another master key."""
        try:
            return aes_key_unwrap(self._wrapping, self._file(case_id).read_bytes())
        except (FileNotFoundError, InvalidUnwrap, ValueError) as error:
            raise KeyMissing(
                "The key of this case can't be opened.",
                where=f"case {case_id}",
                why="It is not there, or it was wrapped under another master key.",
                todo="Restore the folder 'case-keys' from a backup; what was disposed of can't be restored.",
            ) from error

    def destroy(self, case_id: str) -> None:
        """Destroy the key of a case: overwritten, then removed. Once more does nothing."""
        file = self._file(case_id)
        if not file.exists():
            return
        with file.open("r+b") as out:
            out.write(b"\0" * file.stat().st_size)
            out.flush()
            os.fsync(out.fileno())
        file.unlink()
        self._sync()

    def _file(self, case_id: str) -> Path:
        if not _NAME.fullmatch(case_id):
            raise KeyMissing("This names no case.")
        return self._folder / f"{case_id}.key"

    def _sync(self) -> None:
        handle = os.open(self._folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
