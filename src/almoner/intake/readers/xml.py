"""Reads XML as a stream of one repeated element, wanted values picked by path.

A document type declaration refuses the file: entities are the way in for bombs and for reading other files,
and a data extract needs none. Nothing is fetched, and no message repeats what the parser says, which may
quote values.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from lxml import etree

from almoner.intake.readers.batch import RECORD_CAP_BYTES, BadRecord, RawBatch, Wanted
from almoner.intake.readers.nested import Gathering
from almoner.intake.readers.selectors import TEXT, xml_path
from almoner.kernel.errors import DeliveryRefused, RegistryError

_INSTANCE = "{http://www.w3.org/2001/XMLSchema-instance}"
_HEAD_BYTES, _TAIL_BYTES = 1 << 16, 1 << 12
_OUTSIDE = "/"  # in front of the names in `ignore` that stand beside the records


@dataclass(frozen=True, slots=True)
class XmlOptions:
    """How an XML file is written. `record`: the repeated element, as a local name or '{namespace}name'.
    `ignore`: paths (without selectors) allowed and not wanted; '/Name' for an element outside the records."""

    record: str
    ignore: Collection[str] = ()
    batch_rows: int = 10_000

    def __post_init__(self) -> None:
        if not re.fullmatch(r"(\{[^}]+\})?[\w.\-]+", self.record):
            raise RegistryError("the repeated element must be a name or '{namespace}name'")


def open_xml(path: Path, wanted: Mapping[str, Wanted], options: XmlOptions) -> XmlReader:
    """Open an XML file. `wanted` is keyed by path; whether required or not, what is absent is read as empty.

    XML leaves out what is empty, so that nothing follows from an absence. A renamed element is an extra one.
    """
    return XmlReader(Path(path), wanted, options)


class XmlReader:
    """Reads one XML file; see `Reader`."""

    def __init__(self, path: Path, wanted: Mapping[str, Wanted], options: XmlOptions) -> None:
        self._path, self._wanted, self._options = path, wanted, options
        self._inside = [name for name in options.ignore if not name.startswith(_OUTSIDE)]
        self._beside = {name.lstrip(_OUTSIDE) for name in options.ignore if name.startswith(_OUTSIDE)}
        self._rows = 0
        self._gathering()
        with path.open("rb") as file:
            self._head = file.read(_HEAD_BYTES).replace(b"\0", b"")  # without what UTF-16 adds
        if not self._head:
            raise DeliveryRefused(
                "the file is empty (0 bytes)", where=path.name, todo="Ask the supplier to send it again."
            )
        if b"<!DOCTYPE" in self._head:
            raise self._doctype()

    @property
    def rows_in(self) -> int:
        """Give the records met so far."""
        return self._rows

    def read(self) -> Iterator[RawBatch | BadRecord]:
        """Give the records. Raises: DeliveryRefused, at any step, for a file cut off or not as declared."""
        self._rows = 0
        gathering = self._gathering()
        for element in self._elements(gathering):
            self._rows += 1
            bad = self._take(gathering, element)
            if bad is not None:
                yield bad
            if len(gathering) >= self._options.batch_rows and not gathering.extra:
                yield gathering.batch()
        if len(gathering) and not gathering.extra:
            yield gathering.batch()
        gathering.finish(may_omit=True)

    def _gathering(self) -> Gathering:
        return Gathering(self._wanted, self._inside, xml_path, True, self._path.name)

    def _take(self, gathering: Gathering, element: Any) -> BadRecord | None:
        raw = partial(etree.tostring, element, encoding="utf-8", with_tail=False)
        bad = gathering.add(self._rows, as_value(element) or {}, raw)
        if bad is not None and len(bad.raw) > RECORD_CAP_BYTES:
            return BadRecord(bad.position, bad.raw[:RECORD_CAP_BYTES], bad.column, bad.code, bad.message)
        return bad

    def _elements(self, gathering: Gathering) -> Iterator[Any]:
        """Give each record's element, detached from the document once the next one has begun."""
        name = self._options.record if self._options.record.startswith("{") else "{*}" + self._options.record
        events = etree.iterparse(
            str(self._path),
            events=("start", "end"),
            tag=name,
            resolve_entities=False,
            no_network=True,
            load_dtd=False,
            huge_tree=False,
            remove_comments=True,
            remove_pis=True,
        )
        depth = 0
        try:
            for event, element in events:
                depth += 1 if event == "start" else -1
                if event == "start" and depth == 1:
                    self._refuse_doctype(element)
                    self._clear_before(element, gathering)
                elif event == "end" and depth == 0:
                    yield element
        except etree.XMLSyntaxError as error:
            raise self._broken(error) from None
        self._refuse_doctype(events.root)
        self._note_beside(events.root, gathering)

    def _refuse_doctype(self, element: Any) -> None:
        if element.getroottree().docinfo.internalDTD is not None:
            raise self._doctype()

    def _doctype(self) -> DeliveryRefused:
        return DeliveryRefused(
            "the file has a document type declaration",
            where=self._path.name,
            why="entities could expand without limit or read other files",
            todo="Ask the supplier for XML without DOCTYPE.",
        )

    def _clear_before(self, element: Any, gathering: Gathering) -> None:
        parent = element.getparent()
        while (before := element.getprevious()) is not None:
            if not _is_record(before, self._options.record):
                self._extra_beside(before, gathering)
            parent.remove(before)

    def _note_beside(self, root: Any, gathering: Gathering) -> None:
        """Note what stands beside the records; where there is no record at all, that refuses the file."""
        record = self._options.record
        beside = [
            element
            for element in root.iter("*")
            if element is not root
            and (element.attrib or (element.text or "").strip())
            and not any(_is_record(above, record) for above in (element, *element.iterancestors()))
            and not self._ignored_beside(element)
        ]
        if beside and self._rows == 0:
            raise DeliveryRefused(
                f"the file has no element <{record}>",
                where=self._path.name,
                todo="Correct the repeated element in the registry.",
            )
        for element in beside:
            self._extra_beside(element, gathering)

    def _extra_beside(self, element: Any, gathering: Gathering) -> None:
        if not self._ignored_beside(element):
            gathering.extra[_OUTSIDE + _local(element.tag)] = None

    def _ignored_beside(self, element: Any) -> bool:
        names = [_local(above.tag) for above in (element, *element.iterancestors())]
        return any(name in self._beside for name in names)

    def _broken(self, error: etree.XMLSyntaxError) -> DeliveryRefused:
        cut_off = not _ends_with_closing_tag(self._path, self._head)
        return DeliveryRefused(
            "the file is truncated" if cut_off else "the file is not well-formed XML",
            where=f"{self._path.name}, line {error.lineno}",
            todo="Ask the supplier to send it again.",
        )


def as_value(element: Any) -> Any:
    """Give an element as None (empty), text, or a mapping of '@attribute', child names and '#text'."""
    value: dict[str, Any] = {
        "@" + _local(name): text for name, text in element.attrib.items() if not name.startswith(_INSTANCE)
    }
    words = [element.text or ""]
    for child in element:
        name = _local(child.tag)
        inner = as_value(child)
        if name not in value:
            value[name] = inner
        elif isinstance(value[name], list):
            value[name].append(inner)
        else:
            value[name] = [value[name], inner]
        words.append(child.tail or "")
    text = "".join(words)
    if not value:
        return text or None
    if text.strip():
        value[TEXT] = text
    return value


def _local(tag: str) -> str:
    return tag.rpartition("}")[2]


def _is_record(element: Any, record: str) -> bool:
    return bool(element.tag == record or (not record.startswith("{") and _local(element.tag) == record))


def _ends_with_closing_tag(path: Path, head: bytes) -> bool:
    """Say whether the last thing in a file is a closing tag of its root, so that nothing was cut off."""
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - _TAIL_BYTES))
        tail = file.read().replace(b"\0", b"").rstrip()
    root = re.search(rb"<([A-Za-z_][^\s/>]*)", head)
    if root is None:
        return False
    return re.search(rb"</" + re.escape(root[1]) + rb"\s*>$", tail) is not None
