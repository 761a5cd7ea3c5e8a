"""Archives that could do harm, or are not whole, are refused before anything opens them."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest
import xlsxwriter

from almoner.intake.readers import XlsxOptions, archive, open_xlsx, safe_archive_check
from almoner.kernel.errors import DeliveryRefused


def workbook(path: Path) -> Path:
    book = xlsxwriter.Workbook(path)
    book.add_worksheet("People").write_row(0, 0, ["a", "b"])
    book.close()
    return path


def zipped(path: Path, entries: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in entries.items():
            file.writestr(name, content)
    return path


def refusal(path: Path) -> str:
    with pytest.raises(DeliveryRefused) as caught:
        safe_archive_check(path)
    assert path.name in caught.value.where
    return caught.value.message


def test_a_plain_workbook_passes(tmp_path: Path) -> None:
    safe_archive_check(workbook(tmp_path / "plain.xlsx"))


@pytest.mark.parametrize("name", ["xl/vbaProject.bin", "xl/VBAPROJECT.BIN", "xl/macrosheets/sheet1.xml"])
def test_macros_are_refused(tmp_path: Path, name: str) -> None:
    path = workbook(tmp_path / "macro.xlsx")
    with zipfile.ZipFile(path, "a") as file:
        file.writestr(name, b"\x00")
    assert refusal(path) == "the workbook holds macros"
    with pytest.raises(DeliveryRefused, match="macros"):
        open_xlsx(path, {}, XlsxOptions("People"))


def test_an_entry_compressed_out_of_proportion_is_refused(tmp_path: Path) -> None:
    assert "zip bomb" in refusal(zipped(tmp_path / "bomb.xlsx", {"xl/sheet.xml": bytes(10 << 20)}))


def test_a_ratio_just_below_the_limit_passes(tmp_path: Path) -> None:
    rows = b"".join(b"<c r='A%d' s='1'/>" % n for n in range(100_000))
    safe_archive_check(zipped(tmp_path / "dull.xlsx", {"xl/sheet.xml": rows}))


def test_many_entries_that_are_too_much_together_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = zipped(tmp_path / "many.xlsx", {f"{n}": bytes(range(256)) for n in range(20)})
    safe_archive_check(path)
    monkeypatch.setattr(archive, "MOST_BYTES_INSIDE", 20 * 256 - 1)
    assert "zip bomb" in refusal(path)


def test_an_entry_that_lies_about_its_size_is_refused(tmp_path: Path) -> None:
    path = zipped(tmp_path / "liar.xlsx", {"xl/sheet.xml": bytes(range(256)) * 4000})
    size = (256 * 4000).to_bytes(4, "little")
    path.write_bytes(path.read_bytes().replace(size, (1000).to_bytes(4, "little")))
    assert refusal(path) == "the archive is truncated or damaged"


@pytest.mark.parametrize("part", [0.2, 0.9, 0.99])
def test_a_truncated_workbook_is_refused(tmp_path: Path, part: float) -> None:
    path = workbook(tmp_path / "cut.xlsx")
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * part)])
    assert refusal(path) == "the archive is truncated or damaged"


def test_a_damaged_entry_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "spoilt.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as file:
        file.writestr("xl/sheet.xml", b"<sheet>content</sheet>")
    path.write_bytes(path.read_bytes().replace(b"content", b"c0ntent", 1))
    assert refusal(path) == "the archive is truncated or damaged"


def test_an_encrypted_entry_is_refused(tmp_path: Path) -> None:
    path = zipped(tmp_path / "locked.xlsx", {"xl/sheet.xml": b"<sheet/>"})
    content = bytearray(path.read_bytes())
    content[content.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(content)
    assert refusal(path) == "the archive is encrypted"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "the file is empty (0 bytes)"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "the file is in an old Office format"),
        (
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600 + "EncryptedPackage".encode("utf-16-le"),
            "the workbook is protected by a password",
        ),
        (b"a,b\n1,2\n", "the file is not an Excel workbook (.xlsx)"),
    ],
)
def test_what_is_no_archive_is_named(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "other.xlsx"
    path.write_bytes(content)
    assert refusal(path) == message


def test_a_zip_that_is_no_workbook_is_refused_by_the_reader(tmp_path: Path) -> None:
    path = zipped(tmp_path / "photos.xlsx", {"a.txt": b"text"})
    safe_archive_check(path)
    with pytest.raises(DeliveryRefused, match="can't be read"):
        open_xlsx(path, {}, XlsxOptions("People"))


def test_the_check_writes_nothing(tmp_path: Path) -> None:
    before = io.BytesIO(workbook(tmp_path / "plain.xlsx").read_bytes()).getvalue()
    safe_archive_check(tmp_path / "plain.xlsx")
    assert [p.name for p in tmp_path.iterdir()] == ["plain.xlsx"]
    assert (tmp_path / "plain.xlsx").read_bytes() == before
