"""The SQL of the identifiers says what the plain Python says, for any text; and no text makes a builder fail.

The Python in `kernel.identifiers` is slow and obvious, and judges the SQL over generated values.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import duckdb
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from almoner.intake import standardise as std
from almoner.intake.standardise.codes import SEX
from almoner.intake.standardise.staging import Staged, select_staged
from almoner.kernel import identifiers

TEXT = '"as sent"'
SPACING = st.sampled_from(["", "", "", " ", "-", "\t", "\u00a0", "  "])


@pytest.fixture(scope="module")
def engine() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        connection.execute("SET threads = 1")
        yield connection


def computed(engine: duckdb.DuckDBPyConnection, built: str | Staged, texts: list[str | None]) -> list[object]:
    """Compute a builder's first part for some texts."""
    staged, columns = ([built], dict(built.parts)) if isinstance(built, Staged) else ([], {"out": built})
    relation = '(SELECT unnest($texts::VARCHAR[]) AS "as sent", generate_subscripts($texts, 1) AS line)'
    sql = select_staged(relation, {"line": "line", **columns}, staged)
    return [row[1] for row in engine.execute(f"SELECT * FROM ({sql}) ORDER BY line", {"texts": texts}).fetchall()]


def spaced(pattern: str) -> st.SearchStrategy[str]:
    """Generate text of a form, some of it small, with spacing put in."""
    return st.builds(
        lambda text, at, gap, small: (text[:at] + gap + text[at:]).lower() if small else text[:at] + gap + text[at:],
        st.from_regex(pattern, fullmatch=True), st.integers(0, 10), SPACING, st.booleans(),
    )  # fmt: skip


def checked(pattern: str, last: str, at: int) -> st.SearchStrategy[str]:
    """Generate numbers of a form with any check character at its place; of each number one is right."""
    return st.builds(
        lambda text, char: text[:at] + char + text[at:], st.from_regex(pattern, fullmatch=True), st.sampled_from(last)
    )


ANY_TEXT = st.text(max_size=14)
LIKELY = {
    "nhs_number": checked("[0-9]{9}", "0123456789", 9) | spaced("[0-9]{10}"),
    "nino": spaced("[A-Z]{2}[0-9]{6}[A-E]?") | spaced("(AA000000|AB123456|BG123456)[A-D]?"),
    "upn": checked("[0-9]{11}[0-9A-C]", identifiers.UPN_LETTERS, 0) | spaced("[A-Z][0-9]{12}"),
    "uln": checked("[0-9]{9}", "0123456789", 9) | spaced("[0-9]{10}"),
    "uprn": spaced(r"0{0,3}[0-9]{1,13}(\.0)?"),
    "postcode": spaced("[A-Z0]{1,2}[0-9][0-9A-Z]? ?[0-9OIL][A-Z]{2}")
    | st.sampled_from(["AA1 1AA", "ZZ99 3VZ", "M2O 8BT", "0L1 OAA"]),
}
"""Text that looks like each identifier, right and nearly right."""

TWINS: dict[str, tuple[Callable[[str], str | Staged], Callable[[str | None], str | None]]] = {
    "nhs_number": (std.nhs_number, identifiers.nhs_number),
    "nino": (std.nino, identifiers.nino),
    "upn": (std.upn, identifiers.upn),
    "uln": (std.uln, identifiers.uln),
    "uprn": (std.uprn, identifiers.uprn),
    "postcode": (std.postcode, identifiers.postcode),
}


@pytest.mark.parametrize("name", TWINS)
@settings(max_examples=30)
@given(data=st.data())
def test_sql_and_python_agree(engine: duckdb.DuckDBPyConnection, name: str, data: st.DataObject) -> None:
    (build, plain), likely = TWINS[name], LIKELY[name]
    texts = data.draw(st.lists(likely | likely | ANY_TEXT | st.none(), min_size=1, max_size=100))
    assert computed(engine, build(TEXT), texts) == [plain(text) for text in texts]


@pytest.mark.parametrize(("name", "last", "at", "valid_of"), [
    ("nhs_number", "0123456789", 9, 10), ("uln", "0123456789", 9, 10), ("upn", identifiers.UPN_LETTERS, 0, 23),
])  # fmt: skip
def test_one_check_character_is_right(
    engine: duckdb.DuckDBPyConnection, name: str, last: str, at: int, valid_of: int
) -> None:
    """A check that let everything or nothing through would pass the comparison above."""
    stem = "943476591" if at else "801200001001"
    texts = [stem[:at] + char + stem[at:] for char in last]
    found = computed(engine, TWINS[name][0](TEXT), list(texts))
    assert len(texts) == valid_of
    assert sum(value is not None for value in found) == 1


FEW = settings(max_examples=12)
"""Planning these statements costs more than running them, so few examples hold many texts each."""

BUILDERS: dict[str, str | Staged] = {
    "name_part": std.name_part(TEXT), "forename": std.name_part(TEXT, "forename"),
    "split_forenames": std.split_forenames(TEXT), "forename_first": std.split_name(TEXT, "forename_first"),
    "surname_first": std.split_name(TEXT, "surname_first"), "surname_comma": std.split_name(TEXT, "surname_comma"),
    "name_title": std.name_title(TEXT), "address_parts": std.address_parts(TEXT), "phone": std.phone(TEXT),
    "email": std.email(TEXT), "is_organisation": std.is_organisation(TEXT),
    "looks_like_formula": std.looks_like_formula(TEXT), "map_codes": std.map_codes(TEXT, SEX),
    "parse_date": std.parse_date(TEXT, ["%d/%m/%y", "%d/%m/%Y", "%Y%m%d"], birth=True, as_of="2026-03-31"),
}  # fmt: skip
WORDS = st.sampled_from(
    ["MR", "O", "AL", "Flat", "6", "12", "High", "St", "House", ",", "/", "-", "A", "Łódź", "ÃŸ", "=", "0", " "]
)


@pytest.mark.parametrize("name", BUILDERS)
@FEW
@given(texts=st.lists(st.text(max_size=30) | st.lists(WORDS, max_size=9).map(" ".join), max_size=60))
@example(texts=[" " * 5000 + "x", "\x00", "\U0001f600" * 400, "'" * 50, "\\", "%", "|", "1|2|3"])
def test_no_text_makes_a_builder_fail(engine: duckdb.DuckDBPyConnection, name: str, texts: list[str]) -> None:
    assert len(computed(engine, BUILDERS[name], [*texts, None])) == len(texts) + 1


@pytest.mark.parametrize("kind", ["surname", "forename"])
@FEW
@given(texts=st.lists(st.text(max_size=20) | st.lists(WORDS, max_size=5).map(" ".join), max_size=80))
@example(texts=["A:  : A", "O&  : A", "A      -      B", "O O A", "D MC D"])
def test_a_name_is_capitals_and_stays_as_it_is(
    engine: duckdb.DuckDBPyConnection, kind: std.NameKind, texts: list[str]
) -> None:
    once = computed(engine, std.name_part(TEXT, kind), list(texts))
    names = [name for name in once if name is not None]
    assert all(re.fullmatch("[A-Z]+( [A-Z]+)*", str(name)) for name in names)
    assert computed(engine, std.name_part(TEXT, kind), [str(name) for name in names]) == names


@FEW
@given(texts=st.lists(LIKELY["postcode"], max_size=80))
def test_a_postcode_stays_as_it_is(engine: duckdb.DuckDBPyConnection, texts: list[str]) -> None:
    once = [value for value in computed(engine, std.postcode(TEXT), list(texts)) if value is not None]
    assert computed(engine, std.postcode(TEXT), [str(value) for value in once]) == once
