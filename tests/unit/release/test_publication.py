"""What is seen: four signs and zero stay five things, and no exact count shines through a rounded one."""

from __future__ import annotations

import csv
import io
import json
import re

import openpyxl
import pytest

from almoner.methods.cells import Marker
from almoner.registry.releasing import ReleaseRules
from almoner.release.draft import FORMATS, Draft, DraftTable, GivenColumn, LabelColumn
from almoner.release.outputs import render
from almoner.release.publication import RELEASED, UNRELEASED, Publication, as_draft, protection_words, shown_tables
from tests.unit.release.drafts import drafted, pupils, with_share

AREAS = tuple(f"ward:W{n}" for n in range(1, 7))
COUNTS = (1243, 3, 0, None, None, 2)
SAID = ("rounded", "rounded", "rounded", "[x]", "[z]", "withheld")
SHOWN = ["1245", "[c]", "0", "[x]", "[z]", "[c]"]


def published(draft: Draft) -> Publication:
    """Make of a draft what is published."""
    return Publication(
        id="R1", status=RELEASED, title="Pupils <b>by</b> ward", description="", publisher="Tiny Council", place="Tiny",
        brand_colour="#1d4e6b", released_on="2026-05-01", as_of="2026-04-30", purpose="Monitoring",
        recipient="The public", agreement="Publication", licence="OGL", contact="", source="#set page(fill: red)",
        protection=protection_words(ReleaseRules(), draft), notes=("=1+1",), tables=shown_tables(draft, 5),
    )  # fmt: skip


@pytest.fixture(scope="module")
def everything() -> dict[str, bytes]:
    """Render a table that has every sign."""
    draft = pupils(COUNTS, AREAS, said=SAID)  # type: ignore[arg-type]
    return dict(render(published(draft), FORMATS))


def test_the_signs_and_zero_stay_five_things() -> None:
    (table,) = shown_tables(pupils(COUNTS, AREAS, said=SAID), 5)  # type: ignore[arg-type]
    assert [table.columns[1].text(row).replace(",", "") for row in range(6)] == SHOWN
    assert table.markers() == [Marker.SUPPRESSED, Marker.NOT_AVAILABLE, Marker.NOT_APPLICABLE]


def test_csv_keeps_numbers_apart_from_signs(everything: dict[str, bytes]) -> None:
    rows = list(csv.DictReader(io.StringIO(everything["pupils.csv"].decode())))
    assert [row["pupils"] or row["pupils_marker"] for row in rows] == SHOWN
    assert all(bool(row["pupils"]) is not bool(row["pupils_marker"]) for row in rows)
    assert {row["status"] for row in rows} == {RELEASED}


def test_the_description_of_the_csv_names_its_columns(everything: dict[str, bytes]) -> None:
    metadata = json.loads(everything["csv-metadata.json"])
    assert metadata["@context"][0] == "http://www.w3.org/ns/csvw"
    (table,) = metadata["tables"]
    heads = next(csv.reader(io.StringIO(everything[table["url"]].decode())))
    columns = {column["name"]: column for column in table["tableSchema"]["columns"]}
    assert list(columns) == heads
    assert columns["pupils"]["datatype"] == "integer"
    sign = re.compile(columns["pupils_marker"]["datatype"]["format"])
    assert all(sign.fullmatch(text) for text in ("[c]", "[x]", "[z]", "[low]")) and not sign.fullmatch("c")


def test_json_writes_a_sign_as_a_text(everything: dict[str, bytes]) -> None:
    (table,) = json.loads(everything["release.json"])["tables"]
    assert [row[1] for row in table["rows"]] == [1245, "[c]", 0, "[x]", "[z]", "[c]"]


def test_the_workbook_is_accessible(everything: dict[str, bytes]) -> None:
    book = openpyxl.load_workbook(io.BytesIO(everything["release.xlsx"]))
    assert book.sheetnames == ["Cover", "Contents", "pupils"]
    assert book.properties.title == "Pupils <b>by</b> ward" and book.properties.creator == "Tiny Council"
    sheet = book["pupils"]
    assert list(sheet.tables) == ["table_pupils"], "one marked-up table to a sheet"
    values = [row[:2] for row in sheet.iter_rows(values_only=True)]
    start = values.index(("Ward", "Pupils"))
    assert [value for _, value in values[start + 1 :]] == [1245, "[c]", 0, "[x]", "[z]", "[c]"]
    words = [str(first) for first, _ in values[:start]]
    assert "shorthand" in " ".join(words)
    assert [word[:3] for word in words if word.startswith("[")] == ["[c]", "[x]", "[z]"], "only signs that are used"
    assert not sheet.merged_cells.ranges


def test_the_page_says_what_it_is_and_runs_nothing(everything: dict[str, bytes]) -> None:
    page = everything["release.html"].decode()
    assert "Pupils &lt;b&gt;by&lt;/b&gt; ward" in page and "<script" not in page
    assert re.findall(r'<td class="num[^>]*>([^<]+)</td>', page) == ["1,245", *SHOWN[1:]]
    assert 'lang="en-GB"' in page and "<caption>" in page and 'scope="row"' in page


def test_the_paper_is_tagged_and_what_it_says_is_no_command(everything: dict[str, bytes]) -> None:
    paper = everything["release.pdf"]
    for sign in (b"/StructTreeRoot", b"/MarkInfo", b"pdfuaid", b"/Lang"):
        assert sign in paper, sign


def test_the_same_release_gives_the_same_files(everything: dict[str, bytes]) -> None:
    draft = pupils(COUNTS, AREAS, said=SAID)  # type: ignore[arg-type]
    again = render(published(draft), FORMATS)
    assert {name for name in again if again[name] != everything[name]} <= {"release.xlsx"}


def test_no_exact_count_gets_into_any_text_file(everything: dict[str, bytes]) -> None:
    for name in ("pupils.csv", "csv-metadata.json", "release.json", "release.html"):
        assert b"1243" not in everything[name] and b"1,243" not in everything[name], name


def test_a_draft_says_so_in_every_text_file() -> None:
    files = render(as_draft(published(pupils([12], AREAS[:1]))), ("csv", "json", "html"))
    assert all(UNRELEASED in content.decode() for content in files.values())


def test_rates_are_made_from_published_counts_and_carry_the_sign_that_says_why() -> None:
    (table,) = shown_tables(with_share([12, 3, 0, 0], [101, 101, 101, 0]), 5)
    share = next(column for column in table.columns if column.name == "share")
    assert [share.text(row) for row in range(4)] == ["10.0", "[c]", "0.0", "[z]"], "10 of 100, not 12 of 101"
    assert [column.name for column in table.columns][-2:] == ["share_lower_95", "share_upper_95"]


def test_what_rounds_to_zero_is_low_and_not_zero() -> None:
    (table,) = shown_tables(pupils([6], AREAS[:1], plain="rounded"), 20)
    assert table.columns[1].text(0) == "[low]"


def test_exact_counts_say_that_they_are() -> None:
    (table,) = shown_tables(pupils([12], AREAS[:1], plain="exact"), 5)
    assert table.columns[1].title == "Pupils (exact)"


def test_a_word_is_no_formula() -> None:
    columns = (LabelColumn("name", "Name", ("=1+1",)), GivenColumn("value", "Value", (1.5,), 1))
    files = render(published(drafted((DraftTable("t", "T", columns),))), ("csv", "xlsx"))
    assert b"'=1+1" in files["t.csv"]
    cells = openpyxl.load_workbook(io.BytesIO(files["release.xlsx"]))["t"]
    assert [cell.data_type for row in cells.iter_rows() for cell in row if cell.value == "=1+1"] in ([], ["s"])
