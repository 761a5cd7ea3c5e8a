"""What is out is what was approved, under the rules under which it was approved, whatever is changed behind it."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from almoner.kernel.errors import AlmonerError, ReleaseRefused, ResourceExhausted, UsageError, WorkspaceError
from almoner.release.shelf import Shelf
from almoner.wiring import releasing
from tests.integration.release_desk import AUTHOR, CHECKER, LOOKED, ReleaseDesk
from tests.integration.test_releasing import OTHERS, TO_JUNE
from tests.workspace_builder import finished_workspace

pytestmark = pytest.mark.integration

WITHDRAWN = ("--reason", "A ward was counted twice")


class _Crash(BaseException):
    """The process ends here."""


def _crash(*_: object, **__: object) -> None:
    raise _Crash


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ReleaseDesk:
    """Give a workspace of one's own."""
    folder = tmp_path / "plans"
    folder.mkdir()
    return ReleaseDesk(finished_workspace(tmp_path / "workspace"), monkeypatch, folder)


def _change_registry(desk: ReleaseDesk, old: str, new: str) -> None:
    (file,) = (f for f in (desk.tiny.root / "registry").glob("*.toml") if old in f.read_text())
    file.write_text(file.read_text().replace(old, new))


# ── the digest ───────────────────────────────────────────────────────────────────────────────────────────────────


def test_nobody_without_the_key_can_try_out_counts_against_the_digest(desk: ReleaseDesk) -> None:
    release = desk.drafted({"2026-02": (3, 20, 40)})
    draft = releasing.book_of(desk.tiny.open(AUTHOR)).draft_of(release)
    rules = desk.tiny.open(AUTHOR).registry.release.model_dump_json()
    tried = {hashlib.sha256(text.encode()).hexdigest() for text in (draft.text(), f"{draft.text()}\n{rules}")}
    assert desk.digest(release) not in tried, "of four possible counts, one would fit"


def test_an_approval_is_void_under_other_rules(desk: ReleaseDesk) -> None:
    release = desk.approved(desk.drafted({"2026-02": (22, 31, 45)}, exact="false"))
    looked_at = desk.digest(release)
    _change_registry(desk, "[release]\n", "[release]\nrounding_base = 1\n")
    error = desk.refused(AUTHOR, "publish", release)
    assert isinstance(error, ReleaseRefused) and "not what was looked at" in error.message
    checked = desk.document(AUTHOR, "check", release)
    assert (checked["state"], checked["approved_by"]) == ("checked", None) and checked["digest"] != looked_at
    desk.refused(CHECKER, "approve", release, "--digest", looked_at, *LOOKED)
    desk.document(CHECKER, "approve", release, "--digest", checked["digest"], *LOOKED)
    desk.document(AUTHOR, "publish", release)


# ── what codes mean ──────────────────────────────────────────────────────────────────────────────────────────────


def _drawn(desk: ReleaseDesk, members: str, count: int) -> str:
    plan = desk.plan({}, name="drawn")
    (desk.folder / "drawn.csv").write_text(f"ward,period,pupils\ndrawn,2026-02,{count}\n")
    plan.write_text(f'{plan.read_text()}\n[custom_area.drawn]\ntitle = "Drawn"\nmembers = [{members}]\n')
    return str(desk.document(AUTHOR, "draft", str(plan))["release"])


def test_an_area_that_is_drawn_otherwise_leaves_what_is_out_as_it_was(desk: ReleaseDesk) -> None:
    release = desk.approved(_drawn(desk, '"ward:E05001", "ward:E05002", "ward:E05003"', 54))
    desk.document(AUTHOR, "publish", release)
    _drawn(desk, '"ward:E05003"', 30)
    result = desk.call(AUTHOR, "check", desk.drafted({"2026-02": (20, 31)}), "--json")
    assert result.return_value == ReleaseRefused.exit_code, "3 live in the third ward"


def test_a_code_that_is_out_stays_made_of_what_it_was(desk: ReleaseDesk) -> None:
    def plan(name: str) -> Path:
        found = desk.plan({"2026-02": (20, 31, 45)}, name=name)
        found.write_text(found.read_text() + 'where = { sen = "any_sen:yes" }\n')
        return found

    release = desk.approved(desk.document(AUTHOR, "draft", str(plan("first")))["release"])
    desk.document(AUTHOR, "publish", release)
    again = desk.document(AUTHOR, "draft", str(plan("second")))["release"]
    _change_registry(desk, '["support", "plan"]', '["support"]')
    error = desk.refused(AUTHOR, "check", again)
    assert isinstance(error, ReleaseRefused) and "'any_sen:yes' of 'sen'" in error.message


# ── files ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_what_lies_in_the_place_of_a_release_is_never_written_over(desk: ReleaseDesk) -> None:
    release = desk.approved(desk.drafted(TO_JUNE))
    place = desk.tiny.root / "releases" / release
    place.mkdir(parents=True)
    (place / "notes.txt").write_text("somebody's")
    error = desk.refused(AUTHOR, "publish", release)
    assert isinstance(error, WorkspaceError) and str(place) in error.where
    assert desk.state(release) == "approved" and desk.files(release) == ["notes.txt"]
    (place / "notes.txt").unlink()
    place.rmdir()
    desk.document(AUTHOR, "publish", release)


def test_files_that_were_changed_while_staged_do_not_go_out(desk: ReleaseDesk) -> None:
    release = desk.approved(desk.drafted(TO_JUNE))
    with desk.monkeypatch.context() as patch:
        patch.setattr(Shelf, "put_out", _crash)
        with pytest.raises(_Crash):
            desk.call(AUTHOR, "publish", release)
    (desk.tiny.root / "releases" / f".staged-{release}" / "pupils.csv").write_text("ward,pupils\nE05001,2\n")
    desk.drafted(OTHERS, name="other")
    assert desk.files(release) == []
    assert "pupils.csv" in desk.document(AUTHOR, "show", release)["changed_files"]


def test_a_folder_among_the_files_of_a_release_is_named(desk: ReleaseDesk) -> None:
    release = desk.released(TO_JUNE)
    (desk.tiny.root / "releases" / release / "more").mkdir()
    assert desk.document(AUTHOR, "show", release)["changed_files"] == ["more"]


def test_files_that_can_not_be_removed_are_told_of(desk: ReleaseDesk) -> None:
    release = desk.released(TO_JUNE)
    with desk.monkeypatch.context() as patch:
        patch.setattr("almoner.release.shelf.shutil.rmtree", lambda *_, **__: None)
        error = desk.refused(AUTHOR, "withdraw", release, *WITHDRAWN)
        assert isinstance(error, ResourceExhausted) and "still be seen" in error.message
        assert "release.html" in desk.document(AUTHOR, "show", release)["changed_files"]
        assert "STILL THERE though withdrawn: release.html" in desk.call(AUTHOR, "show", release).stdout
    desk.drafted(OTHERS, name="other")
    assert desk.files(release) == [], "the next command that may removes them"


def test_a_population_has_one_spelling(desk: ReleaseDesk) -> None:
    desk.released(TO_JUNE)
    plan = desk.plan(OTHERS, name="other")
    plan.write_text(plan.read_text().replace('"new_plans"', '"newplans"'))
    error = desk.refused(AUTHOR, "draft", str(plan))
    assert isinstance(error, UsageError) and "No population 'newplans' is declared" in error.message
    for path in (desk.tiny.root / "registry").rglob("*.toml"):
        path.write_text(path.read_text().replace("[population.new_plans]", "[population.newplans]"))
    error = desk.refused(AUTHOR, "draft", str(plan))
    assert isinstance(error, ReleaseRefused) and "written 'new_plans'" in error.message


# ── what can't be checked ────────────────────────────────────────────────────────────────────────────────────────

_AMOUNTS = """[indicator.sessions]
title = "Sessions missed"
topic = "Health"
unit = "count"
numerator = { fact = "event", names = ["Referral"], count = "sum" }
geographies = ["ward"]
definition = "Sessions."
"""


def test_amounts_are_not_released(desk: ReleaseDesk) -> None:
    _change_registry(desk, "[indicator.referrals]", f"{_AMOUNTS}[indicator.referrals]")
    profiles = ("draft", "--profiles", "--project", "alpha", "--format", "json")
    error = desk.refused("analyst", *profiles, "--indicator", "sessions")
    assert isinstance(error, UsageError) and "'sessions' is made of amounts" in error.message
    made = desk.document("analyst", *profiles)["release"]
    draft = releasing.book_of(desk.tiny.open("analyst")).draft_of(made)
    assert "sessions" not in [table.name for table in draft.tables]
    assert any("Sessions missed" in note for note in draft.notes), "that it is left out is said"


def test_a_preview_of_what_is_out_does_not_say_that_it_is(desk: ReleaseDesk) -> None:
    release, out = desk.released(TO_JUNE), desk.folder / "preview"
    desk.document(AUTHOR, "show", release, "--preview", str(out))
    page = (out / "release.html").read_text()
    assert "UNRELEASED DRAFT" in page and "Released on" not in page


def test_a_reason_that_can_not_be_kept_whole_is_refused(desk: ReleaseDesk) -> None:
    release = desk.drafted(TO_JUNE)
    desk.document(AUTHOR, "check", release)
    error: AlmonerError = desk.refused(
        CHECKER, "approve", release, "--digest", desk.digest(release), "--reason", "x" * 501
    )
    assert isinstance(error, UsageError) and desk.state(release) == "checked"
