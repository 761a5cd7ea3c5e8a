"""A book opens nothing but what was written under a name, whole, in its own place, and under its own key."""

from __future__ import annotations

from pathlib import Path

import pytest

from almoner.kernel.errors import LakeError
from almoner.store.sealed_book import BookWriter, SealedBook

KEY = bytes(range(32))
DOCUMENTS = {f"P{number:012d}": f"Quillfeather number {number} ".encode() * (number % 7 + 1) for number in range(500)}


def written(path: Path, *, encrypt: bool = True) -> Path:
    """Write a book."""
    writer = BookWriter(path, KEY, encrypt=encrypt)
    for name, document in DOCUMENTS.items():
        writer.add(name, document)
    assert writer.close({"of": "tests"}) == path.stat().st_size
    return path


@pytest.fixture
def book(tmp_path: Path) -> Path:
    """Give a book's file."""
    return written(tmp_path / "serving" / "view.book")


@pytest.mark.parametrize("encrypt", [True, False])
def test_each_document_comes_back_under_its_name_and_no_other(tmp_path: Path, encrypt: bool) -> None:
    opened = SealedBook(written(tmp_path / "a" / "view.book", encrypt=encrypt), KEY, encrypt=encrypt)
    assert {name: opened.get(name) for name in DOCUMENTS} == DOCUMENTS
    assert opened.get("P999999999999") is None and opened.get("") is None
    assert (opened.told["of"], opened.told["documents"]) == ("tests", len(DOCUMENTS))


def test_an_empty_book_has_nothing(tmp_path: Path) -> None:
    writer = BookWriter(tmp_path / "a" / "view.book", KEY, encrypt=True)
    writer.close({})
    assert SealedBook(writer.path, KEY, encrypt=True).get("P000000000001") is None


def test_nothing_stands_in_clear_and_only_the_owner_reads_it(book: Path) -> None:
    content = book.read_bytes()
    assert b"Quillfeather" not in content and b"P000000000001" not in content and b"tests" not in content
    assert book.stat().st_mode & 0o077 == 0 and book.parent.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("share", [0.0, 0.2, 0.5, 0.9, 0.97, 0.9999])
def test_a_byte_that_was_altered_is_found(book: Path, share: float) -> None:
    content = bytearray(book.read_bytes())
    content[int(share * (len(content) - 1))] ^= 1
    book.write_bytes(bytes(content))
    with pytest.raises(LakeError, match="can't be read"):
        opened = SealedBook(book, KEY, encrypt=True)
        for name in DOCUMENTS:
            opened.get(name)


@pytest.mark.parametrize("left", [0, 5, 24, 2000])
def test_a_book_cut_short_does_not_open(book: Path, left: int) -> None:
    book.write_bytes(book.read_bytes()[:left])
    with pytest.raises(LakeError):
        SealedBook(book, KEY, encrypt=True)


def test_a_book_cut_short_while_it_is_open_is_an_error(book: Path) -> None:
    opened = SealedBook(book, KEY, encrypt=True)
    book.write_bytes(b"")
    with pytest.raises(LakeError):
        opened.get("P000000000400")


def test_neither_another_key_nor_another_place_opens_it(book: Path) -> None:
    with pytest.raises(LakeError):
        SealedBook(book, bytes(32), encrypt=True)
    with pytest.raises(LakeError):
        SealedBook(book.rename(book.with_name("other.book")), KEY, encrypt=True)


def test_whoever_has_it_open_reads_on_after_it_was_removed(book: Path) -> None:
    opened = SealedBook(book, KEY, encrypt=True)
    book.unlink()
    assert opened.get("P000000000001") == DOCUMENTS["P000000000001"]


def test_what_is_given_up_leaves_no_file(tmp_path: Path) -> None:
    writer = BookWriter(tmp_path / "a" / "view.book", KEY, encrypt=True)
    writer.add("P000000000001", b"x" * 3_000_000)
    writer.abandon()
    assert not writer.path.exists()
