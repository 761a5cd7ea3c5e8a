"""Workers who use the application over HTTP as browsers do: they sign in, search, say why, and open records.

A process of its own: what the visitors cost the processors is not the server's, but it is beside it on the same ones.
"""

from __future__ import annotations

import http.client
import json
import os
import random
import re
import sys
import threading
import time
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from bench.web_data import worker

WHY = {"reason": "other", "words": "Measuring how fast pages are"}
HEADERS = {"User-Agent": "A visitor of the benchmark", "Accept-Language": "en-GB"}
TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')
EACH_OPENS = 4
"""Records that a worker has open before anything is measured."""


class Visitor:
    """One browser."""

    def __init__(self, port: int, actor: str) -> None:
        self._port = port
        self._cookies: dict[str, str] = {}
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self.records: list[str] = []
        self.failed: list[str] = []
        self._send("/sign-in/local/", {"actor": actor}, form="/sign-in/local/")

    def get(self, path: str) -> tuple[int, str, str]:
        """Open a page. Out: status, where it sends to, what it says."""
        return self._ask("GET", path)

    def leave(self) -> None:
        """Hang up: the next request is on a connection of its own."""
        self._connection.close()

    def search(self, name: str, born: str = "") -> tuple[float, str]:
        """Search as the form does. Out: seconds that the answer took, and where it sends to."""
        token = TOKEN.search(self.get("/people/")[2])
        started = time.perf_counter()
        status, where, _ = self._ask(
            "POST", "/people/", {**WHY, "name": name, "born": born, "csrfmiddlewaretoken": token[1] if token else ""}
        )
        if status not in (303, 400):  # 400: more answer than may be listed
            self.failed.append(f"search {status}")
        return time.perf_counter() - started, where if status == 303 else ""

    def open_somebody(self, name: str, born: str) -> bool:
        """Find and open one record; keep its address."""
        _, found = self.search(name, born)
        link = re.search(r'href="(/people/[^"/]+/open/)"', self.get(found)[2]) if found else None
        if link is None:
            return False
        _, where = self._send(link[1], dict(WHY), form=link[1])
        self.records.append(where)
        return True

    def record(self) -> float:
        """Open one of the records again. Out: seconds."""
        path = random.choice(self.records)
        started = time.perf_counter()
        status, _, page = self.get(path)
        if status != 200 or "What was looked at" not in page:
            self.failed.append(f"record {status}")
        return time.perf_counter() - started

    def _send(self, path: str, fields: dict[str, str], *, form: str) -> tuple[int, str]:
        token = TOKEN.search(self.get(form)[2])
        status, where, _ = self._ask("POST", path, {**fields, "csrfmiddlewaretoken": token[1] if token else ""})
        return status, where

    def _ask(self, method: str, path: str, fields: dict[str, str] | None = None) -> tuple[int, str, str]:
        headers = {**HEADERS, "Cookie": "; ".join(f"{k}={v}" for k, v in self._cookies.items())}
        body = urlencode(fields) if fields is not None else None
        if body is not None:
            headers |= {"Content-Type": "application/x-www-form-urlencoded", "Origin": f"http://127.0.0.1:{self._port}"}
        for attempt in (1, 2):  # the server closes a connection that was idle for long
            try:
                self._connection.request(method, path, body, headers)
                answer = self._connection.getresponse()
                break
            except (http.client.RemoteDisconnected, ConnectionResetError, BrokenPipeError):
                self._connection.close()
                if attempt == 2:
                    raise
        page = answer.read().decode()
        for name, value in answer.getheaders():
            if name.lower() == "set-cookie":
                key, _, rest = value.partition("=")
                self._cookies[key] = rest.partition(";")[0]
        return answer.status, answer.getheader("Location") or "", page


def signed_in(port: int, people: list[list[str]], count: int) -> list[Visitor]:
    """Let workers sign in and open records of their own."""
    visitors = []
    for number in range(count):
        visitor = Visitor(port, worker(number))
        chosen = random.Random(number).sample(people, min(len(people), 40))
        for name, born in chosen:
            if len(visitor.records) >= EACH_OPENS:
                break
            visitor.open_somebody(name, born)
        assert visitor.records, "nobody could be opened"
        visitor.record()
        visitors.append(visitor)
    return visitors


def thinking(
    visitors: list[Visitor], seconds: float, think: float, task: str, people: list[list[str]]
) -> dict[str, Any]:
    """Let every visitor open a page, think, and open the next, for a while."""
    taken: list[float] = []
    lock, until = threading.Lock(), time.monotonic() + seconds

    def visits(visitor: Visitor, number: int) -> None:
        chance = random.Random(number)
        time.sleep(chance.random() * think)
        while time.monotonic() < until:
            try:
                if task == "search":
                    name, born = chance.choice(people)
                    spent = visitor.search(name, born if chance.random() < 0.5 else "")[0]
                else:
                    spent = visitor.record()
            except OSError as error:
                visitor.failed.append(type(error).__name__)
                continue
            with lock:
                taken.append(spent)
            time.sleep(think)

    return _during(visitors, visits, taken)


def at_rate(visitors: list[Visitor], seconds: float, rate: float) -> dict[str, Any]:
    """Ask for pages at a fixed rate, whether or not the ones before are answered; waiting for a visitor counts."""
    taken: list[float] = []
    lock, begun = threading.Lock(), time.monotonic()
    turns = iter(range(int(rate * seconds)))

    def visits(visitor: Visitor, number: int) -> None:
        while True:
            with lock:
                turn = next(turns, None)
            if turn is None:
                return
            due = begun + turn / rate
            time.sleep(max(0.0, due - time.monotonic()))
            try:
                visitor.record()
            except OSError as error:
                visitor.failed.append(type(error).__name__)
            with lock:
                taken.append(time.monotonic() - due)

    return _during(visitors, visits, taken)


def _during(visitors: list[Visitor], visits: Any, taken: list[float]) -> dict[str, Any]:
    before, started = sum(len(v.failed) for v in visitors), time.monotonic()
    threads = [threading.Thread(target=visits, args=(v, n)) for n, v in enumerate(visitors)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    failed = [each for v in visitors for each in v.failed]
    return {"taken": taken, "errors": len(failed) - before, "failed": sorted(set(failed[before:])),
            "seconds": time.monotonic() - started}  # fmt: skip


def main() -> None:
    """Do what stands in each line of the standard input, and answer with a line: visitors stay signed in."""
    port, count, file = int(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3])
    people = json.loads(file.read_text("utf-8"))
    visitors = signed_in(port, people, count)
    _say({"ready": True})
    for line in sys.stdin:
        order = json.loads(line)
        if order["do"] == "rate":
            _say(at_rate(visitors, order["seconds"], order["rate"]))
        else:
            _say(thinking(visitors, order["seconds"], order["think"], order["do"], people))


def _say(document: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(document) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
    os._exit(0)
