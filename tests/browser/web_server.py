"""A workspace served as `almoner serve` serves it: a process of its own, on loopback, to be visited by a real browser."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.workspace_builder import ROOT, TinyWorkspace

DEMONSTRATION = "\n[web]\ndebug = true\nlocal_sign_in = true\n"
LONGEST_START = 120


@dataclass(frozen=True)
class Served:
    """A running server: its address, workspace, the file that it logs to, somebody's id in it, its process."""

    address: str
    tiny: TinyWorkspace
    log: Path
    person_id: str
    process: int = 0


@contextmanager
def server(
    tiny: TinyWorkspace, folder: Path, person_id: str, *, more: str = "", **environment: str
) -> Iterator[Served]:
    """Serve a workspace as a demonstration until the test is over. In: more = further settings of the web application."""
    settings = tiny.root / "almoner.toml"
    settings.write_text(settings.read_text("utf-8") + DEMONSTRATION + more, "utf-8")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    log = folder / "server.log"
    command = [
        sys.executable,
        "-c",
        "from almoner.cli.main import app_entry; app_entry()",
        "serve",
        "--port",
        str(port),
    ]
    with log.open("wb") as written:
        process = subprocess.Popen(
            command, stdout=written, stderr=written, cwd=tiny.root,
            env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT / "src"), "ALMONER_WORKSPACE": str(tiny.root),
                 **environment},
        )  # fmt: skip
    try:
        address = f"http://127.0.0.1:{port}"
        _wait(address, process, log)
        yield Served(address, tiny, log, person_id, process.pid)
    finally:
        process.terminate()
        process.wait(timeout=30)


def _wait(address: str, process: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + LONGEST_START
    while time.monotonic() < until:
        assert process.poll() is None, log.read_text("utf-8")
        try:
            urllib.request.urlopen(f"{address}/brand.css", timeout=5).read()
        except OSError:
            time.sleep(0.3)
        else:
            return
    raise AssertionError(f"the server did not start: {log.read_text('utf-8')}")
