"""What one disposal takes away, as row ids and persons: written down whole before anything is touched.

It names no value. Row ids lead to nothing once the rows are gone; while they are there, it is kept sealed.
"""

from __future__ import annotations

import base64
import json
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from almoner.store.barred import Reference
from almoner.store.catalogue import ROW_ID_SHIFT
from almoner.store.rewriting import RowIds, row_ids

_NONE = row_ids([])
_ARRAYS = ("rows", "anonymised", "quarantined", "emptied")


@dataclass(frozen=True)
class Work:
    """What is to be taken away.

    rows: accepted rows. anonymised: rows of which codes, amounts and years stay. quarantined: rows of quarantine, as
    delivery × 2**32 + position. emptied: deliveries of which every file goes (their numbers). people: slot → rows in
    which that person alone is blanked. gone: persons of whom nothing may be left. references: what is kept out from now
    on.
    """

    rows: RowIds = field(default_factory=lambda: _NONE)
    anonymised: RowIds = field(default_factory=lambda: _NONE)
    quarantined: RowIds = field(default_factory=lambda: _NONE)
    emptied: RowIds = field(default_factory=lambda: _NONE)
    people: Mapping[tuple[str, str], RowIds] = field(default_factory=dict)
    """(dataset, slot) → rows."""
    gone: tuple[str, ...] = ()
    references: tuple[Reference, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.gone or self.people or any(len(getattr(self, name)) for name in _ARRAYS))

    def deliveries(self) -> frozenset[int]:
        """Give the numbers of the deliveries that it touches."""
        blanked = list(self.people.values())
        rows = np.concatenate([self.rows, self.anonymised, self.quarantined, *blanked])
        return frozenset(np.unique(rows >> ROW_ID_SHIFT).tolist()) | frozenset(self.emptied.tolist())

    def of_delivery(self, number: int) -> Work:
        """Give the part of it that one delivery holds."""
        people = {key: found for key, rows in self.people.items() if len(found := _within(rows, number))}
        return Work(
            rows=_within(self.rows, number),
            anonymised=_within(self.anonymised, number),
            quarantined=_within(self.quarantined, number),
            emptied=self.emptied[self.emptied == number],
            people=people,
        )


def _within(rows: RowIds, number: int) -> RowIds:
    first, last = np.searchsorted(rows, [number << ROW_ID_SHIFT, (number + 1) << ROW_ID_SHIFT])
    return rows[first:last]


def joined(works: Sequence[Work]) -> Work:
    """Give several works as one."""
    if not works:
        return Work()
    people: dict[tuple[str, str], RowIds] = {}
    for key, rows in ((key, rows) for work in works for key, rows in work.people.items()):
        people[key] = row_ids(np.concatenate([people.get(key, _NONE), rows]))
    arrays: dict[str, Any] = {n: row_ids(np.concatenate([getattr(work, n) for work in works])) for n in _ARRAYS}
    return Work(
        **arrays,
        people=people,
        gone=tuple(dict.fromkeys(person for work in works for person in work.gone)),
        references=tuple(dict.fromkeys(each for work in works for each in work.references)),
    )


def still_due(work: Work, now: Work) -> Work:
    """Give what of a work that was looked at some time ago is due now as well."""
    both: dict[str, Any] = {name: np.intersect1d(getattr(work, name), getattr(now, name)) for name in _ARRAYS}
    return Work(**both, references=tuple(each for each in work.references if each in set(now.references)))


def packed(work: Work) -> bytes:
    """Write work as bytes, to be sealed."""
    document = {
        **{name: _text(getattr(work, name)) for name in _ARRAYS},
        "people": [[*key, _text(rows)] for key, rows in work.people.items()],
        "gone": list(work.gone),
        "references": [[each.dataset, each.slot, each.bucket, each.reference] for each in work.references],
    }
    return zlib.compress(json.dumps(document).encode())


def unpacked(content: bytes) -> Work:
    """Read work back."""
    read: dict[str, Any] = json.loads(zlib.decompress(content))
    return Work(
        **{name: _rows(read[name]) for name in _ARRAYS},
        people={(dataset, slot): _rows(text) for dataset, slot, text in read["people"]},
        gone=tuple(read["gone"]),
        references=tuple(Reference(*each) for each in read["references"]),
    )


def _text(rows: RowIds) -> str:
    return base64.b64encode(zlib.compress(np.diff(rows, prepend=np.int64(0)).tobytes(), 1)).decode()


def _rows(text: str) -> RowIds:
    return np.cumsum(np.frombuffer(zlib.decompress(base64.b64decode(text)), np.int64))
