"""The tree of hashes that makes a list of events tamper-evident, as Certificate Transparency does it.

A list has one root hash; two small proofs follow from the tree: that an event is in the list (inclusion), and
that a later list only added to an earlier one (consistency). Whoever kept an old root can check both without
trusting the keeper of the log; a signed head is such a root with its keeper's signature.
Pure: must never do input or output, and never learn what a leaf means.

Source: RFC 6962 sections 2.1 (tree, proofs) and 3.5 (signed heads; the format here is our own JSON),
RFC 9162 section 2.1 (verification), SHA-256, Ed25519.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from almoner.kernel.errors import AuditError

HASH_BYTES = 32
EMPTY_ROOT = sha256(b"").digest()
# Different first bytes keep a leaf from being passed off as a node (RFC 6962 section 2.1).
LEAF_PREFIX = b"\x00"
NODE_PREFIX = b"\x01"

# Signatures over an exported head and over a log's own state must not stand in for each other: else an old
# exported head could be put in the place of the state, and the log be cut back to it.
HEAD_CONTEXT = b"almoner audit head v1\n"
STATE_CONTEXT = b"almoner audit state v1\n"
_HEAD_DOCUMENT = "almoner audit head v1"

Span = tuple[int, int]


def leaf_hash(leaf: bytes) -> bytes:
    """Hash one leaf."""
    return sha256(LEAF_PREFIX + leaf).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Hash two subtrees into their parent."""
    return sha256(NODE_PREFIX + left + right).digest()


class Frontier:
    """The roots of the full subtrees of a growing list, largest first: all that an append needs to know."""

    __slots__ = ("peaks", "size")

    def __init__(self, size: int = 0, peaks: Iterable[bytes] = ()) -> None:
        """Take up a stored state.

        Raises: ValueError when size and peaks can't belong together.
        """
        self.size = size
        self.peaks = list(peaks)
        # A list of n leaves splits into one full subtree per 1-bit of n.
        if size < 0 or len(self.peaks) != size.bit_count() or any(len(p) != HASH_BYTES for p in self.peaks):
            raise ValueError("these peaks are not those of a tree of this size")

    @classmethod
    def from_bytes(cls, size: int, packed: bytes) -> Frontier:
        """Read the state that `to_bytes` packed."""
        return cls(size, [packed[at : at + HASH_BYTES] for at in range(0, len(packed), HASH_BYTES)])

    def to_bytes(self) -> bytes:
        """Pack the peaks, one after the other."""
        return b"".join(self.peaks)

    def append(self, hashed: bytes) -> None:
        """Add one leaf hash, joining the subtrees that it completes."""
        carried = self.size
        while carried & 1:
            hashed = node_hash(self.peaks.pop(), hashed)
            carried >>= 1
        self.peaks.append(hashed)
        self.size += 1

    def root(self) -> bytes:
        """Give the root of all leaves so far."""
        if not self.peaks:
            return EMPTY_ROOT
        root = self.peaks[-1]
        for peak in reversed(self.peaks[:-1]):
            root = node_hash(peak, root)
        return root


def tree_root(leaf_hashes: Iterable[bytes]) -> bytes:
    """Give the root over leaf hashes, reading them once and keeping O(log n) of them."""
    frontier = Frontier()
    for hashed in leaf_hashes:
        frontier.append(hashed)
    return frontier.root()


def _split(size: int) -> int:
    """Give the largest power of two below size (size > 1): where RFC 6962 parts a list in two."""
    return 1 << ((size - 1).bit_length() - 1)


def inclusion_spans(index: int, size: int) -> list[Span]:
    """List the spans of leaves [from, to) whose roots are the inclusion proof of a leaf, nearest first.

    Spans, so that a caller with leaves on disk can hash each span as a stream.
    Raises: ValueError when there is no such leaf.
    """
    if not 0 <= index < size:
        raise ValueError("no leaf with this index in a tree of this size")
    spans, start, end = [], 0, size
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            spans.append((middle, end))
            end = middle
        else:
            spans.append((start, middle))
            start = middle
    return spans[::-1]


def consistency_spans(old_size: int, size: int) -> list[Span]:
    """List the spans of leaves [from, to) whose roots are the consistency proof between two sizes.

    Raises: ValueError when the old tree is larger than the new one.
    """
    if not 0 <= old_size <= size:
        raise ValueError("the older tree can't be larger than the newer")
    if old_size in (0, size):
        return []
    spans, start, end = [], 0, size
    while old_size != end:
        middle = start + _split(end - start)
        if old_size <= middle:
            spans.append((middle, end))
            end = middle
        else:
            spans.append((start, middle))
            start = middle
    # When the old tree is itself one full subtree, the verifier already holds its root.
    if start > 0:
        spans.append((start, end))
    return spans[::-1]


def inclusion_proof(leaf_hashes: Sequence[bytes], index: int) -> list[bytes]:
    """Give the proof that the leaf at an index (from 0) is in the tree over all the leaf hashes."""
    return [tree_root(leaf_hashes[start:end]) for start, end in inclusion_spans(index, len(leaf_hashes))]


def consistency_proof(leaf_hashes: Sequence[bytes], old_size: int) -> list[bytes]:
    """Give the proof that the tree over all leaf hashes extends the tree over the first old_size of them."""
    return [tree_root(leaf_hashes[start:end]) for start, end in consistency_spans(old_size, len(leaf_hashes))]


def _left_sides(position: int, last: int, count: int) -> list[bool] | None:
    """Say for each proof hash whether it stands to the left; None when the proof needs another count."""
    sides: list[bool] = []
    while last:
        left = bool(position & 1) or position == last
        sides.append(left)
        # The last node of a level without a sibling moves up unhashed.
        while left and position and not position & 1:
            position >>= 1
            last >>= 1
        position >>= 1
        last >>= 1
    return sides if len(sides) == count else None


def inclusion_holds(hashed: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> bool:
    """Say whether a proof shows that a leaf hash stands at an index of the tree with this size and root.

    Source: RFC 9162 section 2.1.3.2.
    """
    sides = _left_sides(index, size - 1, len(proof)) if 0 <= index < size else None
    if sides is None:
        return False
    computed = hashed
    for sibling, left in zip(proof, sides, strict=True):
        computed = node_hash(sibling, computed) if left else node_hash(computed, sibling)
    return computed == root


def consistency_holds(old_size: int, old_root: bytes, size: int, root: bytes, proof: Sequence[bytes]) -> bool:
    """Say whether a proof shows that the tree with this size and root extends the older one.

    Source: RFC 9162 section 2.1.4.2; an empty old tree is extended by any tree and needs no proof.
    """
    if not 0 <= old_size <= size:
        return False
    if old_size == size:
        return not proof and old_root == root
    if old_size == 0:
        return not proof and old_root == EMPTY_ROOT
    # When the old tree is one full subtree, its root starts the path and is not in the proof.
    path = [old_root, *proof] if old_size & (old_size - 1) == 0 else list(proof)
    position, last = old_size - 1, size - 1
    while position & 1:
        position >>= 1
        last >>= 1
    sides = _left_sides(position, last, len(path) - 1)
    if sides is None:
        return False
    old_computed = computed = path[0]
    for sibling, left in zip(path[1:], sides, strict=True):
        if left:
            old_computed = node_hash(sibling, old_computed)
        computed = node_hash(sibling, computed) if left else node_hash(computed, sibling)
    return old_computed == old_root and computed == root


def instant_text(at: datetime) -> str:
    """Write an instant as the log does: UTC, microseconds, a form that sorts as text."""
    return at.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def tree_statement(context: bytes, size: int, root: bytes, at: str) -> bytes:
    """Give the bytes that a signature over a tree covers; the context says what kind of signature it is."""
    fields = {"at": at, "root": root.hex(), "size": size}
    return context + json.dumps(fields, sort_keys=True, separators=(",", ":")).encode("ascii")


def is_signed(public_key: bytes, signature: bytes, statement: bytes) -> bool:
    """Say whether this key signed this statement (Ed25519)."""
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, statement)
    except (InvalidSignature, ValueError):
        return False
    return True


@dataclass(frozen=True, slots=True)
class SignedHead:
    """The log at one moment, signed: kept outside, it binds the log to everything up to there."""

    size: int
    root: bytes
    at: datetime
    public_key: bytes
    signature: bytes

    def is_signed_by(self, public_key: bytes) -> bool:
        """Say whether the holder of this key signed this head. The key inside the head is only a claim."""
        statement = tree_statement(HEAD_CONTEXT, self.size, self.root, instant_text(self.at))
        return is_signed(public_key, self.signature, statement)

    def to_document(self) -> dict[str, str | int]:
        """Give the JSON document that is kept outside."""
        return {
            "document": _HEAD_DOCUMENT,
            "size": self.size,
            "root": self.root.hex(),
            "at": instant_text(self.at),
            "public_key": self.public_key.hex(),
            "signature": self.signature.hex(),
        }

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> SignedHead:
        """Read a head that was kept outside.

        Raises: AuditError when the document is not a head.
        """
        try:
            size, at = document["size"], datetime.fromisoformat(document["at"])
            if document["document"] != _HEAD_DOCUMENT or type(size) is not int or at.utcoffset() is None:
                raise ValueError
            root, key, signature = (bytes.fromhex(document[n]) for n in ("root", "public_key", "signature"))
        except (KeyError, ValueError, TypeError):
            raise AuditError(
                "This is not a signed head of an audit log.",
                why="A head holds document, size, root, at, public_key and signature.",
                todo="Give the file that `almoner audit export-head` wrote, unchanged.",
            ) from None
        return cls(size, root, at.astimezone(UTC), key, signature)


@dataclass(frozen=True, slots=True)
class ConsistencyProof:
    """Proof that the log at `new` only added to the log at `old`."""

    old: SignedHead
    new: SignedHead
    hashes: tuple[bytes, ...]

    def holds(self, public_key: bytes) -> bool:
        """Check signatures and hashes; needs nothing of the log itself."""
        return (
            self.old.is_signed_by(public_key)
            and self.new.is_signed_by(public_key)
            and consistency_holds(self.old.size, self.old.root, self.new.size, self.new.root, self.hashes)
        )

    def require(self, public_key: bytes) -> None:
        """Stop when the proof does not hold.

        Raises: AuditError.
        """
        if not self.holds(public_key):
            raise AuditError(
                "The audit log does not extend this head.",
                why="Its past was changed, its end is gone, or the head is another log's.",
                todo="Run `almoner audit verify` and keep the log as evidence.",
            )
