"""Carries a release through its life: who may do what, in which state, and what has to be true for it.

Every change is in the audit log before it holds. Content that was approved is the content that goes out, and it is
checked once more against the ledger in the moment of publication. Must never write an exact count anywhere but into
the book.
"""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from almoner.governance.audit import AuditEvent, AuditLog
from almoner.kernel.errors import AlmonerError, NotFound, ReleaseRefused, ResourceExhausted
from almoner.methods.disclosure.released import ReleaseTable
from almoner.registry.registry import Registry
from almoner.release.amounts import stated_sums, sums_of_draft, without_telling_sums
from almoner.release.codes import Codebook, Members, breakdowns
from almoner.release.draft import Draft
from almoner.release.extracts import check_extract
from almoner.release.judging import Judgement, Mend, judge, mends
from almoner.release.ports import Release, ReleaseBook, Step
from almoner.release.primary import without_small_counts
from almoner.release.publication import RELEASED, Publication, as_draft, protection_words, shown_tables
from almoner.release.refusals import explained, refuse_other_spelling, refuse_redefined
from almoner.release.sharing import agreement_with, check_sharing, recipient_title
from almoner.release.shelf import Shelf
from almoner.release.states import Action, can_follow, next_state
from almoner.release.stating import Statement, repaired, rule_of, state_draft

ID_CHARACTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
ID_LENGTH = 11
LEAST_DIGEST = 12
"""Fewer characters of a digest could be another content's."""
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
        if any(table.sums() for table in draft.tables):
            draft = without_telling_sums(draft, self._registry.release, self.codebook(members))
        with self._book.alone():
            self._settle()
            refuse_other_spelling(draft, self._book.populations())
            old = self.find(replacing) if replacing else None
            release = self._fresh(draft) if old is None else self._edited(old, draft, "edit")
            self._book.keep_members(members)
            return self._keep(release, "edit", draft=draft)

    def _fresh(self, draft: Draft) -> Release:
        name = "R" + "".join(secrets.choice(ID_CHARACTERS) for _ in range(ID_LENGTH))
        agreement = agreement_with(self._registry, draft.recipient)
        return Release(
            name, draft.title, "draft", draft.purpose, draft.recipient, agreement, self._actor, (self._actor,),
            self._digest(draft), version=0, project=draft.project, cells=self._cells(draft),
        )  # fmt: skip

    def _edited(self, old: Release, draft: Draft, action: Action) -> Release:
        return replace(
            old, state=next_state(old.id, old.state, action), title=draft.title, purpose=draft.purpose,
            recipient=draft.recipient, agreement=agreement_with(self._registry, draft.recipient),
            project=draft.project, digest=self._digest(draft), cells=self._cells(draft),
            editors=tuple(dict.fromkeys((*old.editors, self._actor))), approved_by=None, approved_digest=None,
        )  # fmt: skip

    def _digest(self, draft: Draft) -> str:
        """Digest all that decides what is seen: the draft, and the rules under which its counts are said."""
        return self._book.digest(f"{draft.text()}\n{self._registry.release.model_dump_json()}")

    def _cells(self, draft: Draft) -> int:
        sums = sums_of_draft(draft, self._registry.release)
        return len(state_draft(draft, "", self._rule)) + sum(len(each.keys) for each in sums)

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
            release = self._under_present_rules(release, draft)
            self._sums(release.id, draft)
            judgement = self._judge(release.id, draft)[2]
            action: Action = "pass" if judgement.passes else "fail"
            approval = {} if judgement.passes else {"approved_by": None, "approved_digest": None}
            changed = replace(release, state=next_state(release.id, release.state, action), **approval)  # type: ignore[arg-type]
            return Checked(self._keep(changed, action), judgement)

    def _under_present_rules(self, release: Release, draft: Draft) -> Release:
        """Void an approval that was given under other rules than the registry's present ones."""
        digest = self._digest(draft)
        if digest == release.digest:
            return release
        state = next_state(release.id, release.state, "edit")
        return replace(release, state=state, digest=digest, approved_by=None, approved_digest=None)

    def offers(self, release_id: str) -> tuple[Checked, list[Mend]]:
        """Offer ways to mend a draft, without changing it."""
        release, draft = self.find(release_id), self._book.draft_of(release_id)
        self._refuse_mending(release, draft)
        self._note(release, "release.offer")
        statement, earlier, judgement = self._judge(release.id, draft)
        found = [] if judgement.passes else mends(earlier, statement, judgement, self.codebook(), self._rule)
        return Checked(release, judgement), found

    def repair(self, release_id: str, kind: str) -> Checked:
        """Mend a draft in the way chosen, and check it. It has to be approved anew.

        Raises: ReleaseRefused where that way does not help.
        """
        with self._book.alone():
            self._settle()
            release, draft = self.find(release_id), self._book.draft_of(release_id)
            next_state(release.id, release.state, "repair")
            self._refuse_mending(release, draft)
            mended = self._mended(release.id, draft, kind)
            kept = self._keep(self._edited(release, mended, "repair"), "repair", draft=mended)
        return self.check(kept.id)

    def _refuse_mending(self, release: Release, draft: Draft) -> None:
        """Records can't be said otherwise, like a count: only who made them can make them coarser."""
        if draft.extract is not None:
            raise ReleaseRefused(
                "An extract of records can't be repaired here.",
                where=f"release {release.id}",
                why="A count can be withheld or rounded; a record is there or not.",
                todo="Coarsen its columns in the plan, and draft it again with --replace.",
            )

    def _mended(self, release_id: str, draft: Draft, kind: str) -> Draft:
        """Mend, state anew and mend on: once everything small is withheld, rounded figures say a little more."""
        for _ in range(_MOST_MENDS):
            statement, earlier, judgement = self._judge(release_id, draft)
            if judgement.passes:
                return draft
            found = mends(earlier, statement, judgement, self.codebook(), self._rule)
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
        return statement, earlier, judge(earlier, statement, self.codebook(), self._rule)

    def codebook(self, members: Members | None = None) -> Codebook:
        """Give the codes that are known. In: members: what areas are made of that the book does not have yet."""
        kept, declared, new = self._book.members(), breakdowns(self._registry), members or {}
        refuse_redefined(kept, declared)
        return Codebook(
            {
                name: {**kept.get(name, {}), **new.get(name, {}), **declared.get(name, {})}
                for name in {*kept, *declared, *new}
            }
        )

    def _sums(self, release_id: str, draft: Draft) -> list[ReleaseTable]:
        """State the sums of amounts. Raises: ReleaseRefused where they tell of somebody, or overlap what is out."""
        populations = sorted({column.population for table in draft.tables for column in table.sums()})
        earlier = self._book.ledger(populations) if populations else []
        return stated_sums(draft, release_id, self._registry.release, self.codebook(), earlier)

    def _keep_breakdowns(self, tables: Sequence[ReleaseTable]) -> None:
        """Keep what the codes of breakdowns are made of that go out: nobody may change it behind them."""
        used = {(name, code) for table in tables for name, codes in table.codes.items() for code in codes}
        declared = breakdowns(self._registry)
        self._book.keep_members(
            {name: {c: parts for c, parts in codes.items() if (name, c) in used} for name, codes in declared.items()}
        )

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
            except AlmonerError:
                self._note(release, "release.approve", outcome="refused")
                raise
            approved = replace(release, state=state, approved_by=self._actor, approved_digest=release.digest)
            return self._keep(approved, "approve", reason=explained(reason))

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
                stated = (*statement.tables, *self._sums(release.id, draft))
            except AlmonerError:
                self._note(release, "release.publish", outcome="refused")
                raise
            out = replace(release, state=state, released_at=self._clock(), version=release.version + 1)
            files = self._shelf.stage(out.id, self._render(self._publication(out, draft), draft.formats))
            out = replace(out, files=files)
            self._note(out, "release.publish")
            self._keep_breakdowns(stated)
            self._book.enter(out, self._step(out, "publish"), stated)
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
            kept = self._keep(gone, "withdraw", reason=explained(reason))
            if not self._shelf.take_in(kept.id):
                raise ResourceExhausted(
                    "The release is withdrawn, but its files could not be removed: they can still be seen.",
                    where=str(self._shelf.place(kept.id)),
                    why="Whoever published it may own the folder.",
                    todo="Have its owner remove the folder; 'almoner release show' names what is left of it.",
                )
            return kept

    def discard(self, release_id: str, reason: str) -> Release:
        """Give a draft up: what it held is destroyed, that there was one stays known.

        Raises: ReleaseRefused where it is out, or was.
        """
        with self._book.alone():
            self._settle()
            return self._discarded(self.find(release_id), explained(reason))

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
        return self._render(as_draft(self._publication(release, draft)), draft.formats)

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
        check_extract(self._registry, draft)

    def _second_person(self, release: Release) -> None:
        if self._actor in release.editors:
            raise ReleaseRefused(
                "You have written in this release, so you can't approve it.",
                where=f"release {release.id}",
                why="What leaves is seen by a second person, who has made none of it.",
                todo="Ask somebody else with the right 'release_approve'.",
            )

    def _same_content(self, release: Release, draft: Draft, digest: str) -> None:
        if len(digest) < LEAST_DIGEST or not release.digest.startswith(digest) or self._digest(draft) != release.digest:
            raise ReleaseRefused(
                "The content is not what was looked at and approved.",
                where=f"release {release.id}",
                why="An approval is for one content under one set of rules, both named by the digest.",
                todo="Run 'almoner release check', look at it with 'almoner release show', give the digest it shows.",
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
            released = release is not None and release.state == "released"
            if release is not None and released and self._shelf.is_as_staged(name, release.files or {}):
                self._shelf.put_out(name, release.files or {})
            else:
                self._shelf.unstage(name)
        for release in self._book.releases():
            if release.state == "withdrawn":
                self._shelf.take_in(release.id)

    def _publication(self, release: Release, draft: Draft) -> Publication:
        registry = self._registry
        rules, controller = registry.release, registry.controller
        return Publication(
            id=release.id,
            status=RELEASED,
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
            protection=protection_words(rules, draft),
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
