"""How long the ledger takes where everything is tied to everything: the publications of the attack suite, a larger place.

Old wards cut across small areas; months, years to date and rolling years overlap; ages nest; answers and drawn areas
fit none of it. Small counts are withheld and nothing is rounded, so that each release has to be mended.
"""

from __future__ import annotations

import time
from typing import Any

from almoner.methods.disclosure.check import check
from almoner.methods.disclosure.ledger import Ledger
from almoner.methods.disclosure.repair import suppress
from tests.attack_suite import borough, publications, table_of


def tangled(small_areas: int, months: int, base: int | None = None) -> list[dict[str, Any]]:
    """Put publications out one after another. Out: for each, what its check and its repair took."""
    place, measured = borough(small_areas, 1.0, 1), []
    ledger = Ledger(place.space())
    for each in publications(place, months):
        if not each.cells:
            continue
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
    return measured
