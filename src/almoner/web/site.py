"""The one workspace that this process serves, opened once and handed to each request as whoever has signed in.

Must never keep anything of one visitor for another: what is shared is the registry, the engine, the lake and the gate,
and the gate decides for each permit anew.
"""

from __future__ import annotations

import datetime as dt
import threading
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from almoner.governance.permissions import purposes_of, rights_of
from almoner.kernel.errors import WorkspaceError
from almoner.web.visitor import Visitor
from almoner.wiring.settings import read_settings
from almoner.wiring.web_records import reports_of, sessions_of
from almoner.wiring.workspace import Workspace

if TYPE_CHECKING:
    from almoner.records.web_reports import OrmReports
    from almoner.records.web_sessions import OrmSessions

NOBODY = "nobody"
"""Who acts where nobody has signed in. It holds no role, so it is given nothing but what is public."""


class Site:
    """A workspace as the web application serves it."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.settings = read_settings(root)
        self._lock = threading.Lock()
        self._opened: Workspace | None = None

    @property
    def workspace(self) -> Workspace:
        """The workspace, opened for nobody; by the first request that needs it, after the processes have parted."""
        with self._lock:
            if self._opened is None:
                self._opened = Workspace(self.root, self.settings, NOBODY, hurried=True).shared()
            return self._opened

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
