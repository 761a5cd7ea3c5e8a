"""Files are written as their layout says, damage included."""

from __future__ import annotations

import json
from pathlib import Path

import openpyxl
import polars as pl
import pytest
from lxml import etree

from almoner.demo.faults import UNDECODABLE
from almoner.demo.layout import Layout
from almoner.demo.months import MONTHS
from almoner.demo.writers import write_csv, write_jsonl, write_xlsx, write_xml


def layout(columns: list[str], **more: object) -> Layout:
    """Make a layout."""
    values: dict[str, object] = {
        "source": "s", "dataset": "d", "title": "t", "file": "f", "format": "csv", "delivery": "snapshot",
        "key": (columns[0],), "columns": dict.fromkeys(columns, ""), "people": {},
    }  # fmt: skip
    return Layout(**(values | more))  # type: ignore[arg-type]


def table(columns: list[str], *rows: tuple[object, ...], damage: dict[int, str] | None = None) -> pl.DataFrame:
    """Make a table with marks of damage and of a person."""
    frame = pl.DataFrame(rows, schema=columns, orient="row")
    raw = [(damage or {}).get(i) for i in range(len(rows))]
    return frame.with_columns(
        pl.Series("_raw", raw, dtype=pl.String),
        pl.lit(None, pl.String).alias("_fault"),
        pl.lit(5).alias("_person"),
    )


@pytest.mark.parametrize(
    ("encoding", "delimiter", "newline", "expected"),
    [
        ("utf-8", ",", "\n", 'a,b\nŁucja,\nx,"p,q"\n'.encode()),
        ("utf-8-sig", ";", "\n", b"\xef\xbb\xbf" + "a;b\nŁucja;\nx;p,q\n".encode()),
        ("utf-16", "\t", "\r\n", b"\xff\xfe" + "a\tb\r\nŁucja\t\r\nx\tp,q\r\n".encode("utf-16-le")),
        ("cp1252", "|", "\r\n", b"a|b\r\nLucja|\r\nx|p,q\r\n"),
    ],
)
def test_csv(tmp_path: Path, encoding: str, delimiter: str, newline: str, expected: bytes) -> None:
    one = layout(["a", "b"], encoding=encoding, delimiter=delimiter, newline=newline)
    write_csv(table(["a", "b"], ("Łucja", None), ("x", "p,q")), one, tmp_path / "f")
    assert (tmp_path / "f").read_bytes() == expected


def test_cp1252_keeps_the_letters_that_it_has(tmp_path: Path) -> None:
    write_csv(table(["a"], ("José Gonçalves",), ("Wójcik ł",)), layout(["a"], encoding="cp1252"), tmp_path / "f")
    assert (tmp_path / "f").read_text("cp1252") == "a\nJosé Gonçalves\nWójcik l\n"


@pytest.mark.parametrize(
    ("damage", "line"),
    [
        ("extra_field", b'1,"x,y",z,see note'),
        ("missing_field", b"1"),
        ("stray_footer", b"End of extract"),
    ],
)
def test_damaged_records(tmp_path: Path, damage: str, line: bytes) -> None:
    frame = table(["a", "b", "c"], ("0", "p", "q"), ("1", "x,y", "z"), ("2", "r", "s"), damage={1: damage})
    write_csv(frame, layout(["a", "b", "c"], footer="{rows} records"), tmp_path / "f")
    assert (tmp_path / "f").read_bytes().splitlines() == [b"a,b,c", b"0,p,q", line, b"2,r,s", b"3 records"]


@pytest.mark.parametrize("encoding", ["utf-8", "cp1252", "utf-16"])
def test_undecodable_bytes_cannot_be_decoded(tmp_path: Path, encoding: str) -> None:
    frame = table(["a", "b"], ("1", UNDECODABLE), ("2", "after"), damage={0: "undecodable"})
    write_csv(frame, layout(["a", "b"], encoding=encoding), tmp_path / "f")
    content = (tmp_path / "f").read_bytes()
    with pytest.raises(UnicodeDecodeError):
        content.decode(encoding)
    assert "2,after" in content.decode(encoding, errors="replace")


def test_jsonl_nests_by_path_and_leaves_out_empty_elements(tmp_path: Path) -> None:
    columns = ["ref", "tenants[n=1].name", "tenants[n=1].born", "tenants[n=2].name", "home.postcode"]
    frame = table(columns, ("A", "Zoë", None, None, "ZX1 1AA"), ("B", None, None, None, None), damage={1: "not_json"})
    write_jsonl(frame, layout(columns), tmp_path / "f")
    first, second = (tmp_path / "f").read_text("utf-8").splitlines()
    assert json.loads(first) == {
        "ref": "A",
        "tenants": [{"n": 1, "name": "Zoë"}],
        "home": {"postcode": "ZX1 1AA"},
    }
    with pytest.raises(json.JSONDecodeError):
        json.loads(second)


def test_xml_nests_by_path_and_escapes(tmp_path: Path) -> None:
    columns = ["@id", "Place/Text", "Accused/@nominal", "Accused/Surname", "Aggrieved/Surname"]
    write_xml(table(columns, ('1"2', "A & <B>", "N1", "O'NEILL", None)), layout(columns), tmp_path / "f", MONTHS[1])
    root = etree.parse(str(tmp_path / "f")).getroot()
    space = {"p": "urn:example:constabulary:incidents"}
    assert root.get("period") == "2026-04"
    assert root.xpath("p:Incident/@id", namespaces=space) == ['1"2']
    assert root.xpath("string(p:Incident/p:Place/p:Text)", namespaces=space) == "A & <B>"
    assert root.xpath("p:Incident/p:Accused/@nominal", namespaces=space) == ["N1"]
    assert root.xpath("p:Incident/p:Aggrieved", namespaces=space) == []


def test_xlsx_has_titles_date_cells_and_a_footer_and_no_live_formula(tmp_path: Path) -> None:
    one = layout(["Ref", "Born", "Note"], sheet="People", titles=("At {period}", ""), date_cells=("Born",),
                 footer="Total {rows}")  # fmt: skip
    frame = table(["Ref", "Born", "Note"], ("1", "1980-03-04", "=1+1"), ("2", "31/02/2026", None))
    write_xlsx(
        [(one, frame), (layout(["Ref"], sheet="Other"), table(["Ref"], ("9",)))],
        tmp_path / "f.xlsx",
        MONTHS[0],
    )
    book = openpyxl.load_workbook(tmp_path / "f.xlsx")
    assert book.sheetnames == ["People", "Other"]
    cells = [[cell.value for cell in row] for row in book["People"].iter_rows()]
    assert cells[0][0] == "At 2026-03" and cells[2] == ["Ref", "Born", "Note"]
    assert str(cells[3][1]) == "1980-03-04 00:00:00" and cells[4][1] == "31/02/2026"
    assert book["People"]["C4"].data_type == "s", "text that begins with = must not run"
    assert cells[5][0] == "Total 2"
