"""The one exception tree: every failure a user can meet, with its exit code.

A message says what is wrong; `where` points to the place (file, row, column), `why` says why it matters and
`todo` what to do. No personal value may ever be put in any of the four.
"""

from __future__ import annotations


class AlmonerError(Exception):
    """A failure that is the user's to see. Subclasses differ in cause, so in exit code."""

    exit_code = 1
    cause = "failed"

    def __init__(self, message: str, *, where: str = "", why: str = "", todo: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.where = where
        self.why = why
        self.todo = todo

    def lines(self) -> list[str]:
        """Give the error as the lines that a terminal shows."""
        parts = [("where", self.where), ("why", self.why), ("do", self.todo)]
        return [self.message, *(f"  {name}: {text}" for name, text in parts if text)]

    def as_dict(self) -> dict[str, str | int]:
        """Give the error as the JSON document that `--json` prints."""
        return {
            "error": self.message,
            "cause": self.cause,
            "where": self.where,
            "why": self.why,
            "do": self.todo,
            "exit_code": self.exit_code,
        }


class UsageError(AlmonerError):
    """The command's words are off."""

    exit_code = 2
    cause = "usage"


class WorkspaceError(AlmonerError):
    """The workspace is missing, incomplete or not ours to use."""

    exit_code = 3
    cause = "workspace"


class RegistryError(AlmonerError):
    """The registry has faults; `faults` holds all of them."""

    exit_code = 4
    cause = "registry"


class DeliveryRefused(AlmonerError):
    """A delivery as a whole can't be landed: nothing of it was."""

    exit_code = 5
    cause = "delivery_refused"


class AccessRefused(AlmonerError):
    """The gate said no."""

    exit_code = 6
    cause = "access_refused"


class AuditError(AlmonerError):
    """The audit log can't be written or doesn't verify."""

    exit_code = 7
    cause = "audit"


class KeyMissing(AlmonerError):
    """The master key is absent, wrong, or kept where others can read it."""

    exit_code = 8
    cause = "key"


class ResourceExhausted(AlmonerError):
    """Memory or disk ran out; what was under way has been undone."""

    exit_code = 9
    cause = "resources"


class NoticeDrift(AlmonerError):
    """What is held and what the notice says have come apart."""

    exit_code = 10
    cause = "notice_drift"


class NotFound(AlmonerError):
    """What was asked for does not exist, or not for this actor."""

    exit_code = 11
    cause = "not_found"
    became: tuple[str, ...] | None = None
    """Of a person's id that is no longer used: the ids of whoever has its records now; () where nobody has."""


class Busy(AlmonerError):
    """Another process holds the lease for this work."""

    exit_code = 12
    cause = "busy"


class LakeError(AlmonerError):
    """A file of the lake is missing, altered or can't be decrypted."""

    exit_code = 13
    cause = "lake"


class CalculationError(AlmonerError):
    """A step or model gave what it must not give: a fault of the product or of its configuration."""

    exit_code = 14
    cause = "calculation"


class OnHold(AlmonerError):
    """A legal hold keeps what was to be disposed of."""

    exit_code = 18
    cause = "on_hold"


class FiguresContradict(AlmonerError):
    """No counts at all agree with everything that was published: figures were counted anew."""

    exit_code = 15
    cause = "figures_contradict"


class ReleaseRefused(AlmonerError):
    """Figures may not leave: they would reveal somebody, or life cycle, recipient or agreement forbid it."""

    exit_code = 16
    cause = "release_refused"


class RequestRefused(AlmonerError):
    """A case can't go on this way: its state, a missing reason, the second person or unpublished figures forbid it."""

    exit_code = 17
    cause = "request_refused"


class NotReady(AlmonerError):
    """What pages read is being made: it is there in a while."""

    exit_code = 19
    cause = "not_ready"
