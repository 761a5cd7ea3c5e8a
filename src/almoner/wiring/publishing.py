"""What the public is served: releases to the public with their files, and the record about how records are joined.

No right is needed, so nothing here may give anything of a release that is not out, or not for the public.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from almoner.kernel.errors import LakeError, NotFound
from almoner.registry.releasing import PUBLIC
from almoner.release.outputs.document import NAME as DOCUMENT
from almoner.release.ports import Release
from almoner.release.shelf import Shelf, digest_of
from almoner.wiring.releasing import FOLDER, book_of
from almoner.wiring.workspace import Workspace

OUT = ("released", "withdrawn")
"""States that the release log shows: what was out stays in it."""


@dataclass(frozen=True)
class PublicFile:
    """A file of a release, as it was published."""

    name: str
    digest: str
    size: int


def public_releases(workspace: Workspace) -> list[Release]:
    """List what was released to the public, the newest first; what was withdrawn among it."""
    found = [each for each in book_of(workspace).releases() if each.recipient == PUBLIC and each.state in OUT]
    return sorted(found, key=lambda each: (each.released_at is not None, each.released_at), reverse=True)


def public_release(workspace: Workspace, release_id: str) -> Release:
    """Find a release to the public. Raises: NotFound where there is none that is or was out."""
    found = book_of(workspace).find(release_id)
    if found is None or found.recipient != PUBLIC or found.state not in OUT:
        raise NotFound("There is no such release.", todo="The release log lists what was published.")
    return found


def public_files(workspace: Workspace, release: Release) -> list[PublicFile]:
    """List the files of a release that is out; those of one that was withdrawn are gone."""
    if release.state != "released":
        return []
    place = Shelf(workspace.root / FOLDER).place(release.id)
    declared = release.files or {}
    return [
        PublicFile(name, digest, (place / name).stat().st_size)
        for name, digest in sorted(declared.items())
        if (place / name).is_file()
    ]


def public_figures(workspace: Workspace, release: Release) -> dict[str, Any] | None:
    """Give what a release says as a document, if it was published as one too.

    Raises: LakeError where somebody changed it.
    """
    if release.state != "released" or DOCUMENT not in (release.files or {}):
        return None
    found: dict[str, Any] = json.loads(published_file(workspace, release.id, DOCUMENT))
    return found


def published_file(workspace: Workspace, release_id: str, name: str) -> bytes:
    """Give a published file, if it still is what was published.

    Raises: NotFound; LakeError where somebody changed it.
    """
    release = public_release(workspace, release_id)
    digest = (release.files or {}).get(name)
    if release.state != "released" or digest is None:
        raise NotFound("There is no such file.", todo="The release log lists what was published.")
    path = Shelf(workspace.root / FOLDER).place(release.id) / name
    content = path.read_bytes() if path.is_file() else b""
    if digest_of(content) != digest:
        workspace.note("release.altered", outcome="failed", release=release.id)
        raise LakeError(
            "This file is no longer what was published, so it is not given out.",
            where=f"release {release.id}",
            todo="Tell the council; the other files may be whole.",
        )
    return content
