"""How permits come and go: standing permits that a role gives, permits asked for and granted, break-glass.

Every change is in the audit log before it holds.
"""

from __future__ import annotations

import datetime as dt
import functools
import secrets
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, TypeVar, cast

from almoner.governance.audit import AuditEvent, AuditLog
from almoner.governance.permissions import check_purpose, check_right, rights_of
from almoner.governance.permit import Permit
from almoner.governance.policies import FORM_RANK, check_project
from almoner.governance.ports import EmergencyCase, Records
from almoner.kernel.errors import AccessRefused, NotFound, UsageError
from almoner.registry.governing import Form
from almoner.registry.registry import Registry
from almoner.registry.sharing import Sharing

EMERGENCY_HOURS = 4
"""How long break-glass lasts: one shift's urgent work, no more."""
SHARING_HOURS = 1
"""How long the reading of an extract may last."""
LEAST_REASON = 10
"""A reason shorter than this explains nothing to the person who reviews it."""


VITAL_INTERESTS = "6(1)(d)"
"""Processing to protect somebody's life. Source: UK GDPR Art 6(1)(d)."""

F = TypeVar("F", bound=Callable[..., Any])


def _traced(action: str, position: int) -> Callable[[F], F]:
    """Record refusals of a method of the office as `action`; the actor is its argument at `position`."""

    def wrap(method: F) -> F:
        @functools.wraps(method)
        def traced(self: PermitOffice, *given: Any, **named: Any) -> Any:
            try:
                return method(self, *given, **named)
            except AccessRefused:
                self._note_refusal(str(named.get("by") or given[position]), action)
                raise

        return cast(F, traced)

    return wrap


class PermitOffice:
    """Issues, grants and revokes permits."""

    def __init__(
        self,
        registry: Registry,
        records: Records,
        audit: AuditLog,
        clock: Callable[[], dt.datetime],
        *,
        knows: Callable[[str], bool] | None = None,
        withdraw: Callable[[], object] | None = None,
    ) -> None:
        """Open the office.

        In: knows = whether there is a person of an id; withdraw = removes what was made under permits taken back.
        """
        self._registry = registry
        self._records = records
        self._audit = audit
        self._clock = clock
        self._knows = knows
        self._withdraw = withdraw

    @_traced("permit.issue", 0)
    def standing(
        self,
        actor: str,
        purpose: str,
        reason: str,
        *,
        subjects: Sequence[str] = (),
        project: str | None = None,
        reason_code: str = "stated",
    ) -> Permit:
        """Issue the permit that an actor's role gives for a purpose, without anybody else's grant.

        In: reason_code: what kind of reason it is, where the words are the product's own.
        Raises: AccessRefused where the purpose needs a grant or the actor's roles don't serve it.
        """
        check_purpose(self._registry, self._records, actor, purpose)
        declared = self._registry.purpose[purpose]
        if not declared.standing:
            raise AccessRefused(
                f"Purpose '{purpose}' needs a permit that somebody else grants.",
                why="No standing permission reaches what it sees.",
                todo=f"Run: almoner permit request --purpose {purpose} --reason '…'",
            )
        self._require_known(actor, "permit.issue", subjects)
        permit = self._draft(actor, purpose, reason, subjects, project, None)
        granted = replace(permit, state="granted", granted_by="role", reason_code=reason_code)
        return self._keep(granted, actor, "permit.issue")

    @_traced("permit.issue", 0)
    def for_sharing(
        self, actor: str, sharing: Sharing, reason: str, granted_by: str, *, names: bool, subjects: Sequence[str] = ()
    ) -> Permit:
        """Issue the permit under which an extract for a recipient is read, and nothing is shown to anybody.

        In: granted_by = who stands behind it: the second person who approved, or what takes their place; names = the
        identifiable form, where that was agreed.
        Raises: AccessRefused where the actor's roles don't serve the purpose, NotFound where a subject is nobody.
        """
        check_purpose(self._registry, self._records, actor, sharing.purpose)
        self._require_known(actor, "permit.issue", subjects)
        form: Form = "identifiable" if names and sharing.form == "identifiable" else "pseudonymised"
        draft = self._draft(actor, sharing.purpose, reason, subjects, sharing.project, form)
        granted = replace(
            draft, state="granted", granted_by=granted_by, reason_code="sharing", sharing=sharing.name,
            expires_at=draft.starts_at + dt.timedelta(hours=SHARING_HOURS),
        )  # fmt: skip
        return self._keep(granted, actor, "permit.issue")

    def _require_known(self, actor: str, action: str, subjects: Sequence[str]) -> None:
        """Refuse ids of nobody before anything is kept of them: they may be something else than ids."""
        if self._knows is not None and not all(self._knows(subject) for subject in subjects):
            self._note_refusal(actor, action)
            raise NotFound("There is no such person.", todo="Look them up: almoner find NAME.")

    @_traced("permit.request", 0)
    def request(
        self,
        actor: str,
        purpose: str,
        reason: str,
        *,
        subjects: Sequence[str] = (),
        project: str | None = None,
        form: Form | None = None,
    ) -> Permit:
        """Ask for a permit. It gives nothing until somebody else grants it, unless the role itself gives it."""
        check_purpose(self._registry, self._records, actor, purpose)
        self._require_known(actor, "permit.request", subjects)
        draft = self._draft(actor, purpose, reason, subjects, project, form)
        if self._registry.purpose[purpose].standing:
            draft = replace(draft, state="granted", granted_by="role")
        return self._keep(draft, actor, "permit.request")

    @_traced("permit.grant", 1)
    def grant(self, permit_id: str, by: str) -> Permit:
        """Grant a requested permit.

        Raises: AccessRefused where the granter asked for it, or has no right to grant.
        """
        check_right(self._registry, self._records, by, "grant")
        permit = self._find(permit_id)
        if permit.actor == by:
            raise AccessRefused(
                "Nobody grants their own permit.", why="Two people stand behind each grant.", todo="Ask a colleague."
            )
        if permit.state != "requested":
            raise UsageError(f"Permit {permit_id} is {permit.state}, not requested.", todo="Request a new one.")
        now = self._clock()
        days = max(self._registry.purpose[permit.purpose].permit_days, 1)
        granted = replace(
            permit, state="granted", granted_by=by, starts_at=now, expires_at=now + dt.timedelta(days=days)
        )
        return self._keep(granted, by, "permit.grant")

    @_traced("permit.revoke", 1)
    def revoke(self, permit_id: str, by: str) -> Permit:
        """Take a permit back, and with it the copies made under it: its holder may, and whoever may grant."""
        permit = self._find(permit_id)
        if permit.actor != by:
            check_right(self._registry, self._records, by, "grant")
        revoked = self._keep(replace(permit, state="revoked"), by, "permit.revoke")
        if self._withdraw is not None:
            self._withdraw()
        return revoked

    @_traced("break_glass.open", 0)
    def break_glass(
        self, actor: str, person_id: str, reason: str, purpose: str = "emergency"
    ) -> tuple[Permit, EmergencyCase]:
        """Give wider sight of one person for a short time, in an emergency; opens a case that must be reviewed.

        Raises: AccessRefused where the actor has no role at all, NotFound where there is no such person.
        """
        if not self._records.roles_of(actor):
            raise AccessRefused(
                f"'{actor}' has no role here.", why="Break-glass is for staff.", todo="Ask for a role first."
            )
        declared = self._registry.purpose.get(purpose)
        if declared is None or VITAL_INTERESTS not in self._registry.lawful_basis[declared.lawful_basis].article:
            raise AccessRefused(
                f"The glass is not broken for purpose '{purpose}'.",
                why=f"Break-glass protects somebody in an emergency (UK GDPR Art {VITAL_INTERESTS}), and nothing else.",
                todo="Use the emergency purpose, or ask for a permit.",
            )
        self._require_known(actor, "break_glass.open", (person_id,))
        now = self._clock()
        permit = replace(
            self._draft(actor, purpose, reason, (person_id,), None, "identifiable"),
            state="granted",
            granted_by="break-glass",
            starts_at=now,
            expires_at=now + dt.timedelta(hours=EMERGENCY_HOURS),
            reason_code="emergency",
            break_glass=True,
        )
        case = EmergencyCase(_name("E"), permit.id, actor, now)
        self._record(permit, actor, "break_glass.open")
        self._records.open_case(case)  # before the permit: no use of it may go unreviewed
        self._records.save_permit(permit)
        return permit, case

    @_traced("break_glass.review", 1)
    def review_emergency(self, case_id: str, by: str, outcome: str) -> EmergencyCase:
        """Close an emergency case: by a second person, never the one who used it.

        Raises: AccessRefused, NotFound.
        """
        check_right(self._registry, self._records, by, "break_glass_review")
        case = next((each for each in self._records.cases() if each.id == case_id), None)
        if case is None or case.reviewed_by is not None:
            raise NotFound(f"No open emergency case {case_id}.", todo="See: almoner break-glass list")
        if case.actor == by:
            raise AccessRefused("Who broke the glass can't review it.", why="A second person looks.", todo="Ask one.")
        closed = replace(case, reviewed_by=by, reviewed_at=self._clock(), outcome=outcome)
        self._note(by, "break_glass.review", permit_id=case.permit_id, case=case.id)
        self._records.close_case(closed)
        return closed

    @_traced("role.grant", 2)
    def grant_role(self, actor: str, role: str, by: str, *, owner: bool = False) -> None:
        """Give a role. `owner`: the granter owns the workspace's files, and appoints people while nobody may grant."""
        if role not in self._registry.role:
            raise UsageError(f"No role '{role}' is declared.", todo=f"Use: {', '.join(sorted(self._registry.role))}.")
        if not owner or self._somebody_grants():
            check_right(self._registry, self._records, by, "grant")
        self._note(by, "role.grant", role=role, to=actor)
        self._records.grant_roles(actor, (role,), by)

    @_traced("role.revoke", 2)
    def revoke_role(self, actor: str, role: str, by: str) -> bool:
        """Take a role away."""
        check_right(self._registry, self._records, by, "grant")
        self._note(by, "role.revoke", role=role, to=actor)
        return self._records.revoke_role(actor, role)

    def _somebody_grants(self) -> bool:
        actors = {actor for actor, _ in self._records.role_holders()}
        return any("grant" in rights_of(self._registry, self._records, actor) for actor in actors)

    def _draft(
        self, actor: str, purpose: str, reason: str, subjects: Sequence[str], project: str | None, form: Form | None
    ) -> Permit:
        declared = self._registry.purpose.get(purpose)
        if declared is None:
            raise AccessRefused(f"Purpose '{purpose}' is not declared.", todo="See registry/purposes.toml.")
        if declared.reason == "required" and len(reason.strip()) < LEAST_REASON:
            raise UsageError(
                "The reason says too little.",
                why="Whoever reviews access, and the person concerned, must understand why it was needed.",
                todo=f"Write what it is for, in at least {LEAST_REASON} characters.",
            )
        chosen = form or declared.form
        if FORM_RANK[chosen] > FORM_RANK[declared.form]:
            raise AccessRefused(
                f"Purpose '{purpose}' gives the {declared.form} form at the most.",
                why="Data is used in the least identifying form that serves the purpose.",
                todo=f"Ask for the {declared.form} form.",
            )
        now = self._clock()
        check_project(self._registry, declared, project, now.date())
        until = now + dt.timedelta(days=declared.permit_days or 1)
        return Permit(
            _name("K"), actor, purpose, chosen, declared.scope, reason.strip(), starts_at=now, expires_at=until,
            subjects=tuple(subjects), project=project,
        )  # fmt: skip

    def _find(self, permit_id: str) -> Permit:
        permit = self._records.permit(permit_id)
        if permit is None:
            raise NotFound(f"No permit {permit_id}.", todo="See: almoner permit list")
        return permit

    def _keep(self, permit: Permit, by: str, action: str) -> Permit:
        self._record(permit, by, action)
        self._records.save_permit(permit)
        return permit

    def _record(self, permit: Permit, by: str, action: str) -> None:
        event = AuditEvent(
            at=self._clock(), actor=by, action=action, outcome="allowed", purpose=permit.purpose, permit_id=permit.id,
            form=permit.form, scope=permit.scope, reason_code=permit.reason_code,
            detail={"project": permit.project} if permit.project else {},
        )  # fmt: skip
        self._audit.append(event, subjects=permit.subjects, reason=permit.reason or None)

    def _note_refusal(self, by: str, action: str) -> None:
        """Record that somebody was refused."""
        self._audit.append(AuditEvent(at=self._clock(), actor=by, action=action, outcome="refused"))

    def _note(self, by: str, action: str, permit_id: str | None = None, **detail: str) -> None:
        self._audit.append(
            AuditEvent(at=self._clock(), actor=by, action=action, outcome="allowed", permit_id=permit_id, detail=detail)
        )


def _name(letter: str) -> str:
    """Make a name that nobody can guess and that reads well aloud."""
    alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
    return letter + "".join(secrets.choice(alphabet) for _ in range(10))
