"""Guards against hostile or broken archives before anything opens them: Excel workbooks are zip archives.

Nothing here keeps or runs what is inside. A workbook with macros, a password or a size out of proportion is
refused whole; there is no way to let one through.
"""

from __future__ import annotations

import zipfile
import zlib
from pathlib import Path

from almoner.kernel.errors import DeliveryRefused

MOST_BYTES_INSIDE = 1 << 30
"""What an archive may hold when unpacked: Excel's own limit of rows and columns stays well below."""
MOST_RATIO = 200
"""How far an entry may be compressed: deflate at its most reaches 1,032."""
MOST_ENTRIES = 10_000
_PIECE = 1 << 20
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_PASSWORD_STREAM = "EncryptedPackage".encode("utf-16-le")
_RESEND = "Ask the supplier to send it again."


def safe_archive_check(path: Path) -> None:
    """Check that a zip archive (or workbook) is safe to open: every entry is unpacked once, into nothing.

    Raises: DeliveryRefused for macros, encryption, an old or truncated file, and sizes out of proportion.
    """
    where = path.name
    _refuse_other_files(path, where)
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
            _check_listing(entries, where)
            for entry in entries:
                with archive.open(entry) as content:
                    while content.read(_PIECE):
                        pass
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError) as error:
        raise DeliveryRefused(
            "the archive is truncated or damaged", where=where, why=type(error).__name__, todo=_RESEND
        ) from error


def _refuse_other_files(path: Path, where: str) -> None:
    with path.open("rb") as file:
        start = file.read(8)
        if not start:
            raise DeliveryRefused("the file is empty (0 bytes)", where=where, todo=_RESEND)
        if start == _OLE:
            locked = _contains(path, _PASSWORD_STREAM)
            raise DeliveryRefused(
                "the workbook is protected by a password" if locked else "the file is in an old Office format",
                where=where,
                todo="Ask the supplier for an .xlsx workbook without a password.",
            )
        if not start.startswith(b"PK"):
            raise DeliveryRefused("the file is not an Excel workbook (.xlsx)", where=where, todo=_RESEND)


def _contains(path: Path, needle: bytes) -> bool:
    with path.open("rb") as file:
        end_of_last = b""
        while piece := file.read(_PIECE):
            if needle in end_of_last + piece:
                return True
            end_of_last = piece[-len(needle) :]
    return False


def _check_listing(entries: list[zipfile.ZipInfo], where: str) -> None:
    """Judge an archive by what it says of itself; unpacking then proves that it says the truth."""
    if len(entries) > MOST_ENTRIES or sum(entry.file_size for entry in entries) > MOST_BYTES_INSIDE:
        raise _bomb(f"unpacked it would exceed {MOST_ENTRIES} entries or {MOST_BYTES_INSIDE} bytes", where)
    for entry in entries:
        name = entry.filename.lower()
        if name.endswith("vbaproject.bin") or "macrosheets/" in name:
            raise DeliveryRefused(
                "the workbook holds macros",
                where=where,
                why="a data file has no need of a program, and one may be hostile",
                todo="Ask the supplier for an .xlsx workbook without macros.",
            )
        if entry.flag_bits & 0x1:
            raise DeliveryRefused(
                "the archive is encrypted",
                where=where,
                todo="Ask the supplier for an archive without a password.",
            )
        if entry.file_size > MOST_RATIO * max(entry.compress_size, 1):
            raise _bomb(f"an entry is compressed more than {MOST_RATIO} times", where)


def _bomb(why: str, where: str) -> DeliveryRefused:
    return DeliveryRefused(
        "the archive is out of proportion (a zip bomb)", where=where, why=why, todo="Do not open it by hand."
    )
