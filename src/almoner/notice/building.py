"""Builds the notice and the record of processing into a folder, and reads back of which registry a built page
is.

Each file is written beside its place and renamed into it: a reader sees the old page or the new one, never
half of one. All pages are made before the first is written, so a registry that can't be stated leaves the
folder as it was.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import errno
import os
import re
import secrets
from dataclasses import dataclass
from pathlib import Path

from almoner.kernel.errors import AlmonerError, ResourceExhausted, WorkspaceError
from almoner.notice.blocks import PageName
from almoner.notice.processing_record import processing_record, record_csv
from almoner.notice.public_notice import public_notice
from almoner.notice.rendering import CONTENT_MARK, render_html, render_markdown
from almoner.registry.registry import Registry

_IN_HTML = re.compile(rf'<meta name="{CONTENT_MARK}" content="([0-9a-f]{{64}})">')
_IN_MARKDOWN = re.compile(rf"^{CONTENT_MARK}: ([0-9a-f]{{64}})$", re.MULTILINE)
_HEAD = 20_000
"""As much of a page as can hold its digest."""

_PAGES: tuple[PageName, ...] = ("notice", "processing-record")


@dataclass(frozen=True)
class BuiltPage:
    """A page that was built earlier, and the digest of what it says; none if it carries none."""

    file: str
    page: PageName
    digest: str | None


def build_notice(registry: Registry, out_dir: Path, *, as_of: dt.date) -> list[Path]:
    """Write notice.html, notice.md, processing-record.html, .md and .csv; give their paths.

    Raises: RegistryError when the registry can't be stated; WorkspaceError or ResourceExhausted when a file
    can't be written.
    """
    notice = public_notice(registry, as_of=as_of)
    record = processing_record(registry, as_of=as_of)
    pages = {
        "notice.html": render_html(notice),
        "notice.md": render_markdown(notice),
        "processing-record.html": render_html(record),
        "processing-record.md": render_markdown(record),
        "processing-record.csv": record_csv(registry),
    }
    try:
        out_dir.mkdir(parents=True, exist_ok=True)
        for name, words in pages.items():
            _write(out_dir / name, words)
    except OSError as error:
        raise _unwritten(error) from error
    return [out_dir / name for name in pages]


def built_pages(out_dir: Path) -> tuple[BuiltPage, ...]:
    """Read which notice and record stand in a folder, and of what they are.

    Raises: WorkspaceError when a page that is there can't be read.
    """
    found = []
    for page in _PAGES:
        for suffix, pattern in ((".html", _IN_HTML), (".md", _IN_MARKDOWN)):
            path = out_dir / f"{page}{suffix}"
            if path.is_file():
                mark = pattern.search(_head(path))
                found.append(BuiltPage(path.name, page, mark[1] if mark else None))
    return tuple(found)


def stated_section(out_dir: Path, number: int) -> str | None:
    """Read what a section of the built notice says, as Markdown; None where no notice stands."""
    path = out_dir / "notice.md"
    try:
        return section_of(path.read_text("utf-8"), number) if path.is_file() else None
    except (OSError, UnicodeDecodeError):
        return ""


def section_of(page: str, number: int) -> str:
    """Give a section of a page in Markdown, without its heading; '' where there is none."""
    _, _, rest = page.partition(f"\n## {number}. ")
    return rest.partition("\n## ")[0].partition("\n")[2].strip()


def _head(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return file.read(_HEAD).decode("utf-8", "replace")
    except OSError as error:
        raise WorkspaceError(
            "A built page can't be read.",
            where=path.name,
            why="Whether it still says what the registry says can't be told.",
            todo="Let this user read it, or remove it and run 'almoner notice build'.",
        ) from error


def _write(path: Path, words: str) -> None:
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    try:
        with draft.open("xb") as file:
            file.write(words.encode("utf-8"))
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            draft.unlink(missing_ok=True)
        raise


def _unwritten(error: OSError) -> AlmonerError:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return ResourceExhausted(
            "The disk is full: the notice was not built.",
            why="Each page is written whole or not at all.",
            todo="Make room and run 'almoner notice build' again.",
        )
    return WorkspaceError(
        "The notice can't be written.",
        where=os.path.basename(error.filename or "") if isinstance(error.filename, str) else "",
        why=os.strerror(error.errno) if error.errno else "the system refused",
        todo="Name a folder that this user may write to.",
    )
