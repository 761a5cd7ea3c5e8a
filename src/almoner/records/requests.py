"""Cases, kept in Django's ORM: implements `requests.casework.ports.CaseBook`.

Who asks and whatever anybody wrote is sealed under the case's own key, bound to the case and the step; in plain stand
kinds, dates, codes and who in the council did what. Disposal destroys the key, so that what a database keeps of deleted
rows is ciphertext that nobody can open.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict, fields
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F

from almoner.kernel.errors import Busy, NotFound
from almoner.records.models import CaseRecord, CaseStep, DisclosureEntry
from almoner.records.sealing import Seal
from almoner.requests.casework.cases import Case, Content, Disclosure, Mark, Requester, Step
from almoner.store.case_keys import CaseKeys

_LISTS = ("exemptions", "releases", "queries")
_KEPT = [each.name for each in fields(Case) if each.name != "id"]
_LOGGED = [each.name for each in fields(Disclosure) if each.name not in ("id", "releases")]


class OrmCases:
    """The cases of one workspace, opened with its keys."""

    def __init__(self, keys: CaseKeys) -> None:
        self._keys = keys

    def begin(self, case: Case, content: Content, step: Step) -> None:
        """Keep a new case, its key first."""
        seal = Seal(self._keys.make(case.id))
        with transaction.atomic():
            CaseRecord.objects.create(
                case_id=case.id, sealed=seal.close(_content_document(content), _beside_case(case.id)), **_values(case)
            )
            _add_step(case, step, seal)

    def keep(self, case: Case, step: Step) -> None:
        """Keep a case and what happened to it, if nobody else has changed it."""
        seal = Seal(self._keys.key(case.id))
        with transaction.atomic():
            _save(case)
            _add_step(case, step, seal)

    def dispose(self, case: Case, step: Step) -> None:
        """Keep a case without its content, then destroy its key: killed in between, the words are gone already."""
        with transaction.atomic():
            _save(case)
            CaseRecord.objects.filter(case_id=case.id).update(sealed="")
            CaseStep.objects.filter(case_id=case.id).update(sealed="")
            _add_step(case, Step(step.mark), None)
        self._keys.destroy(case.id)

    def find(self, case_id: str) -> Case | None:
        """Find a case."""
        row = CaseRecord.objects.filter(case_id=case_id).defer("sealed").first()
        return None if row is None else _case(row)

    def cases(self, kinds: Sequence[str] | None = None) -> list[Case]:
        """List the cases, the one that is due first at the top."""
        rows = CaseRecord.objects.defer("sealed").order_by(F("due_on").asc(nulls_last=True), "received_on", "case_id")
        return [_case(row) for row in (rows if kinds is None else rows.filter(kind__in=list(kinds)))]

    def content(self, case_id: str) -> Content:
        """Open what a case is about."""
        row = CaseRecord.objects.filter(case_id=case_id).first()
        if row is None or not row.sealed:
            raise NotFound("What this case held was destroyed." if row else "There is no such case.")
        document = self._seal(case_id).open(
            row.sealed, _beside_case(case_id), what="What a case holds", where=f"case {case_id}"
        )
        requester = Requester(document["name"], tuple(document["address"]), document["email"])
        return Content(requester, document["words"], document["subject"])

    def marks(self, case_id: str) -> list[Mark]:
        """List what happened to a case, without a word of it."""
        return [_mark(row) for row in CaseStep.objects.filter(case_id=case_id).defer("sealed").order_by("number")]

    def all_marks(self, kinds: Sequence[str]) -> dict[str, list[Mark]]:
        """List what happened to every case of some kinds."""
        found: dict[str, list[Mark]] = defaultdict(list)
        for row in CaseStep.objects.filter(case__kind__in=list(kinds)).defer("sealed").order_by("case_id", "number"):
            found[row.case_id].append(_mark(row))
        return dict(found)

    def steps(self, case_id: str) -> list[Step]:
        """Open what happened to a case."""
        rows = list(CaseStep.objects.filter(case_id=case_id).order_by("number"))
        seal = self._seal(case_id) if any(row.sealed for row in rows) else None
        found = []
        for row in rows:
            words: dict[str, Any] = {"words": {}, "letter": None}
            if row.sealed and seal is not None:
                bound = _beside_step(case_id, row.number)
                words = seal.open(row.sealed, bound, what="What happened to a case", where=f"case {case_id}")
            found.append(Step(_mark(row), words["words"], words["letter"]))
        return found

    def publish(self, entry: Disclosure) -> None:
        """Keep an entry of the disclosure log."""
        values = {name: getattr(entry, name) for name in _LOGGED}
        DisclosureEntry.objects.create(entry_id=entry.id, releases=list(entry.releases), **values)

    def withdraw(self, entry: Disclosure) -> None:
        """Take an entry back."""
        DisclosureEntry.objects.filter(entry_id=entry.id).update(
            title=entry.title, question=entry.question, answer=entry.answer, withdrawn_at=entry.withdrawn_at
        )

    def log(self) -> list[Disclosure]:
        """List the disclosure log, the newest first."""
        return [
            Disclosure(row.entry_id, releases=tuple(row.releases), **{name: getattr(row, name) for name in _LOGGED})
            for row in DisclosureEntry.objects.order_by("-published_at", "entry_id")
        ]

    def _seal(self, case_id: str) -> Seal:
        return Seal(self._keys.key(case_id))


def _values(case: Case) -> dict[str, Any]:
    values = {name: getattr(case, name) for name in _KEPT}
    return values | {name: list(values[name]) for name in _LISTS}


def _save(case: Case) -> None:
    """Save the row of this version, if the one before it is still there. Raises: Busy."""
    if not CaseRecord.objects.filter(case_id=case.id, version=case.version - 1).update(**_values(case)):
        raise Busy("The case was changed meanwhile.", where=f"case {case.id}", todo="Look at it, and try again.")


def _add_step(case: Case, step: Step, seal: Seal | None) -> None:
    document = {"words": dict(step.words), "letter": None if step.letter is None else dict(step.letter)}
    mark = step.mark
    try:
        CaseStep.objects.create(
            case_id=case.id, number=mark.number, action=mark.action, state=mark.state, actor=mark.actor, at=mark.at,
            on=mark.on, facts=dict(mark.facts),
            sealed="" if seal is None else seal.close(document, _beside_step(case.id, mark.number)),
        )  # fmt: skip
    except IntegrityError as error:
        raise Busy(
            "The case was changed meanwhile.", where=f"case {case.id}", todo="Look at it, and try again."
        ) from error


def _content_document(content: Content) -> dict[str, Any]:
    return {**asdict(content.requester), "words": content.words, "subject": content.subject}


def _case(row: CaseRecord) -> Case:
    values: dict[str, Any] = {name: getattr(row, name) for name in _KEPT}
    values |= {name: tuple(values[name]) for name in _LISTS}
    return Case(row.case_id, **values)


def _mark(row: CaseStep) -> Mark:
    return Mark(row.number, row.action, row.state, row.actor, row.at, row.on, row.facts)


def _beside_case(case_id: str) -> bytes:
    return f"case|{case_id}".encode()


def _beside_step(case_id: str, number: int) -> bytes:
    return f"case|{case_id}|{number}".encode()
