"""What a supplier's own action codes do: rows are added, changed and gone, whatever the columns are called."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from almoner.intake import declaration
from almoner.store.current import current_deliveries, current_rows_sql
from almoner.wiring.quarantine import readmit_rows
from almoner.wiring.taking_in import take_in
from almoner.wiring.workspace import Workspace, open_workspace
from tests.workspace_builder import TinyWorkspace, write_workspace

pytestmark = pytest.mark.integration
REFERRALS = "health.referrals"
CODES = 'action = { column = "action", insert = ["N"], update = ["C"], delete = ["X"] }'
COLUMNS = """position = { from = "Position", category = "record" }
fault = { from = "Fault", category = "record" }
key_hash = { from = "KeyHash", type = "integer", category = "record" }
content_hash = { from = "ContentHash", category = "record" }
"""
"""What landing itself has of each row, as names of a supplier's columns."""
SENT = {"Position": "of R1", "Fault": "none", "KeyHash": "7", "ContentHash": "same"}


@pytest.fixture
def tiny(tmp_path: Path) -> TinyWorkspace:
    """Declare a delta with codes of its own in a column called 'action'."""
    made = write_workspace(tmp_path / "workspace")
    for path in made.inbox.iterdir():
        path.unlink()
    made.change("sources/health.toml", 'action = { column = "action" }', CODES)
    return made


def with_more_columns(tiny: TinyWorkspace) -> None:
    """Declare columns that are called as what landing itself has of each row."""
    tiny.change("sources/health.toml", 'action = { from = "Action"', COLUMNS + 'action = { from = "Action"')


def send(tiny: TinyWorkspace, day: str, rows: dict[str, str], **values: str) -> Workspace:
    """Deliver referrals with their actions, and take them in."""
    sent = [
        {"Referral": key, "Forename": "Anna", "Surname": f"Barlow{key}", "Born": "1980-02-03", "Sex": "F", "NHS": "",
         "Postcode": "M20 1AB", "Referred": "2026-08-01", "Team": "A", "Summary": "", "Action": action,
         **values}
        for key, action in rows.items()
    ]  # fmt: skip
    tiny.deliver(f"referrals_{day}.jsonl", "".join(json.dumps(row) + "\n" for row in sent))
    workspace, _ = open_workspace(tiny.root)
    taken = take_in(workspace, [tiny.inbox], lambda _: None)
    assert not taken.refused, [refusal.error.lines() for refusal in taken.refused]
    return workspace


def actions(workspace: Workspace) -> dict[str, str]:
    """Give the actions that have landed, by delivery and key."""
    entries = workspace.lake.catalogue.deliveries(REFERRALS)
    rows = workspace.lake.part(entries, "rows", workspace.registry.dataset(REFERRALS)).to_table().to_pylist()
    return {f"{row['row_id'] >> 32}:{row['record_key']}": row["action"] for row in rows}


def current(workspace: Workspace) -> set[str]:
    """Give the keys that are current."""
    entries = current_deliveries(workspace.lake.catalogue.deliveries(REFERRALS))
    rows = workspace.lake.part(entries, "rows", workspace.registry.dataset(REFERRALS))
    found = workspace.engine.session({"r": rows}).query(current_rows_sql("r", entries)).rows()
    return {row["record_key"] for row in found}


def test_a_delete_in_the_suppliers_own_code_takes_the_row_away(tiny: TinyWorkspace) -> None:
    send(tiny, "20260901", {"R1": "N", "R2": "N", "R3": "N"})
    workspace = send(tiny, "20261001", {"R1": "C", "R2": "X", "R4": "N"})
    assert actions(workspace) == {"1:R1": "I", "1:R2": "I", "1:R3": "I", "2:R1": "U", "2:R2": "D", "2:R4": "I"}
    assert current(workspace) == {"R1", "R3", "R4"}


def test_the_suppliers_columns_keep_what_was_sent(tiny: TinyWorkspace) -> None:
    with_more_columns(tiny)
    workspace = send(tiny, "20260901", {"R1": "C"}, **SENT)
    dataset = workspace.registry.dataset(REFERRALS)
    held = workspace.lake.part(workspace.lake.catalogue.deliveries(REFERRALS), "special", dataset).to_table()
    names = ["action", "position", "fault", "key_hash", "content_hash"]
    assert held.select(names).to_pylist() == [dict(zip(names, ["C", "of R1", "none", 7, "same"], strict=True))]


def test_rows_that_are_readmitted_act_as_declared(tiny: TinyWorkspace) -> None:
    with_more_columns(tiny)
    send(tiny, "20260901", {"R1": "N", "R2": "N"}, **SENT)
    workspace = send(tiny, "20261001", {"R1": "X", "R2": "X"}, **{**SENT, "KeyHash": "seven"})
    assert current(workspace) == {"R1", "R2"}, "both deletes are in quarantine"
    tiny.change("sources/health.toml", 'from = "KeyHash", type = "integer"', 'from = "KeyHash"')
    workspace, _ = open_workspace(tiny.root)
    done = readmit_rows(workspace, REFERRALS, None, None, "The column is declared as text now")
    assert sum(each["readmitted"] for each in done) == 2
    assert current(workspace) == set()


def test_what_landed_by_an_earlier_reading_lands_anew(tiny: TinyWorkspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(declaration, "LANDS_AS", declaration.LANDS_AS - 1)
    send(tiny, "20260901", {"R1": "N"})
    monkeypatch.undo()
    workspace = send(tiny, "20261001", {"R1": "X"})
    versions = [entry.version for entry in workspace.lake.catalogue.deliveries(REFERRALS)]
    assert (sorted(versions), current(workspace)) == ([1, 2], set())
