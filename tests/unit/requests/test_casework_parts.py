"""The parts of casework that need no records: figures, names, exemptions, costs, suggestions, reminders, statistics."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from pathlib import Path

import pytest

from almoner.kernel.errors import KeyMissing, RequestRefused, UsageError
from almoner.registry.requests import RequestRules
from almoner.requests.casework.cases import Case, Mark, Requester
from almoner.requests.casework.costs import check_taken_together, estimate
from almoner.requests.casework.exemptions import Exemption, Grounds, check_grounds, exemptions, find_exemption
from almoner.requests.casework.figures import naming, states_figures
from almoner.requests.casework.reminders import reminders
from almoner.requests.casework.statistics import statistics_of
from almoner.requests.clocks.calendars import Calendar
from almoner.requests.suggestions import Published, suggest, words_of
from almoner.store.case_keys import CaseKeys

NOON = dt.datetime(2026, 3, 3, 12, tzinfo=dt.UTC)
D = dt.date

# ── figures and names ────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "text",
    [
        "There were 37 pupils.", "37%", "About twelve families moved.", "It rose by 4.5 per cent in 2025.", "Two hundred people",
        "In 2024: 17.", "Ward 5: 12 people on 3 March 2026", "1,204", "a dozen children",
    ],
)  # fmt: skip
def test_a_text_that_states_figures(text: str) -> None:
    assert states_figures(text)


@pytest.mark.parametrize(
    "text",
    [
        "We hold nothing.", "We wrote on 3 March 2026.", "Section 43(2) applies.", "In 2025-26 we spent £1,250.50.",
        "See https://example.org/page/12.", "Your reference is FOI-7K3M9QXAB.", "regulation 12(4)(b), Art 12(5)",
        "1. Streets\n2. Bridges", "Schedule 2 paragraph 16", "One of the streets", "£3 million",
    ],
)  # fmt: skip
def test_a_text_that_states_none(text: str) -> None:
    assert not states_figures(text)


WHO = Requester("Zebedee Quillfeather-Smith", ("7 Canary Row",), "zq@example.org")


@pytest.mark.parametrize(
    ("text", "by"),
    [
        ("We told Zebedee so", "the requester’s name"), ("QUILLFEATHER-SMITH asked", "the requester’s name"),
        ("Somebody at 7 canary row", "the requester’s address"), ("Write to a@b.example", "an e-mail address"),
        ("Ring 0161 496 0000", "a telephone number"), ("M14 7JR has many", "a postcode"),
        ("AB 12 34 56 C", "a National Insurance number"), ("943 476 5919", "an NHS number"),
    ],
)  # fmt: skip
def test_what_would_name_somebody(text: str, by: str) -> None:
    assert by in naming(text, WHO)


@pytest.mark.parametrize(
    "text", ["Streets are chosen by their state.", "We spent £120 on 3 March 2026.", "Canary birds"]
)
def test_what_names_nobody(text: str) -> None:
    assert naming(text, WHO) == []


# ── exemptions and costs ─────────────────────────────────────────────────────────────────────────────────────────────

SAID = "This is said in so many words"


def test_each_exemption_needs_what_its_kind_needs() -> None:
    for declared in exemptions().values():
        for exemption in declared.values():
            with pytest.raises(RequestRefused):
                check_grounds(exemption, Grounds(""))
            check_grounds(exemption, Grounds(*[SAID] * 6))
            if exemption.kind == "qualified":
                with pytest.raises(RequestRefused, match=r"can't be relied on yet"):
                    check_grounds(exemption, Grounds(SAID, harm=SAID, opinion=SAID, in_favour=SAID, against=SAID))
            if exemption.harm:
                with pytest.raises(RequestRefused):
                    check_grounds(exemption, Grounds(SAID, "", SAID, SAID, SAID, SAID))


@pytest.mark.parametrize(
    ("law", "code", "kind"),
    [
        ("foi", "s21", "absolute"), ("foi", "s22", "qualified"), ("foi", "s23", "absolute"), ("foi", "s31", "qualified"),
        ("foi", "s32", "absolute"), ("foi", "s36", "qualified"), ("foi", "s40(2)", "absolute"), ("foi", "s41", "absolute"),
        ("foi", "s42", "qualified"), ("foi", "s43(2)", "qualified"), ("foi", "s44", "absolute"),
        ("eir", "reg 12(5)(e)", "qualified"), ("eir", "reg 13", "absolute"),
    ],
)  # fmt: skip
def test_the_public_interest_matters_where_the_act_says_so(law: str, code: str, kind: str) -> None:
    assert find_exemption([law], code).kind == kind


def test_every_exemption_is_cited_with_its_law() -> None:
    cited = [each.words() for declared in exemptions().values() for each in declared.values()]
    assert all(any(law in words for law in (" Act ", "Regulations 2004", "UK GDPR")) for words in cited), cited
    assert Exemption("s43(2)", "foi", "Commercial interests", "qualified").words() == (
        "Section 43(2) of the Freedom of Information Act 2000 (commercial interests)"
    )


@pytest.mark.parametrize(
    ("hours", "others", "authority", "pounds", "over"),
    [
        ({"locate": "18"}, "0", "council", 450, False),
        ({"locate": "18.01"}, "0", "council", 450.25, True),
        ({"locate": "10", "extract": "8"}, "0.5", "council", 462.5, True),
        ({"locate": "24"}, "0", "central_government", 600, False),
        ({"determine": "1", "locate": "1", "retrieve": "1", "extract": "1"}, "0", "council", 100, False),
    ],
)
def test_the_limit_of_cost(hours: dict[str, str], others: str, authority: str, pounds: float, over: bool) -> None:
    made = estimate({name: Decimal(text) for name, text in hours.items()}, Decimal(others), authority)
    assert (float(made.pounds), made.is_over) == (pounds, over)
    assert ("above" in made.words()) is over


@pytest.mark.parametrize("hours", [{}, {"redact": "3"}, {"locate": "-1"}, {"locate": "NaN"}, {"locate": "0"}])
def test_hours_that_can_not_be_counted(hours: dict[str, str]) -> None:
    with pytest.raises(UsageError):
        estimate({name: Decimal(text) for name, text in hours.items()}, Decimal(), "council")


def test_requests_within_sixty_working_days_are_taken_together() -> None:
    check_taken_together([D(2026, 1, 5), D(2026, 3, 30)], Calendar())  # the 60th working day, both included
    with pytest.raises(RequestRefused):
        check_taken_together([D(2026, 1, 5), D(2026, 3, 31)], Calendar())


# ── suggestions ──────────────────────────────────────────────────────────────────────────────────────────────────────

OUT = [
    Published(
        "R1", "release", "Empty homes by ward", "How many homes stand empty, and for how long", None, "release R1"
    ),
    Published("R2", "release", "Pupils with a plan, by ward", "Education, health and care plans", None, "release R2"),
    Published(
        "D1", "disclosure log", "Parking fines", "How many parking fines were issued near schools?", None, "log D1"
    ),
]


@pytest.mark.parametrize(
    ("question", "first"),
    [
        ("How many homes in each ward are empty?", "R1"), ("parking FINES", "D1"), ("Please provide information on plans of pupils", "R2"),
        ("homes' emptiness, empty home", "R1"), ("What is the weather like on Mars?", None), ("", None), ("the of and", None),
        ("'; DROP TABLE x; --", None),
    ],
)  # fmt: skip
def test_what_is_published_already(question: str, first: str | None) -> None:
    found = suggest(question, OUT)
    assert (found[0].published.id if found else None) == first


def test_words_are_compared_in_one_spelling() -> None:
    assert words_of("Homes’ ward’s parkings; policies, policy") == ["home", "ward", "park", "policy", "policy"]


# ── reminders and statistics ─────────────────────────────────────────────────────────────────────────────────────────


def case(name: str, **more: object) -> Case:
    """Make a case for these tests."""
    given: dict[str, object] = {
        "kind": "foi",
        "state": "received",
        "received_on": D(2026, 3, 3),
        "due_on": D(2026, 4, 1),
    }
    return Case(name, opened_at=NOON, opened_by="opener", **(given | more))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("today", "urgency", "left"),
    [
        (D(2026, 3, 16), None, 0), (D(2026, 3, 18), "soon", 10), (D(2026, 3, 31), "soon", 1), (D(2026, 4, 1), "today", 0),
        (D(2026, 4, 2), "overdue", -1), (D(2026, 4, 7), "overdue", -2),
    ],
)  # fmt: skip
def test_who_is_reminded_when(today: dt.date, urgency: str | None, left: int) -> None:
    found = reminders([case("FOI-1", assigned_to="ann")], {}, RequestRules(), today)
    assert [(each.urgency, each.working_days, each.to) for each in found] == (
        [(urgency, left, "ann")] if urgency else []
    )


def test_the_most_overdue_stands_first_and_what_is_answered_nowhere() -> None:
    cases = [case("FOI-1", due_on=D(2026, 4, 9)), case("FOI-2"), case("FOI-3", due_on=None, state="answered")]
    assert [each.case.id for each in reminders(cases, {}, RequestRules(), D(2026, 4, 8))] == ["FOI-2", "FOI-1"]


def test_the_annual_return() -> None:
    done = {"state": "answered", "answered_on": D(2026, 3, 31), "in_time": True, "outcome": "granted", "due_on": None}
    cases = [
        case("FOI-1", **done),
        case(
            "FOI-2",
            **{
                **done,
                "in_time": False,
                "outcome": "refused",
                "exemptions": ("s21", "s41"),
                "answered_on": D(2026, 4, 8),
            },
        ),
        case("FOI-3"),
        case("FOI-4", received_on=D(2026, 4, 1)),
        case("EIR-1", kind="eir"),
        case("FOI-5", state="disposed", due_on=None),
    ]
    mark = Mark(2, "withdraw", "withdrawn", "ann", NOON, D(2026, 3, 9))
    asked = Mark(2, "review", "in_review", "ann", NOON, D(2026, 4, 20))
    marks = {"FOI-5": [mark, Mark(3, "dispose", "disposed", "ann", NOON, D(2026, 4, 9))], "FOI-1": [asked]}
    march = statistics_of("foi", cases, marks, D(2026, 3, 1), D(2026, 3, 31), D(2026, 4, 10), Calendar())
    assert (march.received, march.answered, march.in_time, march.late, march.open, march.overdue) == (4, 2, 1, 1, 1, 1)
    assert (march.withdrawn, march.reviews, march.percent_in_time) == (1, 0, 50.0)
    assert march.outcomes == {"granted": 1, "refused": 1} and march.exemptions == {"s21": 1, "s41": 1}
    assert march.median_working_days == (19 + 23) / 2
    april = statistics_of("foi", cases, marks, D(2026, 4, 1), D(2026, 4, 30), D(2026, 4, 10), Calendar())
    assert (april.received, april.answered, april.reviews, april.percent_in_time) == (1, 0, 1, None)


# ── keys ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_key_of_a_case_is_made_once_and_destroyed_for_ever(tmp_path: Path) -> None:
    keys = CaseKeys(tmp_path / "keys", bytes(32))
    made = keys.make("FOI-123456789")
    assert keys.key("FOI-123456789") == made and made not in (tmp_path / "keys" / "FOI-123456789.key").read_bytes()
    assert (tmp_path / "keys").stat().st_mode & 0o077 == 0
    with pytest.raises(FileExistsError):
        keys.make("FOI-123456789")
    with pytest.raises(KeyMissing):
        CaseKeys(tmp_path / "keys", b"\1" * 32).key("FOI-123456789")
    keys.destroy("FOI-123456789")
    keys.destroy("FOI-123456789")
    with pytest.raises(KeyMissing):
        keys.key("FOI-123456789")


@pytest.mark.parametrize("name", ["../../etc/passwd", "FOI-1", "foi-123456789", "FOI-123456789.key", ""])
def test_what_names_no_case_reaches_no_file(tmp_path: Path, name: str) -> None:
    with pytest.raises(KeyMissing, match="names no case"):
        CaseKeys(tmp_path, bytes(32)).make(name)
