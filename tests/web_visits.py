"""Visits to the web application in this process: a workspace served with its real settings, and browsers that visit it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from django.http import HttpResponse

from almoner.web.django_settings import django_settings
from almoner.web.site import Site, serve_workspace
from almoner.wiring.settings import OidcSettings, Settings, WebSettings
from tests.workspace_builder import TinyWorkspace

HOST = "almoner.example.org"
BROWSER = {"user-agent": "A browser of tests", "accept-language": "en-GB"}


@contextmanager
def served(tiny: TinyWorkspace, oidc: OidcSettings | None = None, **web: Any) -> Iterator[Site]:
    """Serve a workspace as a council would, over https; `web` changes its settings."""
    workspace = tiny.open("nobody")
    from django.conf import settings as django_conf
    from django.test import override_settings

    django_conf.SECRET_KEY = "a key of tests"  # what Django falls back to between two servings
    part = WebSettings(**{"hosts": (HOST, "localhost", "127.0.0.1"), **web})
    settings: Settings = workspace.settings.model_copy(update={"web": part, "oidc": oidc or OidcSettings()})
    with override_settings(**django_settings(replace(workspace, settings=settings))):
        site = serve_workspace(tiny.root)
        site.settings = settings
        yield site


class Visitor:
    """A browser, in which somebody may have signed in."""

    def __init__(self, site: Site, actor: str = "", **headers: str) -> None:
        from django.test import Client

        self.site = site
        self.client: Any = Client(enforce_csrf_checks=True, headers={**BROWSER, **headers}, SERVER_NAME=HOST)
        if actor:
            self._sign_in(actor)

    def _sign_in(self, actor: str) -> None:
        from django.test import RequestFactory

        from almoner.web.middleware import browser_of
        from almoner.web.session_store import SessionStore

        request = RequestFactory(headers=BROWSER).get("/")
        session = SessionStore()
        session.update({"actor": actor, "browser": browser_of(request), "signed_in_at": self.site.now.timestamp()})
        session.save()
        self.client.cookies["__Host-session"] = session.session_key

    def get(self, path: str, **more: Any) -> HttpResponse:
        """Open a page."""
        return self.client.get(path, secure=True, **more)

    def post(self, path: str, data: dict[str, str] | None = None, *, form: str = "") -> HttpResponse:
        """Send the form of a page, as a browser does: with the token that the page gave."""
        page = self.get(form or path)
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.content.decode())
        sent = {**(data or {}), "csrfmiddlewaretoken": token[1] if token else ""}
        return self.client.post(path, sent, secure=True, headers={"origin": f"https://{HOST}"})

    def send(self, path: str, document: object, **headers: str) -> HttpResponse:
        """Send a document to an address for programs, with the token of the session where there is one."""
        token = self.get("/api/session").json().get("token", "")
        sent = {"origin": f"https://{HOST}", "x-csrftoken": token, **headers}
        body = document if isinstance(document, bytes) else json.dumps(document).encode()
        return self.client.post(path, body, content_type="application/json", secure=True, headers=sent)


def text_of(answer: HttpResponse) -> str:
    """Give what a page says, without its markup."""
    plain = re.sub(r"<[^>]+>", " ", answer.content.decode())
    return " ".join(plain.replace("&#39;", "'").replace("&amp;", "&").split())
