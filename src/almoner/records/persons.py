"""Takes persons out of the records themselves: permits about them, reasons, reports, caseloads, decisions about their
records.

That somebody looked, and when, stays in the audit log without whom: there the person's salt is destroyed.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import connection, transaction

from almoner.records.access_reviews import OrmAccessReviews
from almoner.records.answers import OrmAnswers
from almoner.records.caseloads import OrmCaseloads
from almoner.records.models import (
    EmergencyRecord,
    GatheredForCase,
    LegalHold,
    MistakeReport,
    PermitRecord,
    ReviewAnswer,
    ReviewSample,
    RightRecord,
    SharedPerson,
    ShareRecord,
    ShareStep,
    WebSession,
)
from almoner.records.rights import OrmRights
from almoner.records.samples import OrmSamples
from almoner.records.sharing import OrmShares
from almoner.records.subject_access import OrmGathered
from almoner.records.web_reports import OrmReports

ERASED = "erased"
"""In place of a person or a reason. A permit about nobody would be one about everybody."""


class OrmPersons:
    """What the records hold of persons: implements `disposal.ports.PersonRecords`."""

    def __init__(
        self, answers: OrmAnswers, samples: OrmSamples, reports: OrmReports, caseloads: OrmCaseloads,
        access_reviews: OrmAccessReviews, shares: OrmShares, rights: OrmRights, gathered: OrmGathered,
    ) -> None:  # fmt: skip
        self._answers = answers
        self._samples = samples
        self._reports = reports
        self._caseloads = caseloads
        self._access_reviews = access_reviews
        self._shares, self._rights, self._gathered = shares, rights, gathered

    def forget(self, persons: Sequence[str], records: Sequence[tuple[str, str]]) -> dict[str, int]:
        """Take persons and records out of everything that the records hold. Out: how many entries, by kind."""
        gone, keys = set(persons), set(records)
        with transaction.atomic():
            found = self._permits(gone)
            found["rights"] = self._rights.forget(persons, records)
            answered = [a for a in self._answers.answers() if keys & {a.left, a.right}] if keys else []
            found["decisions"] = _deleted(ReviewAnswer.objects, "pair", {a.pair for a in answered})
            drawn = [each for each in self._samples.every() if keys & {each.left, each.right}] if keys else []
            found["samples"] = _deleted(ReviewSample.objects, "pair", {each.pair for each in drawn})
            reported = [each.id for each in self._reports.mistakes() if each.person_id in gone] if gone else []
            found["reports"] = _deleted(MistakeReport.objects, "report_id", set(reported))
            found["caseloads"] = self._caseloads.forget(persons)
            found["access_reviews"] = self._access_reviews.forget(persons)
            found["disclosures"] = self._shares.forget(persons)
            found["gathered"] = self._gathered.forget(persons)
            if gone:  # what a page remembers of whom it showed, nobody can look through by person
                found["sessions"] = WebSession.objects.all().delete()[0]
        return {kind: count for kind, count in found.items() if count}

    def _permits(self, gone: set[str]) -> dict[str, int]:
        """Take persons and reasons out of permits, which then give nothing; and out of emergency cases."""
        permits = emergencies = 0
        for row in PermitRecord.objects.exclude(subjects=[]) if gone else ():
            if gone & set(row.subjects):
                row.subjects = sorted({ERASED if each in gone else each for each in row.subjects})
                row.state, row.reason = "revoked", ERASED
                row.save(update_fields=["subjects", "state", "reason"])
                permits += 1
                told = EmergencyRecord.objects.filter(permit_id=row.permit_id, outcome__isnull=False)
                emergencies += told.update(outcome=ERASED)
        return {"permits": permits, "emergencies": emergencies}

    def looked_at(self, persons: Sequence[str]) -> list[str]:
        """Name those of some persons whom a permit was about."""
        wanted = set(persons)
        rows = PermitRecord.objects.exclude(subjects=[]).values_list("subjects", flat=True)
        return sorted({each for subjects in rows for each in subjects if each in wanted})

    def clear(self) -> dict[str, Any]:
        """Overwrite what was deleted: empty the write-ahead log, give freed pages back. Out: whether that is certain.

        PostgreSQL keeps dead rows until they are vacuumed and its own log until it is recycled: what is personal there
        is sealed.
        """
        with connection.cursor() as cursor:
            if connection.vendor == "sqlite":
                cursor.execute("VACUUM")
                cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
                busy = cursor.fetchone()[0]
                return {"bytes_cleared": busy == 0}
            for model in (
                PermitRecord, RightRecord, ReviewAnswer, ReviewSample, MistakeReport, LegalHold, ShareRecord,
                ShareStep, SharedPerson, GatheredForCase,
            ):  # fmt: skip
                cursor.execute(f"VACUUM {model._meta.db_table}")
        return {"bytes_cleared": False}


def _deleted(rows: Any, column: str, values: set[str]) -> int:
    return int(rows.filter(**{f"{column}__in": list(values)}).delete()[0]) if values else 0
