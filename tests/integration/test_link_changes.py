"""Linking what changed, through the gate: like a whole run, kept like the spine, and gone with what is disposed of."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from almoner.governance.permit import Permit
from almoner.governance.reads import check_read
from almoner.kernel.errors import AccessRefused
from almoner.linkage.memory import ADDED_TO, MEMORY
from almoner.store.catalogue import memory_part
from almoner.wiring.link_inputs import PURPOSE
from almoner.wiring.linking import link_records
from almoner.wiring.remembered import RememberedSpine
from almoner.wiring.taking_in import take_in
from almoner.wiring.workspace import open_workspace, utc_now
from tests.integration.test_linking_declared import DEPENDANTS, ROWS, spine
from tests.workspace_builder import TinyWorkspace, write_workspace

pytestmark = pytest.mark.integration

LATER = ROWS.replace("D2,T11,Rosalind,Quint,1999-02-03,lodger\n", "") + "D4,T12,Mabel,Thorne,2016-01-09,child\n"
KEPT = ("person_record", "person", "address", "residence", "household_member", "relationship", "protected", "review")


@pytest.fixture
def tiny(tmp_path: Path) -> TinyWorkspace:
    """Give a workspace that has been joined once, all of it."""
    tiny = write_workspace(tmp_path / "workspace")
    tiny.change("sources/housing.toml", "[dataset.tenancies]\n", DEPENDANTS + "[dataset.tenancies]\n")
    tiny.deliver("2026-10/dependants_20261031.csv", ROWS)
    tiny.take_in()
    return tiny


def link_again(tiny: TinyWorkspace, **options: bool) -> str:
    """Take in what has come and join. Out: what was said."""
    workspace, _ = open_workspace(tiny.root)
    taken = take_in(workspace, [tiny.inbox], lambda _: None)
    assert not taken.refused
    said: list[str] = []
    link_records(workspace, said.append, **options)
    return "\n".join(said)


WEIGHED = ("match_weight", "match_probability")
"""What depends on how common names are, which an update takes from the last whole run."""


def tables(tiny: TinyWorkspace) -> dict[str, list[str]]:
    """Give the spine's tables but for weights, whatever the order of their rows."""
    rows = {name: spine(tiny, name) for name in KEPT}
    return {
        name: sorted(str({key: value for key, value in row.items() if key not in WEIGHED}) for row in found)
        for name, found in rows.items()
    }


def remembered(tiny: TinyWorkspace) -> str:
    """Give all that is remembered, as text."""
    workspace, _ = open_workspace(tiny.root)
    permit = workspace.permits.standing(workspace.actor, PURPOSE, "Looking at what is remembered")
    memory = RememberedSpine(workspace, permit)
    return str({name: memory.ask(f'SELECT * FROM "{memory_part(name)}"').to_pylist() for name in MEMORY})


def test_a_delivery_is_compared_with_what_is_known_and_gives_what_a_whole_run_gives(tiny: TinyWorkspace) -> None:
    before = {row["record_id"]: row["person_id"] for row in spine(tiny, "person_record")}
    tiny.deliver("2026-11/dependants_20261130.csv", LATER)
    said = link_again(tiny)
    assert "3 mentions" not in said and "to compare with what is known" in said and "to join" not in said
    found = tables(tiny)
    after = {row["record_id"]: row["person_id"] for row in spine(tiny, "person_record")}
    assert after["D4"] not in before.values()
    assert {record: person for record, person in after.items() if record in before} == before
    assert "to join" in link_again(tiny, rebuild=True)
    assert tables(tiny) == found


def test_the_files_of_the_memory_are_carried_over_and_those_it_replaces_are_swept(tiny: TinyWorkspace) -> None:
    workspace = tiny.open()
    first = workspace.lake.catalogue.spine()
    tiny.deliver("2026-11/dependants_20261130.csv", LATER)
    link_again(tiny)
    second = workspace.lake.catalogue.spine()
    assert first is not None and second is not None
    kept = {file.path for file in first.files} & {file.path for file in second.files}
    assert {file.part for file in first.files if file.path in kept} == {memory_part(name) for name in ADDED_TO}
    held = {
        str(path.relative_to(workspace.lake.folder)) for path in (workspace.lake.folder / "spine").rglob("*.parquet")
    }
    assert held == {file.path for file in second.files if not file.part.startswith("search:")}


def test_what_a_correction_took_out_is_not_remembered(tiny: TinyWorkspace) -> None:
    assert "ROSALIND" in remembered(tiny)
    tiny.deliver("2026-10/dependants_20261031.csv", ROWS.replace("D2,T11,Rosalind,Quint,1999-02-03,lodger\n", ""))
    link_again(tiny)
    assert "ROSALIND" not in remembered(tiny)
    assert "ROSALIND" not in str(tables(tiny))
    assert "WILFRED" in remembered(tiny)


def test_who_is_past_retention_leaves_with_the_next_run_though_nothing_was_delivered(
    tiny: TinyWorkspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "WILFRED" in str(tables(tiny))
    later = utc_now() + timedelta(days=30 * 366)
    monkeypatch.setattr("almoner.wiring.workspace.utc_now", lambda: later)
    assert "to compare with what is known" in link_again(tiny)
    held = {row["dataset"] for row in spine(tiny, "person_record")}
    assert "housing.tenancies" not in held and held, "tenancies are kept for twenty years from their start"
    assert "Nothing has changed" in link_again(tiny)


def test_another_registry_asks_for_a_whole_run(tiny: TinyWorkspace) -> None:
    tiny.add("remark.toml", "# The registry changed, and says the same.\n")
    assert "to join" in link_again(tiny)


def test_nobody_but_who_joins_records_reads_the_memory(tiny: TinyWorkspace) -> None:
    registry, now = tiny.registry(), utc_now()
    asked = []
    for name, purpose in registry.purpose.items():
        permit = Permit("P", "x", name, purpose.form, purpose.scope, "", starts_at=now, expires_at=now, state="granted")
        if not purpose.joins_records:
            asked.append(name)
            with pytest.raises(AccessRefused, match="does not join records"):
                check_read(registry, permit, memory_part("mention"), (), now.date())
    assert asked
