"""What is processed: one entry for each dataset and each purpose it may serve.

Decided by the same rules by which the gate decides, so that the record of processing and the system agree. It
holds no personal value. Whether an agreement is in force today is for `drift`: an entry states its dates.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from almoner.governance.policies import category_refusal
from almoner.notice.blocks import one_line
from almoner.notice.content import NoticeContent, PurposeStated, SourceStated, categories_of, notice_content
from almoner.notice.phrases import AFTERWARDS, FORM, SCOPE, data_subjects, kept_for
from almoner.registry.datasets import Dataset
from almoner.registry.governing import Category
from almoner.registry.registry import Registry

TRANSFERS = "None declared"

SECURITY = (
    "Each delivery is split by kind of data; each part is encrypted on disk with a key of its own.",
    "Every read passes one gate, which refuses what the purpose, the agreement or the form does not permit.",
    "Every read is written to a tamper-evident log before anything is shown.",
    "Access comes from roles granted to named people; wider sight in an emergency is reviewed by a second person.",
    "Research and planning see a code in place of a person, and another code in each project.",
    "Records are kept no longer than the rule of their service says.",
)
"""General description of the technical and organisational measures. Source: UK GDPR Art 30(1)(g), Art
32(1)."""


@dataclass(frozen=True)
class RecordEntry:
    """One dataset used for one purpose; a dataset that serves none has an entry that says so."""

    purpose: str
    purpose_title: str
    lawful_basis: str
    special_category_condition: str
    criminal_offence_condition: str
    form: str
    scope: str
    source: str
    organisation: str
    dataset: str
    dataset_title: str
    data_subjects: tuple[str, ...]
    categories_ordinary: tuple[str, ...]
    categories_special: tuple[str, ...]
    categories_criminal: tuple[str, ...]
    recipients: tuple[str, ...]
    agreement: str
    agreement_expires_on: str
    retention: str
    afterwards: str
    transfers: str = TRANSFERS
    security: tuple[str, ...] = SECURITY


def record_entries(registry: Registry) -> tuple[RecordEntry, ...]:
    """List what is processed: by dataset in the order of the sources, and by purpose in the registry's order.

    Published data about places is left out: it is nobody's personal data.
    Raises: RegistryError when a declaration refers to one that is missing.
    """
    content = notice_content(registry)
    return tuple(
        entry
        for source, dataset in content.datasets()
        if not dataset.open
        for entry in _entries(registry, content, source, dataset)
    )


def _entries(
    registry: Registry, content: NoticeContent, source: SourceStated, dataset: Dataset
) -> Iterator[RecordEntry]:
    """Give an entry for each purpose that both the dataset and the agreement allow."""
    allowed = set(dataset.purposes) & set(source.agreement.purposes)
    used: list[PurposeStated | None] = [s for s in content.purposes if s.purpose.name in allowed]
    for stated in used or [None]:
        yield _entry(registry, content, source, dataset, stated)


def _entry(
    registry: Registry,
    content: NoticeContent,
    source: SourceStated,
    dataset: Dataset,
    stated: PurposeStated | None,
) -> RecordEntry:
    purpose = stated.purpose if stated else None
    held = [registry.category[name] for name in categories_of(dataset)]
    # Who works with a dataset knows of everybody in it what its floor says, whatever else they may see.
    seen = [
        category
        for category in held
        if purpose is None or category.name == dataset.floor or category_refusal(category, purpose) is None
    ]
    rule = registry.retention_of(dataset)
    special = stated.special if stated else None
    criminal = stated.criminal if stated else None
    return RecordEntry(
        purpose=purpose.name if purpose else "",
        purpose_title=one_line(purpose.title) if purpose else "None: received and kept, and not used",
        lawful_basis=f"{stated.basis.title} ({stated.basis.article})" if stated else "",
        special_category_condition=f"{special.article}; {special.schedule}".rstrip("; ") if special else "",
        criminal_offence_condition=f"{criminal.article}; {criminal.schedule}".rstrip("; ") if criminal else "",
        form=FORM[purpose.form] if purpose else "",
        scope=SCOPE[purpose.scope] if purpose else "",
        source=source.shown,
        organisation=source.source.organisation,
        dataset=dataset.full_name,
        dataset_title=one_line(dataset.title),
        data_subjects=data_subjects(dataset),
        categories_ordinary=_titles(seen, "ordinary"),
        categories_special=_titles(seen, "special"),
        categories_criminal=_titles(seen, "criminal"),
        recipients=tuple(_recipients(content, stated, seen)),
        agreement=source.agreement.name,
        agreement_expires_on=source.agreement.expires_on.isoformat(),
        retention=kept_for(rule),
        afterwards=AFTERWARDS[rule.action],
    )


def _titles(categories: list[Category], kind: str) -> tuple[str, ...]:
    return tuple(one_line(category.title) for category in categories if category.kind == kind)


def _recipients(content: NoticeContent, stated: PurposeStated | None, seen: list[Category]) -> Iterator[str]:
    """Name those who may be sent some of this for this purpose."""
    names = {category.name for category in seen if category.kind != "not_personal"}
    for recipient in content.recipients:
        serves = stated is not None and stated.purpose.name in recipient.recipient.purposes
        if serves and names & set(recipient.recipient.may_receive):
            yield one_line(recipient.recipient.title)
