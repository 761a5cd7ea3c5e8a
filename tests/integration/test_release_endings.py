"""What becomes of drafts that nobody wants, of files that somebody changes, and of names that are taken."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import pytest

from almoner.kernel.errors import NotFound, ReleaseRefused
from almoner.release.shelf import Shelf
from almoner.wiring import releasing
from tests.integration.release_desk import AUTHOR, ReleaseDesk
from tests.workspace_builder import finished_workspace

pytestmark = pytest.mark.integration
JUNE = {"2026-02": (20, 31, 45)}
WHY = ("--reason", "Nobody asks for it any more")


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ReleaseDesk:
    """Give a workspace of one's own."""
    folder = tmp_path / "plans"
    folder.mkdir()
    return ReleaseDesk(finished_workspace(tmp_path / "workspace"), monkeypatch, folder)


def _sealed(release: str) -> bytes:
    from almoner.records.models import ReleaseRecord

    return bytes(ReleaseRecord.objects.get(release_id=release).sealed)


def test_a_discarded_draft_is_destroyed_and_remembered(desk: ReleaseDesk) -> None:
    release = desk.approved(desk.drafted(JUNE))
    assert _sealed(release)
    (gone,) = desk.document(AUTHOR, "discard", release, *WHY)["discarded"]
    assert gone["state"] == "discarded" and gone["approved_by"] is None
    assert _sealed(release) == b""
    shown = desk.document(AUTHOR, "show", release)
    assert shown["history"][-1]["action"] == "discard" and shown["history"][-1]["reason"] == WHY[1]
    assert isinstance(desk.refused(AUTHOR, "check", release), (NotFound, ReleaseRefused))
    assert "release.discard" in [event.action for event in desk.tiny.events()]


def test_what_is_out_is_withdrawn_and_not_discarded(desk: ReleaseDesk) -> None:
    release = desk.released(JUNE)
    error = desk.refused(AUTHOR, "discard", release, *WHY)
    assert isinstance(error, ReleaseRefused) and "almoner release withdraw" in error.todo


def test_drafts_that_nobody_touches_go_after_their_time(desk: ReleaseDesk) -> None:
    old, out = desk.drafted(JUNE), desk.released({"2026-01": (20, 31, 45)}, name="out")
    later = releasing.utc_now() + dt.timedelta(days=91)
    with desk.monkeypatch.context() as patch:
        patch.setattr(releasing, "utc_now", lambda: later - dt.timedelta(days=2))
        assert desk.document(AUTHOR, "discard", "--stale")["discarded"] == []
        patch.setattr(releasing, "utc_now", lambda: later)
        assert [each["release"] for each in desk.document(AUTHOR, "discard", "--stale")["discarded"]] == [old]
    assert desk.state(out) == "released" and _sealed(old) == b""


def test_a_hand_edited_file_is_found_by_verify(desk: ReleaseDesk) -> None:
    release, other = desk.released(JUNE), desk.released({"2026-01": (20, 31, 45)}, name="other")
    assert desk.document(AUTHOR, "verify")["changed_files"] == {}
    (desk.tiny.root / "releases" / release / "pupils.csv").write_text("ward,pupils\nE05001,2\n")
    result = desk.call(AUTHOR, "verify", "--json")
    assert json.loads(result.stdout)["changed_files"] == {release: ["pupils.csv"]}
    assert result.return_value == ReleaseRefused.exit_code or result.exit_code == ReleaseRefused.exit_code
    assert desk.document(AUTHOR, "verify", other)["changed_files"] == {}


def test_a_file_of_a_withdrawn_release_that_is_put_back_is_found(desk: ReleaseDesk) -> None:
    release = desk.released(JUNE)
    desk.document(AUTHOR, "withdraw", release, "--reason", "A ward was counted twice")
    folder = desk.tiny.root / "releases" / release
    folder.mkdir()
    (folder / "pupils.csv").write_text("E05001,20\n")
    assert json.loads(desk.call(AUTHOR, "verify", "--json").stdout)["changed_files"] == {release: ["pupils.csv"]}


def test_files_that_are_changed_while_they_go_out_do_not(desk: ReleaseDesk) -> None:
    release = desk.approved(desk.drafted(JUNE))
    stage = Shelf.stage

    def staged(shelf: Shelf, name: str, files: dict[str, bytes]) -> dict[str, str]:
        digests = stage(shelf, name, files)
        (desk.tiny.root / "releases" / f".staged-{name}" / "pupils.csv").write_text("ward,pupils\nE05001,2\n")
        return digests

    with desk.monkeypatch.context() as patch:
        patch.setattr(Shelf, "stage", staged)
        error = desk.refused(AUTHOR, "publish", release)
    assert isinstance(error, ReleaseRefused) and desk.files(release) == []
    assert release in json.loads(desk.call(AUTHOR, "verify", "--json").stdout)["changed_files"]
