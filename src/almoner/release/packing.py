"""Packs a table of the ledger into bytes and back: codes as numbers of a list, so that a million cells stay small.

What comes out is secret: whoever keeps it encrypts it. Nothing but arrays and text is ever read back.
"""

from __future__ import annotations

import io
import json

import numpy as np

from almoner.methods.disclosure.released import ReleaseTable

_HEAD = "head"


def pack(table: ReleaseTable) -> bytes:
    """Pack a table."""
    lists: dict[str, list[str]] = {}
    arrays = {"low": table.low, "high": table.high, "exact": table.exact, "protected": table.protected}
    for place, (name, codes) in enumerate(sorted(table.codes.items())):
        known: dict[str, int] = {}
        arrays[f"codes{place}"] = np.array([known.setdefault(code, len(known)) for code in codes], dtype=np.int32)
        lists[name] = list(known)
    head = json.dumps({"release": table.release, "population": table.population, "lists": lists})
    out = io.BytesIO()
    np.savez_compressed(out, **arrays, **{_HEAD: np.frombuffer(head.encode(), dtype=np.uint8)})  # type: ignore[arg-type]
    return out.getvalue()


def unpack(content: bytes) -> ReleaseTable:
    """Read a table back."""
    with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
        head = json.loads(arrays[_HEAD].tobytes())
        codes = {
            name: np.array(words, dtype=object)[arrays[f"codes{place}"]].tolist()
            for place, (name, words) in enumerate(head["lists"].items())
        }
        return ReleaseTable(
            head["release"], head["population"], codes,
            arrays["low"], arrays["high"], arrays["exact"], arrays["protected"],
        )  # fmt: skip
