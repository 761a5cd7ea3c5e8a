"""How long the ledger takes where everything is tied to everything: the publications of the attack suite, a larger place.

Old wards cut across small areas; months, years to date and rolling years overlap; ages nest; answers and drawn areas
fit none of it. Small counts are withheld and nothing is rounded, so that each release has to be mended.
"""

from __future__ import annotations

import resource
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

from almoner.methods.disclosure.check import check
from almoner.methods.disclosure.ledger import Ledger
from almoner.methods.disclosure.repair import suppress
from tests.attack_suite import borough, publications, table_of

LONGEST = 60.0
"""Processor seconds after which a size is given up, so that the whole can never hang."""


class _TooLong(Exception):
    pass


def growth(sizes: tuple[int, ...] = (4, 16, 64), longest: float = LONGEST) -> list[dict[str, Any]]:
    """Put the same publications of larger and larger places out, each size for so many processor seconds at most."""
    return [tangled(small_areas, 3, longest=longest) for small_areas in sizes]


def tangled(small_areas: int, months: int, base: int | None = None, longest: float = LONGEST) -> dict[str, Any]:
    """Put publications out one after another. Out: for each bulletin, what its check and its repair took."""
    measured: list[dict[str, Any]] = []
    started = time.process_time()
    try:
        with _at_most(longest):
            _put_out(small_areas, months, base, measured)
        ended = "all put out"
    except _TooLong:
        ended = f"given up after {longest:g} processor seconds"
    return {
        "small_areas": small_areas,
        "ended": ended,
        "releases": len(measured),
        "cells": measured[-1]["earlier_cells"] + measured[-1]["new_cells"] if measured else 0,
        "processor_seconds": round(time.process_time() - started, 1),
        "most_memory_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        "bulletins": [each for each in measured if each["new_cells"] > 2],
    }


@contextmanager
def _at_most(seconds: float) -> Iterator[None]:
    """Break off after some processor time."""

    def stop(number: int, frame: FrameType | None) -> None:
        raise _TooLong

    before = signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


def _put_out(small_areas: int, months: int, base: int | None, measured: list[dict[str, Any]]) -> None:
    place = borough(small_areas, 1.0, 1)
    ledger = Ledger(place.space())
    for each in publications(place, months):
        table = table_of(place, each, base)
        started = time.process_time()
        verdict = check(ledger, [table])
        checked = time.process_time()
        mended = suppress(ledger, (table,), verdict=verdict)
        measured.append(
            {
                "release": each.name,
                "new_cells": len(table),
                "earlier_cells": sum(len(each) for tables in ledger.tables.values() for each in tables),
                "counts_entangled": verdict.entangled,
                "findings": len(verdict.findings),
                "check_processor_seconds": round(checked - started, 2),
                "repair_processor_seconds": round(time.process_time() - checked, 2),
                "mended": mended is not None,
            }
        )
        ledger = ledger.with_tables(mended or ())
