"""The words of the public notice, sections 1, 2, 3 and 5: what is used, what for, and where it comes from.

The registry supplies what is stated; here are only the sentences around it, which hold for every council that
runs the product. A sentence that could be untrue for one of them does not belong here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from almoner.notice.blocks import (
    Block,
    Bullets,
    Heading,
    Line,
    Paragraph,
    Section,
    Strong,
    bullets,
    link,
    listed,
    one_line,
    paragraphs,
    text,
)
from almoner.notice.content import KindOfData, NoticeContent, PurposeStated, SourceStated
from almoner.notice.phrases import CADENCE, how_seen
from almoner.registry.datasets import Dataset
from almoner.registry.governing import Purpose

NOT_HELD = {
    "held": "",
    "permitted": " (nothing that we receive at present holds this)",
    "declared": " (we do not use this at present, and nothing that we receive holds it)",
}


def summary(content: NoticeContent) -> Section:
    """Word section 1."""
    controller = content.controller
    council = link(controller.title, controller.website)
    general = link("general privacy notice", controller.general_notice)
    blocks: list[Block] = [
        text(
            "This privacy notice explains what personal information is collected, what it is used for and "
            "who it is provided to. It also says why the Council needs your data, and the legal basis on "
            "which it uses it."
        ),
        Paragraph(
            (
                f"It is about the {one_line(controller.service)} service of ",
                council,
                f", which serves {one_line(controller.place)}. {one_line(controller.title)} decides how the "
                "information is used and answers for it (it is the ‘controller’). Read this notice "
                "together with our ",
                general,
                ", which says more about the Council as a whole.",
            )
        ),
        text(
            "This page is made from the register by which the service's own system works. What the register "
            "does not declare, the system does not read, join or share."
        ),
    ]
    return Section(1, "summary", "Summary", tuple(blocks))


def kinds_of_data(content: NoticeContent) -> Section:
    """Word section 2."""
    blocks: list[Block] = []
    opening = {
        "ordinary": "We may receive some basic kinds of information about you, such as:",
        "special": "Depending on what we are working on, we may sometimes receive more sensitive personal "
        "details about you (known as special category personal information), including information about:",
        "criminal": "This service may also receive information about:",
        "not_personal": "We also use information that is not about you as a person:",
    }
    for kind, words in opening.items():
        found = content.kinds_of(kind)
        if found:
            blocks += [text(words), _kind_list(found)]
    blocks += list(_floors(content))
    return Section(2, "kinds", "What personal information does this service use?", tuple(blocks))


def _kind_list(kinds: Iterable[KindOfData]) -> Bullets:
    return bullets(kind.category.title + NOT_HELD[kind.held] for kind in kinds)


def _floors(content: NoticeContent) -> Iterator[Block]:
    """Say where merely being known to a service is itself sensitive."""
    kinds = {kind.category.name: kind.category for kind in content.kinds}
    sensitive: dict[str, list[str]] = {}
    for stated in content.sources:
        datasets = list(stated.source.datasets.values())
        for floor in dict.fromkeys(dataset.floor for dataset in datasets if dataset.floor in kinds):
            if floor is not None and kinds[floor].kind in ("special", "criminal"):
                some = [dataset.title for dataset in datasets if dataset.floor == floor]
                which = stated.shown if len(some) == len(datasets) else f"{stated.shown} ({', '.join(some)})"
                sensitive.setdefault(floor, []).append(which)
    if not sensitive:
        return
    yield text(
        "That somebody is known to a service can itself say something sensitive about them. Whatever the "
        "detail, everything from the following is therefore treated as information about:"
    )
    yield Bullets(
        tuple((Strong(one_line(kinds[floor].title)), f": {listed(which)}") for floor, which in sensitive.items())
    )


def purposes(content: NoticeContent) -> Section:
    """Word section 3."""
    blocks: list[Block] = [
        text(
            "This service receives personal data from other Council services and from other organisations. "
            "We may group this data together in different ways. We do this so that we can serve the "
            "following purposes, and no others."
        )
    ]
    for stated in content.purposes:
        blocks += list(_purpose(stated))
    blocks += [
        Heading("How every use is kept to its purpose", "how-purposes-are-kept"),
        bullets(
            [
                "Each use is checked against this register before anything is shown: the purpose, the kinds "
                "of data, the agreement with whoever sent it, and the form. What is not permitted is "
                "refused.",
                "Each use is recorded before anything is shown: who, for what purpose, and which information.",
                "The system makes no automated decision about anybody, and gives nobody a score of risk.",
            ]
        ),
    ]
    return Section(3, "purposes", "What is your personal information used for?", tuple(blocks))


def _purpose(stated: PurposeStated) -> Iterator[Block]:
    purpose = stated.purpose
    yield Heading(one_line(purpose.title), f"purpose-{purpose.name}")
    yield from paragraphs(purpose.notice)
    yield Paragraph((Strong("How you are seen: "), " ".join(_safeguards(purpose))))


def _safeguards(purpose: Purpose) -> Iterator[str]:
    yield f"{how_seen(purpose)}."
    if purpose.reason == "required":
        yield "The reason for each use is recorded."
    if purpose.project == "required":
        yield "Each project is entered in a register with its data protection impact assessment and its end."
    if not purpose.standing:
        yield "Nobody has this as a matter of course: each use is granted or reviewed by a second person."


def sources(content: NoticeContent) -> Section:
    """Word section 5."""
    blocks: list[Block] = []
    groups = [
        ("council", "This service receives personal information from other services across the Council:"),
        ("partner", "We may also receive personal information from other organisations:"),
        ("open", "We also use published information about places, which is about nobody in particular:"),
    ]
    for organisation, words in groups:
        found = content.sources_of(organisation)
        if found:
            blocks += [text(words), Bullets(tuple(_source(stated) for stated in found))]
    return Section(5, "sources", "Where has the personal information come from?", tuple(blocks))


def _source(stated: SourceStated) -> Line:
    """Name a source with what it sends; what holds for all that it sends is said once."""
    datasets = list(stated.source.datasets.values())
    personal = [] if stated.source.organisation == "open" else datasets
    notes = list(dict.fromkeys(_notes(dataset) for dataset in personal))
    if len(notes) < 2:
        together = f" ({notes[0]})" if notes else ""
        sent = listed((dataset.title for dataset in datasets), "nothing is received at present")
    else:
        together = ""
        sent = listed(f"{dataset.title} ({_notes(dataset)})" for dataset in datasets)
    return (Strong(one_line(stated.shown)), f"{together}: {sent}")


def _notes(dataset: Dataset) -> str:
    return CADENCE[dataset.cadence] + (", anonymised" if dataset.anonymised else "")
