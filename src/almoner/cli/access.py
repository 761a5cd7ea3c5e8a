"""`almoner role`, `almoner permit`, `almoner break-glass`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from almoner.cli.governing import opened_for_governance, reviews_table
from almoner.cli.opening import JsonOption, WorkspaceOption, show, table

if TYPE_CHECKING:
    from almoner.governance.permit import Permit

PersonName = Annotated[str, typer.Argument(help="Somebody's name in the operating system.")]
RoleName = Annotated[str, typer.Argument(help="A role of the registry.")]
PermitId = Annotated[str, typer.Argument(help="A permit's id: 'almoner permit list'.")]


def add_to(app: typer.Typer) -> None:
    """Add the commands."""
    roles = typer.Typer(help="Who may do what: roles are granted to people, never taken.", no_args_is_help=True)
    roles.command("grant")(grant_role)
    roles.command("revoke")(revoke_role)
    roles.command("list")(list_roles)
    app.add_typer(roles, name="role")
    permits = typer.Typer(help="Leave to read: ask, grant, take back.", no_args_is_help=True)
    permits.command("request")(request)
    permits.command("grant")(grant)
    permits.command("revoke")(revoke)
    permits.command("list")(list_permits)
    permits.command("show")(show_permit)
    app.add_typer(permits, name="permit")
    glass = typer.Typer(
        help="Emergency sight of one person, for a few hours, and its review by somebody else.", no_args_is_help=True
    )
    glass.command("open")(break_glass)
    glass.command("list")(list_cases)
    glass.command("review")(review)
    app.add_typer(glass, name="break-glass")


def grant_role(
    actor: PersonName, role: RoleName, workspace: WorkspaceOption = None, as_json: JsonOption = False
) -> None:
    """Give somebody a role. The owner of the workspace may appoint the first ones."""
    opening = opened_for_governance(workspace)
    owner = opening.owned_by_actor()
    opening.permits.grant_role(actor, role, opening.actor, owner=owner)
    show({"actor": actor, "role": role}, as_json, f"{actor} now holds the role '{role}'.")


def revoke_role(
    actor: PersonName, role: RoleName, workspace: WorkspaceOption = None, as_json: JsonOption = False
) -> None:
    """Take a role away."""
    opening = opened_for_governance(workspace)
    held = opening.permits.revoke_role(actor, role, opening.actor)
    show(
        {"revoked": held}, as_json, f"{actor} no longer holds '{role}'." if held else f"{actor} did not hold '{role}'."
    )


def list_roles(workspace: WorkspaceOption = None, as_json: JsonOption = False) -> None:
    """List who holds which role."""
    holders = opened_for_governance(workspace).records.role_holders()
    rows = [{"actor": actor, "role": role} for actor, role in holders]
    show({"roles": rows}, as_json, table(("actor", "role"), holders))


def request(
    purpose: Annotated[str, typer.Option("--purpose")],
    reason: Annotated[str, typer.Option("--reason", help="What it is for, in words that a reviewer understands.")],
    person: Annotated[
        list[str] | None, typer.Option("--person", help="Person id, for a purpose about one person.")
    ] = None,
    project: Annotated[str | None, typer.Option("--project", help="A project of the project register.")] = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Ask for a permit."""
    opening = opened_for_governance(workspace)
    permit = opening.permits.request(opening.actor, purpose, reason, subjects=tuple(person or ()), project=project)
    show(_document(permit), as_json, f"Permit {permit.id} is {permit.state}.")


def grant(permit_id: PermitId, workspace: WorkspaceOption = None, as_json: JsonOption = False) -> None:
    """Grant a permit that somebody else has asked for."""
    opening = opened_for_governance(workspace)
    permit = opening.permits.grant(permit_id, opening.actor)
    show(_document(permit), as_json, f"Permit {permit.id} is granted until {permit.expires_at:%Y-%m-%d %H:%M} UTC.")


def revoke(permit_id: PermitId, workspace: WorkspaceOption = None, as_json: JsonOption = False) -> None:
    """Take a permit back."""
    opening = opened_for_governance(workspace)
    permit = opening.permits.revoke(permit_id, opening.actor)
    show(_document(permit), as_json, f"Permit {permit.id} is revoked.")


def list_permits(
    everybody: Annotated[bool, typer.Option("--all", help="Everybody's: needs the right to grant.")] = False,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """List your permits; first, for who reviews them, the uses of break-glass that await a review."""
    opening = opened_for_governance(workspace)
    if everybody:
        opening.require("grant")
    permits = opening.records.permits(None if everybody else opening.actor)
    heads = ("permit", "actor", "purpose", "form", "project", "state", "expires_at")
    rows = [_document(each) for each in permits]
    due = opening.reviews_due()

    def text() -> str:
        listed = table(heads, [[row[head] or "" for head in heads] for row in rows])
        return f"{reviews_table(due)}\n\n{listed}" if due else listed

    show({"permits": rows, "reviews_due": [vars(case) for case in due]}, as_json, text)


def show_permit(permit_id: PermitId, workspace: WorkspaceOption = None, as_json: JsonOption = False) -> None:
    """Show which columns of which datasets a permit gives, or would give: your own, or one that you may grant."""
    from almoner.governance.permissions import rights_of
    from almoner.kernel.errors import NotFound

    opening = opened_for_governance(workspace)
    permit = opening.records.permit(permit_id)
    grants = "grant" in rights_of(opening.registry, opening.records, opening.actor)
    if permit is None or (permit.actor != opening.actor and not grants):
        raise NotFound("You have no such permit.", todo="See: almoner permit list")
    given = opening.gate.columns_for(permit)
    rows = [(name, ", ".join(columns)) for name, columns in given.items()]
    verb = "gives" if permit.state == "granted" else "would give" if permit.state == "requested" else "gave"
    head = f"Permit {permit.id} for '{permit.purpose}', {permit.form}, is {permit.state}. It {verb}:"
    show({**_document(permit), "gives": given}, as_json, lambda: head + "\n" + table(("dataset", "columns"), rows))


def break_glass(
    person_id: Annotated[str, typer.Argument(help="Who is in danger: a person id, from 'almoner find'.")],
    reason: Annotated[str, typer.Option("--reason", help="The danger, and why nothing less will do.")],
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Get a permit for one person in an emergency, at once and for four hours; then run 'almoner person' with it.

    Any role may, and nobody grants it: somebody else must review it afterwards. Whoever holds the right to review is
    told of it, at each command about roles, permits, break-glass and the audit log, until that is done.
    """
    opening = opened_for_governance(workspace)
    permit, case = opening.permits.break_glass(opening.actor, person_id, reason)
    show(
        {**_document(permit), "case": case.id},
        as_json,
        f"Permit {permit.id} until {permit.expires_at:%H:%M} UTC; case {case.id} is open until it is reviewed.\n"
        f"  almoner person {person_id} --purpose {permit.purpose} --permit {permit.id}",
    )


def list_cases(workspace: WorkspaceOption = None, as_json: JsonOption = False) -> None:
    """List the uses of break-glass: those without an outcome need a reviewer. Needs the right to review."""
    opening = opened_for_governance(workspace)
    opening.require("break_glass_review")
    rows: list[dict[str, Any]] = [vars(case) for case in opening.records.cases()]
    heads = ("id", "permit_id", "actor", "opened_at", "reviewed_by", "outcome")
    show({"cases": rows}, as_json, lambda: table(heads, [[row[head] or "" for head in heads] for row in rows]))


def review(
    case_id: Annotated[str, typer.Argument(help="The case: 'almoner break-glass list'.")],
    outcome: Annotated[str, typer.Option("--outcome", help="Justified or not, and what follows.")],
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Close the case of a use of break-glass. Needs the right to review; nobody reviews their own."""
    opening = opened_for_governance(workspace)
    case = opening.permits.review_emergency(case_id, opening.actor, outcome)
    show(vars(case), as_json, f"Case {case.id} is closed.")


def _document(permit: Permit) -> dict[str, Any]:
    return {
        "permit": permit.id,
        "actor": permit.actor,
        "purpose": permit.purpose,
        "form": permit.form,
        "scope": permit.scope,
        "project": permit.project,
        "state": permit.state,
        "expires_at": permit.expires_at.isoformat(timespec="minutes"),
    }
