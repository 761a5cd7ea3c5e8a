"""Writes the drafts: a table, a document and pages, all marked as unreleased; all of them or none.

It only ever replaces drafts: a directory that holds anything else is left alone. Nothing it writes is a
release.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Collection, Iterator
from pathlib import Path

from almoner.kernel.errors import ResourceExhausted, UsageError
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
    target = directory.resolve()
    _refuse_foreign(target)
    target.parent.mkdir(parents=True, exist_ok=True)
    fresh = Path(tempfile.mkdtemp(prefix=f".{target.name}-", dir=target.parent))
    try:
        for name, content in _contents(profiles, papers):
            _write_durably(fresh / name, content)
        _swap(fresh, target)
    except OSError as error:
        raise ResourceExhausted(
            "The drafts could not be written; what was there before is unchanged.",
            where=str(directory), why=error.strerror or "", todo="Free space, or choose another directory.",
        ) from error  # fmt: skip
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
    return tuple(directory / name for name in DRAFTS)


def _contents(profiles: ProfileSet, papers: Collection[tuple[str, str]]) -> Iterator[tuple[str, bytes]]:
    """Yield the files one by one: their path within the folder, and what stands in them."""
    yield CSV_NAME, csv_text(profiles).encode()
    yield JSON_NAME, json_text(profiles).encode()
    yield from render_pages(site_of(profiles, frozenset(papers)))


def _refuse_foreign(target: Path) -> None:
    if not target.exists():
        return
    if not target.is_dir() or any(path.name not in DRAFTS for path in target.iterdir()):
        raise UsageError(
            "The directory for the drafts holds something else.", where=str(target),
            why="Drafts are replaced as a whole, and nothing but drafts may be lost by it.",
            todo="Name a new or empty directory.",
        )  # fmt: skip


def _write_durably(path: Path, content: bytes) -> None:
    path.parent.mkdir(mode=0o700, exist_ok=True)
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _swap(fresh: Path, target: Path) -> None:
    """Put the new directory in the place of the old one; if that fails, put the old one back."""
    if not target.exists():
        fresh.rename(target)
        return
    aside = Path(tempfile.mkdtemp(prefix=f".{target.name}-old-", dir=target.parent))
    old = aside / target.name
    target.rename(old)
    try:
        fresh.rename(target)
    except OSError:
        old.rename(target)
        raise
    finally:
        shutil.rmtree(aside, ignore_errors=True)
