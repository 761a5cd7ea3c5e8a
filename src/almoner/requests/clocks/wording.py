"""Says in words why something is due when it is: what was counted from which day, and what was not counted."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from almoner.kernel.errors import UsageError
from almoner.requests.clocks.history import Asked, Run

WAITING = {
    "identity": "proof of who the requester is",
    "clarification": "the requester’s answer to our question",
    "fee": "the fee",
}


def day_words(day: dt.date) -> str:
    """Write a day as people do: '3 March 2026'."""
    return f"{day.day} {day:%B %Y}"


def short_day(day: dt.date, beside: dt.date) -> str:
    """Write a day without its year, where it is that of another."""
    return f"{day.day} {day:%B}" if day.year == beside.year else day_words(day)


def listed(words: Sequence[str]) -> str:
    """Join words: 'a, b and c'."""
    return " and ".join([", ".join(words[:-1]), words[-1]]) if len(words) > 1 else "".join(words)


def explained(run: Run, due_on: dt.date | None, waiting: Sequence[str]) -> str:
    """Explain a due date, or why there is none yet."""
    if waiting:
        wanted = listed([WAITING[each] for each in dict.fromkeys(waiting)])
        return f"The clock stands still until we have {wanted}."
    if due_on is None:
        raise UsageError("A clock that runs has a due date.")
    parts = [_counted(run), *_left_out(run)]
    said = "; ".join([parts[0], *parts[1:]])
    return f"{said}: due by {due_on:%A} {day_words(due_on)}."


def _counted(run: Run) -> str:
    start = run.started_on
    words = f"{run.clock.words()} from {day_words(start)}"
    if run.clock.counts == "months" and run.nominal is not None and run.nominal.day != start.day:
        words += f", and {run.nominal:%B} has no {start.day}{'st' if start.day == 31 else 'th'}"
    elif run.clock.counts == "days" and run.clock.first_day == "receipt":
        words += ", that day included"
    return words


def _left_out(run: Run) -> list[str]:
    parts = [_pause_words(run, each) for each in run.pauses if _matters(run, each)]
    if run.clock.counts == "working_days":
        names = [each.words() for each in run.holidays]
        return [*parts, f"{listed(list(dict.fromkeys(names)))} not counted"] if names else parts
    if run.ends_on != run.counted_to and run.counted_to is not None:
        why = listed([each.words() for each in run.holidays]) or f"a {run.counted_to:%A}"
        parts.append(f"{short_day(run.counted_to, run.started_on)} is {why}, so the next working day")
    return parts


def _matters(run: Run, pause: Asked) -> bool:
    return pause.answered_on is not None and pause.answered_on >= run.started_on


def _pause_words(run: Run, pause: Asked) -> str:
    assert pause.answered_on is not None
    first, start = max(pause.asked_on, run.started_on), run.started_on
    span = short_day(first, start)
    if pause.answered_on != first:
        span += f" to {short_day(pause.answered_on, start)}"
    return f"{span} not counted, while we waited for {WAITING[pause.what]}"
