"""Long work is kept with its progress, done by a process of its own, one at a time, and found again by whoever left."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from almoner.kernel.errors import AccessRefused, AlmonerError, KeyMissing, UsageError
from almoner.web.site import Site
from almoner.wiring import long_work
from almoner.wiring.long_work import ask_for, kinds_for, recorded, works_of
from almoner.wiring.workspace import utc_now
from tests.web_visits import Visitor, served, text_of
from tests.workspace_builder import TinyWorkspace, finished_workspace

pytestmark = pytest.mark.integration
LONGEST = 120


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Serve a workspace."""
    with served(finished_workspace(tmp_path_factory.mktemp("work") / "workspace")) as site:
        yield site


@pytest.fixture
def tiny(site: Site, monkeypatch: pytest.MonkeyPatch) -> Iterator[TinyWorkspace]:
    """Give that workspace, with no work kept."""
    monkeypatch.setenv("PYTHONPATH", _paths()["PYTHONPATH"])
    tiny = TinyWorkspace(site.root)
    tiny.open()
    from almoner.records.models import WorkRecord

    WorkRecord.objects.all().delete()
    yield tiny


def waited(tiny: TinyWorkspace, work_id: str) -> long_work.Work:
    """Wait until work is over."""
    until = time.monotonic() + LONGEST
    while time.monotonic() < until:
        found = works_of(tiny.open()).find(work_id)
        assert found is not None
        if not found.under_way:
            return found
        time.sleep(0.3)
    raise AssertionError("the work did not end")


# ── what is kept ─────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_commands_leave_what_they_did(tiny: TinyWorkspace) -> None:
    assert tiny.run("intake").returncode == 0
    assert tiny.run("profile", "build", "--project", "nothing", "--out", str(tiny.root / "p")).returncode != 0
    failed, done = works_of(tiny.open()).newest()
    assert (done.kind, done.state, done.done, done.total) == ("intake", "finished", done.total, done.total)
    assert done.total and "deliveries were new" in done.told[0] and done.started_at and done.ended_at
    assert (failed.kind, failed.state) == ("profiles", "failed")
    assert "nothing" in " ".join(failed.told) or "project" in " ".join(failed.told)


def test_a_failure_is_kept_as_its_message_and_an_unforeseen_one_without_its_words(tiny: TinyWorkspace) -> None:
    steward = tiny.open("steward")
    for error in (AlmonerError("The disk is full.", todo="Free space."), ValueError("Mary Quillfeather")):
        with pytest.raises(type(error)), recorded(steward, "link"):
            raise error
    unforeseen, foreseen = works_of(steward).newest()
    assert foreseen.told == ("The disk is full.", "  do: Free space.")
    assert "ValueError" in unforeseen.told[0] and "Quillfeather" not in str(unforeseen)


def test_progress_is_kept_but_not_each_time(tiny: TinyWorkspace, monkeypatch: pytest.MonkeyPatch) -> None:
    steward, said = tiny.open("steward"), list[str]()
    with recorded(steward, "link", said.append) as outcome:
        for number in range(1000):
            outcome.progress.at(number, 1000)
        outcome.progress("Nearly there")
        (work,) = works_of(steward).under_way()
        assert work.state == "running" and (work.done or 0) < 1000
    assert said == ["Nearly there"]
    (work,) = works_of(steward).newest()
    assert (work.stage, work.done, work.total, work.state) == ("Nearly there", 999, 1000, "finished")


def test_work_whose_process_was_killed_is_told_as_stopped(tiny: TinyWorkspace) -> None:
    code = (
        "import sys, time; from pathlib import Path; from tests.workspace_builder import TinyWorkspace;"
        "from almoner.wiring.long_work import recorded; w = TinyWorkspace(Path(sys.argv[1])).open('steward');"
        "c = recorded(w, 'link'); c.__enter__(); print('begun', flush=True); time.sleep(300)"
    )
    child = subprocess.Popen([sys.executable, "-c", code, str(tiny.root)], stdout=subprocess.PIPE, env=_paths())
    assert child.stdout is not None and b"begun" in child.stdout.readline()
    (work,) = works_of(tiny.open()).under_way()
    assert work.state == "running"
    child.kill()
    child.wait()
    assert works_of(tiny.open()).under_way() == []
    (work,) = works_of(tiny.open()).newest()
    assert work.state == "stopped"


def _paths() -> dict[str, str]:
    root = Path(__file__).resolve().parents[2]
    return {"PYTHONPATH": f"{root / 'src'}:{root}", "PATH": "/usr/bin:/bin"}


def test_an_order_that_was_altered_is_not_carried_out(tiny: TinyWorkspace) -> None:
    from almoner.records.models import WorkRecord

    works = works_of(tiny.open())
    for change in ({"actor": "steward"}, {"kind": "link"}, {"sealed": "AAAA" * 20}):
        work = works.ask("intake", "worker", {}, utc_now())
        WorkRecord.objects.filter(work_id=work.id).update(**change)
        with pytest.raises(KeyMissing):
            works.take_up(work.id, utc_now())
    work = works.ask("intake", "worker", {"a": "b"}, utc_now())
    assert works.take_up(work.id, utc_now()) == {"a": "b"}
    assert works.take_up(work.id, utc_now()) is None, "it is taken up once"


# ── who may ask ──────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("actor", "kinds"),
    [
        ("steward", {"intake", "link", "serving"}), ("worker", {"serving"}), ("analyst", set()),
        ("officer", {"serving"}), ("auditor", set()), ("nobody", set()),
    ],
)  # fmt: skip
def test_everybody_is_given_the_work_of_their_role(tiny: TinyWorkspace, actor: str, kinds: set[str]) -> None:
    workspace = tiny.open(actor)
    assert {*kinds_for(workspace)} - {"profiles"} == kinds
    if "link" not in kinds:
        before = len(tiny.events())
        with pytest.raises(AccessRefused):
            ask_for(workspace, "link", {})
        assert [event.action for event in tiny.events(before)] == ["refused.work"]


def test_there_is_no_other_kind(tiny: TinyWorkspace) -> None:
    with pytest.raises(UsageError):
        ask_for(tiny.open("steward"), "rm -rf", {})


# ── by a page ────────────────────────────────────────────────────────────────────────────────────────────────────


def test_work_is_begun_left_and_found_again(site: Site, tiny: TinyWorkspace) -> None:
    steward = Visitor(site, "steward")
    sent = steward.post("/governance/work/", {"kind": "link"})
    assert sent.status_code == 303
    page = steward.get(sent["Location"])
    assert page["Refresh"] == "5" and "refreshes itself" in text_of(page)
    still = steward.get(sent["Location"] + "?refresh=no")
    assert "Refresh" not in still and "Let this page refresh itself" in text_of(still)
    second = steward.post("/governance/work/", {"kind": "intake"})
    assert second.status_code == 400 and "Other work is under way: joining records" in text_of(second)
    work = waited(tiny, sent["Location"].split("/")[-2])
    assert (work.state, work.actor, work.kind) == ("finished", "steward", "link"), work.told
    page = Visitor(site, "officer").get(sent["Location"])
    assert "Refresh" not in page and "Finished" in text_of(page) and "people" in text_of(page)
    assert "Joining records" in text_of(Visitor(site, "officer").get("/governance/work/"))
    asked = [event for event in tiny.events() if event.action == "work.ask"][-1]
    assert (asked.actor, asked.detail["kind"]) == ("steward", "link")
    assert [e.actor for e in tiny.events() if e.action == "publish"][-1] == "steward", "it is done as whoever asked"


def test_what_fails_is_told_on_its_page(site: Site, tiny: TinyWorkspace) -> None:
    workspace = tiny.open("steward")
    with workspace.lake.catalogue.lease("intake"):  # somebody takes in at the command line
        sent = Visitor(site, "steward").post("/governance/work/", {"kind": "intake"})
        work = waited(tiny, sent["Location"].split("/")[-2])
    assert work.state == "failed" and "Another process is at 'intake'" in work.told[0]
    said = text_of(Visitor(site, "steward").get(sent["Location"]))
    assert "What went wrong" in said and "Wait until it is done" in said


def test_a_process_that_does_not_start_is_told(tiny: TinyWorkspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/bin/false")
    work = ask_for(tiny.open("steward"), "link", {})
    found = works_of(tiny.open()).find(work.id)
    assert found is not None and (found.state, "could not be started" in found.told[0]) == ("failed", True)


def test_nobody_begins_what_their_role_does_not_give(site: Site, tiny: TinyWorkspace) -> None:
    for actor, kind in (("officer", "link"), ("auditor", "intake"), ("steward", ""), ("steward", "<script>")):
        visitor = Visitor(site, actor)
        visitor.get("/governance/mistakes/")
        page = visitor.client.post(
            "/governance/work/", {"kind": kind, "csrfmiddlewaretoken": _token(visitor)},
            secure=True, headers={"origin": "https://almoner.example.org"},
        )  # fmt: skip
        assert page.status_code == 400 and "Select what is to be done" in text_of(page), (actor, kind)
        assert "<script>" not in page.content.decode()
    assert works_of(tiny.open()).newest() == []
    assert Visitor(site, "worker").get("/governance/work/").status_code == 403


def _token(visitor: Visitor) -> str:
    import re

    page = visitor.get("/feedback/").content.decode()
    found = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
    return found[1] if found else ""


def test_hostile_text_in_an_outcome_is_shown_as_text(site: Site, tiny: TinyWorkspace) -> None:
    with recorded(tiny.open("steward"), "intake") as outcome:
        outcome.progress("<b>stage</b>")
        outcome.lines.append("<script>alert(1)</script>")
    (work,) = works_of(tiny.open()).newest()
    page = Visitor(site, "steward").get(f"/governance/work/{work.id}/").content.decode()
    assert "&lt;script&gt;" in page and "<script" not in page and "<b>stage" not in page


# ── what pages read ──────────────────────────────────────────────────────────────────────────────────────────────


def test_what_is_missing_is_made_in_the_background_and_said_meanwhile(
    site: Site, tiny: TinyWorkspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    from almoner.records.models import ServingSnapshot

    monkeypatch.setattr(site, "renews", True)
    tiny.open()
    ServingSnapshot.objects.all().delete()
    overview = text_of(Visitor(site, "officer").get("/governance/"))
    assert "Nothing is prepared for searches and records" in overview
    asked = {"name": "Alice Ashworth", "reason": "other", "words": "A reason that explains enough"}
    page = Visitor(site, "worker").post("/people/", asked)
    assert page.status_code == 503 and page["Retry-After"] == "60"
    assert "This is being prepared" in text_of(page) and "Try again in a few minutes" in text_of(page)
    (work,) = works_of(tiny.open()).newest()
    assert waited(tiny, work.id).state == "finished"
    assert Visitor(site, "worker").post("/people/", asked).status_code == 303
    assert "prepared" not in text_of(Visitor(site, "officer").get("/governance/"))
    assert json.dumps(work.told).count("Ashworth") == 0
