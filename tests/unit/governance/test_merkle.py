"""The hash tree against published vectors and against a slow, obvious implementation."""

from __future__ import annotations

from hashlib import sha256

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from almoner.governance import merkle

# The eight test leaves of the Certificate Transparency reference implementation, and its published answers.
REFERENCE_LEAVES = [
    bytes.fromhex(text)
    for text in [
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    ]
]
REFERENCE_ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
H_1 = "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7"
H_23 = "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e"
H_4 = "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b"
H_45 = "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a"
H_67 = "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0"
H_0123 = "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7"
H_4567 = "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4"
INCLUSION = {(0, 1): [], (0, 8): [H_1, H_23, H_4567], (5, 8): [H_4, H_67, H_0123]}
CONSISTENCY = {
    (1, 1): [],
    (1, 8): [H_1, H_23, H_4567],
    (6, 8): [H_45, H_67, H_0123],
    (2, 5): [H_23, H_4],
}


def naive_root(hashes: list[bytes]) -> bytes:
    """The definition of RFC 6962 section 2.1, word for word."""
    if not hashes:
        return sha256(b"").digest()
    if len(hashes) == 1:
        return hashes[0]
    k = 1
    while k * 2 < len(hashes):
        k *= 2
    return sha256(b"\x01" + naive_root(hashes[:k]) + naive_root(hashes[k:])).digest()


def naive_path(m: int, hashes: list[bytes]) -> list[bytes]:
    """PATH(m, D[n]) of RFC 6962 section 2.1.1."""
    if len(hashes) == 1:
        return []
    k = 1
    while k * 2 < len(hashes):
        k *= 2
    if m < k:
        return [*naive_path(m, hashes[:k]), naive_root(hashes[k:])]
    return [*naive_path(m - k, hashes[k:]), naive_root(hashes[:k])]


def naive_subproof(m: int, hashes: list[bytes], known: bool) -> list[bytes]:
    """SUBPROOF(m, D[n], b) of RFC 6962 section 2.1.2."""
    if m == len(hashes):
        return [] if known else [naive_root(hashes)]
    k = 1
    while k * 2 < len(hashes):
        k *= 2
    if m <= k:
        return [*naive_subproof(m, hashes[:k], known), naive_root(hashes[k:])]
    return [*naive_subproof(m - k, hashes[k:], False), naive_root(hashes[:k])]


def hashes_of(leaves: list[bytes]) -> list[bytes]:
    return [sha256(b"\x00" + leaf).digest() for leaf in leaves]


@pytest.mark.parametrize("size", range(9))
def test_roots_are_the_published_ones(size: int) -> None:
    hashes = [merkle.leaf_hash(leaf) for leaf in REFERENCE_LEAVES[:size]]
    assert merkle.tree_root(hashes).hex() == REFERENCE_ROOTS[size]


@pytest.mark.parametrize(("index", "size"), INCLUSION)
def test_inclusion_proofs_are_the_published_ones(index: int, size: int) -> None:
    proof = merkle.inclusion_proof(hashes_of(REFERENCE_LEAVES[:size]), index)
    assert [step.hex() for step in proof] == INCLUSION[index, size]


@pytest.mark.parametrize(("old_size", "size"), CONSISTENCY)
def test_consistency_proofs_are_the_published_ones(old_size: int, size: int) -> None:
    proof = merkle.consistency_proof(hashes_of(REFERENCE_LEAVES[:size]), old_size)
    assert [step.hex() for step in proof] == CONSISTENCY[old_size, size]


def test_every_small_tree_agrees_with_the_definition() -> None:
    """All pairs up to 40 leaves: the odd shapes are where tree code goes wrong."""
    hashes = hashes_of([str(number).encode() for number in range(40)])
    for size in range(1, 41):
        now = hashes[:size]
        root = naive_root(now)
        assert merkle.tree_root(now) == root
        for index in range(size):
            proof = merkle.inclusion_proof(now, index)
            assert proof == naive_path(index, now)
            assert merkle.inclusion_holds(now[index], index, size, proof, root)
        for old in range(1, size + 1):
            proof = merkle.consistency_proof(now, old)
            assert proof == naive_subproof(old, now, True)
            assert merkle.consistency_holds(old, naive_root(now[:old]), size, root, proof)


leaf_lists = st.lists(st.binary(max_size=20), max_size=130)


@settings(deadline=None, max_examples=60)
@given(leaf_lists)
def test_appending_one_by_one_gives_the_root_of_the_definition(leaves: list[bytes]) -> None:
    frontier = merkle.Frontier()
    for leaf in leaves:
        # Packed and read back at each step, as a log does between two appends.
        frontier = merkle.Frontier.from_bytes(frontier.size, frontier.to_bytes())
        frontier.append(merkle.leaf_hash(leaf))
    assert frontier.root() == naive_root(hashes_of(leaves))
    assert len(frontier.peaks) <= max(1, len(leaves).bit_length())


@settings(deadline=None, max_examples=60)
@given(leaf_lists.filter(bool), st.data())
def test_proofs_of_any_tree_hold_and_any_change_breaks_them(leaves: list[bytes], data: st.DataObject) -> None:
    hashes, size = hashes_of(leaves), len(leaves)
    root = naive_root(hashes)
    index = data.draw(st.integers(0, size - 1), label="index")
    old_size = data.draw(st.integers(1, size), label="old size")
    old_root = naive_root(hashes[:old_size])
    inclusion = merkle.inclusion_proof(hashes, index)
    consistency = merkle.consistency_proof(hashes, old_size)
    assert merkle.inclusion_holds(hashes[index], index, size, inclusion, root)
    assert merkle.consistency_holds(old_size, old_root, size, root, consistency)

    other = sha256(b"something else").digest()
    assert not merkle.inclusion_holds(other, index, size, inclusion, root)
    assert not merkle.inclusion_holds(hashes[index], index, size, [*inclusion, other], root)
    assert not merkle.consistency_holds(old_size, other, size, root, consistency)
    assert not merkle.consistency_holds(old_size, old_root, size, other, consistency)
    assert not merkle.consistency_holds(old_size, old_root, size, root, [*consistency, other])
    for at in range(len(inclusion)):
        broken = [*inclusion[:at], other, *inclusion[at + 1 :]]
        assert not merkle.inclusion_holds(hashes[index], index, size, broken, root)
        assert not merkle.inclusion_holds(hashes[index], index, size, inclusion[:at], root)
    for at in range(len(consistency)):
        broken = [*consistency[:at], other, *consistency[at + 1 :]]
        assert not merkle.consistency_holds(old_size, old_root, size, root, broken)
        assert not merkle.consistency_holds(old_size, old_root, size, root, consistency[:at])


def test_a_log_that_rewrote_its_past_has_no_consistency_proof() -> None:
    kept = hashes_of([b"a", b"b", b"c"])
    rewritten = hashes_of([b"a", b"x", b"c", b"d", b"e"])
    proof = merkle.consistency_proof(rewritten, 3)
    assert not merkle.consistency_holds(3, merkle.tree_root(kept), 5, merkle.tree_root(rewritten), proof)


def test_an_empty_tree_is_extended_by_any_tree_but_by_nothing_smaller() -> None:
    root = merkle.tree_root(hashes_of([b"a"]))
    assert merkle.consistency_proof(hashes_of([b"a"]), 0) == []
    assert merkle.consistency_holds(0, merkle.EMPTY_ROOT, 1, root, [])
    assert merkle.consistency_holds(0, merkle.EMPTY_ROOT, 0, merkle.EMPTY_ROOT, [])
    assert not merkle.consistency_holds(0, root, 1, root, [])
    assert not merkle.consistency_holds(0, merkle.EMPTY_ROOT, 0, root, [])
    assert not merkle.consistency_holds(0, merkle.EMPTY_ROOT, 1, root, [root])
    assert not merkle.consistency_holds(1, root, 0, merkle.EMPTY_ROOT, [])


@pytest.mark.parametrize(
    ("size", "peaks"), [(1, []), (2, [b"0" * 32] * 2), (3, [b"0" * 32]), (1, [b"short"]), (-1, [])]
)
def test_a_state_that_cannot_be_is_refused(size: int, peaks: list[bytes]) -> None:
    with pytest.raises(ValueError, match="peaks"):
        merkle.Frontier(size, peaks)


def test_a_proof_of_what_is_not_there_is_refused() -> None:
    with pytest.raises(ValueError, match="no leaf"):
        merkle.inclusion_proof(hashes_of([b"a"]), 1)
    with pytest.raises(ValueError, match="older"):
        merkle.consistency_proof(hashes_of([b"a"]), 2)
    assert not merkle.inclusion_holds(merkle.leaf_hash(b"a"), 1, 1, [], merkle.leaf_hash(b"a"))


def test_a_leaf_cannot_pose_as_a_node() -> None:
    left, right = hashes_of([b"a", b"b"])
    assert merkle.leaf_hash(left + right) != merkle.tree_root([left, right])
