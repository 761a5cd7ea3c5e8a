"""Figures leave only by two people, checked against everything that is out, whole or not at all."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from almoner.kernel.errors import AccessRefused, NotFound, ReleaseRefused, UsageError
from almoner.release.shelf import Shelf
from almoner.wiring import releasing
from tests.integration.release_desk import AUTHOR, CHECKER, LOOKED, ReleaseDesk
from tests.workspace_builder import finished_workspace

pytestmark = pytest.mark.integration

SPRING, SUMMER = "2026-04/2026-06", "2026-04/2026-07"
TO_JUNE = {SPRING: (20, 31, 45)}
TO_JULY = {SUMMER: (22, 41, 55)}
"""Two pupils more in the first ward within a month: the two tables together tell of them."""
OTHERS = {"2026-01": (20, 31, 45)}


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ReleaseDesk:
    """Give a workspace of one's own."""
    folder = tmp_path / "plans"
    folder.mkdir()
    return ReleaseDesk(finished_workspace(tmp_path / "workspace"), monkeypatch, folder)


# ── two people ───────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_release_goes_from_draft_to_withdrawn(desk: ReleaseDesk) -> None:
    release = desk.released(TO_JUNE)
    assert desk.files(release) == [
        "csv-metadata.json", "pupils.csv", "release.html", "release.json", "release.pdf", "release.xlsx",
    ]  # fmt: skip
    shown = desk.document(AUTHOR, "show", release)
    assert [step["action"] for step in shown["history"]] == ["edit", "pass", "approve", "publish"]
    assert [step["actor"] for step in shown["history"]] == [AUTHOR, AUTHOR, CHECKER, AUTHOR]
    desk.document(AUTHOR, "withdraw", release, "--reason", "A ward was counted twice")
    assert desk.state(release) == "withdrawn" and desk.files(release) == []


def test_the_author_can_not_approve(desk: ReleaseDesk) -> None:
    release = desk.drafted(TO_JUNE)
    desk.document(AUTHOR, "check", release)
    error = desk.refused(AUTHOR, "approve", release, "--digest", desk.digest(release), *LOOKED)
    assert isinstance(error, ReleaseRefused) and "written in this release" in error.message
    assert desk.state(release) == "checked"


def test_who_edits_somebody_elses_draft_can_not_approve_it_either(desk: ReleaseDesk) -> None:
    release = desk.drafted(TO_JUNE)
    desk.document(CHECKER, "draft", str(desk.plan(TO_JUNE, title="Mended")), "--replace", release)
    desk.document(AUTHOR, "check", release)
    for actor in (AUTHOR, CHECKER):
        desk.refused(actor, "approve", release, "--digest", desk.digest(release), *LOOKED)


def test_an_edit_resets_check_and_approval(desk: ReleaseDesk) -> None:
    release = desk.approved(desk.drafted(TO_JUNE))
    before = desk.digest(release)
    changed = desk.document(AUTHOR, "draft", str(desk.plan({SPRING: (20, 31, 46)})), "--replace", release)
    assert (changed["state"], changed["approved_by"]) == ("draft", None)
    assert isinstance(desk.refused(AUTHOR, "publish", release), ReleaseRefused)
    desk.document(AUTHOR, "check", release)
    error = desk.refused(CHECKER, "approve", release, "--digest", before, *LOOKED)
    assert "not what was looked at" in error.message
    assert desk.files(release) == []


def test_an_approval_needs_the_digest_and_a_reason(desk: ReleaseDesk) -> None:
    release = desk.drafted(TO_JUNE)
    desk.document(AUTHOR, "check", release)
    desk.refused(CHECKER, "approve", release, "--digest", "", *LOOKED)
    desk.refused(CHECKER, "approve", release, "--digest", desk.digest(release)[:4], *LOOKED)
    error = desk.refused(CHECKER, "approve", release, "--digest", desk.digest(release), "--reason", "ok")
    assert isinstance(error, UsageError) and desk.state(release) == "checked"


def test_what_is_not_checked_can_not_be_approved_nor_what_is_not_approved_published(desk: ReleaseDesk) -> None:
    release = desk.drafted(TO_JUNE)
    desk.refused(CHECKER, "approve", release, "--digest", desk.digest(release), *LOOKED)
    desk.document(AUTHOR, "check", release)
    desk.refused(AUTHOR, "publish", release)
    assert desk.files(release) == []


def test_what_is_out_can_not_be_edited(desk: ReleaseDesk) -> None:
    release = desk.released(TO_JUNE)
    desk.refused(AUTHOR, "draft", str(desk.plan(TO_JULY)), "--replace", release)
    desk.refused(AUTHOR, "repair", release, "--apply", "rounded")
    assert desk.state(release) == "released"


# ── the ledger ───────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_release_that_gives_an_earlier_one_away_is_refused_and_names_it(desk: ReleaseDesk) -> None:
    earlier = desk.released(TO_JUNE)
    release = desk.drafted(TO_JULY)
    result = desk.call(AUTHOR, "check", release, "--json")
    found = json.loads(result.stdout)
    assert result.return_value == ReleaseRefused.exit_code
    assert not found["passes"] and found["state"] == "draft"
    assert {name for finding in found["findings"] for name in finding["releases"]} == {earlier}
    assert "ward:E05001" in found["findings"][0]["cell"]["area"]
    text = desk.call(AUTHOR, "check", release).stdout
    assert f"Earlier release {earlier}: Pupils with a plan" in text
    assert "22" not in "".join(finding["text"] for finding in found["findings"]), "a finding never holds a number"


@pytest.mark.parametrize("kind", ["suppressed", "rounded"])
def test_a_repair_is_offered_applied_on_demand_and_passes(desk: ReleaseDesk, kind: str) -> None:
    desk.released(TO_JUNE)
    release = desk.drafted(TO_JULY)
    before = desk.digest(release)
    offered = desk.document(AUTHOR, "repair", release)
    assert kind in [each["repair"] for each in offered["repairs"]]
    assert desk.digest(release) == before, "an offer changes nothing"
    applied = desk.document(AUTHOR, "repair", release, "--apply", kind)
    assert applied["passes"] and applied["state"] == "checked" and applied["digest"] != before
    desk.document(CHECKER, "approve", release, "--digest", applied["digest"], *LOOKED)
    desk.document(AUTHOR, "publish", release)
    (table,) = json.loads((desk.tiny.root / "releases" / release / "release.json").read_text())["tables"]
    first, second, _ = (row[2] for row in table["rows"])
    assert first == "[c]", "22 is gone"
    assert second == (41 if kind == "suppressed" else 40)


def test_a_repair_resets_the_approval_and_makes_an_editor(desk: ReleaseDesk) -> None:
    release = desk.approved(desk.drafted(TO_JULY))
    desk.released(TO_JUNE, name="other")
    error = desk.refused(AUTHOR, "publish", release)
    assert "no longer passes" in error.message, "something else was released since the approval"
    applied = desk.document(CHECKER, "repair", release, "--apply", "suppressed")
    assert applied["approved_by"] is None
    desk.refused(CHECKER, "approve", release, "--digest", applied["digest"], *LOOKED)


def test_a_withdrawn_release_is_still_counted(desk: ReleaseDesk) -> None:
    earlier = desk.released(TO_JUNE)
    desk.document(AUTHOR, "withdraw", earlier, "--reason", "A ward was counted twice")
    found = json.loads(desk.call(AUTHOR, "check", desk.drafted(TO_JULY), "--json").stdout)
    assert not found["passes"] and found["findings"][0]["releases"] == [earlier]


def test_small_counts_are_withheld_before_anything_is_checked(desk: ReleaseDesk) -> None:
    release = desk.released({"2026-02": (3, 0, 40)})
    (table,) = json.loads((desk.tiny.root / "releases" / release / "release.json").read_text())["tables"]
    assert [row[2] for row in table["rows"]] == ["[c]", 0, 40]


def test_areas_that_somebody_draws_are_checked_against_wards(desk: ReleaseDesk) -> None:
    desk.released({"2026-02": (20, 31, 45)})
    plan = desk.plan({}, name="drawn")
    members = 'members = ["ward:E05001", "ward:E05002", "ward:E05003"]'
    plan.write_text(f'{plan.read_text()}\n[custom_area.drawn]\ntitle = "All of it"\n{members}\n')
    (desk.folder / "drawn.csv").write_text("ward,period,pupils\ndrawn,2026-02,96\n")
    release = desk.document(AUTHOR, "draft", str(plan))["release"]
    assert desk.document(AUTHOR, "check", release)["earlier_cells"] == 3


def test_a_drawn_area_that_leaves_a_few_over_is_refused(desk: ReleaseDesk) -> None:
    earlier = desk.released({"2026-02": (20, 31)})
    plan = desk.plan({}, name="drawn")
    (desk.folder / "drawn.csv").write_text("ward,period,pupils\ndrawn,2026-02,54\n")
    members = 'members = ["ward:E05001", "ward:E05002", "ward:E05003"]'
    plan.write_text(f'{plan.read_text()}\n[custom_area.drawn]\ntitle = "All of it"\n{members}\n')
    release = desk.document(AUTHOR, "draft", str(plan))["release"]
    found = json.loads(desk.call(AUTHOR, "check", release, "--json").stdout)
    assert [finding["releases"] for finding in found["findings"]] == [[earlier]], "3 live in the third ward"


def test_an_area_that_nobody_knows_is_refused(desk: ReleaseDesk) -> None:
    plan = desk.plan(TO_JUNE)
    (desk.folder / "plan.csv").write_text("ward,period,pupils\nE09999,2026-02,20\n")
    error = desk.refused(AUTHOR, "draft", str(plan))
    assert isinstance(error, UsageError) and error.message.startswith("Line 2, column 'ward'")
    assert "E09999" not in "".join(error.lines()), "where the wrong column is named, a code may be anything"


# ── agreements ───────────────────────────────────────────────────────────────────────────────────────────────────


def _lapse(desk: ReleaseDesk, agreement: str) -> None:
    path = desk.tiny.root / "registry" / "agreements.toml"
    files = [path] if path.is_file() else sorted((desk.tiny.root / "registry").glob("*.toml"))
    for file in files:
        text = file.read_text()
        if (head := f"[agreement.{agreement}]") in text:
            before, _, after = text.partition(head)
            file.write_text(before + head + after.replace("2090-12-31", "2026-01-31", 1))
            return
    raise AssertionError(agreement)


@pytest.mark.parametrize("agreement", ["publication", "housing"])
def test_a_lapsed_agreement_refuses_at_every_step(desk: ReleaseDesk, agreement: str) -> None:
    checked, approved = desk.drafted(TO_JUNE), desk.approved(desk.drafted(OTHERS, name="other"))
    desk.document(AUTHOR, "check", checked)
    digest = desk.digest(checked)
    _lapse(desk, agreement)
    for words in (
        ("draft", str(desk.plan(TO_JULY))), ("check", checked), ("publish", approved),
        ("repair", checked, "--apply", "rounded"),
    ):  # fmt: skip
        error = desk.refused(AUTHOR, *words)
        assert isinstance(error, ReleaseRefused) and "lapsed on 2026-01-31" in error.message, words
        assert "owner" in error.todo
    desk.refused(CHECKER, "approve", checked, "--digest", digest, *LOOKED)
    assert desk.files(approved) == []


def test_an_agreement_that_does_not_allow_the_purpose_refuses(desk: ReleaseDesk) -> None:
    error = desk.refused("analyst", "draft", str(desk.plan(TO_JUNE, purpose="planning")))
    assert "'publication' does not permit it" in error.message
    other = '["housing.tenancies", "elections.register"]'
    error = desk.refused(AUTHOR, "draft", str(desk.plan(TO_JUNE, datasets=other)))
    assert "'elections.register' does not serve it" in error.message


def test_who_is_not_declared_receives_nothing(desk: ReleaseDesk) -> None:
    assert isinstance(desk.refused(AUTHOR, "draft", str(desk.plan(TO_JUNE, recipient="a_friend"))), NotFound)


def test_without_an_agreement_nothing_is_published(desk: ReleaseDesk) -> None:
    for file in (desk.tiny.root / "registry").glob("*.toml"):
        file.write_text(file.read_text().replace('publication_agreement = "publication"', ""))
    assert "Nothing may be published" in desk.refused(AUTHOR, "draft", str(desk.plan(TO_JUNE))).message


# ── crashes, hands, the log ──────────────────────────────────────────────────────────────────────────────────────


class _Crash(BaseException):
    """The process ends here."""


def _crash(*_: object, **__: object) -> None:
    raise _Crash


def test_a_crash_between_audit_and_ledger_leaves_nothing_half_done(desk: ReleaseDesk) -> None:
    release = desk.approved(desk.drafted(TO_JUNE))
    with desk.monkeypatch.context() as patch:
        patch.setattr("almoner.records.releases.OrmReleases.enter", _crash)
        with pytest.raises(_Crash):
            desk.call(AUTHOR, "publish", release)
    assert desk.state(release) == "approved" and desk.files(release) == []
    assert releasing.book_of(desk.tiny.open(AUTHOR)).ledger(["new_plans"]) == []
    desk.document(AUTHOR, "publish", release)
    assert len(desk.files(release)) == 6
    assert len(releasing.book_of(desk.tiny.open(AUTHOR)).ledger(["new_plans"])) == 1
    assert list((desk.tiny.root / "releases").glob(".staged-*")) == []


def test_a_crash_after_the_ledger_is_finished_by_the_next_command(desk: ReleaseDesk) -> None:
    release = desk.approved(desk.drafted(TO_JUNE))
    with desk.monkeypatch.context() as patch:
        patch.setattr(Shelf, "put_out", _crash)
        with pytest.raises(_Crash):
            desk.call(AUTHOR, "publish", release)
    assert desk.files(release) == [] and desk.state(release) == "released"
    desk.drafted(OTHERS, name="other")
    assert len(desk.files(release)) == 6
    assert desk.document(AUTHOR, "show", release)["changed_files"] == []


def test_what_a_crash_has_staged_and_nobody_released_goes_away(desk: ReleaseDesk) -> None:
    release = desk.approved(desk.drafted(TO_JUNE))
    with desk.monkeypatch.context() as patch:
        patch.setattr("almoner.records.releases.OrmReleases.enter", _crash)
        with pytest.raises(_Crash):
            desk.call(AUTHOR, "publish", release)
    assert list((desk.tiny.root / "releases").glob(".staged-*"))
    desk.drafted(OTHERS, name="other")
    assert list((desk.tiny.root / "releases").glob("*")) == []
    assert list((desk.tiny.root / "releases").glob(".staged-*")) == []


def test_a_withdrawal_that_crashed_is_finished(desk: ReleaseDesk) -> None:
    release = desk.released(TO_JUNE)
    with desk.monkeypatch.context() as patch:
        patch.setattr(Shelf, "take_in", _crash)
        with pytest.raises(_Crash):
            desk.call(AUTHOR, "withdraw", release, "--reason", "A ward was counted twice")
    desk.drafted(OTHERS, name="other")
    assert desk.files(release) == []


def test_a_file_that_somebody_changed_by_hand_is_seen(desk: ReleaseDesk) -> None:
    release = desk.released(TO_JUNE)
    folder = desk.tiny.root / "releases" / release
    (folder / "pupils.csv").write_text("ward,pupils\nE05001,2\n")
    (folder / "extra.csv").write_text("more")
    (folder / "release.pdf").unlink()
    assert desk.document(AUTHOR, "show", release)["changed_files"] == ["extra.csv", "pupils.csv", "release.pdf"]
    assert "CHANGED since it was published: pupils.csv" in desk.call(AUTHOR, "show", release).stdout


def test_every_change_is_in_the_log_before_it_holds(desk: ReleaseDesk) -> None:
    before = len(desk.tiny.events())
    release = desk.released(TO_JUNE)
    desk.document(AUTHOR, "withdraw", release, "--reason", "A ward was counted twice")
    events = [event for event in desk.tiny.events(before) if event.action.startswith("release.")]
    assert [(event.action, event.actor) for event in events] == [
        ("release.edit", AUTHOR), ("release.pass", AUTHOR), ("release.approve", CHECKER), ("release.publish", AUTHOR),
        ("release.withdraw", AUTHOR),
    ]  # fmt: skip
    assert {event.detail["release"] for event in events} == {release}
    assert all(len(str(event.detail["digest"])) == 64 for event in events)


def test_a_refused_approval_is_in_the_log(desk: ReleaseDesk) -> None:
    release = desk.drafted(TO_JUNE)
    desk.document(AUTHOR, "check", release)
    before = len(desk.tiny.events())
    desk.refused(AUTHOR, "approve", release, "--digest", desk.digest(release), *LOOKED)
    assert [e.outcome for e in desk.tiny.events(before) if e.action == "release.approve"] == ["refused"]


def test_a_change_that_can_not_be_written_down_does_not_happen(desk: ReleaseDesk) -> None:
    from almoner.records.audit_log import SqliteAuditLog

    release = desk.approved(desk.drafted(TO_JUNE))
    with desk.monkeypatch.context() as patch:
        patch.setattr(SqliteAuditLog, "append", _crash)
        with pytest.raises(_Crash):
            desk.call(AUTHOR, "publish", release)
    assert desk.state(release) == "approved" and desk.files(release) == []


def test_no_true_count_lies_in_the_records_in_plain(desk: ReleaseDesk) -> None:
    odd = 7_654_321
    desk.released({SPRING: (odd, odd + 10, odd + 20)}, exact="false")
    kept = b"".join(path.read_bytes() for path in desk.tiny.root.glob("records.sqlite*"))
    assert str(odd).encode() not in kept and b"new_plans" in kept
    book = releasing.book_of(desk.tiny.open(AUTHOR))
    assert odd in book.ledger(["new_plans"])[0].exact


def test_content_under_another_release_is_not_opened(desk: ReleaseDesk) -> None:
    from almoner.kernel.errors import KeyMissing
    from almoner.records.models import ReleaseRecord

    one, other = desk.drafted(TO_JUNE), desk.drafted(TO_JULY, name="other")
    desk.tiny.open(AUTHOR)
    ReleaseRecord.objects.filter(release_id=one).update(sealed=ReleaseRecord.objects.get(release_id=other).sealed)
    assert isinstance(desk.refused(AUTHOR, "check", one), KeyMissing)


# ── profiles, previews, faults ───────────────────────────────────────────────────────────────────────────────────


def test_profiles_are_drafted_and_checked(desk: ReleaseDesk) -> None:
    made = desk.document("analyst", "draft", "--profiles", "--project", "alpha", "--format", "json")
    assert desk.document("analyst", "check", made["release"])["passes"]
    desk.document(CHECKER, "approve", made["release"], "--digest", made["digest"], *LOOKED)
    desk.document("analyst", "publish", made["release"])
    document = json.loads((desk.tiny.root / "releases" / made["release"] / "release.json").read_text())
    assert {table["name"] for table in document["tables"]} == {"population", "burglaries", "referrals"}
    again = desk.document("analyst", "draft", "--profiles", "--project", "alpha", "--format", "json")
    assert desk.document("analyst", "check", again["release"])["passes"], "the same figures tell nothing new"


def test_who_may_not_read_may_not_draft(desk: ReleaseDesk) -> None:
    assert isinstance(desk.refused("worker", "draft", str(desk.plan(TO_JUNE))), AccessRefused)
    assert isinstance(desk.refused(AUTHOR, "draft", str(desk.plan(TO_JUNE, purpose="planning"))), AccessRefused)


def test_a_preview_is_marked_and_private(desk: ReleaseDesk) -> None:
    release = desk.drafted(TO_JUNE)
    out = desk.folder / "preview"
    desk.document(CHECKER, "show", release, "--preview", str(out))
    assert out.stat().st_mode & 0o077 == 0
    assert "UNRELEASED DRAFT" in (out / "release.html").read_text()
    desk.refused(CHECKER, "show", release, "--preview", str(out))


@pytest.mark.parametrize(
    ("cell", "told"),
    [("", "neither a whole number"), ("[c]", "neither a whole number"), ("-3", "Line 2"), ("7.5", "Line 2")],
)
def test_a_cell_that_says_nothing_certain_is_refused(desk: ReleaseDesk, cell: str, told: str) -> None:
    error = desk.refused(AUTHOR, "draft", str(desk.plan({SPRING: (cell, 31, 45)})))
    assert isinstance(error, UsageError) and told in error.message and "plan.csv" in error.where


def test_a_column_that_nobody_declared_is_refused(desk: ReleaseDesk) -> None:
    plan = desk.plan(TO_JUNE)
    table = desk.folder / "plan.csv"
    table.write_text("\n".join(f"{line},Alice" for line in table.read_text().splitlines()))
    error = desk.refused(AUTHOR, "draft", str(plan))
    assert "from the left: 4" in error.message and "Alice" not in "".join(error.lines())


def test_what_is_not_there_stays_apart_from_zero(desk: ReleaseDesk) -> None:
    release = desk.released({"2026-02": ("[x]", "[z]", 0)})
    (table,) = json.loads((desk.tiny.root / "releases" / release / "release.json").read_text())["tables"]
    assert [row[2] for row in table["rows"]] == ["[x]", "[z]", 0]
