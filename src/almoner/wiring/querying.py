"""Answers questions about indicators for a project of the register: counted through the gate, checked, then shown."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from almoner.counting.cuts import codes_of
from almoner.counting.levels import DrawnArea
from almoner.counting.plans import DRAWN, PLACE
from almoner.facts import run_with_facts
from almoner.kernel.errors import NotFound, UsageError
from almoner.methods.disclosure.partitions import WHOLE
from almoner.profiles.figures import DECIMALS, UNIT_WORDS
from almoner.profiles.populations import cut_code, population_of
from almoner.profiles.queries import Counted, Query, Row, Side, Understood, count_query, understand
from almoner.registry.measures import Count
from almoner.release.answering import AnswerDesk
from almoner.release.codes import AREA
from almoner.release.draft import Column, CountColumn, Draft, DraftTable, GivenColumn, LabelColumn, RateColumn, Said
from almoner.release.kept_answers import GivenAnswer, answer_of_text
from almoner.release.ports import Mention
from almoner.wiring.looking_up import newest_deliveries
from almoner.wiring.profiling import PURPOSE, only_project
from almoner.wiring.release_areas import read_members, with_custom_areas
from almoner.wiring.release_profiles import PER
from almoner.wiring.releasing import book_of
from almoner.wiring.workspace import Workspace, utc_now


@dataclass(frozen=True)
class Reply:
    """An answer as people see it: to whom and when it was given, and what was said."""

    id: str
    actor: str
    at: dt.datetime
    given: GivenAnswer


def answer_query(workspace: Workspace, query: Query, project: str | None, reason: str, asked: str = "") -> Reply:
    """Answer a question; the answer is kept with what was shown, and with the question where it is written down.

    Raises: AccessRefused, UsageError for what can't be asked; ReleaseRefused where nothing can be said.
    """
    chosen = project or only_project(workspace)
    permit = workspace.permits.standing(workspace.actor, PURPOSE, reason, project=chosen)
    run = run_with_facts(workspace.registry, workspace.gate, permit, counted=True)
    as_of = figures_as_of(workspace)
    _, counted = count_query(run, workspace.registry, as_of, query)
    members = read_members(run, workspace.registry)
    members = with_custom_areas(members, {area.lasting_code: area.parts() for area in query.drawn})
    draft = Draft(
        title="Answer to a question", description="", purpose=PURPOSE, recipient="", as_of=as_of.isoformat(),
        tables=tables_of(counted, query.drawn), project=chosen,
    )  # fmt: skip
    desk = AnswerDesk(workspace.registry, book_of(workspace), workspace.audit, utc_now, workspace.actor)
    answered = desk.answer(draft, members, reason, asked)
    return Reply(answered.id, workspace.actor, utc_now(), answered.given)


def figures_as_of(workspace: Workspace) -> dt.date:
    """Give the day of the newest records. Raises: UsageError where there are none."""
    newest = newest_deliveries(workspace)
    personal = [day for name, day in newest.items() if not workspace.registry.dataset(name).open]
    if not personal:
        raise UsageError("Nothing has been taken in.", todo="Run 'almoner intake' and 'almoner link' first.")
    return max(personal)


@dataclass(frozen=True)
class Ahead:
    """What can be said of a question before it is asked: how it is understood, and what it would be checked against.

    mentions: the releases and answers about the same people. They are named by what they are about and not by what they
    say, so that naming them gives no figure away.
    """

    understood: Understood
    mentions: tuple[Mention, ...]


def look_ahead(workspace: Workspace, query: Query) -> Ahead:
    """Understand a question without asking it. Raises: UsageError for what can't be asked."""
    understood = understand(workspace.registry, figures_as_of(workspace), query)
    return Ahead(understood, tuple(book_of(workspace).mentions(understood.populations)))


def own_answers(workspace: Workspace, most: int) -> tuple[list[Reply], int]:
    """Give the newest answers that the actor was given and that were kept. Out: also how many answers there are."""
    book = book_of(workspace)
    found = book.answers(workspace.actor)
    replies = []
    for each in found[:most]:
        try:
            replies.append(Reply(each.id, each.actor, each.at, answer_of_text(book.given(each.id))))
        except NotFound:  # given before answers were kept
            continue
    return replies, len(found)


def answer_again(workspace: Workspace, answer_id: str) -> Reply:
    """Give an answer once more to whom it was given, from what was kept: nothing is asked, and nothing is counted.

    Raises: NotFound, also for what somebody else was told.
    """
    book = book_of(workspace)
    found = next((each for each in book.answers(workspace.actor) if each.id == answer_id), None)
    if found is None:
        raise NotFound(
            "There is no such answer of yours.",
            why="An answer is shown to whoever asked for it.",
            todo="Ask the question yourself: it is checked against the same ledger.",
        )
    given = answer_of_text(book.given(answer_id))
    workspace.note("query.read", purpose=PURPOSE, answer=answer_id)
    return Reply(found.id, found.actor, found.at, given)


def tables_of(counted: Sequence[Counted], drawn: Sequence[DrawnArea]) -> tuple[DraftTable, ...]:
    """State what was counted as tables, with the true counts and what each is about. Secret."""
    codes = {area.code: area.lasting_code for area in drawn}
    return tuple(_table(each, codes) for each in counted)


def _table(counted: Counted, drawn: dict[str, str]) -> DraftTable:
    indicator, rows = counted.indicator, counted.rows
    labels = [
        LabelColumn("geography", "Geography", tuple(row.area.geography for row in rows)),
        LabelColumn("area_code", "Area code", tuple(row.area.code for row in rows)),
        LabelColumn("area_name", "Area", tuple(row.area.name for row in rows)),
        LabelColumn("period", "Period", tuple(_when(row) for row in rows)),
    ]
    if counted.cut is not None:
        words = codes_of(counted.cut)
        labels.append(LabelColumn(counted.cut.name, counted.cut.title, tuple(words[row.code] for row in rows)))
    notes = (indicator.definition, *([indicator.caveats] if indicator.caveats else []), *_breaks(counted))
    return DraftTable(indicator.name, indicator.title, (*labels, *_columns(counted, drawn)), notes)


def _when(row: Row) -> str:
    if row.span.name != "now":
        return row.span.name
    start = f"{row.span.starts_on.isoformat()} to " if row.span.bounded else ""
    return f"{start}{row.span.ends_on.isoformat()}"


def _breaks(counted: Counted) -> Iterator[str]:
    for each in counted.indicator.breaks:
        if any(row.span.starts_on < each.on for row in counted.rows):
            yield f"Not comparable before {each.on.isoformat()}: {each.why}"


def _columns(counted: Counted, drawn: dict[str, str]) -> Iterator[Column]:
    indicator, below = counted.indicator, counted.denominator
    unit = UNIT_WORDS[indicator.unit]
    decimals = DECIMALS[indicator.unit]
    if counted.numerator.count is None and (below is None or below.count is None):
        yield from _published(counted)
        return
    yield _side(
        "numerator" if below else "value", "Number" if below else indicator.title, counted.numerator, counted, drawn
    )
    if below is None:
        return
    yield _side("denominator", "Out of", below, counted, drawn)
    if counted.numerator.count is not None and below.count is not None:
        per, places, interval = PER.get(indicator.unit, (1.0, decimals, ""))
        yield RateColumn("value", f"{indicator.title}, {unit}", "numerator", "denominator", per, places, interval)


def _published(counted: Counted) -> Iterator[GivenColumn]:
    """Give what others have published: it needs no protection."""
    indicator, above, below = counted.indicator, counted.numerator, counted.denominator
    if below is None:
        yield GivenColumn("value", indicator.title, _given(above), 3 if indicator.unit == "score" else 0)
        return
    yield GivenColumn("numerator", "Number", _given(above))
    yield GivenColumn("denominator", "Out of", _given(below))
    per, decimals, _ = PER.get(indicator.unit, (1.0, DECIMALS[indicator.unit], ""))
    values = tuple(
        "[x]" if math.isnan(x) or math.isnan(n) else "[z]" if n == 0 else float(x / n * per)
        for x, n in zip(above.values, below.values, strict=True)
    )
    yield GivenColumn("value", f"{indicator.title}, {UNIT_WORDS[indicator.unit]}", values, decimals)


def _given(side: Side) -> tuple[float | str, ...]:
    return tuple("[x]" if math.isnan(value) else float(value) for value in side.values)


def _side(name: str, title: str, side: Side, counted: Counted, drawn: dict[str, str]) -> Column:
    """Give the counts of one side, with what each is about; a published number is given as it is."""
    if side.count is None:
        return GivenColumn(name, title, _given(side))
    count = side.count
    each = [
        _codes(row, count, span_codes, counted, drawn)
        for row, span_codes in zip(counted.rows, _when_of(side), strict=True)
    ]
    dimensions = sorted({dimension for codes in each if codes is not None for dimension in codes})
    said: list[Said] = ["[z]" if codes is None else "rounded" for codes in each]
    return CountColumn(
        name, title, population_of(count, side.spans[0]).name,
        {dimension: tuple((codes or {}).get(dimension, WHOLE) for codes in each) for dimension in dimensions},
        tuple(None if codes is None else float(value) for codes, value in zip(each, side.values, strict=True)),
        tuple(said),
    )  # fmt: skip


def _when_of(side: Side) -> list[dict[str, str]]:
    assert side.count is not None
    return [population_of(side.count, span).codes for span in side.spans]


def _codes(
    row: Row, count: Count, when: dict[str, str], counted: Counted, drawn: dict[str, str]
) -> dict[str, str] | None:
    """Give the codes of one count; None where there can be none."""
    area = row.area
    place = drawn[area.code] if area.geography == DRAWN else f"{area.geography}:{area.code}"
    codes = {**when, AREA: WHOLE if area.geography == PLACE else place}
    if counted.cut is not None:
        cut = cut_code(counted.cut, row.code, count)
        if cut is None:
            return None
        codes[cut[0]] = cut[1]
    return codes
