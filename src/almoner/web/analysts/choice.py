"""Which areas are chosen, as a short text for an address: one bit for each area, after a mark of their list.

So that a choice is kept nowhere: it can be gone back from, and sent to a colleague. A list of other areas is noticed.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Collection, Sequence

from almoner.kernel.errors import UsageError

_MARK = 6
_LONGEST = 2000


def choice_text(chosen: Collection[str], codes: Sequence[str]) -> str:
    """Write which of some codes are chosen; nothing for none."""
    listed = sorted(codes)
    bits = sum(1 << place for place, code in enumerate(listed) if code in chosen)
    if not bits:
        return ""
    packed = bits.to_bytes((bits.bit_length() + 7) // 8, "little")
    return _mark(listed) + base64.urlsafe_b64encode(packed).decode().rstrip("=")


def choice_of_text(text: str, codes: Sequence[str]) -> frozenset[str]:
    """Read which codes are chosen. Raises: UsageError where the text is none, or of another list of areas."""
    if not text:
        return frozenset()
    listed = sorted(codes)
    mark, packed = text[:_MARK], text[_MARK:]
    try:
        bits = int.from_bytes(base64.b64decode(packed + "=" * (-len(packed) % 4), b"-_", validate=True), "little")
    except (binascii.Error, ValueError):
        bits = -1
    if len(text) > _LONGEST or mark != _mark(listed) or bits < 0 or bits >> len(listed):
        raise UsageError(
            "The choice in this address can't be read.",
            why="It was cut, or the areas have changed since.",
            todo="Choose the areas again.",
        )
    return frozenset(code for place, code in enumerate(listed) if bits >> place & 1)


def _mark(listed: Sequence[str]) -> str:
    return hashlib.sha256("|".join(listed).encode()).hexdigest()[:_MARK]
