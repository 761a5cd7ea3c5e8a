"""A folder of files is written as a whole, only ever in the place of an earlier one, and open to no more people than said."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from almoner.kernel.errors import ResourceExhausted, UsageError
from almoner.kernel.folders import Files, write_whole

FILES = (("a.txt", b"one"), ("within/b.txt", b"two"), ("secret/c.txt", b"three"))


def _is_ours(target: Path) -> bool:
    return (target / "a.txt").is_file()


def _write(out: Path, files: Files = FILES, **how: tuple[str, ...]) -> None:
    write_whole(out, files, "reports", _is_ours, **how)


def _held(out: Path) -> dict[str, bytes]:
    return {str(path.relative_to(out)): path.read_bytes() for path in out.rglob("*") if path.is_file()}


def test_files_are_written_and_an_earlier_folder_is_replaced(tmp_path: Path):
    out = tmp_path / "new" / "out"
    _write(out)
    assert _held(out) == dict(FILES)
    _write(out, [("a.txt", b"again")])
    assert _held(out) == {"a.txt": b"again"}
    assert [path.name for path in out.parent.iterdir()] == ["out"], "nothing temporary is left behind"


@pytest.mark.parametrize("foreign", ["file", "folder"])
def test_what_is_somebody_elses_is_left_alone(tmp_path: Path, foreign: str):
    out = tmp_path / "out"
    if foreign == "file":
        out.write_text("mine")
    else:
        out.mkdir()
        (out / "thesis.txt").write_text("mine")
    with pytest.raises(UsageError, match="something else"):
        _write(out)
    assert "mine" in {out.read_text()} if foreign == "file" else _held(out) == {"thesis.txt": b"mine"}


def test_a_failure_while_files_are_made_leaves_what_was_there(tmp_path: Path):
    out = tmp_path / "out"
    _write(out)

    def breaking() -> Iterator[tuple[str, bytes]]:
        yield "a.txt", b"changed"
        raise OSError(28, "No space left on device")

    with pytest.raises(ResourceExhausted, match="unchanged"):
        _write(out, breaking())
    assert _held(out) == dict(FILES)
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_a_failed_exchange_puts_the_old_folder_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    out, real = tmp_path / "out", Path.rename
    _write(out)

    def fail_on_fresh(self: Path, target: Path) -> Path:
        if self.name.startswith(".out-") and target == out:
            raise OSError(5, "Input/output error")
        return real(self, target)

    monkeypatch.setattr(Path, "rename", fail_on_fresh)
    with pytest.raises(ResourceExhausted):
        _write(out, [("a.txt", b"changed")])
    assert _held(out) == dict(FILES)


def test_only_its_owner_opens_a_folder_unless_said_otherwise(tmp_path: Path):
    _write(tmp_path / "own")
    _write(tmp_path / "open", open_but=("secret",))
    modes = {
        name: {
            str(path.relative_to(tmp_path / name)): path.stat().st_mode & 0o777 for path in (tmp_path / name).rglob("*")
        }
        for name in ("own", "open")
    }
    assert all(not mode & 0o077 for mode in modes["own"].values()) and not (tmp_path / "own").stat().st_mode & 0o077
    assert (tmp_path / "open").stat().st_mode & 0o777 == 0o755
    assert modes["open"]["a.txt"] == 0o644 and modes["open"]["within"] == 0o755
    assert modes["open"]["secret"] == 0o700 and modes["open"]["secret/c.txt"] == 0o600
