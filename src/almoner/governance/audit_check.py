"""Checks a stored audit log entry by entry: what was changed, cut off, taken out or put back.

Storage feeds it; what is compared, and what counts as a fault, is decided here, for every storage alike. Must never
put what an entry says into a fault: only its place.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

from almoner.governance import merkle
from almoner.governance.audit import (
    ERASE_REASON,
    ERASE_SUBJECT,
    ERASED_SEQUENCE,
    SEARCHED,
    Fault,
    LogKey,
    LogState,
    Salted,
    SignedHead,
    VerifyReport,
    salted_digest,
)
from almoner.kernel.errors import AuditError

# A damaged log can be wrong at every entry; the first faults tell the story.
FAULT_LIMIT = 100


class LogCheck:
    """Recomputes a log from what is stored, entry by entry in order, and notes what doesn't agree."""

    def __init__(self, key: LogKey, stored: Iterable[str], outside: Sequence[SignedHead]) -> None:
        """Take the heads that the log must extend: its own exported ones (as JSON) and those from outside."""
        self._key = key
        self._faults: list[Fault] = []
        self._fault_count = 0
        self._frontier = merkle.Frontier()
        self._last = 0
        self._subjects: set[str] = set()
        self._erased: dict[str, int] = {}
        self._erased_reasons: set[int] = set()
        self._textless: list[tuple[int, tuple[str, ...]]] = []
        self._heads: dict[int, list[tuple[str, SignedHead]]] = {}
        self._heads_checked = 0
        for document in stored:
            try:
                self._expect("exported", SignedHead.from_document(json.loads(document)))
            except (ValueError, AuditError):
                self.fault("An exported head can't be read.")
        for head in outside:
            self._expect("outside", head)
        self._compare_heads()

    def _expect(self, origin: str, head: SignedHead) -> None:
        self._heads_checked += 1
        if not head.is_signed_by(self._key.public_key):
            self.fault(f"The {origin} head of size {head.size} is not signed with this log's key.")
        self._heads.setdefault(head.size, []).append((origin, head))

    def fault(self, what: str, sequence: int | None = None) -> None:
        """Note that something is wrong."""
        self._fault_count += 1
        if len(self._faults) < FAULT_LIMIT:
            self._faults.append(Fault(what, sequence))

    def page(
        self,
        rows: Iterable[Sequence[Any]],
        subjects: Iterable[tuple[int, str]],
        texts: Iterable[Sequence[Any]],
    ) -> None:
        """Check the next stored events together with what is kept beside them.

        In: rows = sequence, leaf, hash and the values kept for SEARCHED; subjects = sequence and digest of
        the index of who was looked at; texts = sequence, salt and words of the reasons.
        """
        indexed: dict[int, set[str]] = {}
        for sequence, digest in subjects:
            indexed.setdefault(sequence, set()).add(digest)
        reasons = {sequence: (salt, words) for sequence, salt, words in texts}
        for sequence, leaf, hashed, *searched in rows:
            self._entry(sequence, leaf, hashed, tuple(searched), indexed.get(sequence, set()), reasons.get(sequence))

    def _compare_heads(self) -> None:
        if self._frontier.size in self._heads:
            root = self._frontier.root()
            for origin, head in self._heads.pop(self._frontier.size):
                if head.root != root:
                    self.fault(f"The {origin} head of size {head.size} has another root: the past was changed.")

    def _entry(
        self,
        sequence: int,
        leaf: bytes,
        stored_hash: bytes,
        searched: tuple[str | None, ...],
        indexed: set[str],
        reason: Salted | None,
    ) -> None:
        if sequence != self._last + 1:
            self.fault(f"Entries {self._last + 1} to {sequence - 1} are missing.", self._last + 1)
        self._last = sequence
        hashed = merkle.leaf_hash(leaf)
        if hashed != stored_hash:
            self.fault("An entry does not match its hash: it was changed.", sequence)
        self._frontier.append(hashed)
        self._compare_heads()
        try:
            fields = json.loads(leaf.decode("ascii"))
            if searched != tuple(map(fields.get, SEARCHED)):
                self.fault("What an entry is found by does not match the entry.", sequence)
            digests = tuple(fields.get("subject_digests", ()))
            self._note_subjects(sequence, digests, indexed, fields)
            self._note_reason(sequence, digests, fields.get("reason_digest"), reason)
        except (ValueError, TypeError, LookupError, AttributeError):
            self.fault("An entry can't be read.", sequence)

    def _note_subjects(
        self, sequence: int, digests: tuple[str, ...], indexed: set[str], fields: dict[str, Any]
    ) -> None:
        if set(digests) != indexed:
            self.fault("The index of who was looked at does not match an entry.", sequence)
        self._subjects.update(digests)
        if fields["action"] == ERASE_SUBJECT:
            self._erased.update(dict.fromkeys(digests, sequence))
        elif fields["action"] == ERASE_REASON:
            self._erased_reasons.add(fields["detail"][ERASED_SEQUENCE])

    def _note_reason(self, sequence: int, digests: tuple[str, ...], digest: str | None, reason: Salted | None) -> None:
        if reason is not None and digest != salted_digest(*reason):
            self.fault("The reason kept for an entry is not the one that was given.", sequence)
        if reason is None and digest is not None:
            self._textless.append((sequence, digests))

    def salts(self, salts: Iterable[Salted]) -> None:
        """Check, after all entries, that every subject's salt is there or was erased by an event.

        In: pairs of lookup name and salt.
        """
        present = {salted_digest(salt, lookup) for lookup, salt in salts}
        for digest in self._subjects - present - self._erased.keys():
            self.fault(f"The salt of a subject is missing and no event erased it (digest {digest[:12]}).")
        for digest in present & self._erased.keys():
            self.fault("The salt of an erased subject is back.", self._erased[digest])

    def erasures(self) -> tuple[dict[str, int], set[int]]:
        """Give what events erased: subject digests, each with its event's place, and places of reasons."""
        return self._erased, self._erased_reasons

    def finish(self, state: LogState | None) -> VerifyReport:
        """Compare the recomputed tree with the stored state and give the report."""
        for sequence, digests in self._textless:
            if sequence not in self._erased_reasons and not self._erased.keys() & set(digests):
                self.fault("The reason of an entry is missing and no event erased it.", sequence)
        computed = self._frontier
        size, root = computed.size, computed.root()
        if state is None:
            self.fault("The state is missing.")
        else:
            if state.size != size:
                self.fault(f"The state says {state.size} entries, but {size} are there.")
            if (state.root, state.peaks) != (root, computed.to_bytes()):
                self.fault("The tree recomputed from the entries is not the one in the state.")
            if not self._key.signed_state(state.size, state.root, state.at, state.signature):
                self.fault("The state is not signed with this log's key.")
        for origin, head in (pair for pairs in self._heads.values() for pair in pairs):
            self.fault(f"The log is shorter than the {origin} head of size {head.size}: its end is gone.")
        if self._fault_count > FAULT_LIMIT:
            self._faults.append(Fault(f"{self._fault_count - FAULT_LIMIT} more faults are not listed."))
        return VerifyReport(size, root, self._heads_checked, tuple(self._faults))
