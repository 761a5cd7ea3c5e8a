"""Reads the tags of a PDF as assistive technology does: the structure tree in reading order, with alternative texts."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass

from pypdf import PdfReader
from pypdf.generic import ArrayObject, DictionaryObject, PdfObject


@dataclass(frozen=True)
class Tag:
    """One element of the tree: its kind, how deep it is, and its alternative text."""

    kind: str
    depth: int
    alt: str = ""


class TaggedPdf:
    """A PDF with its tags."""

    def __init__(self, content: bytes) -> None:
        self.reader = PdfReader(io.BytesIO(content))
        self.root = self.reader.trailer["/Root"]
        self.tags = list(_walk(self.root["/StructTreeRoot"].get_object(), 0)) if "/StructTreeRoot" in self.root else []

    @property
    def text(self) -> str:
        """Give all text, with line ends as spaces."""
        return " ".join(" ".join(page.extract_text().split()) for page in self.reader.pages)

    @property
    def is_tagged(self) -> bool:
        """Say whether the file claims to be tagged, and to be PDF/UA-1."""
        marked = bool(self.root.get("/MarkInfo", {}).get("/Marked"))
        claims = b"pdfuaid" in self.root["/Metadata"].get_object().get_data()
        return marked and claims and bool(self.tags)

    def kinds(self) -> list[str]:
        """List the kinds of elements in reading order."""
        return [tag.kind for tag in self.tags]

    def alternatives(self) -> list[str]:
        """List the alternative texts of all figures; empty where one has none."""
        return [tag.alt for tag in self.tags if tag.kind == "Figure"]


def _walk(node: PdfObject | None, depth: int) -> Iterator[Tag]:
    node = node.get_object() if node is not None else None
    if isinstance(node, ArrayObject):
        for child in node:
            yield from _walk(child, depth)
    elif isinstance(node, DictionaryObject):
        if "/S" in node:
            yield Tag(str(node["/S"])[1:], depth, str(node.get("/Alt", "")))
        if "/K" in node:
            yield from _walk(node["/K"], depth + 1)
