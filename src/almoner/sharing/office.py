"""Carries an extract through its life: who may do what, in which state, what is read for it, and what leaves.

Every change is in the audit log before it holds, and so is every refusal. Must never let anything leave that is not
exactly what a second person approved, under an agreement that runs at that moment; but for emergencies, which a second
person reviews. Must never put a value of anybody's record anywhere but into the encrypted file.
"""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any

from almoner.governance.audit import AuditEvent, AuditLog
from almoner.governance.granting import LEAST_REASON
from almoner.kernel.errors import AccessRefused, AlmonerError, Busy, NotFound, ShareRefused, UsageError
from almoner.kernel.periods import today
from almoner.registry.registry import Registry
from almoner.registry.sharing import RESIDENT, Sharing
from almoner.requests.clocks.calendars import Calendar
from almoner.sharing.extracts import Plain, Share, Step, Words
from almoner.sharing.judging import judge
from almoner.sharing.machine import START, Transition, machine
from almoner.sharing.minimising import Wanted, minimise, require_key
from almoner.sharing.packing import digest_of, encrypted, package
from almoner.sharing.ports import ShareBook
from almoner.sharing.reading import Content, Reader
from almoner.sharing.sealed_file import SealedFile, sealed_file

ID_CHARACTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
ID_LENGTH = 9
REVIEW_WORKING_DAYS = 2
"""Within so many working days a second person looks at what went out in an emergency."""
LONGEST_WORDS = 2_000
CHECKING = "the check of an extract"
"""Who stands behind the reading that only counts and judges, before anybody has approved anything."""
URGENCY = "an emergency, reviewed afterwards"

TOOK_PART = frozenset({"ask", "check", "send", "resend", "emergency"})
"""Who has done one of these is not the second person."""


class ShareOffice:
    """The extracts of a workspace, as one actor may handle them. In: rights: those that the actor's roles give;
    digest_key: what keeps anybody from guessing at a digest."""

    def __init__(
        self, registry: Registry, book: ShareBook, reader: Reader, audit: AuditLog, clock: Callable[[], dt.datetime],
        actor: str, rights: Collection[str], digest_key: bytes,
    ) -> None:  # fmt: skip
        self.registry, self.book, self.actor = registry, book, actor
        self._reader, self._audit, self._clock = reader, audit, clock
        self._rights, self._digest_key = rights, digest_key

    def today(self) -> dt.date:
        """Give the day in London."""
        return today(self._clock())

    def find(self, share_id: str) -> Share:
        """Find an extract. Raises: NotFound."""
        found = self.book.find(share_id)
        if found is None:
            raise NotFound("There is no such extract.", todo="See: almoner share list")
        return found

    # ── until it is approved ─────────────────────────────────────────────────────────────────────────────────────

    def ask(self, wanted: Wanted, reason: str) -> Share:
        """Ask for an extract, minimised to the agreement.

        Raises: ShareRefused with everything that is beyond the agreement, by name; NotFound, UsageError, AccessRefused.
        """
        with self._traced("ask"):
            transition = machine().find("ask")
            self._may(transition)
            words = Words(_enough(reason))
            sharing, fields, ages = minimise(self.registry, wanted, "routine", self.today())
            require_key(self.registry, sharing.recipient)
            share = self._new(sharing, transition.to, fields, wanted.form or sharing.form, ages)
            self._note(share, "ask")
            self.book.begin(share, words, self._step(share, 1, "ask"))
            return share

    def check(self, share_id: str) -> Share:
        """Read an extract, count it and judge it; nobody is shown a row of it.

        Raises: ShareRefused where it may not go, nobody is in it, or somebody could be picked out.
        """
        with self._traced("check", share_id):
            share, transition, state = self._follow(share_id, "check")
            self._may(transition, share)
            sharing = self._still_agreed(share)
            content = self._reader.read(share, sharing, CHECKING)
            try:
                smallest = judge(content, self._as_sent(share, sharing), self.registry.release)
            except ShareRefused:
                failed, to = machine().follow(share.id, share.state, "fail")
                self._keep(replace(share, approved_by=None, approved_at=None), failed, to, {})
                raise
            checked = replace(
                share, people=len(content.people), rows=content.rows, smallest_class=smallest,
                digest=digest_of(content, self._digest_key), approved_by=None, approved_at=None,
            )  # fmt: skip
            return self._keep(checked, transition, state, {"people": checked.people, "rows": checked.rows})

    def approve(self, share_id: str, version: int, reason: str) -> Share:
        """Approve exactly what was checked: by a second person, never by who asked for it.

        Raises: AccessRefused, ShareRefused; Busy where it is not the version that was looked at.
        """
        with self._traced("approve", share_id):
            share, transition, state = self._follow(share_id, "approve")
            self._may(transition, share)
            self._as_looked_at(share, version)
            self._still_agreed(share)
            approved = replace(share, approved_by=self.actor, approved_at=self._clock())
            return self._keep(approved, transition, state, {"people": share.people}, _enough(reason))

    def refuse(self, share_id: str, reason: str) -> Share:
        """Refuse an extract. Raises: AccessRefused, ShareRefused."""
        return self._ended(share_id, "refuse", reason)

    def withdraw(self, share_id: str, reason: str) -> Share:
        """Take an extract back that has not been sent. Raises: AccessRefused, ShareRefused."""
        return self._ended(share_id, "withdraw", reason)

    def _ended(self, share_id: str, action: str, reason: str) -> Share:
        with self._traced(action, share_id):
            share, transition, state = self._follow(share_id, action)
            self._may(transition, share)
            return self._keep(share, transition, state, {}, _enough(reason))

    # ── when it leaves ───────────────────────────────────────────────────────────────────────────────────────────

    def send(self, share_id: str) -> SealedFile:
        """Give the encrypted file, once it is logged for everybody in it; again, if what it holds is still the same.

        Raises: ShareRefused where the agreement has lapsed since, or what is held is no longer what was approved.
        """
        again = self.find(share_id).state == "sent"
        action = "resend" if again else "send"
        with self._traced(action, share_id):
            share, transition, state = self._follow(share_id, action)
            self._may(transition, share)
            if share.kind != "routine" or share.approved_by is None:
                raise ShareRefused("What goes out in an emergency goes out once.", todo="Share it anew.")
            sharing = self._still_agreed(share)
            self._before_its_end(share)
            key = require_key(self.registry, share.recipient)
            content = self._reader.read(share, sharing, share.approved_by)
            if not secrets.compare_digest(digest_of(content, self._digest_key), share.digest):
                raise ShareRefused(
                    "What this extract holds is no longer what was approved.",
                    where=f"extract {share.id}",
                    why="Records have come, were corrected or disposed of, or somebody has objected meanwhile.",
                    todo=f"Check it again: almoner share check {share.id}" if not again else "Ask for a new extract.",
                )
            if not again:
                share = self._out(share, sharing)
            share = replace(share, version=share.version + 1)
            sent, made, step = self._leave(share, transition, state, content, key)
            self.book.keep(sent, step, content.people)
            return made

    def emergency(self, name: str, person_id: str, reason: str) -> SealedFile:
        """Share what is held of one person at once, to protect somebody or because the law demands it.

        Raises: ShareRefused, NotFound where nothing is held, AccessRefused, UsageError.
        """
        with self._traced("emergency"):
            transition = machine().find("emergency")
            self._may(transition)
            words = Words(_enough(reason), person_id)
            sharing, fields, _ = minimise(self.registry, Wanted(name), "emergency", self.today())
            key = require_key(self.registry, sharing.recipient)
            share = self._out(self._new(sharing, START, fields, sharing.form, None), sharing)
            content = self._reader.read(share, sharing, URGENCY, person_id)
            if not content.people:
                raise NotFound(
                    "Nothing that may be shared is held under this id.",
                    todo="Look the person up again: two records may have been joined since.",
                )
            nations = frozenset({self.registry.requests.nation})
            calendar = Calendar(self.registry.requests.bank_holiday)
            by = calendar.working_days_later(self.today(), REVIEW_WORKING_DAYS, nations)
            share = replace(share, people=len(content.people), rows=content.rows, review_by=by)
            sent, made, step = self._leave(share, transition, transition.to, content, key, (person_id,))
            self.book.begin(sent, words, step, content.people)
            return made

    def _leave(
        self, share: Share, transition: Transition, state: str, content: Content, key: str, subjects: Sequence[str] = ()
    ) -> tuple[Share, SealedFile, Step]:
        """Encrypt, and write into the audit log what leaves. Whoever calls keeps it, then gives the file out."""
        made = sealed_file(share, encrypted(package(self.registry, share, content), key))
        sent = replace(share, state=state, file_digest=made.digest)
        facts: dict[str, Plain] = {"people": len(content.people), "rows": content.rows, "digest": made.digest}
        self._note(sent, transition.action, facts, subjects)
        return (
            sent,
            made,
            self._step(sent, len(self.book.steps(share.id)) + 1, transition.action, {**facts, "key": key}),
        )

    def _out(self, share: Share, sharing: Sharing) -> Share:
        destroy_by = self.today() + dt.timedelta(days=sharing.keep_days)
        return replace(share, sent_by=self.actor, sent_at=self._clock(), destroy_by=destroy_by)

    # ── afterwards ───────────────────────────────────────────────────────────────────────────────────────────────

    def confirm_destroyed(self, share_id: str, words: str) -> Share:
        """Keep that the recipient has confirmed destruction. In: words: who said so, and how."""
        with self._traced("confirm", share_id):
            share, transition, state = self._follow(share_id, "confirm")
            self._may(transition, share)
            done = replace(share, confirmed_by=self.actor, confirmed_at=self._clock())
            return self._keep(done, transition, state, {}, _enough(words))

    def review(self, share_id: str, finding: str, words: str) -> Share:
        """Review what went out in an emergency: by a second person. In: finding = justified or not_justified.

        Raises: ShareRefused where nothing awaits review, AccessRefused, UsageError.
        """
        with self._traced("review", share_id):
            if finding not in FINDINGS:
                raise UsageError("That is no finding.", todo=f"Use one of: {', '.join(FINDINGS)}.")
            share, transition, state = self._follow(share_id, "review")
            self._may(transition, share)
            if not share.awaits_review:
                raise ShareRefused(f"Extract {share.id} awaits no review.", todo="See: almoner share due")
            done = replace(share, reviewed_by=self.actor, reviewed_at=self._clock(), finding=finding)
            return self._keep(done, transition, state, {"finding": finding}, _enough(words))

    # ── the rules ────────────────────────────────────────────────────────────────────────────────────────────────

    def _new(
        self, sharing: Sharing, state: str, fields: Mapping[str, tuple[str, ...]], form: str, ages: str | None
    ) -> Share:
        name = "SHR-" + "".join(secrets.choice(ID_CHARACTERS) for _ in range(ID_LENGTH))
        agreement = self.registry.agreement_for(sharing).name
        return Share(
            name, sharing.name, sharing.recipient, agreement, sharing.purpose, sharing.project, form, sharing.kind,
            fields, ages, state, 1, self.actor, self._clock(),
        )  # fmt: skip

    def _follow(self, share_id: str, action: str) -> tuple[Share, Transition, str]:
        share = self.find(share_id)
        return share, *machine().follow(share.id, share.state, action)

    def _may(self, transition: Transition, share: Share | None = None) -> None:
        """Refuse without the right, and where a second person is needed. Raises: AccessRefused."""
        if transition.right not in self._rights:
            raise AccessRefused(
                f"'{self.actor}' has no role with the right '{transition.right}'.",
                why="Rights come from roles, and roles are granted to people, never taken.",
                todo="Ask for a role that has it ('almoner role grant').",
            )
        if transition.who == "second" and share is not None and self.actor in self.took_part(share):
            raise AccessRefused(
                "Nobody approves or reviews an extract of their own.",
                where=f"extract {share.id}",
                why="Two people stand behind whatever leaves.",
                todo="Ask a colleague who has had no part in it.",
            )

    def took_part(self, share: Share) -> set[str]:
        """Name who asked for an extract, checked it or sent it."""
        acted = {step.actor for step in self.book.steps(share.id) if step.action in TOOK_PART}
        return {share.requested_by, *acted}

    def open_to_actor(self, share: Share) -> list[str]:
        """Name what the actor may do to an extract as it is now."""
        mine = self.actor in self.took_part(share)
        found = []
        for each in machine().transition:
            allowed = each.right in self._rights and not (each.who == "second" and mine)
            sent_once = share.kind == "emergency" and each.action == "resend"
            reviewed = each.action == "review" and not share.awaits_review
            if share.state in each.sources and allowed and not (sent_once or reviewed or each.action == "fail"):
                found.append(each.action)
        return found

    def _still_agreed(self, share: Share) -> Sharing:
        """Hold an extract against what is agreed now: it may have lapsed or become narrower since it was asked for."""
        wanted = Wanted(share.sharing, share.purpose, share.fields, share.form, share.ages)
        sharing, _, _ = minimise(self.registry, wanted, share.kind, self.today())
        if (sharing.recipient, sharing.project, self.registry.agreement_for(sharing).name) != (
            share.recipient, share.project, share.agreement,
        ):  # fmt: skip
            raise ShareRefused(
                f"'{sharing.name}' means another recipient, project or agreement than when this was asked for.",
                where=f"extract {share.id}", todo="Ask for a new extract.",
            )  # fmt: skip
        return sharing

    def _before_its_end(self, share: Share) -> None:
        if share.destroy_by is not None and share.destroy_by <= self.today():
            raise ShareRefused("Its destruction is due; it is not sent again.", where=f"extract {share.id}")

    @staticmethod
    def _as_sent(share: Share, sharing: Sharing) -> Sharing:
        asked = {name for columns in share.fields.values() for name in columns}
        sensitive = tuple(name for name in sharing.sensitive if name in asked)
        return sharing.model_copy(update={"sensitive": sensitive})

    def _as_looked_at(self, share: Share, version: int) -> None:
        if share.version != version:
            raise Busy(
                f"The extract is at version {share.version}, not {version}.",
                where=f"extract {share.id}",
                why="What is approved is exactly what was looked at.",
                todo=f"Look at it again: almoner share show {share.id}",
            )

    # ── keeping ──────────────────────────────────────────────────────────────────────────────────────────────────

    def _keep(
        self, share: Share, transition: Transition, state: str, facts: Mapping[str, Plain], words: str = ""
    ) -> Share:
        kept = replace(share, state=state, version=share.version + 1)
        self._note(kept, transition.action, facts)
        number = len(self.book.steps(share.id)) + 1
        self.book.keep(kept, self._step(kept, number, transition.action, facts, words))
        return kept

    def _step(
        self, share: Share, number: int, action: str, facts: Mapping[str, Plain] | None = None, words: str = ""
    ) -> Step:
        return Step(number, action, share.state, self.actor, self._clock(), facts or {}, words)

    def _note(
        self, share: Share, action: str, facts: Mapping[str, Plain] | None = None, subjects: Sequence[str] = ()
    ) -> None:
        event = AuditEvent(
            at=self._clock(), actor=self.actor, action=f"share.{action}", outcome="allowed", purpose=share.purpose,
            datasets=tuple(_datasets(share.fields)), form=_form_of(share.form), detail={
                "extract": share.id, "sharing": share.sharing, "recipient": share.recipient, **(facts or {}),
            },
        )  # fmt: skip
        self._audit.append(event, subjects=subjects)

    def _traced(self, action: str, share_id: str = "") -> _Traced:
        return _Traced(self, action, share_id)

    def note_refusal(self, action: str, share_id: str) -> None:
        """Record that something was refused. Of whom, is not: what was typed may be something else than an id."""
        known = self.book.find(share_id) if share_id else None
        detail: dict[str, Any] = {"extract": known.id} if known else {}
        event = AuditEvent(
            at=self._clock(), actor=self.actor, action=f"share.{action}", outcome="refused", detail=detail
        )
        self._audit.append(event)


FINDINGS = ("justified", "not_justified")


class _Traced:
    """Records whatever an action was refused for."""

    def __init__(self, office: ShareOffice, action: str, share_id: str) -> None:
        self._office, self._told = office, (action, share_id)

    def __enter__(self) -> None:
        """Begin."""

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        """Record a refusal; it goes on to whoever asked."""
        if isinstance(error, AlmonerError):
            self._office.note_refusal(*self._told)


def _datasets(fields: Mapping[str, tuple[str, ...]]) -> list[str]:
    """Name the datasets of an extract: what a resident's place tells is none."""
    return [name for name in fields if name != RESIDENT]


def _form_of(form: str) -> str:
    return "identifiable" if form == "identifiable" else "pseudonymised"


def _enough(words: str) -> str:
    """Give what somebody wrote, if it says enough. Raises: UsageError."""
    said = words.strip()
    if not LEAST_REASON <= len(said) <= LONGEST_WORDS:
        raise UsageError(
            "The reason says too little, or too much.",
            why="Whoever looks at it later must understand why.",
            todo=f"Write {LEAST_REASON} to {LONGEST_WORDS:,} characters.",
        )
    return said
