"""Code stays readable: short files, short functions, names that say something.

The limits are in STYLE: look again at 400 lines, never over 600; a function never over 60. Declarations
(migrations) are exempt, since nobody reads them in order.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = ("src", "tests", "bench")
LONGEST_FILE = 600
LONGEST_FUNCTION = 60
EMPTY_WORDS = {"util", "utils", "helper", "helpers", "misc", "common", "manager", "managers"}
GENERATION = re.compile(r"_v\d+$|_?nextgen$")


def python_files() -> list[Path]:
    """List every Python file that people write."""
    files = [path for folder in FOLDERS for path in sorted((ROOT / folder).rglob("*.py"))]
    return [path for path in files if "migrations" not in path.parts]


def long_functions(source: str) -> Iterator[tuple[str, int]]:
    """Yield the name and the length of each function that is too long, its docstring included."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            if length > LONGEST_FUNCTION:
                yield node.name, length


def is_vague(path: Path) -> bool:
    """Tell whether a file or one of its folders has a name that explains nothing."""
    names = [*path.parts[:-1], path.stem]
    return any(EMPTY_WORDS & set(name.lower().split("_")) or GENERATION.search(name) for name in names)


def test_there_is_code_to_measure() -> None:
    assert ROOT / "src" / "almoner" / "kernel" / "errors.py" in python_files()


def test_no_file_is_too_long() -> None:
    lengths = {path: len(path.read_text("utf-8").splitlines()) for path in python_files()}
    too_long = [f"{path.relative_to(ROOT)}: {n} lines" for path, n in lengths.items() if n > LONGEST_FILE]
    assert not too_long, f"split these (at most {LONGEST_FILE} lines): {too_long}"


def test_no_function_is_too_long() -> None:
    too_long = [
        f"{path.relative_to(ROOT)}: {name} has {length} lines"
        for path in python_files()
        for name, length in long_functions(path.read_text("utf-8"))
    ]
    assert not too_long, f"split these (at most {LONGEST_FUNCTION} lines): {too_long}"


def test_every_name_says_something() -> None:
    vague = [str(path) for path in (path.relative_to(ROOT) for path in python_files()) if is_vague(path)]
    assert not vague, f"name these after what they do: {vague}"


@pytest.mark.parametrize(("lines_of_body", "found"), [(59, []), (60, [("f", 61)])])
def test_the_limit_is_sixty_lines(lines_of_body: int, found: list[tuple[str, int]]) -> None:
    assert list(long_functions("def f():\n" + "    x = 1\n" * lines_of_body)) == found


@pytest.mark.parametrize(
    ("path", "vague"),
    [
        ("almoner/kernel/errors.py", False),
        ("almoner/intake/date_utils.py", True),
        ("almoner/helpers/names.py", True),
        ("almoner/linkage/model_v2.py", True),
        ("almoner/kernel/commonplace.py", False),
    ],
)
def test_vague_names_are_seen(path: str, vague: bool) -> None:
    assert is_vague(Path(path)) is vague
