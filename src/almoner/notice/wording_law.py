"""The words of the public notice, sections 4 and 6 to 9: law, recipients, retention, rights and whom to ask.

A right is stated only where the lawful bases in use give it. Contact details of the Council come from the
registry; those of the regulator stand here, named, with their source.
"""

from __future__ import annotations

from collections.abc import Iterator

from almoner.notice.blocks import (
    Block,
    Bullets,
    Heading,
    Line,
    Paragraph,
    Section,
    Strong,
    Table,
    Terms,
    bullets,
    link,
    listed,
    one_line,
    text,
)
from almoner.notice.content import NoticeContent, RetentionStated, article_6
from almoner.notice.phrases import AFTERWARDS, FORM, kept_for, lower_first
from almoner.registry.governing import Condition

REGULATOR = "Information Commissioner's Office"
"""Source: ico.org.uk, contact page; telephone and complaint page as there."""
REGULATOR_TELEPHONE = "0303 123 1113"
REGULATOR_COMPLAINTS = "https://ico.org.uk/make-a-complaint/"

ACKNOWLEDGE_DAYS = 30
"""Source: Data Protection Act 2018 s164A, complaints to controllers."""

_RIGHTS: tuple[tuple[str, str, str], ...] = (
    ("", "Access", "You can ask for a copy of the information that we hold about you (Art 15)."),
    ("", "Correction", "You can ask us to correct what is wrong or to complete what is missing (Art 16)."),
    ("", "Erasure", "In some circumstances you can ask us to erase information about you (Art 17)."),
    (
        "",
        "Restriction",
        "In some circumstances you can ask us to keep information but not to use it (Art 18).",
    ),
    (
        "ab",
        "Portability",
        "You can ask for what you gave us in a form that another organisation can use (Art 20).",
    ),
    (
        "ef",
        "Objection",
        "You can object to a use that rests on our public tasks, on grounds of your situation (Art 21).",
    ),
    ("a", "Withdrawal", "Where we ask for your consent, you can withdraw it at any time (Art 7)."),
    (
        "",
        "Automated decisions",
        "You have the right not to be subject to automated decisions alone (Art 22).",
    ),
)
"""Letters of Art 6(1) that give the right (none: every basis does), its name, its words. Source: UK GDPR
chapter III."""


def lawful_bases(content: NoticeContent) -> Section:
    """Word section 4."""
    blocks: list[Block] = [
        text(
            "We are provided with personal information by services and organisations, and use it only for "
            "the purposes above. These are the lawful bases in Article 6 of the UK General Data Protection "
            "Regulation (‘UK GDPR’) on which those purposes rest:"
        ),
        Bullets(tuple(_stated(basis.title, basis.notice, basis.article) for basis in content.bases())),
        *_conditions("Special category personal information", "special-conditions", content.conditions("special")),
        *_conditions("Criminal history", "criminal-conditions", content.conditions("criminal")),
        Heading("Anonymised data", "anonymised"),
        *_anonymised(content),
    ]
    emergencies = [stated for stated in content.purposes if article_6(stated.basis) == "d"]
    if emergencies:
        blocks += [
            Heading("Emergencies", "emergencies"),
            text(
                "In an emergency somebody may be shown more about one person, for a short time and for a "
                "stated reason. Those who review such uses are told at once, and the case stays open until a "
                "second person has reviewed it."
            ),
        ]
    blocks += [Heading("Purpose by purpose", "basis-by-purpose"), _basis_table(content)]
    return Section(4, "basis", "What is the lawful basis we are relying on?", tuple(blocks))


def _conditions(title: str, anchor: str, conditions: tuple[Condition, ...]) -> Iterator[Block]:
    if conditions:
        yield Heading(title, anchor)
        yield Bullets(tuple(_stated(each.title, each.notice, _law(each)) for each in conditions))


def _stated(title: str, notice: str, law: str) -> Line:
    """Give a basis or condition in its own words, with the law it stands on."""
    return (Strong(f"{one_line(title)}. "), f"{one_line(notice)} ", Strong("The law: "), f"{law}.")


def _law(condition: Condition) -> str:
    return listed(part for part in (condition.article, condition.schedule) if part)


def _anonymised(content: NoticeContent) -> Iterator[Block]:
    found = [(stated.shown, dataset) for stated, dataset in content.datasets() if dataset.anonymised]
    yield text(
        "Sometimes the data we receive is anonymised: we would not be able to identify you from the "
        "information provided. Such data comes in by a route of its own, which refuses a delivery that "
        "identifies anybody, and it is not matched to people."
    )
    if found:
        yield bullets(f"{shown}: {dataset.title}" for shown, dataset in found)
    else:
        yield text("At present no data is sent to us by that route.")


def _basis_table(content: NoticeContent) -> Table:
    rows = tuple(
        (
            one_line(stated.purpose.title),
            f"{one_line(stated.basis.title)} ({stated.basis.article})",
            f"{one_line(stated.special.title)} ({stated.special.article})" if stated.special else "Not used",
            f"{one_line(stated.criminal.title)} ({stated.criminal.article})" if stated.criminal else "Not used",
        )
        for stated in content.purposes
    )
    head = ("Purpose", "Lawful basis", "Special category information", "Criminal history")
    return Table("The lawful basis and conditions of each purpose", head, rows)


def recipients(content: NoticeContent) -> Section:
    """Word section 6."""
    blocks: list[Block] = [
        text(
            "We only share your personal information where it is both necessary and appropriate to do so. "
            "Each time, a second person has to approve it, and it is recorded."
        )
    ]
    if content.recipients:
        rows = tuple(
            (
                one_line(stated.recipient.title),
                listed(lower_first(purpose.title) for purpose in stated.purposes),
                listed(category.title for category in stated.categories if category.kind != "not_personal"),
                FORM[stated.recipient.form],
            )
            for stated in content.recipients
        )
        head = ("Organisation", "What for", "What at the most", "How you are shown")
        blocks += [
            text("We may share your personal data with these organisations, and with no others:"),
            Table("Organisations with whom we may share personal data", head, rows),
        ]
    else:
        blocks.append(text("At present there is no organisation with whom we may share it."))
    blocks.append(text("No transfer of personal data out of the United Kingdom is declared."))
    return Section(6, "recipients", "Who will we share your personal information with?", tuple(blocks))


def retention(content: NoticeContent) -> Section:
    """Word section 7."""
    schedule = link("retention schedule", content.controller.retention_schedule)
    opening = (
        "Our ",
        schedule,
        " sets out how long we keep personal information for, listed service by service. ",
    )
    blocks: list[Block] = [Paragraph((*opening, "For what this service receives, it says:"))]
    head = ("Service", "Records", "Kept for", "Then", "Why")
    rows = tuple(_retention_row(stated) for stated in content.retention)
    blocks.append(Table("How long records are kept, service by service", head, rows))
    return Section(7, "retention", "How long will we keep your information?", tuple(blocks))


def _retention_row(stated: RetentionStated) -> tuple[str, ...]:
    rule = stated.rule
    which = one_line(rule.title) if stated.whole_source else listed(dataset.title for dataset in stated.datasets)
    return (one_line(stated.shown), which, kept_for(rule), AFTERWARDS[rule.action], one_line(rule.authority))


def rights(content: NoticeContent) -> Section:
    """Word section 8."""
    articles = content.articles()
    given = [(name, words) for letters, name, words in _RIGHTS if not letters or articles & set(letters)]
    blocks: list[Block] = [
        Paragraph(
            (
                "You can find out more about ",
                link("your rights regarding the personal information", content.controller.rights),
                " used for this service. Under the UK GDPR they are:",
            )
        ),
        Bullets(tuple((Strong(f"{name}. "), words) for name, words in given)),
        text(
            "Asking costs nothing. A restriction, or an objection that we uphold, is applied by the system "
            "to every later use of your information."
        ),
    ]
    return Section(8, "rights", "Your personal information and your rights", tuple(blocks))


def contacts(content: NoticeContent) -> Section:
    """Word section 9."""
    officer, controller = content.officer, content.controller
    pairs: list[tuple[str, Line]] = [("E-mail", (link(officer.email, f"mailto:{officer.email}"),))]
    if officer.telephone:
        number = "".join(officer.telephone.split())
        pairs.append(("Telephone", (link(officer.telephone, f"tel:{number}"),)))
    pairs.append(("Address", (one_line(officer.address or controller.address),)))
    blocks: list[Block] = [
        text(
            "If you have any questions or concerns about how we use your personal information, please "
            f"contact the Council's {one_line(officer.title)}:"
        ),
        Terms(tuple(pairs)),
        text(
            "You can complain to us about how we use your personal information: write to the same address. "
            f"We acknowledge a complaint within {ACKNOWLEDGE_DAYS} days."
        ),
        Paragraph(
            (
                f"You also have the right to complain to the {REGULATOR} (",
                link("make a complaint", REGULATOR_COMPLAINTS),
                f", telephone {REGULATOR_TELEPHONE}) if you are unhappy about how we process your information.",
                *_registered(controller.ico_registration),
            )
        ),
        Heading("Telling us about this page", "feedback"),
        *_feedback(content),
    ]
    return Section(9, "contact", "Contacting us about your data and updates", tuple(blocks))


def _registered(number: str) -> Line:
    return (f" Our registration there is {number}.",) if number else ()


def _feedback(content: NoticeContent) -> Iterator[Block]:
    yield text(
        "If you tell us what you think of this page, please don't include any personal or financial "
        "information, for example your National Insurance or credit card numbers. Feedback is monitored, but "
        "you won't receive a reply."
    )
    council = link(content.controller.title, content.controller.website)
    yield Paragraph(("In an emergency ring 999, or find the emergency contacts of ", council, "."))
