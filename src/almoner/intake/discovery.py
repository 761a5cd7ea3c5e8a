"""Finds deliveries in an inbox: which files belong to which dataset, for which period. Never alters the inbox."""

from __future__ import annotations

import calendar
import datetime as dt
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from almoner.registry.datasets import Dataset, Feed
from almoner.registry.registry import Registry

_PERIOD_FOLDER = re.compile(r"^(\d{4})-(\d{2})$")
_TOKENS = {"{period}": r"(?P<period>\d{4}-\d{2})", "{sent}": r"(?P<sent>\d{4}-?\d{2}-?\d{2})", "*": r"[^/]*"}


@dataclass(frozen=True)
class FoundFile:
    """A file of the inbox that a feed declares."""

    path: Path
    shown: str
    """The path below the inbox: names in an inbox are the supplier's, and hold no personal value."""
    period: str | None
    sent_on: dt.date | None


@dataclass(frozen=True)
class Found:
    """One delivery of one dataset, waiting in the inbox."""

    dataset: Dataset
    feed: Feed
    name: str
    as_of: dt.date
    sent_on: dt.date | None
    files: tuple[FoundFile, ...]


@dataclass(frozen=True)
class Inbox:
    """What an inbox holds."""

    deliveries: tuple[Found, ...]
    undeclared: tuple[str, ...]
    """Files that no feed declares."""


def look_into(registry: Registry, roots: Sequence[Path], *, today: dt.date, open_roots: Iterable[Path] = ()) -> Inbox:
    """Match every file below the roots with the feeds.

    In: open_roots are searched for open data only. Out: deliveries in the order in which they are to be landed.
    """
    files = [(path, root) for root in roots for path in _files(root)]
    taken: set[Path] = set()
    found: dict[tuple[str, str, dt.date | None], Found] = {}
    for dataset in registry.datasets():
        places = [*files, *((path, root) for root in open_roots for path in _files(root))] if dataset.open else files
        for feed in dataset.feeds:
            pattern = _pattern(feed.files)
            for path, root in _once(places):
                if (match := pattern.search(path.resolve().as_posix())) is not None:
                    taken.add(path)
                    _add(found, dataset, feed, _found_file(path, root, match), today)
    shown = [path.relative_to(root).as_posix() for path, root in files if path not in taken]
    ordered = sorted(
        found.values(), key=lambda f: (not f.dataset.open, f.as_of, f.dataset.full_name, f.sent_on or f.as_of)
    )
    return Inbox(tuple(ordered), tuple(sorted(set(shown))))


def _once(places: Iterable[tuple[Path, Path]]) -> Iterator[tuple[Path, Path]]:
    """Give each file once, though several of the folders hold it."""
    seen: set[Path] = set()
    for path, root in places:
        if (real := path.resolve()) not in seen:
            seen.add(real)
            yield path, root


def _files(root: Path) -> list[Path]:
    return sorted(path for path in root.rglob("*") if path.is_file() and not path.name.startswith((".", "~$")))


def _pattern(declared: str) -> re.Pattern[str]:
    parts = re.split(r"(\{period\}|\{sent\}|\*)", declared)
    return re.compile("/" + "".join(_TOKENS.get(part, re.escape(part)) for part in parts) + "$")


def _found_file(path: Path, root: Path, match: re.Match[str]) -> FoundFile:
    named = match.groupdict()
    period = named.get("period") or _period_of_folder(path)
    sent = named.get("sent")
    return FoundFile(path, path.relative_to(root).as_posix(), period, _day(sent) if sent else None)


def _period_of_folder(path: Path) -> str | None:
    names = reversed(PurePosixPath(path.as_posix()).parts[:-1])
    return next((name for name in names if _PERIOD_FOLDER.match(name)), None)


def _day(text: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        return None


def _add(
    found: dict[tuple[str, str, dt.date | None], Found], dataset: Dataset, feed: Feed, file: FoundFile, today: dt.date
) -> None:
    name = file.period or (file.sent_on.isoformat() if file.sent_on else "undated")
    key = (dataset.full_name, name, file.sent_on)
    files = (*found[key].files, file) if key in found else (file,)
    found[key] = Found(dataset, feed, name, _as_of(file, today), file.sent_on, files)


def _as_of(file: FoundFile, today: dt.date) -> dt.date:
    """The day that the data describe: the last of its period, else the day it was sent, else today."""
    if file.period:
        year, month = (int(part) for part in file.period.split("-"))
        if 1 <= month <= 12:
            return dt.date(year, month, calendar.monthrange(year, month)[1])
    return file.sent_on or today
