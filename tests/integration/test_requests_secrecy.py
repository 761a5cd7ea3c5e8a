"""What a case holds can be read by its own key alone: in files, in the log, in messages; and by nobody once it is gone.

The search is not vacuous: the same canaries are found when the case is opened, and the same ciphertext before disposal.
"""

from __future__ import annotations

import base64
from dataclasses import replace
from pathlib import Path

import pytest

from almoner.kernel.errors import Busy, KeyMissing, NotFound, RequestRefused
from almoner.requests.casework.deciding import dispose
from almoner.wiring.casework import approving_office_of
from tests.integration.request_desk import ANSWER, APPROVER, ASKED, NAME, OFFICER, STREET, RequestDesk
from tests.workspace_builder import RESIDENTS, finished_workspace

pytestmark = pytest.mark.integration
SECRETS = (NAME, STREET, "zqcanaryrequest", "zqcanaryanswer", "zqcanaryreason")


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> RequestDesk:
    """Give a workspace for one test."""
    return RequestDesk(finished_workspace(tmp_path / "workspace"), monkeypatch, tmp_path)


def holding(desk: RequestDesk, wanted: bytes) -> list[str]:
    """Name the files of the workspace that hold some bytes."""
    files = [path for path in desk.tiny.root.rglob("*") if path.is_file()]
    return [path.name for path in files if wanted in path.read_bytes()]


def finished_case(desk: RequestDesk) -> str:
    """Bring a case to its close, with canaries in all that can be written."""
    case = desk.right("erasure", "--person", desk.tiny.person(RESIDENTS[0]), "--address", STREET)
    desk.does(OFFICER, "rights", "ask", case, "--words", "What do you mean? zqcanaryreason")
    desk.does(OFFICER, "rights", "resume", case, "--words", "All of it zqcanaryreason")
    desk.approved("rights", case, "granted", ANSWER)
    desk.does(OFFICER, "rights", "answer", case)
    desk.does(OFFICER, "rights", "close", case)
    return case


def test_nothing_that_was_written_stands_in_any_file(desk: RequestDesk) -> None:
    case = finished_case(desk)
    shown = desk.call(OFFICER, "rights", "show", case).output
    assert [secret for secret in SECRETS if secret not in shown] == []
    desk.tiny.open().close()
    assert [(secret, found) for secret in SECRETS if (found := holding(desk, secret.encode()))] == []
    assert holding(desk, case.encode()), "the case itself is found, so the search looks where it lies"


def test_no_list_no_event_and_no_number_says_who_asks(desk: RequestDesk) -> None:
    case = finished_case(desk)
    for words in (("list", "--all"), ("overdue",), ("statistics", "2025-26")):
        said = desk.call(OFFICER, "rights", *words).output + desk.call(OFFICER, "rights", *words, "--json").output
        assert [secret for secret in SECRETS if secret in said] == [], words
    events = [each for each in desk.tiny.events() if each.action.startswith("request.")]
    leaves = b"".join(each.to_leaf() for each in events).decode()
    person = desk.tiny.person(RESIDENTS[0])
    assert case in leaves and [secret for secret in (*SECRETS, person) if secret in leaves] == []
    steps = [each.mark.action for each in desk.book().steps(case)]
    logged = [each.action.removeprefix("request.") for each in events if each.detail.get("case") == case]
    assert [each for each in logged if each not in ("show",)] == steps, "each step is an event, and each event a step"
    assert all(
        each.subject_digests for each in events if each.detail.get("case") == case and each.action != "request.show"
    )


def test_disposal_destroys_the_key_and_nobody_opens_it_again(desk: RequestDesk) -> None:
    from almoner.records.models import CaseRecord, CaseStep

    case = finished_case(desk)
    record = CaseRecord.objects.get(case_id=case)
    kept = [record.sealed, *CaseStep.objects.filter(case_id=case).values_list("sealed", flat=True)]
    key_file = desk.tiny.root / "case-keys" / f"{case}.key"
    wrapped = key_file.read_bytes()
    desk.tiny.open().close()
    assert holding(desk, wrapped) == [key_file.name] and all(holding(desk, each.encode()) for each in kept)
    dispose(approving_office_of(desk.tiny.open(APPROVER)), case)
    desk.tiny.open().close()
    assert not key_file.exists() and holding(desk, wrapped) == []
    assert [each for each in kept if holding(desk, each.encode())] == [], "SQLite overwrites what it deletes"
    with pytest.raises(NotFound):
        desk.book().content(case)
    CaseRecord.objects.filter(case_id=case).update(sealed=kept[0])
    with pytest.raises(KeyMissing, match="can't be opened"):
        desk.book().content(case)
    assert base64.b64decode(kept[0]), "as a database's dead row would still hold it"


def test_what_was_disposed_of_still_counts(desk: RequestDesk) -> None:
    case = finished_case(desk)
    before = desk.does(OFFICER, "rights", "statistics", "2025-26")
    dispose(approving_office_of(desk.tiny.open(APPROVER)), case)
    assert desk.does(OFFICER, "rights", "statistics", "2025-26") == before
    shown = desk.does(OFFICER, "rights", "show", case)
    assert shown["request"] is None and shown["state"] == "disposed" and shown["outcome"] == "granted"
    assert all(each["words"] == {} for each in shown["steps"])


def test_an_open_case_is_not_disposed_of(desk: RequestDesk) -> None:
    case = desk.right("erasure")
    with pytest.raises(RequestRefused):
        dispose(approving_office_of(desk.tiny.open(APPROVER)), case)
    assert desk.book().content(case).words == ASKED


def test_one_cases_words_do_not_open_in_anothers_place(desk: RequestDesk) -> None:
    from almoner.records.models import CaseRecord, CaseStep

    one, other = desk.right("erasure"), desk.right("objection")
    CaseRecord.objects.filter(case_id=other).update(sealed=CaseRecord.objects.get(case_id=one).sealed)
    with pytest.raises(KeyMissing):
        desk.book().content(other)
    desk.does(OFFICER, "rights", "ask", one, "--words", "Which entry is it?")
    moved = CaseStep.objects.get(case_id=one, number=2).sealed
    CaseStep.objects.filter(case_id=one, number=1).update(sealed=moved)
    with pytest.raises(KeyMissing):
        desk.book().steps(one)


def test_two_people_at_once_do_not_undo_one_another(desk: RequestDesk) -> None:
    book, case = desk.book(), desk.right("erasure")
    found = book.find(case)
    assert found is not None
    (step,) = book.steps(case)
    desk.does(OFFICER, "rights", "assign", case, "somebody")
    late = replace(found, version=found.version + 1, assigned_to="somebody_else")
    with pytest.raises(Busy):
        book.keep(late, replace(step, mark=replace(step.mark, number=3)))
    again = book.find(case)
    assert again is not None and again.assigned_to == "somebody" and len(book.marks(case)) == 2


def test_a_letter_is_not_written_over_and_only_its_owner_reads_it(desk: RequestDesk) -> None:
    case = desk.right("erasure")
    number = desk.does(OFFICER, "rights", "acknowledge", case)["letter"]
    desk.letter("rights", case, number)
    out = desk.folder / f"{case}-{number}.pdf"
    assert out.stat().st_mode & 0o077 == 0
    assert "there already" in desk.refused(OFFICER, "rights", "letter", case, str(number), "--out", str(out)).message
    assert isinstance(desk.refused(OFFICER, "rights", "letter", case, "99", "--out", str(desk.folder / "x")), NotFound)
