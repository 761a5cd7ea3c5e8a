"""Delimited text: what comes out for each way in which a file can be written or be wrong."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest

from almoner.intake.readers import BadRecord, CsvOptions, CsvReader, RawBatch, Wanted, open_csv
from almoner.kernel.errors import DeliveryRefused, RegistryError

SECRET = "ZEBEDEE"


def write(tmp_path: Path, content: bytes) -> Path:
    path = tmp_path / "delivery.csv"
    path.write_bytes(content)
    return path


def wanted(names: str) -> dict[str, Wanted]:
    return {name.rstrip("?"): Wanted(required=not name.endswith("?")) for name in names.split()}


def everything(reader: CsvReader) -> tuple[list[list[str | None]], list[BadRecord]]:
    """Read to the end. Out: the rows with their position in front, and the bad records."""
    rows: list[list[str | None]] = []
    bad: list[BadRecord] = []
    for item in reader.read():
        if isinstance(item, BadRecord):
            bad.append(item)
        else:
            assert item.table.schema.types == [pa.string()] * item.table.num_columns
            assert item.positions.type == pa.int64()
            columns = [item.positions.to_pylist(), *item.table.to_pydict().values()]
            rows += [list(row) for row in zip(*columns, strict=True)]
    assert reader.rows_in == len(rows) + len(bad)
    assert sorted([row[0] for row in rows] + [b.position for b in bad]) == list(range(1, reader.rows_in + 1))
    return rows, bad


def read(
    path: Path, names: str = "a b", options: CsvOptions | None = None
) -> tuple[list[list[str | None]], list[BadRecord]]:
    return everything(open_csv(path, wanted(names), options))


@pytest.mark.parametrize("line_end", [b"\n", b"\r\n", b"\r"])
def test_rows_come_with_their_positions(tmp_path: Path, line_end: bytes) -> None:
    path = write(tmp_path, line_end.join([b"a,b", b"1,x", b"", b'"2","y,z"', b"3,", line_end]))
    assert read(path) == ([[1, "1", "x"], [2, "2", "y,z"], [3, "3", None]], [])


def test_values_are_changed_in_nothing_but_their_quotes(tmp_path: Path) -> None:
    path = write(tmp_path, 'a,b\n  1 ,"he said ""no"""\n=1+1,5" pipe\n"",NULL\n"two\r\nlines",é\n'.encode())
    rows, bad = read(path)
    assert rows == [
        [1, "  1 ", 'he said "no"'],
        [2, "=1+1", '5" pipe'],
        [3, None, "NULL"],
        [4, "two\r\nlines", "é"],
    ]
    assert bad == []


@pytest.mark.parametrize(
    ("encoding", "mark"),
    [
        ("utf-8", b""),
        ("utf-8", b"\xef\xbb\xbf"),
        ("utf-8-sig", b"\xef\xbb\xbf"),
        ("cp1252", b""),
        ("iso-8859-1", b""),
    ],
)
@pytest.mark.parametrize("block", [3, 1 << 20])
def test_encodings_give_the_same_text_and_the_original_bytes(
    tmp_path: Path, encoding: str, mark: bytes, block: int
) -> None:
    codec = encoding.removesuffix("-sig")
    path = write(tmp_path, mark + "a,b\nJosé,1\nBeyoncé,2\n".encode(codec))
    reader = open_csv(path, wanted("a b"), CsvOptions(encoding=encoding, block_bytes=block))
    assert everything(reader)[0] == [[1, "José", "1"], [2, "Beyoncé", "2"]]
    raws = [item.raw(row) for item in reader.read() if isinstance(item, RawBatch) for row in range(len(item))]
    assert raws == ["José,1".encode(codec), "Beyoncé,2".encode(codec)]


@pytest.mark.parametrize("codec", ["utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("block", [1, 2, 5, 1 << 20])
@pytest.mark.parametrize("marked", [True, False])
def test_utf16_is_cut_at_whole_characters(tmp_path: Path, codec: str, block: int, marked: bool) -> None:
    mark = "\ufeff" if marked else ""
    path = write(tmp_path, (mark + 'a,b\r\n€😀,"x\ny"\r\nĀ,2\r\n').encode(codec))
    reader = open_csv(path, wanted("a b"), CsvOptions(encoding="utf-16", block_bytes=block))
    assert everything(reader)[0] == [[1, "€😀", "x\ny"], [2, "Ā", "2"]]
    raws = [item.raw(row) for item in reader.read() if isinstance(item, RawBatch) for row in range(len(item))]
    assert raws == ['€😀,"x\ny"'.encode(codec), "Ā,2".encode(codec)]


@pytest.mark.parametrize("tail", [b"\x41", b"\x00", b"\xff"])
def test_utf16_that_ends_in_half_a_character_costs_one_record(tmp_path: Path, tail: bytes) -> None:
    body = "\ufeffa,b\n1,x\n2,".encode("utf-16-le")
    rows, bad = read(write(tmp_path, body + tail), options=CsvOptions(encoding="utf-16"))
    assert rows == [[1, "1", "x"]]
    assert [(b.position, b.code, b.raw) for b in bad] == [(2, "undecodable", "2,".encode("utf-16-le") + tail)]


UNDECODABLE = [
    ("utf-8", b"Zo\xeb"),
    ("utf-8", b"\xed\xa0\x80"),
    ("cp1252", b"\x81"),
    ("cp1252", b"J\x8d"),
    ("cp1252", b"\x8f"),
    ("cp1252", b"\x90x"),
    ("cp1252", b"\x9d"),
]


@pytest.mark.parametrize(("encoding", "value"), UNDECODABLE)
def test_undecodable_bytes_cost_their_record_alone(tmp_path: Path, encoding: str, value: bytes) -> None:
    path = write(tmp_path, b"a,b\n1,x\n2," + value + b"\n3,z\n")
    rows, bad = read(path, options=CsvOptions(encoding=encoding))
    assert rows == [[1, "1", "x"], [3, "3", "z"]]
    assert [(b.position, b.column, b.code, b.raw) for b in bad] == [(2, "b", "undecodable", b"2," + value)]


def test_lone_surrogates_in_utf16_are_undecodable_and_kept(tmp_path: Path) -> None:
    raw = "2,".encode("utf-16-le") + b"\x00\xd8"
    path = write(tmp_path, "\ufeffa,b\n1,x\n".encode("utf-16-le") + raw + "\n3,z".encode("utf-16-le"))
    rows, bad = read(path, options=CsvOptions(encoding="utf-16"))
    assert rows == [[1, "1", "x"], [3, "3", "z"]]
    assert [(b.code, b.raw) for b in bad] == [("undecodable", raw)]


def test_nul_bytes_cost_their_record(tmp_path: Path) -> None:
    rows, bad = read(write(tmp_path, b"a,b\n1,x\n\x002,y\n3,z\n"))
    assert rows == [[1, "1", "x"], [3, "3", "z"]]
    assert [(b.position, b.column, b.code, b.raw) for b in bad] == [(2, "a", "nul_byte", b"\x002,y")]


@pytest.mark.parametrize(
    ("record", "message"),
    [
        (b"2", "2 fields expected, 1 found"),
        (b"2,y,", "2 fields expected, 3 found"),
        (b'"2,y"', "2 fields expected, 1 found"),
        (b'"2","y,",z', "2 fields expected, 3 found"),
        (b'2,"y\n\n",z', "2 fields expected, 3 found"),
        (b'2",y,z"', "2 fields expected, 3 found"),
    ],
)
def test_a_wrong_number_of_fields_costs_its_record(tmp_path: Path, record: bytes, message: str) -> None:
    rows, bad = read(write(tmp_path, b"a,b\n1,x\n" + record + b'\n3,"z\nz"\n'))
    assert rows == [[1, "1", "x"], [3, "3", "z\nz"]]
    assert [(b.position, b.code, b.message, b.raw) for b in bad] == [(2, "field_count", message, record)]


def test_an_unterminated_quote_costs_its_line_and_reading_goes_on(tmp_path: Path) -> None:
    rows, bad = read(write(tmp_path, b'a,b\n1,"x\n2,y\n3,"z"\n4,"end'))
    assert rows == [[2, "2", "y"], [3, "3", "z"]]
    assert [(b.position, b.code, b.raw) for b in bad] == [
        (1, "unterminated_quote", b'1,"x'),
        (4, "unterminated_quote", b'4,"end'),
    ]


def test_a_truncated_last_record_is_bad(tmp_path: Path) -> None:
    rows, bad = read(write(tmp_path, b"a,b\n1,x\n2"))
    assert (rows, [(b.position, b.code) for b in bad]) == ([[1, "1", "x"]], [(2, "field_count")])


def test_bad_records_among_many_leave_all_others(tmp_path: Path) -> None:
    lines = [f'{n},"v{n}"' if n % 10 else f"{n}" for n in range(1, 5001)]
    path = write(tmp_path, ("a,b\n" + "\n".join(lines)).encode())
    rows, bad = read(path, options=CsvOptions(block_bytes=1000))
    assert [row[0] for row in rows] == [n for n in range(1, 5001) if n % 10]
    assert all(row[1:] == [str(row[0]), f"v{row[0]}"] for row in rows)
    assert [b.raw for b in bad] == [str(n).encode() for n in range(10, 5001, 10)]


def test_a_header_without_rows_is_a_delivery_of_none(tmp_path: Path) -> None:
    assert read(write(tmp_path, b"a,b")) == ([], [])
    assert read(write(tmp_path, b"a,b\r\n\r\n")) == ([], [])


def test_columns_come_as_wanted_whatever_the_file_s_order_and_case(tmp_path: Path) -> None:
    path = write(tmp_path, b' B ,skip,"A"\n1,2,3\n')
    batch = next(iter(open_csv(path, wanted("a b c?"), CsvOptions(ignore=("Skip",))).read()))
    assert isinstance(batch, RawBatch)
    assert batch.table.to_pydict() == {"a": ["3"], "b": ["1"], "c": [None]}


def test_only_optional_columns_that_are_absent_still_count_rows(tmp_path: Path) -> None:
    path = write(tmp_path, b"x,y\n1,2\n3,4\n")
    assert read(path, "c?", CsvOptions(ignore=("x", "y"))) == ([[1, None], [2, None]], [])


def test_title_lines_stand_above_the_header(tmp_path: Path) -> None:
    path = write(tmp_path, b'Our "monthly, list\r\n\r\na,b\r\n1,2\r\n')
    assert read(path, options=CsvOptions(header_row=3)) == ([[1, "1", "2"]], [])


FOOTERS = [b"Total rows: 2\n", b"Total rows: 2", b'"Total rows: 2",\n\n\n']


@pytest.mark.parametrize("footer", FOOTERS)
@pytest.mark.parametrize("block", [1, 4, 11, 1 << 20])
def test_a_footer_is_no_record(tmp_path: Path, footer: bytes, block: int) -> None:
    path = write(tmp_path, b"a,b\n1,x\n2,y\n" + footer)
    options = CsvOptions(footer=r"^Total rows: (?P<rows>\d+)", block_bytes=block)
    assert read(path, options=options) == ([[1, "1", "x"], [2, "2", "y"]], [])


def test_a_footer_that_states_another_count_refuses_the_file(tmp_path: Path) -> None:
    path = write(tmp_path, b"a,b\n1,x\n2,y\nTRAILER|3\n")
    with pytest.raises(DeliveryRefused, match="states 3 records, but it has 2"):
        read(path, options=CsvOptions(footer=r"^TRAILER\|(?P<rows>\d+)"))


def test_without_a_declared_footer_a_trailer_is_a_bad_record(tmp_path: Path) -> None:
    rows, bad = read(write(tmp_path, b"a,b\n1,x\nTotal rows: 1\n"))
    assert (len(rows), [b.code for b in bad]) == (1, ["field_count"])


def test_reading_twice_gives_the_same(tmp_path: Path) -> None:
    reader = open_csv(write(tmp_path, b"a,b\n1,x\n2\n"), wanted("a b"))
    assert [b.position for b in everything(reader)[1]] == [b.position for b in everything(reader)[1]] == [2]


REFUSED = [
    ("0 bytes", b"", "empty", {}),
    ("only a mark", b"\xef\xbb\xbf", "line 1, where the header is declared, is empty", {}),
    ("header too far down", b"a,b\n", "ends before its header", {"header_row": 3}),
    ("semicolons", b"a;b\n1;2\n", "separated by semicolon, not by comma", {}),
    ("tabs", b'"a"\tb\n1\t2\n', "separated by tab, not by vertical bar", {"delimiter": "|"}),
    ("utf-16 marked", "\ufeffa,b\n".encode("utf-16-le"), "UTF-16 byte-order mark, but utf-8 is declared", {}),
    ("utf-16 unmarked", "a,b\n".encode("utf-16-be"), "looks like UTF-16 without", {"encoding": "cp1252"}),
    ("utf-8 marked", b"\xef\xbb\xbfa,b\n", "UTF-8 byte-order mark, but cp1252", {"encoding": "cp1252"}),
    ("utf-8 as cp1252", "a,b\né,ü\nö,x".encode(), "reads as UTF-8, but cp1252", {"encoding": "cp1252"}),
    ("not utf-16", b"a,b\n1,2\n", "not UTF-16", {"encoding": "utf-16"}),
    ("cp1252 header", "a,é\n".encode("cp1252"), "header is not utf-8", {}),
    ("workbook", b"PK\x03\x04 and so on", "a zip archive or Excel workbook, not text", {}),
    ("open header quote", b'a,"b\n1,2\n', "a quote that is not closed", {}),
]


@pytest.mark.parametrize(("content", "message", "options"), [r[1:] for r in REFUSED], ids=[r[0] for r in REFUSED])
def test_a_file_that_is_not_as_declared_is_refused(
    tmp_path: Path, content: bytes, message: str, options: dict[str, object]
) -> None:
    with pytest.raises(DeliveryRefused, match=message) as refusal:
        open_csv(write(tmp_path, content), wanted("a b"), CsvOptions(**options))
    assert "delivery.csv" in refusal.value.where


@pytest.mark.parametrize(
    "options",
    [
        {"delimiter": ""},
        {"delimiter": "||"},
        {"delimiter": '"'},
        {"encoding": "utf-7"},
        {"quote": "¬"},
        {"footer": "("},
    ],
)
def test_options_that_make_no_sense_are_the_registry_s_fault(tmp_path: Path, options: dict[str, str]) -> None:
    with pytest.raises(RegistryError):
        open_csv(write(tmp_path, b"a,b\n"), wanted("a b"), CsvOptions(**options))


def test_no_value_is_in_a_message_or_a_repr(tmp_path: Path) -> None:
    secret = SECRET.encode()
    body = b"\n".join(
        [secret, secret + b",\xff", secret + b",\x00", secret + b',"', secret + b',"x"y', b"x" * (2 << 20)]
    )
    _, bad = read(write(tmp_path, b"a,b\n" + body))
    assert {b.code for b in bad} == {
        "field_count",
        "undecodable",
        "nul_byte",
        "unterminated_quote",
        "malformed_quote",
        "oversized_record",
    }
    assert all(b.message and SECRET not in repr(b) for b in bad)
    with pytest.raises(DeliveryRefused) as refusal:
        open_csv(write(tmp_path, secret + b",x\n1,2\n"), wanted("a b"))
    assert SECRET not in "\n".join(refusal.value.lines())


def test_raw_is_asked_for_by_row_and_refuses_others(tmp_path: Path) -> None:
    batch = next(iter(open_csv(write(tmp_path, b"a,b\n1,x\n"), wanted("a b")).read()))
    assert isinstance(batch, RawBatch)
    assert batch.raw(0) == b"1,x"
    with pytest.raises(IndexError):
        batch.raw(1)


@pytest.mark.parametrize("shift", [b"", b"x"])
def test_the_kept_beginning_of_an_oversized_record_never_ends_in_half_a_character(tmp_path: Path, shift: bytes) -> None:
    path = write(tmp_path, b"a,b\n" + shift + b"\xe9" * (2 << 20) + b"\n1,x\n")
    rows, bad = read(path, options=CsvOptions(encoding="cp1252"))
    assert rows == [[2, "1", "x"]]
    assert set(bad[0].raw.removeprefix(shift)) == {0xE9}
