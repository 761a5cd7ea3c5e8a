"""The ledger of disposals as files, one for each: what a backup that is put back has to forget again.

They hold keyed references and no value. They belong on other storage than the backups of the workspace: whoever puts
the workspace back as it was must not put them back with it.
"""

from __future__ import annotations

import datetime as dt
import hmac
import json
import os
import secrets
from collections.abc import Sequence
from pathlib import Path

from almoner.disposal.ports import Disposal
from almoner.kernel.errors import WorkspaceError
from almoner.store.barred import Reference

_SUFFIX = ".json"


class LedgerFiles:
    """The files in one folder."""

    def __init__(self, folder: Path, key: bytes) -> None:
        self._folder = folder
        self._key = key

    def names(self) -> frozenset[str]:
        """Name the disposals that have a file. Opens none."""
        if not self._folder.is_dir():
            return frozenset()
        return frozenset(path.stem for path in self._folder.glob(f"D*{_SUFFIX}"))

    def write(self, disposal: Disposal, references: Sequence[Reference]) -> str:
        """Write a disposal's file, whole or not at all, onto the disk. Out: its digest."""
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        document = {
            "disposal": disposal.id, "kind": disposal.kind, "subject": disposal.subject, "action": disposal.action,
            "made_by": disposal.made_by, "made_at": disposal.made_at.isoformat(),
            "references": [[each.dataset, each.slot, each.bucket, each.reference] for each in references],
        }  # fmt: skip
        content = json.dumps(document, sort_keys=True)
        mark = self._mark(content)
        path = self._folder / f"{disposal.id}{_SUFFIX}"
        temporary = self._folder / f".{disposal.id}.{secrets.token_hex(6)}"
        with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
            out.write(json.dumps({"mark": mark, "content": content}) + "\n")
            out.flush()
            os.fsync(out.fileno())
        os.replace(temporary, path)
        return mark

    def read(self, name: str) -> tuple[Disposal, list[Reference]]:
        """Read a disposal's file. Raises: WorkspaceError where it was altered, or written under another key."""
        path = self._folder / f"{name}{_SUFFIX}"
        try:
            read = json.loads(path.read_text(encoding="utf-8"))
            sound = hmac.compare_digest(read["mark"], self._mark(read["content"]))
            told = json.loads(read["content"])
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise _altered(path) from error
        if not sound or told["disposal"] != name:
            raise _altered(path)
        disposal = Disposal(
            name, told["kind"], told["subject"], told["action"], "doing", told["made_by"],
            dt.datetime.fromisoformat(told["made_at"]), 0, 0,
        )  # fmt: skip
        return disposal, [Reference(*each) for each in told["references"]]

    def tidy(self) -> int:
        """Remove what a crash has left half-written."""
        left = list(self._folder.glob(".D*")) if self._folder.is_dir() else []
        for path in left:
            path.unlink(missing_ok=True)
        return len(left)

    def _mark(self, content: str) -> str:
        return hmac.digest(self._key, content.encode(), "sha256").hex()


def _altered(path: Path) -> WorkspaceError:
    return WorkspaceError(
        "A file of the disposal ledger can't be used.",
        where=path.name,
        why="It was altered, or another workspace wrote it: what was disposed of may come back.",
        todo="Put the ledger's own files back from where they are kept, then run: almoner retention run",
    )
