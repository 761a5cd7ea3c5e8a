"""XML of one repeated element: what is picked, what is refused, and that nothing hostile gets through."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from almoner.intake.readers import BadRecord, RawBatch, Wanted, XmlOptions, open_xml
from almoner.kernel.errors import DeliveryRefused, RegistryError

PATHS = (
    "@ref On Offence/@code Place/Postcode P/Person[@role='VICTIM']/Name P/Person[@role='SUSPECT']/Name "
    "P/Person[@role='VICTIM']/@no Flags/Flag[*]"
)
RECORD = (
    '<I ref="1"><On>2026-01-02</On><Offence code="VIO"/><Place><Postcode>M1 1AA</Postcode></Place><P>'
    '<Person role="SUSPECT"><Name>B</Name></Person><Person role="VICTIM" no="7"><Name>A</Name></Person></P>'
    "<Flags><Flag>X</Flag><Flag>Y</Flag></Flags></I>"
)
EMPTY = [None] * 7


def read(
    tmp_path: Path, content: str | bytes, paths: str = PATHS, options: XmlOptions | None = None
) -> tuple[list[list[Any]], list[BadRecord]]:
    path = tmp_path / "delivery.xml"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    reader = open_xml(path, {name: Wanted() for name in paths.split()}, options or XmlOptions("I"))
    rows: list[list[Any]] = []
    bad: list[BadRecord] = []
    for item in reader.read():
        if isinstance(item, BadRecord):
            bad.append(item)
        else:
            columns = [item.positions.to_pylist(), *item.table.to_pydict().values()]
            rows += [list(row) for row in zip(*columns, strict=True)]
    assert reader.rows_in == len(rows) + len(bad)
    return rows, bad


def test_values_are_picked_from_each_record(tmp_path: Path) -> None:
    rows, bad = read(tmp_path, f'<R month="x">\n{RECORD}\n<I ref="2"/>\n</R>')
    assert rows == [[1, "1", "2026-01-02", "VIO", "M1 1AA", "A", "B", "7", "X | Y"], [2, "2", *EMPTY]]
    assert bad == []


@pytest.mark.parametrize("record", ["I", "{urn:x}I"])
@pytest.mark.parametrize("prefix", ["", "p:"])
def test_namespaces_do_not_matter_to_paths(tmp_path: Path, record: str, prefix: str) -> None:
    xmlns = f"xmlns{':p' if prefix else ''}='urn:x'"
    text = f"<{prefix}R {xmlns}><{prefix}I ref='1'><{prefix}On>x</{prefix}On></{prefix}I></{prefix}R>"
    assert read(tmp_path, text, "@ref On", XmlOptions(record))[0] == [[1, "1", "x"]]


def test_a_record_of_another_namespace_is_not_taken(tmp_path: Path) -> None:
    with pytest.raises(DeliveryRefused, match=r"no element <\{urn:y\}I>"):
        read(tmp_path, "<R xmlns='urn:x'><I ref='1'/></R>", "@ref", XmlOptions("{urn:y}I"))


@pytest.mark.parametrize("codec", ["utf-8", "utf-16", "cp1252"])
def test_the_encoding_is_the_one_that_the_file_declares(tmp_path: Path, codec: str) -> None:
    name = {"cp1252": "windows-1252"}.get(codec, codec)
    text = f'<?xml version="1.0" encoding="{name}"?><R><I ref="é"/></R>'
    assert read(tmp_path, text.encode(codec), "@ref") == ([[1, "é"]], [])


def test_text_is_kept_as_it_is_written(tmp_path: Path) -> None:
    text = "<R><I><On> a &amp; <![CDATA[<b>]]> </On></I><I><On></On></I><I><!--c--><On>x<!--c-->y</On></I></R>"
    assert read(tmp_path, text, "On")[0] == [[1, " a & <b> "], [2, None], [3, "xy"]]


def test_raw_is_the_element_and_nothing_around_it(tmp_path: Path) -> None:
    path = tmp_path / "f.xml"
    path.write_text("<R>\n" + "".join(f'<I ref="{n}"><On>é</On></I>\n' for n in range(5)) + "</R>", "utf-8")
    batches = list(open_xml(path, {"@ref": Wanted(), "On": Wanted()}, XmlOptions("I", batch_rows=2)).read())
    raws = [batch.raw(row) for batch in batches if isinstance(batch, RawBatch) for row in range(len(batch))]
    assert raws == [f'<I ref="{n}"><On>é</On></I>'.encode() for n in range(5)]
    assert [len(batch) for batch in batches if isinstance(batch, RawBatch)] == [2, 2, 1]


FAULTS = [
    ('<P><Person role="WITNESS"><Name>C</Name></Person></P>', "P/Person", "unclaimed_element"),
    (
        '<P><Person role="VICTIM"/><Person role="VICTIM"><Name>C</Name></Person></P>',
        "P/Person",
        "unclaimed_element",
    ),
    ("<P><Person><Name>C</Name></Person></P>", "P/Person", "unclaimed_element"),
    ("<On>1</On><On>2</On>", "On", "unclaimed_element"),
    (
        "<Place><Postcode>1</Postcode></Place><Place><Postcode>2</Postcode></Place>",
        "Place",
        "unclaimed_element",
    ),
    ("<Place>text</Place>", "Place", "unexpected_shape"),
]


@pytest.mark.parametrize(("inside", "path", "code"), FAULTS)
def test_what_no_path_claims_makes_the_record_bad(tmp_path: Path, inside: str, path: str, code: str) -> None:
    rows, bad = read(tmp_path, f'<R><I ref="1"/><I ref="2">{inside}</I><I ref="3"/></R>')
    assert [row[0] for row in rows] == [1, 3]
    assert [(b.position, b.column, b.code) for b in bad] == [(2, path, code)]
    assert bad[0].raw.startswith(b'<I ref="2">')
    assert not any(value in bad[0].message for value in ("WITNESS", "text"))


def test_undeclared_elements_and_attributes_refuse_the_file(tmp_path: Path) -> None:
    text = '<R><I ref="1" x="1"><New/><On>t<b>u</b></On><Offence code="A">text</Offence></I></R>'
    with pytest.raises(DeliveryRefused) as caught:
        read(tmp_path, text)
    assert caught.value.why.startswith("4 not declared: '@x', 'New', 'Offence/text()', 'On/b'")
    ignore = ("@x", "New", "On/b", "Offence/text()")
    assert len(read(tmp_path, text, options=XmlOptions("I", ignore=ignore))[0]) == 1


def test_attributes_of_the_schema_language_are_no_data(tmp_path: Path) -> None:
    text = '<R xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><I ref="1"><On xsi:nil="true"/></I></R>'
    assert read(tmp_path, text) == ([[1, "1", *EMPTY]], [])


BESIDE = [
    f"<R><Head>x</Head>{RECORD}</R>",
    f"<R>{RECORD}<Head><Made>x</Made></Head></R>",
    f"<R><Head made='x'/><List>{RECORD}</List></R>",
    f"<R>{RECORD}<Head>x</Head>{RECORD}</R>",
]


@pytest.mark.parametrize("text", BESIDE)
def test_elements_beside_the_records_refuse_the_file_unless_ignored(tmp_path: Path, text: str) -> None:
    with pytest.raises(DeliveryRefused) as caught:
        read(tmp_path, text)
    assert "1 not declared: '/" in caught.value.why
    assert len(read(tmp_path, text, options=XmlOptions("I", ignore=("/Head",)))[0]) == text.count("<I ")


def test_a_file_without_records(tmp_path: Path) -> None:
    assert read(tmp_path, "<R/>") == ([], [])
    assert read(tmp_path, "<R><List>\n</List></R>") == ([], [])
    assert read(tmp_path, "<R><Head>x</Head></R>", options=XmlOptions("I", ignore=("/Head",))) == ([], [])
    with pytest.raises(DeliveryRefused, match="no element <I>"):
        read(tmp_path, "<R><J ref='1'/></R>")


def test_a_record_inside_a_record_is_part_of_it(tmp_path: Path) -> None:
    text = '<R><I ref="1"><On>x</On><I ref="2"/></I><I ref="3"/></R>'
    rows, bad = read(tmp_path, text, "@ref On", XmlOptions("I", ignore=("I",)))
    assert (rows, bad) == ([[1, "1", "x"], [2, "3", None]], [])


@pytest.mark.parametrize("end", [len(RECORD) + 3, len(RECORD) + 5, 30, 60, 100])
def test_a_truncated_file_is_refused_as_such(tmp_path: Path, end: int) -> None:
    with pytest.raises(DeliveryRefused, match="truncated"):
        read(tmp_path, f"<R>{RECORD}</R>"[:end])


@pytest.mark.parametrize("inside", ["<On>ZEBEDEE</Off>", "<On>&zebedee;</On>", "<On>\x01</On>", "<On a='1' a='2'/>"])
def test_xml_that_is_not_well_formed_is_refused_without_a_value(tmp_path: Path, inside: str) -> None:
    with pytest.raises(DeliveryRefused, match="not well-formed") as caught:
        read(tmp_path, f"<R><I>{inside}</I></R>")
    assert "zebedee" not in "\n".join(caught.value.lines()).lower()
    assert caught.value.__cause__ is None


def test_an_undecodable_byte_refuses_the_file(tmp_path: Path) -> None:
    with pytest.raises(DeliveryRefused, match="not well-formed"):
        read(tmp_path, b"<R><I><On>\xff</On></I></R>")


BOMB = "".join(f"<!ENTITY e{n} '{f'&e{n - 1};' * 10}'>" for n in range(1, 10))
DOCTYPES = [
    f"<!DOCTYPE R [<!ENTITY e0 'x'>{BOMB}]>",
    "<!DOCTYPE R [<!ENTITY f SYSTEM 'file:///etc/passwd'>]>",
    "<!DOCTYPE R SYSTEM 'http://example.invalid/r.dtd'>",
    f"<!--{'-' * 0}{'x' * 70_000}--><!DOCTYPE R [<!ENTITY e0 'x'>]>",
]


@pytest.mark.parametrize("doctype", DOCTYPES)
@pytest.mark.parametrize("codec", ["utf-8", "utf-16"])
def test_a_document_type_declaration_is_refused(tmp_path: Path, doctype: str, codec: str) -> None:
    entity = "&e9;" if "e9" in doctype else "&f;" if "passwd" in doctype else ""
    with pytest.raises(DeliveryRefused, match="document type declaration"):
        read(tmp_path, f"{doctype}<R><I><On>{entity}</On></I></R>".encode(codec))


@pytest.mark.parametrize(("content", "message"), [("", "empty"), ("a,b", "not well-formed|truncated")])
def test_what_is_not_xml_is_refused(tmp_path: Path, content: str, message: str) -> None:
    with pytest.raises(DeliveryRefused, match=message):
        read(tmp_path, content)


@pytest.mark.parametrize("record", ["", "a/b", "{}I", "a b"])
def test_the_repeated_element_must_be_a_name(record: str) -> None:
    with pytest.raises(RegistryError):
        XmlOptions(record)


def test_reading_twice_gives_the_same(tmp_path: Path) -> None:
    path = tmp_path / "f.xml"
    path.write_text(f"<R>{RECORD}{RECORD}</R>")
    reader = open_xml(path, {name: Wanted() for name in PATHS.split()}, XmlOptions("I"))
    first, second = ([item for item in reader.read() if isinstance(item, RawBatch)] for _ in range(2))
    assert [b.table for b in first] == [b.table for b in second]
