"""Declarations about law and people: controller, categories, purposes, bases, agreements, retention, roles."""

from __future__ import annotations

import datetime as dt
from typing import Literal

from pydantic import Field

from almoner.registry.declared import Declared, Named, Words

Tier = Literal["identity", "general", "special", "criminal"]
TIERS: tuple[Tier, ...] = ("identity", "general", "special", "criminal")

HarmTest = Literal["health", "education", "social_work"]
"""Which professional's opinion is needed before data is given to the person. Source: DPA 2018 Schedule 3."""

Form = Literal["identifiable", "pseudonymised", "aggregate"]
"""How a reader may see people: by name; by a project's own pseudonym; only as checked counts."""

Scope = Literal["one_person", "caseload", "project", "all"]


class Controller(Declared):
    """The council as controller (UK GDPR Art 4(7))."""

    title: Words
    service: Words
    address: Words
    website: str = ""
    general_notice: str = Field(default="", description="Where the council's general privacy notice stands.")
    retention_schedule: str = Field(default="", description="Where the retention schedule stands.")
    rights: str = Field(default="", description="Where people read about their rights.")
    ico_registration: str = ""
    place: Words = Field(description="The place whose population is served, e.g. 'Manchester'.")
    brand_colour: str = "#1d4e6b"
    timezone: str = "Europe/London"


class Officer(Declared):
    """The Data Protection Officer (UK GDPR Art 37)."""

    title: Words
    email: Words
    address: str = ""
    telephone: str = ""


class Category(Named):
    """A kind of data, in the words of the notice, and the tier in which its columns are kept."""

    title: Words
    kind: Literal["ordinary", "special", "criminal", "not_personal"]
    tier: Tier
    reveals_whereabouts: bool = Field(
        default=False, description="Withheld for anybody whose address must not be shown: address, school, GP, phone."
    )
    harm_test: bool = Field(
        default=False,
        description="Given to the person themselves only once a professional has said that it does no serious harm.",
    )


class LawfulBasis(Named):
    """A lawful basis of UK GDPR Art 6(1)."""

    title: Words
    article: Words
    notice: Words = Field(description="The sentence with which the notice states it.")


class Condition(Named):
    """A condition of Art 9 (special category) or Art 10 (criminal offence data), with its DPA 2018 paragraph."""

    title: Words
    kind: Literal["special", "criminal"]
    article: Words
    schedule: str = Field(default="", description="The paragraph of Schedule 1 DPA 2018, where one is needed.")
    policy_document: str = Field(default="", description="The appropriate policy document, where one is needed.")
    notice: Words


class Purpose(Named):
    """Why data is used: what it may see, of whom, in which form. What is not listed is refused."""

    title: Words
    notice: Words = Field(description="The paragraph of the public notice.")
    lawful_basis: str
    special_category_condition: str | None = None
    criminal_offence_condition: str | None = None
    form: Form = "aggregate"
    scope: Scope = "project"
    categories: tuple[str, ...] = ()
    reason: Literal["required", "optional"] = "required"
    reasons: tuple[Words, ...] = Field(
        default=(), description="Reasons that people choose from before a record opens; none: they write their own."
    )
    project: Literal["required", "none"] = "none"
    permit_days: int = Field(default=1, ge=0, le=366, description="How long a permit lasts at the most.")
    joins_records: bool = Field(
        default=False, description="It joins records by identity alone, so a dataset's floor does not bar it."
    )
    mends_quarantine: bool = Field(
        default=False,
        description="It sees rows that could not be accepted, as they came, and which rows miss what is expected.",
    )
    sees_whereabouts: bool = Field(
        default=False, description="It sees addresses that must not be shown to others (named purposes only)."
    )
    despite_restriction: bool = Field(
        default=False, description="It goes on though a person restricted or objected (UK GDPR Art 18(2), 21(1))."
    )
    compelling_grounds: str = Field(
        default="",
        description="The grounds, in words for whoever objects, that override any objection to it (UK GDPR Art 21(1)).",
    )
    standing: bool = Field(default=True, description="A role gives it; otherwise each permit is granted by hand.")


class Agreement(Named):
    """An agreement under which a source delivers or a recipient receives."""

    title: Words
    parties: tuple[Words, ...]
    signed_on: dt.date
    expires_on: dt.date
    purposes: tuple[str, ...]
    owner: Words


class Recipient(Named):
    """Somebody to whom data may be released."""

    title: Words
    agreement: str
    purposes: tuple[str, ...]
    may_receive: tuple[str, ...]
    form: Form = "aggregate"
    key: str = Field(
        default="",
        pattern=r"^(age1[02-9ac-hj-np-z]{58})?$",
        description="Their public age key: only who has the other half opens what is sent. None: nothing can be sent.",
    )


class Retention(Named):
    """How long records are kept, from what day, and what happens then."""

    title: Words
    years: int = Field(ge=0, le=150)
    months: int = Field(default=0, ge=0, le=11)
    counted_from: Literal["ends", "starts", "delivery", "last_seen", "date_of_birth", "date_of_death"] = Field(
        default="delivery",
        description="delivery: each delivery by its own day. last_seen: a record by the last delivery that held it.",
    )
    action: Literal["dispose", "anonymise", "review"] = Field(
        default="dispose", description="review: a second person approves before anything is disposed of."
    )
    authority: Words


class DisposalRules(Declared):
    """What is kept besides the records themselves, and how long."""

    quarantine_days: int = Field(
        default=730,
        ge=1,
        description="Rows that could not be accepted are kept so long; they have no day to count from.",
    )
    backup_days: int = Field(default=90, ge=1, description="A backup expires after so long, by whoever makes it.")


Right = Literal[
    "intake", "link", "link_export", "quarantine", "grant", "audit", "break_glass_review", "notice", "workspace",
    "release", "release_approve", "rectify", "requests", "requests_approve", "retention", "retention_approve",
    "share", "share_approve", "share_emergency",
    "carry_out",
]  # fmt: skip


class Role(Named):
    """What a person may do: purposes they may act for, and rights over the system."""

    title: Words
    purposes: tuple[str, ...] = ()
    rights: tuple[Right, ...] = ()


class Project(Named):
    """An entry of the project register: research and evaluation permits hang on one."""

    title: Words
    purpose: str
    asked_by: Words
    approved_by: Words
    dpia: Words = Field(description="Reference of the data protection impact assessment.")
    starts_on: dt.date
    ends_on: dt.date
    datasets: tuple[str, ...] = Field(default=(), description="Empty: every dataset that the purpose permits.")
