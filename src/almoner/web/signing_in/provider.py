"""What is believed of the identity provider: a token that it signed for us, now, in answer to this very browser.

The library proves state, nonce, PKCE and signature; the issuer, the audience and the time are proved here. No account
is kept: who somebody is stands in the token, and what they may do in the records.
"""

from __future__ import annotations

import re
from typing import Any

from django.core.exceptions import SuspiciousOperation
from mozilla_django_oidc.auth import OIDCAuthenticationBackend

from almoner.web.site import site

LEEWAY = 30
"""Seconds by which clocks may differ."""
_NAME = re.compile(r"[A-Za-z0-9._@+|-]{1,120}\Z")


class Proved:
    """Somebody whose name the provider has proved. Django writes into it how."""

    is_active = True

    def __init__(self, actor: str) -> None:
        self.actor = actor


class Provider(OIDCAuthenticationBackend):
    """The council's identity provider."""

    def verify_token(self, token: str, **known: Any) -> dict[str, Any]:
        """Prove a token. Raises: SuspiciousOperation."""
        payload: dict[str, Any] = super().verify_token(token, **known)
        oidc = site().settings.oidc
        if not known.get("nonce"):
            raise SuspiciousOperation("no nonce was asked for")
        audience = payload.get("aud")
        if payload.get("iss") != oidc.issuer:
            raise SuspiciousOperation("the token is of another issuer")
        if oidc.client_id not in (audience if isinstance(audience, list) else [audience]):
            raise SuspiciousOperation("the token is for somebody else")
        if payload.get("azp", oidc.client_id) != oidc.client_id:
            raise SuspiciousOperation("the token was asked for by somebody else")
        now = site().now.timestamp()
        if not float(payload.get("exp", 0)) > now - LEEWAY or float(payload.get("iat", now)) > now + LEEWAY:
            raise SuspiciousOperation("the token is not of now")
        return payload

    def get_or_create_user(self, access_token: str, id_token: str, payload: dict[str, Any]) -> Proved | None:
        """Say who has signed in, by the proved token alone."""
        oidc = site().settings.oidc
        name, claimed = payload.get(oidc.actor_claim), payload.get(oidc.roles_claim, [])
        if not isinstance(name, str) or not _NAME.match(name):
            return None
        self.request.claimed_roles = [str(each) for each in claimed] if isinstance(claimed, list) else [str(claimed)]
        return Proved(name)

    def get_user(self, user_id: str) -> None:
        """Keep nobody: the session says who visits."""
