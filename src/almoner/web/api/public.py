"""For everybody's programs: what was published, the notice, the records about algorithms. They show nobody."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.http import HttpRequest
from ninja import Query

from almoner.kernel.errors import NotFound
from almoner.notice.blocks import Bullets, Document, Heading, Line, Paragraph, Table, Terms, plain
from almoner.web.api.routes import route, visit_of
from almoner.web.api.shapes import Listed, Part, Shape, part_of
from almoner.web.pages import EVERYBODY
from almoner.web.public.notice import document_of
from almoner.web.public.transparency import record_of
from almoner.web.rendering import address
from almoner.wiring.publishing import public_figures, public_files, public_release, public_releases

Words = str | int | float | None


class ReleaseEntry(Shape):
    """A release in the release log."""

    id: str
    title: str
    state: str
    purpose: str
    cells: int
    released_at: dt.datetime | None
    withdrawn_at: dt.datetime | None


class FileEntry(Shape):
    """A file of a release: where it is given out, and by what to know that it is whole."""

    name: str
    address: str
    digest: str
    size: int


class TableEntry(Shape):
    """A table of a release."""

    name: str
    title: str
    rows: int


class ReleaseDocument(ReleaseEntry):
    """A release: what has to be known of its figures, its tables and its files."""

    about: dict[str, str]
    protection: str
    markers: dict[str, str]
    notes: list[str]
    tables: list[TableEntry]
    files: list[FileEntry]


class Heads(Shape):
    """A column of a table."""

    name: str
    title: str


class Figures(Shape):
    """A part of a table of a release. A sign in the place of a number is a text: `markers` says what it means."""

    release: str
    name: str
    title: str
    notes: list[str]
    columns: list[Heads]
    rows: list[list[Words]]
    limit: int
    offset: int
    total: int
    more: bool


class SectionDocument(Shape):
    """A section of a page: blocks of text, each with its kind."""

    number: int
    title: str
    blocks: list[dict[str, Any]]


class PageDocument(Shape):
    """A page as a document."""

    title: str
    council: str
    service: str
    as_of: dt.date
    digest: str
    sections: list[SectionDocument]


class RecordEntry(Shape):
    """A record about an algorithm."""

    title: str
    address: str
    as_of: dt.date


@route("releases", need=EVERYBODY, purpose="Showing what was published, and what was taken back",
       answers=Listed[ReleaseEntry])  # fmt: skip
def api_releases(request: HttpRequest, part: Query[Part]) -> dict[str, object]:
    """List what was released to the public, the newest first."""
    return part_of(public_releases(visit_of(request).site.workspace), part)


@route("releases/<str:release_id>", need=EVERYBODY, purpose="Showing a release, its tables and its files",
       answers=ReleaseDocument)  # fmt: skip
def api_release(request: HttpRequest, release_id: str) -> dict[str, object]:
    """Show a release."""
    workspace = visit_of(request).site.workspace
    found = public_release(workspace, release_id)
    said = public_figures(workspace, found) or {}
    return {
        **{name: getattr(found, name) for name in ReleaseEntry.model_fields},
        **{name: said.get(name, empty) for name, empty in _NOTHING_SAID.items()},
        "tables": [
            {"name": each["name"], "title": each["title"], "rows": len(each["rows"])} for each in said.get("tables", ())
        ],
        "files": [
            {**vars(each), "address": address("release_file", release_id=found.id, name=each.name)}
            for each in public_files(workspace, found)
        ],
    }


_NOTHING_SAID: dict[str, object] = {"about": {}, "protection": "", "markers": {}, "notes": []}


@route("releases/<str:release_id>/tables/<str:name>", need=EVERYBODY, purpose="Giving out published figures",
       answers=Figures)  # fmt: skip
def api_release_figures(request: HttpRequest, release_id: str, name: str, part: Query[Part]) -> dict[str, object]:
    """Give out the figures of a table, as they were published."""
    workspace = visit_of(request).site.workspace
    said = public_figures(workspace, public_release(workspace, release_id)) or {}
    found = next((each for each in said.get("tables", ()) if each["name"] == name), None)
    if found is None:
        raise NotFound("There is no such table.", todo="The release names its tables.")
    listed = part_of(found["rows"], part)
    rows = listed.pop("items")
    return {"release": release_id, **{key: found[key] for key in ("name", "title", "notes", "columns")},
            "rows": rows, **listed}  # fmt: skip


@route("notice", need=EVERYBODY, purpose="Telling people how their information is used", answers=PageDocument)
def api_notice(request: HttpRequest) -> dict[str, object]:
    """Give the privacy notice."""
    return _page(_registry_page(request, "notice"))


@route("processing-record", need=EVERYBODY, purpose="Showing the record of processing activities (UK GDPR Art 30)",
       answers=PageDocument)  # fmt: skip
def api_processing_record(request: HttpRequest) -> dict[str, object]:
    """Give the record of processing."""
    return _page(_registry_page(request, "record"))


@route("transparency", need=EVERYBODY, purpose="Saying where algorithms are used about people",
       answers=Listed[RecordEntry])  # fmt: skip
def api_transparency(request: HttpRequest, part: Query[Part]) -> dict[str, object]:
    """List the records about algorithms."""
    found = record_of(visit_of(request))
    records = [found] if found else []
    entries = [
        {"title": each.title, "address": address("api_transparency_record"), "as_of": each.as_of} for each in records
    ]
    return part_of(entries, part)


@route("transparency/joining-records", need=EVERYBODY, purpose="Saying how records about one person are joined",
       answers=PageDocument)  # fmt: skip
def api_transparency_record(request: HttpRequest) -> dict[str, object]:
    """Give the record about joining."""
    found = record_of(visit_of(request))
    if found is None:
        raise NotFound("No records have been joined here yet.")
    return _page(found)


def _registry_page(request: HttpRequest, which: str) -> Document:
    site = visit_of(request).site
    return document_of(site.workspace.registry, which, site.now.date())


def _page(document: Document) -> dict[str, object]:
    return {
        **{name: getattr(document, name) for name in ("title", "council", "service", "as_of", "digest")},
        "sections": [
            {"number": each.number, "title": each.title, "blocks": [_block(block) for block in each.blocks]}
            for each in document.sections
        ],
    }


def _block(block: Paragraph | Heading | Bullets | Terms | Table) -> dict[str, Any]:
    """Give a block of a page: its kind, and its words without marks."""
    said: dict[str, Any] = {"kind": block.kind}
    if isinstance(block, Paragraph):
        return {**said, "text": plain(block.line)}
    if isinstance(block, Heading):
        return {**said, "text": block.text}
    if isinstance(block, Bullets):
        return {**said, "items": _plain(block.items)}
    if isinstance(block, Terms):
        return {**said, "terms": [{"name": name, "text": plain(line)} for name, line in block.pairs]}
    return {**said, "caption": block.caption, "head": list(block.head), "rows": [list(row) for row in block.rows]}


def _plain(lines: tuple[Line, ...]) -> list[str]:
    return [plain(line) for line in lines]
