"""Writes a folder of files as a whole: all of them or none, in the place of an earlier one and of nothing else."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Collection, Iterable
from pathlib import Path

from almoner.kernel.errors import ResourceExhausted, UsageError

Files = Iterable[tuple[str, bytes]]
"""Path within the folder → content. May be made one by one while they are written."""

_OWN_FOLDER, _OWN_FILE = 0o700, 0o600
_OPEN_FOLDER, _OPEN_FILE = 0o755, 0o644


def write_whole(
    directory: Path, files: Files, what: str, is_earlier: Callable[[Path], bool], *,
    open_but: Collection[str] | None = None,
) -> None:  # fmt: skip
    """Write files into a directory that is new, empty, or holds an earlier writing.

    In: what: what is written, in the plural, for messages; is_earlier: says whether a directory that is not empty
        holds an earlier one; open_but: others may read it but for these folders; None: nobody but its owner may.
    Raises: UsageError where the directory holds something else; ResourceExhausted where the files can't be written:
        then it holds what it held before.
    """
    target = directory.resolve()
    if target.exists() and not (target.is_dir() and (not any(target.iterdir()) or is_earlier(target))):
        raise UsageError(
            f"The directory for the {what} holds something else.", where=str(directory),
            why="It is replaced as a whole, and nothing else may be lost by that.",
            todo="Name a new or empty directory.",
        )  # fmt: skip
    target.parent.mkdir(parents=True, exist_ok=True)
    fresh = Path(tempfile.mkdtemp(prefix=f".{target.name}-", dir=target.parent))
    try:
        for name, content in files:
            _write(fresh, name, content, is_open=open_but is not None and name.partition("/")[0] not in open_but)
        if open_but is not None:
            fresh.chmod(_OPEN_FOLDER)
        _swap(fresh, target)
    except OSError as error:
        raise ResourceExhausted(
            f"The {what} could not be written; what was there before is unchanged.",
            where=str(directory), why=error.strerror or "", todo="Free space, or choose another directory.",
        ) from error  # fmt: skip
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def _write(folder: Path, name: str, content: bytes, *, is_open: bool) -> None:
    """Write a file that is never, not for a moment, open to more people than it is to be."""
    path = folder / name
    path.parent.mkdir(mode=_OPEN_FOLDER if is_open else _OWN_FOLDER, exist_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _OWN_FILE), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    path.chmod(_OPEN_FILE if is_open else _OWN_FILE)


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
