"""Turns a delivered text file into UTF-8 in a way that can be undone: quarantine keeps exact bytes.

What the declared encoding can't decode becomes a lone surrogate, which is not valid UTF-8: the framing
finds it there, and `original` turns it back into the bytes that were sent. An encoding is never guessed:
where the file contradicts the declared one, it is refused.
"""

from __future__ import annotations

import codecs
from typing import Protocol

from almoner.kernel.errors import DeliveryRefused

ENCODINGS = ("utf-8", "utf-8-sig", "utf-16", "cp1252", "iso-8859-1")
_UTF16_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_OTHER_FORMATS = {
    b"PK\x03\x04": "a zip archive or Excel workbook",
    b"\xd0\xcf\x11\xe0": "an old Office document",
    b"%PDF": "a PDF document",
    b"\x1f\x8b": "a gzip archive",
    b"PAR1": "a Parquet file",
}
_TELLTALE_CHARACTERS = 3
_TODO = "Correct the encoding in the registry, or ask the supplier for the declared one."


class Charset(Protocol):
    """One pass over one file: `to_utf8` on each chunk in turn, `original` on any slice of what it gave."""

    mark: int  # length of the byte-order mark, which is not part of the text

    def to_utf8(self, chunk: bytes, final: bool) -> bytes:
        """Give the chunk as UTF-8, with lone surrogates where it can't be decoded."""
        ...

    def original(self, text: bytes, at_end: bool) -> bytes:
        """Give the bytes of the file behind a slice of its text; `at_end`: both end together."""
        ...


class _Utf8:
    def __init__(self, mark: int) -> None:
        self.mark = mark

    def to_utf8(self, chunk: bytes, final: bool) -> bytes:
        return chunk

    def original(self, text: bytes, at_end: bool) -> bytes:
        return text


class _SingleByte:
    def __init__(self, codec: str) -> None:
        self.mark = 0
        self._codec = codec

    def to_utf8(self, chunk: bytes, final: bool) -> bytes:
        if chunk.isascii():
            return chunk
        return chunk.decode(self._codec, "surrogateescape").encode("utf-8", "surrogatepass")

    def original(self, text: bytes, at_end: bool) -> bytes:
        return text.decode("utf-8", "surrogatepass").encode(self._codec, "surrogateescape")


class _Utf16:
    """Chunks may be cut inside a code unit or a surrogate pair: the rest waits for the next chunk."""

    def __init__(self, little_endian: bool, mark: int) -> None:
        self.mark = mark
        self._codec = "utf-16-le" if little_endian else "utf-16-be"
        self._decode = codecs.utf_16_le_decode if little_endian else codecs.utf_16_be_decode
        self._rest = b""
        self._half_unit = b""

    def to_utf8(self, chunk: bytes, final: bool) -> bytes:
        chunk = self._rest + chunk
        if final and len(chunk) % 2:
            self._half_unit, chunk = chunk[-1:], chunk[:-1]
        text, used = self._decode(chunk, "surrogatepass", final)
        self._rest = chunk[used:]
        if self._half_unit:  # half a character at the end of a truncated file
            text += chr(0xDC00 + self._half_unit[0])
        return text.encode("utf-8", "surrogatepass")

    def original(self, text: bytes, at_end: bool) -> bytes:
        characters = text.decode("utf-8", "surrogatepass")
        if at_end and self._half_unit:
            return characters[:-1].encode(self._codec, "surrogatepass") + self._half_unit
        return characters.encode(self._codec, "surrogatepass")


def charset_of(head: bytes, encoding: str, where: str) -> Charset:
    """Choose how to read a file that begins with `head`.

    Raises: DeliveryRefused where it contradicts the declared `encoding`.
    """
    _refuse_other_formats(head, where)
    if encoding == "utf-16":
        return _utf16_of(head, where)
    if head.startswith(_UTF16_MARKS):
        raise _refused(f"the file begins with a UTF-16 byte-order mark, but {encoding} is declared", where)
    if b"\0" in head[:4] and not head.startswith(b"\0\0"):
        raise _refused(f"the file looks like UTF-16 without a byte-order mark, but {encoding} is declared", where)
    if encoding in ("utf-8", "utf-8-sig"):
        return _Utf8(len(codecs.BOM_UTF8) if head.startswith(codecs.BOM_UTF8) else 0)
    if head.startswith(codecs.BOM_UTF8):
        raise _refused(f"the file begins with a UTF-8 byte-order mark, but {encoding} is declared", where)
    if _reads_as_utf8(head):
        raise _refused(f"the file reads as UTF-8, but {encoding} is declared", where)
    return _SingleByte(encoding)


def _refuse_other_formats(head: bytes, where: str) -> None:
    for magic, name in _OTHER_FORMATS.items():
        if head.startswith(magic):
            raise DeliveryRefused(f"the file is {name}, not text", where=where, todo="Declare its real format.")


def _utf16_of(head: bytes, where: str) -> Charset:
    if head.startswith(_UTF16_MARKS):
        return _Utf16(head.startswith(codecs.BOM_UTF16_LE), mark=2)
    if head.startswith(codecs.BOM_UTF8) or b"\0" not in head[:4]:
        raise _refused("utf-16 is declared, but the file is not UTF-16", where)
    return _Utf16(little_endian=head[0] != 0, mark=0)


def _reads_as_utf8(head: bytes) -> bool:
    """Say whether text declared as one byte per character is UTF-8: its accents all form valid sequences."""
    if head.isascii():
        return False
    try:
        text, _ = codecs.utf_8_decode(head, "strict", False)
    except UnicodeDecodeError:
        return False
    return sum(1 for character in text if ord(character) > 0x7F) >= _TELLTALE_CHARACTERS


def _refused(message: str, where: str) -> DeliveryRefused:
    return DeliveryRefused(message, where=where, why="read wrongly, names would be garbled", todo=_TODO)
