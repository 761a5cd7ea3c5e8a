"""Whose data it is, and who else may be named in it: what finding and sparing a name needs to know of either.

Everything is kept in the one spelling of `patterns.folded`. It must never leave the process that gathers.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field

from almoner.requests.subject_access.patterns import compact, folded, phone, words_in

LEAST_LETTERS = 2
"""A shorter part of a name is an initial: alone it names nobody."""


@dataclass
class Subject:
    """The person themselves: nothing of this is ever redacted."""

    forenames: set[str] = field(default_factory=set)
    surnames: set[str] = field(default_factory=set)
    births: set[str] = field(default_factory=set)
    numbers: set[str] = field(default_factory=set)
    phones: set[str] = field(default_factory=set)
    emails: set[str] = field(default_factory=set)
    postcodes: set[str] = field(default_factory=set)
    homes: set[tuple[str, str]] = field(default_factory=set)
    """House number and first word of the street."""
    sexes: set[str] = field(default_factory=set)

    @property
    def names(self) -> set[str]:
        """Every part of every name."""
        return self.forenames | self.surnames

    def add_names(self, forenames: Iterable[str | None], surnames: Iterable[str | None]) -> None:
        """Take names that a record gives them."""
        self.forenames |= parts(forenames)
        self.surnames |= parts(surnames)

    def add_number(self, text: str | None) -> None:
        """Take a number of theirs."""
        if text:
            self.numbers.add(compact(text.partition(":")[2] or text))
            self.numbers.add(compact(text))

    def add_reach(self, telephone: str | None, email: str | None, postcode: str | None) -> None:
        """Take how they are reached."""
        if telephone:
            self.phones.add(phone(telephone))
        if email:
            self.emails.add(email.lower())
        if postcode:
            self.postcodes.add(compact(postcode))

    def add_home(self, number: str | None, street: str | None) -> None:
        """Take an address of theirs."""
        if home := home_of(number, street):
            self.homes.add(home)


@dataclass
class Others:
    """Everybody else who is near them or stands in the same rows."""

    pairs: dict[str, set[str]] = field(default_factory=dict)
    """Surname part → forename parts of those who bear it."""
    forenames: set[str] = field(default_factory=set)
    surnames: set[str] = field(default_factory=set)
    births: set[str] = field(default_factory=set)
    numbers: set[str] = field(default_factory=set)
    postcodes: set[str] = field(default_factory=set)
    homes: set[tuple[str, str]] = field(default_factory=set)
    people: int = 0

    def add_person(self, forename: str | None, surname: str | None, born: dt.date | str | None = None) -> None:
        """Take somebody."""
        first, last = parts([forename]), parts([surname])
        self.people += 1
        self.forenames |= first
        self.surnames |= last
        for name in last:
            self.pairs.setdefault(name, set()).update(first)
        if born:
            self.births.add(born if isinstance(born, str) else born.isoformat())

    def add_home(self, number: str | None, street: str | None, postcode: str | None) -> None:
        """Take where somebody lives or lived."""
        if home := home_of(number, street):
            self.homes.add(home)
        if postcode:
            self.postcodes.add(compact(postcode))

    def add_number(self, text: str | None) -> None:
        """Take a number of somebody's."""
        if text and any(each.isdigit() for each in text) and len(compact(text)) > 3:
            self.numbers.add(compact(text))

    def without(self, subject: Subject) -> Others:
        """Give them without what is the person's as well: a name that both bear does not tell them apart."""
        return Others(
            self.pairs, self.forenames - subject.names, self.surnames - subject.names, self.births - subject.births,
            self.numbers - subject.numbers, self.postcodes - subject.postcodes, self.homes - subject.homes, self.people,
        )  # fmt: skip


def parts(names: Iterable[str | None]) -> set[str]:
    """Give the parts of names: of a double name, each."""
    return {word for name in names if name for word, *_ in words_in(name) if len(word) >= LEAST_LETTERS}


def home_of(number: str | None, street: str | None) -> tuple[str, str] | None:
    """Give a house and the first word of its street."""
    words = words_in(street or "")
    return (folded(number), words[0][0]) if number and words else None


def split_name(full: str, order: str) -> tuple[str, str]:
    """Split a whole name into forename and surname, as its column says it is written."""
    words = [word for word in full.replace(".", " ").split() if folded(word) not in _TITLES]
    surname, comma, rest = " ".join(words).partition(",")
    if comma:
        return rest.strip(), surname.strip()
    if order in ("surname_comma", "surname_first"):
        return " ".join(words[1:]), words[0] if words else ""
    if order == "surname_forename":
        return words[-1] if words else "", " ".join(words[:-1])
    return " ".join(words[:-1]), words[-1] if words else ""


_TITLES = {"mr", "mrs", "ms", "miss", "mx", "dr", "prof", "rev", "sir", "lady", "master"}
