"""The shape of a page before it is HTML or Markdown: sections of paragraphs, lists, terms and tables.

Both renderings are made from one document, so that they cannot say different things. Nothing here knows the
registry or any wording, and no block carries markup of its own: text is text and is escaped by whoever
renders it.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import ClassVar, Literal

_SAFE_URL = re.compile(r"(https?://|mailto:|tel:)\S+\Z")

PageName = Literal["notice", "processing-record", "linkage-quality", "transparency-record"]


@dataclass(frozen=True)
class Link:
    """Text that leads somewhere: only to a web page, a mail address or a telephone number."""

    text: str
    url: str


@dataclass(frozen=True)
class Strong:
    """Text that stands out."""

    text: str


Part = str | Link | Strong
Line = tuple[Part, ...]


@dataclass(frozen=True)
class Paragraph:
    """A paragraph."""

    kind: ClassVar[str] = "paragraph"
    line: Line


@dataclass(frozen=True)
class Heading:
    """A heading within a section; its anchor is unique on the page."""

    kind: ClassVar[str] = "heading"
    text: str
    anchor: str


@dataclass(frozen=True)
class Bullets:
    """A list without order."""

    kind: ClassVar[str] = "bullets"
    items: tuple[Line, ...]


@dataclass(frozen=True)
class Terms:
    """Names with what they stand for."""

    kind: ClassVar[str] = "terms"
    pairs: tuple[tuple[str, Line], ...]


@dataclass(frozen=True)
class Table:
    """A table whose first column heads its row."""

    kind: ClassVar[str] = "table"
    caption: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    def __post_init__(self) -> None:
        if any(len(row) != len(self.head) for row in self.rows):
            raise ValueError("every row of a table has a cell for each heading")


Block = Paragraph | Heading | Bullets | Terms | Table


@dataclass(frozen=True)
class Section:
    """A numbered section."""

    number: int
    anchor: str
    title: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True)
class Document:
    """A page: what it is called, whose it is, what it says, and of which registry and day it is."""

    page: PageName
    title: str
    council: str
    service: str
    brand_colour: str
    sections: tuple[Section, ...]
    registry_digest: str
    as_of: dt.date

    @property
    def digest(self) -> str:
        """Digest what the page says: the same whenever the same registry is built, on whatever day.

        A change to the registry that changes no word of the page (a comment, a file's pattern) leaves it as
        it is.
        """
        said = replace(self, registry_digest="", as_of=dt.date.min)
        return sha256(repr(said).encode()).hexdigest()


def text(words: str) -> Paragraph:
    """Make a paragraph of plain words."""
    return Paragraph((one_line(words),))


def paragraphs(words: str) -> Iterator[Paragraph]:
    """Yield a paragraph for each part of a text that blank lines divide."""
    for part in re.split(r"\n\s*\n", words.strip()):
        yield text(part)


def bullets(items: Iterable[str]) -> Bullets:
    """Make a list of plain words."""
    return Bullets(tuple((one_line(item),) for item in items))


def link(words: str, url: str) -> Part:
    """Make a link, or plain words where there is no address that a page may lead to."""
    return Link(words, url) if _SAFE_URL.match(url) else words


def one_line(words: str) -> str:
    """Join words that a registry spreads over several lines."""
    return " ".join(words.split())


def plain(line: Line) -> str:
    """Give the words of a line without its links."""
    return "".join(part if isinstance(part, str) else part.text for part in line)


def listed(items: Iterable[str], empty: str = "none") -> str:
    """Join items that may themselves hold commas."""
    return "; ".join(one_line(item) for item in items) or empty
