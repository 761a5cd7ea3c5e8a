"""What was disposed of is known again by keyed references, and nothing else is taken for it."""

from __future__ import annotations

import pyarrow as pa
import pytest

from almoner.store.barred import WHOLE, Barred, Referrer

MINE, OTHERS = Referrer(bytes(range(32))), Referrer(bytes(32))
TEXTS = ["T900", "", "T901", "Ω/ü", "x" * 2000, "T9001", "9T00"]


def test_a_text_has_one_bucket_however_it_is_laid_out() -> None:
    plain = MINE.buckets(pa.array(TEXTS))
    assert MINE.buckets(pa.array(TEXTS).dictionary_encode()).tolist() == plain.tolist()
    assert MINE.buckets(pa.chunked_array([TEXTS[:2], TEXTS[2:]])).tolist() == plain.tolist()
    assert MINE.buckets(pa.array(["other", *TEXTS]).slice(1)).tolist() == plain.tolist()
    assert MINE.buckets(pa.array([None, "T900"], pa.string())).tolist() == [plain[1], plain[0]]
    assert len(set(plain.tolist())) == len(TEXTS)
    assert MINE.buckets(pa.array([], pa.string())).tolist() == []


def test_another_key_gives_other_references_and_buckets() -> None:
    assert not set(MINE.buckets(pa.array(TEXTS[2:])).tolist()) & set(OTHERS.buckets(pa.array(TEXTS[2:])).tolist())
    assert MINE.reference("a.b", "T900") != OTHERS.reference("a.b", "T900")
    assert MINE.reference("a.b", "T900") != MINE.reference("a.c", "T900")


def test_what_was_disposed_of_is_found_and_nothing_else() -> None:
    barred = Barred(MINE, "a.b", MINE.refer("a.b", [WHOLE, "tenant", "joint"], ["T900", "T901", "T901"]))
    found = barred.found_in(pa.array(["T9", "T901", "T900", None, "T9001"]))
    assert found == {1: frozenset({"tenant", "joint"}), 2: frozenset({WHOLE})}
    assert Barred(MINE, "a.c", MINE.refer("a.b", [WHOLE], ["T900"])).found_in(pa.array(["T900"])) == {}


def test_no_reference_holds_a_value() -> None:
    (made,) = MINE.refer("a.b", [WHOLE], ["Xanthippe"])
    assert "anthippe" not in repr(made)
    with pytest.raises(ValueError, match="zip"):
        MINE.refer("a.b", [WHOLE], ["one", "two"])
