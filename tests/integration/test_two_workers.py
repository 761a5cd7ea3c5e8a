"""Two processes serve one workspace: whoever answers, sessions, records and the log are the same; one may die."""

from __future__ import annotations

import os
import secrets
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from bench.web_visitors import Visitor
from tests.browser.web_server import Served, server
from tests.workspace_builder import RESIDENTS, TinyWorkspace, finished_workspace, write_workspace

pytestmark = [pytest.mark.integration, pytest.mark.slow]
DATABASES = os.environ.get("ALMONER_TEST_DATABASE_URL", "")
VISITS = 8
TENANT = RESIDENTS[0]


@pytest.fixture
def sqlite(tmp_path: Path) -> Iterator[Served]:
    """Serve a workspace by two processes."""
    with server(finished_workspace(tmp_path / "workspace"), tmp_path, "", more="workers = 2\n") as served:
        yield served


@pytest.fixture
def postgresql(tmp_path: Path) -> Iterator[tuple[Served, str]]:
    """Serve by two processes a workspace whose records are in a database of its own."""
    if not DATABASES:
        pytest.skip("ALMONER_TEST_DATABASE_URL names no PostgreSQL server to test against")
    psycopg = pytest.importorskip("psycopg", reason="the PostgreSQL driver is not installed")
    name = f"almoner_{secrets.token_hex(6)}"
    with psycopg.connect(DATABASES, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    url = DATABASES.rsplit("/", 1)[0] + "/" + name
    tiny = write_workspace(tmp_path / "workspace")
    for words in (["intake"], ["link"], ["role", "grant", "worker", "front_line"]):
        done = tiny.run(*words, DATABASE_URL=url)
        assert done.returncode == 0, done.stderr
    with server(tiny, tmp_path, "", more="workers = 2\n", DATABASE_URL=url) as served:
        yield served, url
    with psycopg.connect(DATABASES, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


def visitor_of(served: Served, actor: str = "worker") -> Visitor:
    """Let a worker sign in and open a record; each request is on a connection of its own, so anybody may answer."""
    visitor = Visitor(urlsplit(served.address).port or 0, actor)
    assert visitor.open_somebody(f"{TENANT.forename} {TENANT.surname}", TENANT.born.isoformat())
    return visitor


def visits(visitor: Visitor, count: int = VISITS) -> None:
    """Open the record again and again."""
    for _ in range(count):
        visitor.leave()
        visitor.record()


def children(process: int) -> list[int]:
    """Give the processes that answer."""
    return [int(each) for each in Path(f"/proc/{process}/task/{process}/children").read_text().split()]


def reads_snapshot(process: int) -> bool:
    """Whether a process holds the book of records open."""
    links = Path(f"/proc/{process}/fd").iterdir()
    return any(os.readlink(link).endswith(".book") for link in links if link.is_symlink())


def at_once(visitors: list[Visitor]) -> None:
    """Let visitors open records all at the same time."""
    threads = [threading.Thread(target=visits, args=(visitor,)) for visitor in visitors]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_both_answer_for_everybody_and_the_log_has_each_read_once(sqlite: Served) -> None:
    visitors = [visitor_of(sqlite) for _ in range(4)]
    before = len(runs(sqlite.tiny))
    at_once(visitors)
    assert [visitor.failed for visitor in visitors] == [[]] * 4
    assert len(children(sqlite.process)) == 2
    assert all(reads_snapshot(process) for process in children(sqlite.process)), "only one has answered"
    assert len(runs(sqlite.tiny)) - before == 4 * VISITS
    assert sqlite.tiny.open().audit.verify().intact
    assert sqlite.log.read_text("utf-8").count("Traceback") == 0


def runs(tiny: TinyWorkspace) -> list[str]:
    return [str(event.permit_id) for event in tiny.events() if event.action == "run"]


def test_a_process_that_dies_takes_nobodys_session_with_it(sqlite: Served) -> None:
    visitor = visitor_of(sqlite)
    for process in children(sqlite.process):
        os.kill(process, signal.SIGKILL)
        until = time.monotonic() + 60
        while len(children(sqlite.process)) < 2 or process in children(sqlite.process):
            assert time.monotonic() < until
            time.sleep(0.1)
        visits(visitor, 2)
    assert visitor.failed == []


def test_who_signs_out_at_one_is_out_at_both(sqlite: Served) -> None:
    visitor = visitor_of(sqlite)
    kept = dict(visitor._cookies)
    visitor._send("/sign-out/", {}, form="/account/")
    visitor._cookies = kept
    for _ in range(6):
        visitor.leave()
        assert visitor.get(visitor.records[0])[0] == 303


def test_two_processes_with_postgresql(postgresql: tuple[Served, str]) -> None:
    served, url = postgresql
    visitors = [visitor_of(served) for _ in range(3)]
    at_once(visitors)
    assert [visitor.failed for visitor in visitors] == [[]] * 3
    assert all(reads_snapshot(process) for process in children(served.process))
    done = served.tiny.run("audit", "verify", "--json", DATABASE_URL=url)
    assert done.returncode == 0 and '"intact": true' in done.stdout, done.stderr
    assert not (served.tiny.root / "records.sqlite").exists()
