"""How measured figures of linkage read: a share with its interval and the number of people behind it.

A figure of few people is withheld, a missing one says so, and none is shown without its interval.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from almoner.methods.cells import Cell, Marker
from almoner.methods.disclosure.primary import LARGEST_SMALL_COUNT, ROUNDING_BASE
from almoner.methods.disclosure.rounding import round_to
from almoner.notice.blocks import Table
from almoner.notice.phrases import on_day

Figure = Mapping[str, Any]
"""value, low, high, n: as linkage.quality_document writes an estimate."""

MISSING = Cell.not_available("nothing tells").text()
WITHHELD = Cell.suppressed().text()
BELOW = {"precision": "precision below all", "recall": "recall below all"}


def figure_text(figure: Figure | None, unit: str = "people") -> str:
    """Write a figure: '98.4% (97.5% to 99.9%; 1,710 people)', '[c]', '[x]'. In: unit = what it rests on."""
    if figure is None:
        return MISSING
    if figure["n"] <= LARGEST_SMALL_COUNT:
        return WITHHELD
    between = f"{percent(figure['low'])} to {percent(figure['high'])}"
    return f"{percent(figure['value'])} ({between}; {about(figure['n'], unit)})"


def percent(share: float) -> str:
    """Write a share in per cent, to a tenth; what is not all is never written as 100%."""
    shown = f"{100 * share:.1f}%"
    return "99.9%" if shown == "100.0%" and share < 1 else shown


def about(number: float, unit: str = "people") -> str:
    """Write a number of people, or of what else, rounded."""
    return f"{round_to([number], ROUNDING_BASE)[0]:,.0f} {unit}"


def figures_table(caption: str, head: str, rows: list[tuple[str, Mapping[str, Any]]], unit: str = "people") -> Table:
    """Make a table of precision and recall by group. In: (name, {precision, recall, below}); what they rest on."""
    return Table(
        caption,
        (head, "Precision", "Recall", "Remark"),
        tuple(
            (
                name,
                figure_text(found["precision"], unit),
                figure_text(found["recall"], unit),
                ", ".join(BELOW[each] for each in found.get("below", ()) if _shown(found[each])) or "–",
            )
            for name, found in rows
        ),
    )


def published(document: Any) -> Any:
    """Give a document of figures as it may leave: numbers of people rounded, figures of few people withheld."""
    if isinstance(document, Mapping):
        if {"value", "low", "high", "n"} <= set(document):
            if document["n"] <= LARGEST_SMALL_COUNT:
                return str(Marker.SUPPRESSED)
            return {**document, "n": int(round_to([document["n"]], ROUNDING_BASE)[0])}
        shown = {name: published(value) for name, value in document.items()}
        if shown.get("below"):
            shown["below"] = [name for name in shown["below"] if isinstance(shown[name], dict)]
        return shown
    if isinstance(document, list):
        return [published(each) for each in document]
    return document


def day_text(document: Mapping[str, Any]) -> str:
    """Write the day that a document's figures are of."""
    day = document.get("as_of")
    return on_day(dt.date.fromisoformat(day)) if day else "a day that no delivery tells"


def _shown(figure: Figure | None) -> bool:
    return figure is not None and figure["n"] > LARGEST_SMALL_COUNT
