"""Clerical review of uncertain links: what waits, two records side by side with their evidence, an answer with reasons.

The pages ask and keep as the command line does: blind, and with the same rules about second answers and disputes. They
never say what a colleague has answered about a pair that is still asked.
"""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse

from almoner.governance.granting import LEAST_REASON
from almoner.kernel.errors import NotFound
from almoner.linkage.questions import Question
from almoner.linkage.waterfall import bars_of, summary_of
from almoner.web.pages import Visit, go_to, page, right
from almoner.web.rendering import render
from almoner.wiring.deciding import decide
from almoner.wiring.explaining import SideBySide, explain_question
from almoner.wiring.link_words import SHOWN, TITLES, against, said_of
from almoner.wiring.reviewing import question_id, statistics, waiting_questions
from almoner.wiring.sampling import blind_questions, draw_sample, reviewed_quality

NEED = right("link")
LOOKING = "Reviewing uncertain links"
DRAWING = "Drawing a sample of links to judge them by"
SHOWN_AT_ONCE = 20
SIZES = {"100": 100, "200": 200, "500": 500}
"""How many pairs a sample can have."""
VERDICTS = {
    "same": "The same person",
    "different": "Different people",
    "unsure": "I can’t tell",
}
STRONG, SOME = 4.0, 1.0
"""Bits from which evidence is said to be strong, or to be some: 16 and 2 times as likely as not."""


@page("governance/links/", need=NEED, purpose="Seeing which links wait for a decision", audit="run", personal=True)
def link_queue(visit: Visit) -> HttpResponse:
    """List what waits for the visitor, with counts and what the sample tells. Shows no record."""
    workspace = visit.workspace
    waiting = waiting_questions(workspace, LOOKING)
    told = visit.session.pop("link_told", [])
    return render(
        visit, "governance/links.html", title="Uncertain links", counted=statistics(workspace, LOOKING), told=told,
        waiting=len(waiting), quality=reviewed_quality(workspace), sizes=list(SIZES),
        questions=[{"id": question_id(each.pair), "moved": each.value} for each in waiting[:SHOWN_AT_ONCE]],
    )  # fmt: skip


@page("governance/links/sample/", need=NEED, purpose="Judging links by a random sample", audit="review.next",
      forms=True, personal=True)  # fmt: skip
def link_sample(visit: Visit) -> HttpResponse:
    """Ask about the next sampled pair, blind: only what the records say. Draw a sample, or keep an answer."""
    workspace = visit.workspace
    if visit.posted and visit.field("size") in SIZES:
        draw_sample(workspace, SIZES[visit.field("size")], DRAWING)
        return go_to("link_sample")
    if visit.posted and (name := visit.field("question")):
        errors = _errors(visit)
        if not errors:
            _answer(visit, name)
            return go_to("link_sample")
    else:
        errors = {}
    try:
        waiting, found = blind_questions(workspace, 1, LOOKING)
    except NotFound:
        waiting, found = -1, []
    pair = found[0] if found else None
    return render(
        visit, "governance/link_sample.html", title="Sampled links", waiting=waiting, errors=errors, sizes=list(SIZES),
        question=question_id(pair.pair) if pair else "", rows=_rows(*pair.said) if pair else [],
        warned=bool(pair and any(each.get("safety") for each in pair.said)), verdicts=VERDICTS,
        verdict=visit.field("verdict"), words=visit.field("words", 1000), told=visit.session.pop("link_told", []),
        status=400 if errors else 200,
    )  # fmt: skip


@page("governance/links/<str:question>/", need=NEED, purpose="Deciding whether two records are one person's",
      audit="review.next", forms=True, personal=True)  # fmt: skip
def link_pair(visit: Visit, question: str) -> HttpResponse:
    """Show two records side by side with the evidence; keep the answer if the question still waits."""
    errors: dict[str, str] = {}
    if visit.posted:
        errors = _errors(visit)
        if not errors:
            _answer(visit, question)
            return go_to("link_queue")
    asked, shown = explain_question(visit.workspace, question, LOOKING)
    return render(
        visit, "governance/link_pair.html", title="Two records side by side", question=question, errors=errors,
        rows=_rows(shown.left, shown.right), evidence=_evidence(shown), summary=summary_of(shown.pair),
        against=against(shown), moved=_moved(asked), verdicts=VERDICTS, verdict=visit.field("verdict"),
        warned=any(each.get("safety") for each in (shown.left, shown.right)), words=visit.field("words", 1000),
        status=400 if errors else 200,
    )  # fmt: skip


def _errors(visit: Visit) -> dict[str, str]:
    errors = {}
    if visit.field("verdict") not in VERDICTS:
        errors["verdict"] = "Select whether they are the same person"
    if len(visit.field("words", 1000)) < LEAST_REASON:
        errors["words"] = "Say why, in at least 10 characters"
    return errors


def _answer(visit: Visit, question: str) -> None:
    """Keep an answer by the rules of the command line. Raises: Busy where the question waits no more."""
    verdict: Any = visit.field("verdict")
    decided = decide(visit.workspace, (question,), verdict, visit.field("words", 1000), only_waiting=True)
    told = [f"Your answer to question {question} is kept. It holds from the next run of linkage.", *decided.warnings]
    if decided.state == "disputed":
        told.append("You and a colleague disagree: nothing stands until a third person has answered.")
    visit.session["link_told"] = told


def _rows(left: dict[str, Any], right: dict[str, Any]) -> list[tuple[str, str, str, str]]:
    """Lay out what either record says: (what, one, other, how they compare)."""
    one, other = said_of(left), said_of(right)
    found = []
    for name in SHOWN:
        if name not in one and name not in other:
            continue
        said = (str(one.get(name, "")), str(other.get(name, "")))
        compared = "" if name == "as_of" or "" in said else "same" if said[0] == said[1] else "differs"
        found.append((TITLES[name], *said, compared))
    return found


def _evidence(shown: SideBySide) -> list[tuple[str, str, str]]:
    """Say what each comparison weighs: (comparison and what was found, in words, in bits)."""
    return [(bar.label, _weight(bar.change), f"{bar.change:+.2f}") for bar in bars_of(shown.pair)[1:-1]]


def _weight(bits: float) -> str:
    if abs(bits) < SOME:
        return "hardly any"
    strength = "strongly " if abs(bits) >= STRONG else ""
    return f"{strength}{'for' if bits > 0 else 'against'}"


def _moved(asked: Question) -> int:
    return min(asked.left_records, asked.right_records)
