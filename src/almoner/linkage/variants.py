"""Which forenames one person may go by: the groups of `variants.toml`, looked up name by name.

The list is data that an analyst can extend; it must never hold the name of a real person, and never decides a
link by itself: it only says that two spellings may be one name.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from functools import lru_cache
from importlib.resources import files

import pyarrow as pa


@lru_cache(maxsize=1)
def variant_groups() -> dict[str, tuple[str, ...]]:
    """Give, for each forename in the list, the groups that it stands in."""
    text = (files("almoner.linkage") / "variants.toml").read_text(encoding="utf-8")
    groups: dict[str, set[str]] = {}
    for origin in tomllib.loads(text).values():
        for head, names in origin.items():
            for name in (head, *names):
                groups.setdefault(name, set()).add(head)
    return {name: tuple(sorted(heads)) for name, heads in groups.items()}


def roots_of(forename: str) -> list[str]:
    """Give what a forename stands for: its groups, or itself; for a compound name also those of its parts.

    `ROSE` and `ROSIE` share a root; `LILLIE ROSE` shares one with `LILLY` (its first part) and with itself.
    """
    groups = variant_groups()
    parts = forename.split(" ")
    wanted = [forename, forename.replace(" ", ""), parts[0]] if len(parts) > 1 else [forename]
    roots: list[str] = []
    for name in wanted:
        for root in groups.get(name, ()) or (name,):
            if root not in roots:
                roots.append(root)
    return roots


def roots_table(forenames: Iterable[str]) -> pa.Table:
    """Give one row per distinct forename: forename, roots."""
    names = sorted(set(forenames))
    return pa.table(
        {
            "forename": pa.array(names, pa.string()),
            "roots": pa.array([roots_of(name) for name in names], pa.list_(pa.string())),
        }
    )
