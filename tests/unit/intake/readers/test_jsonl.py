"""JSON lines: numbers and truth values as text, and what makes a line or a file unreadable."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from almoner.intake.readers import BadRecord, JsonlOptions, RawBatch, Wanted, open_jsonl
from almoner.kernel.errors import DeliveryRefused


def read(
    tmp_path: Path, content: bytes, paths: str = "ref x", options: JsonlOptions | None = None
) -> tuple[list[list[Any]], list[BadRecord]]:
    path = tmp_path / "delivery.jsonl"
    path.write_bytes(content)
    wanted = {name.rstrip("?"): Wanted(required=not name.endswith("?")) for name in paths.split()}
    reader = open_jsonl(path, wanted, options)
    rows: list[list[Any]] = []
    bad: list[BadRecord] = []
    lines = [line for line in content.removeprefix(b"\xef\xbb\xbf").splitlines() if line.strip()]
    for item in reader.read():
        if isinstance(item, BadRecord):
            bad.append(item)
            continue
        columns = [item.positions.to_pylist(), *item.table.to_pydict().values()]
        rows += [list(row) for row in zip(*columns, strict=True)]
        for row, position in enumerate(item.positions.to_pylist()):
            assert item.raw(row) == lines[position - 1]
    assert reader.rows_in == len(rows) + len(bad) == len(lines)
    return rows, bad


@pytest.mark.parametrize(
    ("written", "text"),
    [
        ("1", "1"),
        ("-12", "-12"),
        ("148.0", "148"),
        ("96.05", "96.05"),
        ("1.50", "1.50"),
        ("0.1000000000000000000001", "0.1000000000000000000001"),
        ("9.605e1", "96.05"),
        ("1E3", "1000"),
        ("1e-3", "0.001"),
        ("12345678901234567890123", "12345678901234567890123"),
        ("true", "true"),
        ("false", "false"),
        ("null", None),
        ('""', None),
        ('" a "', " a "),
        ('"148.0"', "148.0"),
        ('"\\u00e9\\ud83d\\ude00"', "é😀"),
        ('"two\\nlines"', "two\nlines"),
    ],
)
def test_values_become_text(tmp_path: Path, written: str, text: str | None) -> None:
    assert read(tmp_path, b'{"ref": "A", "x": ' + written.encode() + b"}\n") == ([[1, "A", text]], [])


@pytest.mark.parametrize(
    "content",
    [b'\xef\xbb\xbf{"ref":"A","x":1}\r\n\r\n{"ref":"B","x":2}', b'{"ref":"A","x":1}\n \n{"ref":"B","x":2}\n'],
)
def test_marks_blank_lines_and_line_ends_are_no_data(tmp_path: Path, content: bytes) -> None:
    assert read(tmp_path, content) == ([[1, "A", "1"], [2, "B", "2"]], [])


BAD = [
    (b'{"ref": "B", "x": 1', "not_json"),
    (b'{"ref": "B", "x": NaN}', "not_json"),
    (b'{"ref": "B", "x": 1e999999999}', "not_json"),
    (b'{"ref": "B", "x": ' + b"9" * 5000 + b"}", "not_json"),
    (b'{"ref": "B"} {"ref": "C"}', "not_json"),
    (b"[" * 100_000, "not_json"),
    (b'["B"]', "not_an_object"),
    (b"null", "not_an_object"),
    (b'"B"', "not_an_object"),
    (b'{"ref": "B", "x": "\xe9"}', "undecodable"),
    (b'{"ref": "B", "x": "\\ud800"}', "undecodable"),
    (b'{"ref": "B", "x": "\\u0000"}', "nul_byte"),
    (b'{"ref": "B", "x": "\x00"}', "nul_byte"),
    (b'{"ref": "B", "ref": "C"}', "duplicate_key"),
    (b'{"ref": "B", "x": [1, 2]}', "unclaimed_element"),
    (b'{"ref": "B", "x": {"y": 1}}', "unexpected_shape"),
]


@pytest.mark.parametrize(("line", "code"), BAD, ids=range(len(BAD)))
def test_a_bad_line_costs_itself_alone(tmp_path: Path, line: bytes, code: str) -> None:
    rows, bad = read(tmp_path, b'{"ref":"A","x":1}\n' + line + b'\n{"ref":"C","x":3}\n')
    assert rows == [[1, "A", "1"], [3, "C", "3"]]
    assert [(b.position, b.code, b.raw) for b in bad] == [(2, code, line)]


def test_a_line_beyond_the_cap_is_bad_and_the_next_is_read(tmp_path: Path) -> None:
    path = tmp_path / "long.jsonl"
    path.write_bytes(b'{"ref":"' + b"x" * (3 << 20) + b'"}\n{"ref":"B"}\n')
    items = list(open_jsonl(path, {"ref": Wanted()}).read())
    assert isinstance(items[0], BadRecord)
    assert (items[0].position, items[0].code, len(items[0].raw)) == (1, "oversized_record", 1 << 20)
    assert isinstance(items[1], RawBatch)
    assert items[1].positions.to_pylist() == [2]


def test_an_unclaimed_element_names_its_path(tmp_path: Path) -> None:
    record = {"ref": "A", "t": [{"no": 1, "n": "x"}, {"no": 9, "n": "y"}, {"no": 8, "n": "z"}]}
    _, bad = read(tmp_path, json.dumps(record).encode(), "ref t[no=1].n")
    assert [(b.column, b.code, b.message) for b in bad] == [
        ("t", "unclaimed_element", "2 element(s) that no declared path claims")
    ]


def test_batches_are_small(tmp_path: Path) -> None:
    content = b"".join(b'{"ref":%d}\n' % n for n in range(10))
    path = tmp_path / "f.jsonl"
    path.write_bytes(content)
    batches = list(open_jsonl(path, {"ref": Wanted()}, JsonlOptions(batch_rows=4)).read())
    assert [len(b) for b in batches if isinstance(b, RawBatch)] == [4, 4, 2]
    batches = list(open_jsonl(path, {"ref": Wanted()}, JsonlOptions(batch_bytes=20)).read())
    assert [len(b) for b in batches if isinstance(b, RawBatch)] == [3, 3, 3, 1]


def test_undeclared_keys_refuse_the_file_and_all_are_listed(tmp_path: Path) -> None:
    content = b'{"ref":1,"x":1}\n{"ref":1,"new":2}\n{"ref":1,"p":{"q":1}}\n'
    with pytest.raises(DeliveryRefused) as caught:
        read(tmp_path, content)
    assert caught.value.why == "2 not declared: 'new', 'p'"
    rows, _ = read(tmp_path, content, options=JsonlOptions(ignore=("new", "p")))
    assert len(rows) == 3


def test_after_an_undeclared_key_no_more_rows_are_given_out(tmp_path: Path) -> None:
    path = tmp_path / "f.jsonl"
    path.write_bytes(b'{"ref":1}\n' * 4 + b'{"ref":1,"new":2}\n' + b'{"ref":1}\n' * 4)
    reader = open_jsonl(path, {"ref": Wanted()}, JsonlOptions(batch_rows=2))
    given = []
    with pytest.raises(DeliveryRefused):
        given.extend(reader.read())
    assert sum(len(item) for item in given if isinstance(item, RawBatch)) <= 4


def test_a_key_that_was_renamed_is_suggested(tmp_path: Path) -> None:
    with pytest.raises(DeliveryRefused) as caught:
        read(tmp_path, b'{"ref":1,"post_code":"M1"}\n{"ref":1,"post_code":"M2"}', "ref postcode")
    assert "1 missing: 'postcode' (perhaps 'post_code')" in caught.value.why
    assert "1 not declared: 'post_code' (perhaps 'postcode')" in caught.value.why


def test_a_required_key_that_no_record_has_refuses_the_file(tmp_path: Path) -> None:
    with pytest.raises(DeliveryRefused) as caught:
        read(tmp_path, b'{"ref":1}\n{"ref":2}\n')
    assert caught.value.why == "1 missing: 'x'"
    assert read(tmp_path, b'{"ref":1}\n{"ref":2}\n', "ref x?")[0] == [[1, "1", None], [2, "2", None]]
    assert read(tmp_path, b'{"ref":1}\n{"ref":2,"x":null}\n')[0] == [[1, "1", None], [2, "2", None]]
    assert read(tmp_path, b'{"ref":1}\n')[0] == [[1, "1", None]]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "empty"),
        (b'[{"ref": 1}]', "one JSON array"),
        ('\ufeff{"ref":1}'.encode("utf-16-le"), "UTF-16"),
        (b"PK\x03\x04", "zip archive"),
    ],
)
def test_a_file_that_is_not_json_lines_is_refused(tmp_path: Path, content: bytes, message: str) -> None:
    with pytest.raises(DeliveryRefused, match=message):
        read(tmp_path, content)


def test_no_value_is_in_a_message(tmp_path: Path) -> None:
    for line in (b'{"ref": "ZEBEDEE"', b'{"ref": "ZEBEDEE", "x": {"y": 1}}', b'"ZEBEDEE"'):
        _, bad = read(tmp_path, line)
        assert "ZEBEDEE" not in repr(bad[0])
