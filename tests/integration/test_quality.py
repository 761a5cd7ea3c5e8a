"""The review of data quality on the tiny workspace: what is found is what was planted, and nobody is shown.

The tenancies of September and October are followed by deliveries made for the test; every rule has a row that misses
it. What is expected is added to the registry of the workspace as a council would.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import stat
from pathlib import Path

import pytest

from almoner.kernel.errors import AccessRefused, NotFound, UsageError
from almoner.quality.page import render_page
from almoner.quality.review import Review
from almoner.quality.statement import quality_statement
from almoner.wiring.quality import quality_history, review_quality
from almoner.wiring.quality_report import write_quality_report
from almoner.wiring.taking_in import take_in
from tests.workspace_builder import TinyWorkspace, canaries, finished_workspace

pytestmark = pytest.mark.integration

TODAY = dt.date(2026, 12, 20)
REASON = "Reporting back to the supplier"
EXPECTED = """
[dataset.tenancies.expectations]
rent_given = { complete = "rent", at_most = 10, severity = "high", why = "Rents are needed", todo = "Send them" }
nino_reads = { understood = "nino" }
nino_unique = { unique = ["nino"] }
starts_in_order = { in_order = ["born", "starts"] }
rent_range = { between = { column = "rent", lowest = 1, highest = 500 } }
starts_by_then = { between = { column = "starts", highest = "as_of" } }
postcode_known = { refers = { column = "postcode", dataset = "open_data.postcodes", to = "postcode" } }
on_the_register = { refers = { column = "postcode", dataset = "elections.register", to = "postcode" } }
note_of_women = { complete = "note", where = [{ column = "sex", in = ["F"] }] }
birth_agrees = { agrees = "date_of_birth" }
taken_in = { accepted = true }
steady = { row_change = 10 }
on_time = { within_days = 5 }
"""


@pytest.fixture
def tiny(tmp_path: Path) -> TinyWorkspace:
    """Give a workspace of its own whose housing service is expected something of."""
    found = finished_workspace(tmp_path / "w")
    path = found.root / "registry" / "sources" / "housing.toml"
    path.write_text(path.read_text(encoding="utf-8") + EXPECTED, encoding="utf-8")
    found.change("agreements.toml", '"front_line", "monitoring"', '"front_line", "data_quality", "monitoring"')
    return found


def deliver(tiny: TinyWorkspace, sent: str, rows: list[dict[str, str]]) -> None:
    """Send tenancies: columns in the supplier's names, which the registry knows."""
    dataset = tiny.registry().dataset("housing.tenancies")
    names = [column.source_name for column in dataset.columns.values()]
    out = io.StringIO()
    writer = csv.writer(out, delimiter=dataset.format.csv.delimiter if dataset.format.csv else ",")
    writer.writerow(names)
    for row in rows:
        values = {dataset.columns[name].source_name: value for name, value in row.items()}
        writer.writerow([values.get(name, "") for name in names])
    tiny.deliver(dataset.feeds[0].files.replace("{sent}", sent), out.getvalue())
    take_in(tiny.open(), [tiny.inbox], lambda _: None)


def row(number: int, **other: str) -> dict[str, str]:
    """Write a tenancy without a fault."""
    return {
        "tenancy": f"N{number}", "forename": "Anne", "surname": "Example", "born": "1980-05-06", "sex": "M", "nino": "",
        "address": "1 Mill Road, Didsbury", "postcode": "M20 1AB", "uprn": "100200001", "safety": "N", "sealed": "N",
        "rent": "100", "practice": "P81", "starts": "2020-01-01", "note": "", **other,
    }  # fmt: skip


FAULTY = [
    row(1, rent=""), row(2, nino="QQ999999Z"), row(3, nino="CE412000C"), row(4, nino="CE412000C"),
    row(5, born="2021-01-01"), row(6, rent="501"), row(7, starts="2030-01-01"), row(8, postcode="ZZ1 1ZZ"),
    row(9, sex="F"), row(10, rent="lots"), *[row(number) for number in range(11, 31)],
]  # fmt: skip
"""Thirty tenancies: each of the first ten misses one thing (two share a number)."""


def stands(review: Review, dataset: str = "housing.tenancies") -> dict[str, tuple[str, float | None]]:
    """Give how each expectation stands, and how many rows miss it."""
    one = next(each for each in review.datasets if each.dataset.full_name == dataset)
    return {each.expectation.name: (each.stand, each.missed.value) for each in one.outcomes}


def test_what_was_planted_is_found(tiny: TinyWorkspace) -> None:
    deliver(tiny, "20261103", FAULTY)
    found = stands(review_quality(tiny.open(), today=TODAY, exact=True))
    one = ("not met", 1)
    assert {name: found[name] for name in found if name not in ("birth_agrees", "steady", "on_time")} == {
        "rent_given": ("met", 1),  # one of 29 is within the tenth that may be
        "nino_reads": one, "nino_unique": ("not met", 2), "starts_in_order": one, "rent_range": one,
        "starts_by_then": one, "postcode_known": one, "on_the_register": ("not met", found["on_the_register"][1]),
        "note_of_women": one, "taken_in": one,
    }  # fmt: skip


def test_small_numbers_are_withheld_from_everybody_and_never_zero(tiny: TinyWorkspace) -> None:
    deliver(tiny, "20261103", FAULTY)
    review = review_quality(tiny.open(), today=TODAY)
    one = next(each for each in review.datasets if each.dataset.full_name == "housing.tenancies")
    nino = next(each for each in one.outcomes if each.expectation.name == "nino_unique")
    assert (nino.stand, str(nino.missed.marker), str(nino.met_percent.marker)) == ("not met", "[c]", "[c]")


def test_no_value_of_anybody_is_in_a_report(tiny: TinyWorkspace, tmp_path: Path) -> None:
    written = write_quality_report(tiny.open(), tmp_path / "out", source=None, examples=False, reason="", today=TODAY)
    text = "\n".join(path.read_text(errors="replace") for path in written.paths if path.suffix != ".xlsx").lower()
    leaked = [canary.column for canary in canaries(tiny.registry()) for form in canary.forms() if form in text]
    assert leaked == []
    assert "tenancies" in text


def test_records_are_named_to_their_supplier_alone(tiny: TinyWorkspace, tmp_path: Path) -> None:
    deliver(tiny, "20261103", FAULTY)
    before = len(tiny.events())
    written = write_quality_report(
        tiny.open(), tmp_path / "out", source="housing", examples=True, reason=REASON, today=TODAY
    )
    folder = tmp_path / "out" / "records-to-correct"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o600}
    named = list(csv.DictReader((folder / "records.csv").open(encoding="utf-8", newline="")))
    assert {each["your_reference"]: each["row"] for each in named} == {f"N{n}": str(n) for n in range(1, 11)}
    assert written.examples == len(named) == 10
    assert {each["file"].rpartition("/")[2] for each in named} == {next(iter(tiny.inbox.glob("*20261103*"))).name}
    assert not any("register" in value for each in named for value in each.values()), "it tells of another supplier"
    assert not any(text in str(named) for text in ("Anne", "Example", "CE412000C", "ZZ1 1ZZ", "lots"))
    page = (tmp_path / "out" / "data-quality.html").read_text(encoding="utf-8")
    assert not any(each.dataset.source != "housing" for each in written.review.datasets)
    assert "Elections" not in page.replace("elections.register", "")
    told = tiny.events()[before:]
    assert any(event.action == "quality.examples" and event.detail["records"] == 10 for event in told)
    assert any(event.purpose == "data_quality" and event.form == "identifiable" for event in told)


@pytest.mark.parametrize(
    ("source", "reason", "error"),
    [(None, REASON, UsageError), ("housing", " ", UsageError), ("health", REASON, AccessRefused),
     ("nobody", REASON, NotFound)],
)  # fmt: skip
def test_records_are_refused(
    tiny: TinyWorkspace, tmp_path: Path, source: str | None, reason: str, error: type[Exception]
) -> None:
    with pytest.raises(error):
        write_quality_report(tiny.open(), tmp_path / "out", source=source, examples=True, reason=reason, today=TODAY)
    assert not (tmp_path / "out").exists()


def test_who_may_not_see_quarantine_may_not_review(tiny: TinyWorkspace) -> None:
    with pytest.raises(AccessRefused):
        review_quality(tiny.open("worker"), today=TODAY)
    with pytest.raises(AccessRefused):
        quality_history(tiny.open("worker"), None)


def test_an_agreement_that_does_not_permit_it_leaves_rules_unmeasured(tiny: TinyWorkspace) -> None:
    tiny.change("agreements.toml", '"data_quality", ', "")
    review = review_quality(tiny.open(), today=TODAY)
    one = next(each for each in review.datasets if each.dataset.full_name == "housing.tenancies")
    told = {each.expectation.name: (each.stand, each.reason) for each in one.outcomes}
    assert told["rent_range"][0] == "not measured"
    assert "agreement 'housing' does not permit 'data_quality'" in told["rent_range"][1]
    assert told["taken_in"][0] != "not measured", "intake has counted it"


def test_history_outlives_a_correction_and_the_delivery_itself(tiny: TinyWorkspace) -> None:
    deliver(tiny, "20261103", FAULTY)
    review_quality(tiny.open(), today=TODAY)
    deliver(tiny, "20261103", [row(n) for n in range(40)])
    review_quality(tiny.open(), today=TODAY)
    from almoner.records.models import Delivery, LakeFile

    LakeFile.objects.all().delete()
    Delivery.objects.all().delete()
    kept = quality_history(tiny.open(), "housing.tenancies")
    found = {(each.delivery, each.version, each.measure): (each.missed, each.tested) for each in kept}
    delivery = kept[-1].delivery
    assert found[delivery, 1, "delivery"] == (1, 30)
    assert found[delivery, 2, "delivery"] == (0, 40)
    assert found[delivery, 1, "expects:rent_range"] == (1, 28)
    assert found[delivery, 2, "expects:rent_range"] == (0, 40)
    assert len(found) == len(kept), "a figure is kept once"


@pytest.mark.parametrize(
    ("rows", "note", "stand"),
    [([], "is empty", "not applicable"), ([row(1, rent="x"), row(2, rent="y")], "is in quarantine", "not applicable"),
     ([row(1), row(2)], "", "met")],
)  # fmt: skip
def test_deliveries_of_nothing_or_little(
    tiny: TinyWorkspace, rows: list[dict[str, str]], note: str, stand: str
) -> None:
    deliver(tiny, "20261103", rows)
    review = review_quality(tiny.open(), today=TODAY)
    one = next(each for each in review.datasets if each.dataset.full_name == "housing.tenancies")
    assert note in " ".join(one.notes)
    range_ = next(each for each in one.outcomes if each.expectation.name == "rent_range")
    assert range_.stand == stand
    assert range_.met_percent.value is None, "two rows are small numbers, and none is no number"
    json.loads(json.dumps([str(score.met_percent) for score in one.scores]))
    assert "<table" in render_page(review, "#1d4e6b")


def test_a_dataset_that_never_came_is_not_measured_and_an_issue(tiny: TinyWorkspace) -> None:
    file = tiny.root / "registry" / "sources" / "housing.toml"
    text = file.read_text(encoding="utf-8")
    file.write_text(
        text + '\n[dataset.repairs]\ntitle = "Repairs"\nfiles = "repairs_{sent}.csv"\nformat = { csv = {} }\nkey = ["a"]\n'
        '[dataset.repairs.columns]\na = { from = "A", category = "record" }\n'
        '[dataset.repairs.expectations]\ndue = { within_days = 5 }\ngiven = { complete = "a" }\n', encoding="utf-8",
    )  # fmt: skip
    review = review_quality(tiny.open(), today=TODAY)
    assert {name: stand for name, (stand, _) in stands(review, "housing.repairs").items()} == {
        "due": "not met", "given": "not measured"
    }  # fmt: skip
    assert quality_statement(review, ["housing.repairs"]) == ("Repairs (Housing): nothing has been received.",)


def test_hostile_names_stay_text(tiny: TinyWorkspace, tmp_path: Path) -> None:
    evil = "=cmd|'/c calc'!A0 <script>alert(1)</script>"
    file = tiny.root / "registry" / "sources" / "housing.toml"
    text = file.read_text(encoding="utf-8").replace('title = "Tenancies"', f'title = "{evil}"', 1)
    assert evil in text
    file.write_text(text, encoding="utf-8")
    write_quality_report(tiny.open(), tmp_path / "out", source="housing", examples=True, reason=REASON, today=TODAY)
    page = (tmp_path / "out" / "data-quality.html").read_text(encoding="utf-8")
    assert "<script" not in page
    for path in tmp_path.rglob("*.csv"):
        cells = [cell for line in csv.reader(path.open(encoding="utf-8", newline="")) for cell in line]
        assert not any(cell.startswith(("=", "+", "@")) for cell in cells), path.name


def test_a_report_replaces_only_a_report(tiny: TinyWorkspace, tmp_path: Path) -> None:
    out = tmp_path / "out"
    for _ in range(2):
        write_quality_report(tiny.open(), out, source="housing", examples=False, reason="", today=TODAY)
    (out / "letter.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(UsageError):
        write_quality_report(tiny.open(), out, source="housing", examples=False, reason="", today=TODAY)
    assert (out / "letter.txt").read_text(encoding="utf-8") == "mine"


def test_figures_may_say_how_good_their_data_is(tiny: TinyWorkspace) -> None:
    deliver(tiny, "20261103", FAULTY)
    told = " ".join(quality_statement(review_quality(tiny.open(), today=TODAY), ["housing.tenancies", "a.b"]))
    assert "as of" in told
    assert "Nothing is known of the quality of a.b" in told
    assert "1 row" not in told
