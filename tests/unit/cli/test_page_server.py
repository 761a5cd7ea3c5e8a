"""The served pages: their own script runs, no other does, and nothing beside them is given."""

from __future__ import annotations

import base64
import hashlib
import http.client
import re
import threading
from collections.abc import Iterator
from functools import partial
from http.server import ThreadingHTTPServer
from pathlib import Path

import pytest

from almoner.cli.page_server import _Pages
from almoner.profiles.frame import script_source


@pytest.fixture
def served(tmp_path: Path) -> Iterator[http.client.HTTPConnection]:
    """Serve a folder with one page, and records beside it."""
    (tmp_path / "profiles").mkdir()
    (tmp_path / "profiles" / "profiles.html").write_text("<h1>Drafts</h1>")
    (tmp_path / "records.sqlite").write_text("never")
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(_Pages, directory=str(tmp_path))) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        connection = http.client.HTTPConnection("127.0.0.1", server.server_port, timeout=10)
        yield connection
        connection.close()
        server.shutdown()
        thread.join()


def test_the_policy_allows_the_pages_own_script_and_no_other(served: http.client.HTTPConnection) -> None:
    served.request("GET", "/profiles/profiles.html")
    answer = served.getresponse()
    assert answer.status == 200 and b"Drafts" in answer.read()
    policy = answer.headers["Content-Security-Policy"]
    scripts = re.search(r"script-src ([^;]*)", policy)
    assert scripts is not None and scripts[1].split() == [script_source()]
    template = Path(__file__).parents[3] / "src" / "almoner" / "profiles" / "templates" / "profiles.js"
    digest = hashlib.sha256(template.read_text("utf-8").removesuffix("\n").encode()).digest()
    assert script_source() == f"'sha256-{base64.b64encode(digest).decode()}'"


@pytest.mark.parametrize(
    "path",
    [
        "/records.sqlite",
        "/profiles/../records.sqlite",
        "/profiles/.hidden",
        "/keys/x",
        "/profiles/%2e%2e/records.sqlite",
        "/profiles",
        "/profiles/%2e%2e/%2e%2e/x",
    ],
)
def test_nothing_beside_the_pages_is_given(served: http.client.HTTPConnection, path: str) -> None:
    served.request("GET", path)
    answer = served.getresponse()
    assert answer.status == 404 and b"never" not in answer.read()
