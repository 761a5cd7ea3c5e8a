"""Seals what the unencrypted records database must not show: texts under a key, bound to what stands beside them.

Must never give a text whose neighbours were altered, and never fall back to plain text.
"""

from __future__ import annotations

import base64
import json
import secrets
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from almoner.kernel.errors import KeyMissing

NONCE_BYTES = 12
"""Source: NIST SP 800-38D: a random nonce of 96 bits."""


class Seal:
    """Seals and opens documents and bytes with one key."""

    def __init__(self, key: bytes) -> None:
        self._cipher = AESGCM(key)

    def close(self, document: dict[str, Any], bound: bytes) -> str:
        """Seal a document. In: bound = what it stands beside, which nobody may alter unseen."""
        return base64.b64encode(self.close_bytes(json.dumps(document).encode(), bound)).decode()

    def open(self, sealed: str, bound: bytes, *, what: str, where: str) -> dict[str, Any]:
        """Open a document. Raises: KeyMissing where it was sealed under another key, or altered."""
        text = self.open_bytes(base64.b64decode(sealed), bound, what=what, where=where)
        document: dict[str, Any] = json.loads(text)
        return document

    def close_bytes(self, content: bytes, bound: bytes) -> bytes:
        """Seal bytes, as `close` a document."""
        nonce = secrets.token_bytes(NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, content, bound)

    def open_bytes(self, sealed: bytes, bound: bytes, *, what: str, where: str) -> bytes:
        """Open bytes. Raises: KeyMissing where they were sealed under another key, or altered."""
        try:
            return self._cipher.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], bound)
        except InvalidTag as error:
            raise KeyMissing(
                f"{what} can't be opened.",
                where=where,
                why="It was written under another master key, or the records were altered.",
                todo="Give the workspace's own master key, or restore the records from a backup.",
            ) from error
