"""Every command is known and classed: what it needs, who is refused, what it leaves in the log.

A new command fails here until somebody has said whether it reads people under a permit, needs a right, or is public.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import pytest
import typer
from typer.testing import CliRunner

from almoner.cli.main import app
from almoner.kernel import errors
from almoner.kernel.errors import AccessRefused, AlmonerError
from almoner.registry.governing import Right
from almoner.store.lake import Lake
from almoner.wiring import workspace as wiring
from tests.architecture.sources import modules
from tests.workspace_builder import TinyWorkspace, canaries, finished_workspace, leaks

WHY = "A reason that explains enough"
READS = {"read", "run", "find", "copy"}
"""The actions of the audit log that are reads of data."""


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> TinyWorkspace:
    """Give a workspace that no test changes, but for its audit log and permits."""
    return finished_workspace(tmp_path_factory.mktemp("commands") / "workspace")


# ── what each needs ─────────────────────────────────────────────────────────────────────────────────────────────────

ID, PERMIT, FILE = "P000000000000", "K0000000000", "x.parquet"
RELEASE, CASE, SAR, SHARE = "R00000000000", "FOI-000000000", "SAR-000000000", "SHR-000000000"
PUBLIC, OWN, OFFICE = "public", "own", "office"
"""public: no personal data, no right. own: about the actor's own permits and workspaces. office: the permit office decides."""
OF_BOTH_GROUPS: dict[str, tuple[str, list[str]]] = {
    "list": ("right requests", []),
    "show": ("right requests", [CASE]),
    "acknowledge": ("right requests", [CASE]),
    "assign": ("right requests", [CASE, "officer"]),
    "ask": ("right requests", [CASE, "--words", WHY]),
    "fee": ("right requests", [CASE, "10", "--reason", WHY]),
    "resume": ("right requests", [CASE]),
    "lapse": ("right requests", [CASE]),
    "extend": ("right requests", [CASE, "--reason", WHY]),
    "letter": ("right requests", [CASE, "1", "--out", "{new}"]),
    "overdue": ("right requests", []),
    "statistics": ("right requests", ["2025-26"]),
    "exempt": ("right requests", [CASE, "s21", "--reason", WHY]),
    "exemptions": (PUBLIC, ["foi"]),
    "decide": ("right requests", [CASE, "granted", "--words", WHY]),
    "approve": ("right requests_approve", [CASE, "--version", "1", "--reason", WHY]),
    "return": ("right requests_approve", [CASE, "--reason", WHY]),
    "answer": ("right requests", [CASE]),
    "supplement": ("right requests", [CASE, "--words", WHY]),
    "review": ("right requests", [CASE, "--words", WHY]),
    "conclude": ("right requests_approve", [CASE, "upheld", "--words", WHY]),
    "regulator": ("right requests", [CASE, "--reference", "IC-1"]),
    "ruled": ("right requests", [CASE, "upheld", "--words", WHY]),
    "close": ("right requests", [CASE]),
    "withdraw": ("right requests", [CASE, "--reason", WHY]),
}
"""The commands that `foi` and `rights` share."""
COMMANDS: dict[str, tuple[str, list[str]]] = {
    "init": (PUBLIC, ["{new}"]),
    "check": (PUBLIC, []),
    "demo-data": (PUBLIC, ["{new}", "--people", "100"]),
    "demo build": (PUBLIC, ["{new}", "--people", "100"]),
    "docs": (PUBLIC, ["--folder", "{new}"]),
    "serve": (PUBLIC, []),
    "registry schema": (PUBLIC, []),
    "role list": (PUBLIC, []),
    "measure list": (PUBLIC, []),
    "audit verify": (PUBLIC, []),
    "intake": ("right intake", []),
    "link": ("right link", []),
    "link report": ("right link", ["--out", "{new}"]),
    "review next": ("right link", ["--reason", WHY]),
    "review sample": ("right link", ["--reason", WHY]),
    "review list": ("right link", ["--reason", WHY]),
    "review decide": ("right link", ["housing/tenancies/T10", "housing/tenancies/T11", "different", "--reason", WHY]),
    "review merge": ("right link", [ID, "P000000000001", "--reason", WHY]),
    "review unmerge": ("right link", [ID, "--record", "housing/tenancies/T10", "--reason", WHY]),
    "review apart": ("right link", [ID, "P000000000001", "--reason", WHY]),
    "review stats": ("right link", ["--reason", WHY]),
    "review history": ("right link", ["--reason", WHY]),
    "explain": ("right link", ["housing/tenancies/T10", "housing/tenancies/T11", "--reason", WHY]),
    "links export": ("right link_export", [FILE, "--reason", WHY]),
    "quarantine list": ("right quarantine", []),
    "quarantine show": ("right quarantine", ["housing.tenancies", "--reason", WHY]),
    "quarantine readmit": ("right quarantine", ["housing.tenancies", "--reason", WHY]),
    "quality list": ("right quarantine", []),
    "quality report": ("right quarantine", ["--out", "{new}"]),
    "quality history": ("right quarantine", []),
    "release draft": ("right release", ["--profiles", "--project", "alpha", "--format", "csv"]),
    "release check": ("right release", [RELEASE]),
    "release repair": ("right release", [RELEASE]),
    "release approve": ("right release_approve", [RELEASE, "--digest", "0" * 12, "--reason", WHY]),
    "release publish": ("right release", [RELEASE]),
    "release withdraw": ("right release", [RELEASE, "--reason", WHY]),
    "release discard": ("right release", [RELEASE, "--reason", WHY]),
    "release verify": ("right release", []),
    "release list": ("right release", []),
    "release show": ("right release", [RELEASE]),
    "foi suggest": (PUBLIC, ["How are streets mended?"]),
    "foi log": (PUBLIC, []),
    "foi open": ("right requests", ["--name", "Zq Somebody", "--words", "How are streets mended?"]),
    "foi estimate": ("right requests", [CASE, "--locate", "1", "--reason", WHY]),
    "foi publish": ("right requests", [CASE, "--title", WHY, "--question", WHY, "--answer", WHY]),
    "foi unpublish": ("right requests", ["D0000000000", "--reason", WHY]),
    "rights open": ("right requests", ["erasure", "--name", "Zq Somebody", "--words", "Erase what you hold"]),
    "rights identify": ("right requests", [CASE, "--words", WHY]),
    "rights object": ("right carry_out", [CASE, "--reason", WHY]),
    "rights restrict": ("right carry_out", [CASE, "--reason", WHY]),
    "rights correct": (
        "right carry_out",
        [CASE, "--dataset", "housing.tenancies", "--record", "T10", "--column", "rent", "--empty", "--reason", WHY],
    ),
    "rights erase": ("right retention", [CASE, "--reason", WHY]),
    "rights lift": ("right carry_out", ["R0000000000", "--reason", WHY]),
    "rights in-force": ("right carry_out", []),
    "rights recipients": ("right carry_out", []),
    "rights recipient-letter": ("right carry_out", ["T0000000000", "--out", "{new}"]),
    "rights told": ("right carry_out", ["T0000000000"]),
    "rights report": ("right carry_out", ["housing", "--out", "{new}"]),
    **{
        f"{group} {name}": (kind, arguments)
        for group in ("foi", "rights")
        for name, (kind, arguments) in OF_BOTH_GROUPS.items()
    },
    "sar list": ("right requests", []),
    "sar verify": ("right requests", [SAR, "--as", "self", "--words", WHY]),
    "sar gather": ("right requests", [SAR]),
    "sar show": ("right requests", [SAR]),
    "sar redactions": ("right requests", [SAR]),
    "sar lift": ("right requests", [SAR, "1", "--reason", WHY]),
    "sar redact": ("right requests", [SAR, "--at", "record/0", "--reason", WHY]),
    "sar opinion": ("right requests", [SAR, "health:health", "harm", "--words", WHY]),
    "sar pack": ("right requests", [SAR, "--out", "{new}", "--recipient", "age1"]),
    "retention due": ("right retention", []),
    "retention run": ("right retention", []),
    "retention approve": ("right retention_approve", ["D0000000000", "--reason", WHY]),
    "retention decline": ("right retention_approve", ["D0000000000", "--reason", WHY]),
    "retention erase": ("right retention", [ID, "--case", "R-1", "--reason", WHY]),
    "retention hold": ("right retention", ["--dataset", "housing.tenancies", "--reason", WHY]),
    "retention release-hold": ("right retention", ["L0000000000", "--reason", WHY]),
    "retention list": ("right retention", []),
    "retention certify": ("right retention", ["D0000000000"]),
    "share agreed": (PUBLIC, []),
    "share ask": ("right share", ["rents", "--reason", WHY]),
    "share check": ("right share", [SHARE]),
    "share approve": ("right share_approve", [SHARE, "--version", "1", "--reason", WHY]),
    "share refuse": ("right share_approve", [SHARE, "--reason", WHY]),
    "share withdraw": ("right share", [SHARE, "--reason", WHY]),
    "share send": ("right share", [SHARE, "--out", "{new}"]),
    "share emergency": ("right share_emergency", ["rescue", "--person", ID, "--reason", WHY, "--out", "{new}"]),
    "share review": ("right share_approve", [SHARE, "justified", "--reason", WHY]),
    "share confirm-destroyed": ("right share", [SHARE, "--words", WHY]),
    "share due": ("right share", []),
    "share list": ("right share", []),
    "share show": ("right share", [SHARE]),
    "share disclosed": ("right requests", [ID]),
    "notice build": ("right notice", []),
    "notice check": ("right notice", []),
    "audit show": ("right audit", []),
    "audit export-head": ("right audit", []),
    "break-glass list": ("right break_glass_review", []),
    "workspace open": ("right workspace", ["--permit", PERMIT]),
    "find": ("permit front_line", ["Ashworth", "--reason", WHY]),
    "person": ("permit front_line", [ID, "--reason", WHY]),
    "household": ("permit front_line", [ID, "--reason", WHY]),
    "profile build": ("permit research", ["--out", "{new}", "--project", "alpha"]),
    "measure show": ("permit monitoring", ["calls", "--reason", WHY]),
    "measure report": ("permit monitoring", ["--out", "{new}", "--reason", WHY]),
    "measure export": ("permit monitoring", ["--reason", WHY]),
    "measure records": ("permit planning", ["calls", "--period", "2026-10", "--purpose", "planning", "--reason", WHY]),
    "query": ("permit research", ["population", "--project", "alpha", "--reason", WHY]),
    "role grant": (OFFICE, ["a", "auditor"]),
    "role revoke": (OFFICE, ["a", "auditor"]),
    "permit request": (OFFICE, ["--purpose", "planning", "--reason", WHY]),
    "permit grant": (OFFICE, [PERMIT]),
    "break-glass open": (OFFICE, [ID, "--reason", WHY]),
    "break-glass review": (OFFICE, ["E0000000000", "--outcome", "justified"]),
    "permit revoke": (OWN, [PERMIT]),
    "permit list": (OWN, []),
    "permit show": (OWN, [PERMIT]),
    "workspace sql": (OWN, ["W0000000000", "SELECT 1"]),
    "workspace list": (OWN, []),
    "workspace close": (OWN, ["W0000000000"]),
}
"""Every command: what it needs, and arguments with which it would work."""
SLOW = {"demo-data", "demo build", "serve"}
"""Public commands that never touch the workspace given; not run here."""


def commands() -> Iterator[tuple[str, Any]]:
    """Give every command with its full name."""
    pending: list[tuple[str, Any]] = list(typer.main.get_command(app).commands.items())  # type: ignore[attr-defined]
    while pending:
        name, command = pending.pop()
        if children := getattr(command, "commands", None):
            pending.extend((f"{name} {child}", each) for child, each in children.items())
        if not children or command.invoke_without_command:
            yield name, command


def test_every_command_is_classed() -> None:
    assert {name for name, _ in commands()} == set(COMMANDS)


def call(tiny: TinyWorkspace, monkeypatch: pytest.MonkeyPatch, actor: str, name: str, new: Path) -> Any:
    """Run a command in this process as somebody."""
    monkeypatch.setattr(wiring, "operating_system_user", lambda: actor)
    monkeypatch.setenv("ALMONER_WORKSPACE", str(tiny.root))
    monkeypatch.chdir(tiny.root)
    tiny.open(actor)
    arguments = [each.replace("{new}", str(new)) for each in COMMANDS[name][1]]
    return CliRunner().invoke(app, [*name.split(), *arguments], standalone_mode=False)


GUARDED = [name for name, (kind, _) in COMMANDS.items() if kind not in (PUBLIC, OWN)]


@pytest.mark.parametrize("name", GUARDED)
def test_who_has_no_role_is_refused(
    shared: TinyWorkspace, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str
) -> None:
    monkeypatch.setattr(wiring.Workspace, "owned_by_actor", lambda self: False)
    before = len(shared.events())
    result = call(shared, monkeypatch, "stranger", name, tmp_path / "new")
    assert isinstance(result.exception, AccessRefused), result.output
    assert not [event for event in shared.events(before) if event.outcome == "allowed"]
    assert leaks(result.output, canaries(shared.registry())) == []


@pytest.mark.parametrize("name", GUARDED)
def test_a_refused_command_leaves_its_trace(
    shared: TinyWorkspace, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str
) -> None:
    monkeypatch.setattr(wiring.Workspace, "owned_by_actor", lambda self: False)
    before = len(shared.events())
    call(shared, monkeypatch, "stranger", name, tmp_path / "new")
    assert [event.outcome for event in shared.events(before) if event.actor == "stranger"] == ["refused"]


@pytest.mark.parametrize("name", [name for name, (kind, _) in COMMANDS.items() if kind == OWN])
def test_what_is_somebody_elses_is_not_found(
    shared: TinyWorkspace, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str
) -> None:
    analyst = shared.open("analyst")
    permit = analyst.permits.standing("analyst", "planning", WHY)
    made = analyst.analysts.open(permit, ["housing.tenancies"])
    names = {PERMIT: permit.id, "W0000000000": made.id}
    monkeypatch.setitem(COMMANDS, name, (OWN, [names.get(each, each) for each in COMMANDS[name][1]]))
    result = call(shared, monkeypatch, "stranger", name, tmp_path / "new")
    assert not result.output or not {permit.id, made.id, "analyst"} & set(re.findall(r"\w+", result.output))
    assert not COMMANDS[name][1] or isinstance(result.exception, AccessRefused | errors.NotFound)
    assert analyst.records.permit(permit.id) == permit
    analyst.analysts.close(made.id, "analyst")


@pytest.mark.parametrize("name", [name for name, (kind, _) in COMMANDS.items() if kind == PUBLIC and name not in SLOW])
def test_a_public_command_reads_nobody(
    shared: TinyWorkspace, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str
) -> None:
    def never(*_: object, **__: object) -> None:
        raise AssertionError("a public command opened the lake")

    for method in ("part", "spine_table", "reopen"):
        monkeypatch.setattr(Lake, method, never)
    result = call(shared, monkeypatch, "stranger", name, tmp_path / "new")
    assert not isinstance(result.exception, AlmonerError | AssertionError), result.exception
    assert leaks(result.output, canaries(shared.registry())) == []


PERSONAL_READS = {
    "links export": "steward", "quarantine list": "steward", "quarantine show": "steward",
    "find": "worker", "profile build": "analyst", "query": "analyst", "release draft": "analyst", "review next": "steward", "review list": "steward",
    "review stats": "steward", "explain": "steward",
}  # fmt: skip


@pytest.mark.parametrize("name", PERSONAL_READS)
def test_a_command_that_reads_people_holds_a_permit(
    shared: TinyWorkspace, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str
) -> None:
    before = len(shared.events())
    result = call(shared, monkeypatch, PERSONAL_READS[name], name, tmp_path / "new")
    assert result.exception is None, result.exception
    found = [event for event in shared.events(before) if event.action in READS]
    assert found
    assert all(event.permit_id and event.purpose and event.datasets for event in found)


def rights_asked_for() -> set[str]:
    """Name the rights that the product asks for anywhere."""
    asked = set()
    for _, tree in modules():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and ast.unparse(node.func).split(".")[-1] in ("require", "check_right"):
                asked |= {
                    arg.value for arg in node.args if isinstance(arg, ast.Constant) and isinstance(arg.value, str)
                }
    return asked


def test_every_right_is_asked_for_by_some_command() -> None:
    assert rights_asked_for() == set(get_args(Right))


def test_each_guarded_command_needs_the_right_that_its_class_says(
    shared: TinyWorkspace, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(wiring.Workspace, "owned_by_actor", lambda self: False)
    for name, (kind, _) in COMMANDS.items():
        if kind.startswith(("right ", "permit ")):
            result = call(shared, monkeypatch, "stranger", name, tmp_path / "new")
            assert f"'{kind.split()[1]}'" in str(result.exception), name
