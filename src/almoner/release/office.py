"""Carries a release through its life: who may do what, in which state, and what has to be true for it.

Every change is in the audit log before it holds. Content that was approved is the content that goes out, and it is
checked once more against the ledger in the moment of publication. Must never write an exact count anywhere but into
the book.
"""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from almoner.governance.audit import AuditEvent, AuditLog
from almoner.kernel.errors import NotFound, ReleaseRefused, UsageError
from almoner.methods.disclosure.released import ReleaseTable
from almoner.registry.registry import Registry
from almoner.release.codes import AREA, DRAWN, Codebook, Members, breakdowns
from almoner.release.draft import Draft
from almoner.release.judging import Judgement, Mend, judge, mends
from almoner.release.ports import Release, ReleaseBook, Step
from almoner.release.primary import without_small_counts
from almoner.release.publication import RELEASED, UNRELEASED, Publication, protection_words, shown_tables
from almoner.release.sharing import agreement_with, check_sharing, recipient_title
from almoner.release.shelf import Shelf
from almoner.release.states import Action, can_follow, next_state
from almoner.release.stating import Statement, repaired, rule_of, state_draft

ID_CHARACTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
ID_LENGTH = 11
LEAST_DIGEST = 12
"""Fewer characters of a digest could be another content's."""
LEAST_REASON = 10
_MOST_MENDS = 8

Render = Callable[[Publication, tuple[str, ...]], Mapping[str, bytes]]


@dataclass(frozen=True)
class Checked:
    """A release with what came of its check."""

    release: Release
    judgement: Judgement


class ReleaseOffice:
    """The releases of a workspace, as one actor may handle them. Rights are checked by whoever calls."""

    def __init__(
        self, registry: Registry, book: ReleaseBook, shelf: Shelf, audit: AuditLog, render: Render,
        clock: Callable[[], dt.datetime], actor: str,
    ) -> None:  # fmt: skip
        self._registry, self._book, self._shelf, self._audit = registry, book, shelf, audit
        self._render, self._clock, self._actor = render, clock, actor
        self._rule = rule_of(registry.release)

    # ── drafting ─────────────────────────────────────────────────────────────────────────────────────────────────

    def draft(self, draft: Draft, members: Members, replacing: str | None = None) -> Release:
        """Keep a new draft, or put it in the place of what a release held: then it is unchecked and unapproved again.

        In: members: what the areas of the figures are made of.
        Raises: ReleaseRefused where recipient, purpose or agreement forbid it, or the release is out already.
        """
        self._may_leave(draft)
        draft = without_small_counts(draft, self._rule)
        with self._book.alone():
            self._settle()
            self._same_areas(members)
            self._book.keep_members(members)
            state_draft(draft, "new", self._rule)
            old = self.find(replacing) if replacing else None
            release = self._fresh(draft) if old is None else self._edited(old, draft, "edit")
            return self._keep(release, "edit", draft=draft)

    def _fresh(self, draft: Draft) -> Release:
        name = "R" + "".join(secrets.choice(ID_CHARACTERS) for _ in range(ID_LENGTH))
        agreement = agreement_with(self._registry, draft.recipient)
        return Release(
            name, draft.title, "draft", draft.purpose, draft.recipient, agreement, self._actor, (self._actor,),
            draft.digest(), version=0, project=draft.project, cells=self._cells(draft),
        )  # fmt: skip

    def _edited(self, old: Release, draft: Draft, action: Action) -> Release:
        return replace(
            old, state=next_state(old.id, old.state, action), title=draft.title, purpose=draft.purpose,
            recipient=draft.recipient, agreement=agreement_with(self._registry, draft.recipient),
            project=draft.project, editors=tuple(dict.fromkeys((*old.editors, self._actor))), digest=draft.digest(),
            cells=self._cells(draft), approved_by=None, approved_digest=None,
        )  # fmt: skip

    def _cells(self, draft: Draft) -> int:
        return len(state_draft(draft, "", self._rule))

    # ── checking ─────────────────────────────────────────────────────────────────────────────────────────────────

    def check(self, release_id: str) -> Checked:
        """Check a draft against everything ever released, and note whether it passes.

        Raises: ReleaseRefused where recipient, purpose or agreement forbid it, or it can't be judged.
        """
        with self._book.alone():
            self._settle()
            release, draft = self.find(release_id), self._book.draft_of(release_id)
            next_state(release.id, release.state, "pass")
            self._may_leave(draft)
            judgement = self._judge(release.id, draft)[2]
            action: Action = "pass" if judgement.passes else "fail"
            approval = {} if judgement.passes else {"approved_by": None, "approved_digest": None}
            changed = replace(release, state=next_state(release.id, release.state, action), **approval)  # type: ignore[arg-type]
            return Checked(self._keep(changed, action), judgement)

    def offers(self, release_id: str) -> tuple[Checked, list[Mend]]:
        """Offer ways to mend a draft, without changing it."""
        release, draft = self.find(release_id), self._book.draft_of(release_id)
        self._note(release, "release.offer")
        statement, earlier, judgement = self._judge(release.id, draft)
        found = [] if judgement.passes else mends(earlier, statement, judgement, self._codebook(), self._rule)
        return Checked(release, judgement), found

    def repair(self, release_id: str, kind: str) -> Checked:
        """Mend a draft in the way chosen, and check it. It has to be approved anew.

        Raises: ReleaseRefused where that way does not help.
        """
        with self._book.alone():
            self._settle()
            release, draft = self.find(release_id), self._book.draft_of(release_id)
            next_state(release.id, release.state, "repair")
            mended = self._mended(release.id, draft, kind)
            kept = self._keep(self._edited(release, mended, "repair"), "repair", draft=mended)
        return self.check(kept.id)

    def _mended(self, release_id: str, draft: Draft, kind: str) -> Draft:
        """Mend, state anew and mend on: once everything small is withheld, rounded figures say a little more."""
        for _ in range(_MOST_MENDS):
            statement, earlier, judgement = self._judge(release_id, draft)
            if judgement.passes:
                return draft
            found = mends(earlier, statement, judgement, self._codebook(), self._rule)
            chosen = next((mend for mend in found if mend.kind == kind), None)
            if chosen is None:
                offered = ", ".join(mend.kind for mend in found)
                raise ReleaseRefused(
                    f"The draft can't be repaired by '{kind}'.",
                    where=f"release {release_id}",
                    why="No such change passes the check.",
                    todo=f"Choose one of: {offered}." if offered else "Leave tables out, or make their areas coarser.",
                )
            draft = repaired(draft, statement, chosen.tables)
        raise ReleaseRefused(
            "The draft can't be repaired this way.", where=f"release {release_id}", todo="Make it coarser."
        )

    def _judge(self, release_id: str, draft: Draft) -> tuple[Statement, list[ReleaseTable], Judgement]:
        statement = state_draft(draft, release_id, self._rule)
        earlier = self._book.ledger([table.population for table in statement.tables])
        return statement, earlier, judge(earlier, statement, self._codebook(), self._rule)

    def _codebook(self) -> Codebook:
        return Codebook({**self._book.members(), **breakdowns(self._registry)})

    # ── approving, publishing, withdrawing ───────────────────────────────────────────────────────────────────────

    def approve(self, release_id: str, digest: str, reason: str) -> Release:
        """Say yes to exactly the content that was looked at.

        Raises: ReleaseRefused for who has written in it, for other content, or in another state.
        """
        with self._book.alone():
            self._settle()
            release, draft = self.find(release_id), self._book.draft_of(release_id)
            state = next_state(release.id, release.state, "approve")
            try:
                self._second_person(release)
                self._same_content(release, draft, digest)
                self._may_leave(draft)
            except ReleaseRefused:
                self._note(release, "release.approve", outcome="refused")
                raise
            approved = replace(release, state=state, approved_by=self._actor, approved_digest=release.digest)
            return self._keep(approved, "approve", reason=_explained(reason))

    def publish(self, release_id: str) -> Release:
        """Put an approved release out, and its cells into the ledger: both or neither.

        Raises: ReleaseRefused where it no longer passes, or is not what was approved.
        """
        with self._book.alone():
            self._settle()
            release, draft = self.find(release_id), self._book.draft_of(release_id)
            state = next_state(release.id, release.state, "publish")
            try:
                self._same_content(release, draft, release.approved_digest or "")
                self._may_leave(draft)
                statement, _, judgement = self._judge(release.id, draft)
                self._still_passes(release, judgement)
            except ReleaseRefused:
                self._note(release, "release.publish", outcome="refused")
                raise
            out = replace(release, state=state, released_at=self._clock(), version=release.version + 1)
            files = self._shelf.stage(out.id, self._render(self._publication(out, draft, RELEASED), draft.formats))
            out = replace(out, files=files)
            self._note(out, "release.publish")
            self._book.enter(out, self._step(out, "publish"), statement.tables)
            self._shelf.put_out(out.id, files)
            return out

    def withdraw(self, release_id: str, reason: str) -> Release:
        """Take a release back: its files go, its cells stay in the ledger.

        Raises: ReleaseRefused where it is not out.
        """
        with self._book.alone():
            self._settle()
            release = self.find(release_id)
            state = next_state(release.id, release.state, "withdraw")
            gone = replace(release, state=state, withdrawn_at=self._clock())
            kept = self._keep(gone, "withdraw", reason=_explained(reason))
            self._shelf.take_in(kept.id)
            return kept

    def discard(self, release_id: str, reason: str) -> Release:
        """Give a draft up: what it held is destroyed, that there was one stays known.

        Raises: ReleaseRefused where it is out, or was.
        """
        with self._book.alone():
            self._settle()
            return self._discarded(self.find(release_id), _explained(reason))

    def discard_stale(self) -> list[Release]:
        """Discard every draft that nobody has touched for as long as the registry keeps drafts."""
        oldest = self._clock() - dt.timedelta(days=self._registry.release.draft_days)
        with self._book.alone():
            self._settle()
            stale = [
                release
                for release in self._book.releases()
                if can_follow(release.state, "discard") and max(s.at for s in self._book.steps(release.id)) < oldest
            ]
            reason = f"Untouched for {self._registry.release.draft_days} days"
            return [self._discarded(release, reason) for release in stale]

    def _discarded(self, release: Release, reason: str) -> Release:
        state = next_state(release.id, release.state, "discard")
        gone = replace(release, state=state, version=release.version + 1, approved_by=None, approved_digest=None)
        self._note(gone, "release.discard", reason=reason)
        self._book.destroy(gone, self._step(gone, "discard", reason))
        return gone

    # ── looking ──────────────────────────────────────────────────────────────────────────────────────────────────

    def find(self, release_id: str) -> Release:
        """Find a release. Raises: NotFound."""
        found = self._book.find(release_id)
        if found is None:
            raise NotFound("There is no such release.", todo="'almoner release list' shows them.")
        return found

    def preview(self, release_id: str) -> Mapping[str, bytes]:
        """Give the files of a draft as they would be published, marked as unreleased."""
        release, draft = self.find(release_id), self._book.draft_of(release_id)
        self._note(release, "release.preview")
        return self._render(self._publication(release, draft, UNRELEASED), draft.formats)

    def differing(self, release: Release) -> list[str]:
        """Name the files of a release that are not as they were published; none may be there of one that is not out."""
        published = (release.files or {}) if release.state == "released" else {}
        return self._shelf.differing(release.id, published)

    def verify(self, release_id: str | None = None) -> dict[str, list[str]]:
        """Look at the files of a release, or of all: are they as they were published? Out: release → what is not."""
        chosen = self._book.releases() if release_id is None else [self.find(release_id)]
        return {release.id: self.differing(release) for release in chosen}

    # ── what has to be true ──────────────────────────────────────────────────────────────────────────────────────

    def _may_leave(self, draft: Draft) -> None:
        today = self._clock().date()
        check_sharing(self._registry, draft.recipient, draft.purpose, draft.project, draft.datasets, today)

    def _same_areas(self, members: Members) -> None:
        """Refuse an area drawn anew under a name that figures bear already: they would change what they are about."""
        known = self._book.members().get(AREA, {})
        for code, parts in members.get(AREA, {}).items():
            if code.startswith(DRAWN) and known.get(code, parts) != parts:
                raise ReleaseRefused(
                    f"The area '{code.removeprefix(DRAWN)}' was drawn otherwise before.",
                    where=code,
                    why="Earlier figures bear this name; nobody could tell any longer what they are about.",
                    todo="Give the area another name.",
                )

    def _second_person(self, release: Release) -> None:
        if self._actor in release.editors:
            raise ReleaseRefused(
                "You have written in this release, so you can't approve it.",
                where=f"release {release.id}",
                why="What leaves is seen by a second person, who has made none of it.",
                todo="Ask somebody else with the right 'release_approve'.",
            )

    def _same_content(self, release: Release, draft: Draft, digest: str) -> None:
        if len(digest) < LEAST_DIGEST or not release.digest.startswith(digest) or draft.digest() != release.digest:
            raise ReleaseRefused(
                "The content is not what was looked at and approved.",
                where=f"release {release.id}",
                why="An approval is for one content, named by its digest.",
                todo="Look at it again with 'almoner release show', and give the digest that it shows.",
            )

    def _still_passes(self, release: Release, judgement: Judgement) -> None:
        if not judgement.passes:
            raise ReleaseRefused(
                "The release no longer passes the check: something else was released since.",
                where=f"release {release.id}",
                why="Together with what is out by now, a protected count could be deduced.",
                todo="Run 'almoner release check', then 'almoner release repair'.",
            )

    def _settle(self) -> None:
        """Finish what a crash has interrupted: what is in the ledger goes out, what is not goes away."""
        for name in self._shelf.staged():
            release = self._book.find(name)
            if release is not None and release.state == "released":
                self._shelf.put_out(name, release.files or {})
            else:
                self._shelf.unstage(name)
        for release in self._book.releases():
            if release.state == "withdrawn":
                self._shelf.take_in(release.id)

    def _publication(self, release: Release, draft: Draft, status: str) -> Publication:
        registry = self._registry
        rules, controller = registry.release, registry.controller
        return Publication(
            id=release.id,
            status=status,
            title=draft.title,
            description=draft.description,
            publisher=f"{controller.title}, {controller.service}",
            place=controller.place,
            brand_colour=controller.brand_colour,
            released_on=release.released_at.date().isoformat() if release.released_at else "",
            as_of=draft.as_of,
            purpose=registry.purpose[draft.purpose].title,
            recipient=recipient_title(registry, draft.recipient),
            agreement=registry.agreement[release.agreement].title,
            licence=rules.licence if draft.recipient == "public" else "",
            contact=rules.contact,
            source=draft.source,
            protection=protection_words(rules),
            notes=draft.notes,
            tables=shown_tables(draft, rules.rounding_base),
        )

    # ── keeping ──────────────────────────────────────────────────────────────────────────────────────────────────

    def _keep(self, release: Release, action: Action, *, draft: Draft | None = None, reason: str = "") -> Release:
        release = replace(release, version=release.version + 1)
        self._note(release, f"release.{action}", reason=reason or None)
        self._book.keep(release, self._step(release, action, reason), draft)
        return release

    def _step(self, release: Release, action: Action, reason: str = "") -> Step:
        return Step(action, release.state, self._actor, self._clock(), release.digest, reason)

    def _note(self, release: Release, action: str, *, outcome: str = "allowed", reason: str | None = None) -> None:
        detail = {
            "release": release.id, "state": release.state, "digest": release.digest, "recipient": release.recipient,
        }  # fmt: skip
        event = AuditEvent(
            at=self._clock(), actor=self._actor, action=action, outcome=outcome, purpose=release.purpose, detail=detail,  # type: ignore[arg-type]
        )  # fmt: skip
        self._audit.append(event, reason=reason)


def _explained(reason: str) -> str:
    if len(reason.strip()) < LEAST_REASON:
        raise UsageError(
            "The reason is too short to explain anything.", todo=f"Write at least {LEAST_REASON} characters."
        )
    return reason.strip()
