"""Whom somebody is looking for: fields, a record, or words as they are typed, read into what can be looked for.

What is typed is spelt as records are (A to Z, no apostrophes). It must never decide who may be found, nor keep or log
what was typed.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from almoner.intake.standardise.address_words import ABBREVIATIONS, STREET_TYPES, UNIT_WORDS
from almoner.intake.standardise.letters import fold_letter
from almoner.intake.standardise.name_words import ELIDED, TITLES
from almoner.kernel.errors import UsageError
from almoner.kernel.identifiers import POSTCODE_OUTWARD_PATTERN, nhs_number, nino, postcode, uln, upn, uprn
from almoner.single_view.dates import Born, read_born, take_born

LONGEST_TEXT = 200
"""Characters that are read."""
MOST_WORDS = 6
"""Words of a name that are looked for."""


@dataclass(frozen=True)
class Wanted:
    """Whom somebody is looking for, as typed.

    name: a name, or anything at all: 'jon smyth 12/03/1987 M14', 'NHS 999 123 4567', '12 moss lane'. number: of any
    kind that records hold. record: SOURCE/DATASET/RECORD, the record whose person is wanted.
    """

    name: str = ""
    date_of_birth: dt.date | Born | None = None
    postcode: str = ""
    address: str = ""
    number: str = ""
    sex: str = ""
    record: str = ""


@dataclass(frozen=True)
class Asked:
    """What is looked for, spelt as records are.

    words: of the name, forenames first. postcode: whole, or its first part. numbers: each written KIND:NUMBER, all that
    a typed number may be. house, flat, street: of the address. keys: what may be a source's own number of a record.
    """

    words: tuple[str, ...] = ()
    born: Born | None = None
    postcode: str = ""
    district: str = ""
    house: str = ""
    flat: str = ""
    street: str = ""
    numbers: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()
    sex: str = ""
    person_id: str = ""

    def says_enough(self) -> bool:
        """Whether it names somebody, rather than a street or a day."""
        place = bool(self.house and (self.street or self.postcode))
        return bool(
            any(len(word) > 1 for word in self.words)
            or self.numbers
            or self.keys
            or self.person_id
            or place
            or (self.born and self.born.day and self.postcode)
        )


def read_wanted(wanted: Wanted) -> Asked:
    """Read whom somebody is looking for.

    Raises: UsageError where it says too little to find one person by.
    """
    asked = read_words(wanted.name)
    born = wanted.date_of_birth
    if isinstance(born, dt.date):
        born = Born(born.year, born.month, born.day)
    house, flat, street = read_address(wanted.address)
    whole, district = _read_postcode(wanted.postcode)
    asked = replace(
        asked,
        born=born or asked.born,
        postcode=whole or asked.postcode,
        district=district or asked.district,
        house=house or asked.house,
        flat=flat or asked.flat,
        street=street or asked.street,
        numbers=tuple(dict.fromkeys([*read_number(wanted.number), *asked.numbers])),
        keys=(*([_compact(wanted.number)] if wanted.number.strip() else []), *asked.keys),
        sex=wanted.sex.strip().upper()[:1] or asked.sex,
    )
    if wanted.record.strip():
        asked = replace(asked, numbers=(_record_number(wanted.record), *asked.numbers))
    if not asked.says_enough():
        raise UsageError(
            "Say whom to look for.",
            why="A search without a name would list people.",
            todo="Give a name, with a date of birth or postcode where you know one; a number; or a house and street.",
        )
    return asked


def wanted_of(record: Mapping[str, object]) -> Wanted:
    """Look for the person of one record: a row with the names of standardised identity, such as forename, uprn.

    What the row leaves out is not looked for. A date of birth may be a date or text.
    """

    def said(*names: str) -> str:
        return " ".join(str(record[name]) for name in names if record.get(name) not in (None, ""))

    born = record.get("date_of_birth")
    if isinstance(born, dt.date):
        born = Born(born.year, 0, 0) if record.get("birth_year_only") else Born(born.year, born.month, born.day)
    numbers = (
        f"{kind}:{record[kind]}" for kind in ("nhs_number", "nino", "upn", "uln", "local_id") if record.get(kind)
    )
    return Wanted(
        name=f"{said('surname') or said('previous_surname')}, {said('forename', 'known_as')}".strip(", "),
        date_of_birth=read_born(born) if isinstance(born, str) else born,  # type: ignore[arg-type]
        postcode=said("postcode"),
        address=said("address"),
        number=" ".join(numbers),
        sex=said("sex"),
    )


def read_words(text: str) -> Asked:
    """Read what was typed: dates, postcodes, numbers and an address are taken out, and the rest is a name."""
    rest = " ".join(text[:LONGEST_TEXT].split())
    rest, born = take_born(rest)
    rest, numbers, keys, person_id = _take_numbers(rest.upper() if rest.isascii() else rest)
    rest, whole, district = _take_postcode(rest)
    rest, house, flat, street = _take_address(rest)
    words = name_words(rest)
    if numbers or keys or born:
        words = tuple(word for word in words if word not in _LABELS)
    return Asked(
        words[:MOST_WORDS], born, whole, district, house, flat, street, numbers, keys, person_id=person_id
    )  # fmt: skip


def name_words(text: str) -> tuple[str, ...]:
    """Give the words of a name, forenames first, as records spell them.

    'O'Brien, Siobhán' is SIOBHAN OBRIEN; titles are left out; hyphens part words.
    """
    family, comma, given = text.partition(",")
    spelt = _spelt(f"{given} {family}" if comma else text).split()
    if len(spelt) > 1 and spelt[0] in TITLES:
        spelt = spelt[1:]
    found: list[str] = []
    for word in spelt:
        last = found[-1] if found else ""
        if last == "MC" or (last in ELIDED and word in ELIDED[last]):
            found[-1] = last + word
        else:
            found.append(word)
    return tuple(found)


def read_address(text: str) -> tuple[str, str, str]:
    """Read an address. Out: house number, flat, street; empty where not said."""
    line = " ".join(_spelt(text, "0-9").split())
    flat = ""
    if found := re.search(rf"\b(?:{'|'.join(UNIT_WORDS)}) ([0-9]{{1,4}}[A-Z]?|[A-Z])\b", line):
        flat = found.group(1)
        line = (line[: found.start()] + " " + line[found.end() :]).strip()
    house, lettered, rest = "", "", line
    if found := re.search(r"\b([0-9]{1,4})([A-Z]?)\b", line):
        house, lettered, rest = found.group(1), found.group(2), line[found.end() :]
    words: list[str] = []
    for word in re.sub(r"[0-9]\S*", " ", rest).split():
        words.append(ABBREVIATIONS.get(word, word) if words else word)
        if words[-1] in STREET_TYPES and len(words) > 1:
            break
    return house, flat or lettered, " ".join(words)


def read_number(text: str) -> tuple[str, ...]:
    """Give all that a number may be, each written KIND:NUMBER."""
    kinds = {"nhs_number": nhs_number, "nino": nino, "upn": upn, "uln": uln, "uprn": uprn}
    found = [part for part in text.split() if part.split(":")[0] in (*kinds, "local_id", "record") and ":" in part]
    if found:
        return tuple(found)
    said = {kind: read(text) for kind, read in kinds.items()}
    numbers = [f"{kind}:{number}" for kind, number in said.items() if number]
    if (ni := said["nino"]) is not None:
        numbers += [f"nino:{ni[:8]}{end}" for end in ("", *"ABCD") if ni[:8] + end != ni]
    digits = re.sub(r"[^0-9]", "", text)
    if re.fullmatch(r"(?:44|0)[0-9]{9,10}", digits):
        numbers.append("phone:+44" + re.sub("^(?:44|0)", "", digits))
    if "@" in text:
        numbers.append(f"email:{text.strip().lower()}")
    return tuple(numbers)


# ── the parts ────────────────────────────────────────────────────────────────────────────────────────────────────

_LABELS = frozenset({"NHS", "NO", "NUMBER", "DOB", "BORN", "NINO", "NI", "UPN", "ULN", "UPRN", "TEL", "PHONE", "REF"})
"""What people write before a number or a date. A name only where there is neither."""
_POSTCODE = re.compile(r"\b([A-Z]{1,2}[0-9OIL][0-9A-Z]?) ?([0-9OIL][A-Z]{2})\b")
_DISTRICT = re.compile(rf"\b({POSTCODE_OUTWARD_PATTERN})(?: ([0-9]))?\b")
_PERSON = re.compile(r"\bP[0-9A-HJKMNP-TV-Z]{12}\b")
_EMAIL = re.compile(r"\S+@\S+")
_LETTERED = re.compile(r"\b(?=[A-Z/-]*[0-9])(?=[0-9/-]*[A-Z])[A-Z0-9][A-Z0-9/-]{4,}\b")
_LONG = re.compile(r"(?<![0-9A-Z])\+?[0-9](?:[ -]?[0-9]){5,14}(?![0-9A-Z])")
_NINO = re.compile(r"\b[A-Z]{2} ?[0-9]{2} ?[0-9]{2} ?[0-9]{2} ?[A-D]?\b")


def _spelt(text: str, keep: str = "") -> str:
    """Spell text in A to Z; apostrophes vanish, whatever else is no letter parts words."""
    bare = re.sub(r"['’‘ʼ`´]", "", text)
    letters = "".join(fold_letter(each) if each.isalpha() else each for each in bare)
    return re.sub(f"[^A-Z{keep}]+", " ", letters)


def _compact(text: str) -> str:
    return re.sub(r"\s+", "", text).upper()


def _record_number(record: str) -> str:
    """Write SOURCE/DATASET/RECORD as a number. Raises: UsageError."""
    parts = record.split("/", 2)
    if len(parts) != 3 or not all(parts):
        raise UsageError("A record is written SOURCE/DATASET/RECORD.", todo="Write it like housing/tenancies/T10.")
    return f"record:{parts[0]}.{parts[1]}/{parts[2].upper()}"


def _take_numbers(text: str) -> tuple[str, tuple[str, ...], tuple[str, ...], str]:
    numbers: list[str] = []
    keys: list[str] = []
    person_id = ""
    if found := _PERSON.search(text):
        person_id, text = found.group(), text.replace(found.group(), " ")
    for pattern in (_EMAIL, _NINO, _LONG, _LETTERED):
        for each in pattern.findall(text):
            if pattern is _LETTERED and postcode(each):
                continue
            known = read_number(each)
            if pattern is _NINO and not known:
                continue
            numbers += known
            if pattern in (_LONG, _LETTERED):
                keys.append(_compact(each))
            text = text.replace(each, " ")
    return text, tuple(numbers), tuple(keys), person_id


def _take_postcode(text: str) -> tuple[str, str, str]:
    upper = text.upper()
    for found in _POSTCODE.finditer(upper):
        if whole := postcode(found.group()):
            return text[: found.start()] + " " + text[found.end() :], whole, ""
    if district := _DISTRICT.search(upper):
        rest = text[: district.start()] + " " + text[district.end() :]
        return rest, "", " ".join(filter(None, district.groups()))
    return text, "", ""


def _read_postcode(text: str) -> tuple[str, str]:
    if whole := postcode(text):
        return whole, ""
    _, whole, district = _take_postcode(text)
    if text.strip() and not (whole or district):
        raise UsageError("That is no postcode.", todo="Write it like M14 7JR, or its first part, like M14.")
    return whole, district


def _take_address(text: str) -> tuple[str, str, str, str]:
    """Take a house and its street out of what was typed: from a flat or a house number to the end of the street."""
    upper = text.upper()
    units = "|".join(UNIT_WORDS)
    start = re.search(rf"\b(?:(?:{units}) ?(?:[0-9]{{1,4}}[A-Z]?|[A-Z])\b|[0-9]{{1,4}}[A-Z]?\b)", upper)
    if start is None:
        return text, "", "", ""
    types = "|".join([*STREET_TYPES, *ABBREVIATIONS])
    end = re.compile(rf"\b(?:{types})\b(?! (?:{types})\b)|,(?= *[A-Z])").search(upper, start.end() + 2)
    comma = end is not None and end.group() == ","
    if end is not None and comma and re.fullmatch(r"[ ,]*", upper[start.end() : end.start()]):
        end = re.compile(rf"\b(?:{types})\b").search(upper, end.end())
    stop = len(text) if end is None else end.end()
    house, flat, street = read_address(upper[start.start() : stop])
    return text[: start.start()] + " " + text[stop:], house, flat, street
