"""The only Django models: what the workspace knows about its deliveries, people with access, and permits."""

from __future__ import annotations

from typing import ClassVar

from django.db import models


class Counter(models.Model):
    """A number that only grows: a delivery number is never used twice."""

    name = models.CharField(max_length=40, primary_key=True)
    value = models.BigIntegerField(default=0)


class Delivery(models.Model):
    """A landed delivery of one dataset."""

    number = models.BigIntegerField(primary_key=True)
    dataset = models.CharField(max_length=200, db_index=True)
    delivery = models.CharField(max_length=60)
    kind = models.CharField(max_length=10)
    as_of = models.DateField()
    sent_on = models.DateField(null=True)
    digest = models.CharField(max_length=64)
    columns_digest = models.CharField(max_length=64, default="")
    rows_in = models.BigIntegerField()
    accepted = models.BigIntegerField()
    quarantined = models.BigIntegerField()
    disposed = models.BigIntegerField(default=0)
    quality = models.JSONField(default=dict)
    header = models.JSONField(default=list)
    version = models.IntegerField(default=1)
    superseded_by = models.BigIntegerField(null=True)
    landed_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["dataset", "delivery"],
                condition=models.Q(superseded_by__isnull=True),
                name="one_current_version_of_a_delivery",
            ),
            models.CheckConstraint(
                condition=models.Q(rows_in=models.F("accepted") + models.F("quarantined") + models.F("disposed")),
                name="rows_in_are_accepted_quarantined_or_disposed",
            ),
        ]


class LakeFile(models.Model):
    """A file of the lake that exists for readers."""

    delivery = models.ForeignKey(Delivery, on_delete=models.CASCADE, related_name="files")
    part = models.CharField(max_length=40)
    path = models.CharField(max_length=200, unique=True)
    rows = models.BigIntegerField()
    size = models.BigIntegerField()


class Spine(models.Model):
    """A version of the spine; the highest number is the present one."""

    number = models.BigIntegerField(primary_key=True)
    files = models.JSONField()
    deliveries_digest = models.CharField(max_length=64)
    metrics = models.JSONField(default=dict)
    made_at = models.DateTimeField(auto_now_add=True)


class ServingSnapshot(models.Model):
    """What the single view reads; the highest number is the present one."""

    number = models.BigIntegerField(primary_key=True)
    spine = models.BigIntegerField()
    files = models.JSONField()
    told = models.JSONField(default=dict)
    made_at = models.DateTimeField(auto_now_add=True)


class BuiltFigures(models.Model):
    """Figures that were worked out and are kept for pages; of each kind those that were made last."""

    kind = models.CharField(max_length=40, primary_key=True)
    purpose = models.CharField(max_length=60, default="")
    project = models.CharField(max_length=100, default="")
    made_by = models.CharField(max_length=150)
    as_of = models.DateField()
    made_at = models.DateTimeField()
    file = models.JSONField()


class Lease(models.Model):
    """Who is writing now."""

    name = models.CharField(max_length=40, primary_key=True)
    holder = models.CharField(max_length=40)
    host = models.CharField(max_length=255)
    process = models.CharField(max_length=80)
    expires_at = models.DateTimeField()


class RoleGrant(models.Model):
    """A role that somebody holds."""

    actor = models.CharField(max_length=150)
    role = models.CharField(max_length=60)
    granted_by = models.CharField(max_length=150)
    granted_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["actor", "role"], name="a_role_is_granted_once")]


class PermitRecord(models.Model):
    """A permit, in every state."""

    permit_id = models.CharField(max_length=20, primary_key=True)
    actor = models.CharField(max_length=150, db_index=True)
    purpose = models.CharField(max_length=60)
    form = models.CharField(max_length=20)
    scope = models.CharField(max_length=20)
    reason = models.TextField()
    reason_code = models.CharField(max_length=60)
    subjects = models.JSONField(default=list)
    project = models.CharField(max_length=60, null=True)
    granted_by = models.CharField(max_length=150, null=True)
    state = models.CharField(max_length=12)
    break_glass = models.BooleanField(default=False)
    sharing = models.CharField(max_length=60, null=True)
    starts_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    made_at = models.DateTimeField(auto_now_add=True)


class EmergencyRecord(models.Model):
    """A use of break-glass and its review."""

    case_id = models.CharField(max_length=20, primary_key=True)
    permit_id = models.CharField(max_length=20)
    actor = models.CharField(max_length=150)
    opened_at = models.DateTimeField()
    reviewed_by = models.CharField(max_length=150, null=True)
    reviewed_at = models.DateTimeField(null=True)
    outcome = models.TextField(null=True)


class RightRecord(models.Model):
    """A person's right: in force until it is lifted. Whose it is, and what it says, only the key opens."""

    right_id = models.CharField(max_length=20, primary_key=True)
    kind = models.CharField(max_length=12)
    purposes = models.JSONField(default=list)
    dataset = models.CharField(max_length=200, default="")
    case_id = models.CharField(max_length=20)
    made_by = models.CharField(max_length=150)
    made_at = models.DateTimeField()
    lifted_by = models.CharField(max_length=150, null=True)
    lifted_at = models.DateTimeField(null=True, db_index=True)
    sealed = models.TextField()


class RightLetter(models.Model):
    """A letter to somebody who holds a person's data. Its words are sealed, and forgotten once it is out."""

    letter_id = models.CharField(max_length=20, primary_key=True)
    right_id = models.CharField(max_length=20, db_index=True)
    case_id = models.CharField(max_length=20)
    recipient = models.CharField(max_length=60)
    drafted_by = models.CharField(max_length=150)
    drafted_at = models.DateTimeField()
    sent_by = models.CharField(max_length=150, null=True)
    sent_on = models.DateField(null=True)
    sealed = models.TextField()


class ReviewAnswer(models.Model):
    """What one person answered about two records. Only ever added to; which records, and why, only the key opens."""

    act = models.CharField(max_length=20, db_index=True)
    pair = models.CharField(max_length=64, db_index=True)
    verdict = models.CharField(max_length=10)
    kind = models.CharField(max_length=10)
    actor = models.CharField(max_length=150)
    sealed = models.TextField()
    made_at = models.DateTimeField()


class ReleaseRecord(models.Model):
    """A release in whatever state. What it holds, only the key opens: it has true counts."""

    release_id = models.CharField(max_length=20, primary_key=True)
    title = models.CharField(max_length=300)
    state = models.CharField(max_length=12)
    purpose = models.CharField(max_length=60)
    recipient = models.CharField(max_length=60)
    agreement = models.CharField(max_length=120)
    project = models.CharField(max_length=60, null=True)
    author = models.CharField(max_length=150)
    editors = models.JSONField()
    digest = models.CharField(max_length=64)
    version = models.IntegerField()
    cells = models.IntegerField(default=0)
    approved_by = models.CharField(max_length=150, null=True)
    approved_digest = models.CharField(max_length=64, null=True)
    released_at = models.DateTimeField(null=True)
    withdrawn_at = models.DateTimeField(null=True)
    files = models.JSONField(null=True)
    sealed = models.BinaryField()
    made_at = models.DateTimeField(auto_now_add=True)


class ReleaseStep(models.Model):
    """What happened to a release. Only ever added to."""

    release = models.ForeignKey(ReleaseRecord, on_delete=models.PROTECT, related_name="steps")
    action = models.CharField(max_length=12)
    state = models.CharField(max_length=12)
    actor = models.CharField(max_length=150)
    at = models.DateTimeField()
    digest = models.CharField(max_length=64)
    reason = models.CharField(max_length=500, default="")


class AnswerRecord(models.Model):
    """A question that was answered: who asked, when, the digest of what was said, and sealed what was shown.

    Only ever added to.
    """

    answer_id = models.CharField(max_length=20, primary_key=True)
    actor = models.CharField(max_length=150)
    at = models.DateTimeField()
    cells = models.IntegerField()
    digest = models.CharField(max_length=64)
    sealed = models.BinaryField(null=True)


class LedgerTable(models.Model):
    """Cells that were released or answered, with their true counts, which only the key opens. Only ever added to."""

    release = models.ForeignKey(ReleaseRecord, on_delete=models.PROTECT, related_name="ledger", null=True)
    answer = models.ForeignKey(AnswerRecord, on_delete=models.PROTECT, related_name="ledger", null=True)
    population = models.CharField(max_length=300, db_index=True)
    cells = models.IntegerField()
    sealed = models.BinaryField()


class LedgerCode(models.Model):
    """What a code of released figures is made of; kept after the directory has forgotten it."""

    dimension = models.CharField(max_length=60)
    code = models.CharField(max_length=300)
    parts = models.BinaryField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["dimension", "code"], name="a_code_is_kept_once")]


class ReviewSample(models.Model):
    """A pair of records drawn at random for review. Which records, and how they stood, only the key opens."""

    draw = models.CharField(max_length=20, db_index=True)
    pair = models.CharField(max_length=64)
    sealed = models.TextField()
    drawn_at = models.DateTimeField()


class QualityFigure(models.Model):
    """One figure on the quality of one delivery: counts. Only ever added to; it outlives the delivery."""

    number = models.BigIntegerField()
    dataset = models.CharField(max_length=200, db_index=True)
    delivery = models.CharField(max_length=60)
    as_of = models.DateField()
    sent_on = models.DateField(null=True)
    landed_on = models.DateField()
    version = models.IntegerField(default=1)
    measure = models.CharField(max_length=200)
    definition = models.CharField(max_length=12, default="")
    missed = models.BigIntegerField()
    tested = models.BigIntegerField()
    measured_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["number", "measure", "definition"], name="a_figure_is_kept_once"),
            models.CheckConstraint(
                condition=models.Q(missed__gte=0) & models.Q(missed__lte=models.F("tested")),
                name="missed_are_among_tested",
            ),
        ]


class WorkspaceRecord(models.Model):
    """An analyst's workspace: what was copied for which permit, until when."""

    workspace_id = models.CharField(max_length=20, primary_key=True)
    permit_id = models.CharField(max_length=20)
    actor = models.CharField(max_length=150)
    tables = models.JSONField()
    rights = models.TextField(default="")
    opened_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()


class WebSession(models.Model):
    """A browser's session. Its key is kept as a digest; what it holds, only the workspace's key opens."""

    digest = models.CharField(max_length=64, primary_key=True)
    actor = models.CharField(max_length=150, default="", db_index=True)
    sealed = models.TextField()
    expires_at = models.DateTimeField(db_index=True)


class PageFeedback(models.Model):
    """What a reader said of a public page. The words are sealed: a name may stand in them all the same."""

    page = models.CharField(max_length=60)
    helpful = models.BooleanField()
    sealed = models.TextField()
    made_at = models.DateTimeField()


class DrawnAreaRecord(models.Model):
    """An area that somebody has drawn: what it is made of. Its name is sealed: people write what they like."""

    area_id = models.CharField(max_length=20, primary_key=True)
    owner = models.CharField(max_length=150, db_index=True)
    geography = models.CharField(max_length=60)
    members = models.JSONField()
    sealed = models.TextField()
    made_at = models.DateTimeField()


class MistakeReport(models.Model):
    """A mistake in a record that a worker has reported. Whose record, and the words, only the key opens."""

    report_id = models.CharField(max_length=20, primary_key=True)
    kind = models.CharField(max_length=40)
    dataset = models.CharField(max_length=200, default="")
    state = models.CharField(max_length=12)
    reported_by = models.CharField(max_length=150)
    reported_at = models.DateTimeField()
    handled_by = models.CharField(max_length=150, null=True)
    handled_at = models.DateTimeField(null=True)
    sealed = models.TextField()
    about = models.CharField(max_length=64, default="", db_index=True)
    contested_by = models.CharField(max_length=10, default="")
    version = models.IntegerField(default=0)


class CaseloadEntry(models.Model):
    """Somebody whom a worker follows. Who it is, why, and what was known when they last looked, only the key opens."""

    entry_id = models.CharField(max_length=20, primary_key=True)
    actor = models.CharField(max_length=150, db_index=True)
    about = models.CharField(max_length=64)
    sealed = models.TextField()
    added_at = models.DateTimeField()
    looked_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["actor", "about"], name="somebody_is_followed_once")]


class AccessReviewRecord(models.Model):
    """A review of what somebody has opened. Only ever added to; the words, and whose record, only the key opens."""

    review_id = models.CharField(max_length=20, primary_key=True)
    worker = models.CharField(max_length=150, default="", db_index=True)
    about = models.CharField(max_length=64, default="", db_index=True)
    since = models.DateTimeField()
    until = models.DateTimeField()
    finding = models.CharField(max_length=12)
    counts = models.JSONField(default=dict)
    reviewed_by = models.CharField(max_length=150)
    reviewed_at = models.DateTimeField()
    sealed = models.TextField()


class CaseRecord(models.Model):
    """A request of somebody's. In plain: kind, dates, outcome; who asks and what, only the case's own key opens."""

    case_id = models.CharField(max_length=20, primary_key=True)
    kind = models.CharField(max_length=20, db_index=True)
    state = models.CharField(max_length=24, db_index=True)
    version = models.IntegerField()
    received_on = models.DateField()
    opened_at = models.DateTimeField()
    opened_by = models.CharField(max_length=150)
    assigned_to = models.CharField(max_length=150, null=True)
    acknowledged_on = models.DateField(null=True)
    due_on = models.DateField(null=True, db_index=True)
    extended_on = models.DateField(null=True)
    outcome = models.CharField(max_length=20, default="")
    exemptions = models.JSONField(default=list)
    hours = models.FloatField(null=True)
    over_limit = models.BooleanField(default=False)
    decided_by = models.CharField(max_length=150, null=True)
    approved_by = models.CharField(max_length=150, null=True)
    answered_on = models.DateField(null=True)
    in_time = models.BooleanField(null=True)
    review_outcome = models.CharField(max_length=20, default="")
    closed_on = models.DateField(null=True)
    releases = models.JSONField(default=list)
    queries = models.JSONField(default=list)
    sealed = models.TextField()


class CaseStep(models.Model):
    """What happened to a case. Only ever added to, until the case is disposed of: then its words go."""

    case = models.ForeignKey(CaseRecord, on_delete=models.PROTECT, related_name="steps")
    number = models.IntegerField()
    action = models.CharField(max_length=20)
    state = models.CharField(max_length=24)
    actor = models.CharField(max_length=150)
    at = models.DateTimeField()
    on = models.DateField()
    facts = models.JSONField(default=dict)
    sealed = models.TextField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["case", "number"], name="a_step_of_a_case_is_kept_once")
        ]


class GatheredForCase(models.Model):
    """What was gathered for a subject access request. Only the key of its case opens it; it goes with the case.

    about: whom it is about, under a keyed digest, so that it goes with them too.
    """

    case = models.OneToOneField(CaseRecord, on_delete=models.PROTECT, primary_key=True, related_name="gathered")
    about = models.CharField(max_length=64, db_index=True)
    sealed = models.BinaryField()


class DisclosureEntry(models.Model):
    """An entry of the disclosure log: public, so in plain. It names nobody."""

    entry_id = models.CharField(max_length=20, primary_key=True)
    case = models.ForeignKey(CaseRecord, on_delete=models.PROTECT, related_name="disclosures")
    kind = models.CharField(max_length=20)
    title = models.TextField()
    question = models.TextField()
    answer = models.TextField()
    outcome = models.CharField(max_length=20)
    releases = models.JSONField(default=list)
    answered_on = models.DateField()
    published_at = models.DateTimeField()
    published_by = models.CharField(max_length=150)
    withdrawn_at = models.DateTimeField(null=True)


class WorkRecord(models.Model):
    """A piece of long work: who asked for it, how far it is, and how it ended. How it is to be done is sealed."""

    work_id = models.CharField(max_length=20, primary_key=True)
    kind = models.CharField(max_length=20)
    actor = models.CharField(max_length=150)
    state = models.CharField(max_length=12, db_index=True)
    stage = models.CharField(max_length=300, default="")
    done = models.BigIntegerField(null=True)
    total = models.BigIntegerField(null=True)
    told = models.JSONField(default=list)
    asked_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    seen_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    host = models.CharField(max_length=255, default="")
    process = models.CharField(max_length=80, default="")
    sealed = models.TextField(default="")


class DisposalRecord(models.Model):
    """A disposal: a plan first, then what each step did. What it takes away, only the key opens, until it is done."""

    disposal_id = models.CharField(max_length=20, primary_key=True)
    kind = models.CharField(max_length=12)
    subject = models.CharField(max_length=120)
    action = models.CharField(max_length=12)
    state = models.CharField(max_length=12, db_index=True)
    made_by = models.CharField(max_length=150)
    made_at = models.DateTimeField()
    approved_by = models.CharField(max_length=150, null=True)
    approved_at = models.DateTimeField(null=True)
    rows = models.BigIntegerField()
    people = models.BigIntegerField()
    done = models.JSONField(default=list)
    told = models.JSONField(default=dict)
    sealed = models.BinaryField()
    finished_at = models.DateTimeField(null=True)


class DisposedRecord(models.Model):
    """A record that was disposed of, under a keyed reference: it is kept out from then on. Only ever added to."""

    disposal = models.ForeignKey(DisposalRecord, on_delete=models.PROTECT, related_name="references")
    dataset = models.CharField(max_length=200, db_index=True)
    slot = models.CharField(max_length=60)
    bucket = models.BigIntegerField()
    reference = models.CharField(max_length=64)


class LegalHold(models.Model):
    """A legal hold. For whom, and why, only the key opens."""

    hold_id = models.CharField(max_length=20, primary_key=True)
    kind = models.CharField(max_length=12)
    made_by = models.CharField(max_length=150)
    made_at = models.DateTimeField()
    until = models.DateField(null=True)
    released_by = models.CharField(max_length=150, null=True)
    released_at = models.DateTimeField(null=True)
    sealed = models.TextField()


class ShareRecord(models.Model):
    """An extract for a recipient. In plain: what was agreed, counts, days; why, and of whom, only its own key opens."""

    share_id = models.CharField(max_length=20, primary_key=True)
    sharing = models.CharField(max_length=60)
    recipient = models.CharField(max_length=60, db_index=True)
    agreement = models.CharField(max_length=120)
    purpose = models.CharField(max_length=60)
    project = models.CharField(max_length=60, null=True)
    form = models.CharField(max_length=20)
    kind = models.CharField(max_length=12)
    fields = models.JSONField()
    ages = models.CharField(max_length=12, null=True)
    state = models.CharField(max_length=12, db_index=True)
    version = models.IntegerField()
    requested_by = models.CharField(max_length=150)
    requested_at = models.DateTimeField()
    people = models.IntegerField(default=0)
    rows = models.BigIntegerField(default=0)
    smallest_class = models.IntegerField(null=True)
    digest = models.CharField(max_length=64, default="")
    approved_by = models.CharField(max_length=150, null=True)
    approved_at = models.DateTimeField(null=True)
    sent_by = models.CharField(max_length=150, null=True)
    sent_at = models.DateTimeField(null=True)
    file_digest = models.CharField(max_length=64, default="")
    destroy_by = models.DateField(null=True)
    confirmed_by = models.CharField(max_length=150, null=True)
    confirmed_at = models.DateTimeField(null=True)
    review_by = models.DateField(null=True)
    reviewed_by = models.CharField(max_length=150, null=True)
    reviewed_at = models.DateTimeField(null=True)
    finding = models.CharField(max_length=20, default="")
    sealed = models.TextField()


class ShareStep(models.Model):
    """What happened to an extract. Only ever added to, until whom it was about is disposed of: then its words go."""

    share = models.ForeignKey(ShareRecord, on_delete=models.PROTECT, related_name="steps")
    number = models.IntegerField()
    action = models.CharField(max_length=12)
    state = models.CharField(max_length=12)
    actor = models.CharField(max_length=150)
    at = models.DateTimeField()
    facts = models.JSONField(default=dict)
    sealed = models.TextField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["share", "number"], name="a_step_of_an_extract_is_kept_once")
        ]


class SharedPerson(models.Model):
    """That somebody was in an extract, under a keyed digest of the pseudonym that the recipient was given.

    Only ever added to; where nothing is held of a person any more, the digest leads to nobody.
    """

    share = models.ForeignKey(ShareRecord, on_delete=models.PROTECT, related_name="held")
    about = models.CharField(max_length=64, db_index=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["share", "about"], name="a_person_is_in_it_once")]
