"""Signing in with an identity provider: one that the project starts on loopback, and what has to fail does.

Whoever comes back with an answer to another question, an answer twice, or no role, is not signed in; what the provider no
longer says of somebody they no longer hold.
"""

from __future__ import annotations

import re
import shutil
import socket
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests

from almoner.web.site import Site
from almoner.wiring.settings import OidcSettings
from tests.web_visits import HOST, Visitor, served, text_of
from tests.workspace_builder import finished_workspace

ROOT = Path(__file__).resolve().parents[2]
SIGNED_IN = (302, 303)
"""Gone on to the page that was wanted, or to the first one."""
SECRET = "a secret of tests, and of nothing else"
RETURN = f"https://{HOST}/sign-in/return/"
ROLES = {"Almoner.Front": "front_line", "Almoner.Governance": "governance", "Almoner.Ghost": "no_such_role"}
pytestmark = [pytest.mark.integration, pytest.mark.slow]


@dataclass
class Provider:
    """The identity provider, which believes whatever it is told."""

    issuer: str

    def says(self, account: str, *roles: str) -> None:
        """Let the next who comes be somebody, with these app roles."""
        requests.post(f"{self.issuer}/who", json={"account": account, "roles": list(roles)}, timeout=20)

    def visited(self, address: str) -> str:
        """Go where the application sent the browser; give where the provider sends it back to."""
        with requests.Session() as browser:
            for _ in range(8):
                answer = browser.get(address, allow_redirects=False, timeout=30)
                assert answer.status_code in (302, 303), answer.text
                address = requests.compat.urljoin(address, answer.headers["Location"])
                if address.startswith(RETURN):
                    return address
        raise AssertionError("the provider never came back")


@pytest.fixture(scope="module")
def provider() -> Iterator[Provider]:
    """Start the identity provider."""
    if shutil.which("npm") is None or shutil.which("node") is None:
        pytest.skip("an identity provider for tests needs node and npm")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = subprocess.Popen(
        [str(ROOT / "scripts/identity_provider.sh"), str(port), RETURN, SECRET], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    try:
        assert "ready" in process.stdout.readline()
        yield Provider(f"http://127.0.0.1:{port}")
    finally:
        process.terminate()
        process.wait(timeout=20)


@pytest.fixture
def site(provider: Provider, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    """Serve a workspace that knows the provider."""
    monkeypatch.setenv("ALMONER_OIDC_SECRET", SECRET)
    oidc = OidcSettings(
        issuer=provider.issuer, client_id="almoner", authorization_endpoint=f"{provider.issuer}/auth",
        token_endpoint=f"{provider.issuer}/token", jwks_uri=f"{provider.issuer}/jwks", roles=ROLES,
    )  # fmt: skip
    with served(finished_workspace(tmp_path / "workspace"), oidc=oidc) as site:
        yield site


def start(visitor: Visitor) -> str:
    """Begin to sign in; give the address at the provider."""
    return visitor.get("/sign-in/start/")["Location"]


def come_back(visitor: Visitor, address: str) -> int:
    """Come back from the provider."""
    parts = urlsplit(address)
    return visitor.get(f"{parts.path}?{parts.query}").status_code


def session_of(visitor: Visitor) -> str:
    """Give the key of a browser's session."""
    return str(visitor.client.cookies["__Host-session"].value)


def refusals(site: Site) -> int:
    """Count the refused sign-ins in the log."""
    return sum(
        e.event.action == "session.begin" and e.event.outcome == "refused" for e in site.workspace.audit.events()
    )


def test_somebody_signs_in_with_the_roles_that_the_provider_names(site: Site, provider: Provider) -> None:
    visitor = Visitor(site)
    provider.says("frontline-1", "Almoner.Front", "Almoner.Ghost", "Something.Else")
    visitor.get("/people/")
    away = start(visitor)
    assert "code_challenge_method=S256" in away and "nonce=" in away and "state=" in away and SECRET not in away
    before = session_of(visitor)
    assert come_back(visitor, provider.visited(away)) in SIGNED_IN
    assert session_of(visitor) != before, "a session has a new key after sign-in"
    assert visitor.get("/people/").status_code == 200
    assert site.workspace.records.roles_of("frontline-1") == {"front_line"}
    assert visitor.get("/governance/").status_code == 403


def test_an_answer_to_another_question_is_refused(site: Site, provider: Provider) -> None:
    provider.says("frontline-1", "Almoner.Front")
    for name in ("nonce", "code_challenge"):
        visitor = Visitor(site)
        before = refusals(site)
        away = re.sub(rf"([?&]{name}=)[^&]+", r"\g<1>" + "x" * 43, start(visitor))
        assert come_back(visitor, provider.visited(away)) == 403
        assert refusals(site) == before + 1
        assert visitor.get("/people/").status_code == 303, f"nobody is signed in with another {name}"


def test_an_answer_in_another_browser_or_with_another_state_is_refused(site: Site, provider: Provider) -> None:
    provider.says("frontline-1", "Almoner.Front")
    victim, attacker = Visitor(site), Visitor(site)
    back = provider.visited(start(attacker))
    start(victim)
    assert come_back(victim, back) == 403
    assert come_back(Visitor(site), back) == 403
    assert come_back(attacker, re.sub(r"state=[^&]+", "state=" + "y" * 32, back)) == 403


def test_an_answer_is_good_once(site: Site, provider: Provider) -> None:
    visitor = Visitor(site)
    provider.says("frontline-1", "Almoner.Front")
    back = provider.visited(start(visitor))
    assert come_back(visitor, back) in SIGNED_IN
    assert come_back(visitor, back) == 403
    other = Visitor(site)
    start(other)
    assert come_back(other, back) == 403


def test_a_role_that_is_taken_away_is_gone(site: Site, provider: Provider) -> None:
    visitor = Visitor(site)
    provider.says("frontline-1", "Almoner.Front", "Almoner.Governance")
    assert come_back(visitor, provider.visited(start(visitor))) in SIGNED_IN
    assert visitor.get("/governance/").status_code == 200
    site.workspace.records.revoke_role("frontline-1", "front_line")
    assert visitor.get("/people/").status_code == 403, "at once, in the session that there is"
    provider.says("frontline-1", "Almoner.Front")
    assert come_back(visitor, provider.visited(start(visitor))) in SIGNED_IN
    assert visitor.get("/governance/").status_code == 403, "at the next sign-in, as the provider says"
    assert visitor.get("/people/").status_code == 200
    provider.says("frontline-1")
    assert come_back(visitor, provider.visited(start(visitor))) == 403
    assert site.workspace.records.roles_of("frontline-1") == frozenset()
    actions = [(e.event.action, e.event.detail.get("role")) for e in site.workspace.audit.events()]
    assert ("role.revoke", "governance") in actions and ("role.grant", "governance") in actions


def test_a_token_of_another_issuer_or_for_somebody_else_is_refused(site: Site, provider: Provider) -> None:
    provider.says("frontline-1", "Almoner.Front")
    good = site.settings.oidc
    for change in ({"issuer": "https://elsewhere.example"}, {"client_id": "another"}):
        visitor = Visitor(site)
        away = start(visitor)
        back = provider.visited(away)
        site.settings = site.settings.model_copy(update={"oidc": good.model_copy(update=change)})
        assert come_back(visitor, back) == 403
        site.settings = site.settings.model_copy(update={"oidc": good})


def test_a_provider_that_is_gone_is_said_to_be(
    site: Site, provider: Provider, caplog: pytest.LogCaptureFixture
) -> None:
    visitor = Visitor(site)
    provider.says("frontline-1", "Almoner.Front")
    back = provider.visited(start(visitor))
    from django.test import override_settings

    with override_settings(OIDC_OP_TOKEN_ENDPOINT="http://127.0.0.1:9/token"):
        parts = urlsplit(back)
        page = visitor.get(f"{parts.path}?{parts.query}")
    assert page.status_code == 403 and "could not be signed in" in text_of(page)
    code = re.search(r"code=([^&]+)", back)
    assert code and code[1] not in caplog.text and code[1] not in page.content.decode()
