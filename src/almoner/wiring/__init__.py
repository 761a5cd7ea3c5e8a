"""Joins ports to implementations: opens a workspace and gives its gate, intake, linkage and records."""

from almoner.wiring.workspace import Workspace, open_workspace

__all__ = ["Workspace", "open_workspace"]
