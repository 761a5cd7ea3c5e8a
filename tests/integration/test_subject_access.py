"""Subject access at the command line: from the request to the pack, and who is refused on the way.

A town in which free texts name neighbours, with an account that somebody else has taken over: nothing of another
person's name, birth or address may be in what goes out, and all of the person's own must be.
"""

from __future__ import annotations

import csv
import io
import json
import shutil
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pyrage
import pytest

from almoner.kernel.errors import AccessRefused, Busy, NotFound, RequestRefused, UsageError
from almoner.wiring.linking import link_records
from almoner.wiring.taking_in import take_in
from almoner.wiring.workspace import open_workspace
from tests.integration.request_desk import APPROVER, OFFICER, RequestDesk
from tests.tagged_pdf import TaggedPdf
from tests.workspace_builder import ACTORS, PROTECTED, RESIDENTS, TinyWorkspace, canaries, leaks, whole, write_workspace

pytestmark = pytest.mark.integration
ALICE, BRIAN, CHLOE = RESIDENTS[0], RESIDENTS[1], RESIDENTS[2]
NOTE = (
    "Alice Ashworth rang; her husband Brian (born 06/02/1953) is at 10 Mill Road too. Mrs Zqneighbour of 3 Zqother Lane, "
    "0161 496 0777, zq.neighbour@example.net, NINO CE999999C, complained about Ms Ashworth."
)
"""What an officer has written about Alice. Of it, only what is hers may go out."""
NOBODYS = (
    "Brian",
    "BRIAN",
    "1953-02-06",
    "06/02/1953",
    "6 February 1953",
    "Zqneighbour",
    "Zqother",
    "496 0777",
    "zq.neighbour",
    "CE999999C",
)
"""Everything of others that was planted."""
SEEN = "Her passport and a bank statement were seen"
KEY = pyrage.x25519.Identity.generate()
SERVICE = "health:health"


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make the town: notes about Alice in both months; in the second, another tenant holds Chloe's account."""
    tiny = write_workspace(tmp_path_factory.mktemp("sar") / "workspace")
    for file in sorted(tiny.inbox.glob("tenancies_*.csv")):
        rows = list(csv.reader(io.StringIO(file.read_text("utf-8"))))
        heads = rows[0]
        for row in rows[1:]:
            if row[0] == "T10":
                row[heads.index("Note")] = NOTE
            if row[0] == "T11" and "1001" in file.name:
                row[heads.index("Forename")], row[heads.index("Born")], row[heads.index("NINO")] = (
                    "Zqtaker",
                    "1999-09-09",
                    "",
                )
        out = io.StringIO()
        csv.writer(out, lineterminator="\n").writerows(rows)
        file.write_text(out.getvalue(), encoding="utf-8")
    tiny.take_in()
    for actor, role in ACTORS.items():
        tiny.open().records.grant_roles(actor, (role,), "test")
    return tiny.root


@pytest.fixture
def desk(town: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[RequestDesk]:
    """Give a copy of the town for one test."""
    shutil.copytree(town, tmp_path / "workspace")
    desk = RequestDesk(TinyWorkspace(tmp_path / "workspace"), monkeypatch, tmp_path)
    yield desk.on("2026-11-23")


def case_of(desk: RequestDesk, person: str, capacity: str = "self", *more: str) -> str:
    """Open a case about somebody, and note who asks."""
    case = desk.right("subject_access", *(("--person", person) if person else ()))
    desk.does(OFFICER, "sar", "verify", case, "--as", capacity, "--words", SEEN, *more)
    return case


def opinion(desk: RequestDesk, case: str, verdict: str = "no-harm") -> None:
    """Note what the health professional has said."""
    words = ("--words", "Dr Khan, consultant, has read it all and sees none")
    desk.does(OFFICER, "sar", "opinion", case, SERVICE, verdict, *words)


def decided(desk: RequestDesk, case: str) -> None:
    """Decide that part is given, and let a second person agree."""
    desk.does(OFFICER, "rights", "exempt", case, "Sch 2 para 16", "--reason", "Others are named in it")
    desk.approved("rights", case, "partly", "Here is what we hold about you")


def files_of(desk: RequestDesk, case: str) -> dict[str, bytes]:
    """Make the pack, and open it as the requester does."""
    out = desk.folder / "pack.zip.age"
    result = desk.call(OFFICER, "sar", "pack", case, "--out", str(out), "--recipient", str(KEY.to_public()))
    assert result.exception is None, repr(result.exception)
    content = out.read_bytes()
    assert content.startswith(b"age-encryption.org/v1") and b"Ashworth" not in content
    with zipfile.ZipFile(io.BytesIO(pyrage.decrypt(content, [KEY]))) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def everything(files: dict[str, bytes]) -> str:
    """Give all that stands in the files of a pack."""
    return "\n".join(TaggedPdf(c).text if name.endswith(".pdf") else c.decode("utf-8-sig") for name, c in files.items())


def test_from_the_request_to_the_pack(desk: RequestDesk) -> None:
    person = desk.tiny.person(ALICE)
    desk.tiny.open("worker")
    looked = desk.call("worker", "person", person, "--reason", "A visit is planned; Brian Ashworth asked for it")
    assert looked.exception is None
    case = case_of(desk, person)
    told = desk.does(OFFICER, "sar", "gather", case)
    assert set(told["datasets"]) == {"elections.register", "health.referrals", "housing.tenancies", "police.incidents"}
    assert told["opinions_missing"] == [SERVICE] and told["person"] == person
    opinion(desk, case)
    decided(desk, case)
    files = files_of(desk, case)
    assert set(files) >= {
        "your-data.pdf",
        "your-data.json",
        "records.csv",
        "links.csv",
        "who-looked.csv",
        "who-received.csv",
    }
    pdf = TaggedPdf(files["your-data.pdf"])
    assert pdf.is_tagged and {"H1", "H2", "H3", "L"} <= set(pdf.kinds())
    said = everything(files)
    for name in NOBODYS:
        assert name not in said, name
    for own in ("Alice", "1950-01-05", "10 Mill Road", "complained about Ms Ashworth", "BUR", "R0", "20 years"):
        assert own in said, own
    assert leaks(said, canaries(desk.tiny.registry())) == []
    document = json.loads(files["your-data.json"])
    assert document["datasets"]["housing.tenancies"]["purposes"] and document["who_looked"]
    looks = csv.DictReader(io.StringIO(files["who-looked.csv"].decode("utf-8-sig")))
    seen = {(row["field"], row["value"]) for row in looks}
    assert ("By whom (role)", "Front-line worker") in seen and ("Name", "[removed]") in seen
    assert ("Reason given", "A visit is planned; [removed] asked for it") in seen
    actions = [each.action for each in desk.tiny.events()]
    assert actions.index("permit.issue") < actions.index("request.gather") and "request.pack" in actions


def test_what_is_held_and_what_is_given_differ_only_where_a_reviewer_can_see_it(desk: RequestDesk) -> None:
    case = case_of(desk, desk.tiny.person(ALICE))
    desk.does(OFFICER, "sar", "gather", case)
    listed = desk.does(OFFICER, "sar", "redactions", case)["redactions"]
    by_words = {each["words"]: each for each in listed}
    assert {"Brian", "06/02/1953", "Mrs Zqneighbour", "CE999999C", "0161 496 0777"} <= set(by_words)
    brian = by_words["Brian"]
    assert any("her husband" in place["before"] for place in brian["places"])
    place = next(p["place"] for p in brian["places"] if "her husband" in p["before"])
    lifted = ("sar", "lift", case, place, "--reason", "She told us herself")
    desk.does(OFFICER, *lifted)
    assert isinstance(desk.refused(OFFICER, *lifted), UsageError)
    assert isinstance(desk.refused(OFFICER, "sar", "lift", case, "999", "--reason", "There is none of it"), UsageError)
    words = desk.folder / "words.txt"
    words.write_text("complained about", encoding="utf-8")
    desk.does(OFFICER, "sar", "redact", case, "--file", str(words), "--reason", "It is about a neighbour")
    desk.does(OFFICER, "sar", "redact", case, "--at", "record/0/name", "--reason", "Only to see that it goes")
    told = desk.does(OFFICER, "sar", "show", case)
    assert [each["what"] for each in told["decisions"]] == ["lift", "redact", "redact"]
    assert any("She told us" in each["reason"] for each in told["decisions"])
    opinion(desk, case, "harm")
    decided(desk, case)
    said = everything(files_of(desk, case))
    assert "her husband Brian (born [removed])" in said and "complained about" not in said
    assert "R0" not in said and "Referral" not in said, "a professional has said that it does harm"
    late = desk.refused(OFFICER, "sar", "lift", case, brian["id"], "--reason", "After it was approved")
    assert isinstance(late, RequestRefused)


def test_an_account_that_somebody_else_took_over_is_not_told(desk: RequestDesk) -> None:
    taker = desk.tiny.person(CHLOE)  # the account is known by its number: it is the taker's now
    case = case_of(desk, taker)
    desk.does(OFFICER, "sar", "gather", case)
    gathered = desk.does(OFFICER, "sar", "show", case, "--entries")["gathered"]
    tenancies = [each for each in gathered if each["about"] == "housing.tenancies"]
    assert "Zqtaker" in json.dumps(tenancies), "it is the taker who asks"
    assert "2026-09-01" not in json.dumps([each["held_on"] for each in tenancies if each["section"] == "record"])
    assert CHLOE.forename not in json.dumps(tenancies) and CHLOE.born.isoformat() not in json.dumps(tenancies)


def test_every_version_that_is_held_is_told(desk: RequestDesk) -> None:
    case = case_of(desk, desk.tiny.person(ALICE))
    desk.does(OFFICER, "sar", "gather", case)
    gathered = desk.does(OFFICER, "sar", "show", case, "--entries")["gathered"]
    days = {(each["about"], *each["held_on"]) for each in gathered if each["section"] == "record"}
    assert ("housing.tenancies", "2026-09-01") in days and ("housing.tenancies", "2026-10-01") in days
    assert ("elections.register", "2026-09-01", "2026-10-01") in days, "what says the same is one"


def test_nobody_is_gathered_for_before_who_asks_is_known(desk: RequestDesk) -> None:
    person = desk.tiny.person(ALICE)
    case = desk.right("subject_access", "--person", person)
    reads = [each for each in desk.tiny.events() if each.action in ("run", "read")]
    assert isinstance(desk.refused(OFFICER, "sar", "gather", case), RequestRefused)
    desk.does(OFFICER, "sar", "verify", case, "--as", "self", "--words", SEEN)
    desk.does(OFFICER, "rights", "identify", case, "--words", "A copy of your passport")
    assert isinstance(desk.refused(OFFICER, "sar", "gather", case), RequestRefused)
    desk.does(OFFICER, "rights", "resume", case, "--words", "It came")
    asked_anew = desk.refused(OFFICER, "sar", "gather", case)
    assert "identity" in asked_anew.message, "what was seen before the doubt does not count"
    assert [each for each in desk.tiny.events() if each.action in ("run", "read")] == reads
    assert desk.tiny.events()[-1].outcome == "refused"
    other = desk.right("erasure", "--person", person)
    assert isinstance(desk.refused(OFFICER, "sar", "verify", other, "--as", "self", "--words", SEEN), RequestRefused)
    assert isinstance(desk.refused("worker", "sar", "gather", case), AccessRefused)
    assert isinstance(desk.refused(OFFICER, "sar", "verify", case, "--as", "king", "--words", SEEN), UsageError)


def test_a_person_who_is_not_held_and_one_who_is_found_later(desk: RequestDesk) -> None:
    case = case_of(desk, "")
    refused = desk.refused(OFFICER, "sar", "gather", case)
    assert isinstance(refused, RequestRefused) and "not_held" in refused.todo
    assert isinstance(desk.refused(OFFICER, "sar", "gather", case, "--person", "P000000000000"), NotFound)
    assert desk.does(OFFICER, "sar", "gather", case, "--person", desk.tiny.person(ALICE))["redactions"]
    about_alice = case_of(desk, desk.tiny.person(ALICE))
    refused = desk.refused(OFFICER, "sar", "gather", about_alice, "--person", desk.tiny.person(BRIAN))
    assert "somebody else" in refused.message


def relink(desk: RequestDesk) -> None:
    """Join records anew, as whoever runs the tests."""
    workspace, _ = open_workspace(desk.tiny.root)
    take_in(workspace, [desk.tiny.inbox], lambda _: None)
    link_records(workspace, lambda _: None)


def test_a_person_who_was_merged_yesterday_is_followed(desk: RequestDesk) -> None:
    old, new = desk.tiny.person(ALICE), desk.tiny.person(BRIAN)
    case, of_new = case_of(desk, old), case_of(desk, new)
    merged = desk.call("steward", "review", "merge", old, new, "--reason", "They are one person after all")
    assert merged.exception is None, merged.exception
    relink(desk)
    told = [desk.does(OFFICER, "sar", "gather", each) for each in (case, of_new)]
    survivor = told[0]["person"]
    assert survivor in (old, new) and told[1]["person"] == survivor
    retired = ({old, new} - {survivor}).pop()
    assert all(each["former_ids"] == [retired] for each in told)
    assert retired in " ".join(told[0]["notes"])
    shown = desk.call(OFFICER, "sar", "show", case).output
    assert "it was followed" in shown


def test_an_address_that_must_not_be_revealed_is_in_nothing(desk: RequestDesk) -> None:
    case = case_of(desk, desk.tiny.person(PROTECTED))
    told = desk.does(OFFICER, "sar", "gather", case)
    assert told["whereabouts_protected"] is True
    if SERVICE in told["opinions_missing"]:
        opinion(desk, case)
    decided(desk, case)
    said = everything(files_of(desk, case))
    place = PROTECTED.place()
    assert place["address"].split(",")[0] not in said and place["postcode"] not in said and place["uprn"] not in said
    assert PROTECTED.forename in said
    assert "must not be revealed" in desk.call(OFFICER, "sar", "show", case).output


def test_a_parent_needs_evidence_for_a_child_who_can_decide(desk: RequestDesk) -> None:
    person = desk.tiny.person(ALICE)
    adult = case_of(desk, person, "parent")
    assert "adult" in desk.refused(OFFICER, "sar", "gather", adult).message
    reads = [
        each
        for event in desk.tiny.events()
        if event.action == "run" and event.actor == OFFICER
        for each in event.datasets
    ]
    assert set(reads) == {"spine.person", "spine.person_event"}, "only who it is was looked at"
    from almoner.requests.casework.cases import Case, Mark
    from almoner.requests.subject_access.entitled import require_competence

    now = desk.now
    case = Case("SAR-1", "subject_access", "received", now.date(), now, "officer")
    mark = Mark(2, "verify", "received", "officer", now, now.date(), {"as": "parent", "competence": False})
    born = now.date().replace(year=2012, month=1)
    with pytest.raises(RequestRefused, match="decide alone"):
        require_competence(case, mark, born, now.date())
    with pytest.raises(RequestRefused, match="decide alone"):
        require_competence(case, mark, None, now.date())
    require_competence(case, mark, born.replace(year=2018), now.date())
    shown = Mark(3, "verify", "received", "officer", now, now.date(), {"as": "parent", "competence": True})
    require_competence(case, shown, born, now.date())


def test_no_pack_that_is_not_what_was_decided(desk: RequestDesk) -> None:
    case = case_of(desk, desk.tiny.person(ALICE))
    out = ("--out", str(desk.folder / "x.age"), "--recipient", str(KEY.to_public()))
    assert isinstance(desk.refused(OFFICER, "sar", "redactions", case), RequestRefused)
    desk.does(OFFICER, "sar", "gather", case)
    assert isinstance(desk.refused(OFFICER, "sar", "pack", case, *out), RequestRefused), "nobody has approved it"
    desk.approved("rights", case, "granted", "Here is what we hold about you")
    assert "opinion" in desk.refused(OFFICER, "sar", "pack", case, *out).message
    desk.does(APPROVER, "rights", "return", case, "--reason", "An opinion is missing")
    old = ("--words", "Dr Khan has read it all and sees none", "--on", "2026-01-01")
    assert isinstance(desk.refused(OFFICER, "sar", "opinion", case, SERVICE, "no-harm", *old), RequestRefused)
    opinion(desk, case)
    desk.approved("rights", case, "granted", "Here is what we hold about you")
    assert "some of it is left out" in desk.refused(OFFICER, "sar", "pack", case, *out).message
    desk.does(APPROVER, "rights", "return", case, "--reason", "Others are named")
    decided(desk, case)
    for wrong in (("--recipient", "age1nothing"), ("--passphrase-file", str(desk.folder / "none"))):
        assert isinstance(desk.refused(OFFICER, "sar", "pack", case, *out[:2], *wrong), UsageError)
    short = desk.folder / "short.txt"
    short.write_text("short", encoding="utf-8")
    assert isinstance(desk.refused(OFFICER, "sar", "pack", case, *out[:2], "--passphrase-file", str(short)), UsageError)
    short.write_text("four words that nobody guesses", encoding="utf-8")
    result = desk.call(OFFICER, "sar", "pack", case, *out[:2], "--passphrase-file", str(short))
    assert result.exception is None
    assert (
        pyrage.passphrase.decrypt((desk.folder / "x.age").read_bytes(), "four words that nobody guesses")[:2] == b"PK"
    )
    assert isinstance(desk.refused(OFFICER, "sar", "pack", case, *out), UsageError), "never written over"


def test_what_was_gathered_is_sealed_and_goes_with_the_case(desk: RequestDesk) -> None:
    case = case_of(desk, desk.tiny.person(ALICE))
    desk.does(OFFICER, "sar", "gather", case)
    written = b"".join(path.read_bytes() for path in desk.tiny.root.glob("*.sqlite*"))
    assert b"Zqneighbour" not in written and b"her husband" not in written
    desk.does(OFFICER, "rights", "withdraw", case, "--reason", "They have thought better of it")
    from almoner.requests.casework.deciding import dispose
    from almoner.wiring.casework import approving_office_of

    dispose(approving_office_of(desk.tiny.open(APPROVER)), case)
    from almoner.records.models import GatheredForCase

    assert not GatheredForCase.objects.filter(case_id=case).exists()
    assert isinstance(desk.refused(OFFICER, "sar", "redactions", case), RequestRefused | NotFound)


def test_what_was_gathered_goes_when_the_person_is_erased(desk: RequestDesk) -> None:
    person = desk.tiny.person(ALICE)
    case = case_of(desk, person)
    desk.does(OFFICER, "sar", "gather", case)
    from almoner.wiring.disposals import persons_of

    assert persons_of(desk.tiny.open()).forget(["P000000000000"], []).get("gathered") is None
    assert persons_of(desk.tiny.open()).forget([person], [])["gathered"] == 1
    assert isinstance(desk.refused(OFFICER, "sar", "show", case), RequestRefused)


def test_two_at_once_do_not_undo_each_other(desk: RequestDesk) -> None:
    case = case_of(desk, desk.tiny.person(ALICE))
    desk.does(OFFICER, "sar", "gather", case)
    from almoner.requests.subject_access.deciding import redact_words
    from almoner.wiring.subject_access import reviewed

    office, review = reviewed(desk.tiny.open(OFFICER), case)
    version = office.find(case).version
    redact_words(office, case, review, "complained", "It is about a neighbour", expected=version)
    with pytest.raises(Busy):
        redact_words(office, case, review, "husband", "It is about a husband", expected=version)


# ── what the gate gives for it ───────────────────────────────────────────────────────────────────────────────────────


def test_every_version_is_for_a_purpose_that_answers_the_person_alone(desk: RequestDesk) -> None:
    person = desk.tiny.person(ALICE)
    name = "held:housing.tenancies"
    for actor, purpose, subjects in (
        ("worker", "front_line", (person,)), ("steward", "matching", ()), ("steward", "matching", (person,)), (OFFICER, "requests", ()),
    ):  # fmt: skip
        opened = desk.tiny.open(actor)
        permit = opened.permits.standing(actor, purpose, "Trying what it gives", subjects=subjects)
        with pytest.raises(AccessRefused):
            opened.gate.run(permit, whole(name), {name: ("tenancy",)})
    opened = desk.tiny.open(OFFICER)
    permit = opened.permits.standing(OFFICER, "requests", "Trying what it gives", subjects=(person,))
    rows = opened.gate.run(permit, whole(name), {name: ("tenancy", "note")}).rows()
    assert {row["tenancy"] for row in rows} == {"T10"} and len(rows) == 2
    assert sorted(row["is_current"] for row in rows) == [False, True] and {row["slot"] for row in rows} == {"tenant"}
    none = opened.gate.run(permit, whole("held:council.staff"), {"held:council.staff": ("salary",)}).rows()
    assert none == []


def test_what_is_past_its_retention_is_in_no_version(desk: RequestDesk) -> None:
    desk.tiny.change(
        "council.toml", 'title = "Twenty years from the start"\nyears = 20', 'title = "Short"\nyears = 0\nmonths = 1'
    )
    person = desk.tiny.person(ALICE)
    opened = desk.tiny.open(OFFICER)
    permit = opened.permits.standing(OFFICER, "requests", "Trying what it gives", subjects=(person,))
    name = "held:housing.tenancies"
    assert opened.gate.run(permit, whole(name), {name: ("note",)}).rows() == []
