"""The layers are real: the contracts in pyproject.toml hold for the product, and each of them bites.

A contract with a slip in a pattern would be kept for ever, so each is tried on a small tree with one planted
fault. Imports that a static contract cannot see (by name at run time) are looked for in the syntax tree.
"""

from __future__ import annotations

import ast
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src"
CONTRACTS = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]["contracts"]
LINT = "from importlinter.cli import lint_imports_command; lint_imports_command()"
OPENS_ENGINES = ("almoner.store", "almoner.linkage")
HIDDEN_IMPORTS = (
    "__import__",
    "builtins.__import__",
    "importlib.import_module",
    "importlib.reload",
    "importlib.util",
    "runpy",
)


def layers() -> list[str]:
    """List the declared layers, the highest first; those side by side each count."""
    declared = next(contract["layers"] for contract in CONTRACTS if contract["id"] == "layers")
    return [name.strip(" ()") for layer in declared for name in layer.split("|")]


def lint(folder: Path) -> subprocess.CompletedProcess[str]:
    """Check the package `almoner` in a folder against the repository's contracts."""
    command = [
        sys.executable,
        "-c",
        LINT,
        "--no-logo",
        "--no-cache",
        "--config",
        str(ROOT / "pyproject.toml"),
    ]
    return subprocess.run(command, cwd=folder, env={"PYTHONPATH": "."}, capture_output=True, text=True, check=False)


@pytest.fixture
def skeleton(tmp_path: Path) -> Path:
    """Make a package with every layer, each with two modules that import nothing."""
    for layer in layers():
        package = tmp_path / "almoner" / layer
        package.mkdir(parents=True)
        for module in ("__init__", "inner", "outer"):
            (package / f"{module}.py").write_text("")
    (tmp_path / "almoner" / "__init__.py").write_text("")
    return tmp_path


def test_the_product_keeps_the_contracts() -> None:
    result = lint(SOURCE)
    assert result.returncode == 0, result.stdout + result.stderr


PERMITTED = [
    ("store/inner", "import duckdb"),
    ("linkage/inner", "import duckdb\nimport splink"),
    ("records/inner", "import django.db\nfrom almoner.store import outer"),
    ("cli/inner", "import django\nfrom almoner.demo import inner"),
    ("web/inner", "import django, gunicorn, whitenoise, mozilla_django_oidc\nfrom almoner.wiring import inner"),
    ("governance/inner", "from almoner.store import outer"),
    ("demo/inner", "from almoner.kernel import inner"),
]

PLANTED = [
    ("A layer imports only what lies below it", "kernel/inner", "from almoner.registry import inner"),
    ("A layer imports only what lies below it", "governance/inner", "from almoner.records import inner"),
    ("A layer imports only what lies below it", "unheard_of", ""),
    ("Only the store and linkage touch an engine", "intake/inner", "import duckdb"),
    ("Only the store and linkage touch an engine", "__init__", "import duckdb"),
    ("Only the store and linkage touch an engine", "governance/inner", "def f():\n    import duckdb"),
    ("Only the store and linkage touch an engine", "cli/inner", "from pyspark.sql import SparkSession"),
    ("Only linkage knows Splink", "facts/inner", "from splink import Linker"),
    ("Only records, wiring and the doors know Django", "governance/inner", "from django.db import models"),
    ("Only records, wiring and the doors know Django", "store/inner", "import dj_database_url"),
    ("Only the web application knows how it is served", "cli/inner", "import gunicorn"),
    ("Only the web application knows how it is served", "wiring/inner", "from mozilla_django_oidc import auth"),
    ("The store is reached through the gate", "web/inner", "from almoner.store import outer"),
    ("The store is reached through the gate", "profiles/inner", "from almoner.store import outer"),
    ("The store is reached through the gate", "cli/inner", "import almoner.store.inner"),
    ("The store is reached through the gate", "facts/inner", "from almoner import store"),
    (
        "The synthetic borough knows the kernel and nothing else",
        "demo/inner",
        "from almoner.registry import inner",
    ),
    ("No siblings import each other in a circle", "intake/inner", "from almoner.intake import outer"),
]


def test_permitted_imports_are_permitted(skeleton: Path) -> None:
    for place, code in PERMITTED:
        (skeleton / "almoner" / f"{place}.py").write_text(code)
    result = lint(skeleton)
    assert result.returncode == 0, result.stdout + result.stderr


@pytest.mark.parametrize(("contract", "place", "code"), PLANTED)
def test_each_contract_bites(skeleton: Path, contract: str, place: str, code: str) -> None:
    (skeleton / "almoner" / "intake" / "outer.py").write_text("from almoner.intake import inner")
    (skeleton / "almoner" / f"{place}.py").write_text(code)
    result = lint(skeleton)
    assert result.returncode == 1, result.stdout + result.stderr
    assert f"{contract} BROKEN" in result.stdout


def test_every_contract_is_tried() -> None:
    assert {contract["name"] for contract in CONTRACTS} == {contract for contract, _, _ in PLANTED}


def names_used(source: str) -> Iterator[tuple[int, str]]:
    """Yield the line and the full name of everything that a module imports or refers to."""
    tree = ast.parse(source)
    meaning = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            origin = f"{node.module}." if isinstance(node, ast.ImportFrom) else ""
            for alias in node.names:
                yield node.lineno, origin + alias.name
                if origin or alias.asname:
                    meaning[alias.asname or alias.name] = origin + alias.name
    for node in ast.walk(tree):
        if isinstance(node, ast.Name | ast.Attribute):
            head, dot, tail = ast.unparse(node).partition(".")
            yield node.lineno, meaning.get(head, head) + dot + tail


def side_doors(source: str, module: str) -> list[str]:
    """List the ways round the contracts that a module takes: hidden imports, and engines opened elsewhere."""
    banned = HIDDEN_IMPORTS if module.startswith(OPENS_ENGINES) else (*HIDDEN_IMPORTS, "duckdb.connect")
    return [
        f"{module} line {line}: {name}"
        for line, name in names_used(source)
        if f"{name}.".startswith(tuple(f"{one}." for one in banned))
    ]


def test_no_module_goes_round_the_contracts() -> None:
    found = []
    for path in sorted((SOURCE / "almoner").rglob("*.py")):
        module = ".".join(path.relative_to(SOURCE).with_suffix("").parts)
        found += side_doors(path.read_text("utf-8"), module)
    assert not found


@pytest.mark.parametrize(
    ("source", "module", "count"),
    [
        ("import importlib as i\ni.import_module('duckdb')", "almoner.intake.landing", 1),
        ("from importlib import import_module as load\nload('duckdb')", "almoner.cli.main", 2),
        ("__import__('duckdb')", "almoner.facts.involvement", 1),
        ("import builtins\nbuiltins.__import__('duckdb')", "almoner.facts.involvement", 1),
        ("import duckdb\nduckdb.connect()", "almoner.intake.landing", 1),
        ("import duckdb\nduckdb.connect()", "almoner.store.engine", 0),
        ("from importlib import resources\nresources.files('almoner')", "almoner.notice.page", 0),
    ],
)
def test_side_doors_are_seen(source: str, module: str, count: int) -> None:
    assert len(side_doors(source, module)) == count
