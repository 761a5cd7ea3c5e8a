"""kill -9 at random moments of intake and link, fifty times, then a rerun: as if nothing had happened.

A nursery process imports everything once and forks a child for each run, so that a kill costs a second or so. Seeds
are fixed; the delay is drawn from the measured time of an undisturbed run.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.workspace_builder import ROOT, TinyWorkspace, write_workspace

pytestmark = [pytest.mark.integration, pytest.mark.slow]
KILLS_IN_A_CASE = 5
SHARE_OF_A_RUN = 0.95
"""Kills fall within this share of an undisturbed run's time: later, most would find it finished."""
Answer = dict[str, Any]


# ── in the nursery ───────────────────────────────────────────────────────────────────────────────────────────────


def carry_out(root: Path, action: str) -> None:
    """Take in the inbox, or join the records."""
    from almoner.wiring.linking import link_records
    from almoner.wiring.taking_in import take_in
    from almoner.wiring.workspace import open_workspace

    workspace, _ = open_workspace(root)
    if action == "intake":
        taken = take_in(workspace, [root / "inbox"], lambda _: None)
        assert not taken.refused
    else:
        link_records(workspace, lambda _: None)


def describe(root: Path) -> Answer:
    """Say what a workspace holds, in words that don't depend on numbers and ids that are drawn anew."""
    workspace = TinyWorkspace(root).open()
    lake, registry = workspace.lake, workspace.registry
    entries = lake.catalogue.deliveries(superseded=True)
    deliveries = {}
    for entry in entries:
        dataset = registry.dataset(entry.dataset)
        parts = {file.part: content(lake.part([entry], file.part, dataset).to_table()) for file in entry.files}
        key = f"{entry.dataset} {entry.delivery} version {entry.version}"
        counts = [entry.rows_in, entry.accepted, entry.quarantined, entry.quality, entry.superseded_by is None]
        deliveries[key] = [*counts, parts]
    spine = lake.catalogue.spine()
    people: dict[str, str] = {}
    if spine is not None:
        for row in lake.spine_table(spine, "person_record").to_table().to_pylist():
            people[f"{row['dataset']} {row['record_id']}"] = row["person_id"]
    files = {path.relative_to(lake.folder).as_posix() for path in lake.folder.rglob("*") if path.is_file()}
    report = workspace.audit.verify()
    return {
        "deliveries": deliveries,
        "people": people,
        "spine": {}
        if spine is None
        else {name: lake.spine_table(spine, name).count_rows() for name in ("household", "residence", "relationship")},
        "left_over": sorted(files - lake.catalogue.known_paths()),
        "missing": sorted(lake.catalogue.known_paths() - files),
        "empty_folders": sorted(str(p) for p in lake.folder.glob("*/*") if p.is_dir() and not any(p.iterdir())),
        "log_is_whole": report.intact,
    }


def content(table: Any) -> str:
    """Digest the rows of a part: positions in place of row ids, which begin with a number drawn anew."""
    rows = table.to_pylist()
    for row in rows:
        if "row_id" in row:
            row["row_id"] &= (1 << 32) - 1
    return f"{len(rows)} rows {hashlib.sha256(str(sorted(map(str, rows))).encode()).hexdigest()}"


def in_a_child(work: Callable[[], Answer | None], kill_after: float | None) -> Answer:
    """Fork, work, and answer through a pipe; kill the child after a while if asked to."""
    reading, writing = os.pipe()
    started = time.monotonic()
    child = os.fork()
    if child == 0:
        try:
            os.write(writing, json.dumps({"answer": work()}).encode())
            os._exit(0)
        except BaseException:
            os.write(writing, json.dumps({"error": traceback.format_exc()[-4000:]}).encode())
            os._exit(1)
    os.close(writing)
    if kill_after is not None:
        time.sleep(kill_after)
        os.kill(child, signal.SIGKILL)
    told = b"".join(iter(lambda: os.read(reading, 65536), b""))
    os.close(reading)
    _, status = os.waitpid(child, 0)
    killed = os.WIFSIGNALED(status)
    return {
        "killed": killed,
        "failed": not killed and bool(status),
        "seconds": time.monotonic() - started,
        **(json.loads(told) if told else {}),
    }


def nurse() -> None:
    """Serve orders, one JSON document a line, until there are no more."""
    import almoner.wiring.linking
    import almoner.wiring.taking_in
    import almoner.wiring.workspace  # noqa: F401 -- warmed up once, for every child

    for line in sys.stdin:
        order = json.loads(line)
        root = Path(order["root"])
        if order["action"] == "describe":
            told = in_a_child(lambda root=root: describe(root), None)  # type: ignore[misc]
        else:
            told = in_a_child(lambda root=root, do=order["action"]: carry_out(root, do), order.get("kill_after"))  # type: ignore[misc]
        sys.stdout.write(json.dumps(told) + "\n")
        sys.stdout.flush()


# ── in the test ──────────────────────────────────────────────────────────────────────────────────────────────────


class Nursery:
    """The process that forks the runs."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-c", "from tests.integration.test_crash_safety import nurse; nurse()"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT,
            env={"PATH": os.environ["PATH"], "PYTHONPATH": f"{ROOT / 'src'}:{ROOT}", "OPENBLAS_NUM_THREADS": "1"},
        )  # fmt: skip

    def ask(self, action: str, root: Path, kill_after: float | None = None) -> Answer:
        """Have one run done."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps({"action": action, "root": str(root), "kill_after": kill_after}) + "\n")
        self._process.stdin.flush()
        told: Answer = json.loads(self._process.stdout.readline())
        assert not told["failed"], f"{action} failed: {told.get('error')}"
        return told

    def close(self) -> None:
        """End it."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(timeout=30)


@pytest.fixture(scope="module")
def nursery() -> Iterator[Nursery]:
    """Give a warmed-up nursery."""
    made = Nursery()
    yield made
    made.close()


SCENES = {
    "a first intake": "intake",
    "an intake with a correction": "intake",
    "a first link": "link",
    "a link after a new delivery": "link",
}
"""What is under way when the kill comes, and the command."""


class Stage:
    """The workspace before each scene, and what an undisturbed run makes of it."""

    def __init__(self, folder: Path, nursery: Nursery) -> None:
        self.before: dict[str, Path] = {}
        self.after: dict[str, Answer] = {}
        self.seconds: dict[str, float] = {}
        tiny = write_workspace(folder / "work")
        for path in tiny.inbox.iterdir():
            if not path.name.startswith(("tenancies_20260901", "referrals_20260901")):
                path.rename(folder / path.name)
        self._set("a first intake", tiny, nursery)
        for name in ("tenancies_20261001.csv", "referrals_20261001.jsonl"):
            shutil.copy(folder / name, tiny.inbox / name)
        september = tiny.inbox / "tenancies_20260901.csv"
        september.write_text(september.read_text().replace("100.50", "111.50"))
        self._set("an intake with a correction", tiny, nursery)
        self._set("a first link", tiny, nursery)
        shutil.copy(folder / "incidents_20260901.csv", tiny.inbox / "incidents_20260901.csv")
        nursery.ask("intake", tiny.root)
        self._set("a link after a new delivery", tiny, nursery)

    def _set(self, scene: str, tiny: TinyWorkspace, nursery: Nursery) -> None:
        """Keep the workspace as it is before the scene; play it, and keep what comes of it."""
        self.before[scene] = tiny.root.with_name(scene.replace(" ", "-"))
        shutil.copytree(tiny.root, self.before[scene])
        self.seconds[scene] = nursery.ask(SCENES[scene], tiny.root)["seconds"]
        self.after[scene] = nursery.ask("describe", tiny.root)["answer"]


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory, nursery: Nursery) -> Stage:
    """Set the scenes."""
    return Stage(tmp_path_factory.mktemp("stage"), nursery)


def partition(people: dict[str, str]) -> set[frozenset[str]]:
    """Group records by person."""
    groups: dict[str, set[str]] = {}
    for record, person in people.items():
        groups.setdefault(person, set()).add(record)
    return {frozenset(group) for group in groups.values()}


def killed_within(
    nursery: Nursery, action: str, before: Path, work: Path, draw: random.Random, seconds: float
) -> float:
    """Start over and kill until a kill lands in the middle of the work. Out: the delay that did."""
    for _ in range(6):
        shutil.rmtree(work, ignore_errors=True)
        shutil.copytree(before, work)
        delay = draw.uniform(0, seconds * SHARE_OF_A_RUN)
        if nursery.ask(action, work, kill_after=delay)["killed"]:
            return delay
        seconds /= 2  # the machine is quicker than it was
    raise AssertionError("no kill came before the work was done")


@pytest.mark.parametrize("seed", range(10))
def test_a_rerun_after_a_kill_ends_as_if_nothing_had_happened(
    tmp_path: Path, nursery: Nursery, stage: Stage, seed: int
) -> None:
    scene = list(SCENES)[(0, 1, 0, 1, 0, 1, 2, 3, 2, 3)[seed]]
    draw, action, work = random.Random(seed), SCENES[scene], tmp_path / "work"
    undisturbed = stage.after[scene]
    for _ in range(KILLS_IN_A_CASE):
        delay = killed_within(nursery, action, stage.before[scene], work, draw, stage.seconds[scene])
        told = f"{scene}, killed after {delay:.3f} s"
        at_once = nursery.ask("describe", work)["answer"]
        assert at_once["missing"] == [], f"{told}: the catalogue names files that are not there"
        assert at_once["log_is_whole"], told
        assert set(at_once["deliveries"]) <= set(undisturbed["deliveries"]), told
        nursery.ask(action, work)
        after = nursery.ask("describe", work)["answer"]
        assert after["deliveries"] == undisturbed["deliveries"], f"{told}: other rows or counts"
        assert partition(after["people"]) == partition(undisturbed["people"]), f"{told}: other people"
        assert after["spine"] == undisturbed["spine"], f"{told}: other households, homes or relations"
        assert (after["left_over"], after["missing"], after["empty_folders"]) == ([], [], []), told
        assert after["log_is_whole"], told


def test_there_are_fifty_kills_over_all_scenes() -> None:
    mark = next(
        mark
        for mark in test_a_rerun_after_a_kill_ends_as_if_nothing_had_happened.pytestmark
        if mark.name == "parametrize"
    )  # type: ignore[attr-defined]
    assert len(mark.args[1]) * KILLS_IN_A_CASE == 50


def test_the_scenes_do_something(stage: Stage) -> None:
    """The comparison has something to compare: rows, a corrected version, people, a person who stays the same."""
    first, corrected, linked, again = (stage.after[scene] for scene in SCENES)
    assert len(first["deliveries"]) == 2
    assert len(corrected["deliveries"]) == 5
    assert not corrected["deliveries"]["housing.tenancies 2026-09-01 version 1"][4]
    assert len(partition(linked["people"])) > 10
    assert len(again["people"]) > len(linked["people"])
    stay = {record: person for record, person in linked["people"].items() if record in again["people"]}
    assert stay
    assert all(again["people"][record] == person for record, person in stay.items())


def test_ids_of_people_outlast_a_kill(tmp_path: Path, nursery: Nursery, stage: Stage) -> None:
    scene, work = "a link after a new delivery", tmp_path / "work"
    killed_within(nursery, "link", stage.before[scene], work, random.Random(99), stage.seconds[scene])
    nursery.ask("link", work)
    before = stage.after["a first link"]["people"]
    after = nursery.ask("describe", work)["answer"]["people"]
    assert {record: after[record] for record in before} == before


def test_a_killed_writers_lease_is_free_at_once(tmp_path: Path, nursery: Nursery, stage: Stage) -> None:
    scene, work = "a first intake", tmp_path / "work"
    killed_within(nursery, "intake", stage.before[scene], work, random.Random(7), stage.seconds[scene])
    assert nursery.ask("intake", work)["seconds"] < 10 * stage.seconds[scene] + 5


def test_link_leaves_what_an_intake_is_writing(tmp_path: Path, stage: Stage) -> None:
    """Both sweep the lake of what no catalogue row names: one must not sweep away what the other is about to name."""
    from almoner.kernel.errors import Busy
    from almoner.wiring.linking import link_records

    shutil.copytree(stage.before["a first link"], tmp_path / "work")
    tiny = TinyWorkspace(tmp_path / "work")
    workspace = tiny.open()
    workspace.records.grant_roles("steward", ("linkage_steward",), "test")
    with workspace.lake.catalogue.lease("intake"):
        parts = workspace.lake.delivery_parts(workspace.lake.catalogue.next_number())
        parts.write(
            "rows", workspace.lake.part([], "rows", workspace.registry.dataset("housing.tenancies")), "identity"
        )  # type: ignore[arg-type]
        files = parts.finish()
        with contextlib.suppress(Busy):
            link_records(workspace, lambda _: None)
        assert [file.path for file in files if not (workspace.lake.folder / file.path).is_file()] == []


def test_a_first_users_roles_are_given_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A crash between two of them must not leave somebody with half of what the settings say, for ever."""
    from almoner.wiring.workspace import open_workspace

    tiny = write_workspace(tmp_path / "work")
    _ = open_workspace(tiny.root)[0].registry  # Django is set up
    tiny = write_workspace(tmp_path / "other")
    from almoner.records.models import RoleGrant

    saved = RoleGrant.save

    def once(self: RoleGrant, **options: Any) -> None:
        saved(self, **options)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(RoleGrant, "save", once)
        with pytest.raises(KeyboardInterrupt):
            open_workspace(tiny.root)
    workspace, _ = open_workspace(tiny.root)
    assert workspace.records.roles_of(workspace.actor) == set(workspace.settings.first_user.roles)


def test_two_writers_at_once_are_refused(tmp_path: Path, stage: Stage) -> None:
    from almoner.kernel.errors import Busy
    from almoner.wiring.taking_in import take_in

    shutil.copytree(stage.before["a first link"], tmp_path / "work")
    workspace = TinyWorkspace(tmp_path / "work").open()
    workspace.records.grant_roles("steward", ("linkage_steward",), "test")
    with workspace.lake.catalogue.lease("intake"), pytest.raises(Busy):
        take_in(workspace, [workspace.root / "inbox"], lambda _: None)
