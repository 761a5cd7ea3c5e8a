"""Opens what the web application keeps, each with a key of its own: sessions, reports, caseloads, reviews."""

from __future__ import annotations

from typing import TYPE_CHECKING

from almoner.wiring.workspace import Workspace

if TYPE_CHECKING:
    from almoner.records.access_reviews import OrmAccessReviews
    from almoner.records.caseloads import OrmCaseloads
    from almoner.records.rights import OrmRights
    from almoner.records.web_reports import OrmReports
    from almoner.records.web_sessions import OrmSessions


def sessions_of(workspace: Workspace) -> OrmSessions:
    """Open the sessions of browsers."""
    _ = workspace.records  # makes the records ready
    from almoner.records.web_sessions import OrmSessions

    return OrmSessions(workspace.ring.derived("web.session"))


def reports_of(workspace: Workspace) -> OrmReports:
    """Open what readers and workers have told."""
    _ = workspace.records
    from almoner.records.web_reports import OrmReports

    return OrmReports(workspace.ring.derived("web.reports"))


def caseloads_of(workspace: Workspace) -> OrmCaseloads:
    """Open whom workers follow."""
    _ = workspace.records
    from almoner.records.caseloads import OrmCaseloads

    return OrmCaseloads(workspace.ring.derived("web.caseload"))


def access_reviews_of(workspace: Workspace) -> OrmAccessReviews:
    """Open the reviews of access."""
    _ = workspace.records
    from almoner.records.access_reviews import OrmAccessReviews

    return OrmAccessReviews(workspace.ring.derived("web.access_reviews"))


def rights_of(workspace: Workspace) -> OrmRights:
    """Open people's rights in force, and the letters about them."""
    _ = workspace.records
    from almoner.records.rights import OrmRights

    return OrmRights(workspace.ring.derived("rights"))
