"""The borough on disk: complete, repeatable, and true to what its own truth says."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from pathlib import Path

import openpyxl
import polars as pl
import pytest
from lxml import etree

from almoner.demo import generate
from almoner.demo.layout import Layout
from almoner.demo.layout_page import PAGE, describe
from almoner.demo.months import MONTHS
from almoner.demo.sources import FEEDS
from almoner.kernel.errors import UsageError
from tests.unit.demo.conftest import SEED, Borough

SOURCES = (
    "children_and_families adult_social_care education elections human_resources nhs_gp revenue_and_benefits "
    "council_housing police dwp housing_associations land_registry career_connect mental_health_trust "
    "welfare_call fire_service schools_and_colleges environmental_requests health_survey"
)


def digests(folder: Path) -> dict[str, str]:
    """Give a digest of every file."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def test_the_same_numbers_make_the_same_files(tmp_path: Path) -> None:
    generate(300, 11, tmp_path / "a")
    generate(300, 11, tmp_path / "b")
    generate(300, 12, tmp_path / "c")
    first, second, other = (digests(tmp_path / name) for name in "abc")
    assert first == second and len(first) > 60
    assert first.keys() == other.keys()
    alike = [name for name in first if first[name] == other[name] and name != "truth/planted_shifts.csv"]
    assert all(len((tmp_path / "a" / name).read_text().splitlines()) == 1 for name in alike), "more than a header"


@pytest.mark.parametrize(("people", "seed"), [(199, 1), (500_001, 1), (300, -1)])
def test_numbers_out_of_range_are_refused(tmp_path: Path, people: int, seed: int) -> None:
    with pytest.raises(UsageError):
        generate(people, seed, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_borough_is_never_overwritten(borough: Borough) -> None:
    before = digests(borough.folder / "truth")
    with pytest.raises(UsageError):
        generate(300, SEED, borough.folder)
    assert digests(borough.folder / "truth") == before


def test_every_source_of_the_notice_delivers(borough: Borough) -> None:
    for month in MONTHS:
        there = {path.name for path in (borough.folder / "inbox" / month.label).iterdir()}
        once = {"health_survey"} if month is MONTHS[1] else set()
        assert there == set(SOURCES.split()) - once


def test_the_page_of_layouts_is_up_to_date() -> None:
    assert PAGE.read_text("utf-8") == describe(FEEDS), "run python -m almoner.demo.layout_page"


@pytest.mark.parametrize("feed", FEEDS, ids=lambda feed: feed.layout.label)
def test_a_layout_speaks_only_of_columns_that_it_has(feed: object) -> None:
    layout: Layout = feed.layout  # type: ignore[attr-defined]
    named = {*layout.key, *layout.date_cells, *(plant.column for plant in layout.plants if plant.column)}
    named |= {layout.action} if layout.action else set()
    assert named <= set(layout.columns)
    assert (layout.delivery == "delta") == bool(layout.action)


def read(layout: Layout, path: Path) -> Iterator[dict[str, object]]:
    """Read a file with other libraries than the ones that wrote it; damaged lines come out as they are."""
    if layout.format == "csv":
        text = path.read_bytes().decode(layout.encoding, errors="replace").replace("\x00", "")
        yield from _read_csv(layout, text)
    elif layout.format == "xlsx":
        sheet = openpyxl.load_workbook(path)[layout.sheet]
        for values in sheet.iter_rows(min_row=len(layout.titles) + 2, values_only=True):
            yield dict(zip(layout.columns, values, strict=False))
    elif layout.format == "jsonl":
        for line in path.read_text("utf-8").splitlines():
            yield json.loads(line) if line.endswith("}") else {}
    elif layout.format == "xml":
        for element in etree.parse(str(path)).getroot():
            text = {etree.QName(child).localname: child.text for child in element}
            yield {f"@{name}": value for name, value in element.attrib.items()} | text
    else:
        yield from pl.read_parquet(path).iter_rows(named=True)


def _read_csv(layout: Layout, text: str) -> Iterator[dict[str, object]]:
    """Split delimited text by hand: quotes may hold line ends."""
    records, record, quoted = [], "", False
    for line in text.split(layout.newline):
        record += ("\n" if quoted else "") + line
        quoted = record.count('"') % 2 == 1
        if not quoted:
            records.append(record)
            record = ""
    pattern = re.compile(rf'(?:^|{re.escape(layout.delimiter)})("(?:[^"]|"")*"|[^{re.escape(layout.delimiter)}]*)')
    for record in records[1:-1]:
        values = [value.strip('"') for value in pattern.findall(record)]
        yield dict(zip(layout.columns, values, strict=False))


def files_of(borough: Borough, layout: Layout) -> Iterator[tuple[str, list[dict[str, object]]]]:
    """Read what a dataset delivered in each month."""
    for month in MONTHS:
        path = borough.folder / "inbox" / month.label / layout.source / layout.file_name(month)
        if path.exists():
            yield f"{month.label}/{layout.source}/{path.name}", list(read(layout, path))


@pytest.mark.parametrize("feed", FEEDS, ids=lambda feed: feed.layout.label)
def test_every_link_names_a_record_that_was_delivered_and_counts_agree(feed: object, borough: Borough) -> None:
    layout: Layout = feed.layout  # type: ignore[attr-defined]
    keys: set[str] = set()
    for name, rows in files_of(borough, layout):
        shown = name + (f"#{layout.sheet}" if layout.sheet else "")
        assert len(rows) - bool(layout.footer) == borough.summary.deliveries[shown]
        keys |= {"/".join(str(row.get(column)) for column in layout.key) for row in rows}
    links = borough.truth("links").filter((pl.col("source") == layout.source) & (pl.col("dataset") == layout.dataset))
    assert links.is_empty() == (not layout.people)
    suffixes = sorted((suffix for suffix in layout.people if suffix), key=len, reverse=True)
    for record in links["record_id"]:
        suffix = next((suffix for suffix in suffixes if record.endswith(suffix)), "")
        assert record.removesuffix(suffix) in keys


def test_a_record_is_one_persons(borough: Borough) -> None:
    links = borough.truth("links")
    assert links.select("source", "dataset", "record_id").is_duplicated().sum() == 0
    assert set(links["person_id"]) <= set(borough.truth("persons")["person_id"])
    assert len(links) == borough.summary.truth["links.csv"]


def test_planted_faults_are_where_the_list_says(borough: Borough) -> None:
    listed = borough.truth("planted_faults")
    signs = {
        "formula": "=HYPERLINK",
        "embedded_newline": "\n",
        "not_decimal": "n/k",
        "not_integer": "n/k",
        "nul_byte": "Notknown",
    }
    seen = set()
    for feed in FEEDS:
        layout = feed.layout
        for name, rows in files_of(borough, layout):
            found = listed.filter((pl.col("file") == name) & (pl.col("sheet").fill_null("") == layout.sheet))
            for fault, position, column in found.select("fault", "position", "column").rows():
                row = rows[int(position) - 1]
                seen.add(fault)
                if fault in signs:
                    assert signs[fault] in str(row[column])
                elif fault == "not_a_date":
                    assert re.search(r"31.?(02|Feb)|02.?31", str(row[column]))
                elif fault == "key_missing":
                    assert not row.get(layout.key[0])
                elif fault == "unknown_action":
                    assert row[column] == "?"
                elif fault in ("footer", "stray_footer"):
                    assert int(position) == len(rows)
    assert seen >= {
        *signs,
        "not_a_date",
        "key_missing",
        "unknown_action",
        "footer",
        "stray_footer",
        "undecodable",
    }


def test_somebody_who_is_not_the_person_is_never_linked_to_a_faulty_record(borough: Borough) -> None:
    faulty = re.compile(r"Z[01]\d\d(/|#|$)")
    assert not [record for record in borough.truth("links")["record_id"] if faulty.search(record)]


def test_the_survey_holds_nothing_that_identifies(borough: Borough) -> None:
    path = next((borough.folder / "inbox" / "2026-03" / "health_survey").iterdir())
    text = path.read_text("utf-8")
    persons = borough.truth("persons")
    assert len(text.splitlines()) > 20
    for pattern in (r"\d{10}", r"[A-Z]{2}\d{6}[A-D]", r"ZX\d", r"\d{4}-\d\d-\d\d", r"\d\d/\d\d/\d{4}", "@"):
        assert not re.search(pattern, text)
    words = set(re.findall(r"[A-Za-z'-]+", text))
    common = words & set(persons["surname"].to_list())
    assert common <= {"White", "Hill", "Green"}


def test_new_files_of_changes_are_small(borough: Borough) -> None:
    rows = borough.summary.deliveries
    for feed in FEEDS:
        layout = feed.layout
        if layout.delivery == "delta":
            full, changed = (rows[f"{month.label}/{layout.source}/{layout.file_name(month)}"] for month in MONTHS)
            assert 0 < changed < 0.3 * full


def test_sealed_children_have_two_unlinked_identities_in_the_files(borough: Borough) -> None:
    persons = borough.truth("persons").filter(pl.col("sealed") == "true")
    now = persons.filter(pl.col("sealed_former_id").is_not_null())
    assert len(now) * 2 == len(persons)
    links = borough.truth("links").filter(pl.col("dataset") == "case_people")
    linked = set(links["person_id"])
    both = [a in linked and b in linked for a, b in now.select("person_id", "sealed_former_id").rows()]
    assert sum(both) >= 2


def test_households_and_relationships_name_known_people(borough: Borough) -> None:
    known = set(borough.truth("persons")["person_id"])
    households, relations = borough.truth("households"), borough.truth("relationships")
    assert set(households["person_id"]) | set(relations["person_id"]) | set(relations["other_person_id"]) <= known
    assert households.select("as_of", "person_id").is_duplicated().sum() == 0
    kinds = {"mother", "father", "partner", "former_partner", "foster_carer", "step_parent"}
    assert set(relations["kind"]) == kinds
    inside = borough.truth("persons").filter(pl.col("present_in_april") == "true")
    assert len(households.filter(pl.col("as_of") == "2026-04-30")) == len(inside)
