"""The one workspace that this process serves, opened once and handed to each request as whoever has signed in.

Must never keep anything of one visitor for another: what is shared is the registry, the engine, the lake and the gate,
and the gate decides for each permit anew.
"""

from __future__ import annotations

import datetime as dt
import threading
import time
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from almoner.governance.permissions import purposes_of, rights_of
from almoner.kernel.errors import AlmonerError, WorkspaceError
from almoner.web.visitor import Visitor
from almoner.wiring.long_work import renew_snapshot
from almoner.wiring.registry_watch import RegistryWatch
from almoner.wiring.settings import read_settings
from almoner.wiring.web_records import reports_of, sessions_of
from almoner.wiring.workspace import Workspace

if TYPE_CHECKING:
    from almoner.records.web_reports import OrmReports
    from almoner.records.web_sessions import OrmSessions

NOBODY = "nobody"
"""Who acts where nobody has signed in. It holds no role, so it is given nothing but what is public."""

RENEW_SECONDS = 60.0
"""How often a process asks for what is missing."""


class Site:
    """A workspace as the web application serves it."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.settings = read_settings(root)
        self._lock = threading.Lock()
        self._opened: Workspace | None = None
        self._watch: RegistryWatch
        self._renewed = -RENEW_SECONDS
        self.renews = False
        """Whether it lets a process of its own make what is missing."""
        self.registry_fault: AlmonerError | None = None
        """Why the registry, as it stands now, can't be served; the one before holds."""

    @property
    def workspace(self) -> Workspace:
        """The workspace, opened for nobody; by the first request that needs it, after the processes have parted.

        A registry that was changed is read anew. While it has faults, the one before holds: `registry_fault` says so.
        """
        with self._lock:
            if self._opened is None:
                self._watch = RegistryWatch(self.root / "registry")
                self._opened = Workspace(self.root, self.settings, NOBODY, hurried=True, on_lack=self._renew).shared()
            elif self._watch.has_changed():
                self._read_anew(self._opened)
            return self._opened

    def _read_anew(self, before: Workspace) -> None:
        """Read the registry anew; requests that have begun end under the one before."""
        try:
            self._opened = before.with_registry_anew().shared()
            self.registry_fault = None
        except AlmonerError as error:
            self.registry_fault = error

    def _renew(self, workspace: Workspace, purpose: str) -> None:
        """Let what pages read be made anew, where this process serves others than a test."""
        if self.renews and time.monotonic() - self._renewed > RENEW_SECONDS:
            self._renewed = time.monotonic()
            renew_snapshot(workspace, purpose)

    def acting_as(self, actor: str) -> Workspace:
        """Give the workspace as somebody."""
        return self.workspace.acting_as(actor)

    def visitor(self, actor: str) -> Visitor:
        """Say who somebody is here, by the roles that the records give them now."""
        if not actor:
            return Visitor()
        registry, records = self.workspace.registry, self.workspace.records
        return Visitor(
            actor,
            records.roles_of(actor) & set(registry.role),
            rights_of(registry, records, actor),
            purposes_of(registry, records, actor),
        )

    @cached_property
    def sessions(self) -> OrmSessions:
        """The sessions of browsers."""
        return sessions_of(self.workspace)

    @cached_property
    def reports(self) -> OrmReports:
        """Feedback and reports of mistakes."""
        return reports_of(self.workspace)

    @property
    def now(self) -> dt.datetime:
        """The present instant."""
        return dt.datetime.now(dt.UTC)


_served: list[Site] = []


def serve_workspace(root: Path) -> Site:
    """Let this process serve a workspace, in the place of any other."""
    _served[:] = [Site(root)]
    return _served[0]


def site() -> Site:
    """Give what this process serves. Raises: WorkspaceError where nothing is."""
    if not _served:
        raise WorkspaceError("No workspace is served.", todo="Start with 'almoner serve'.")
    return _served[0]
