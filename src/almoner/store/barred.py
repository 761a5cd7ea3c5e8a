"""What was disposed of and may not come back: keyed references to records, and how a delivery is compared with them.

A reference is an HMAC: who has no key learns nothing from it, not even whether a record that they know is among them.
Since a delivery has millions of rows, each is first compared by a bucket, 32 bits of a keyed sum that is quick to
compute for all at once; only where that agrees is the reference computed.
"""

from __future__ import annotations

import hashlib
import hmac
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

WHOLE = ""
"""In place of a person slot: the row as a whole."""
UNREAD = "unread:"
"""In place of a person slot: a record that could not be accepted, known by the digest of its bytes."""
_LONGEST = 512
"""Bytes of a text that count for its bucket; its reference is made of all."""


@dataclass(frozen=True)
class Reference:
    """A record that was disposed of: in which dataset, as which slot's person, and its keyed reference."""

    dataset: str
    slot: str
    bucket: int
    reference: str


class Referrer:
    """Makes references under a workspace's key."""

    def __init__(self, key: bytes) -> None:
        self._key = key
        stream = Cipher(algorithms.AES(key), modes.CTR(bytes(16))).encryptor()
        self._weights = np.frombuffer(stream.update(bytes(8 * _LONGEST)), np.uint64) | np.uint64(1)

    def reference(self, dataset: str, text: str) -> str:
        """Give the reference of a record. In: text = its key, or what it says of the person where it has none."""
        return hmac.digest(self._key, f"{dataset}\x1f{text}".encode(), "sha256").hex()

    def buckets(self, texts: pa.Array | pa.ChunkedArray) -> npt.NDArray[np.uint32]:
        """Give each text its bucket; NULL has that of no text. Source: Carter and Wegman, universal hashing, 1979."""
        held = texts.combine_chunks() if isinstance(texts, pa.ChunkedArray) else texts
        plain = held.dictionary_decode() if pa.types.is_dictionary(held.type) else held
        large = plain.fill_null("").cast(pa.large_string())
        _, offsets_held, bytes_held = large.buffers()
        offsets = np.frombuffer(offsets_held, np.int64)[large.offset : large.offset + len(large) + 1]
        sums = np.zeros(len(large), np.uint64)
        if len(large) and bytes_held is not None and offsets[-1] > offsets[0]:
            values = np.frombuffer(bytes_held, np.uint8)[offsets[0] : offsets[-1]].astype(np.uint64) + np.uint64(1)
            lengths = np.diff(offsets)
            places = np.arange(len(values)) - np.repeat(offsets[:-1] - offsets[0], lengths)
            weights = np.where(places < _LONGEST, self._weights[np.minimum(places, _LONGEST - 1)], np.uint64(0))
            filled = lengths > 0
            sums[filled] = np.add.reduceat(values * weights, (offsets[:-1] - offsets[0])[filled])
        return (sums >> np.uint64(32)).astype(np.uint32)

    def refer(self, dataset: str, slots: Sequence[str], texts: Sequence[str]) -> list[Reference]:
        """Make the references of records. In: the slot and the text of each."""
        buckets = self.buckets(pa.array(texts, pa.string()))
        return [
            Reference(dataset, slot, int(bucket), self.reference(dataset, text))
            for slot, text, bucket in zip(slots, texts, buckets, strict=True)
        ]


def digests_of(raws: Sequence[bytes]) -> list[str]:
    """Give what the references of records that could not be accepted are made of."""
    return [hashlib.sha256(raw).hexdigest() for raw in raws]


class Barred:
    """What of one dataset may not come back."""

    def __init__(self, referrer: Referrer, dataset: str, references: Iterable[Reference]) -> None:
        self._referrer = referrer
        self._dataset = dataset
        self._slots: dict[str, set[str]] = defaultdict(set)
        buckets = set()
        for each in references:
            self._slots[each.reference].add(each.slot)
            buckets.add(each.bucket)
        self._buckets = np.array(sorted(buckets), np.uint32)

    def __bool__(self) -> bool:
        return bool(self._slots)

    def found_in(self, texts: pa.Array | pa.ChunkedArray) -> dict[int, frozenset[str]]:
        """Find what was disposed of among texts. Out: place → the slots that were; WHOLE for the row."""
        if not self._slots or not len(texts):
            return {}
        places = np.flatnonzero(np.isin(self._referrer.buckets(texts), self._buckets))
        found = {}
        for place in places.tolist():
            text = texts[place].as_py() or ""
            if slots := self._slots.get(self._referrer.reference(self._dataset, text)):
                found[place] = frozenset(slots)
        return found


class DisposedRecords(Protocol):
    """The port to the ledger of disposals. `records` implements it."""

    def barred(self, dataset: str) -> Barred | None:
        """Give what of a dataset may not come back; None where nothing was disposed of."""


class NothingDisposed:
    """A ledger in which nothing stands."""

    def barred(self, dataset: str) -> Barred | None:
        """Give nothing."""
        return None
