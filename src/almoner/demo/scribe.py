"""Why: writes people down the way one service does: with its own habits, delays, blanks and slips.

What a record says depends on the record's number and on what is true, never on the month alone: a slip made
in March stands in April. Must never write to a file.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from almoner.demo import errors
from almoner.demo.addresses import STYLES
from almoner.demo.chance import Chance, Days, Flags, Ints, Text, blank_where, choices, either
from almoner.demo.months import MONTHS
from almoner.demo.people import ETHNIC_GROUPS
from almoner.demo.town import Town


@dataclass(frozen=True)
class Habits:
    """How well a service keeps its records: shares of records, from 0 to 1."""

    typo: float = 0.012
    spelling: float = 0.03
    nickname: float = 0.04
    initial: float = 0.0
    maiden: float = 0.02
    swapped_names: float = 0.003
    no_birth: float = 0.01
    misdated: float = 0.012
    placeholder: float = 0.004
    no_number: float = 0.06
    misnumbered: float = 0.006
    wrong_sex: float = 0.003
    no_ethnicity: float = 0.08
    no_postcode: float = 0.015
    odd_postcode: float = 0.05
    no_uprn: float = 0.1
    no_phone: float = 0.35
    stale: float = 0.06
    """Share still at the address before the present one."""
    late: float = 0.3
    """Share of April's changes that the service has not heard of by the end of April."""
    styles: tuple[str, ...] = ("full", "full", "full", "short", "flat_last", "with_town", "comma")
    upper: bool = False


class Scribe:
    """The clerk of one dataset. `who` is people by number, `ids` the records' own numbers."""

    def __init__(self, town: Town, label: str, habits: Habits | None = None) -> None:
        self.town = town
        self.people = town.people
        self.habits = habits or Habits()
        self.chance: Chance = town.chance(label)
        self.opened: Flags | None = None
        """Which records, by number, were opened in the second month: they say what is true then."""

    def reference(self, ids: Ints, prefix: str, digits: int = 7) -> Text:
        """Give each record a reference that shows nothing of its number."""
        numbers = self.chance.shuffled(ids, f"reference {prefix}", digits)
        return choices([f"{prefix}{n:0{digits}d}" for n in numbers.tolist()])

    def heard(self, ids: Ints, month: int) -> Flags:
        """Say which records know of the changes of the second month."""
        in_time = ~self.chance.happens(ids, "late", self.habits.late)
        if self.opened is not None:
            in_time |= self.opened[ids]
        return np.full(len(ids), month == 1) & in_time

    def held(self, first: Flags, second: Flags, ids: Ints, month: int) -> Flags:
        """Say which records a snapshot holds: who has gone stays until the service hears of it."""
        return first if month == 0 else second | (first & ~self.heard(ids, 1))

    def _slip(self, values: Text, ids: Ints, salt: str, rate: float, slip: object) -> Text:
        rows = self.chance.happens(ids, f"{salt}?", rate)
        return errors.change(values, self.chance.bits(ids, salt), rows, slip)

    def _cased(self, values: Text) -> Text:
        return choices([v.upper() if v else v for v in values]) if self.habits.upper else values

    def forename(self, who: Ints, ids: Ints) -> Text:
        """Write forenames: nicknames, initials, other spellings, slips."""
        habits, name = self.habits, self.people.forename[who]
        called = self.people.known_as[who]
        use_called = self.chance.happens(ids, "called", habits.nickname * 4) & (called.astype(bool))
        name = np.where(use_called, called, name).astype(object)
        name = self._slip(name, ids, "nickname", habits.nickname, errors.shorten)
        name = self._slip(name, ids, "spelling", habits.spelling * 4, errors.spell_otherwise)
        name = self._slip(name, ids, "forename typo", habits.typo, errors.mistype)
        name = self._slip(name, ids, "initial", habits.initial, lambda v, _: v[0])
        swapped = self.chance.happens(ids, "swapped names", habits.swapped_names)
        return self._cased(np.where(swapped, self.people.surname[0][who], name).astype(object))

    def surname(self, who: Ints, ids: Ints, month: int) -> Text:
        """Write surnames: those of birth kept too long, new ones not heard of, parts lost, slips."""
        habits, people = self.habits, self.people
        name = np.where(self.heard(ids, month), people.surname[1][who], people.surname[0][who])
        maiden = self.chance.happens(ids, "maiden", habits.maiden)
        name = np.where(maiden, people.birth_surname[who], name).astype(object)
        name = self._slip(name, ids, "recombine", 0.25, errors.recombine)
        name = self._slip(name, ids, "surname spelling", habits.spelling * 2, errors.spell_otherwise)
        name = self._slip(name, ids, "surname typo", habits.typo, errors.mistype)
        swapped = self.chance.happens(ids, "swapped names", habits.swapped_names)
        return self._cased(np.where(swapped, people.forename[who], name).astype(object))

    def middle(self, who: Ints, ids: Ints, *, initial: float = 0.2, blank: float = 0.3) -> Text:
        """Write middle names, or their first letter, or none."""
        name = self._slip(self.people.middle[who], ids, "middle initial", initial, lambda v, _: v[0])
        return self._cased(blank_where(name, self.chance.happens(ids, "no middle", blank)))

    def known_as(self, who: Ints, ids: Ints) -> Text:
        """Write the name that somebody goes by, where the service asks."""
        return blank_where(self.people.known_as[who], self.chance.happens(ids, "no known as", 0.3))

    def previous_surname(self, who: Ints, ids: Ints, month: int) -> Text:
        """Write the surname of birth where it is another than today's."""
        same = self.people.birth_surname[who] == self.people.surname[month][who]
        return blank_where(self.people.birth_surname[who], same | self.chance.happens(ids, "no previous", 0.35))

    def title(self, who: Ints, month: int) -> Text:
        """Write titles."""
        return self._cased(self.people.title(month)[who])

    def born(self, who: Ints, ids: Ints) -> Days:
        """Write dates of birth: blanks, placeholders, swapped and wrong ones."""
        habits, days = self.habits, self.people.born[who]
        wrong = self.chance.happens(ids, "misdated", habits.misdated)
        days = np.where(wrong, errors.misdate(days, self.chance.whole(ids, "how misdated", 4)), days)
        index = self.chance.whole(ids, "placeholder", len(errors.PLACEHOLDER_DATES))
        invented = self.chance.happens(ids, "placeholder?", habits.placeholder)
        days = np.where(invented, np.array(errors.PLACEHOLDER_DATES)[index], days)
        days[self.chance.happens(ids, "no birth", habits.no_birth)] = np.datetime64("NaT")
        return days

    def sex(self, who: Ints, ids: Ints, codes: tuple[str, str, str]) -> Text:
        """Write sex in the service's codes for female, male and not known."""
        female = self.people.female[who] ^ self.chance.happens(ids, "wrong sex", self.habits.wrong_sex)
        unknown = self.chance.happens(ids, "no sex", 0.01)
        return choices(list(codes))[np.where(unknown, 2, np.where(female, 0, 1))]

    def ethnicity(self, who: Ints, ids: Ints, codes: dict[str, str], refused: str | None = None) -> Text:
        """Write ethnicity in the service's own codes."""
        coded = choices([codes[group] for group in ETHNIC_GROUPS])
        where = {group: i for i, group in enumerate(ETHNIC_GROUPS)}
        own = coded[np.array([where[group] for group in self.people.ethnic[who]], dtype=np.int64)]
        blank = self.chance.happens(ids, "no ethnicity", self.habits.no_ethnicity)
        return either(blank, refused, own)

    def number(self, kind: str, who: Ints, ids: Ints, *, missing: float | None = None) -> Text:
        """Write an official number ('nhs', 'nino', 'upn', 'uln'), or a blank, or one with two digits
        exchanged.
        """
        rate = self.habits.no_number if missing is None else missing
        value = self._slip(
            getattr(self.people, kind)[who], ids, f"wrong {kind}", self.habits.misnumbered, errors.misnumber
        )
        return blank_where(value, self.chance.happens(ids, f"no {kind}", rate))

    def home(self, who: Ints, ids: Ints, month: int) -> Ints:
        """Say at which dwelling the service believes people live."""
        people = self.people
        home = np.where(self.heard(ids, month), people.home[1][who], people.home[0][who])
        stale = self.chance.happens(ids, "stale", self.habits.stale) & (people.prior_home[who] >= 0)
        return np.where(stale & ~people.looked_after[0][who], people.prior_home[who], home)

    def address(self, homes: Ints, ids: Ints) -> Text:
        """Write addresses on one line, each record in its own style."""
        styles = self.habits.styles
        tables = {style: self.town.dwellings.written(style) for style in set(styles)}
        assert set(styles) <= set(STYLES)
        chosen = self.chance.whole(ids, "style", len(styles))
        out = np.empty(len(homes), dtype=object)
        for number, style in enumerate(styles):
            rows = chosen == number
            out[rows] = tables[style][homes[rows]]
        out = self._slip(out, ids, "address typo", self.habits.typo, errors.mistype)
        return self._cased(out)

    def postcode(self, homes: Ints, ids: Ints) -> Text:
        """Write postcodes, some of them badly, some not at all."""
        value = self._slip(self.town.dwellings.postcode[homes], ids, "postcode", self.habits.odd_postcode,
                           errors.respace_postcode)  # fmt: skip
        return blank_where(value, self.chance.happens(ids, "no postcode", self.habits.no_postcode))

    def uprn(self, homes: Ints, ids: Ints) -> Text:
        """Write property numbers where the service has them."""
        return blank_where(self.town.dwellings.uprn[homes], self.chance.happens(ids, "no uprn", self.habits.no_uprn))

    def phone(self, who: Ints, ids: Ints) -> Text:
        """Write telephone numbers in various ways."""
        value = self._slip(self.people.phone[who], ids, "phone", 0.5, errors.respace_phone)
        return blank_where(value, self.chance.happens(ids, "no phone", self.habits.no_phone))

    def email(self, who: Ints, ids: Ints) -> Text:
        """Write e-mail addresses of adults, where the service has them."""
        minor = self.people.age(0)[who] < 16
        return blank_where(self.people.email[who], minor | self.chance.happens(ids, "no email", 0.5))

    def worker(self, ids: Ints, salt: str = "worker") -> Text:
        """Name the professional."""
        return self.chance.pick(ids, salt, list(self.town.workers))

    def back_from(self, ids: Ints, salt: str, month: int, days: int) -> Days:
        """Give a day within so many days up to a month's end."""
        last = MONTHS[month].last
        return self.chance.day(ids, salt, last - np.timedelta64(days, "D"), last)


def written(days: Days, form: str) -> Text:
    """Write days as text in a strftime form; a missing day is blank."""
    return choices(pl.Series(days).dt.strftime(form).to_list())


def yes(flags: Flags, true: str | None = "Y", false: str | None = "N") -> Text:
    """Write a flag."""
    return either(flags, true, false)


def money(amounts: np.ndarray) -> Text:
    """Write amounts with two decimals."""
    return choices([f"{amount:.2f}" for amount in amounts.tolist()])
