"""Reads a directory of TOML into one Registry, gathering every fault before it says no."""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from almoner.kernel.errors import RegistryError
from almoner.registry.expand import expand_repeats
from almoner.registry.locate import line_of
from almoner.registry.partial import without_misshapen
from almoner.registry.registry import Registry

_TABLES_OF_NAMES = (
    "category",
    "lawful_basis",
    "condition",
    "purpose",
    "agreement",
    "recipient",
    "sharing",
    "retention",
    "role",
    "project",
    "codes",
    "geography",
    "lookup",
    "neighbourhood",
    "cut",
    "indicator",
    "measure",
    "benchmark_group",
    "breakdown",
    "population",
)


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong with the registry."""

    file: str
    line: int
    where: str
    what: str
    why: str
    todo: str

    def text(self) -> str:
        """Give the fault as one readable paragraph."""
        return f"{self.file}:{self.line}: {self.where}: {self.what}\n    why: {self.why}\n    do:  {self.todo}"


@dataclass
class Origin:
    """Which file declared what: top-level path → file and the path inside it."""

    texts: dict[str, str] = field(default_factory=dict)
    declared: dict[tuple[str, ...], tuple[str, tuple[str, ...]]] = field(default_factory=dict)

    def find(self, path: Sequence[str | int]) -> tuple[str, int]:
        """Give file and line of a path of the merged registry."""
        for length in range(len(path), 0, -1):
            known = self.declared.get(tuple(str(part) for part in path[:length]))
            if known is not None:
                file, inside = known
                return file, line_of(self.texts[file], (*inside, *path[length:]))
        return "registry", 1


@dataclass(frozen=True)
class Loaded:
    """What loading found: a registry, unless the faults were such that none could be made."""

    registry: Registry | None
    faults: tuple[Fault, ...]
    origin: Origin
    rest: Registry | None = None
    """What could be made of a registry with faults of shape: for checking on, nothing else."""
    left_out: frozenset[str] = frozenset()
    """Names of what `rest` lacks: a finding about them only follows from a fault already reported."""


def load_registry(directory: Path) -> Registry:
    """Load the registry of a workspace, or say everything that is wrong with its shape.

    Raises: RegistryError with all faults.
    """
    loaded = read_registry(directory)
    if loaded.registry is None or loaded.faults:
        raise RegistryError(
            f"The registry has {len(loaded.faults)} fault(s); the first: {loaded.faults[0].what}",
            where=f"{loaded.faults[0].file}:{loaded.faults[0].line}",
            why=loaded.faults[0].why,
            todo="Run 'almoner check' to see every fault at once.",
        )
    return loaded.registry


def read_registry(directory: Path) -> Loaded:
    """Read every TOML file below a directory; give the registry and all faults of shape."""
    origin, faults = Origin(), list[Fault]()
    merged: dict[str, Any] = {}
    digest = hashlib.sha256()
    for path in sorted(directory.rglob("*.toml")):
        file = str(path.relative_to(directory.parent))
        document = _parse(path, file, origin, faults, digest)
        _merge(merged, document, path.stem, file, origin, faults)
    if not origin.texts:
        where = str(directory)
        faults.append(Fault(where, 1, "registry", "no TOML file here", "nothing is declared", "run 'almoner init'"))
        return Loaded(None, tuple(faults), origin)
    faults.extend(expand_faults := _expand(merged, origin))
    registry = None
    try:
        registry = Registry.model_validate({**merged, "digest": digest.hexdigest()})
    except ValidationError as error:
        faults.extend(_fault_of(problem, origin) for problem in error.errors())
    if registry is not None or expand_faults:
        return Loaded(None if expand_faults else registry, tuple(_without_repeats(faults)), origin)
    rest, left_out = without_misshapen(merged)
    return Loaded(None, tuple(_without_repeats(faults)), origin, rest, left_out)


def _parse(path: Path, file: str, origin: Origin, faults: list[Fault], digest: Any) -> dict[str, Any]:
    try:
        raw = path.read_bytes()
        digest.update(raw)
        text = raw.decode("utf-8")
        origin.texts[file] = text
        return tomllib.loads(text)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        place = re.search(r"at line (\d+)", str(error))
        line = int(place.group(1)) if place else 1
        faults.append(
            Fault(file, line, "file", f"not valid TOML: {error}", "it can't be read", "mend the syntax at that place")
        )
        return {}


def _merge(
    merged: dict[str, Any], document: dict[str, Any], stem: str, file: str, origin: Origin, faults: list[Fault]
) -> None:
    if "source" in document or "dataset" in document:
        _merge_source(merged, document, stem, file, origin, faults)
        document = {key: value for key, value in document.items() if key not in ("source", "dataset")}
    for table, value in document.items():
        entries = value.items() if table in _TABLES_OF_NAMES and isinstance(value, dict) else [(None, value)]
        for name, entry in entries:
            path = (table,) if name is None else (table, name)
            if path in origin.declared:
                other = origin.declared[path][0]
                faults.append(
                    Fault(
                        file,
                        line_of(origin.texts[file], path),
                        ".".join(path),
                        f"also declared in {other}",
                        "two declarations of one name contradict each other",
                        "keep one of them",
                    )
                )
                continue
            origin.declared[path] = (file, path)
            if name is None:
                merged[table] = entry
            else:
                merged.setdefault(table, {})[name] = _named(entry, name)


def _merge_source(
    merged: dict[str, Any], document: dict[str, Any], stem: str, file: str, origin: Origin, faults: list[Fault]
) -> None:
    source = document.get("source")
    if not isinstance(source, dict):
        faults.append(
            Fault(
                file,
                1,
                "source",
                "datasets without a [source] table",
                "nobody is named who delivers them",
                "add [source] with title, organisation, owner, agreement and retention",
            )
        )
        return
    if ("source", stem) in origin.declared:
        what = f"source '{stem}' is also in {origin.declared[('source', stem)][0]}"
        why = "a source is named after its file, and one would take the other's place"
        line = line_of(origin.texts[file], ("source",))
        faults.append(Fault(file, line, "source", what, why, "rename one of the files"))
        return
    origin.declared[("source", stem)] = (file, ("source",))
    datasets: dict[str, Any] = {}
    for name, dataset in (document.get("dataset") or {}).items():
        origin.declared[("source", stem, "datasets", name)] = (file, ("dataset", name))
        datasets[name] = {**_named(dataset, name), "source": stem}
        if isinstance(dataset, dict):
            for part in ("columns", "people", "expectations"):
                members = dataset.get(part)
                if isinstance(members, dict):
                    datasets[name][part] = {key: _named(member, key) for key, member in members.items()}
    merged.setdefault("source", {})[stem] = {**_named(source, stem), "datasets": datasets}


def _named(entry: Any, name: str) -> Any:
    return {**entry, "name": name} if isinstance(entry, dict) else entry


def _expand(merged: dict[str, Any], origin: Origin) -> list[Fault]:
    faults = []
    for source_name, source in merged.get("source", {}).items():
        for name, dataset in source["datasets"].items():
            problem = expand_repeats(dataset)
            if problem:
                file, line = origin.find(("source", source_name, "datasets", name, "people"))
                faults.append(
                    Fault(
                        file,
                        line,
                        f"dataset.{name}.people",
                        problem,
                        "repeated people need a number each",
                        "write repeat = [first, last] and use {n} in suffix and column paths",
                    )
                )
    return faults


def _fault_of(problem: Any, origin: Origin) -> Fault:
    path = [part for part in problem["loc"] if part != "[key]"]
    file, line = origin.find(path)
    message = problem["msg"].removeprefix("Value error, ")
    if problem["type"] == "extra_forbidden":
        return Fault(
            file,
            line,
            _dotted(path),
            "this key is not known here",
            "a misspelt key would silently declare nothing",
            "correct it or remove it; the JSON Schema lists the keys",
        )
    if problem["type"] == "missing":
        return Fault(
            file, line, _dotted(path), "this key is missing", "the declaration is incomplete without it", "add it"
        )
    return Fault(
        file,
        line,
        _dotted(path),
        message,
        "the value can't mean what this key needs",
        "see docs/reference/registry.md or the JSON Schema",
    )


def _dotted(path: Sequence[str | int]) -> str:
    return ".".join(str(part) for part in path)


def _without_repeats(faults: Sequence[Fault]) -> list[Fault]:
    return list(dict.fromkeys(faults))
