"""What is shown of two records that are compared, and what decides besides their weight, in words.

For the command line and the pages alike. It holds no value: what records say comes from whoever asks, under a permit.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from almoner.wiring.explaining import SideBySide

SHOWN = (
    "title", "forename", "middle_names", "surname", "known_as", "previous_surname", "name_suffix", "date_of_birth",
    "sex", "nhs_number", "nino", "upn", "uln", "local_id", "uprn", "address", "flat", "house_number", "street",
    "postcode", "phone", "email", "starts_on", "event_on", "dead_on", "as_of",
)  # fmt: skip
"""What is shown of a record, in this order, where either record says it."""

FACTS = {
    "apart": "they are two rows of one register, two parties of one account, or decided to be different",
    "nhs_number": "they bear different NHS numbers",
    "nino": "they bear different National Insurance numbers",
    "upn": "they bear different pupil numbers",
    "birth": "their birthdays differ by more than a slip",
    "dates": "one was born after, or dead before, what is told of the other",
    "sex": "their sex differs, and no birthday or full name speaks for them",
    "forename": "their forenames differ, and no number speaks for them",
    "suffix": "their suffixes differ",
}
GRADES = {
    "firm": "firm evidence: a birthday or a number agrees, and the name does",
    "weak": "thin evidence: a name within an address, or a birthday without a full name",
    "number": "one of them names nobody and gives the other's own system's number",
    "none": "no evidence that may join two records by itself, whatever it weighs",
}
TITLES = {
    "title": "Title", "forename": "First name", "middle_names": "Middle names", "surname": "Surname",
    "known_as": "Known as", "previous_surname": "Previous surname", "name_suffix": "Suffix",
    "date_of_birth": "Date of birth", "sex": "Sex", "nhs_number": "NHS number", "nino": "National Insurance number",
    "upn": "Pupil number", "uln": "Learner number", "local_id": "Number in its own system", "uprn": "Property number",
    "address": "Address", "flat": "Flat", "house_number": "House number", "street": "Street", "postcode": "Postcode",
    "phone": "Telephone", "email": "Email", "starts_on": "From", "event_on": "Happened on", "dead_on": "Died on",
    "as_of": "As of",
}  # fmt: skip
"""What people call what is shown."""


def verdict_of(shown: SideBySide) -> list[str]:
    """Say in sentences why the two are joined, or are not."""
    pair = shown.pair
    said = ["They are one person." if shown.joined else "They are two people."]
    if pair.decided:
        return [*said, f"Somebody decided that they are {'the same' if pair.decided == 'same' else 'different'}."]
    if pair.by_rule:
        said.append("Their own system's number joins them, whatever they weigh.")
    if not pair.compared:
        crowd = f" ({', '.join(pair.crowded)} is shared by too many)" if pair.crowded else ""
        return [*said, f"A run never compares the two: they share nothing by which pairs are found{crowd}."]
    if pair.keys:
        said.append(f"They are compared because they share: {', '.join(pair.keys)}.")
    if pair.record_fact:
        said.append(f"A fact keeps the two records apart: {FACTS.get(pair.record_fact, pair.record_fact)}.")
    elif pair.person_fact and not shown.joined:
        said.append(f"A fact keeps their people apart: {FACTS.get(pair.person_fact, pair.person_fact)}.")
    said.append(f"It is {GRADES.get(pair.grade, pair.grade)}.")
    if not shown.joined and not pair.record_fact and not pair.person_fact:
        said.append("So it was not taken: it is below the threshold, or somebody else fits as well.")
    if shown.joined and pair.grade == "none":
        said.append("Other records of the person join the two.")
    return said


def said_of(record: dict[str, Any]) -> dict[str, Any]:
    """Give what a record says of who somebody is, leaving out what it does not say."""
    said = {name: record[name] for name in SHOWN if record.get(name) is not None}
    return {name: value.isoformat() if hasattr(value, "isoformat") else value for name, value in said.items()}


def against(shown: SideBySide) -> str:
    """Name the fact that speaks against a pair, for whoever decides blind; '' where none does."""
    fact = shown.pair.record_fact
    return FACTS.get(fact, fact) if fact and fact != "apart" else ""
