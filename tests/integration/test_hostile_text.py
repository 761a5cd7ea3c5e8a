"""A label that tries to be more than text stays text: in pages, tables, documents, spreadsheets and papers alike."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from pathlib import Path

import openpyxl
import pytest
from lxml import html

from almoner.profiles.build import build_profiles
from almoner.profiles.figures import ProfileSet
from almoner.profiles.write import write_profiles
from almoner.release.draft import FORMATS, DraftTable, LabelColumn
from almoner.release.outputs import render
from tests.tagged_pdf import TaggedPdf
from tests.unit.profiles.borough import AS_OF, FakeGate, borough_rows
from tests.unit.profiles.declared import INDICATORS, make_registry
from tests.unit.release.drafts import pupils
from tests.unit.release.test_publication import published

SCRIPT = "<script>alert(1)</script>"
HOSTILE = (
    SCRIPT, '"><img src=x onerror=alert(1)>', "=cmd|' /C calc'!A0", "+1+cmd", "-1+1", "@SUM(A1)", "\t=1+1",
    "#import \"x.typ\": *", "#panic()", "$ x^2 $ *bold* _it_", "]#text(red)[", "// gone", "{{ 7*7 }}", "`raw`", "\\u{1f600}",
)  # fmt: skip
FORMULAS = tuple(text for text in HOSTILE if text.startswith(("=", "+", "-", "@", "\t")))


@pytest.fixture(scope="module")
def profiles() -> ProfileSet:
    words = iter(HOSTILE * 3)
    declared = {
        name: {
            **INDICATORS[name],
            "title": next(words),
            "topic": next(words),
            "definition": next(words),
            "caveats": next(words),
        }
        for name in ("population", "claimants", "crime", "deprivation")
    }
    rows = borough_rows(people=300)
    for number, area in enumerate(rows["open_data.lsoas"]):
        area["name"] = f"{HOSTILE[number % len(HOSTILE)]} {number}"
    registry = make_registry(declared, title=SCRIPT, service="=1+1", place="#panic()")
    return build_profiles(FakeGate(rows).run, registry, AS_OF)


@pytest.fixture(scope="module")
def folder(profiles: ProfileSet, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("hostile") / "drafts"
    write_profiles(profiles, out, [("lsoa21", f"L{number:02d}") for number in range(0, 24, 6)])
    return out


def test_pages_show_it_and_do_nothing(folder: Path):
    read = ""
    for path in folder.rglob("*.html"):
        page = html.document_fromstring(path.read_text(encoding="utf-8"))
        assert len(page.xpath("//script")) == 1 and not page.xpath("//img | //@onerror")
        read += page.text_content()
    assert all(text.strip() in read for text in HOSTILE)


def test_a_table_holds_it_as_text(folder: Path):
    rows = list(csv.DictReader(io.StringIO((folder / "profiles.csv").read_text(encoding="utf-8"))))
    fields = [
        field for row in rows for name, field in row.items() if name in ("area_name", "title", "caveats", "source")
    ]
    assert not [field for field in fields if field[:1] in ("=", "+", "-", "@", "\t", "\r")]
    assert {f"'{FORMULAS[0]} 2", f"{SCRIPT} 0"} <= {row["area_name"] for row in rows}
    assert json.loads((folder / "profiles.json").read_text())["controller"] == SCRIPT


def test_a_paper_shows_it_and_obeys_nothing(folder: Path, profiles: ProfileSet):
    for path in folder.rglob("*.pdf"):
        paper = TaggedPdf(path.read_bytes())
        assert paper.is_tagged
        said = "".join(paper.text.split())
        for entry in profiles.indicators:
            assert (
                "".join(entry.indicator.title.split()) in said and "".join(entry.indicator.definition.split()) in said
            )
        assert not {"/OpenAction", "/AA", "/AcroForm"} & set(paper.root) and b"/JavaScript" not in path.read_bytes()


def test_a_release_holds_it_as_text_in_every_form():
    draft = pupils([100.0] * len(HOSTILE), [f"ward:W{n}" for n in range(len(HOSTILE))])
    (table,) = draft.tables
    labels = LabelColumn("ward", HOSTILE[2], HOSTILE)
    hostile = DraftTable(table.name, SCRIPT, (labels, *table.columns[1:]), HOSTILE)
    publication = replace(
        published(draft.with_tables((hostile,))), title="#panic()", notes=HOSTILE, publisher="=1+1", contact=SCRIPT
    )
    files = render(publication, FORMATS)

    page = html.document_fromstring(files["release.html"].decode())
    assert not page.xpath("//script | //img | //@onerror")
    assert [each.text for each in page.xpath("//tbody/tr/th")] == list(HOSTILE)

    rows = list(csv.reader(io.StringIO(files["pupils.csv"].decode())))
    assert [row[0] for row in rows[1:]] == [f"'{text}" if text in FORMULAS else text for text in HOSTILE]

    book = openpyxl.load_workbook(io.BytesIO(files["release.xlsx"]))
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert not [
        cell.coordinate
        for cell in cells
        if cell.data_type == "f" or (cell.hyperlink and "http" in str(cell.hyperlink.target))
    ]
    assert set(HOSTILE) <= {cell.value for cell in cells}

    assert [row[0] for row in json.loads(files["release.json"])["tables"][0]["rows"]] == list(HOSTILE)
    said = "".join(TaggedPdf(files["release.pdf"]).text.split())
    assert all("".join(text.split()) in said for text in HOSTILE)
