"""There is one door to person-level data, and it writes down who passes: rules that enumerate everything.

Every public method of the gate, every import that opens data, every error is in a table here. Whatever is added fails
until somebody has said what it is. The commands have a table of their own in `test_every_command`.
"""

from __future__ import annotations

import ast
import inspect
import re
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from almoner.governance import showing
from almoner.governance.audit import AuditEvent, AuditReceipt, EventFilter
from almoner.governance.gate import Desk, Gate
from almoner.governance.permit import Permit
from almoner.governance.workspaces import Workspaces
from almoner.kernel import errors
from almoner.kernel.errors import AccessRefused, AlmonerError, AuditError
from almoner.single_view.reading import PersonShowing
from almoner.single_view.searching import PeopleSearch
from almoner.single_view.wanted import Asked
from almoner.store.lake import Lake
from almoner.wiring import workspace as wiring
from tests.architecture.sources import ROOT, imported, modules
from tests.workspace_builder import RESIDENTS, TinyWorkspace, finished_workspace, whole

WHY = "A reason that explains enough"
READS = {"read", "run", "find", "copy"}
"""The actions of the audit log that are reads of data."""


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> TinyWorkspace:
    """Give a workspace that no test changes, but for its audit log and permits."""
    return finished_workspace(tmp_path_factory.mktemp("door") / "workspace")


OPENING = ("part", "spine_table", "memory_table", "reopen", "index", "book")
"""What opens files of the lake."""


class WatchedLake:
    """A lake that notes when it is opened."""

    def __init__(self, lake: Lake, story: list[str]) -> None:
        self._lake = lake
        self._story = story

    def __getattr__(self, name: str) -> Any:
        if name in OPENING:
            self._story.append("opened")
        return getattr(self._lake, name)


class WatchedAudit:
    """An audit log that notes when it is written, or can't be."""

    def __init__(self, story: list[str], *, broken: bool = False) -> None:
        self._story = story
        self._broken = broken

    def append(self, event: AuditEvent, *, subjects: Sequence[str] = (), reason: str | None = None) -> AuditReceipt:
        if self._broken:
            raise AuditError("The log can't be written.")
        self._story.append(f"{event.action} {event.outcome}")
        return AuditReceipt(1, b"", b"")


def watched(tiny: TinyWorkspace, actor: str, *, broken: bool = False) -> tuple[wiring.Workspace, Gate, list[str]]:
    """Give a gate over the workspace that tells what it does in order; the lake it opens is the real one."""
    workspace = tiny.open(actor)
    story: list[str] = []
    lake: Any = WatchedLake(workspace.lake, story)
    audit: Any = WatchedAudit(story, broken=broken)
    gate = Gate(
        workspace.registry, lake, workspace.engine, workspace.records, audit, workspace.ring, wiring.utc_now,
        workspace.rights,
    )  # fmt: skip
    return workspace, gate, story


def permit_of(workspace: wiring.Workspace) -> Permit:
    """Issue a permit for what the actor does."""
    purpose = {"steward": "matching", "worker": "front_line", "analyst": "planning"}[workspace.actor]
    about = (TinyWorkspace(workspace.root).person(RESIDENTS[0]),) if purpose == "front_line" else ()
    return workspace.permits.standing(workspace.actor, purpose, WHY, subjects=about)


def shown(gate: Gate, permit: Permit) -> Any:
    """Show the person whom a permit is about; the process has opened no book yet."""
    showing._open.clear()
    return gate.show(permit, PersonShowing(gate._registry), permit.subjects)


# ── the gate ─────────────────────────────────────────────────────────────────────────────────────────────────────

TENANCIES = {"housing.tenancies": ("rent",)}
SPINE = {"spine.person": ()}
DATA: dict[str, tuple[str, Callable[[Gate, Permit], Any]]] = {
    "read": ("steward", lambda gate, permit: gate.read(permit, "housing.tenancies", ["surname"])),
    "run": ("steward", lambda gate, permit: gate.run(permit, whole("spine.person"), SPINE)),
    "find": ("worker", lambda gate, permit: gate.find(permit, PeopleSearch(), Asked(("ASHWORTH",)), limit=99)),
    "show": ("worker", shown),
    "copy": ("analyst", lambda gate, permit: gate.copy(permit, whole("housing.tenancies")[0], TENANCIES)),
    "desk": ("steward", lambda gate, permit: gate.desk(permit).run(whole("spine.person"), SPINE)),
}
"""Methods that give data, each with who calls it and how."""
NO_DATA: dict[str, Callable[[Gate, Permit], Any]] = {
    "readable": lambda gate, permit: gate.readable("steward"),
    "columns_for": lambda gate, permit: gate.columns_for(permit),
    "held": lambda gate, _: gate.held("housing.tenancies"),
    "rights_seen": lambda gate, permit: gate.rights_seen(permit),
}
"""Methods that say what may be read."""
SAID = {"desk": "run", "show": "run"}
"""What the log calls a method that it does not call by its own name."""
PREPARES = {"publish"}
"""What reads, and gives out nothing of what it read."""
FOR_THE_DESK = {"view_maker", "rights_now"}
CHECKS = {"check_in_force"}
"""What only says yes or no."""
"""What only `Desk` may call; a rule below holds everybody else off."""


def public(kind: type) -> set[str]:
    """Name the public methods of a class."""
    return {name for name, member in vars(kind).items() if callable(member) and not name.startswith("_")}


def test_every_method_of_the_gate_is_classed() -> None:
    assert public(Gate) == {*DATA, *NO_DATA, *PREPARES, *FOR_THE_DESK, *CHECKS}


@pytest.mark.parametrize("method", DATA)
def test_each_read_is_written_down_once_before_anything_is_opened(shared: TinyWorkspace, method: str) -> None:
    actor, call = DATA[method]
    workspace, gate, story = watched(shared, actor)
    assert call(gate, permit_of(workspace)) is not None
    events = [told for told in story if told != "opened"]
    assert events == [f"{SAID.get(method, method)} allowed"]
    assert story[0] == events[0], "the lake was opened before the event was written"
    assert "opened" in story


@pytest.mark.parametrize("method", DATA)
def test_a_read_that_can_not_be_written_down_does_not_happen(shared: TinyWorkspace, method: str) -> None:
    actor, call = DATA[method]
    workspace, gate, story = watched(shared, actor, broken=True)
    with pytest.raises(AuditError):
        call(gate, permit_of(workspace))
    assert story == []


@pytest.mark.parametrize("method", DATA)
def test_a_refusal_is_written_down_and_opens_nothing(shared: TinyWorkspace, method: str) -> None:
    actor, call = DATA[method]
    workspace, gate, story = watched(shared, actor)
    permit = permit_of(workspace)
    workspace.permits.revoke(permit.id, actor)
    with pytest.raises(AccessRefused):
        call(gate, permit)
    assert story == [f"{SAID.get(method, method)} refused"]


@pytest.mark.parametrize("method", NO_DATA)
def test_what_may_be_read_is_said_without_reading(shared: TinyWorkspace, method: str) -> None:
    workspace, gate, story = watched(shared, "steward")
    assert NO_DATA[method](gate, permit_of(workspace))
    assert story == []


def publish(gate: Gate, permit: Permit) -> dict[str, int]:
    """Make the snapshot as a link does, though there is one."""
    from almoner.records.models import ServingSnapshot

    ServingSnapshot.objects.all().delete()
    return gate.publish(permit, PeopleSearch(), PersonShowing(gate._registry))


def test_the_snapshot_is_made_after_it_is_written_down(shared: TinyWorkspace) -> None:
    workspace, gate, story = watched(shared, "steward")
    found = publish(gate, permit_of(workspace))
    assert set(found) == {"front_line", "requests", "emergency"}
    events = [told for told in story if told != "opened"]
    assert events == ["publish allowed", *["index allowed"] * 2, *["publish allowed"] * 3]
    assert story[0] == "publish allowed"


def test_a_snapshot_that_can_not_be_written_down_is_not_made(shared: TinyWorkspace) -> None:
    workspace, gate, story = watched(shared, "steward", broken=True)
    with pytest.raises(AuditError):
        publish(gate, permit_of(workspace))
    assert story == []
    publish(shared.open("steward").gate, permit_of(shared.open("steward")))


def test_only_whoever_joins_records_or_looks_for_people_makes_a_snapshot(shared: TinyWorkspace) -> None:
    workspace, gate, story = watched(shared, "analyst")
    with pytest.raises(AccessRefused):
        gate.publish(permit_of(workspace), PeopleSearch(), PersonShowing(workspace.registry))
    assert story == ["publish refused"]


def test_a_desk_alone_opens_nothing(shared: TinyWorkspace) -> None:
    workspace, gate, story = watched(shared, "steward")
    gate.desk(permit_of(workspace))
    assert story == []


DESK_PARTS = {"view_maker", "rights_now", "lay_out", "session"}


def test_nobody_but_the_gate_uses_the_inside_of_a_desk() -> None:
    """They define and run without a decision. The gate alone decides."""
    assert {*FOR_THE_DESK, "lay_out"} <= DESK_PARTS
    assert public(Desk) | {"session"} == {"run", "lay_out", "session"}
    engines = (
        "governance/gate.py", "governance/views.py", "store/", "intake/landing.py", "intake/readmission.py",
        "disposal/due.py",
    )  # fmt: skip
    users = [
        f"{name}: .{node.attr}"
        for name, tree in modules()
        if not name.startswith(engines)
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and node.attr in DESK_PARTS
        # The web application has sessions of its own: of people who are signed in. It meets no desk.
        if not (name.startswith("web/") and node.attr == "session")
    ]
    assert not users


@pytest.mark.parametrize("broken", [False, True])
def test_a_query_in_a_workspace_is_written_down_before_it_runs(
    shared: TinyWorkspace, monkeypatch: pytest.MonkeyPatch, broken: bool
) -> None:
    from almoner.governance import workspaces

    workspace = shared.open("analyst")
    made = workspace.analysts.open(permit_of(workspace), ["housing.tenancies"])
    story: list[str] = []
    monkeypatch.setattr(workspace.analysts, "_audit", WatchedAudit(story, broken=broken))
    monkeypatch.setattr(workspaces, "run_sql", lambda *_, **__: story.append("ran"))
    call = lambda: workspace.analysts.sql(made.id, "analyst", "SELECT 1", memory="1GB", threads=1)  # noqa: E731
    if broken:
        with pytest.raises(AuditError):
            call()
        assert story == []
    else:
        call()
        assert story == ["workspace.query allowed", "ran"]


def test_every_method_of_workspaces_is_known() -> None:
    assert public(Workspaces) == {"open", "sql", "close", "list", "expire"}


# ── data reads == audit events ───────────────────────────────────────────────────────────────────────────────────

OPENERS = {
    "almoner.governance.views",
    "almoner.governance.rights_views",
    "almoner.governance.following",
    "almoner.governance.searching",
    "almoner.governance.showing",
    "almoner.intake.landing",
    "almoner.intake.readmission",
    "almoner.disposal.due",
    "almoner.disposal.person",
    "almoner.disposal.replay",
}
"""Modules that open parts of the lake: the gate's views, and intake over what it has just written or re-admits."""


def test_over_a_whole_flow_each_read_is_an_event(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from almoner.single_view.finding import Wanted, find_people
    from almoner.wiring.link_export import export_links
    from almoner.wiring.looking_up import look_up
    from almoner.wiring.profiling import profile_neighbourhoods
    from almoner.wiring.quarantine import quarantined_rows, readmit_rows

    tiny = finished_workspace(tmp_path / "workspace")
    person, before = tiny.person(RESIDENTS[0]), len(tiny.events())
    calls: list[str] = []
    openers: set[str] = set()
    for method in (*READS, "show"):
        monkeypatch.setattr(Gate, method, counted(getattr(Gate, method), calls))
    for method in OPENING:
        monkeypatch.setattr(Lake, method, observed(getattr(Lake, method), openers))
    steward = tiny.open("steward")
    tiny.deliver("tenancies_20261115.csv", next(tiny.inbox.glob("tenancies_20260901.csv")).read_bytes())
    tiny.take_in()
    export_links(steward, tmp_path / "links.parquet", WHY)
    quarantined_rows(steward, "housing.tenancies", None, None, WHY)
    readmit_rows(steward, "housing.tenancies", None, None, WHY)
    worker = tiny.open("worker")
    find_people(worker.gate, permit_of(worker), Wanted("Alice Ashworth"))
    look_up(worker, person, "front_line", WHY, None)
    analyst = tiny.open("analyst")
    profile_neighbourhoods(analyst, tmp_path / "profiles", "alpha", WHY)
    made = analyst.analysts.open(permit_of(analyst))
    analyst.analysts.sql(made.id, "analyst", "SELECT 1 AS one", memory="500MB", threads=1)
    events = [event for event in tiny.events(before) if event.action in READS]
    assert len(calls) == len(events) > 20
    assert sorted(calls) == sorted(event.action for event in events)
    assert openers <= OPENERS


def counted(method: Callable[..., Any], calls: list[str]) -> Callable[..., Any]:
    """Note each call of a method."""

    def called(*given: Any, **named: Any) -> Any:
        calls.append(SAID.get(method.__name__, method.__name__))
        return method(*given, **named)

    return called


def observed(method: Callable[..., Any], callers: set[str]) -> Callable[..., Any]:
    """Note who calls a method."""

    def called(*given: Any, **named: Any) -> Any:
        callers.add(sys._getframe(1).f_globals["__name__"])
        return method(*given, **named)

    return called


# ── imports, prints, errors ──────────────────────────────────────────────────────────────────────────────

MAY_IMPORT = {
    "duckdb": ("store/", "linkage/"),
    "pyarrow.dataset": ("store/",),
    "pyarrow.parquet": ("store/", "intake/readers/parquet.py", "intake/readmission.py", "wiring/link_export.py"),
    "pyarrow.parquet.encryption": ("store/",),
    "almoner.store": ("store/", "disposal/", "governance/", "intake/", "records/", "wiring/"),
    "almoner.store.keys": ("store/", "governance/gate.py", "wiring/workspace.py"),
    "almoner.store.lake": ("store/", "disposal/", "governance/", "intake/", "wiring/workspace.py"),
    "almoner.store.engine": ("store/", "disposal/due.py", "governance/", "intake/", "wiring/workspace.py"),
    "almoner.store.sandbox": ("store/", "governance/workspaces.py"),
    "sqlite3": ("records/audit_storage.py",),
    "subprocess": ("store/sandbox.py", "wiring/long_work.py"),
    "logging": ("linkage/", "web/failures.py", "web/signing_in/oidc.py"),
}
"""Who may import what opens data. Readers of intake read the supplier's files; links are exported to Parquet."""


@pytest.mark.parametrize("wanted", MAY_IMPORT)
def test_only_those_permitted_import_what_opens_data(wanted: str) -> None:
    outside = {
        name
        for name, tree in modules()
        if any(f"{each}.".startswith(f"{wanted}.") for each in imported(tree))
        and not name.startswith(MAY_IMPORT[wanted])
    }
    assert not outside


@pytest.mark.parametrize("wanted", MAY_IMPORT)
def test_no_permission_is_left_over(wanted: str) -> None:
    """A permission that nobody uses would let the next one in unseen."""
    users = [name for name, tree in modules() if any(f"{each}.".startswith(f"{wanted}.") for each in imported(tree))]
    own = "store/" if wanted.startswith("almoner.store") else None
    unused = [
        place for place in MAY_IMPORT[wanted] if place != own and not any(user.startswith(place) for user in users)
    ]
    assert not unused


def test_nothing_is_printed() -> None:
    found = [
        f"{name}:{node.lineno}"
        for name, tree in modules()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and ast.unparse(node.func) in ("print", "pprint", "pprint.pprint", "breakpoint", "warnings.warn")
    ]
    assert not found


def test_only_the_command_line_writes_to_the_terminal() -> None:
    found = [
        f"{name}:{node.lineno}"
        for name, tree in modules()
        if not name.startswith(("cli/", "store/sandbox.py"))
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and ast.unparse(node) in ("sys.stdout", "sys.stderr", "typer.echo")
    ]
    assert not found


KINDS = [kind for _, kind in inspect.getmembers(errors, inspect.isclass) if issubclass(kind, AlmonerError)]


def test_each_cause_has_a_code_and_a_name_of_its_own() -> None:
    codes, causes = [kind.exit_code for kind in KINDS], [kind.cause for kind in KINDS]
    assert len(set(codes)) == len(set(causes)) == len(KINDS)
    assert not {0, 126, 127, 130} & set(codes)
    assert all(0 < code < 126 for code in codes)


def test_every_error_of_the_product_is_in_the_one_tree() -> None:
    known = {kind.__name__ for kind in KINDS}
    outside = [
        f"{name}: {node.name}"
        for name, tree in modules()
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef)
        and any(ast.unparse(base).endswith(("Error", "Exception")) or ast.unparse(base) in known for base in node.bases)
        and name != "kernel/errors.py"
        and not node.name.startswith("_")  # caught where it is raised
    ]
    assert not outside


def test_every_exit_code_is_documented() -> None:
    page = ROOT / "docs" / "reference" / "exit-codes.md"
    if not page.is_file():
        pytest.skip("docs/reference/exit-codes.md is not written yet")
    rows = re.findall(r"^\|\s*(\d+)\s*\|\s*`(\w+)`", page.read_text("utf-8"), re.MULTILINE)
    told = {(str(kind.exit_code), kind.cause) for kind in KINDS}
    assert told <= set(rows)


def test_the_log_holds_no_reason_and_no_person(shared: TinyWorkspace) -> None:
    person = shared.person(RESIDENTS[0])
    worker = shared.open("worker")
    permit = worker.permits.standing("worker", "front_line", "Zq the reason of a worker", subjects=(person,))
    (event,) = worker.audit.events(EventFilter(permit_id=permit.id))
    assert b"Zq the reason" not in event.event.to_leaf()
    assert person.encode() not in event.event.to_leaf()
    assert worker.audit.reason_text(event.sequence) == "Zq the reason of a worker"
