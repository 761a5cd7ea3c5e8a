"""Django's settings for a workspace: strict headers, cookies that no other site can use, and nothing logged of anybody.

`DEBUG` is never on: Django's own error pages show values. What `[web] debug` allows is plain http on loopback.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from almoner.records.database import database_of
from almoner.wiring.settings import OidcSettings
from almoner.wiring.workspace import Workspace

LOOPBACK = ("localhost", "127.0.0.1", "[::1]")
YEAR = 31_536_000
STATIC = Path(__file__).parent / "static"

POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "style-src": ["'self'"],
        "img-src": ["'self'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
        "base-uri": ["'none'"],
    }
}
"""No script at all, no style but our own, and no request to anywhere else."""

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "almoner.web.middleware.with_headers",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "almoner.web.middleware.WhoVisits",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

APPLICATIONS = [
    "almoner.records.apps.RecordsConfig",
    # The identity provider's library asks for these two. They keep nothing: no table of theirs is ever made.
    "django.contrib.contenttypes",
    "django.contrib.auth",
]

LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"format": "%(asctime)s %(name)s %(levelname)s %(message)s"}},
    "handlers": {
        "errors": {"class": "logging.StreamHandler", "formatter": "plain"},
        "none": {"class": "logging.NullHandler"},
    },
    "loggers": {
        "almoner.web": {"handlers": ["errors"], "level": "WARNING", "propagate": False},
        # Their messages hold addresses, tokens and the words of exceptions.
        **{name: {"handlers": ["none"], "propagate": False} for name in (
            "django", "django.request", "django.security", "django.security.csrf", "mozilla_django_oidc", "urllib3",
            "requests", "csp",
        )},
    },
}  # fmt: skip


def django_settings(workspace: Workspace) -> dict[str, Any]:
    """Give the settings with which Django serves a workspace."""
    web = workspace.settings.web
    return {
        "DEBUG": False,
        "SECRET_KEY": workspace.ring.derived("web.secret").hex(),
        "ALLOWED_HOSTS": [*web.hosts] or [*LOOPBACK],
        "ROOT_URLCONF": "almoner.web.urls",
        "DATABASES": {"default": database_of(workspace.root / "records.sqlite")},
        "INSTALLED_APPS": APPLICATIONS,
        "MIDDLEWARE": MIDDLEWARE,
        "TEMPLATES": [
            {
                "NAME": "jinja2",
                "BACKEND": "django.template.backends.jinja2.Jinja2",
                "OPTIONS": {"environment": "almoner.web.rendering.environment"},
            }
        ],
        "USE_TZ": True,
        "TIME_ZONE": "UTC",
        "LANGUAGE_CODE": "en-gb",
        "USE_I18N": False,
        "DEFAULT_AUTO_FIELD": "django.db.models.BigAutoField",
        "LOGGING_CONFIG": "logging.config.dictConfig",
        "LOGGING": LOGGING,
        "DATA_UPLOAD_MAX_MEMORY_SIZE": 200_000,
        "DATA_UPLOAD_MAX_NUMBER_FIELDS": 1000,  # a form may tick each of a large city's small areas
        "FILE_UPLOAD_HANDLERS": ["django.core.files.uploadhandler.MemoryFileUploadHandler"],
        "STATIC_URL": "/static/",
        "STATIC_ROOT": str(STATIC),
        "WHITENOISE_MAX_AGE": YEAR,
        "WHITENOISE_ALLOW_ALL_ORIGINS": False,
        "CONTENT_SECURITY_POLICY": POLICY,
        **_cookies(),
        **_transport(plain=web.debug),
        **(_oidc(workspace.settings.oidc) if workspace.settings.oidc.issuer else {}),
    }


def _cookies() -> dict[str, Any]:
    """Cookies that only this host sets and reads, over a safe connection, and no script sees.

    Lax, not Strict: the identity provider sends people back from another site.
    """
    return {
        "SESSION_ENGINE": "almoner.web.session_store",
        "SESSION_COOKIE_NAME": "__Host-session",
        "SESSION_COOKIE_SECURE": True,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_PATH": "/",
        "SESSION_EXPIRE_AT_BROWSER_CLOSE": True,
        "CSRF_COOKIE_NAME": "__Host-csrf",
        "CSRF_COOKIE_SECURE": True,
        "CSRF_COOKIE_HTTPONLY": True,
        "CSRF_COOKIE_SAMESITE": "Strict",
        "CSRF_COOKIE_AGE": None,
        "CSRF_FAILURE_VIEW": "almoner.web.failures.forbidden",
    }


def _transport(*, plain: bool) -> dict[str, Any]:
    """Only https, told to browsers for a year; over plain http only a demonstration on this machine."""
    return {
        "SECURE_SSL_REDIRECT": not plain,
        "SECURE_PROXY_SSL_HEADER": None if plain else ("HTTP_X_FORWARDED_PROTO", "https"),
        "SECURE_HSTS_SECONDS": YEAR,
        "SECURE_HSTS_INCLUDE_SUBDOMAINS": True,
        "SECURE_HSTS_PRELOAD": True,
        "SECURE_CONTENT_TYPE_NOSNIFF": True,
        "SECURE_REFERRER_POLICY": "same-origin",
        "SECURE_CROSS_ORIGIN_OPENER_POLICY": "same-origin",
        "X_FRAME_OPTIONS": "DENY",
    }


def _oidc(oidc: OidcSettings) -> dict[str, Any]:
    return {
        "AUTHENTICATION_BACKENDS": ["almoner.web.signing_in.provider.Provider"],
        "OIDC_RP_CLIENT_ID": oidc.client_id,
        "OIDC_RP_CLIENT_SECRET": os.environ.get("ALMONER_OIDC_SECRET", ""),
        "OIDC_OP_AUTHORIZATION_ENDPOINT": oidc.authorization_endpoint,
        "OIDC_OP_TOKEN_ENDPOINT": oidc.token_endpoint,
        "OIDC_OP_USER_ENDPOINT": "",  # what is believed stands in the signed token
        "OIDC_OP_JWKS_ENDPOINT": oidc.jwks_uri,
        "OIDC_RP_SIGN_ALGO": oidc.signing_algorithm,
        "OIDC_RP_SCOPES": "openid",
        "OIDC_USE_PKCE": True,
        "OIDC_USE_NONCE": True,
        "OIDC_TIMEOUT": 10,
        "OIDC_AUTHENTICATION_CALLBACK_URL": "sign_in_return",
    }
