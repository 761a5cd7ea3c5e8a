"""The processes of the measurement: the server, and the visitors; and what they have cost the processors."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

TICKS = os.sysconf("SC_CLK_TCK")
LONGEST_START = 300


class Running:
    """A server with visitors who have signed in."""

    def __init__(self, port: int, server: subprocess.Popen[bytes], visitors: subprocess.Popen[str]) -> None:
        self.port = port
        self._server = server
        self._visitors = visitors

    def do(self, task: str, seconds: float, **order: float) -> dict[str, Any]:
        """Let the visitors do something for a while. Out: what they saw, and what it cost the server."""
        assert self._visitors.stdin is not None and self._visitors.stdout is not None
        before, load = _spent(self._server.pid), os.getloadavg()[0]
        self._visitors.stdin.write(json.dumps({"do": task, "seconds": seconds, **order}) + "\n")
        self._visitors.stdin.flush()
        seen: dict[str, Any] = json.loads(self._visitors.stdout.readline())
        seen["server_cpu"] = _spent(self._server.pid) - before
        seen["load"] = [round(load, 1), round(os.getloadavg()[0], 1)]
        return seen


@contextmanager
def running(folder: Path, people: Path, visitors: int, *, bare: bool = False) -> Iterator[Running]:
    """Serve a workspace in a process of its own, and let visitors sign in from another."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    python = [sys.executable, "-W", "ignore", "-m"]
    with (folder / "server.log").open("ab") as log:
        serve = [*python, "bench.web_serve", str(folder), str(port), *(["bare"] if bare else [])]
        server = subprocess.Popen(serve, stdout=log, stderr=log)
        visiting = None
        try:
            _wait(port, server)
            come = [*python, "bench.web_visitors", str(port), str(visitors), str(people)]
            visiting = subprocess.Popen(come, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, text=True)
            assert visiting.stdout is not None
            if not visiting.stdout.readline():
                raise RuntimeError(f"the visitors did not get in: {(folder / 'server.log').read_text()[-2000:]}")
            yield Running(port, server, visiting)
        finally:
            for process in (visiting, server):
                if process is not None:
                    process.terminate()
                    process.wait(timeout=60)


def _wait(port: int, server: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + LONGEST_START
    while time.monotonic() < until:
        if server.poll() is not None:
            raise RuntimeError("the server ended")
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/brand.css", timeout=60).read()
        except OSError:
            time.sleep(0.2)
        else:
            return
    raise RuntimeError("the server did not start")


def _spent(pid: int) -> float:
    """Give the processor seconds of a process and those that it has started."""
    found = 0.0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            name, fields = stat.parent.name, stat.read_text().rsplit(")", 1)[1].split()
        except OSError:
            continue
        if name == str(pid) or fields[1] == str(pid):
            found += (int(fields[11]) + int(fields[12])) / TICKS
    return found
