"""Decisions that stick: what is asked, what is answered by whom, what outlasts every run, and what explains it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from click.testing import Result
from typer.testing import CliRunner

from almoner.cli.main import app
from almoner.kernel import errors
from almoner.wiring import workspace as wiring
from almoner.wiring.linking import link_records
from almoner.wiring.reviewing import statistics, waiting_questions
from almoner.wiring.taking_in import take_in
from tests.workspace_builder import RESIDENTS, SEALED, TinyWorkspace, finished_workspace, identifier, rendered

pytestmark = [pytest.mark.integration, pytest.mark.slow]

WHY = ("--reason", "The paper file says so")
REVIEWERS = ("steward", "second", "third")
DOUBTFUL = (0, 2, 4)
"""Whom a referral tells of as the others do, but for another NHS number: no weight can settle who that is."""


@dataclass
class Desk:
    """A workspace, and its commands run as somebody."""

    tiny: TinyWorkspace
    monkeypatch: pytest.MonkeyPatch

    def call(self, actor: str, *words: str) -> Result:
        """Run a command as somebody."""
        self.monkeypatch.setattr(wiring, "operating_system_user", lambda: actor)
        self.monkeypatch.setenv("ALMONER_WORKSPACE", str(self.tiny.root))
        self.tiny.open(actor)
        return CliRunner().invoke(app, list(words), standalone_mode=False)

    def document(self, actor: str, *words: str) -> Any:
        """Run a command as somebody; give its document."""
        result = self.call(actor, *words, "--json")
        assert result.exception is None, result.exception
        return json.loads(result.stdout)

    def refused(self, actor: str, *words: str) -> errors.AlmonerError:
        """Run a command that has to be refused; give the error."""
        result = self.call(actor, *words)
        assert isinstance(result.exception, errors.AlmonerError), result.output
        return result.exception

    def link(self, *options: str) -> Any:
        """Join the records again."""
        return self.document("steward", "link", *options)

    def people(self) -> dict[str, str]:
        """Give the person of each record."""
        lake = self.tiny.open().lake
        rows = lake.spine_table(lake.catalogue.spine(), "person_record").to_table().to_pylist()
        return {f"{row['dataset'].replace('.', '/', 1)}/{row['record_id']}": row["person_id"] for row in rows}

    def questions(self, actor: str = "steward") -> list[dict[str, Any]]:
        """Give what is asked of somebody."""
        return list(self.document(actor, "review", "next", "--count", "50")["questions"])

    def second_share(self, share: float) -> None:
        """Change the share of pairs that two people answer."""
        settings = self.tiny.root / "almoner.toml"
        settings.write_text(settings.read_text() + f"\n[review]\nsecond_share = {share}\n")


def _doubtful_referrals(tiny: TinyWorkspace) -> bytes:
    dataset = tiny.registry().dataset("health.referrals")
    rows = []
    for number in DOUBTFUL:
        one = RESIDENTS[number]
        rows.append(
            {
                "referral": f"R9{number}",
                "forename": one.forename,
                "surname": one.surname,
                "born": one.born.isoformat(),
                "sex": one.sex,
                "nhs_number": identifier("nhs_number", 700 + number),
                "postcode": one.place()["postcode"],
                "referred": "2026-09-12",
                "team": "A01",
                "summary": "a summary",
                "action": "I",
            }
        )
    return rendered(dataset, rows)


@pytest.fixture(scope="module")
def doubtful(tmp_path_factory: pytest.TempPathFactory) -> TinyWorkspace:
    """Give a workspace with three questions and three people who may answer them."""
    tiny = finished_workspace(tmp_path_factory.mktemp("review") / "workspace")
    tiny.deliver("referrals_20261101.jsonl", _doubtful_referrals(tiny))
    workspace = tiny.open("steward")
    for actor in REVIEWERS[1:]:
        workspace.records.grant_roles(actor, ("linkage_steward",), "test")
    taken = take_in(workspace, [tiny.inbox], lambda _: None)
    assert not taken.refused
    link_records(workspace, lambda _: None)
    return tiny


@pytest.fixture
def desk(doubtful: TinyWorkspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """Give a copy of that workspace for one test, in which no pair is answered twice unless the test says so."""
    import shutil

    shutil.copytree(doubtful.root, tmp_path / "workspace")
    desk = Desk(TinyWorkspace(tmp_path / "workspace"), monkeypatch)
    desk.second_share(0)
    return desk


def pair_of(question: dict[str, Any]) -> tuple[str, str]:
    """Give the two records of a question."""
    return question["left"]["record"], question["right"]["record"]


# ── the queue ────────────────────────────────────────────────────────────────────────────────────────────────────


def test_questions_are_asked_in_order_of_value_with_both_records_beside_each_other(desk: Desk) -> None:
    found = desk.questions()
    assert len(found) >= len(DOUBTFUL)
    values = [each["records_to_move"] for each in found]
    assert values == sorted(values, reverse=True)
    first = found[0]
    assert first["left"]["surname"] == first["right"]["surname"]
    assert {part["comparison"] for part in first["parts"]} >= {"forename", "birth"}
    against = [each for each in found if each["fact"] == "nhs_number"]
    assert {each["left"]["record"] for each in against} <= {f"health/referrals/R{n}" for n in (0, 2, 4, 90, 92, 94)}
    text = desk.call("steward", "review", "next").stdout
    assert first["left"]["surname"] in text and "Match weight" in text
    listed = desk.document("steward", "review", "list")
    assert [each["question"] for each in listed["questions"]] == [each["question"] for each in found]
    assert first["left"]["surname"] not in json.dumps(listed)


@pytest.mark.parametrize(("verdict", "one_person"), [("same", True), ("different", False)])
def test_an_answer_holds_when_records_are_joined_again(desk: Desk, verdict: str, one_person: bool) -> None:
    question = desk.questions()[0]
    left, right = pair_of(question)
    assert desk.people()[left] != desk.people()[right]
    kept = desk.document("steward", "review", "decide", question["question"], verdict, *WHY)
    assert bool(kept["warnings"]) is one_person, "a decision against a verified number says so"
    for options in ((), ("--rebuild",), ("--retrain",)):
        desk.link(*options)
        people = desk.people()
        assert (people[left] == people[right]) is one_person
        assert question["question"] not in {each["question"] for each in desk.questions()}


def test_unsure_changes_nothing_and_is_asked_of_one_other_person(desk: Desk) -> None:
    before, question = desk.people(), desk.questions()[0]["question"]
    for actor, others in (("steward", "second"), ("second", "third")):
        desk.document(actor, "review", "decide", question, "unsure", *WHY)
        assert question not in {each["question"] for each in desk.questions(actor)}
        asked = question in {each["question"] for each in desk.questions(others)}
        assert asked is (actor == "steward")
    desk.link()
    assert desk.people() == before


def test_records_can_be_decided_about_without_a_question(desk: Desk) -> None:
    one, other = "housing/tenancies/T11", "police/incidents/I02"
    assert desk.people()[one] == desk.people()[other]
    desk.document("steward", "review", "decide", one, other, "different", *WHY)
    desk.link()
    assert desk.people()[one] != desk.people()[other]


# ── two people answer ────────────────────────────────────────────────────────────────────────────────────────────


def test_a_second_answer_is_blind_and_a_third_settles_a_dispute(desk: Desk) -> None:
    settings = desk.tiny.root / "almoner.toml"
    settings.write_text(settings.read_text().replace("second_share = 0", "second_share = 1"))
    question = desk.questions()[0]
    name, (left, right) = question["question"], pair_of(question)
    told = desk.document("steward", "review", "decide", name, "same", *WHY)
    assert told["state"] == "kept"
    desk.link()
    assert desk.people()[left] == desk.people()[right], "a first answer stands until somebody disagrees"
    assert name not in {each["question"] for each in desk.questions("steward")}
    shown = next(each for each in desk.questions("second") if each["question"] == name)
    assert {key: value for key, value in shown.items() if key != "records_to_move"} == {
        key: value for key, value in question.items() if key != "records_to_move"
    }, "the second sees what the first saw, and nothing of the answer"
    assert desk.document("second", "review", "history")["decisions"] == []
    assert desk.document("second", "explain", left, right, *WHY)["decided"] is None
    assert desk.document("steward", "explain", left, right, *WHY)["decided"] == "same"
    assert desk.document("second", "review", "decide", name, "different", *WHY)["state"] == "disputed"
    desk.link()
    assert desk.people()[left] != desk.people()[right]
    refusal = desk.refused("second", "review", "merge", desk.people()[left], desk.people()[right], *WHY)
    assert isinstance(refusal, errors.AccessRefused)
    assert name in {each["question"] for each in desk.questions("third")}
    desk.document("third", "review", "decide", name, "same", *WHY)
    desk.link("--rebuild")
    assert desk.people()[left] == desk.people()[right]
    counted = desk.document("steward", "review", "stats")
    assert (counted["answered_twice"], counted["agreed"], counted["disputed"]) == (1, 0, 0)
    told = desk.document("steward", "review", "history")["decisions"]
    assert [(row["actor"], row["verdict"]) for row in told] == [
        ("third", "same"), ("second", "different"), ("steward", "same"),
    ]  # fmt: skip
    assert all(row["reason"] == WHY[1] and row["at"] for row in told)


# ── merge, un-merge, apart ───────────────────────────────────────────────────────────────────────────────────────


def test_an_unmerge_outlasts_every_run_and_leaves_other_ids_alone(desk: Desk) -> None:
    before = desk.people()
    person = before["housing/tenancies/T11"]
    out = ["police/incidents/I02", "police/incidents/I12"]
    records = [word for record in out for word in ("--record", record)]
    told = desk.document("steward", "review", "unmerge", person, *records, *WHY)
    assert told["pairs"] == len(out) * (list(before.values()).count(person) - len(out))
    for options in ((), ("--rebuild",), ("--rebuild", "--retrain")):
        desk.link(*options)
        after = desk.people()
        assert {after[record] for record in out}.isdisjoint(
            {after["housing/tenancies/T11"], after["health/referrals/R2"]}
        )
        assert after["housing/tenancies/T11"] == person
        assert {r: p for r, p in after.items() if r not in out} == {r: p for r, p in before.items() if r not in out}


def test_a_merge_outlasts_a_rebuild_and_a_later_unmerge_undoes_it(desk: Desk) -> None:
    before = desk.people()
    one, other = before["housing/tenancies/T10"], before["housing/tenancies/T15"]
    desk.document("steward", "review", "merge", one, other, *WHY)
    desk.link("--rebuild")
    merged = desk.people()
    assert merged["housing/tenancies/T10"] == merged["housing/tenancies/T15"]
    gone = [record for record, person in before.items() if person == other]
    records = [word for record in gone for word in ("--record", record)]
    desk.document("second", "review", "unmerge", merged["housing/tenancies/T10"], *records, *WHY)
    desk.link("--rebuild")
    after = desk.people()
    assert after["housing/tenancies/T10"] != after["housing/tenancies/T15"]
    assert {after[record] for record in gone} == {after["housing/tenancies/T15"]}
    counted = desk.document("steward", "review", "stats")
    assert counted["standing_same"] == 0 and counted["standing_different"] > 0


def test_people_kept_apart_are_not_asked_about_again(desk: Desk) -> None:
    question = desk.questions()[0]
    people = desk.people()
    left, right = (people[record] for record in pair_of(question))
    desk.document("steward", "review", "apart", left, right, *WHY)
    desk.link()
    assert question["question"] not in {each["question"] for each in desk.questions("second")}
    refusal = desk.refused("second", "review", "decide", question["question"], "same", *WHY)
    assert "stands until" in refusal.why


def test_a_decision_about_records_that_are_gone_does_nothing_and_is_counted(desk: Desk) -> None:
    left, right = "health/referrals/R92", "housing/tenancies/T11"
    desk.document("steward", "review", "decide", left, right, "same", *WHY)
    desk.link()
    assert desk.document("steward", "review", "stats")["without_records"] == 0
    dataset = desk.tiny.registry().dataset("health.referrals")
    gone = [{**json_row(_doubtful_referrals(desk.tiny), "R92"), "action": "D"}]
    desk.tiny.deliver("referrals_20261201.jsonl", rendered(dataset, gone))
    workspace = desk.tiny.open("steward")
    assert not take_in(workspace, [desk.tiny.inbox], lambda _: None).refused
    desk.link()
    assert left not in desk.people()
    counted = desk.document("steward", "review", "stats")
    assert (counted["without_records"], counted["standing_same"]) == (1, 1)


def json_row(content: bytes, key: str) -> dict[str, str]:
    """Give a delivered referral under the product's names of its columns."""
    row = next(row for row in map(json.loads, content.splitlines()) if row["Referral"] == key)
    names = {"NHS": "nhs_number"}
    return {names.get(name, name.lower()): value for name, value in row.items()}


# ── the random sample ────────────────────────────────────────────────────────────────────────────────────────────


def test_a_sample_is_drawn_asked_blind_decided_and_told(desk: Desk, tmp_path: Path) -> None:
    before = len(desk.tiny.events())
    drawn = desk.document("steward", "review", "sample", "--size", "60")
    assert drawn["pairs"] == 60 == sum(row["drawn"] for row in drawn["strata"])
    assert {row["joined"] for row in drawn["strata"]} == {"yes", "no"}
    assert {"review.sample", "run"} <= {event.action for event in desk.tiny.events(before)}
    people, decided = desk.people(), 0
    while found := desk.document("steward", "review", "next", "--sample", "--count", "50")["questions"]:
        for question in found:
            assert set(question) == {"question", "left", "right"}, "nothing tells how the two stand"
            left, right = pair_of(question)
            assert left < right
            verdict = "same" if people[left] == people[right] else "different"
            desk.document("steward", "review", "decide", question["question"], verdict, *WHY)
            decided += 1
    assert decided == 60
    desk.link()
    desk.document("steward", "link", "report", "--out", str(tmp_path / "out"))
    reviews = json.loads((tmp_path / "out" / "linkage-quality.json").read_text())["quality"]["reviews"]
    assert (reviews["drawn"], reviews["decided"], reviews["bands_unseen"]) == (60, 60, 0)
    assert reviews["precision"]["value"] == reviews["recall"]["value"] == 1.0
    assert 0.5 < reviews["precision"]["low"] < 1.0 and reviews["precision"]["n"] > 5
    assert "60 pairs drawn at random" in (tmp_path / "out" / "linkage-quality.md").read_text()
    for option in ("--rebuild", "--retrain"):
        desk.link(option)
        assert desk.tiny.open().lake.catalogue.spine().metrics["quality"]["reviews"]["decided"] == 60  # type: ignore[union-attr]


def test_of_a_sample_only_those_are_read_who_are_shown(desk: Desk) -> None:
    from almoner.wiring import sampling

    desk.document("steward", "review", "sample", "--size", "60")
    read: list[object] = []
    identities = sampling.identities

    def noted(workspace: Any, permit: Any, records: Any) -> Any:
        read.extend(records)
        return identities(workspace, permit, records)

    desk.monkeypatch.setattr(sampling, "identities", noted)
    found = desk.document("steward", "review", "next", "--sample", "--count", "2")
    assert len(found["questions"]) == 2 and found["waiting"] == 60
    assert len(read) == 4


def test_a_wrong_link_found_by_the_sample_is_undone_and_lowers_precision(desk: Desk, tmp_path: Path) -> None:
    desk.document("steward", "review", "sample", "--size", "60")
    people = desk.people()
    found = desk.document("steward", "review", "next", "--sample", "--count", "50")["questions"]
    joined = [each for each in found if len({people[record] for record in pair_of(each)}) == 1]
    wrong, *rest = joined
    who = people[pair_of(wrong)[0]]  # of theirs nothing else is said: what contradicts the newest would not stand
    told_of = [wrong, *(each for each in rest if people[pair_of(each)[0]] != who)]
    for question in told_of:
        verdict = "different" if question is wrong else "same"
        desk.document("second", "review", "decide", question["question"], verdict, *WHY)
    desk.document("steward", "link", "report", "--out", str(tmp_path / "out"))
    told = json.loads((tmp_path / "out" / "linkage-quality.json").read_text())["quality"]["reviews"]
    assert told["decided"] == len(told_of) and told["precision"]["low"] < told["precision"]["value"] < 1.0
    desk.link()
    people = desk.people()
    assert len({people[record] for record in pair_of(wrong)}) == 2, "it is a decision like any other"
    quality = desk.tiny.open().lake.catalogue.spine().metrics["quality"]  # type: ignore[union-attr]
    now, then = ({**each["reviews"]["precision"], "n": 0} for each in (quality, {"reviews": told}))
    assert now == then, "how it stood when it was drawn counts"


def test_the_same_run_gives_the_same_sample_and_two_people_agree_about_one_pair(desk: Desk) -> None:
    first = desk.document("steward", "review", "sample", "--size", "30")
    asked = desk.document("steward", "review", "next", "--sample", "--count", "50")
    again = desk.document("second", "review", "sample", "--size", "30")
    assert (again["sample"], again["drawn_before"], first["drawn_before"]) == (first["sample"], True, False)
    assert desk.document("second", "review", "next", "--sample", "--count", "50") == asked
    one = asked["questions"][0]["question"]
    desk.document("steward", "review", "decide", one, "unsure", *WHY)
    left = [
        {each["question"] for each in desk.document(actor, "review", "next", "--sample", "--count", "50")["questions"]}
        for actor in ("steward", "second")
    ]
    assert one not in left[0] and one in left[1]
    larger = desk.document("steward", "review", "sample", "--size", "40")
    assert larger["sample"] != first["sample"] and larger["pairs"] == 40
    text = desk.call("steward", "review", "next", "--sample").stdout
    assert "sampled pairs wait for you" in text and "Match weight" not in text and "%" not in text


# ── explanation ──────────────────────────────────────────────────────────────────────────────────────────────────


def test_two_records_are_explained_in_words_numbers_and_a_drawing(desk: Desk) -> None:
    drawing = desk.tiny.root / "why.svg"
    words = ("explain", "housing/tenancies/T11", "police/incidents/I02", "--reason", "A colleague asked why")
    told = desk.document("steward", *words, "--svg", str(drawing))
    assert told["joined"] is True
    assert told["prior"] + sum(each["weight"] + each["rarity"] for each in told["parts"]) == pytest.approx(
        told["weight"]
    )
    root = ElementTree.fromstring(drawing.read_text())
    assert root.find("{http://www.w3.org/2000/svg}title") is not None
    one = RESIDENTS[2]
    assert one.surname.upper() not in drawing.read_text().upper()
    text = desk.call("steward", *words).stdout
    assert one.surname.upper() in text and "They are one person." in text and "total" in text


def test_people_are_explained_by_the_model_that_joined_them(desk: Desk) -> None:
    left, right = pair_of(desk.questions()[0])
    said = desk.document("steward", "explain", left, right, *WHY)
    (desk.tiny.root / "linkage_model.json").unlink()
    assert desk.document("steward", "explain", left, right, *WHY) == said


def test_why_two_records_are_apart_is_said(desk: Desk) -> None:
    fact = desk.document("steward", "explain", "health/referrals/R92", "health/referrals/R2", *WHY)
    assert fact["joined"] is False and any("NHS numbers" in line for line in fact["why"])
    far = desk.document("steward", "explain", "housing/tenancies/T10", "housing/tenancies/T15", *WHY)
    assert any("never compares" in line for line in far["why"]) or far["fact"]
    desk.document("steward", "review", "decide", "health/referrals/R92", "health/referrals/R2", "different", *WHY)
    decided = desk.document("steward", "explain", "health/referrals/R92", "health/referrals/R2", *WHY)
    assert decided["why"][-1] == "Somebody decided that they are different."


def test_a_person_is_explained_by_what_holds_the_records_together(desk: Desk) -> None:
    person = desk.people()["housing/tenancies/T11"]
    told = desk.document("steward", "explain", person, *WHY)
    assert len(told["links"]) == len(told["records"]) - 1
    weights = [link["weight"] for link in told["links"]]
    assert told["weakest"]["weight"] == min(weights)
    assert "What holds them together" in desk.call("steward", "explain", person, *WHY).stdout


def test_a_sealed_identity_is_neither_explained_nor_joined(desk: Desk) -> None:
    sealed, other = f"housing/tenancies/T{SEALED.house}", f"elections/register/E{SEALED.number}"
    for words in (
        ("explain", sealed, other),
        ("explain", desk.people()[sealed]),
        ("review", "decide", sealed, other, "same"),
    ):
        refusal = desk.refused("steward", *words, *WHY)
        assert isinstance(refusal, errors.AccessRefused)
        assert SEALED.surname.upper() not in str(refusal.as_dict()).upper()
    people = desk.people()
    desk.refused("steward", "review", "merge", people[sealed], people[other], *WHY)


# ── the door and the log ─────────────────────────────────────────────────────────────────────────────────────────


def test_every_look_and_every_answer_is_in_the_log(desk: Desk) -> None:
    before = len(desk.tiny.events())
    question = desk.questions()[0]["question"]
    desk.document("steward", "review", "decide", question, "same", *WHY)
    desk.document("steward", "explain", desk.people()["housing/tenancies/T11"], *WHY)
    events = desk.tiny.events(before)
    assert {"review.next", "review.decide", "explain"} <= {event.action for event in events}
    reads = [event for event in events if event.action == "run"]
    assert reads and all(event.purpose == "matching" and event.permit_id for event in reads)
    decided = next(event for event in events if event.action == "review.decide")
    assert decided.detail["verdict"] == "same" and decided.actor == "steward" and decided.permit_id


@pytest.mark.parametrize(
    "words",
    [
        ("review", "next"), ("review", "next", "--sample"), ("review", "sample"), ("review", "list"), ("review", "stats"), ("review", "history"),
        ("review", "decide", "Q0000000000", "same", *WHY), ("review", "merge", "P0", "P1", *WHY),
        ("explain", "P000000000000", *WHY),
    ],
)  # fmt: skip
@pytest.mark.parametrize("actor", ["worker", "analyst", "officer"])
def test_who_does_not_join_records_sees_none(desk: Desk, words: tuple[str, ...], actor: str) -> None:
    before = len(desk.tiny.events())
    assert isinstance(desk.refused(actor, *words), errors.AccessRefused)
    assert [event.outcome for event in desk.tiny.events(before)] == ["refused"]


Wrong = tuple[tuple[str, ...], type[errors.AlmonerError]]
WRONG: list[Wrong] = [
    (("review", "decide", "Q0000000000", "same", *WHY), errors.NotFound),
    (("review", "next", "--sample"), errors.NotFound),
    (("review", "decide", "Q0000000000", "perhaps", *WHY), errors.UsageError),
    (("review", "decide", "housing/tenancies/T10", "housing/tenancies/T404", "same", *WHY), errors.NotFound),
    (("review", "decide", "T10", "T11", "same", *WHY), errors.UsageError),
    (("review", "decide", "Q0000000000", "same", "--reason", "no"), errors.UsageError),
    (("review", "merge", "P000000000000", "P000000000000", *WHY), errors.UsageError),
    (("review", "merge", "P000000000000", "P000000000001", *WHY), errors.NotFound),
    (("review", "unmerge", "P000000000000", "--record", "housing/tenancies/T10", *WHY), errors.NotFound),
    (("explain", "P000000000000", *WHY), errors.NotFound),
    (("explain", "housing/tenancies/T10", "council/staff/S1", *WHY), errors.NotFound),
    (("explain", "housing/tenancies/T10", "housing/tenancies/T10", *WHY), errors.UsageError),
    (("explain", "P000000000000", "--svg", "x.png", *WHY), errors.UsageError),
]


@pytest.mark.parametrize(("words", "kind"), WRONG)
def test_words_that_are_off_are_told_and_nothing_is_kept(
    desk: Desk, words: tuple[str, ...], kind: type[errors.AlmonerError]
) -> None:
    assert isinstance(desk.refused("steward", *words), kind)
    assert statistics(desk.tiny.open("steward"), "Counting for a test")["answers"] == 0


def test_a_lost_answer_is_never_half_kept(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the log can't be written nothing is decided."""
    workspace = desk.tiny.open("steward")
    question = waiting_questions(workspace, "Counting for a test")[0]
    from almoner.governance.ports import RecordKey
    from almoner.wiring.deciding import decide
    from almoner.wiring.reviewing import answers_of, record_text

    def broken(*_: object, **__: object) -> None:
        raise errors.AuditError("The log can't be written.")

    records: Callable[[RecordKey], str] = record_text
    monkeypatch.setattr(type(workspace.audit), "append", broken)
    with pytest.raises(errors.AuditError):
        decide(workspace, (records(question.left), records(question.right)), "same", "The paper file says so")
    assert answers_of(workspace).answers() == []
