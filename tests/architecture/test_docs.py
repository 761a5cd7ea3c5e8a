"""The documents stay true: links lead somewhere, and what code and registry say the pages say.

Pages that are generated are compared with the code; pages written by hand are compared with what they list. A page
that nobody can find from the index, or a command that does not exist, fails.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer

from almoner.cli.main import app
from almoner.cli.reference import reference_pages
from almoner.facts.steps import KINDS, fact_query
from almoner.kernel.tables import PERSONS, PLACES, QUARANTINE, ROWS, SPINE
from almoner.registry import load_registry
from almoner.wiring.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src" / "almoner"
STARTER = SOURCE / "registry" / "starter"
DOCS = ROOT / "docs"
REFERENCE = DOCS / "reference"
FIRST_SCREEN = 24
"""Lines of the README that are seen without scrolling."""

LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
FENCE = re.compile(r"```(\w*)\n(.*?)```", re.DOTALL)
COMMAND = re.compile(r"(?:^|[\s`(&'])almoner((?: [a-z][a-z-]*)+)((?:[^`|#]|\|(?!\s))*)")
MACHINE = re.compile(
    r"(?<![\w.{])/(?:home|root|tmp|work|mnt|Users|opt|var)/|pypi\.|pythonhosted|npmjs|proxy\.golang|--index-url"
)


def documents() -> list[Path]:
    """List every Markdown file that people read."""
    return sorted([*ROOT.glob("*.md"), *DOCS.rglob("*.md")])


def read(path: Path) -> str:
    """Read a text file."""
    return path.read_text("utf-8")


def without_code(text: str) -> str:
    """Leave out code, in which brackets are no links."""
    return re.sub(r"`[^`\n]*`", "", FENCE.sub("", text))


def anchor_of(heading: str) -> str:
    """Give the anchor that a heading gets when it is shown."""
    return re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")


def dead_links(path: Path, text: str) -> Iterator[str]:
    """Yield the relative links of a document that lead nowhere."""
    for target in LINK.findall(without_code(text)):
        if re.match(r"[a-z]+:", target):
            continue
        name, _, anchor = target.partition("#")
        aim = (path.parent / name).resolve() if name else path
        there = aim.exists() and aim.is_relative_to(ROOT)
        headings = re.findall(r"^#+ (.+)$", read(aim), re.MULTILINE) if there and anchor else []
        if not there or (anchor and anchor not in map(anchor_of, headings)):
            yield target


def leaves(command: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], set[str]]]:
    """Yield every command with its options."""
    children = getattr(command, "commands", None)
    if not children or (path and command.invoke_without_command):
        yield path, {option for each in command.params for option in (*each.opts, *each.secondary_opts)} | {"--help"}
    for name, child in (children or {}).items():
        yield from leaves(child, (*path, name))


TREE = typer.main.get_command(app)
COMMANDS = dict(leaves(TREE))


def unknown_commands(text: str) -> Iterator[str]:
    """Yield what a text calls a command or an option of `almoner` and is none."""
    joined = re.sub(r"\\\n\s*", "", text)
    for line in joined.splitlines():
        for words, rest in COMMAND.findall(line):
            path = tuple(words.split())
            known = next((path[:n] for n in range(len(path), 0, -1) if path[:n] in COMMANDS), None)
            if known is None:
                if not any(command[: len(path)] == path for command in COMMANDS):
                    yield "almoner" + words
                continue
            for option in re.findall(r"(?<=\s)--[a-z][a-z-]*", rest):
                if option not in COMMANDS[known]:
                    yield f"almoner {' '.join(known)} {option}"


def rows(text: str) -> dict[str, list[str]]:
    """Read the tables of a page: the name in the first cell → the other cells. The first table wins."""
    found: dict[str, list[str]] = {}
    for line in text.splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if line.startswith("| `") and len(cells) > 1:
            found.setdefault(cells[0].strip("`"), cells[1:])
    return found


def names(cell: str) -> set[str]:
    """Give the names in a cell that stand in code quotes."""
    return set(re.findall(r"`([^`]+)`", cell))


def declared(file: str, table: str) -> dict[str, dict[str, Any]]:
    """Read a table of the starter registry."""
    return dict(tomllib.loads(read(STARTER / file))[table])


def test_there_are_documents() -> None:
    found = {path.relative_to(ROOT).as_posix() for path in documents()}
    assert {"README.md", "GLOSSARY.md", "DEVELOPERS.md", "SECURITY.md", "docs/index.md"} <= found


@pytest.mark.parametrize("path", documents(), ids=lambda path: path.relative_to(ROOT).as_posix())
def test_a_document_is_sound(path: Path) -> None:
    text = read(path)
    assert list(dead_links(path, text)) == []
    assert list(unknown_commands(text)) == []
    assert MACHINE.findall(text) == [], "a place or an address of one machine or one registry"


def test_every_page_is_found_from_the_index() -> None:
    linked = {(DOCS / target.partition("#")[0]).resolve() for target in LINK.findall(read(DOCS / "index.md"))}
    lost = [path.relative_to(DOCS).as_posix() for path in DOCS.rglob("*.md") if path not in linked]
    assert lost == ["index.md"]


def test_the_readme_names_the_two_commands_in_its_first_screen() -> None:
    first = "\n".join(read(ROOT / "README.md").splitlines()[:FIRST_SCREEN])
    assert "make demo" in first and "make test" in first
    assert tomllib.loads(read(ROOT / "pyproject.toml"))["project"]["readme"] == "README.md"


def test_generated_pages_are_current() -> None:
    stale = [name for name, text in reference_pages(TREE).items() if read(REFERENCE / name) != text]
    assert stale == [], "run: almoner docs"


def test_every_command_is_documented() -> None:
    page = read(REFERENCE / "commands.md")
    assert [" ".join(path) for path in COMMANDS if f"## `almoner {' '.join(path)}`" not in page] == []


def test_every_setting_is_documented() -> None:
    page = read(REFERENCE / "settings.md")
    for part, field in Settings.model_fields.items():
        section = page.partition(f"## `[{part}]`")[2].partition("\n## ")[0]
        kind: Any = field.annotation
        assert [name for name in kind.model_fields if f"- `{name}`" not in section] == [], part


def test_every_variable_is_documented() -> None:
    code = "\n".join(read(path) for path in SOURCE.rglob("*.py"))
    used = set(re.findall(r"\"(ALMONER_[A-Z_]+|DATABASE_URL)\"", code))
    table = set(rows(read(DOCS / "how-to" / "run-your-own-workspace.md")))
    assert used and used <= table


def test_every_folder_is_in_the_glossary() -> None:
    holding = {path.parent.relative_to(SOURCE) for path in SOURCE.rglob("*") if path.is_file()}
    parts = (path for path in holding if path.parts)
    folders = {f"{path.as_posix()}/" for path in parts if not any(p.startswith((".", "__")) for p in path.parts)}
    described = {name for name in rows(read(ROOT / "GLOSSARY.md")) if name.endswith("/")}
    assert described == folders


def test_roles_are_documented_as_they_are() -> None:
    table = rows(read(REFERENCE / "permissions.md").partition("## Roles")[2].partition("\n## ")[0])
    roles = declared("roles.toml", "role")
    assert set(table) == set(roles)
    for name, role in roles.items():
        assert names(table[name][0]) == set(role.get("purposes", [])), name
        assert names(table[name][1]) == set(role.get("rights", [])), name


def test_purposes_are_documented_as_they_are() -> None:
    section = read(REFERENCE / "permissions.md").partition("## Purposes")[2]
    table, flags = rows(section), rows(section.partition("| Flag |")[2])
    purposes = declared("purposes.toml", "purpose")
    assert set(purposes) == set(table) - set(flags)
    for name, purpose in purposes.items():
        form, about, lasts, given = table[name]
        assert form == purpose.get("form", "aggregate")
        assert about.removeprefix("a ") == purpose.get("scope", "project").replace("_", " ")
        assert lasts.startswith(f"{purpose['permit_days']} day") or name == "emergency"
        assert given.startswith("the role") is purpose.get("standing", True)
        assert ("project" in given) is (purpose.get("project") == "required")
    for flag, cells in flags.items():
        assert names(cells[0]) == {name for name, purpose in purposes.items() if purpose.get(flag)}, flag


def test_indicators_are_documented_as_they_are() -> None:
    page = read(REFERENCE / "indicators.md")
    for name, indicator in declared("indicators.toml", "indicator").items():
        assert f"| `{name}` | {indicator['title']} |" in page
    listed = re.findall(r"^\| [^|`]+ \| `([a-z_0-9]+)` \|", page, re.MULTILINE)
    assert set(listed) == set(declared("indicators.toml", "indicator"))


def test_every_column_of_facts_and_spine_is_documented() -> None:
    page = read(REFERENCE / "facts.md")
    table, registry = rows(page), load_registry(STARTER)
    areas = {geography.postcode_column for geography in registry.geography.values()}
    for kind in KINDS:
        columns = set(fact_query(registry, kind, {}).step.columns) - areas
        assert columns <= names(table[f"fact.{kind}"][1]), kind
    for spine, schema in SPINE.items():
        section = page.partition(f"`spine.{spine}`:")[2].partition("`spine.")[0]
        assert set(schema.names) <= names(section), spine
    for part, schema in {"rows": ROWS, "persons": PERSONS, "places": PLACES, "quarantine": QUARANTINE}.items():
        known = names(table[part][0]) | (names(table["places"][0]) if part == "persons" else set())
        assert set(schema.names) <= known, part


def test_the_files_that_carry_security_are_there() -> None:
    for page in ("DEVELOPERS.md", "docs/explanation/security.md"):
        text = read(ROOT / page)
        named = set(re.findall(r"`((?:governance|store|records|intake)/[a-z_/]+\.py)`", text))
        assert "governance/gate.py" in named
        assert [name for name in named if not (SOURCE / name).is_file()] == []


@pytest.mark.parametrize(
    ("text", "dead"),
    [
        ("[here](README.md) [there](docs/index.md#learn)", []),
        ("[gone](docs/gone.md)", ["docs/gone.md"]),
        ("[gone](docs/index.md#nowhere)", ["docs/index.md#nowhere"]),
        ("[out](../../elsewhere.md)", ["../../elsewhere.md"]),
        ("[web](https://example.org) `[code](gone.md)`", []),
    ],
)
def test_dead_links_are_seen(text: str, dead: list[str]) -> None:
    assert list(dead_links(ROOT / "README.md", text)) == dead


@pytest.mark.parametrize(
    ("text", "unknown"),
    [
        ("almoner check --workspace W", []),
        ("`almoner quarantine list`, then `almoner audit`", []),
        ("almoner chek", ["almoner chek"]),
        ("almoner check --fix", ["almoner check --fix"]),
        ("almoner permit request --purpose p \\\n  --wrong r", ["almoner permit request --wrong"]),
        ("the almoner was an officer", ["almoner was an officer"]),
    ],
)
def test_unknown_commands_are_seen(text: str, unknown: list[str]) -> None:
    assert list(unknown_commands(text)) == unknown


@pytest.mark.parametrize(
    ("text", "named"),
    [("/home/alice/almoner", 1), ("open-data/home/x", 0), ("see pypi.org", 1), ("/dev/shm/almoner", 0)],
)
def test_places_of_one_machine_are_seen(text: str, named: int) -> None:
    assert len(MACHINE.findall(text)) == named
