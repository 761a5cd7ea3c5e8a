"""Writes the drafts: a table, a document and pages, all marked as unreleased; all of them or none.

It only ever replaces drafts: a directory that holds anything else is left alone. Nothing it writes is a
release.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from pathlib import Path

from almoner.kernel.folders import write_whole
from almoner.profiles.document import json_text
from almoner.profiles.figures import ProfileSet
from almoner.profiles.frame import AREAS, INDEX, TOPICS, site_of
from almoner.profiles.page import render_pages
from almoner.profiles.table import csv_text

CSV_NAME, JSON_NAME = "profiles.csv", "profiles.json"
DRAFTS = (CSV_NAME, JSON_NAME, INDEX, TOPICS, AREAS)


def write_profiles(profiles: ProfileSet, directory: Path, papers: Collection[tuple[str, str]] = ()) -> tuple[Path, ...]:
    """Write the drafts into a directory that is new, empty, or holds only earlier drafts.

    In: papers: geography and code of the areas that get a printable paper.
    Out: the paths of table, document, index, and the folders of the other pages. Afterwards the directory holds these,
    or what it held before.
    Raises: UsageError where the directory holds something else; ResourceExhausted where the disk is full.
    """
    write_whole(directory, _contents(profiles, papers), "drafts", _are_drafts)
    return tuple(directory / name for name in DRAFTS)


def _are_drafts(target: Path) -> bool:
    return all(path.name in DRAFTS for path in target.iterdir())


def _contents(profiles: ProfileSet, papers: Collection[tuple[str, str]]) -> Iterator[tuple[str, bytes]]:
    """Yield the files one by one: their path within the folder, and what stands in them."""
    yield CSV_NAME, csv_text(profiles).encode()
    yield JSON_NAME, json_text(profiles).encode()
    yield from render_pages(site_of(profiles, frozenset(papers)))
