"""The demonstration on a small borough, from the deliveries to the pages, judged by the borough's own truth.

Everything is run once, on the day after the last delivery; the tests only look at what came out. The truth is never
shown to the product: it lies beside the inbox.
"""

from __future__ import annotations

import csv
import datetime as dt
import json
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from almoner.cli.demonstration import Demonstration, build_demonstration
from almoner.demo import Summary, generate
from almoner.linkage.evaluate import pairwise
from almoner.notice.drift_kinds import Drift
from almoner.registry import load_registry
from almoner.store.keys import MASTER_KEY_VARIABLE
from almoner.wiring.link_export import export_links
from almoner.wiring.linking import link_records
from almoner.wiring.noticing import notice_drift
from almoner.wiring.quarantine import quarantine_summary, quarantined_rows
from almoner.wiring.taking_in import TakenIn, take_in
from almoner.wiring.workspace import Workspace, open_workspace

pytestmark = [pytest.mark.slow, pytest.mark.integration]

PEOPLE, SEED = 600, 11
TODAY = dt.datetime(2026, 5, 8, 9, tzinfo=dt.UTC)
CLOCKS = ("workspace", "taking_in", "profiling", "noticing")
"""Modules of the wiring that look at the clock. Retention and cadence go by it: in years to come much would be gone."""
REASON = "Judging the demonstration by what is true of the borough"
PRECISION, RECALL = 0.97, 0.85
"""Floors for pairs of records. Measured here: 0.999 and 0.90."""

Record = tuple[str, str, str]
"""source, dataset, record_id."""

Row = tuple[str, str, int, str]
"""file, sheet, position, code of the reason."""


@dataclass(frozen=True)
class Flow:
    """What the demonstration made, and what running its parts again gave."""

    root: Path
    result: Demonstration
    written: Summary
    quarantined: frozenset[Row]
    counted: int
    taken_again: TakenIn
    links: dict[Record, str]
    linked_again: dict[str, Any]
    links_again: dict[Record, str]
    drift: list[Drift]
    events: int

    def truth(self, name: str) -> pl.DataFrame:
        """Read a table of the truth as text."""
        return pl.read_csv(self.root / "truth" / f"{name}.csv", infer_schema_length=0)

    def true_people(self) -> dict[Record, str]:
        """Give each record that names somebody its true person."""
        rows = self.truth("links").select("source", "dataset", "record_id", "person_id").rows()
        return {(source, dataset, record): person for source, dataset, record, person in rows}


@pytest.fixture(scope="module")
def flow(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flow]:
    """Build the demonstration, then run intake and linkage again."""
    folder = tmp_path_factory.mktemp("demonstration")
    with pytest.MonkeyPatch.context() as patch:
        for variable in ("DATABASE_URL", MASTER_KEY_VARIABLE):
            patch.delenv(variable, raising=False)
        for module in CLOCKS:
            patch.setattr(f"almoner.wiring.{module}.utc_now", lambda: TODAY)
        root = folder / "demo"
        result = build_demonstration(root, PEOPLE, SEED, lambda _: None)
        workspace, _ = open_workspace(root)
        links = _links(workspace, folder / "links.parquet")
        yield Flow(
            root=root,
            result=result,
            written=generate(PEOPLE, SEED, folder / "again"),
            quarantined=_quarantined(workspace),
            counted=sum(row["rows"] for row in quarantine_summary(workspace, None)),
            taken_again=take_in(workspace, [root / "inbox"], lambda _: None),
            links=links,
            linked_again=link_records(workspace, lambda _: None),
            links_again=_links(workspace, folder / "links-again.parquet"),
            drift=notice_drift(workspace),
            events=_verified(workspace),
        )


def _quarantined(workspace: Workspace) -> frozenset[Row]:
    rows = set()
    for name in sorted({row["dataset"] for row in quarantine_summary(workspace, None)}):
        form = workspace.registry.dataset(name).format
        sheet = form.xlsx.sheet if form.xlsx else ""
        for row in quarantined_rows(workspace, name, None, None, REASON):
            rows.add((row["file"], sheet, row["position"], row["code"]))
    return frozenset(rows)


def _links(workspace: Workspace, file: Path) -> dict[Record, str]:
    export_links(workspace, file, REASON)
    rows = pl.read_parquet(file).select("source", "dataset", "record_id", "person_id").rows()
    return {(source, dataset, record): person for source, dataset, record, person in rows}


def _verified(workspace: Workspace) -> int:
    report = workspace.audit.verify()
    report.require_intact()
    return report.size


# ── intake ────────────────────────────────────────────────────────────────────────────────────────


def test_every_row_is_accepted_or_quarantined(flow: Flow) -> None:
    assert flow.result.rows_in == flow.result.accepted + flow.result.quarantined
    for delivery in flow.taken_again.deliveries:
        assert delivery["rows_in"] == delivery["accepted"] + delivery["quarantined"], delivery["dataset"]


def test_every_row_that_was_written_came_in(flow: Flow) -> None:
    came = sum(d["rows_in"] for d in flow.taken_again.deliveries if d["source"] != "open_data")
    assert came == flow.written.records
    published = sum(d["rows_in"] for d in flow.taken_again.deliveries if d["source"] == "open_data")
    assert published == sum(flow.written.open_data.values())


def test_every_file_is_declared_and_every_declared_dataset_came(flow: Flow) -> None:
    assert flow.taken_again.undeclared == ()
    assert {"never_received", "held_not_declared"} & {each.kind for each in flow.drift} == set()
    files = {file for d in flow.taken_again.deliveries for file in d["files"] if d["source"] != "open_data"}
    assert files == {name.split("#")[0] for name in flow.written.deliveries}


def test_quarantine_holds_the_planted_faults_and_nothing_else(flow: Flow) -> None:
    planted = flow.truth("planted_faults").filter(pl.col("expected") == "quarantined")
    wanted = {(r["file"], r["sheet"] or "", int(r["position"]), r["code"]) for r in planted.iter_rows(named=True)}
    assert len({code for *_, code in wanted}) >= 9, "the borough has faults of many kinds"
    assert flow.quarantined == wanted
    assert flow.counted == len(wanted) == flow.result.quarantined


def test_a_second_intake_changes_nothing(flow: Flow) -> None:
    assert flow.taken_again.refused == []
    assert {delivery["status"] for delivery in flow.taken_again.deliveries} == {"unchanged"}
    assert len(flow.taken_again.deliveries) == flow.result.deliveries
    assert sum(d["rows_in"] for d in flow.taken_again.deliveries) == flow.result.rows_in


# ── people ────────────────────────────────────────────────────────────────────────────────────────


def test_every_record_that_names_somebody_and_still_stands_has_a_person(flow: Flow) -> None:
    links = flow.truth("links")
    last = links["to_month"].max()
    stands = {tuple(row) for row in links.filter(pl.col("to_month") == last)["source", "dataset", "record_id"].rows()}
    assert stands - set(flow.links) == set()
    assert set(flow.links) - set(flow.true_people()) == set(), "companies and occupiers are nobody's record"


def test_people_are_joined_as_they_truly_are(flow: Flow) -> None:
    quality = pairwise(flow.links, flow.true_people())
    assert quality.precision >= PRECISION
    assert quality.recall >= RECALL


def test_a_sealed_identity_is_never_joined_to_another(flow: Flow) -> None:
    persons = flow.truth("persons").filter(pl.col("sealed_former_id").is_not_null())
    pairs = dict(persons.select("person_id", "sealed_former_id").rows())
    assert pairs
    found = defaultdict(set)
    for record, person in flow.true_people().items():
        if record in flow.links:
            found[person].add(flow.links[record])
    for present, former in pairs.items():
        assert found[present] & found[former] == set()


def test_a_second_run_gives_the_same_people(flow: Flow) -> None:
    assert (flow.linked_again["merges"], flow.linked_again["splits"]) == (0, 0)
    assert flow.linked_again["persons"] == flow.result.metrics["persons"]
    assert flow.links_again == flow.links


# ── what comes of it ──────────────────────────────────────────────────────────────────────────────


def test_the_notice_agrees_with_what_is_held(flow: Flow) -> None:
    assert flow.result.drift_errors == 0
    assert [each.what for each in flow.drift] == []
    for page in ("notice.html", "notice.md", "processing-record.html"):
        assert (flow.root / "notice" / page).stat().st_size > 1000


def test_the_audit_log_verifies_and_grew_with_the_reads(flow: Flow) -> None:
    assert flow.result.events > 0
    assert flow.events > flow.result.events


def test_every_indicator_has_figures(flow: Flow) -> None:
    document = json.loads((flow.root / "profiles" / "profiles.json").read_text("utf-8"))
    assert document["status"] == "UNRELEASED DRAFT"
    missing = {i["name"]: i["not_available"] for i in document["indicators"] if i["not_available"]}
    assert missing == {}
    assert len(document["indicators"]) >= 25


def test_indicators_differ_from_one_another(flow: Flow) -> None:
    """A figure that was computed from another's rows would repeat it area by area."""
    document = json.loads((flow.root / "profiles" / "profiles.json").read_text("utf-8"))
    seen: dict[str, str] = {}
    for indicator in document["indicators"]:
        figures = [(f["area_code"], f["value"]) for f in indicator["figures"]]
        text = json.dumps(figures)
        # A few small counts, rounded to five, may well be alike.
        if sum(isinstance(value, float) and value > 0 for _, value in figures) >= 8:
            assert text not in seen, f"{indicator['name']} repeats {seen.get(text)}"
        seen[text] = indicator["name"]


def test_no_count_of_one_to_four_is_shown(flow: Flow) -> None:
    with (flow.root / "profiles" / "profiles.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    declared = load_registry(flow.root / "registry").indicator
    own = {  # what others have published is shown as it was published
        part: {name for name, each in declared.items() if getattr(each, part) is not None}
        for part in ("numerator", "denominator")
    }
    counts = [float(row[part]) for row in rows for part in own if row["indicator"] in own[part] and row[part]]
    counts += [
        float(row["value"])
        for row in rows
        if row["unit"] == "number" and row["indicator"] in own["numerator"] and row["value"]
    ]
    assert len(counts) > 300
    assert [count for count in counts if 0 < count < 5] == []
    withheld = [row for row in rows if row["marker"] == "[c]"]
    assert withheld, "a small borough has small numbers"
    assert [row["indicator"] for row in withheld if row["value"]] == []
