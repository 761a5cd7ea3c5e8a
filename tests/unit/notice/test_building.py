"""Pages are written whole or not at all, and tell of what they are."""

from __future__ import annotations

import datetime as dt
import errno
from pathlib import Path

import pytest

from almoner.kernel.errors import RegistryError, ResourceExhausted, WorkspaceError
from almoner.notice import BuiltPage, build_notice, built_pages
from almoner.notice.public_notice import public_notice
from almoner.registry import Registry
from tests.unit.notice.council import TODAY, Change

FILES = [
    "notice.html",
    "notice.md",
    "processing-record.html",
    "processing-record.md",
    "processing-record.csv",
]


def test_five_files_are_written_and_nothing_else(registry: Registry, tmp_path: Path) -> None:
    out = tmp_path / "new" / "folder"
    assert build_notice(registry, out, as_of=TODAY) == [out / name for name in FILES]
    assert sorted(path.name for path in out.iterdir()) == sorted(FILES)
    assert 'As of <time datetime="2026-05-04">4 May 2026</time>' in (out / "notice.html").read_text("utf-8")


def test_the_same_registry_on_the_same_day_gives_the_same_bytes(registry: Registry, tmp_path: Path) -> None:
    first = {path.name: path.read_bytes() for path in build_notice(registry, tmp_path / "a", as_of=TODAY)}
    second = {path.name: path.read_bytes() for path in build_notice(registry, tmp_path / "b", as_of=TODAY)}
    assert first == second


def test_built_pages_tell_what_they_say(registry: Registry, changed: Change, tmp_path: Path) -> None:
    assert built_pages(tmp_path) == ()
    build_notice(registry, tmp_path, as_of=dt.date(2025, 1, 1))
    pages = built_pages(tmp_path)
    assert [(page.file, page.page) for page in pages] == [
        ("notice.html", "notice"),
        ("notice.md", "notice"),
        ("processing-record.html", "processing-record"),
        ("processing-record.md", "processing-record"),
    ]
    assert {page.digest for page in pages[:2]} == {public_notice(registry, as_of=TODAY).digest}
    build_notice(changed("category", "health", title="your wellbeing"), tmp_path, as_of=TODAY)
    assert {page.digest for page in built_pages(tmp_path)}.isdisjoint({page.digest for page in pages})


def test_a_page_without_a_digest_is_seen(tmp_path: Path) -> None:
    (tmp_path / "notice.html").write_text("<p>Written by hand</p>")
    assert built_pages(tmp_path) == (BuiltPage("notice.html", "notice", None),)


def test_a_registry_that_can_not_be_stated_leaves_the_folder(
    registry: Registry, changed: Change, tmp_path: Path
) -> None:
    build_notice(registry, tmp_path, as_of=TODAY)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    with pytest.raises(RegistryError):
        build_notice(changed("purpose", "research", lawful_basis="whim"), tmp_path, as_of=TODAY)
    with pytest.raises(RegistryError):
        build_notice(changed("controller", brand_colour="red;"), tmp_path, as_of=TODAY)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


@pytest.mark.parametrize(
    ("number", "error"),
    [(errno.ENOSPC, ResourceExhausted), (errno.EDQUOT, ResourceExhausted), (errno.EACCES, WorkspaceError)],
)
def test_a_failing_disk_leaves_the_old_page_whole(
    registry: Registry,
    changed: Change,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    number: int,
    error: type[Exception],
) -> None:
    build_notice(registry, tmp_path, as_of=TODAY)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}

    def fail(descriptor: int) -> None:
        raise OSError(number, "no")

    monkeypatch.setattr("os.fsync", fail)
    with pytest.raises(error):
        build_notice(changed("category", "health", title="your wellbeing"), tmp_path, as_of=TODAY)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_a_folder_that_is_a_file_is_refused(registry: Registry, tmp_path: Path) -> None:
    (tmp_path / "out").write_text("a file")
    with pytest.raises(WorkspaceError) as refused:
        build_notice(registry, tmp_path / "out", as_of=TODAY)
    assert refused.value.where == "out"
