"""The command contract, through real processes: documents on standard output, progress on standard error, exit codes."""

from __future__ import annotations

import json
import os
import pwd
import subprocess
import sys
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from almoner.kernel import errors
from tests.workspace_builder import (
    PROTECTED,
    RESIDENTS,
    ROOT,
    SEALED,
    TinyWorkspace,
    declared,
    expected_counts,
    finished_workspace,
    write_workspace,
)

pytestmark = [pytest.mark.integration, pytest.mark.slow]
REASON = ("--reason", "A reason that explains enough")
ME = pwd.getpwuid(os.getuid()).pw_name


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> TinyWorkspace:
    """Give a workspace with everything taken in and joined."""
    return finished_workspace(tmp_path_factory.mktemp("commands") / "workspace")


def document(result: subprocess.CompletedProcess[str], code: int = 0) -> Any:
    """Give the one JSON document of a command that ended as expected."""
    assert result.returncode == code, result.stderr
    assert result.stdout.count("\n") == 1, "more than one line on standard output"
    return json.loads(result.stdout)


# ── help, usage, workspace ───────────────────────────────────────────────────────────────────────────────────────


HEAVY = {"django", "duckdb", "numpy", "pandas", "polars", "pyarrow", "sqlglot", "typst"}


def test_help_comes_at_once() -> None:
    """Engines and frameworks take seconds to load: help loads none of them."""
    script = (
        "import sys\n"
        "from almoner.cli.main import app\n"
        "app(['--help'], standalone_mode=False)\n"
        f"print(*({HEAVY!r} & sys.modules.keys()), file=sys.stderr)"
    )
    environment = {"PYTHONPATH": str(ROOT / "src"), "PATH": os.environ["PATH"]}
    told = subprocess.run([sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=True)
    assert "intake" in told.stdout and told.stderr.strip() == ""


@pytest.mark.parametrize(
    "words", [["intakes"], ["find", "--no-such-option"], ["audit", "show", "--limit", "0"], ["person"]]
)
def test_words_that_are_off_are_told_as_usage(finished: TinyWorkspace, words: list[str]) -> None:
    result = finished.run(*words)
    assert result.returncode == errors.UsageError.exit_code
    assert result.stdout == ""
    assert "Traceback" not in result.stderr


def test_a_workspace_must_be_named_and_be_one(tmp_path: Path, finished: TinyWorkspace) -> None:
    nowhere = finished.run("check", "--json", ALMONER_WORKSPACE="")
    assert document(nowhere, errors.WorkspaceError.exit_code)["cause"] == "workspace"
    assert "--workspace" in nowhere.stderr
    assert document(finished.run("check", "--workspace", str(tmp_path), "--json"), errors.WorkspaceError.exit_code)[
        "where"
    ] == str(tmp_path)
    assert (
        document(finished.run("check", "--workspace", str(finished.root), "--json", ALMONER_WORKSPACE=str(tmp_path)))[
            "faults"
        ]
        == []
    )


# ── a new workspace ──────────────────────────────────────────────────────────────────────────────────────────────


def test_init_makes_a_workspace_that_checks_and_whose_owner_grants_roles(
    tmp_path: Path, finished: TinyWorkspace
) -> None:
    new = tmp_path / "new"
    made = document(finished.run("init", str(new), "--json"))
    assert {"almoner.toml", "registry/purposes.toml"} <= set(made["files"])
    tiny = TinyWorkspace(new)
    checked = document(tiny.run("check", "--json"))
    assert checked["faults"] == []
    assert checked["sources"] > 10
    assert tiny.run("audit", "show").returncode == errors.AccessRefused.exit_code
    assert tiny.run("role", "grant", ME, "governance").returncode == 0
    assert tiny.run("audit", "show", "--json").returncode == 0
    again = finished.run("init", str(new))
    assert again.returncode == errors.UsageError.exit_code
    assert "not empty" in again.stderr


def test_intake_link_and_export_give_what_they_promise(tmp_path: Path) -> None:
    tiny = write_workspace(tmp_path / "workspace")
    inbox = {path.name: path.read_bytes() for path in tiny.inbox.iterdir()}
    first = tiny.run("intake", "--json")
    taken = document(first)
    assert "first user" in first.stderr
    assert "housing.tenancies" in first.stderr, "no progress on standard error"
    promised = {"source", "dataset", "delivery", "rows_in", "accepted", "quarantined", "seconds"}
    assert all(promised <= set(each) for each in taken["deliveries"])
    check_counts(taken["deliveries"])
    again = document(tiny.run("intake", "--json"))
    assert {each["status"] for each in again["deliveries"]} == {"unchanged"}
    assert {path.name: path.read_bytes() for path in tiny.inbox.iterdir()} == inbox, "the inbox was altered"
    linked = document(tiny.run("link", "--json"))
    assert {"records", "persons", "households", "merges", "splits", "review_queue", "seconds", "quality"} <= set(linked)
    repeated = document(tiny.run("link", "--json"))
    assert (repeated["persons"], repeated["merges"], repeated["splits"]) == (linked["persons"], 0, 0)
    exported = document(tiny.run("links", "export", str(tmp_path / "links.parquet"), "--json", *REASON))
    check_links(tmp_path / "links.parquet", linked["records"])
    assert exported["rows"] == linked["records"]


def check_counts(deliveries: list[dict[str, Any]]) -> None:
    """Compare the counts of an intake with what was written into the inbox."""
    months = {"2026-09-01": 0, "2026-10-01": 1, "undated": 0}
    for each in deliveries:
        name = f"{each['source']}.{each['dataset']}"
        expected = expected_counts(declared(), name, months[each["delivery"]])
        assert (each["rows_in"], each["accepted"], each["quarantined"]) == expected, name
    assert len(deliveries) == 13


def check_links(file: Path, records: int) -> None:
    """Check the shape and keys of an export."""
    table = pq.read_table(file)
    assert table.column_names == ["source", "dataset", "record_id", "person_id", "probability", "decided_by"]
    assert table.num_rows == records
    rows = {(row["source"], row["dataset"], row["record_id"]): row["person_id"] for row in table.to_pylist()}
    assert len(rows) == records
    alice, brian = rows["housing", "tenancies", "T10"], rows["housing", "tenancies", "T10#JNT"]
    assert alice == rows["elections", "register", "E0"] == rows["health", "referrals", "R0"]
    assert brian == rows["elections", "register", "E1"] != alice
    assert not [key for key in rows if key[0] == "council"], "staff are matched"


# ── looking people up ────────────────────────────────────────────────────────────────────────────────────────────


def test_find_and_person_show_one_person(finished: TinyWorkspace) -> None:
    found = document(finished.run("find", "Alise Ashworth", "--postcode", "m202ab", "--json", *REASON))["candidates"]
    assert [each["forename"] for each in found] == ["ALICE"]
    view = document(finished.run("person", found[0]["person_id"], "--json", *REASON))
    assert view["identity"]["surname"] == "ASHWORTH"
    assert [each["forename"] for each in view["household"]] == ["BRIAN"]
    facts = [fact for facts in view["services"].values() for fact in facts]
    assert {fact["what"] for fact in facts} == {"Tenancy", "weekly rent"}
    assert all(fact["source"] == "Housing" and fact["as_of"] and fact["match_probability"] for fact in facts)
    states = {each["dataset"]: each["state"] for each in view["coverage"]}
    assert states == {
        "housing.tenancies": "held", "elections.register": "not shown", "health.referrals": "not shown",
        "police.incidents": "not shown", "council.staff": "not shown",
    }  # fmt: skip
    text = finished.run("person", found[0]["person_id"], *REASON)
    assert "ALICE ASHWORTH" in text.stdout
    assert "as of" in text.stdout


def test_what_must_not_be_told_is_not_told(finished: TinyWorkspace) -> None:
    person = finished.person(PROTECTED)
    shown = finished.run("person", person, *REASON)
    assert "DO NOT DISCLOSE" in shown.stdout
    assert PROTECTED.place()["address"].split(",")[0].upper() not in shown.stdout
    found = document(finished.run("find", f"{SEALED.forename} {SEALED.surname}", "--json", *REASON))["candidates"]
    assert finished.person(SEALED) not in {each["person_id"] for each in found}
    nobody = finished.run("person", "P000000000000", "--json", *REASON)
    assert document(nobody, errors.NotFound.exit_code)["exit_code"] == errors.NotFound.exit_code


# ── one exit code per cause ──────────────────────────────────────────────────────────────────────────────────────


def test_each_cause_ends_with_its_code(tmp_path: Path) -> None:
    tiny = finished_workspace(tmp_path / "workspace")
    cases: list[tuple[type[errors.AlmonerError], tuple[str, ...]]] = [
        (errors.UsageError, ("find", "Ashworth", "--reason", "short")),
        (errors.AccessRefused, ("permit", "request", "--purpose", "curiosity", *REASON)),
        (errors.NotFound, ("permit", "grant", "K0000000000")),
        (errors.UsageError, ("intake", "--inbox", str(tmp_path / "nowhere"))),
    ]
    for kind, words in cases:
        told = document(tiny.run(*words, "--json"), kind.exit_code)
        assert (told["cause"], told["exit_code"]) == (kind.cause, kind.exit_code)
        assert told["error"]
    tiny.deliver("tenancies_20261201.csv", "")
    refused = document(tiny.run("intake", "--json"), errors.DeliveryRefused.exit_code)
    assert [each["cause"] for each in refused["refused"]] == ["delivery_refused"]
    tiny.change("sources/housing.toml", 'category = "financial"', 'category = "finacial"')
    assert tiny.run("check").returncode == errors.RegistryError.exit_code
    tiny.change("sources/housing.toml", 'category = "finacial"', 'category = "financial"')
    wrong = tiny.run("link", "--json", ALMONER_MASTER_KEY="AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=")
    assert document(wrong, errors.KeyMissing.exit_code)["cause"] == "key"
    next((tiny.root / "lake" / "spine").rglob("person-*.parquet")).unlink()
    for index in (tiny.root / "lake" / "serving").rglob("*.*"):  # else people are found without the spine
        index.unlink()
    assert tiny.run("find", "Ashworth", *REASON).returncode == errors.LakeError.exit_code


def test_an_audit_log_that_was_altered_is_told(tmp_path: Path) -> None:
    tiny = finished_workspace(tmp_path / "workspace")
    assert document(tiny.run("audit", "verify", "--json"))["intact"] is True
    head = tmp_path / "head.json"
    assert tiny.run("audit", "export-head", str(head)).returncode == 0
    assert document(tiny.run("audit", "verify", "--against", str(head), "--json"))["heads"] >= 1
    file = tiny.root / "audit.sqlite"
    content = file.read_bytes()
    assert b"housing.tenancies" in content
    file.write_bytes(content.replace(b"housing.tenancies", b"housing.tenanciez"))
    for name in ("-wal", "-shm"):
        file.with_name(file.name + name).unlink(missing_ok=True)
    assert tiny.run("audit", "verify").returncode == errors.AuditError.exit_code


def test_notice_drift_is_told_by_its_code(tmp_path: Path) -> None:
    tiny = finished_workspace(tmp_path / "workspace")
    built = document(tiny.run("notice", "build", "--json"))
    assert all(Path(path).is_file() for path in built["files"])
    tiny.change("agreements.toml", "expires_on = 2090-12-31", "expires_on = 2026-10-31")
    drift = document(tiny.run("notice", "check", "--json"), errors.NoticeDrift.exit_code)
    assert drift["errors"] >= 1
    assert any("agreement" in each["what"].lower() for each in drift["drift"])


# ── emergency, end to end ────────────────────────────────────────────────────────────────────────────────────────


def test_break_glass_from_the_command_line(tmp_path: Path) -> None:
    tiny = finished_workspace(tmp_path / "workspace")
    person = tiny.person(RESIDENTS[0])
    opened = document(tiny.run("break-glass", "open", person, "--json", *REASON))
    view = document(tiny.run("person", person, "--purpose", "emergency", "--permit", opened["permit"], "--json"))
    assert {"Health", "Police"} <= set(view["services"]), "an emergency shows what the front line does not see"
    cases = document(tiny.run("break-glass", "list", "--json"))["cases"]
    assert [(case["id"], case["reviewed_by"]) for case in cases] == [(opened["case"], None)]
    own = tiny.run("break-glass", "review", opened["case"], "--outcome", "justified")
    assert own.returncode == errors.AccessRefused.exit_code
    tiny.open("officer").permits.review_emergency(opened["case"], "officer", "justified")
    assert document(tiny.run("break-glass", "list", "--json"))["cases"][0]["reviewed_by"] == "officer"


def test_a_command_that_is_stopped_says_so(tmp_path: Path) -> None:
    """Ctrl-C ends with 130 and leaves nothing half done."""
    script = (
        "import sys, almoner.cli.main as main, almoner.wiring.workspace as w\n"
        "def stop(given): raise KeyboardInterrupt\n"
        "w.open_workspace = stop\n"
        "sys.argv = ['almoner', 'role', 'list', '--json']\n"
        "main.app_entry()"
    )
    environment = {"PYTHONPATH": str(ROOT / "src"), "PATH": os.environ["PATH"]}
    result = subprocess.run(
        [sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=False
    )
    assert result.returncode == 130
    assert json.loads(result.stdout)["cause"] == "interrupted"
