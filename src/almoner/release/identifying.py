"""Recognises columns by which a person could be named: by category, by their heading, by what their values look like.

Says the column and what it seems to be, never a value, and not how many.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from almoner.kernel import identifiers

_HEADINGS = {
    "a name": {
        "forename",
        "surname",
        "firstname",
        "lastname",
        "middlename",
        "fullname",
        "familyname",
        "knownas",
        "name",
    },
    "an NHS number": {"nhs", "nhsnumber", "nhsno"},
    "a National Insurance number": {"nino", "ninumber", "nationalinsurance"},
    "a pupil or learner number": {"upn", "uln", "pupilnumber", "learnernumber"},
    "a property's number": {"uprn"},
    "an address": {"address", "postcode", "street", "housenumber"},
    "a date of birth": {"dob", "dateofbirth", "birthdate", "born"},
    "a way to reach somebody": {"phone", "telephone", "mobile", "email", "emailaddress", "phonenumber"},
    "a person's number": {
        "personid",
        "personref",
        "personnumber",
        "id",
        "clientid",
        "pupilid",
        "patientid",
        "recordid",
    },
}
_LONG_NUMBER = re.compile(r"\+?[0-9][0-9 ]{6,}[0-9]")
_NINO = re.compile(r"[A-Za-z]{2} ?\d{2} ?\d{2} ?\d{2} ?[A-Da-d]?")
_FULL_DATE = re.compile(r"\d{1,4}[-/. ](\d{1,2}|[A-Za-z]{3,9})[-/. ]\d{1,4}([T ].*)?")


def _matches(pattern: re.Pattern[str]) -> Callable[[str], object]:
    return pattern.fullmatch


_VALUES: tuple[tuple[str, Callable[[str], object]], ...] = (
    ("an NHS number", identifiers.nhs_number),
    ("a National Insurance number", _matches(_NINO)),
    ("a pupil number", identifiers.upn),
    ("a postcode", identifiers.postcode),
    ("a full date, as of birth", _matches(_FULL_DATE)),
    ("a number such as a person, a home or a telephone has", _matches(_LONG_NUMBER)),
    ("an e-mail address", lambda text: "@" in text),
)


def seems_to_be(heading: str, values: Sequence[str]) -> str:
    """Say what identifies in a column; nothing if it seems to identify nobody."""
    words = [word for word in re.split(r"[^a-z0-9]+", heading.casefold()) if word]
    joined = {"".join(words), *words} - ({"name", "id", "street", "born"} if len(words) > 1 else set())
    for what, known in _HEADINGS.items():
        if known & joined:
            return what
    different = set(values)
    return next((what for what, looks in _VALUES if any(looks(value) for value in different)), "")
