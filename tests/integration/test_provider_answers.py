"""What is believed of an identity provider's answer: here one that signs whatever a test wants to be signed.

Each fault is alone in an answer that is right otherwise, and the right answer is believed: so each refusal is for its
fault.
"""

from __future__ import annotations

import datetime as dt
import json
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm

from almoner.web.site import Site
from almoner.wiring.settings import OidcSettings
from tests.integration.test_web_sessions import Later
from tests.web_visits import Visitor, served, text_of
from tests.workspace_builder import finished_workspace

KEY, OTHER_KEY = (rsa.generate_private_key(65537, 2048) for _ in range(2))
SECRET = "a secret of tests, long enough to sign with it"
Claims = dict[str, Any]


class Provider:
    """An identity provider on loopback, whose tokens are made by the test."""

    def __init__(self) -> None:
        self.token: Callable[[], str] = str
        self.verifiers: list[str] = []
        provider = self

        class Answers(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                key = {**RSAAlgorithm.to_jwk(KEY.public_key(), as_dict=True), "kid": "k", "use": "sig"}
                self.say({"keys": [key]})

            def do_POST(self) -> None:
                sent = parse_qs(self.rfile.read(int(self.headers["content-length"])).decode())
                provider.verifiers.append(sent["code_verifier"][0])
                self.say({"access_token": "a", "token_type": "Bearer", "id_token": provider.token()})

            def say(self, document: object) -> None:
                self.send_response(200)
                self.send_header("content-type", "application/json")
                self.end_headers()
                self.wfile.write(json.dumps(document).encode())

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
        self.issuer = f"http://127.0.0.1:{self.server.server_port}"


@pytest.fixture(scope="module")
def provider() -> Iterator[Provider]:
    """Start the provider."""
    made = Provider()
    threading.Thread(target=made.server.serve_forever, daemon=True).start()
    yield made
    made.server.shutdown()


@pytest.fixture(scope="module")
def site(provider: Provider, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Serve a workspace that knows the provider."""
    oidc = OidcSettings(
        issuer=provider.issuer, client_id="almoner", authorization_endpoint=f"{provider.issuer}/auth",
        token_endpoint=f"{provider.issuer}/token", jwks_uri=f"{provider.issuer}/jwks", roles={"Front": "front_line"},
    )  # fmt: skip
    folder: Path = tmp_path_factory.mktemp("answers") / "workspace"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ALMONER_OIDC_SECRET", SECRET)
        with served(finished_workspace(folder), oidc=oidc) as site:
            yield site


def claims_of(provider: Provider, nonce: str, /, **changed: Any) -> Claims:
    """Give claims that are right, but for what is changed; None takes one out."""
    now = int(time.time())
    right = {"iss": provider.issuer, "aud": "almoner", "sub": "somebody", "nonce": nonce, "iat": now, "exp": now + 300,
             "roles": ["Front"]}  # fmt: skip
    return {name: value for name, value in {**right, **changed}.items() if value is not None}


def signed(claims: Claims, key: Any = KEY, algorithm: str | None = "RS256", **header: Any) -> str:
    """Sign a token."""
    return jwt.encode(claims, key, algorithm=algorithm, headers={"kid": "k", **header})


def start(visitor: Visitor) -> dict[str, str]:
    """Begin to sign in; give what the provider is asked."""
    return {
        name: value[0] for name, value in parse_qs(urlsplit(visitor.get("/sign-in/start/")["Location"]).query).items()
    }


def come_back(visitor: Visitor, state: str, code: str = "c") -> Any:
    """Come back from the provider."""
    return visitor.get(f"/sign-in/return/?code={code}&state={state}")


def test_the_right_answer_is_believed_once(site: Site, provider: Provider) -> None:
    visitor = Visitor(site)
    asked = start(visitor)
    provider.token = lambda: signed(claims_of(provider, asked["nonce"]))
    assert come_back(visitor, asked["state"]).status_code in (302, 303)
    assert visitor.get("/people/").status_code == 200 and len(provider.verifiers[-1]) >= 43
    assert come_back(visitor, asked["state"]).status_code == 403, "an answer that was used"


FAULTS: dict[str, Callable[[Provider, str], str]] = {
    "another nonce": lambda p, n: signed(claims_of(p, "x" * len(n))),
    "no nonce": lambda p, n: signed(claims_of(p, n, nonce=None)),
    "expired": lambda p, n: signed(claims_of(p, n, exp=int(time.time()) - 60)),
    "never expires": lambda p, n: signed(claims_of(p, n, exp=None)),
    "of a time to come": lambda p, n: signed(claims_of(p, n, iat=int(time.time()) + 600)),
    "for somebody else": lambda p, n: signed(claims_of(p, n, aud="another")),
    "for nobody": lambda p, n: signed(claims_of(p, n, aud=None)),
    "asked for by somebody else": lambda p, n: signed(claims_of(p, n, aud=["almoner", "another"], azp="another")),
    "of another issuer": lambda p, n: signed(claims_of(p, n, iss="https://elsewhere.example")),
    "not signed": lambda p, n: signed(claims_of(p, n), None, None),
    "not signed, and says otherwise": lambda p, n: signed(claims_of(p, n)).rpartition(".")[0] + ".",
    "signed with another key": lambda p, n: signed(claims_of(p, n), OTHER_KEY),
    "signed with our secret": lambda p, n: signed(claims_of(p, n), SECRET, "HS256"),
    "signed with a key of another name": lambda p, n: signed(claims_of(p, n), kid="other"),
    "changed after it was signed": lambda p, n: _changed(signed(claims_of(p, n)), signed(claims_of(p, n, sub="boss"))),
    "no token": lambda p, n: "",
    "no token at all": lambda p, n: "a.b.c",
    "a name that is none": lambda p, n: signed(claims_of(p, n, sub="<script>")),
    "no name": lambda p, n: signed(claims_of(p, n, sub=None)),
    "no role": lambda p, n: signed(claims_of(p, n, sub="nobody-yet", roles=[])),
}


def _changed(token: str, other: str) -> str:
    head, _, signature = token.split(".")
    return f"{head}.{other.split('.')[1]}.{signature}"


@pytest.mark.parametrize("fault", FAULTS)
def test_an_answer_with_one_fault_is_refused(site: Site, provider: Provider, fault: str) -> None:
    visitor = Visitor(site)
    asked = start(visitor)
    made = FAULTS[fault](provider, asked["nonce"])
    provider.token = lambda: made
    page = come_back(visitor, asked["state"])
    said = "You have no role" if fault == "no role" else "You could not be signed in"
    assert page.status_code == 403 and said in text_of(page), text_of(page)
    assert visitor.get("/people/").status_code == 303, "nobody is signed in"
    newest = list(site.workspace.audit.events())[-1].event
    assert (newest.action, newest.outcome) == ("session.begin", "refused")
    assert made not in page.content.decode() or made == ""


def test_another_state_or_none_is_refused(site: Site, provider: Provider) -> None:
    for state in ("y" * 32, "", "\u0660"):
        visitor = Visitor(site)
        asked = start(visitor)
        provider.token = lambda asked=asked: signed(claims_of(provider, asked["nonce"]))  # type: ignore[misc]
        assert come_back(visitor, state).status_code in (400, 403), state
        assert visitor.get("/people/").status_code == 303


def test_an_error_of_the_provider_signs_nobody_in_and_is_not_said_again(site: Site, provider: Provider) -> None:
    visitor = Visitor(site)
    asked = start(visitor)
    page = visitor.get(f"/sign-in/return/?error=zqhostilezq&error_description=zqhostilezq&state={asked['state']}")
    assert page.status_code == 403 and "zqhostilezq" not in page.content.decode()


def test_a_role_taken_away_in_the_middle_of_a_session_opens_nothing_more(site: Site, provider: Provider) -> None:
    visitor = Visitor(site)
    asked = start(visitor)
    provider.token = lambda: signed(claims_of(provider, asked["nonce"], sub="leaver"))
    assert come_back(visitor, asked["state"]).status_code in (302, 303)
    assert visitor.get("/people/").status_code == 200 and visitor.get("/api/reasons").status_code == 200
    site.workspace.records.revoke_role("leaver", "front_line")
    assert visitor.get("/people/").status_code == 403 and visitor.get("/api/reasons").status_code == 403


def test_a_token_is_of_now_whatever_the_clock_of_the_machine_was(
    site: Site, provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock, visitor = Later(monkeypatch), Visitor(site)
    asked = start(visitor)
    provider.token = lambda: signed(claims_of(provider, asked["nonce"]))
    clock.by = -dt.timedelta(hours=2)
    assert come_back(visitor, asked["state"]).status_code == 403, "the clock was set back"
