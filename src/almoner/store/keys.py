"""The master key and the keys it protects: one for each tier, wrapped in `keys.json`.

The master key comes from the environment or from a file that only its owner can read. It never enters a log, an
error, a SQL text or a child process's arguments.
"""

from __future__ import annotations

import base64
import binascii
import json
import os
import secrets
import stat
from pathlib import Path

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.keywrap import InvalidUnwrap, aes_key_unwrap, aes_key_wrap

from almoner.kernel.errors import KeyMissing

MASTER_KEY_VARIABLE = "ALMONER_MASTER_KEY"
KEY_BYTES = 32
LOCK_NAMES = ("identity", "general", "special", "criminal", "quarantine", "spine", "workspace")
"""What has a key of its own: the four tiers, the quarantine, the spine, analysts' workspaces."""


def read_master_key(file: Path) -> bytes:
    """Read the master key from the environment, else from a file with mode 0600.

    Raises: KeyMissing, which never shows the key.
    """
    text = os.environ.get(MASTER_KEY_VARIABLE)
    where = f"environment variable {MASTER_KEY_VARIABLE}"
    if text is None:
        where = str(file)
        if not file.is_file():
            raise KeyMissing(
                "The master key is not here.",
                where=where,
                why="Everything in the lake is encrypted under keys that it protects.",
                todo=f"Set {MASTER_KEY_VARIABLE}, or put the key file back (mode 0600).",
            )
        if stat.S_IMODE(file.stat().st_mode) & 0o077:
            raise KeyMissing(
                "The master key file can be read by others.",
                where=where,
                why="Whoever reads it can read every record.",
                todo=f"Run: chmod 600 {file}",
            )
        text = file.read_text()
    try:
        key = base64.b64decode(text.strip(), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if len(key) != KEY_BYTES:
        raise KeyMissing("The master key is not 32 bytes in Base64.", where=where, todo="Give the key that was made.")
    return key


def make_master_key(file: Path) -> None:
    """Write a new master key to a file that only its owner can read; refuse to overwrite one."""
    file.parent.mkdir(parents=True, exist_ok=True)
    if not file.exists():
        _write_once(file, base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode())


class KeyRing:
    """The unwrapped keys of one workspace, in memory only."""

    def __init__(self, master: bytes, keys: dict[str, bytes]) -> None:
        self._master = master
        self._keys = keys

    def __repr__(self) -> str:
        return f"KeyRing({', '.join(sorted(self._keys))})"

    def __reduce__(self) -> str:
        raise TypeError("a key ring can't be pickled: keys stay in this process")

    def key(self, name: str) -> bytes:
        """Give the key of a lock by its name."""
        return self._keys[name]

    def derived(self, context: str) -> bytes:
        """Derive a 32-byte key for one context, e.g. 'audit.signing' or 'pseudonym:project'.

        Source: RFC 5869 (HKDF).
        """
        return HKDF(SHA256(), KEY_BYTES, salt=None, info=f"almoner:{context}".encode()).derive(self._master)


def open_key_ring(key_file: Path, ring_file: Path) -> KeyRing:
    """Unwrap the workspace's keys with its master key, making them the first time.

    Raises: KeyMissing where the master key is not the one that wrapped them.
    """
    master = read_master_key(key_file)
    wrapping = HKDF(SHA256(), KEY_BYTES, salt=None, info=b"almoner:wrapping").derive(master)
    if not ring_file.exists():
        _write_ring(ring_file, {name: secrets.token_bytes(KEY_BYTES) for name in LOCK_NAMES}, wrapping)
    try:
        wrapped = json.loads(ring_file.read_text())["keys"]
        keys = {name: aes_key_unwrap(wrapping, base64.b64decode(text)) for name, text in wrapped.items()}
    except (InvalidUnwrap, ValueError, KeyError, TypeError, AttributeError) as error:
        raise KeyMissing(
            "The master key does not open this workspace's keys.",
            where=str(ring_file),
            why="It is another workspace's key, or the key file was altered.",
            todo="Give the master key with which the workspace was made, or restore keys.json from a backup.",
        ) from error
    return KeyRing(master, keys)


def _write_ring(file: Path, keys: dict[str, bytes], wrapping: bytes) -> None:
    """Write the wrapped keys."""
    wrapped = {name: base64.b64encode(aes_key_wrap(wrapping, key)).decode() for name, key in keys.items()}
    _write_once(file, json.dumps({"version": 1, "keys": wrapped}, indent=2))


def _write_once(file: Path, text: str) -> None:
    """Write a file that only its owner can read: whole or not at all, and of several processes exactly one wins."""
    temporary = file.with_name(f".{file.name}.{secrets.token_hex(6)}")
    try:
        with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
            out.write(text + "\n")
            out.flush()
            os.fsync(out.fileno())
        os.link(temporary, file)
    except FileExistsError:
        pass
    finally:
        temporary.unlink(missing_ok=True)
