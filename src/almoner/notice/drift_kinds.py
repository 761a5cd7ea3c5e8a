"""The ways in which what is held and what is declared can come apart, and how grave each is.

An error makes the notice untrue or a use unlawful: `almoner notice check` fails. A warning will become one if
nobody acts. Information is neither.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Severity = Literal["error", "warning", "info"]

Kind = Literal[
    "held_not_declared",
    "columns_changed",
    "never_received",
    "overdue",
    "agreement_missing",
    "agreement_not_begun",
    "agreement_lapsed",
    "agreement_lapses_soon",
    "purpose_without_basis",
    "no_condition",
    "held_for_no_purpose",
    "recipient_not_named",
    "purpose_not_declared",
    "no_retention",
    "shared_as_nothing",
    "destruction_overdue",
    "retention_stated_otherwise",
    "disposed_otherwise",
    "kept_too_long",
    "category_unused",
    "notice_outdated",
    "notice_not_built",
]

SEVERITIES: tuple[Severity, ...] = ("error", "warning", "info")

SEVERITY: dict[Kind, Severity] = {
    "held_not_declared": "error",
    "columns_changed": "warning",
    "never_received": "error",
    "overdue": "warning",
    "agreement_missing": "error",
    "agreement_not_begun": "error",
    "agreement_lapsed": "error",
    "agreement_lapses_soon": "warning",
    "purpose_without_basis": "error",
    "no_condition": "error",
    "held_for_no_purpose": "warning",
    "recipient_not_named": "error",
    "purpose_not_declared": "error",
    "no_retention": "error",
    "shared_as_nothing": "error",
    "destruction_overdue": "warning",
    "retention_stated_otherwise": "error",
    "disposed_otherwise": "error",
    "kept_too_long": "error",
    "category_unused": "info",
    "notice_outdated": "error",
    "notice_not_built": "warning",
}

OPEN_DATA: frozenset[Kind] = frozenset(
    {"never_received", "agreement_missing", "agreement_not_begun", "agreement_lapsed"}
)
"""Kinds that are only warnings about published data: it is nobody's, so no notice is untrue for want of
it."""


@dataclass(frozen=True)
class Drift:
    """One way in which notice and practice have come apart."""

    kind: Kind
    severity: Severity
    what: str
    where: str
    why: str
    todo: str

    def lines(self) -> list[str]:
        """Give it as the lines that a terminal shows."""
        head = f"{self.severity}: {self.what}"
        return [head, f"  where: {self.where}", f"  why: {self.why}", f"  do: {self.todo}"]

    def as_dict(self) -> dict[str, str]:
        """Give it as an entry of the JSON document that `--json` prints."""
        return {
            "kind": self.kind,
            "severity": self.severity,
            "what": self.what,
            "where": self.where,
            "why": self.why,
            "do": self.todo,
        }


def drift(kind: Kind, what: str, where: str, why: str, todo: str, *, of_open_data: bool = False) -> Drift:
    """Make a drift, as grave as its kind."""
    mild = of_open_data and kind in OPEN_DATA
    return Drift(kind, "warning" if mild else SEVERITY[kind], what, where, why, todo)
