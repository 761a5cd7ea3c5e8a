"""What stands in place of people and rows where a permit shows no names: keyed by project, so that two do not join.

Inside a run the product's steps work with the lake's own row ids; on the way out each is replaced. See ADR 9. Who only
counts people gets numbers drawn by lot, which mean nothing beyond one desk.
"""

from __future__ import annotations

import hmac
import secrets

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from numpy.typing import NDArray

from almoner.store.relation import Relation

PSEUDONYM_BYTES = 10
ROW = "row_id"
ORDERED_BY = (ROW, "person_ref")
"""What a copy is sorted by: the first of these that it has."""
ROUNDS = 4
"""Four rounds of a Feistel network with a keyed function make a permutation that nobody can tell from a random one.
Source: Luby and Rackoff, How to Construct Pseudorandom Permutations from Pseudorandom Functions, 1988."""


def person_pseudonyms(ids: pa.ChunkedArray, key: bytes) -> pa.Array:
    """Give each id its pseudonym."""
    return pa.array(
        [hmac.digest(key, each.encode(), "sha256").hex()[: PSEUDONYM_BYTES * 2] for each in ids.to_pylist()],
        type=pa.string(),
    )


def drawn_numbers(count: int, share: int, shares: int) -> pa.Array:
    """Draw a number for each of so many people or households: an order by lot, which nothing and nobody can repeat.

    In: share of shares = who draws from one share (0 of 2) meets no number of another (1 of 2).
    """
    lots = np.frombuffer(secrets.token_bytes(8 * count), dtype=np.uint64)
    return pa.array(np.argsort(lots).astype(np.int64) * shares + share, type=pa.int64())


def row_pseudonyms(ids: pa.Array, key: bytes) -> pa.Array:
    """Give each row id a number of the project's own: a permutation of all 64-bit numbers, so that none meets another.

    In: key = 32 bytes.
    """
    numbers = pc.fill_null(ids.cast(pa.int64()), 0).to_numpy(zero_copy_only=False).view(np.uint64)
    left, right = (numbers >> np.uint64(32)).astype(np.uint32), numbers.astype(np.uint32)
    for turn in range(ROUNDS):
        left, right = right, left ^ _keyed(right, turn, key)
    mixed = (left.astype(np.uint64) << np.uint64(32)) | right
    return pa.array(mixed.view(np.int64), mask=pc.is_null(ids).to_numpy(zero_copy_only=False))


def _keyed(half: NDArray[np.uint32], turn: int, key: bytes) -> NDArray[np.uint32]:
    """Give a keyed function of a half and the round: one block of AES for each number, all in one call."""
    blocks = np.zeros((len(half), 4), dtype=np.uint32)
    blocks[:, 0], blocks[:, 1] = half, turn
    encryptor = Cipher(algorithms.AES(key), modes.ECB()).encryptor()  # noqa: S305 -- single blocks  # nosec B305
    return np.frombuffer(encryptor.update(blocks.tobytes()), dtype=np.uint32).reshape(-1, 4)[:, 0]


def set_apart(relation: Relation, key: bytes, *, shuffled: bool) -> Relation:
    """Replace row ids in what leaves a run of a pseudonymised permit.

    In: shuffled = order the rows anew, for what people get: the lake's order is the same in every project, and two
    copies would join by position.
    """
    if ROW not in relation.columns and not shuffled:
        return relation
    table = relation.to_arrow().combine_chunks()
    if ROW in table.column_names and pa.types.is_integer(table.schema.field(ROW).type):
        shown = [row_pseudonyms(chunk, key) for chunk in table.column(ROW).chunks]
        column = pa.chunked_array(shown, type=pa.int64())
        table = table.set_column(table.column_names.index(ROW), ROW, column)
    by = next((name for name in ORDERED_BY if name in table.column_names), None)
    if shuffled and by is not None:
        table = table.sort_by(by)
    return Relation(table.schema, iter(table.to_batches()), relation.event)
