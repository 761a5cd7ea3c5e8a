"""Every page is asked for what nobody should ask, and every form sent what nobody should send.

Nothing of it is a failure of ours, nothing hostile is ever more than text, and the log of errors stays empty.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote_from_bytes

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from almoner.web.site import Site
from tests.integration.test_web_front_line import opened
from tests.web_visits import HOST, Visitor, served
from tests.workspace_builder import finished_workspace

pytestmark = [pytest.mark.integration, pytest.mark.slow]

MARK = "zqhostilezq"
HOSTILE = (
    "", f"{MARK}\x00{MARK}", "\ud800", "\x1b[31m\u202e\u2066\uffff", "²", "٣", "-1", "0", "1e999", "9" * 5000, "x" * 100_000,
    "'; DROP TABLE x; -- %s%n {{ 7 * 7 }}", "../../etc/passwd", "\r\nSet-Cookie: x=y", f"<script>{MARK}</script>",
    f'"><img src=x onerror="{MARK}">', f"javascript:{MARK}", "31/31/2020", "99999-12-31", "[]", "P000000000000",
)  # fmt: skip
"""Nulls, half characters, digits that are none, texts that are code somewhere, numbers and days that are none."""
KNOWN = {
    "source": "housing", "release_id": "R00000000000", "case_id": "E0000000000", "name": "x.csv", "token": "nobodys",
    "measure": "nothing", "area": "nowhere", "topic": "nothing", "indicator": "nothing", "dataset": "none.none",
    "answer_id": "Q00000000000", "area_id": "D000000000000", "permit_id": "K0000000000", "fact": "nothing",
    "report_id": "M00000000000", "question": "Q0000000000", "mark": "nobodys", "worker": "worker", "person": "nobodys",
    "request_id": "SAR-000000000", "redaction": "1",
    "sharing": "rents", "share_id": "SHR-000000000",
    "work_id": "W0000000000", "right_id": "R0000000000",
}  # fmt: skip
GOOD = {
    "reason": "other", "words": "A reason that explains enough", "name": "Ashworth", "helpful": "yes", "about": "home",
    "kind": "name", "understood": "yes", "finding": "justified", "looked": "yes", "on-day": "1", "on-month": "9",
    "on-year": "2026", "state": "closed", "answer": "It was put right at the source",
}  # fmt: skip
"""What fields take gladly, so that one hostile value beside them gets far."""
ACTORS = ("", "worker", "officer", "steward", "checker", "analyst")
"""Who asks: each page is asked for by the first of them whom it lets in."""
EXAMPLES = 5
values = st.sampled_from(HOSTILE) | st.text(max_size=60)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Serve a workspace."""
    with served(finished_workspace(tmp_path_factory.mktemp("forms") / "workspace")) as site:
        yield site


class Errors(logging.Handler):
    """Keeps what the application logs."""

    def __init__(self) -> None:
        super().__init__()
        self.said: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep a line."""
        self.said.append(record.getMessage())


@pytest.fixture
def errors() -> Iterator[Errors]:
    """Listen to the application's log."""
    listening = Errors()
    logging.getLogger("almoner.web").addHandler(listening)
    yield listening
    logging.getLogger("almoner.web").removeHandler(listening)


def encoded(text: str) -> str:
    """Write a value as it may stand in an address or a form, whatever it is."""
    return quote_from_bytes(text.encode("utf-8", "surrogatepass"), safe="")


def require_harmless(answer: Any, what: str) -> None:
    """Fail where an answer is a failure of ours, or where hostile text is more than text."""
    assert answer.status_code < 500, what
    said = b"".join(answer.streaming_content) if answer.streaming else answer.content
    for forbidden in (f"<script>{MARK}", f'onerror="{MARK}', f'href="javascript:{MARK}', "Traceback"):
        assert forbidden.encode() not in said, (what, forbidden)
    headers = "\n".join(f"{name}: {value}" for name, value in answer.headers.items())
    assert MARK not in headers and "x=y" not in headers, what


def pages_of(site: Site, actor: str) -> list[Any]:
    """List the pages for people that somebody opens first, of those who ask here."""
    from almoner.web.urls import PAGES  # with every module that declares pages

    found = {name: next((who for who in ACTORS if page.need.met_by(site.visitor(who))), None)
             for name, page in PAGES.items() if not page.data}  # fmt: skip
    assert None not in found.values(), "a page that nobody here may open"
    return [PAGES[name] for name, who in found.items() if who == actor]


def path_of(page: Any, known: dict[str, str], put: str | None = None) -> str:
    """Give the address of a page: with what is known, or with something else in the place of each name."""
    return "/" + re.sub(
        r"<str:(\w+)>", lambda m: encoded(put.replace("/", "") or "-") if put is not None else known[m[1]], page.path
    )


@pytest.mark.parametrize("actor", ACTORS)
def test_no_address_and_no_form_makes_a_page_fail(site: Site, errors: Errors, actor: str) -> None:
    pages = pages_of(site, actor)
    assert pages
    for page in pages:
        ask_for(site, page, Visitor(site, actor))
        assert errors.said == [], page.name


def ask_for(site: Site, page: Any, visitor: Visitor) -> None:
    """Ask for a page, and send it forms."""
    known = dict(KNOWN)
    if "<str:handle>" in page.path:
        known["handle"] = opened(site, visitor).split("/")[2]
    shown = visitor.get(path_of(page, known)) if "GET" in page.methods else visitor.get("/account/")
    fields = sorted({*re.findall(r'name="([^"]+)"', shown.content.decode("utf-8", "replace")), "unknown"})
    visitor.get("/feedback/")
    token = visitor.client.cookies["__Host-csrf"].value

    def send(pairs: list[tuple[str, str]], what: str, proof: str = token, *, multipart: bool = False) -> Any:
        answer = post(visitor, path_of(page, known), [("csrfmiddlewaretoken", proof), *pairs], multipart=multipart)
        require_harmless(answer, f"{page.name}: {what}")
        return answer

    if "POST" in page.methods:
        good = [(each, GOOD[each]) for each in fields if each in GOOD]
        for field in fields:
            few = field == "unknown" or page.audit == "run"  # a field that nobody reads; pages that the gate reads for
            for value in HOSTILE[:: 3 if few else 1] if field != "csrfmiddlewaretoken" else ():
                send([*good, (field, value)], field)

    @settings(max_examples=EXAMPLES, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
    @given(put=values, sent=st.lists(st.tuples(st.sampled_from(fields), values), max_size=8), kind=st.integers(0, 9))
    def ask(put: str, sent: list[tuple[str, str]], kind: int) -> None:
        require_harmless(visitor.get(path_of(page, known, put)), f"{page.name}: address")
        query = "&".join(f"{encoded(each)}={encoded(value)}" for each, value in sent)
        require_harmless(visitor.get(f"{path_of(page, known)}?{query}"), f"{page.name}: query")
        if "POST" in page.methods:
            pairs = [each for each in sent if "csrf" not in each[0]]
            send(pairs, "form", multipart=kind == 1)
            assert send(pairs, "token", put).status_code in (400, 403), page.name

    ask()


def post(visitor: Visitor, path: str, pairs: list[tuple[str, str]], *, multipart: bool) -> Any:
    """Send a form, as a browser would or in the other way in which forms are sent, with a file among it."""
    kind, body = "application/x-www-form-urlencoded", "&".join(f"{encoded(a)}={encoded(b)}" for a, b in pairs).encode()
    if multipart:
        kind = "multipart/form-data; boundary=part"
        parts = [f'--part\r\nContent-Disposition: form-data; name="{a}"\r\n\r\n{b}\r\n' for a, b in pairs]
        parts.append('--part\r\nContent-Disposition: form-data; name="words"; filename="x"\r\n\r\nx\r\n--part--\r\n')
        body = "".join(parts).encode("utf-8", "surrogatepass")
    return visitor.client.generic(
        "POST", path, body, content_type=kind, secure=True, headers={"origin": f"https://{HOST}"}
    )
