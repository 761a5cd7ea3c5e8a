"""Roles, permits and emergency cases, kept in Django's ORM: implements `governance.ports.Records`.

What every read through the gate asks is written as SQL here, as in `records.catalogue`; it is asked anew each time, so
that a role or permit taken away by another process gives nothing any more.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.db import connection, transaction
from django.db.models import Q

from almoner.governance.permit import Permit
from almoner.governance.ports import EmergencyCase
from almoner.governance.workspaces import AnalystWorkspace
from almoner.records.models import EmergencyRecord, PermitRecord, RoleGrant, WorkspaceRecord


class OrmRecords:
    """People with access, and what they were given."""

    def roles_of(self, actor: str) -> frozenset[str]:
        """Name the roles that an actor holds now."""
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT role FROM {RoleGrant._meta.db_table} WHERE actor = %s", [actor])
            return frozenset(role for (role,) in cursor.fetchall())

    def grant_roles(self, actor: str, roles: Sequence[str], by: str) -> None:
        """Give roles: all of them or, in a crash, none."""
        with transaction.atomic():
            for role in roles:
                RoleGrant.objects.get_or_create(actor=actor, role=role, defaults={"granted_by": by})

    def revoke_role(self, actor: str, role: str) -> bool:
        """Take a role away; say whether it was held."""
        removed, _ = RoleGrant.objects.filter(actor=actor, role=role).delete()
        return removed > 0

    def roles_given_by(self, actor: str, by: str) -> frozenset[str]:
        """Name the roles that somebody, or something, gave an actor."""
        return frozenset(RoleGrant.objects.filter(actor=actor, granted_by=by).values_list("role", flat=True))

    def role_holders(self) -> list[tuple[str, str]]:
        """List (actor, role)."""
        return list(RoleGrant.objects.order_by("actor", "role").values_list("actor", "role"))

    def save_permit(self, permit: Permit) -> None:
        """Keep a permit, new or changed."""
        values: dict[str, Any] = {
            name: getattr(permit, name)
            for name in (
                "actor", "purpose", "form", "scope", "reason", "reason_code", "project", "granted_by", "state",
                "break_glass", "sharing", "starts_at", "expires_at",
            )
        }  # fmt: skip
        PermitRecord.objects.update_or_create(
            permit_id=permit.id, defaults={**values, "subjects": list(permit.subjects)}
        )

    def permit(self, permit_id: str) -> Permit | None:
        """Find a permit."""
        rows = PermitRecord.objects.raw(
            f"SELECT * FROM {PermitRecord._meta.db_table} WHERE permit_id = %s", [permit_id]
        )
        return next(map(_permit, rows), None)

    def permits(self, actor: str | None = None) -> list[Permit]:
        """List permits, newest first."""
        rows = PermitRecord.objects.order_by("-made_at")
        return [_permit(row) for row in (rows.filter(actor=actor) if actor else rows)]

    def permits_open(self, at: dt.datetime, actor: str | None, purpose: str | None, most: int) -> list[Permit]:
        """List permits that are in force or await a grant, newest first."""
        in_force = Q(state="granted", starts_at__lte=at, expires_at__gt=at)
        rows = PermitRecord.objects.filter(Q(state="requested") | in_force).order_by("-made_at")
        rows = rows.filter(actor=actor) if actor else rows
        rows = rows.filter(purpose=purpose) if purpose else rows
        return [_permit(row) for row in rows[:most]]

    def open_case(self, case: EmergencyCase) -> None:
        """Open an emergency case."""
        EmergencyRecord.objects.create(
            case_id=case.id, permit_id=case.permit_id, actor=case.actor, opened_at=case.opened_at
        )

    def close_case(self, case: EmergencyCase) -> None:
        """Close an emergency case with its review."""
        EmergencyRecord.objects.filter(case_id=case.id, reviewed_by__isnull=True).update(
            reviewed_by=case.reviewed_by, reviewed_at=case.reviewed_at, outcome=case.outcome
        )

    def cases(self) -> list[EmergencyCase]:
        """List emergency cases, open ones first."""
        rows = EmergencyRecord.objects.order_by("reviewed_at", "opened_at")
        return [
            EmergencyCase(r.case_id, r.permit_id, r.actor, r.opened_at, r.reviewed_by, r.reviewed_at, r.outcome)
            for r in rows
        ]


class OrmWorkspaceBook:
    """Analysts' workspaces: implements `governance.workspaces.WorkspaceBook`."""

    def save_workspace(self, workspace: AnalystWorkspace) -> None:
        """Keep a workspace."""
        WorkspaceRecord.objects.create(
            workspace_id=workspace.id,
            permit_id=workspace.permit_id,
            actor=workspace.actor,
            tables=workspace.tables,
            expires_at=workspace.expires_at,
            rights=workspace.rights,
        )

    def workspaces(self) -> list[AnalystWorkspace]:
        """List workspaces, newest first."""
        rows = WorkspaceRecord.objects.order_by("-opened_at")
        return [AnalystWorkspace(r.workspace_id, r.permit_id, r.actor, r.tables, r.expires_at, r.rights) for r in rows]

    def change_tables(self, workspace_id: str, tables: dict[str, str]) -> None:
        """Give a workspace other files."""
        WorkspaceRecord.objects.filter(workspace_id=workspace_id).update(tables=tables)

    def made_anew(self, workspace: AnalystWorkspace) -> None:
        """Keep which files a workspace has now, and which rights they know."""
        WorkspaceRecord.objects.filter(workspace_id=workspace.id).update(
            tables=workspace.tables, rights=workspace.rights
        )

    def forget_workspace(self, workspace_id: str) -> None:
        """Forget a workspace."""
        WorkspaceRecord.objects.filter(workspace_id=workspace_id).delete()


def _permit(row: PermitRecord) -> Permit:
    return Permit(
        id=row.permit_id,
        actor=row.actor,
        purpose=row.purpose,
        form=row.form,
        scope=row.scope,
        reason=row.reason,
        starts_at=row.starts_at,
        expires_at=row.expires_at,
        state=row.state,
        subjects=tuple(row.subjects),
        project=row.project,
        granted_by=row.granted_by,
        reason_code=row.reason_code,
        break_glass=row.break_glass,
        sharing=row.sharing,
    )
