"""What the front line is shown of one person: what is surely theirs, and nothing that tells of other datasets."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pytest
from typer.testing import CliRunner

from almoner.cli.main import app
from almoner.kernel.errors import NotFound
from almoner.single_view.certainty import LEAST_PROBABILITY
from almoner.single_view.finding import Wanted, find_people
from almoner.store.lake import Lake
from almoner.wiring import workspace as wiring
from almoner.wiring.looking_up import look_up
from tests.workspace_builder import RESIDENTS, Resident, TinyWorkspace, finished_workspace, nothing_kept, whole

pytestmark = pytest.mark.integration
WHY = "A reason that explains enough"
TENANT = RESIDENTS[0]
Change = Callable[[pa.Table], pa.Table]


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> TinyWorkspace:
    """Give a workspace that no test changes, but for its audit log and permits."""
    return finished_workspace(tmp_path_factory.mktemp("front") / "workspace")


def records_changed(monkeypatch: pytest.MonkeyPatch, change: Change) -> None:
    """Let linkage have decided otherwise: change the spine's table of records as it is read."""
    nothing_kept(monkeypatch)
    real = Lake.spine_table

    def changed(self: Lake, entry: Any, table: str) -> Any:
        found = real(self, entry, table)
        if table != "person_record":
            return found
        return change(found if isinstance(found, pa.Table) else found.to_table())

    monkeypatch.setattr(Lake, "spine_table", changed)


def weighed(probability: float | None, dataset: str = "housing.tenancies") -> Change:
    """Give every record of a dataset this probability."""

    def change(table: pa.Table) -> pa.Table:
        position = table.column_names.index("match_probability")
        chosen = pc.equal(table.column("dataset").cast(pa.string()), dataset)
        column = pc.if_else(chosen, pa.scalar(probability, pa.float64()), table.column("match_probability"))
        return table.set_column(position, "match_probability", column)

    return change


# ── uncertain links ──────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("probability", "sure"), [(None, True), (LEAST_PROBABILITY, True), (0.9499, False)])
def test_a_fact_of_an_uncertain_link_is_counted_and_not_shown(
    shared: TinyWorkspace, monkeypatch: pytest.MonkeyPatch, probability: float | None, sure: bool
) -> None:
    person = shared.person(TENANT)
    records_changed(monkeypatch, weighed(probability))
    view = look_up(shared.open("worker"), person, "front_line", WHY, None)
    (coverage,) = (each for each in view.coverage if each.dataset == "housing.tenancies")
    if sure:
        assert {fact.what for fact in view.services["Housing"]} == {"Tenancy", "weekly rent"}
        assert view.left_out == []
        assert coverage.state == "held"
    else:
        assert view.services == {}
        assert view.left_out == ["1 record with uncertain match is not shown (Housing, Tenancies)"]
        assert coverage.state == "uncertain", "neither held nor none"


def test_the_command_says_what_it_leaves_out(shared: TinyWorkspace, monkeypatch: pytest.MonkeyPatch) -> None:
    person = shared.person(TENANT)
    records_changed(monkeypatch, weighed(0.9))
    monkeypatch.setattr(wiring, "operating_system_user", lambda: "worker")
    arguments = ["person", person, "--reason", WHY, "--workspace", str(shared.root)]
    output = CliRunner().invoke(app, arguments, standalone_mode=False).output
    assert "1 record with uncertain match is not shown" in output
    assert "weekly rent" not in output


# ── other datasets ───────────────────────────────────────────────────────────────────────────────────────────────


def elsewhere(shared: TinyWorkspace) -> tuple[Resident, int]:
    """Give somebody who is also in datasets that the front line is not given, and how many records they have."""
    steward = shared.open("steward")
    permit = steward.permits.standing("steward", "matching", WHY)
    everybody = steward.gate.run(permit, whole("spine.person"), {"spine.person": ()}).rows()
    counts = {row["person_id"]: row["record_count"] for row in everybody}
    count = counts[shared.person(TENANT)]
    assert count > 1
    return TENANT, count


def test_the_number_of_records_tells_of_no_dataset_that_is_not_given(shared: TinyWorkspace) -> None:
    resident, everything = elsewhere(shared)
    view = look_up(shared.open("worker"), shared.person(resident), "front_line", WHY, None)
    assert view.identity["record_count"] == 1 < everything, "the count tells of the police's and the trust's files"


def test_residences_count_no_sources_for_the_front_line(shared: TinyWorkspace) -> None:
    worker = shared.open("worker")
    permit = worker.permits.standing("worker", "front_line", WHY, subjects=(shared.person(TENANT),))
    found = worker.gate.run(permit, whole("spine.residence"), {"spine.residence": ()}).rows()
    assert found
    assert {row["source_count"] for row in found} == {None}


def test_who_is_known_by_other_datasets_only_is_not_there(
    shared: TinyWorkspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """That the police know somebody is criminal data, though their name by itself is not."""
    person = shared.person(TENANT)
    wanted = Wanted(f"{TENANT.forename} {TENANT.surname}", TENANT.born)
    worker = shared.open("worker")

    def found() -> list[str]:
        permit = worker.permits.standing("worker", "front_line", WHY)
        return [candidate.person_id for candidate in find_people(worker.gate, permit, wanted)]

    assert person in found()

    def without_tenancies(table: pa.Table) -> pa.Table:
        return table.filter(pc.not_equal(table.column("dataset").cast(pa.string()), "housing.tenancies"))

    records_changed(monkeypatch, without_tenancies)
    assert person not in found()
    with pytest.raises(NotFound):
        look_up(worker, person, "front_line", WHY, None)
    officer = shared.open("officer")
    assert look_up(officer, person, "requests", WHY, None).identity["record_count"] > 0, "the law shows all"


# ── retention ────────────────────────────────────────────────────────────────────────────────────────────────────


def test_an_open_case_is_past_no_retention(tmp_path: Path) -> None:
    """Twenty years from the start are over, but the tenancy has not ended: the newest snapshot still delivers it."""
    own = finished_workspace(tmp_path / "workspace")
    own.change("council.toml", "years = 20", "years = 1")
    analyst = own.open("analyst")

    def rows() -> int:
        permit = analyst.permits.standing("analyst", "planning", WHY)
        return len(analyst.gate.read(permit, "housing.tenancies", ["note"]).rows())

    over = rows()
    assert over < 9
    old = 'service = "Tenancy", detail = "practice", starts = "starts" }'
    own.change("sources/housing.toml", old, old.replace(" }", ', ends = "ends" }'))
    own.change("sources/housing.toml", "[[dataset.tenancies.facts]]\nresidence = { person = \"tenant\"",
               'ends = { from = "Ends", type = "date", category = "record", optional = true }\n'
               "[[dataset.tenancies.facts]]\nresidence = { person = \"tenant\"")  # fmt: skip
    analyst = own.open("analyst")
    assert rows() == 9
