"""Which decision of a case may be carried out as which right. Data, and one question; it changes nothing."""

from __future__ import annotations

from almoner.kernel.errors import RequestRefused
from almoner.requests.casework.cases import Case

GIVEN = frozenset({"granted", "partly", "upheld", "partly_upheld"})
"""Outcomes that give at least part of what was asked."""
DECIDED = frozenset({"approved", "answered", "in_review", "reviewed", "at_regulator", "closed"})
"""States in which a decision stands."""
KINDS = {
    "restriction": frozenset({"restriction", "complaint"}),
    "objection": frozenset({"objection", "complaint"}),
    "correction": frozenset({"rectification", "complaint"}),
    "erasure": frozenset({"erasure", "complaint"}),
}
"""Which kinds of case a right comes from."""
MEANWHILE = frozenset({"rectification", "objection"})
"""While such a case is looked at, use is restricted where the person asks. Source: UK GDPR Art 18(1)(a), (d)."""


def check_decided(case: Case, right: str) -> None:
    """Refuse to carry out what no decision of the case gives.

    Raises: RequestRefused.
    """
    if right == "restriction" and case.kind in MEANWHILE and case.state not in ("withdrawn", "lapsed", "disposed"):
        return
    if case.kind not in KINDS[right]:
        raise _refused(case, f"a {right} is not what this case is about", "Open a case of its own: almoner rights open")
    if case.state not in DECIDED:
        raise _refused(case, f"it is {case.state.replace('_', ' ')}", "Decide it, and have a second person approve it.")
    if case.outcome not in GIVEN:
        raise _refused(case, f"its outcome is '{case.outcome}'", "Only what was granted is carried out.")


def _refused(case: Case, because: str, todo: str) -> RequestRefused:
    return RequestRefused(
        f"Nothing of this case can be carried out: {because}.",
        where=f"case {case.id}",
        why="What changes somebody's data rests on a decision that two people stand behind.",
        todo=todo,
    )
