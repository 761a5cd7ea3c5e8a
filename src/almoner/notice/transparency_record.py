"""The algorithmic transparency record of linkage, under the headings of the UK's recording standard.

Filled from the registry, the model's own settings and the measured quality. What the registry does not declare is said
to be undeclared, never guessed. It must never hold anything about one person.

Source: Algorithmic Transparency Recording Standard, template version 3.0 (Government Digital Service and DSIT).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from almoner.notice.blocks import Block, Document, Heading, Section, Terms, link, listed, one_line, text
from almoner.notice.linkage_figures import day_text, figure_text
from almoner.notice.phrases import kept_for
from almoner.registry.datasets import Dataset
from almoner.registry.registry import Registry

STANDARD = "Algorithmic Transparency Recording Standard, template version 3.0"
PURPOSE = "matching"
UNDECLARED = "Not declared in the register."
COUNCIL_MAY_ADD = "No statement is held by the system; the council adds it before publication."


@dataclass(frozen=True)
class ModelFacts:
    """What the record says of the model: its comparisons, how many probabilities, when it may link."""

    name: str
    version: str
    comparisons: tuple[str, ...]
    link_probability: float
    review_probability: float


Entry = tuple[str, str]
"""(heading, words)."""


def transparency_record(
    registry: Registry, model: ModelFacts, quality: Mapping[str, Any], run: Mapping[str, int], *, as_of: dt.date
) -> Document:
    """Make the record: tier 1, then the five sections of tier 2."""
    parts = record_entries(registry, model, quality, run)
    sections = []
    for number, (anchor, title, groups) in enumerate(parts, 1):
        blocks: list[Block] = []
        for heading, entries in groups:
            if heading:
                blocks.append(Heading(heading, f"{anchor}-{len(blocks)}"))
            blocks.append(Terms(tuple((name, (_said(name, words),)) for name, words in entries)))
        sections.append(Section(number, anchor, title, tuple(blocks)))
    sections[0] = Section(1, sections[0].anchor, sections[0].title, (text(f"{STANDARD}."), *sections[0].blocks))
    return Document(
        page="transparency-record",
        title="Algorithmic transparency record: joining records about the same person",
        council=one_line(registry.controller.title),
        service=one_line(registry.controller.service),
        brand_colour=registry.controller.brand_colour,
        sections=tuple(sections),
        registry_digest=registry.digest,
        as_of=as_of,
    )


def record_entries(
    registry: Registry, model: ModelFacts, quality: Mapping[str, Any], run: Mapping[str, int]
) -> tuple[tuple[str, str, tuple[tuple[str, tuple[Entry, ...]], ...]], ...]:
    """Give the record as data: sections of (anchor, title, ((heading, entries), …)), in the standard's order."""
    datasets = tuple(each for each in registry.datasets() if PURPOSE in each.purposes and each.people)
    return (
        ("tier-1", "Tier 1: overview", (("", _tier_1(registry)),)),
        ("owner", "Tier 2: owner and responsibility", (("", _owner(registry)),)),
        ("rationale", "Tier 2: description and rationale", (("", _rationale()),)),
        ("decisions", "Tier 2: decision-making process", (("", _decisions(registry, model, run)),)),
        (
            "specification",
            "Tier 2: tool specification",
            (
                ("System", _system(run)),
                ("Model", _model(model, quality)),
                ("Data", _data(registry, datasets, run)),
            ),
        ),
        ("risks", "Tier 2: risks, mitigations and impact assessments", (("", _risks(registry)),)),
    )


def _tier_1(registry: Registry) -> tuple[Entry, ...]:
    controller = registry.controller
    return (
        ("Name", f"Linkage of records, {one_line(controller.service)}"),
        (
            "Description",
            "Council services and partners each keep their own records. The tool works out which records are about the "
            "same person and who lives at the same address, so that the purposes in the privacy notice can be served "
            "without asking people again. It decides nothing about anybody and gives nobody a score of risk.",
        ),
        ("Website URL", controller.website or UNDECLARED),
        ("Contact email", registry.data_protection_officer.email),
    )


def _owner(registry: Registry) -> tuple[Entry, ...]:
    controller, purpose = registry.controller, registry.purpose.get(PURPOSE)
    basis = registry.lawful_basis[purpose.lawful_basis] if purpose is not None else None
    return (
        ("1.1 Organisation or department", one_line(controller.title)),
        ("1.2 Team", one_line(controller.service)),
        ("1.3 Senior responsible owner", UNDECLARED + " " + COUNCIL_MAY_ADD),
        ("1.4 Third party involvement", "None: the council runs the tool itself, and no data leaves it for linkage."),
        ("1.5 Lawful basis", f"{one_line(basis.title)} ({basis.article})" if basis is not None else UNDECLARED),
    )


def _rationale() -> tuple[Entry, ...]:
    return (
        (
            "2.1 Detailed description",
            "Probabilistic record linkage (Fellegi and Sunter 1969). Records that share an address, a number, or parts "
            "of a name and birthday are compared. Each agreement and disagreement carries a weight learnt from the "
            "records themselves, without examples of right answers. Pairs are joined best evidence first, unless a "
            "fact forbids it: two different valid numbers, two rows of one register, an impossible date. What is too "
            "uncertain is left apart and asked of people.",
        ),
        (
            "2.2 Scope",
            "People, addresses, households and families in the datasets listed below. It sees names, dates of birth, "
            "sex, numbers, addresses, telephone and e-mail, and for families who is stated to be whose parent, carer "
            "or partner; never what else a service knows about a person.",
        ),
        (
            "2.3 Benefit",
            "Front-line workers see what other services already know where the law allows it, and figures count people "
            "instead of records.",
        ),
        ("2.4 Previous process", COUNCIL_MAY_ADD),
        (
            "2.5 Alternatives considered",
            "Joining by exact agreement of numbers alone misses services that hold none; joining by name and birthday "
            "alone puts relatives and namesakes together. " + COUNCIL_MAY_ADD,
        ),
    )


def _decisions(registry: Registry, model: ModelFacts, run: Mapping[str, int]) -> tuple[Entry, ...]:
    return (
        (
            "3.1 Process integration",
            "A link decides about nobody. It determines which records a worker or a count takes together; every use "
            "is checked against the register and recorded first.",
        ),
        (
            "3.2 Provided information",
            f"Facts with their source, their day and how sure the link is. Front-line workers see only links of "
            f"probability {model.link_probability} or more; less certain ones are counted, never shown.",
        ),
        (
            "3.3 Frequency and scale of usage",
            f"After each delivery. The last run joined {run.get('records', 0):,} records into "
            f"{run.get('persons', 0):,} people.",
        ),
        (
            "3.4 Human decisions and review",
            f"Pairs from probability {model.review_probability} to {model.link_probability}, and pairs that a fact "
            f"contradicts, are asked of people ({run.get('review_queue', 0):,} are open). What people decide stands in "
            "every later run.",
        ),
        ("3.5 Required training", COUNCIL_MAY_ADD),
        (
            "3.6 Appeals and review",
            "Anybody may ask what is held about them and have a wrong link undone: "
            f"{one_line(registry.data_protection_officer.title)}, {registry.data_protection_officer.email}. "
            f"Rights: {registry.controller.rights or 'see the privacy notice'}.",
        ),
    )


def _system(run: Mapping[str, int]) -> tuple[Entry, ...]:
    return (
        (
            "4.1.1 System architecture",
            "Almoner, on the council's own machines. Linkage is handed standardised identity, in memory, and gives "
            "tables of who is who; it opens no file and reaches no network.",
        ),
        ("4.1.2 Phase", COUNCIL_MAY_ADD),
        (
            "4.1.3 Maintenance",
            "Quality is measured on every run and published with it. The model is learnt anew when the records have "
            "halved or doubled, or give other things to compare.",
        ),
        ("4.1.4 System-level input", f"Mentions of people in deliveries: {run.get('records', 0):,} records."),
        ("4.1.5 System-level output", "Person, address and household of each record; weight, evidence and decider."),
    )


def _model(model: ModelFacts, quality: Mapping[str, Any]) -> tuple[Entry, ...]:
    measured, unit = quality.get("precision") and quality.get("recall"), quality.get("unit", "people")
    performance = (
        f"Precision {figure_text(quality['precision'], unit)}; recall {figure_text(quality['recall'], unit)}; "
        f"{quality['confidence']:.0%} intervals, as of {day_text(quality)}. Source: {quality['method']}. "
        "By source, age and sex: see the linkage quality report."
        if measured
        else f"Not measured in the last run: {quality.get('why_not') or 'it was made before quality was measured'}."
    )
    return (
        ("4.2.1 Model name", model.name),
        ("4.2.2 Model version", model.version),
        ("4.2.3 Model task", "Say how probable it is that two records are about one person."),
        ("4.2.4 Model input", f"Two records, compared by: {', '.join(model.comparisons) or 'nothing'}."),
        ("4.2.5 Model output", "A match weight (log2 odds), the probability that follows, and the evidence in words."),
        (
            "4.2.6 Model architecture",
            "Two Fellegi-Sunter models in Splink's format: one for two records anywhere, one for two records at one "
            "address, so that a shared surname or home can't make a family into one person.",
        ),
        ("4.2.7 Model performance", performance),
        ("4.2.8 Datasets", "The records themselves; there is no labelled training set."),
        ("4.2.9 Dataset purposes", "Learning the weights by expectation maximisation; numbers' weights are fixed."),
    )


def _data(registry: Registry, datasets: tuple[Dataset, ...], run: Mapping[str, int]) -> tuple[Entry, ...]:
    purpose = registry.purpose.get(PURPOSE)
    seen = purpose.categories if purpose else ()
    kinds = [registry.category[name].title for name in seen if name in registry.category]
    rules = {kept_for(registry.retention_of(each)) for each in datasets}
    special = [each.title for each in datasets if each.floor and registry.category[each.floor].kind != "ordinary"]
    agreements = {found.title for each in datasets if (found := registry.agreement_of(each)) is not None}
    return (
        ("4.3.1 Source data name", listed(each.title for each in datasets)),
        ("4.3.2 Data modality", "Tabular"),
        ("4.3.3 Data description", f"Of each record only: {listed(kinds)}."),
        ("4.3.4 Data quantities", f"{run.get('records', 0):,} records."),
        (
            "4.3.5 Sensitive attributes",
            "Sex and age are compared. Ethnic group, health, beliefs, sexual orientation and criminal history are "
            "never seen by linkage. That somebody is in one of these datasets is itself sensitive, and is used for "
            f"joining alone: {listed(special)}.",
        ),
        (
            "4.3.6 Data completeness and representativeness",
            listed((f"{each.title}: {one_line(each.coverage)}" for each in datasets if each.coverage), UNDECLARED),
        ),
        ("4.3.7 Source data URL", "None: the data is personal and not published."),
        ("4.3.8 Data collection", "Collected by the services and partners named, for the purposes they state."),
        (
            "4.3.9 Data cleaning",
            "Names, dates, addresses and numbers are brought to one form; numbers with a wrong check digit and "
            "placeholder dates are not used; rows that can't be read are set aside with the reason.",
        ),
        ("4.3.10 Data sharing agreements", listed(sorted(agreements))),
        (
            "4.3.11 Data access and storage",
            "Encrypted at rest, read only through a gate that checks and records each use. Kept: "
            f"{listed(sorted(rules))}.",
        ),
    )


def _risks(registry: Registry) -> tuple[Entry, ...]:
    assessed = [f"{one_line(each.title)}: {one_line(each.dpia)}" for each in registry.project.values()]
    return (
        (
            "5.1 Impact assessment",
            f"Of the projects that use joined records: {listed(assessed)}. " + COUNCIL_MAY_ADD,
        ),
        (
            "5.2 Risks and mitigations",
            "Two people joined: facts keep people apart whatever the weight, uncertain links stay out of the "
            "front-line view, and a link that people undo stays undone. One person left as two: what is uncertain is "
            "asked of people, and figures are compared with published estimates. Errors that fall unequally: precision "
            "and recall are measured by source, age and sex on every run, and by ethnic group for equality monitoring. "
            "Sealed identities: such records are joined to nothing. Addresses that must not be known: hidden with all "
            "that reveals them.",
        ),
    )


def _said(name: str, words: str) -> Any:
    return link(words, words) if name == "Website URL" else words
