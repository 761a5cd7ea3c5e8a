"""Says whom or what an indicator counts, so that figures about the same people are checked against one another.

Residents by age are one population, cut by age and date; events are one, cut by their kind and the period in which
they happened. People with events in a period are not: somebody may be counted in two periods, or with events of two
kinds, so neither periods nor kinds add up.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from almoner.counting.asks import UNKNOWN
from almoner.counting.spans import Span
from almoner.profiles.steps import STANDING
from almoner.registry.measures import Count, Cut

Codes = dict[str, str]


@dataclass(frozen=True)
class Population:
    """Whom or what a count is about, and the codes of everything but the area."""

    name: str
    codes: Codes = field(default_factory=dict)


def population_of(count: Count, span: Span) -> Population:
    """Name the population of a count in a span, and what cuts it."""
    what = {"persons": "people", "rows": "records", "households": "households"}.get(count.count, "amounts")
    codes = _time(count, span)
    name: str = count.fact
    if count.count == "rows" and count.fact not in STANDING:
        # Each record is of one kind, so that the records of several kinds are the sum of those of each.
        name = records_of(count.fact)
        if count.names:
            codes["kind"] = "any:" + "|".join(sorted(count.names))
    elif count.fact not in STANDING:
        name = f"{what} with {count.fact}: {', '.join(sorted(count.names)) or 'any'}"
    if count.fact == "residents" and count.count == "households":
        # A household may have people of several ages: those of two bands don't add up.
        return Population(f"households with residents aged {count.ages or 'any'}", codes)
    if count.ages:
        codes["age"] = f"span:{count.ages}"
    if count.details:
        codes["detail"] = "any:" + "|".join(sorted(count.details))
    if count.open_only:
        codes["open"] = "any:open"
    if count.size is not None:
        codes["size"] = f"span:{count.size}"
    if count.among is not None:
        codes["among"] = "any:" + "+".join(sorted(count.among.services))
    return Population(name, codes)


def records_of(fact: str) -> str:
    """Name the population that the records of a fact are, or the people and households themselves."""
    return fact if fact in STANDING else f"records of {fact}s"


def _time(count: Count, span: Span) -> Codes:
    """Give when: events that are counted one by one add up over periods, everything else is as at a moment."""
    if not span.bounded or count.fact in STANDING:
        return {"moment": span.ends_on.isoformat()}
    if count.fact == "involvement" and count.open_only:
        return {"moment": span.ends_on.isoformat()}
    period = f"{span.starts_on.isoformat()}/{span.ends_on.isoformat()}"
    return {"period": period} if count.fact == "event" and count.count == "rows" else {"moment": period}


def cut_code(cut: Cut, code: str, count: Count) -> tuple[str, str] | None:
    """Give dimension and code of one part of a breakdown; None where nobody of the count can be in it.

    Whoever has no code is all that the others leave, so that the parts are known to make up the whole.
    """
    if cut.of != "age":
        return cut.name, "any:else:else" if code == UNKNOWN else f"any:{code}"
    if code == UNKNOWN:
        return None if count.ages else ("age", "any:else:else")
    (low, high), (first, last) = (map(int, each.split("-")) for each in (code, count.ages or "0-999"))
    if max(low, first) > min(high, last):
        return None
    return "age", f"span:{max(low, first)}-{min(high, last)}"
