"""What is done to a case on the way to its answer: acknowledge, assign, ask, resume, extend, estimate, exempt."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal

from almoner.kernel.errors import RequestRefused, UsageError
from almoner.requests.casework.cases import Case, Plain
from almoner.requests.casework.costs import Estimate, check_taken_together, estimate
from almoner.requests.casework.exemptions import Grounds, check_grounds, find_exemption
from almoner.requests.casework.machine import machine
from almoner.requests.casework.office import CaseOffice, Doing, Done, explained
from almoner.requests.clocks.calendars import Calendar
from almoner.requests.clocks.declared import clock
from almoner.requests.clocks.wording import WAITING, day_words

LARGEST_FEE = Decimal(10_000)


def acknowledge(office: CaseOffice, case_id: str, on: dt.date | None = None) -> Done:
    """Tell the requester that we have it, and by when we answer."""
    day = on or office.today()
    return office.take(case_id, Doing("acknowledge", on, changes={"acknowledged_on": day}, letter={}))


def assign(office: CaseOffice, case_id: str, to: str) -> Done:
    """Give a case to somebody. Raises: UsageError for nobody."""
    if not to.strip():
        raise UsageError("Say to whom.")
    return office.take(case_id, Doing("assign", facts={"to": to.strip()}, changes={"assigned_to": to.strip()}))


def ask_identity(office: CaseOffice, case_id: str, words: str, on: dt.date | None = None) -> Done:
    """Ask who the requester is; the clock starts with the proof."""
    text = explained(words, "what would prove it")
    return office.take(case_id, Doing("identify", on, words={"words": text}, letter={}))


def ask(office: CaseOffice, case_id: str, question: str, on: dt.date | None = None) -> Done:
    """Ask what is meant. What that does to the clock, the law of the case says."""
    text = explained(question, "what has to be known")
    return office.take(case_id, Doing("ask", on, words={"words": text}, letter={}))


def ask_fee(office: CaseOffice, case_id: str, pounds: Decimal, words: str, on: dt.date | None = None) -> Done:
    """Ask for a fee, with its reason. Raises: UsageError for no fee."""
    if not pounds.is_finite() or not 0 < pounds <= LARGEST_FEE:
        raise UsageError("This is no fee.", todo="Give pounds, for example 12.50.")
    text = explained(words, "what the fee is for")
    facts = {"pounds": float(pounds)}
    return office.take(case_id, Doing("fee", on, facts=facts, words={"words": text}, letter={"fee": f"{pounds:,.2f}"}))


def resume(office: CaseOffice, case_id: str, answer: str, on: dt.date | None = None) -> Done:
    """Note that what was asked for has come, and go on."""
    return office.take(case_id, Doing("resume", on, words={"answer": answer}))


def lapse(office: CaseOffice, case_id: str) -> Done:
    """Close a case whose question nobody has answered for as long as the registry says.

    Raises: RequestRefused before that.
    """
    case, rules = office.find(case_id), office.rules
    asked = [each for each in office.book.marks(case_id) if machine().find(each.action).asks]
    if asked:
        until = Calendar(rules.bank_holiday).working_days_later(
            asked[-1].on, rules.lapse_working_days, frozenset({rules.nation})
        )
        if office.today() <= until and case.state.startswith("waiting_"):
            raise RequestRefused(
                "The requester still has time to answer.",
                where=f"case {case_id}",
                why=f"We asked on {day_words(asked[-1].on)}; the case may lapse after {day_words(until)}.",
                todo="Wait, or ask again.",
            )
    wanted = WAITING[machine().find(asked[-1].action).asks or "clarification"] if asked else ""
    facts = {"asked": day_words(asked[-1].on), "wanted": wanted} if asked else {}
    return office.take(case_id, Doing("lapse", letter=facts, changes={"closed_on": office.today()}))


def extend(office: CaseOffice, case_id: str, reason: str, on: dt.date | None = None) -> Done:
    """Take more time, once, and tell the requester why within the first limit.

    Raises: RequestRefused where the law gives no more time, it was taken already, or it is too late.
    """
    case, text = office.find(case_id), explained(reason, "why more time is needed")
    kind, day = machine().kind[case.kind], on or office.today()
    due = office.due(case)
    if not clock(kind.clock).extended:
        raise RequestRefused(f"{kind.title}: the law gives no more time.", where=f"case {case_id}")
    if case.extended_on is not None:
        raise RequestRefused(
            "More time was taken already.", where=f"case {case_id}", why=f"On {day_words(case.extended_on)}, for once."
        )
    if due.first_limit is not None and day > due.first_limit:
        raise RequestRefused(
            "It is too late to take more time.",
            where=f"case {case_id}",
            why=f"The requester has to be told by {day_words(due.first_limit)}.",
            todo="Answer now, and say that it is late.",
        )
    if case.kind == "foi" and not any(_is_qualified(case, code) for code in case.exemptions):
        raise RequestRefused(
            "More time may be taken only to weigh the public interest in a qualified exemption.",
            where=f"case {case_id}",
            why="Freedom of Information Act 2000 s10(3), s17(2).",
            todo=f"Record the exemption first: almoner foi exempt {case_id}.",
        )
    return office.take(case_id, Doing("extend", on, words={"words": text}, changes={"extended_on": day}, letter={}))


def _is_qualified(case: Case, code: str) -> bool:
    return find_exemption(machine().kind[case.kind].laws, code).kind == "qualified"


def estimate_cost(
    office: CaseOffice, case_id: str, hours: dict[str, Decimal], reason: str, together: Sequence[str] = ()
) -> tuple[Done, Estimate]:
    """Estimate what an answer would cost, requests of the same person for similar information taken together.

    Raises: RequestRefused where they did not come within 60 working days, or have no estimate of their own.
    """
    case, text = office.find(case_id), explained(reason, "what was searched and how the hours were found")
    others = [office.find(other) for other in dict.fromkeys(together) if other != case_id]
    if unknown := [other.id for other in others if other.hours is None or other.kind != case.kind]:
        raise RequestRefused(
            "A request taken together with this one has no estimate.",
            where=f"case {unknown[0]}",
            todo="Estimate it first.",
        )
    check_taken_together(
        [case.received_on, *(each.received_on for each in others)], Calendar(office.rules.bank_holiday)
    )
    added = sum((Decimal(str(each.hours)) for each in others), Decimal())
    made = estimate(hours, added, office.rules.authority)
    own = made.total_hours - added
    facts = {name: float(each) for name, each in made.hours} | {"others": float(added), "over": made.is_over}
    done = office.take(
        case_id,
        Doing(
            "estimate", facts=facts, words={"reason": text, "cost": made.words()},
            changes={"hours": float(own), "over_limit": made.is_over},
        ),
    )  # fmt: skip
    return done, made


def exempt(office: CaseOffice, case_id: str, code: str, grounds: Grounds) -> Done:
    """Rely on an exemption, with all that it needs to hold.

    Raises: RequestRefused for what has not been said; UsageError for one that there is not.
    """
    case = office.find(case_id)
    exemption = find_exemption(machine().kind[case.kind].laws, code)
    check_grounds(exemption, grounds)
    words = {name: text for name, text in vars(grounds).items() if text}
    codes = tuple(dict.fromkeys((*case.exemptions, code)))
    return office.take(case_id, Doing("exempt", facts={"exemption": code}, words=words, changes={"exemptions": codes}))


def drop_exemption(office: CaseOffice, case_id: str, code: str, reason: str) -> Done:
    """Rely on an exemption no longer. Raises: UsageError where it was not relied on."""
    case, text = office.find(case_id), explained(reason, "why it does not apply")
    if code not in case.exemptions:
        raise UsageError("This exemption is not relied on.", todo=f"Recorded: {'; '.join(case.exemptions) or 'none'}.")
    codes = tuple(each for each in case.exemptions if each != code)
    facts: dict[str, Plain] = {"exemption": code, "dropped": True}
    return office.take(case_id, Doing("exempt", facts=facts, words={"reason": text}, changes={"exemptions": codes}))
