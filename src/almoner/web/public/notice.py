"""The privacy notice and the record of processing, made from the registry, so never out of date."""

from __future__ import annotations

import datetime as dt

from django.http import HttpResponse

from almoner.notice.blocks import Document
from almoner.notice.processing_record import processing_record as record_of
from almoner.notice.public_notice import public_notice
from almoner.registry.registry import Registry
from almoner.web.pages import EVERYBODY, Visit, page
from almoner.web.rendering import render

_made: dict[tuple[str, str, dt.date], Document] = {}


@page("privacy/", need=EVERYBODY, purpose="Telling people how their information is used")
def privacy(visit: Visit) -> HttpResponse:
    """Show the privacy notice with its contents list."""
    return _document(visit, "notice", printed=False)


@page("privacy/print/", need=EVERYBODY, purpose="Telling people how their information is used, on paper")
def privacy_print(visit: Visit) -> HttpResponse:
    """Show the privacy notice as it is printed: nothing around it."""
    return _document(visit, "notice", printed=True)


@page("processing-record/", need=EVERYBODY, purpose="Showing the record of processing activities (UK GDPR Art 30)")
def processing_record(visit: Visit) -> HttpResponse:
    """Show the record of processing."""
    return _document(visit, "record", printed=False)


def _document(visit: Visit, which: str, *, printed: bool) -> HttpResponse:
    document = document_of(visit.site.workspace.registry, which, visit.site.now.date())
    return render(
        visit,
        "public/document_print.html" if printed else "public/document.html",
        title=document.title,
        document=document,
        print_page="privacy_print" if which == "notice" else "",
    )


def document_of(registry: Registry, which: str, today: dt.date) -> Document:
    """Make a document once a day: it changes with the registry only."""
    key = (registry.digest, which, today)
    if key not in _made:
        if len(_made) > 8:
            _made.clear()
        _made[key] = public_notice(registry, as_of=today) if which == "notice" else record_of(registry, as_of=today)
    return _made[key]
