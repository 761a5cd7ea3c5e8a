"""The words and order of the record of processing activities, around the entries that `record_entries` works
out.

It follows Art 30(1): who (a), what for (b), of whom and what (c), to whom (d), transfers (e), how long (f),
how it is kept safe (g).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from almoner.notice.blocks import Block, Heading, Line, Section, Table, Terms, bullets, listed, one_line, text
from almoner.notice.content import NoticeContent, PurposeStated, SourceStated
from almoner.notice.phrases import CADENCE, FORM, how_seen, lower_first, on_day
from almoner.notice.record_entries import SECURITY, TRANSFERS, RecordEntry
from almoner.registry.governing import Agreement, Condition

Entries = Sequence[RecordEntry]


def record_sections(content: NoticeContent, entries: Entries) -> tuple[Section, ...]:
    """Word every section of the record."""
    return (
        Section(1, "controller", "Controller and Data Protection Officer", (_controller(content),)),
        Section(2, "purposes", "Processing, purpose by purpose", tuple(_purposes(content, entries))),
        Section(3, "sources", "Processing, source by source", tuple(_sources(content, entries))),
        Section(4, "recipients", "Recipients", tuple(_recipients(content))),
        Section(5, "transfers", "Transfers to other countries", (text(f"{TRANSFERS}."),)),
        Section(6, "retention", "Time limits for erasure", (_retention(entries),)),
        Section(7, "security", "Technical and organisational security measures", (bullets(SECURITY),)),
    )


def _controller(content: NoticeContent) -> Terms:
    controller, officer = content.controller, content.officer
    pairs: list[tuple[str, Line]] = [
        ("Controller", (one_line(controller.title),)),
        ("Service", (one_line(controller.service),)),
        ("Address", (one_line(controller.address),)),
        (
            "Data Protection Officer",
            (listed(part for part in (officer.title, officer.email, officer.telephone) if part),),
        ),
        ("Their address", (one_line(officer.address or controller.address),)),
    ]
    if controller.ico_registration:
        pairs.append(("Registration", (controller.ico_registration,)))
    return Terms(tuple(pairs))


def _purposes(content: NoticeContent, entries: Entries) -> Iterator[Block]:
    for stated in content.purposes:
        serving = [entry for entry in entries if entry.purpose == stated.purpose.name]
        yield Heading(one_line(stated.purpose.title), f"purpose-{stated.purpose.name}")
        yield Terms(tuple(_purpose_terms(stated, serving)))
    unused = dict.fromkeys(entry.dataset_title for entry in entries if not entry.purpose)
    if unused:
        yield Heading("Received and kept, and used for no purpose", "unused-records")
        yield bullets(unused)


def _purpose_terms(stated: PurposeStated, serving: Entries) -> Iterator[tuple[str, Line]]:
    yield "Purpose", (one_line(stated.purpose.notice),)
    yield "Lawful basis", (f"{stated.basis.title} ({stated.basis.article})",)
    yield "Special category condition", (_condition(stated.special),)
    yield "Criminal offence condition", (_condition(stated.criminal),)
    yield "How people are seen", (how_seen(stated.purpose),)
    yield "Data subjects", (_union(entry.data_subjects for entry in serving),)
    yield "Ordinary categories", (_union(entry.categories_ordinary for entry in serving),)
    yield "Special categories", (_union(entry.categories_special for entry in serving),)
    yield "Criminal offence data", (_union(entry.categories_criminal for entry in serving),)
    yield "Records used", (_union((f"{entry.source}: {entry.dataset_title}",) for entry in serving),)
    yield "Recipients", (_union(entry.recipients for entry in serving),)
    yield "Kept for", ("As section 6 says for each of these records",)


def _condition(condition: Condition | None) -> str:
    if condition is None:
        return "none: such data is not used"
    policy = (f"policy document: {condition.policy_document}",) if condition.policy_document else ()
    return listed(part for part in (condition.title, condition.article, condition.schedule, *policy) if part)


def _sources(content: NoticeContent, entries: Entries) -> Iterator[Block]:
    for organisation, title in (("council", "within the Council"), ("partner", "outside the Council")):
        for stated in content.sources_of(organisation):
            yield Heading(f"{one_line(stated.shown)} ({title})", f"source-{stated.source.name}")
            yield Terms(_source_terms(stated))
            table = _datasets(stated, entries)
            yield table if table.rows else text("Nothing is received at present.")
    published = content.sources_of("open")
    if published:
        yield Heading("Published information about places", "published-information")
        yield bullets(
            f"{one_line(stated.shown)}: {listed(each.title for each in stated.source.datasets.values())}"
            for stated in published
        )


def _source_terms(stated: SourceStated) -> tuple[tuple[str, Line], ...]:
    return (("Answerable", (one_line(stated.source.owner),)), ("Agreement", (_agreement(stated.agreement),)))


def _agreement(agreement: Agreement) -> str:
    return (
        f"{one_line(agreement.title)} ({agreement.name}), between {listed(agreement.parties)}; from "
        f"{on_day(agreement.signed_on)} to {on_day(agreement.expires_on)}; answerable: "
        f"{one_line(agreement.owner)}"
    )


def _datasets(stated: SourceStated, entries: Entries) -> Table:
    rows = []
    for dataset in stated.source.datasets.values():
        serving = [entry for entry in entries if entry.dataset == dataset.full_name]
        if not serving:
            continue
        coverage = f" Covers: {one_line(dataset.coverage)}" if dataset.coverage else ""
        kinds = (
            (*entry.categories_ordinary, *entry.categories_special, *entry.categories_criminal) for entry in serving
        )
        rows.append(
            (
                f"{one_line(dataset.title)} (sent {CADENCE[dataset.cadence]}).{coverage}",
                listed(serving[0].data_subjects),
                _union(kinds),
                _union((lower_first(entry.purpose_title),) for entry in serving),
                f"{serving[0].retention}; then {serving[0].afterwards}",
            )
        )
    head = ("Records", "Data subjects", "Categories of personal data", "Purposes", "Kept for")
    return Table(f"Records from {one_line(stated.shown)}", head, tuple(rows))


def _recipients(content: NoticeContent) -> Iterator[Block]:
    yield text(
        "Nothing is shared by standing arrangement alone: each release is approved by a second person and recorded."
    )
    if not content.recipients:
        yield text("None declared.")
        return
    rows = tuple(
        (
            one_line(stated.recipient.title),
            listed(lower_first(purpose.title) for purpose in stated.purposes),
            listed(category.title for category in stated.categories),
            FORM[stated.recipient.form],
            _agreement(stated.agreement),
        )
        for stated in content.recipients
    )
    yield Table("Recipients", ("Recipient", "Purposes", "Categories at the most", "Form", "Agreement"), rows)


def _retention(entries: Entries) -> Table:
    rows = dict.fromkeys((e.source, e.dataset_title, e.retention, e.afterwards) for e in entries)
    return Table("Time limits, by record", ("Source", "Records", "Kept for", "Then"), tuple(rows))


def _union(groups: Iterable[Iterable[str]]) -> str:
    return listed(dict.fromkeys(item for group in groups for item in group))
