"""The master key and what it protects: never shown, never made twice, never taken from a file that others can read."""

from __future__ import annotations

import base64
import os
import pickle
from pathlib import Path
from typing import Any

import pytest

from almoner.kernel.errors import KeyMissing
from almoner.store.keys import LOCK_NAMES, MASTER_KEY_VARIABLE, KeyRing, make_master_key, open_key_ring, read_master_key

KEY = bytes(range(32))
TEXT = base64.b64encode(KEY).decode()


@pytest.fixture(autouse=True)
def no_key_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the tester's own key out."""
    monkeypatch.delenv(MASTER_KEY_VARIABLE, raising=False)


@pytest.fixture
def key_file(tmp_path: Path) -> Path:
    """Make a master key."""
    file = tmp_path / "keys" / "master.key"
    make_master_key(file)
    return file


def test_a_key_is_made_once_for_its_owner_alone(key_file: Path) -> None:
    before = key_file.read_bytes()
    assert key_file.stat().st_mode & 0o777 == 0o600
    make_master_key(key_file)
    assert key_file.read_bytes() == before


def test_a_crash_while_the_key_is_made_leaves_a_whole_key_or_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Half a key would be refused for ever, and never made again."""
    file = tmp_path / "master.key"
    real = os.fdopen

    def crash(*given: Any, **named: Any) -> Any:
        os.close(given[0])
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(os, "fdopen", crash)
        with pytest.raises(KeyboardInterrupt):
            make_master_key(file)
    assert os.fdopen is real
    make_master_key(file)
    assert len(read_master_key(file)) == 32


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o602, 0o610, 0o601, 0o644, 0o666])
def test_a_file_that_others_may_touch_is_refused(key_file: Path, mode: int) -> None:
    key_file.chmod(mode)
    with pytest.raises(KeyMissing, match="others"):
        read_master_key(key_file)


@pytest.mark.parametrize("text", ["", "zz", base64.b64encode(b"short").decode(), TEXT + "AAAA", "§§§", TEXT[:-4]])
def test_a_key_of_another_shape_is_refused_and_not_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    monkeypatch.setenv(MASTER_KEY_VARIABLE, text)
    with pytest.raises(KeyMissing) as refusal:
        read_master_key(tmp_path / "none")
    assert not text or text not in "".join(refusal.value.lines())


def test_the_environment_comes_before_the_file(key_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(MASTER_KEY_VARIABLE, TEXT)
    assert read_master_key(key_file) == KEY


def test_no_key_at_all_is_said(tmp_path: Path) -> None:
    with pytest.raises(KeyMissing, match="not here"):
        read_master_key(tmp_path / "none")


def test_the_ring_is_made_once_and_opens_again(key_file: Path, tmp_path: Path) -> None:
    first = open_key_ring(key_file, tmp_path / "keys.json")
    again = open_key_ring(key_file, tmp_path / "keys.json")
    assert all(first.key(name) == again.key(name) for name in LOCK_NAMES)
    assert len({first.key(name) for name in LOCK_NAMES}) == len(LOCK_NAMES), "two locks share a key"
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


def test_keys_lie_wrapped(key_file: Path, tmp_path: Path) -> None:
    ring = open_key_ring(key_file, tmp_path / "keys.json")
    text = (tmp_path / "keys.json").read_text()
    assert (tmp_path / "keys.json").stat().st_mode & 0o777 == 0o600
    for name in LOCK_NAMES:
        assert base64.b64encode(ring.key(name)).decode() not in text
        assert ring.key(name).hex() not in text


def test_another_key_opens_nothing(key_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    open_key_ring(key_file, tmp_path / "keys.json")
    monkeypatch.setenv(MASTER_KEY_VARIABLE, TEXT)
    with pytest.raises(KeyMissing, match="does not open") as refusal:
        open_key_ring(key_file, tmp_path / "keys.json")
    assert TEXT not in "".join(refusal.value.lines())


@pytest.mark.parametrize("content", ["", "{}", "[]", '{"keys": 1}', '{"keys": {"identity": "AA=="}}', "not json"])
def test_an_altered_ring_is_said(key_file: Path, tmp_path: Path, content: str) -> None:
    (tmp_path / "keys.json").write_text(content)
    with pytest.raises(KeyMissing):
        open_key_ring(key_file, tmp_path / "keys.json")


def test_a_ring_shows_no_key_and_does_not_travel() -> None:
    ring = KeyRing(KEY, dict.fromkeys(LOCK_NAMES, KEY))
    assert repr(ring) == "KeyRing(criminal, general, identity, quarantine, special, spine, workspace)"
    with pytest.raises(TypeError):
        pickle.dumps(ring)


def test_derived_keys_differ_by_context() -> None:
    ring = KeyRing(KEY, {})
    keys = [ring.derived(context) for context in ("audit.signing", "pseudonym:alpha", "pseudonym:beta")]
    assert len({*keys, KEY}) == 4
    assert ring.derived("pseudonym:alpha") == keys[1]
