"""Records, catalogue and audit on PostgreSQL: the whole flow gives what it gives on SQLite."""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest

from almoner.kernel import errors
from tests.workspace_builder import TinyWorkspace, write_workspace

pytestmark = [pytest.mark.integration, pytest.mark.slow]
SERVER = os.environ.get("ALMONER_TEST_DATABASE_URL", "")


@pytest.fixture(scope="module")
def database() -> Iterator[str]:
    """Give the address of an empty database, which goes after the tests."""
    if not SERVER:
        pytest.skip("ALMONER_TEST_DATABASE_URL names no PostgreSQL server to test against")
    psycopg = pytest.importorskip("psycopg", reason="the PostgreSQL driver is not installed")
    name = f"almoner_{secrets.token_hex(6)}"
    with psycopg.connect(SERVER, autocommit=True) as server:
        server.execute(f"CREATE DATABASE {name}")
    yield SERVER.rsplit("/", 1)[0] + "/" + name
    with psycopg.connect(SERVER, autocommit=True) as server:
        server.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory, database: str) -> TinyWorkspace:
    """Give a workspace whose records are in that database: taken in and linked."""
    tiny = write_workspace(tmp_path_factory.mktemp("postgresql") / "workspace")
    for command in (("intake", "--json"), ("link", "--json")):
        done = tiny.run(*command, DATABASE_URL=database)
        assert done.returncode == 0, done.stderr
    return tiny


def said(tiny: TinyWorkspace, database: str, *arguments: str) -> dict[str, object]:
    """Run a command, and give its document."""
    done = tiny.run(*arguments, "--json", DATABASE_URL=database)
    assert done.returncode == 0, done.stderr
    found: dict[str, object] = json.loads(done.stdout)
    return found


def test_it_gives_what_sqlite_gives(tiny: TinyWorkspace, database: str, tmp_path: Path) -> None:
    other = write_workspace(tmp_path / "workspace")
    assert other.run("intake").returncode == 0
    by_sqlite = json.loads(other.run("link", "--json").stdout)
    linked = said(tiny, database, "link")
    numbers = ("records", "persons", "households", "review_queue")
    assert {name: linked[name] for name in numbers} == {name: by_sqlite[name] for name in numbers}
    assert not (tiny.root / "records.sqlite").exists()
    assert not (tiny.root / "audit.sqlite").exists()


def test_the_same_delivery_again_changes_nothing(tiny: TinyWorkspace, database: str) -> None:
    deliveries = said(tiny, database, "intake")["deliveries"]
    assert {each["status"] for each in deliveries} == {"unchanged"}  # type: ignore[index,attr-defined]


def test_roles_permits_and_the_log_are_there(tiny: TinyWorkspace, database: str) -> None:
    assert said(tiny, database, "role", "list")["roles"]
    permit = said(
        tiny, database, "permit", "request", "--purpose", "research", "--project", "alpha", "--reason", "A test of it"
    )
    assert permit["permit"]
    assert said(tiny, database, "audit", "verify")["intact"] is True


def test_a_case_is_kept_there_and_its_key_is_not(tiny: TinyWorkspace, database: str) -> None:
    """What the database keeps of a deleted row is ciphertext: the key was never in it."""
    psycopg = pytest.importorskip("psycopg")
    words = ("foi", "open", "--name", "Zebedee Quillfeather", "--words", "How are streets mended? zqcanaryrequest")
    case = str(said(tiny, database, *words)["case"])
    said(tiny, database, "foi", "ask", case, "--words", "Which streets? zqcanaryrequest")
    shown = said(tiny, database, "foi", "show", case)
    assert "zqcanaryrequest" in str(shown["request"]) and shown["due_on"] is None
    (key,) = (tiny.root / "case-keys").glob("*.key")
    assert (
        said(tiny, database, "foi", "withdraw", case, "--reason", "They rang and took it back")["state"] == "withdrawn"
    )
    with psycopg.connect(database) as server:
        dumped = [
            str(row)
            for name in ("records_caserecord", "records_casestep")
            for row in server.execute(f"SELECT * FROM {name}").fetchall()
        ]
        changes = server.execute("SELECT count(*) FROM records_casestep").fetchone()
    assert changes == (3,) and any(case in row for row in dumped)
    assert not any(secret in row for row in dumped for secret in ("zqcanaryrequest", "Quillfeather"))
    assert not any(key.read_bytes().hex() in row for row in dumped)


def test_without_the_address_the_lake_is_not_taken_for_an_empty_one(tiny: TinyWorkspace, database: str) -> None:
    """Another catalogue knows none of the lake's files: sweeping them would lose them."""
    before = sorted(path for path in (tiny.root / "lake").rglob("*.parquet"))
    done = tiny.run("intake")
    assert done.returncode == errors.LakeError.exit_code, done.stderr
    assert "DATABASE_URL" in done.stderr
    assert sorted(path for path in (tiny.root / "lake").rglob("*.parquet")) == before
    (tiny.root / "records.sqlite").unlink()


def test_a_server_that_is_not_there_is_told(tiny: TinyWorkspace) -> None:
    done = tiny.run("link", DATABASE_URL="postgresql://almoner:zqsecret@127.0.0.1:9/none")
    assert done.returncode not in (0, 1)
    assert "Traceback" not in done.stderr
    assert "zqsecret" not in done.stderr
