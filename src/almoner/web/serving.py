"""Starts the application: on loopback unless hosts are declared, and never with the demonstration's sign-in elsewhere.

Must never write a request's address into a log.
"""

from __future__ import annotations

import ipaddress
from io import StringIO
from pathlib import Path
from typing import Any

import django
from django.conf import settings as django_conf
from django.core.management import call_command

from almoner.kernel.errors import WorkspaceError
from almoner.web.django_settings import LOOPBACK, django_settings
from almoner.web.site import NOBODY, serve_workspace
from almoner.wiring.settings import Settings, read_settings
from almoner.wiring.workspace import Workspace


def configure(root: Path) -> None:
    """Let this process serve a workspace: Django's settings first, before anything else asks for its own.

    Raises: WorkspaceError where the settings can't be served.
    """
    settings = read_settings(root)
    django_conf.configure(**django_settings(Workspace(root, settings, NOBODY)))
    django.setup()
    serve_workspace(root)


def check_place(settings: Settings, address: str) -> None:
    """Refuse to serve a demonstration to anybody but this machine, or the council to people who can't sign in.

    Raises: WorkspaceError.
    """
    web = settings.web
    alone = ipaddress.ip_address(address).is_loopback and all(host in LOOPBACK for host in web.hosts)
    if web.local_sign_in and not (web.debug and alone):
        raise WorkspaceError(
            "Signing in without a password is refused here.",
            where="[web] local_sign_in",
            why="Whoever reaches the address could be anybody: it is for demonstrations on this machine.",
            todo="Take it out and declare [oidc]; or set debug = true, no hosts, and serve on 127.0.0.1.",
        )
    if web.debug and not alone:
        raise WorkspaceError(
            "A demonstration is served to this machine only.",
            where="[web] debug",
            why="Without https anybody on the way reads along.",
            todo="Take debug out, or serve on 127.0.0.1 with no hosts.",
        )


def serve_pages(root: Path, address: str, port: int) -> None:
    """Serve a workspace until stopped."""
    from almoner.web.server import Server

    settings = read_settings(root)
    check_place(settings, address)
    configure(root)
    _make_ready(root, settings)
    Server(address, port, settings.web.workers, settings.web.threads).run()


def deployment_faults(root: Path) -> list[str]:
    """Run Django's own checks for deployment; give what they find."""
    from django.core.checks import run_checks

    configure(root)
    out = StringIO()
    call_command("check", deploy=True, fail_level="CRITICAL", stdout=out, stderr=out)
    found = run_checks(include_deployment_checks=True)
    return [f"{each.id}: {each.msg}" for each in found]


def _make_ready(root: Path, settings: Settings) -> None:
    """Bring records and registry into shape before there are several processes, then let go of the databases."""
    from almoner.web.session_store import SessionStore
    from almoner.web.site import site

    workspace: Any = Workspace(root, settings, NOBODY)
    workspace.require_sound_registry()
    _ = workspace.records
    SessionStore.clear_expired()
    workspace.close()
    site().workspace.close()
    serve_workspace(root).renews = True
