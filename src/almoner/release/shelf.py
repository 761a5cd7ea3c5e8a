"""Where files of releases lie: staged first, put out whole, never half.

A staged folder is out only once its release is in the ledger: a figure that anybody can see must be one that the
ledger knows. What a crash has left behind is put out or removed by the next command, as the records say.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Mapping
from pathlib import Path

from almoner.kernel.errors import ReleaseRefused, ResourceExhausted, WorkspaceError

_STAGED = ".staged-"
_PRIVATE = 0o700


class Shelf:
    """The folder of releases of a workspace."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def place(self, release_id: str) -> Path:
        """Say where the files of a release lie once they are out."""
        return self._folder / release_id

    def stage(self, release_id: str, files: Mapping[str, bytes]) -> dict[str, str]:
        """Write files where nobody looks for them, onto the disk. Out: name → SHA-256.

        Raises: ResourceExhausted where they can't be written; nothing of them is left then. WorkspaceError where
        something lies in the place that they are to go to.
        """
        self._refuse_taken(release_id)
        target = self._folder / f"{_STAGED}{release_id}"
        shutil.rmtree(target, ignore_errors=True)
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            target.mkdir(mode=_PRIVATE)
            for name, content in files.items():
                _write(target / name, content)
            _sync(target)
        except OSError as error:
            shutil.rmtree(target, ignore_errors=True)
            raise ResourceExhausted(
                "The files of the release could not be written; nothing was published.",
                where=str(self._folder), why=error.strerror or "", todo="Free space, then publish again.",
            ) from error  # fmt: skip
        return {name: digest_of(content) for name, content in files.items()}

    def put_out(self, release_id: str, files: Mapping[str, str]) -> None:
        """Put the staged files out, in the place of none, if they are as they were staged.

        In: files: name → SHA-256.
        Raises: WorkspaceError where something lies there; ReleaseRefused where somebody has changed the files
            meanwhile, which are gone then; ResourceExhausted where they can't be moved.
        """
        self._refuse_taken(release_id)
        staged = self._folder / f"{_STAGED}{release_id}"
        if not self.is_as_staged(release_id, files):
            shutil.rmtree(staged, ignore_errors=True)
            raise ReleaseRefused(
                "The files of the release were changed before they went out, so they did not.",
                where=f"release {release_id}", why="Only what was checked and approved may leave.",
                todo="Find out who writes in this folder; withdraw the release, and draft it again.",
            )  # fmt: skip
        try:
            staged.chmod(0o755)
            staged.rename(self.place(release_id))
            _sync(self._folder)
        except OSError as error:
            raise ResourceExhausted(
                "The release is in the ledger, but its files could not be put out.",
                where=str(staged), why=error.strerror or "",
                todo="Mend the folder: the next command about releases that changes any puts them out.",
            ) from error  # fmt: skip

    def _refuse_taken(self, release_id: str) -> None:
        place = self.place(release_id)
        if place.exists() or place.is_symlink():
            raise WorkspaceError(
                "Something lies where the files of the release are to go.",
                where=str(place),
                why="What is there was not published by this release, and nothing that is out is ever written over.",
                todo="Find out what it is, and move it away.",
            )

    def is_as_staged(self, release_id: str, files: Mapping[str, str]) -> bool:
        """Say whether what is staged is what was written there, and nothing besides."""
        return _digests(self._folder / f"{_STAGED}{release_id}") == dict(files)

    def unstage(self, release_id: str) -> None:
        """Remove staged files."""
        shutil.rmtree(self._folder / f"{_STAGED}{release_id}", ignore_errors=True)

    def take_in(self, release_id: str) -> bool:
        """Remove the files of a release that is withdrawn; say whether they are gone."""
        shutil.rmtree(self.place(release_id), ignore_errors=True)
        return not self.place(release_id).exists()

    def staged(self) -> list[str]:
        """Name the releases that have staged files."""
        if not self._folder.is_dir():
            return []
        return sorted(path.name.removeprefix(_STAGED) for path in self._folder.glob(f"{_STAGED}*"))

    def differing(self, release_id: str, files: Mapping[str, str]) -> list[str]:
        """Name the files that are not as they were published: changed, gone or added by somebody."""
        found = _digests(self.place(release_id))
        return sorted(name for name in {*files, *found} if files.get(name) != found.get(name))


def _digests(folder: Path) -> dict[str, str]:
    """Give name → SHA-256 of what lies in a folder; nothing for what is no plain file, or can't be read."""
    found = {}
    for path in folder.glob("*") if folder.is_dir() else ():
        try:
            found[path.name] = digest_of(path.read_bytes()) if path.is_file() and not path.is_symlink() else ""
        except OSError:
            found[path.name] = ""
    return found


def digest_of(content: bytes) -> str:
    """Give the SHA-256 of a file."""
    return hashlib.sha256(content).hexdigest()


def _write(path: Path, content: bytes) -> None:
    with path.open("xb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
