"""What the audit log records, how it is signed, and how anybody can check it.

The gate writes an event before it returns data; a read that can't be recorded does not happen. An event
holds no personal value: persons stand in it as digests under a salt of their own, a typed reason as a digest
under a salt of its own, and both salts live in tables that can be erased without touching one event, so every
proof survives.

The log is a Merkle tree (see `merkle`). Its newest state is signed with a key that is not in the log's file,
so that who can write the file but lacks the key can't forge it. Putting back an old copy of the whole file,
state and all, shows only against a head that was kept elsewhere: that is what exported heads are for.

How a stored log is checked is in `audit_check`. Must never open a file or a connection: `records.audit_storage` does.
"""

from __future__ import annotations

import hmac
import json
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal, NamedTuple, Protocol, get_args

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from almoner.governance import merkle
from almoner.governance.merkle import instant_text
from almoner.kernel.errors import AuditError, KeyMissing

# Part of this port's vocabulary, so that users of the log need not know the tree.
SignedHead = merkle.SignedHead
ConsistencyProof = merkle.ConsistencyProof
Outcome = Literal["allowed", "refused", "failed"]
Scalar = str | int | float | bool | None
# As they are kept: a lookup name with its salt, a salt with the words of a reason.
Salted = tuple[bytes, bytes]

EVENT_VERSION = 1
SEED_BYTES = 32
# Long enough for any name of a dataset or column, too short for a document to hide in.
TEXT_LIMIT = 200
# What is kept beside an event's leaf to find it by.
SEARCHED = ("at", "actor", "action", "outcome", "permit_id")
# The two actions by which salts and texts may leave; verification accepts a missing one only after them.
ERASE_SUBJECT = "audit.erase_subject"
ERASE_REASON = "audit.erase_reason"
ERASED_SEQUENCE = "erased_sequence"
_ACTION = re.compile(r"[a-z][a-z_]*(\.[a-z][a-z_]*)*")
_DETAIL_KEY = re.compile(r"[a-z][a-z0-9_]*")
_DIGEST = re.compile(r"[0-9a-f]{64}")
_LOOKUP_CONTEXT = b"almoner audit subject lookup v1"


@dataclass(frozen=True, kw_only=True)
class AuditEvent:
    """One thing that somebody did or was refused.

    `subject_digests` and `reason_digest` are filled by the log from what `append` is given: a caller that
    holds a person's id or a typed reason never puts it in here.
    Raises: AuditError when a field can't be recorded safely.
    """

    at: datetime
    actor: str
    action: str
    outcome: Outcome
    purpose: str | None = None
    permit_id: str | None = None
    datasets: tuple[str, ...] = ()
    columns: Mapping[str, Sequence[str]] = field(default_factory=dict)
    form: str | None = None
    scope: str | None = None
    reason_code: str | None = None
    detail: Mapping[str, Scalar] = field(default_factory=dict)
    subject_digests: tuple[str, ...] = ()
    reason_digest: str | None = None

    def __post_init__(self) -> None:
        if not isinstance(self.at, datetime) or self.at.utcoffset() is None:
            raise _unfit("at", "an instant with its time zone")
        # A bare string is a sequence too: it would be recorded letter by letter.
        lists = (self.datasets, self.subject_digests, *self.columns.values())
        if any(isinstance(given, str) for given in lists):
            raise _unfit("datasets or columns", "lists of names")
        columns = {dataset: tuple(names) for dataset, names in self.columns.items()}
        object.__setattr__(self, "at", self.at.astimezone(UTC))
        object.__setattr__(self, "datasets", tuple(self.datasets))
        object.__setattr__(self, "columns", columns)
        object.__setattr__(self, "detail", dict(self.detail))
        object.__setattr__(self, "subject_digests", tuple(self.subject_digests))
        self._check()

    def _check(self) -> None:
        if not (isinstance(self.action, str) and _ACTION.fullmatch(self.action)):
            raise _unfit("action", "lower-case words joined by dots")
        if self.outcome not in get_args(Outcome):
            raise _unfit("outcome", "allowed, refused or failed")
        if not self.actor:
            raise _unfit("actor", "a user name")
        for name in ("actor", "purpose", "permit_id", "form", "scope", "reason_code"):
            value = getattr(self, name)
            if value is not None and not _is_plain(value):
                raise _unfit(name, f"printable text of at most {TEXT_LIMIT} characters")
        names = [*self.datasets, *self.columns]
        names += [name for listed in self.columns.values() for name in listed]
        if not all(_is_plain(name) for name in names):
            raise _unfit("datasets or columns", f"printable names of at most {TEXT_LIMIT} characters")
        for key, value in self.detail.items():
            if not (isinstance(key, str) and _DETAIL_KEY.fullmatch(key) and _is_safe_scalar(value)):
                raise _unfit("detail", "short names with numbers, truth values or short printable text")
        digests = [*self.subject_digests, *([self.reason_digest] if self.reason_digest is not None else [])]
        if not all(_DIGEST.fullmatch(digest) for digest in digests):
            raise _unfit("subject_digests or reason_digest", "digests, and only the log may fill them")

    def to_leaf(self) -> bytes:
        """Give the one serialisation of this event: sorted JSON in ASCII, absent fields left out."""
        fields = {name: value for name, value in vars(self).items() if value not in (None, (), {})}
        fields["at"] = instant_text(self.at)
        fields["version"] = EVENT_VERSION
        return json.dumps(fields, sort_keys=True, separators=(",", ":"), allow_nan=False).encode("ascii")

    def require_action(self, action: str) -> None:
        """Stop when this event says something other than what is being done.

        Raises: AuditError.
        """
        if self.action != action:
            raise AuditError(f"This is recorded as {action}.", where=self.action)

    def searched(self) -> tuple[str | None, ...]:
        """Give the values of SEARCHED, as the leaf holds them."""
        return (instant_text(self.at), self.actor, self.action, self.outcome, self.permit_id)

    @classmethod
    def from_leaf(cls, leaf: bytes) -> AuditEvent:
        """Read an event back.

        Raises: AuditError when the bytes are not an event of this version.
        """
        try:
            fields = json.loads(leaf)
            if fields.pop("version") != EVENT_VERSION:
                raise ValueError
            fields["at"] = datetime.fromisoformat(fields["at"])
            return cls(**fields)
        except (ValueError, TypeError, KeyError, AttributeError):
            raise AuditError(
                "An entry of the audit log can't be read.",
                why="It was changed, or written by a later version.",
                todo="Run `almoner audit verify`.",
            ) from None


def _is_plain(value: object) -> bool:
    return isinstance(value, str) and len(value) <= TEXT_LIMIT and value.isprintable()


def _is_safe_scalar(value: object) -> bool:
    if isinstance(value, str):
        return _is_plain(value)
    return value is None or isinstance(value, int) or (isinstance(value, float) and math.isfinite(value))


def _unfit(name: str, wanted: str) -> AuditError:
    return AuditError(
        f"The audit log can't record this event: {name} is not fit.",
        where=name,
        why=f"It must be {wanted}; what is not recorded does not happen.",
    )


def salted_digest(salt: bytes, value: bytes) -> str:
    """Give the digest under which a value stands in the log; without the salt it leads nowhere."""
    return hmac.digest(salt, value, "sha256").hex()


@dataclass(frozen=True, slots=True)
class AuditReceipt:
    """Proof to the writer that an event is on disk: its place (from 1), its hash, and the root with it."""

    sequence: int
    leaf_hash: bytes
    root: bytes


@dataclass(frozen=True, slots=True)
class LoggedEvent:
    """An event as it stands in the log."""

    sequence: int
    event: AuditEvent
    leaf_hash: bytes


@dataclass(frozen=True, slots=True)
class ErasureReceipt:
    """What an erasure took away.

    `bytes_cleared` is False while old bytes may still lie in a file (a reader held the log open, or the
    database keeps dead rows): a disposal certificate has to say so.
    """

    receipt: AuditReceipt
    found: bool
    texts_erased: int
    bytes_cleared: bool


@dataclass(frozen=True, kw_only=True)
class EventFilter:
    """Which events to give; what is None does not narrow. `subject` is the person's id, not a digest."""

    since: datetime | None = None
    until: datetime | None = None
    actor: str | None = None
    action: str | None = None
    outcome: Outcome | None = None
    permit_id: str | None = None
    dataset: str | None = None
    subject: str | None = None
    newest_first: bool = False
    limit: int | None = None

    def suits(self, event: AuditEvent) -> bool:
        """Say whether an event is about the dataset asked for: what `terms` can't ask."""
        return self.dataset is None or self.dataset in event.datasets

    def terms(self) -> list[tuple[str, str, str]]:
        """Give what is asked of the SEARCHED values: name, comparison, value."""
        instants = [("at", ">=", self.since), ("at", "<", self.until)]
        terms = [(name, sign, instant_text(at)) for name, sign, at in instants if at is not None]
        values = [(name, getattr(self, name)) for name in SEARCHED[1:]]
        return terms + [(name, "=", value) for name, value in values if value is not None]


EVERYTHING = EventFilter()


class LogKey:
    """The log's own secret: signs its states and heads, and hides whose salt is whose."""

    def __init__(self, seed: bytes) -> None:
        """Take the 32 bytes derived from the workspace's master key.

        Raises: KeyMissing when the seed has another length.
        """
        if len(seed) != SEED_BYTES:
            raise KeyMissing(f"The audit log's key must be {SEED_BYTES} bytes.")
        self._private = Ed25519PrivateKey.from_private_bytes(seed)
        self._lookup = HKDF(hashes.SHA256(), SEED_BYTES, salt=None, info=_LOOKUP_CONTEXT).derive(seed)
        self.public_key = self._private.public_key().public_bytes_raw()

    def sign_head(self, size: int, root: bytes, at: datetime) -> SignedHead:
        """Sign a head that may leave."""
        signature = self._private.sign(merkle.tree_statement(merkle.HEAD_CONTEXT, size, root, instant_text(at)))
        return SignedHead(size, root, at.astimezone(UTC), self.public_key, signature)

    def sign_state(self, size: int, root: bytes, at: str) -> bytes:
        """Sign the state that stays in the log's file."""
        return self._private.sign(merkle.tree_statement(merkle.STATE_CONTEXT, size, root, at))

    def signed_state(self, size: int, root: bytes, at: str, signature: bytes) -> bool:
        """Say whether this state was signed with this key."""
        return merkle.is_signed(self.public_key, signature, merkle.tree_statement(merkle.STATE_CONTEXT, size, root, at))

    def lookup(self, subject: str) -> bytes:
        """Give the name under which a subject's salt is kept: the id itself is not in the file."""
        return hmac.digest(self._lookup, subject.encode("utf-8", "backslashreplace"), "sha256")


class LogState(NamedTuple):
    """The tree as it is stored between two appends, with its signature."""

    size: int
    peaks: bytes
    root: bytes
    at: str
    signature: bytes

    @classmethod
    def of(cls, frontier: merkle.Frontier, at: datetime, key: LogKey) -> LogState:
        """Sign the state of a tree."""
        size, root, text = frontier.size, frontier.root(), instant_text(at)
        return cls(size, frontier.to_bytes(), root, text, key.sign_state(size, root, text))

    @classmethod
    def read(cls, row: Sequence[Any] | None, key: LogKey) -> LogState:
        """Take a stored state, only if peaks and root agree and were signed with this key.

        Raises: AuditError.
        """
        if row is None or not cls(*row)._is_signed_by(key):
            raise AuditError(
                "The audit log was changed from outside: its state is not signed with its key.",
                todo="Run `almoner audit verify` and keep the log as evidence.",
            )
        return cls(*row)

    def frontier(self) -> merkle.Frontier:
        """Give the tree to append to."""
        return merkle.Frontier.from_bytes(self.size, self.peaks)

    def _is_signed_by(self, key: LogKey) -> bool:
        try:
            agreed = self.frontier().root() == self.root
        except ValueError:
            return False
        return agreed and key.signed_state(self.size, self.root, self.at, self.signature)


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong with a log; `sequence` is the event's place, where one is to blame."""

    what: str
    sequence: int | None = None


@dataclass(frozen=True, slots=True)
class VerifyReport:
    """What a full check of the log found."""

    size: int
    root: bytes
    heads_checked: int
    faults: tuple[Fault, ...]

    @property
    def intact(self) -> bool:
        """Say whether nothing is wrong."""
        return not self.faults

    def require_intact(self) -> None:
        """Stop when anything is wrong.

        Raises: AuditError.
        """
        if self.faults:
            first = self.faults[0]
            raise AuditError(
                f"The audit log does not verify: {first.what}",
                where="" if first.sequence is None else f"entry {first.sequence}",
                why=f"{len(self.faults)} fault(s): the log was changed from outside, or its file is damaged.",
                todo="Keep the file as evidence and compare it with the backups and with the exported heads.",
            )


class AuditLog(Protocol):
    """The port: an append-only log. Every method raises AuditError when the log can't be written or read."""

    @property
    def public_key(self) -> bytes:
        """The key that outsiders check heads and proofs with."""

    def close(self) -> None:
        """Let go of the storage; the next append opens it again."""

    def append(self, event: AuditEvent, *, subjects: Sequence[str] = (), reason: str | None = None) -> AuditReceipt:
        """Record an event; when this returns, it is on disk."""

    def events(self, wanted: EventFilter = EVERYTHING) -> Iterator[LoggedEvent]:
        """Give the events that a filter asks for."""

    def reason_text(self, sequence: int) -> str | None:
        """Give the reason typed for an event; None when there was none or it has been erased."""

    def head(self) -> SignedHead:
        """Sign the log as it stands."""

    def export_head(self) -> dict[str, str | int]:
        """Sign the log as it stands, remember that, and give the document to keep outside."""

    def verify(self, outside: Sequence[SignedHead] = ()) -> VerifyReport:
        """Recompute the whole log; compare it with its state, its exported heads and heads from outside."""

    def verify_against(self, head: SignedHead) -> VerifyReport:
        """Recompute the whole log and check that it extends a head kept outside."""

    def consistency(self, old: SignedHead) -> ConsistencyProof:
        """Prove that the log as it stands extends an older head."""

    def erase_subject(self, subject: str, event: AuditEvent, *, reason: str | None = None) -> ErasureReceipt:
        """Make all that the log holds about a person unlinkable, and record that as an event."""

    def erase_reason(self, sequence: int, event: AuditEvent, *, reason: str | None = None) -> ErasureReceipt:
        """Erase the reason typed for one event, and record that as an event."""
