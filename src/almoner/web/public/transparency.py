"""The algorithmic transparency records: how records are joined, and how well, as the last run measured it."""

from __future__ import annotations

import threading

from django.http import HttpResponse

from almoner.notice.blocks import Document
from almoner.web.pages import EVERYBODY, Visit, page
from almoner.web.rendering import render
from almoner.wiring.link_report import linkage_record

KEPT_SECONDS = 600
_lock = threading.Lock()
_kept: list[tuple[str, float, Document | None]] = []


@page("transparency/", need=EVERYBODY, purpose="Saying where algorithms are used about people")
def transparency(visit: Visit) -> HttpResponse:
    """List the records."""
    return render(visit, "public/transparency.html", title="Algorithmic transparency records", record=record_of(visit))


@page("transparency/joining-records/", need=EVERYBODY, purpose="Saying how records about one person are joined")
def transparency_record(visit: Visit) -> HttpResponse:
    """Show the record about joining."""
    found = record_of(visit)
    if found is None:
        return render(visit, "public/transparency.html", title="Algorithmic transparency records", record=None)
    return render(visit, "public/document.html", title=found.title, document=found, print_page="")


def record_of(visit: Visit) -> Document | None:
    """Make the record, at most every ten minutes: it changes with a run."""
    key, now = str(visit.site.root), visit.site.now.timestamp()
    with _lock:
        if not _kept or _kept[0][0] != key or now - _kept[0][1] > KEPT_SECONDS:
            _kept[:] = [(key, now, linkage_record(visit.site.workspace))]
        return _kept[0][2]
