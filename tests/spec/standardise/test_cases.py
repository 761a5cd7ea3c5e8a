"""Runs the cases of this folder's YAML files through a real engine; an analyst adds a case by adding a line.

A file lists groups. A group's `what` names the builder (see BUILDERS) and `with` its options; each case has `in`, the
text as a source sent it (null: nothing), and `out`. For a builder that gives several parts, `out` lists the parts that
are not NULL: all others must be.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml

from almoner.intake import standardise as std
from almoner.intake.standardise.codes import STANDARD_MAPPINGS, broad_group, is_unlisted_code
from almoner.intake.standardise.dates import is_first_of_january
from almoner.intake.standardise.staging import Staged, select_staged

HERE = Path(__file__).parent
FEWEST_CASES = 15
TEXT = '"as sent"'


def _code(expr: str, codes: str) -> str:
    return std.map_codes(expr, STANDARD_MAPPINGS[codes])


def _date(expr: str, formats: list[str], birth: bool = False, as_of: str = "2026-03-31") -> str:
    return f"CAST({std.parse_date(expr, formats, birth=birth, as_of=as_of)} AS VARCHAR)"


BUILDERS: Mapping[str, Callable[..., str | Staged]] = {
    "name part": std.name_part,
    "forenames": std.split_forenames,
    "whole name": std.split_name,
    "title": std.name_title,
    "formula": std.looks_like_formula,
    "organisation": std.is_organisation,
    "date": _date,
    "placeholder date": lambda expr: std.is_placeholder_date(f"CAST({expr} AS DATE)"),
    "first of January": lambda expr: is_first_of_january(f"CAST({expr} AS DATE)"),
    "postcode": std.postcode,
    "address": std.address_parts,
    "NHS number": std.nhs_number,
    "National Insurance number": std.nino,
    "unique pupil number": std.upn,
    "unique learner number": std.uln,
    "unique property reference number": std.uprn,
    "code": _code,
    "broad ethnic group": broad_group,
    "unlisted code": lambda expr, codes: is_unlisted_code(expr, STANDARD_MAPPINGS[codes]),
    "phone": std.phone,
    "e-mail": std.email,
}
ONE_PART = ("NHS number", "unique pupil number", "unique learner number")


@dataclass(frozen=True)
class Group:
    """Cases that share a builder and its options."""

    path: Path
    number: int

    def read(self) -> dict[str, Any]:
        group: dict[str, Any] = _read(self.path)[self.number]
        return group

    def results(self) -> list[dict[str, Any]]:
        return _results(self)


@cache
def _read(path: Path) -> list[dict[str, Any]]:
    groups: list[dict[str, Any]] = yaml.safe_load(path.read_text("utf-8"))
    return groups


@cache
def _results(group: Group) -> list[dict[str, Any]]:
    """Compute all cases of a group at once, as a batch is computed."""
    read = group.read()
    texts = [case["in"] for case in read["cases"]]
    built = BUILDERS[read["what"]](TEXT, **read.get("with", {}))
    staged, columns = ([built], built.parts) if isinstance(built, Staged) else ([], {"out": built})
    relation = '(SELECT unnest($texts::VARCHAR[]) AS "as sent", generate_subscripts($texts, 1) AS line)'
    sql = select_staged(relation, {"line": "line", **columns}, staged)
    with duckdb.connect() as engine:
        rows = engine.execute(f"SELECT * FROM ({sql}) ORDER BY line", {"texts": texts}).fetchall()
    return [dict(zip(columns, row[1:], strict=True)) for row in rows]


def _groups() -> Iterator[Group]:
    for path in sorted(HERE.glob("*.yaml")):
        yield from (Group(path, number) for number in range(len(_read(path))))


def _cases() -> Iterator[Any]:
    for group in _groups():
        read = group.read()
        options = "".join(f" {value}" for value in read.get("with", {}).values())
        for line, case in enumerate(read["cases"]):
            yield pytest.param(group, line, id=f"{group.path.stem}: {read['what']}{options}: {case['in']!r}")


@pytest.mark.parametrize(("group", "line"), list(_cases()))
def test_case(group: Group, line: int) -> None:
    read = group.read()
    case, parts = read["cases"][line], group.results()[line]
    if "out" in parts or read["what"] in ONE_PART:
        assert list(parts.values()) == [case["out"]], case.get("why", "")
    else:
        assert {name: value for name, value in parts.items() if value not in (None, False)} == case["out"], case.get(
            "why", ""
        )


@pytest.mark.parametrize("path", sorted(HERE.glob("*.yaml")), ids=lambda path: path.stem)
def test_each_file_has_cases_enough_to_mean_something(path: Path) -> None:
    cases = [case for group in _read(path) for case in group["cases"]]
    assert len(cases) >= FEWEST_CASES
    assert {group["what"] for group in _read(path)} <= BUILDERS.keys()


def test_no_case_is_there_twice() -> None:
    for group in _groups():
        texts = [case["in"] for case in group.read()["cases"]]
        assert len(texts) == len(set(texts)), group.path.name


def test_dates_in_yaml_are_text() -> None:
    """YAML turns an unquoted 1982-02-01 into a date, which no source sends."""
    values = [value for group in _groups() for case in group.read()["cases"] for value in (case["in"], case["out"])]
    assert not [value for value in values if isinstance(value, dt.date | int | float) and not isinstance(value, bool)]
