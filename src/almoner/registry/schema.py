"""The JSON Schema of a registry file, for editors that complete and check TOML while it is written."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import Any

from pydantic import Field

from almoner.registry.datasets import Dataset, Feed, Source
from almoner.registry.declared import Declared, Name
from almoner.registry.registry import Registry


class _DatasetInFile(Dataset):
    """A dataset as written: a single feed may stand at the dataset itself."""

    feeds: tuple[Feed, ...] = ()
    files: str | None = None
    delivery: str | None = None
    action: dict[str, Any] | None = None
    ignore: tuple[str, ...] = ()


class _SourceInFile(Source):
    """A source as written: its datasets stand beside it."""


class RegistryFile(Declared):
    """Any file of the registry: any of the tables, in any file."""

    source: _SourceInFile | None = None
    dataset: dict[Name, _DatasetInFile] = Field(default={})


def registry_schema() -> str:
    """Give the schema as JSON text, stable in order."""
    document = RegistryFile.model_json_schema(by_alias=True)
    whole = Registry.model_json_schema(by_alias=True)
    document["$defs"] = {**whole.get("$defs", {}), **document.get("$defs", {})}
    for table, shape in whole["properties"].items():
        if table not in ("source", "digest"):
            document["properties"].setdefault(table, shape)
    document["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    document["title"] = "Almoner registry file"
    document.pop("required", None)
    return json.dumps(document, indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def packaged_schema() -> str:
    """Give the schema that ships with the package, for editors to point to."""
    file = files("almoner.registry") / "registry.schema.json"
    return file.read_text(encoding="utf-8") if file.is_file() else ""
