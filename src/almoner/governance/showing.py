"""What one person's page is read from: a document made by the gate from a purpose's own views, sealed in the snapshot.

A document is good for one registry and one day, as an index is: agreements lapse and retention ends between two days.
Who has restricted or objected since it was made is in no answer: then the views themselves are read. Must never hand
out a book, nor a document to whom the gate has not let through.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import threading
from collections import OrderedDict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from almoner.governance.permit import Permit
from almoner.governance.reads import Reads
from almoner.kernel.errors import LakeError
from almoner.kernel.steps import Step
from almoner.registry.registry import Registry
from almoner.store.catalogue import PartFile, SnapshotEntry
from almoner.store.engine import Session, literal, quoted
from almoner.store.lake import Lake
from almoner.store.sealed_book import SealedBook

ABOUT = "about"
"""The column of a piece that says in whose document a row belongs: a person's or an address's."""
PER_PART = 250_000
"""People whose documents are put together at once: beyond that, memory would grow with the council."""
MOST_OPEN = 6
"""Books that a process keeps open."""

Document = Mapping[str, list[dict[str, Any]]]
"""The rows of each piece."""


@dataclass(frozen=True)
class Piece:
    """One part of a document: a SELECT over everybody whose first column, `about`, says in whose document a row is.

    columns: the others, in order. of_place: it belongs to the document of an address.
    """

    name: str
    description: str
    sql: str
    columns: tuple[str, ...]
    reads: Reads
    of_place: bool = False


class Access(Protocol):
    """What says which columns a permit gives: the gate."""

    def columns_for(self, permit: Permit) -> dict[str, tuple[str, ...]]:
        """Give, for each dataset that a permit gives, the columns it gives."""


class View(Protocol):
    """A product's way to show one person.

    version: to be raised when the pieces change. places: the piece whose column `address_id` names addresses.
    """

    version: int
    places: str

    def pieces(self) -> Sequence[Piece]:
        """Give the parts of a document."""

    def needs(self, access: Access, permit: Permit) -> tuple[Sequence[Step], Reads]:
        """Give the steps that make what the pieces read, and all that is read."""


@dataclass(frozen=True)
class Shown:
    """What the gate gives of people.

    places: the documents of their addresses, where they were asked for. latest: as of which day each dataset was held
    when the documents were made.
    """

    people: Mapping[str, Document]
    places: Mapping[str, Document]
    latest: Mapping[str, dt.date]


def good_for(registry: Registry, permit: Permit, today: dt.date, version: int) -> str:
    """Name that for which something made for a purpose is good."""
    told = (registry.digest, permit.purpose, permit.form, permit.project, today, version)
    return hashlib.sha256("|".join(map(str, told)).encode()).hexdigest()[:16]


def book_part(registry: Registry, permit: Permit, today: dt.date, view: View) -> str:
    """Name the part of a snapshot that holds a permit's documents."""
    return f"view:{permit.purpose}:{good_for(registry, permit, today, view.version)}"


def showing_purposes(registry: Registry) -> list[str]:
    """Name the purposes under which one person is shown by name."""
    return [
        each.name
        for each in registry.purpose.values()
        if each.scope == "one_person" and each.form == "identifiable" and each.project != "required"
    ]


# ── making ───────────────────────────────────────────────────────────────────────────────────────────────────────


def kinds_of(session: Session, pieces: Sequence[Piece]) -> dict[str, list[list[str]]]:
    """Name each piece's columns and which of them are days: JSON has none."""
    found = {}
    for piece in pieces:
        schema = session.query(f"SELECT {_listed(piece)} FROM ({piece.sql}) LIMIT 0", piece.name).to_arrow().schema
        found[piece.name] = [[field.name, "day" if str(field.type).startswith("date") else ""] for field in schema]
    return found


def documents(session: Session, pieces: Sequence[Piece], people: int) -> Iterator[tuple[str, bytes]]:
    """Put everybody's documents together: a name with its document, in no order."""
    parts = max(1, -(-people // PER_PART))
    for part in range(parts):
        relation = session.query(_whole_sql(pieces, part, parts), "documents")
        for batch in relation.batches():
            names, told = (batch.column(place).to_pylist() for place in range(2))
            for name, text in zip(names, told, strict=True):
                yield name, b"{" + text.encode() + b"}"


def _whole_sql(pieces: Sequence[Piece], part: int, parts: int) -> str:
    chosen = f" AND hash({ABOUT}) % {parts} = {part}" if parts > 1 else ""
    each = [
        f"""SELECT {ABOUT}, {literal(f'"{piece.name}":')}
                   || CAST(to_json(list(json_array({_listed(piece)}))) AS VARCHAR) AS told
            FROM ({piece.sql}) WHERE {ABOUT} IS NOT NULL{chosen} GROUP BY {ABOUT}"""
        for piece in pieces
    ]
    return f"SELECT {ABOUT}, string_agg(told, ',') AS told FROM ({' UNION ALL '.join(each)}) GROUP BY {ABOUT}"


def _listed(piece: Piece) -> str:
    return ", ".join(map(quoted, piece.columns))


# ── reading ──────────────────────────────────────────────────────────────────────────────────────────────────────


def read_document(document: bytes, kinds: Mapping[str, list[list[str]]]) -> Document:
    """Read a document's rows, days as days; a piece of which there is nothing has none."""
    held = json.loads(document)
    return {name: [_row(row, columns) for row in held.get(name, ())] for name, columns in kinds.items()}


def _row(row: Sequence[Any], columns: list[list[str]]) -> dict[str, Any]:
    return {
        name: dt.date.fromisoformat(value) if kind and value is not None else value
        for (name, kind), value in zip(columns, row, strict=True)
    }


def names_any(document: bytes, people: Collection[str]) -> bool:
    """Say whether a document names one of these people."""
    return any(person.encode() in document for person in people)


_open: OrderedDict[tuple[str, str], SealedBook] = OrderedDict()
_damaged: set[tuple[str, str]] = set()
_lock = threading.Lock()


class BookShelf:
    """The books of one workspace's snapshot, opened once for each process.

    Whoever has a book in hand reads on in it, also when another snapshot has taken its place.
    """

    def __init__(self, lake: Lake) -> None:
        self._lake = lake

    def book(self, file: PartFile) -> SealedBook | None:
        """Give a book; None where another snapshot has taken its place, or it is damaged."""
        key = (str(self._lake.folder), file.path)
        with _lock:
            if key in _damaged:
                return None
            if key in _open:
                _open.move_to_end(key)
                return _open[key]
        try:
            found = self._lake.book(file)
        except LakeError:
            self.put_aside(file)
            return None
        if found is not None:
            with _lock:
                _open[key] = found
                while len(_open) > MOST_OPEN:
                    _open.popitem(last=False)
        return found

    def put_aside(self, file: PartFile) -> None:
        """Never open a book again that turned out to be damaged."""
        key = (str(self._lake.folder), file.path)
        with _lock:
            _damaged.add(key)
            _open.pop(key, None)

    def damaged(self, entry: SnapshotEntry) -> list[str]:
        """Name the parts of a snapshot that this process found damaged."""
        return [file.part for file in entry.files if (str(self._lake.folder), file.path) in _damaged]


def is_published(lake: Lake, person_id: str) -> bool:
    """Say whether a person of this id is in the snapshot; who asks records it."""
    entry, shelf = lake.catalogue.snapshot(), BookShelf(lake)
    for file in entry.files if entry is not None else ():
        if file.part.startswith("view:") and (book := shelf.book(file)) is not None:
            try:
                if book.get(person_id) is not None:
                    return True
            except LakeError:
                shelf.put_aside(file)
    return False
