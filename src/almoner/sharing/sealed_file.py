"""The encrypted file that leaves: its name says which extract it is, and nothing of whom."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field

from almoner.sharing.extracts import Share


@dataclass(frozen=True)
class SealedFile:
    """What the recipient is given. digest: SHA-256 of the bytes, to compare over another way."""

    share: str
    recipient: str
    name: str
    digest: str
    content: bytes = field(repr=False)


def sealed_file(share: Share, content: bytes) -> SealedFile:
    """Name an encrypted file."""
    digest = hashlib.sha256(content).hexdigest()
    return SealedFile(share.id, share.recipient, f"{share.id}-{share.recipient}.zip.age", digest, content)
