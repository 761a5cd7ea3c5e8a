"""Where the records of delimited text begin and end, judged by a slow reading of one byte after another."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from almoner.intake.readers import BadRecord, CsvOptions, RawBatch, Wanted, open_csv
from almoner.intake.readers.csv_framing import Framing

DELIMITER, QUOTE = ord(","), ord('"')
LINE_ENDS = b"\r\n"


@dataclass
class SlowRecord:
    start: int
    end: int
    faulty: bool
    fields: list[bytes]


def slow_record(data: bytes, start: int, cap: int) -> SlowRecord:
    """Read one record by the letter of RFC 4180; a faulty one is its physical line."""
    line_end = next((i for i in range(start, len(data)) if data[i] in LINE_ENDS), len(data))
    position, fields = start, []
    while True:
        if position < len(data) and data[position] == QUOTE:
            value, position = b"", position + 1
            while True:
                if position >= len(data):
                    return SlowRecord(start, line_end, True, [])
                if data[position] != QUOTE:
                    value += data[position : position + 1]
                    position += 1
                elif data[position + 1 : position + 2] == b'"':
                    value += b'"'
                    position += 2
                else:
                    position += 1
                    break
        else:
            end = position
            while end < len(data) and data[end] != DELIMITER and data[end] not in LINE_ENDS:
                end += 1
            value, position = data[position:end], end
        fields.append(value)
        if position - start > cap:
            return SlowRecord(start, line_end, True, [])
        if position == len(data) or data[position] in LINE_ENDS:
            return SlowRecord(start, position, False, fields)
        if data[position] != DELIMITER:
            return SlowRecord(start, line_end, True, [])
        position += 1


def slow_records(data: bytes, cap: int) -> list[SlowRecord]:
    records, position = [], 0
    while position < len(data):
        if data[position] in LINE_ENDS:
            position += 1
            continue
        records.append(slow_record(data, position, cap))
        position = records[-1].end
    return records


def framed_in_blocks(data: bytes, cap: int, block: int) -> list[tuple[int, int, bool, int | None]]:
    """Frame a text as the reader does, block by block; give (start, end, faulty, fields) of each record."""
    framing = Framing(",", '"', cap)
    records, rest, done = [], b"", 0
    for start in range(0, max(len(data), 1), block):
        piece = rest + data[start : start + block]
        frame = framing.frame(piece, final=start + block >= len(data))
        counts = framing.count_fields(piece, frame)
        for index in range(len(frame)):
            faulty = index in frame.faults
            where = (done + int(frame.starts[index]), done + int(frame.ends[index]))
            records.append((*where, faulty, None if faulty else int(counts[index])))
        rest = piece[frame.cut :]
        done += frame.cut
    assert not rest
    return records


TEXTS = st.lists(st.sampled_from([b"a", b"b,", b",", b'"', b'""', b"\n", b"\r\n", b"\r", b" ", b"x" * 9, b"\xc3\xa9"]))


@given(TEXTS.map(b"".join), st.sampled_from([4, 11, 1000]), st.sampled_from([1, 3, 7, 10_000]))
def test_framing_is_the_slow_reading_wherever_blocks_are_cut(data: bytes, cap: int, block: int) -> None:
    slow = slow_records(data, cap)
    expected = [(r.start, r.end, r.faulty, None if r.faulty else len(r.fields)) for r in slow]
    assert framed_in_blocks(data, cap, block) == expected


ROWS = st.lists(
    st.sampled_from(
        [
            "a",
            "b",
            ",",
            ",",
            ",",
            '"',
            '""',
            '"q"',
            '"a,b"',
            '"a""b"',
            '"a\nb"',
            "\n",
            "\n",
            "\r\n",
            "é",
            "\0",
            " ",
        ]
    )
)


@given(rows=ROWS.map("".join), block=st.sampled_from([1, 5, 1 << 20]))
def test_the_reader_gives_what_the_slow_reading_gives(
    rows: str, block: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("csv") / "f.csv"
    body = rows.encode()
    path.write_bytes(b"h1,h2,h3\n" + body)
    reader = open_csv(path, {name: Wanted() for name in ("h1", "h2", "h3")}, CsvOptions(block_bytes=block))
    given_rows: dict[int, tuple[list[str | None] | None, bytes]] = {}
    for item in reader.read():
        if isinstance(item, BadRecord):
            given_rows[item.position] = (None, item.raw)
        else:
            for row, position in enumerate(item.positions.to_pylist()):
                values = [column[row].as_py() for column in item.table.columns]
                given_rows[position] = (values, item.raw(row))
    expected: dict[int, tuple[list[str | None] | None, bytes]] = {}
    for position, record in enumerate(slow_records(body, 1 << 20), 1):
        raw = body[record.start : record.end]
        good = not record.faulty and len(record.fields) == 3 and b"\0" not in raw
        values = [field.decode() or None for field in record.fields] if good else None
        expected[position] = (values, raw)
    assert given_rows == expected
    assert reader.rows_in == len(expected)


@pytest.mark.parametrize(
    ("line", "code"),
    [
        (b'a,"b\nc,d', "unterminated_quote"),
        (b'a,"b"c', "malformed_quote"),
        (b'a,"b "c" d"', "malformed_quote"),
        (b"a," + b"x" * 50, "oversized_record"),
        (b'a,"' + b"x" * 50 + b'"', "oversized_record"),
    ],
)
def test_each_fault_has_its_code(line: bytes, code: str) -> None:
    frame = Framing(",", '"', cap=40).frame(b"good,1\n" + line + b"\ngood,2\n", final=True)
    assert frame.faults == {1: code}


@pytest.mark.parametrize("text", [b'5" pipe,a\n', b'a,b"c"d\n', b' "a",b\n'])
def test_a_quote_inside_an_unquoted_field_is_kept_as_it_is(text: bytes) -> None:
    frame = Framing(",", '"').frame(text, final=True)
    assert (len(frame), frame.faults) == (1, {})


def test_without_a_quote_character_quotes_mean_nothing() -> None:
    frame = Framing("|", None).frame(b'"a|b\nc|"d\n', final=True)
    assert (len(frame), frame.faults, frame.several_lines) == (2, {}, False)


def test_a_record_may_not_join_lines_beyond_the_cap() -> None:
    text = b'1,"' + b"long\n" * 20 + b'",x\n2,b,c\n'
    frame = Framing(",", '"', cap=40).frame(text, final=True)
    assert frame.faults[0] == "unterminated_quote"
    assert text[frame.starts[1] : frame.ends[1]] == b"long"
    assert text[frame.starts[-1] : frame.ends[-1]] == b"2,b,c"


def test_a_quote_left_open_is_given_up_at_the_cap_not_at_the_end_of_the_file() -> None:
    text = b'1,"open\n' + b"x,y\n" * 50
    frame = Framing(",", '"', cap=40).frame(text, final=False)
    assert frame.faults == {0: "unterminated_quote"}
    assert (len(frame), frame.cut) == (51, len(text))
    short = Framing(",", '"', cap=400).frame(text, final=False)
    assert (len(short), short.cut) == (0, 0)


def read_all(path: Path, names: str, options: CsvOptions) -> list[RawBatch | BadRecord]:
    return list(open_csv(path, {name: Wanted() for name in names.split()}, options).read())


def test_a_line_without_end_is_one_bad_record_and_does_not_fill_memory(tmp_path: Path) -> None:
    path = tmp_path / "long.csv"
    path.write_bytes(b"a,b\n1,2\n" + b"x" * (5 << 20) + b"\n3,4\n")
    items = read_all(path, "a b", CsvOptions(block_bytes=1 << 16))
    bad = [item for item in items if isinstance(item, BadRecord)]
    assert [(b.position, b.code, len(b.raw)) for b in bad] == [(2, "oversized_record", 1 << 20)]
    rows = [row for item in items if isinstance(item, RawBatch) for row in item.positions.to_pylist()]
    assert rows == [1, 3]
