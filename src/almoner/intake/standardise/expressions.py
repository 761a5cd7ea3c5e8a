"""The few forms of SQL that every standardisation is built of.

Builders take and give SQL text. They use functions that DuckDB and Spark both have, or that sqlglot translates; a
value that is needed twice is bound to a name, since neither engine shares work between the branches of a CASE.
It must never put a value that came from a delivery into SQL text: only declared constants go in, quoted here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping


def literal(text: str | None) -> str:
    """Quote a constant as a SQL string."""
    return "NULL" if text is None else "'" + text.replace("'", "''") + "'"


def one_of(column: str, texts: Iterable[str]) -> str:
    """Say whether a column is one of some constants.

    In: a column or bound name, since DuckDB compares one constant after the other and computes a longer expression
    each time; and not with IN, which it turns into a join that computes the value for every row, needed or not.
    """
    return f"list_contains([{', '.join(literal(text) for text in sorted(texts))}], {column})"


def bind(value: str, name: str, body: Callable[[str], str]) -> str:
    """Compute `value` once and use it as often as `body` likes.

    A list of one element is mapped, a vector at a time. Keep `body` small and regular expressions out of it: DuckDB
    sets a lambda up, and compiles its patterns, anew for every vector. What needs more goes in rounds (`staging`).
    """
    return f"list_transform([{value}], lambda {name}: {body(name)})[1]"


def blank_to_null(expr: str) -> str:
    """Turn an empty text into NULL. (NULLIF would compute a long expression twice.)"""
    return bind(expr, "b", lambda b: f"CASE WHEN {b} <> '' THEN {b} END")


def cases(branches: Iterable[tuple[str, str]], otherwise: str) -> str:
    """Choose by conditions, the first that holds."""
    return "CASE " + " ".join(f"WHEN {test} THEN {value}" for test, value in branches) + f" ELSE {otherwise} END"


def full_match(expr: str, pattern: str) -> str:
    """Say whether a value as a whole has a form."""
    return f"regexp_matches({expr}, {literal('^(?:' + pattern + ')$')})"


def matches(expr: str, pattern: str) -> str:
    """Say whether a form occurs in a value."""
    return f"regexp_matches({expr}, {literal(pattern)})"


def replaced(expr: str, pattern: str, by: str = "", *, everywhere: bool = True) -> str:
    """Replace a form by a text."""
    option = ", 'g'" if everywhere else ""  # Spark replaces everywhere: without it, anchor the form
    return f"regexp_replace({expr}, {literal(pattern)}, {literal(by)}{option})"


def first_line(expr: str) -> str:
    """Give the text before the first line break; what follows in one cell belongs to somebody's notes."""
    return replaced(expr, r"\s*[\r\n](?s:.*)$", everywhere=False)


def is_plain(expr: str) -> str:
    """Say whether a text is ASCII: as many bytes as characters."""
    return f"length({expr}) = strlen({expr})"


def mapped(expr: str, mapping: Mapping[str, str | None]) -> str:
    """Translate by a table of constants; NULL for what it does not hold."""
    return bind(expr, "c", lambda c: cases(_by_result(c, mapping), "NULL"))


def _by_result(expr: str, mapping: Mapping[str, str | None]) -> list[tuple[str, str]]:
    """Test once per result, since many codes mean the same."""
    codes: dict[str | None, list[str]] = {}
    for code, result in mapping.items():
        codes.setdefault(result, []).append(code)
    return [(one_of(expr, texts), literal(result)) for result, texts in codes.items() if result is not None]


def first_word(expr: str) -> str:
    """Give what stands before the first blank; there must be one."""
    return f"substr({expr}, 1, instr({expr}, ' ') - 1)"


def after_first_word(expr: str) -> str:
    """Give what stands after the first blank; all of it when there is none."""
    return f"substr({expr}, instr({expr}, ' ') + 1)"


def last_word(expr: str) -> str:
    """Give what stands after the last blank; nothing after a closing one, all but a letter when there is none."""
    return f"right({expr}, instr(reverse({expr}), ' ') - 1)"


def before_last_word(expr: str) -> str:
    """Give what stands before the last blank; all of it when there is none."""
    return f"left({expr}, length({expr}) - instr(reverse({expr}), ' '))"
