"""What a reviewer does with what was gathered: lift a redaction, add one, note a professional's opinion, with reasons.

Each is a step of the case, so the log of the case has it, sealed, with who and when; nothing is ever taken out of it.
"""

from __future__ import annotations

import datetime as dt

from almoner.kernel.errors import RequestRefused, UsageError
from almoner.requests.casework.cases import Plain
from almoner.requests.casework.office import CaseOffice, Doing, Done, explained
from almoner.requests.subject_access.redactions import occurrences
from almoner.requests.subject_access.reviewing import OPINION_DAYS, Review, is_at

LEAST_WORDS_REDACTED = 2
"""Characters: a single letter would be taken out of every word."""


def lift(
    office: CaseOffice, case_id: str, review: Review, redaction: str, reason: str, *, expected: int | None = None
) -> Done:
    """Lift a redaction, or one place of it ('12.3'): the person is given what stands there.

    Raises: UsageError where there is no such redaction, or it is lifted already.
    """
    text = explained(reason, "why the person may have it")
    known = {each.id: each for each in review.redactions}
    whole, _, part = redaction.partition(".")
    if whole not in known or (part and not (part.isdigit() and 1 <= int(part) <= len(known[whole].places))):
        raise UsageError("There is no such redaction.", todo=f"See: almoner sar redactions {case_id}.")
    if {redaction, whole} & review.lifted:
        raise UsageError("It is lifted already.", todo="'almoner sar redact --again' takes that back.")
    return office.take(
        case_id, Doing("lift", facts={"redaction": redaction}, words={"reason": text}, expected=expected)
    )


def redact_again(office: CaseOffice, case_id: str, review: Review, redaction: str, reason: str) -> Done:
    """Take back that a redaction was lifted. Raises: UsageError where it was not."""
    text = explained(reason, "why the person may not have it")
    if not any(each == redaction or each.startswith(redaction + ".") for each in review.lifted):
        raise UsageError("It was not lifted.", todo=f"See: almoner sar redactions {case_id}.")
    return office.take(case_id, Doing("redact", facts={"redaction": redaction}, words={"reason": text}))


def redact_words(
    office: CaseOffice, case_id: str, review: Review, words: str, reason: str, *, expected: int | None = None
) -> Done:
    """Leave words out wherever they stand. Raises: UsageError where they stand nowhere."""
    text, wanted = explained(reason, "why the person may not have it"), words.strip()
    if len(wanted) < LEAST_WORDS_REDACTED:
        raise UsageError("Say which words are to be left out.")
    if next(occurrences(review.gathered, wanted), None) is None:
        raise UsageError("These words stand nowhere in what was gathered.", todo="Copy them as they stand there.")
    return office.take(case_id, Doing("redact", words={"text": wanted, "reason": text}, expected=expected))


def redact_at(office: CaseOffice, case_id: str, review: Review, at: str, reason: str) -> Done:
    """Leave out a whole entry, or one of its fields. In: at: its address. Raises: UsageError where there is none."""
    text = explained(reason, "why the person may not have it")
    if not any(is_at(each, at) for each, _, _ in review.gathered.texts()):
        raise UsageError("Nothing has this address.", todo=f"See: almoner sar show {case_id} --entries.")
    return office.take(case_id, Doing("redact", facts={"at": at}, words={"reason": text}))


def note_opinion(
    office: CaseOffice, case_id: str, review: Review, service: str, *, harm: bool, words: str, given_on: dt.date
) -> Done:
    """Note what a professional has said: whether giving a service's data would do serious harm to anybody.

    Raises: UsageError for a service that holds nothing back, or a day to come; RequestRefused for one too old.
    """
    text = explained(words, "who has said so, and what", least=5)
    held = review.services_held()
    if service not in held:
        raise UsageError("Nothing of such a service is held.", todo=f"Use one of: {', '.join(held) or 'none is held'}.")
    today = office.today()
    if given_on > today:
        raise UsageError("This day is still to come.", todo="Check the day.")
    if (today - given_on).days > OPINION_DAYS:
        raise RequestRefused(
            "This opinion is more than six months old.",
            where=f"case {case_id}",
            why="The law counts only one of the last six months (DPA 2018 Schedule 3).",
            todo="Ask again.",
        )
    facts: dict[str, Plain] = {"service": service, "harm": harm, "given_on": given_on.isoformat()}
    return office.take(case_id, Doing("opinion", facts=facts, words={"opinion": text}))
