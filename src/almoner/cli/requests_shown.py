"""How cases are shown: as documents, and as text for people. A list never says who asks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from almoner.cli.opening import show, table

if TYPE_CHECKING:
    from almoner.requests.casework.cases import Case, Content, Disclosure, Step
    from almoner.requests.casework.office import Done
    from almoner.requests.casework.reminders import Reminder
    from almoner.requests.casework.statistics import Statistics
    from almoner.requests.casework.timetable import Due
    from almoner.requests.suggestions import Suggestion

LISTED = ("case", "kind", "state", "received", "due", "assigned_to")


def case_document(case: Case) -> dict[str, Any]:
    """Give a case as a document."""
    plain = {name: value for name, value in vars(case).items() if name != "id"}
    return {"case": case.id, **plain}


def done_document(done: Done) -> dict[str, Any]:
    """Give what came of an action as a document."""
    return {
        **case_document(done.case), "why_due": done.due.words, "without_effect": list(done.due.without_effect),
        "letter": done.letter,
    }  # fmt: skip


def show_done(done: Done, as_json: bool, group: str, said: str = "") -> None:
    """Show what came of an action: the state, when something is due and why, and the letter to send."""
    lines = [said or f"Case {done.case.id} is {done.case.state.replace('_', ' ')}.", done.due.words]
    lines += [f"Note: {each}" for each in done.due.without_effect]
    if done.letter is not None:
        lines.append(f"Send the letter: almoner {group} letter {done.case.id} {done.letter} --out FILE.pdf")
    show(done_document(done), as_json, "\n".join(lines))


def show_list(cases: list[Case], as_json: bool) -> None:
    """Show a list of cases."""
    rows = [
        (each.id, each.kind, each.state, each.received_on, each.due_on or "-", each.assigned_to or "-")
        for each in cases
    ]
    documents = [case_document(each) for each in cases]
    show({"cases": documents}, as_json, lambda: table(LISTED, rows) if rows else "There is no such case.")


def show_case(case: Case, due: Due, content: Content | None, steps: list[Step], as_json: bool) -> None:
    """Show a case with all that was written."""
    requester = None if content is None else vars(content.requester)
    document = {
        **case_document(case), "due_on": due.on, "why_due": due.words, "requester": requester,
        "request": content.words if content else None, "person": content.subject if content else None,
        "steps": [_step_document(each) for each in steps],
    }  # fmt: skip
    show(document, as_json, lambda: _case_text(case, due, content, steps))


def _step_document(step: Step) -> dict[str, Any]:
    return {**vars(step.mark), "words": dict(step.words), "letter": step.letter is not None}


def _case_text(case: Case, due: Due, content: Content | None, steps: list[Step]) -> str:
    lines = [f"{case.id}: {case.kind}, {case.state.replace('_', ' ')}, version {case.version}", due.words, ""]
    if content is not None:
        who = [content.requester.name or "(no name given)", *content.requester.address, content.requester.email]
        lines += [*(each for each in who if each), "", content.words, ""]
    else:
        lines += ["What this case held was destroyed.", ""]
    for step in steps:
        mark = step.mark
        letter = f"  (letter {mark.number})" if step.letter is not None else ""
        lines.append(f"{mark.number}. {mark.on} {mark.action} by {mark.actor}: {mark.state}{letter}")
        lines += [f"   {name}: {text}" for name, text in step.words.items() if text]
        lines += [f"   {name}: {value}" for name, value in mark.facts.items() if value not in (None, "", False)]
    return "\n".join(lines)


def show_reminders(found: list[Reminder], as_json: bool) -> None:
    """Show what somebody has to be reminded of."""
    rows = [
        (each.urgency, each.working_days, each.case.id, each.case.state, each.case.due_on or "-", each.to)
        for each in found
    ]
    documents = [
        {"urgency": each.urgency, "working_days": each.working_days, "to": each.to, **case_document(each.case)}
        for each in found
    ]
    heads = ("urgency", "working_days", "case", "state", "due", "to")
    show({"reminders": documents}, as_json, lambda: table(heads, rows) if rows else "Nothing is due soon.")


def show_statistics(found: list[Statistics], first: Any, last: Any, as_json: bool) -> None:
    """Show what the annual return asks."""
    documents = [{**vars(each), "percent_in_time": each.percent_in_time} for each in found]

    def text() -> str:
        names = [
            "received", "answered", "in_time", "late", "percent_in_time", "open", "overdue", "extended", "clarified",
            "withdrawn", "lapsed", "over_limit", "reviews", "regulator", "median_working_days",
        ]  # fmt: skip
        rows = [(name, *("-" if each[name] is None else each[name] for each in documents)) for name in names]
        lines = [f"From {first} to {last}, by the day of receipt:", table(("", *(each.kind for each in found)), rows)]
        for each in found:
            for title, counts in (
                ("outcome", each.outcomes),
                ("exemption", each.exemptions),
                ("review", each.review_outcomes),
            ):
                lines += [f"{each.kind}, {title} {name}: {count}" for name, count in counts.items()]
        return "\n".join(lines)

    show({"first": first, "last": last, "statistics": documents}, as_json, text)


def suggestion_document(found: Suggestion) -> dict[str, Any]:
    """Give a suggestion as a document."""
    it = found.published
    return {
        "kind": it.kind, "id": it.id, "title": it.title, "published_on": it.published_on, "share": found.share,
        "words": list(found.words),
    }  # fmt: skip


def suggestion_text(found: list[Suggestion]) -> str:
    """Give suggestions as lines."""
    rows = [(each.published.kind, each.published.id, f"{each.share:.0%}", each.published.title) for each in found]
    return table(("published as", "id", "match", "title"), rows)


def show_log(entries: list[Disclosure], as_json: bool) -> None:
    """Show the disclosure log."""
    documents = [{name: value for name, value in vars(each).items() if name != "published_by"} for each in entries]

    def text() -> str:
        parts = [
            f"{each.id}  {each.answered_on}  {each.title}\n  Asked: {each.question}\n  Answered: {each.answer}"
            + (f"\n  Releases: {', '.join(each.releases)}" if each.releases else "")
            for each in entries
        ]
        return "\n\n".join(parts) if parts else "The disclosure log is empty."

    show({"entries": documents}, as_json, text)
