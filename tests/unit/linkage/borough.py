"""A small borough of invented people whose true identities are known, written down badly by eight services.

Families, twins, fathers and sons of one name, students who share, a care home, moves, marriages, slips,
default dates. It judges linkage in the tests and is no part of the product; its names come from no list of
real people.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random
from typing import Any

import pyarrow as pa

AS_OF = date(2026, 4, 30)

ORIGINS: tuple[tuple[float, str, str, str], ...] = (
    (
        0.6,
        "JOHN DAVID JAMES PETER MICHAEL THOMAS WILLIAM ROBERT DANIEL ANDREW STEPHEN MARK PAUL "
        "ADAM OLIVER GEORGE JACK HARRY SAMUEL BENJAMIN MATTHEW JOSEPH CHRISTOPHER ANTHONY LIAM "
        "RYAN CONNOR KYLE SCOTT LEE OWEN ALEXANDER",
        "MARY SARAH EMMA LAURA SUSAN MARGARET CATHERINE ELIZABETH JESSICA REBECCA RACHEL "
        "CHARLOTTE SOPHIE OLIVIA LUCY HANNAH AMY KAREN JULIE TRACEY HELEN JANE NICOLA CLAIRE "
        "VICTORIA HOLLY MEGAN CHLOE GRACE ALICE JOYCE",
        "SMITH JONES TAYLOR BROWN WILLIAMS WILSON DAVIES EVANS ROBERTS WALKER WRIGHT THOMPSON "
        "WHITE HUGHES EDWARDS GREEN HALL WOOD HARRIS CLARK JACKSON TURNER HILL SCOTT COOPER WARD "
        "MOORE CARTER PARKER BAKER LEE KING",
    ),
    (
        0.3,
        "MOHAMMED MUHAMMAD AHMED ALI HASSAN HUSSAIN IBRAHIM OMAR YUSUF BILAL HAMZA TARIQ IMRAN "
        "KHALID ASIF SAJID USMAN ABDUL RASHID ADEEL",
        "FATIMA AISHA ZAINAB KHADIJA MARYAM AMINA SAIMA NADIA SADIA RUBINA SAMINA NASREEN SHAZIA "
        "FARAH HALIMA ASMA SUMAYA IQRA LAILA NOOR",
        "KHAN AHMED ALI HUSSAIN MALIK AKHTAR BEGUM SHAH IQBAL MAHMOOD HUSSEIN RAHMAN MIAH CHAUDHRY BUTT QURESHI",
    ),
    (
        0.1,
        "EMEKA TUNDE KWAME ADEBAYO CHINEDU FEMI JAKUB PIOTR TOMASZ ANDREI MATEUSZ WEI",
        "NGOZI AMARA YETUNDE CHIOMA FOLASADE ANNA EWA MAGDALENA ELENA MEI LING KASIA",
        "OKAFOR ADEYEMI MENSAH OKONKWO BALOGUN NOWAK KOWALSKI WOJCIK POPESCU CHEN WANG LI",
    ),
)
SHORT = {
    "MICHAEL": "MIKE", "THOMAS": "TOM", "WILLIAM": "BILL", "ROBERT": "BOB", "DANIEL": "DAN", "ANDREW": "ANDY",
    "STEPHEN": "STEVE", "BENJAMIN": "BEN", "MATTHEW": "MATT", "JOSEPH": "JOE", "CHRISTOPHER": "CHRIS",
    "ANTHONY": "TONY", "ALEXANDER": "ALEX", "SAMUEL": "SAM", "MARGARET": "PEGGY", "CATHERINE": "KATE",
    "ELIZABETH": "LIZ", "JESSICA": "JESS", "REBECCA": "BECKY", "SUSAN": "SUE", "VICTORIA": "VICKY",
    "MOHAMMED": "MO", "MUHAMMAD": "MOHAMMAD", "FATIMA": "FATEMA", "AISHA": "AYESHA", "YUSUF": "YOUSUF",
}  # fmt: skip
STREETS = [
    "OAK",
    "ELM",
    "MILL",
    "CHURCH",
    "STATION",
    "PARK",
    "LIME",
    "HOLLY",
    "ASH",
    "BEECH",
    "QUEENS",
    "KINGS",
    "VICTORIA",
    "ALBERT",
    "HIGH",
    "NEW",
]
KINDS = ["STREET", "ROAD", "AVENUE", "GROVE", "CLOSE"]
SYLLABLES = [
    "BAR",
    "CAL",
    "DUN",
    "FAR",
    "GAL",
    "HEL",
    "KIR",
    "LOW",
    "MAR",
    "NOR",
    "PEN",
    "RAD",
    "SED",
    "TAL",
    "WIN",
    "YAR",
]
ENDINGS = ["TON", "LEY", "WICK", "FORD", "BY", "DEN", "STEAD", "WORTH"]


@dataclass
class Home:
    """An address."""

    uprn: str
    flat: str | None
    house_number: str
    street: str
    postcode: str


@dataclass
class Person:
    """Somebody, as they truly are."""

    number: int
    forename: str
    middle: str | None
    surname: str
    sex: str
    born: date
    home: Home
    maiden: str | None = None
    old_home: Home | None = None
    ids: dict[str, str] = field(default_factory=dict)

    @property
    def age(self) -> int:
        """Whole years at the as-of date, near enough."""
        return int((AS_OF - self.born).days / 365.25)


class Borough:
    """People and what services wrote about them. `rows` are mentions, `truth` says whose each record is."""

    def __init__(self, people: int, seed: int) -> None:
        self.random = Random(seed)
        self.people: list[Person] = []
        self.rows: list[dict[str, Any]] = []
        self.truth: dict[tuple[str, str], int] = {}
        self._homes = 0
        while len(self.people) < people:
            self._household()
        self._write()

    def table(self) -> pa.Table:
        """Give the mentions as linkage takes them."""
        dates = ("date_of_birth", "as_of", "starts_on", "event_on")
        types = {name: pa.date32() for name in dates} | {"row_id": pa.int64(), "snapshot_unique": pa.bool_()}
        names = list(self.rows[0])
        return pa.Table.from_pylist(self.rows, pa.schema([(name, types.get(name, pa.string())) for name in names]))

    # ── people ─────────────────────────────────────────────────────────────────────────────────────────

    def _home(self) -> Home:
        self._homes += 1
        row, place = divmod(self._homes, 12)
        street = f"{STREETS[row // 5 % len(STREETS)]} {KINDS[row % len(KINDS)]}"
        postcode = f"M{1 + row // 80 % 40} {1 + row % 9}{'ABDEFGHJLN'[row // 9 % 10]}{'PQRSTUWXYZ'[row // 90 % 10]}"
        flat = str(1 + place % 4) if row % 4 == 0 else None
        number = str(1 + 2 * (place // 4 if flat else place) + 40 * (row % 3))
        return Home(f"99{self._homes:010d}", flat, number, street, postcode)

    def _pick(self, words: str) -> str:
        names = words.split()
        return self.random.choices(names, [1 / (place + 6) for place in range(len(names))])[0]

    def _surname(self, origin: tuple[float, str, str, str]) -> str:
        if origin is ORIGINS[0] and self.random.random() < 0.6:
            return self.random.choice(SYLLABLES) + self.random.choice(SYLLABLES) + self.random.choice(ENDINGS)
        return self._pick(origin[3])

    def _born(self, low: int, high: int) -> date:
        return AS_OF - timedelta(days=self.random.randrange(int(low * 365.25), int(high * 365.25)))

    def _add(self, origin: Any, sex: str, surname: str, born: date, home: Home, forename: str | None = None) -> Person:
        names = origin[1] if sex == "M" else origin[2]
        forename = forename or self._pick(names)
        middle = self._pick(names) if self.random.random() < 0.5 else None
        person = Person(len(self.people), forename, middle, surname, sex, born, home)
        person.ids = {
            "nhs_number": f"9{len(self.people):09d}",
            "nino": f"AB{len(self.people):06d}C",
            "upn": f"A{len(self.people):012d}",
            "phone": f"+447{len(self.people):09d}",
        }
        if self.random.random() < 0.06:
            person.old_home = self._home()
        self.people.append(person)
        return person

    def _household(self) -> None:
        chance = self.random
        origin = chance.choices(ORIGINS, [each[0] for each in ORIGINS])[0]
        home, roll = self._home(), chance.random()
        if roll < 0.05:  # a house of students
            for _ in range(chance.randrange(3, 6)):
                each = chance.choice(ORIGINS)
                self._add(each, chance.choice("FM"), self._surname(each), self._born(18, 24), home)
            return
        if roll < 0.052:  # a care home
            for _ in range(25):
                self._add(origin, chance.choice("FFM"), self._surname(origin), self._born(75, 99), home)
            return
        surname = self._surname(origin)
        father_age = chance.randrange(22, 80)
        father = self._add(origin, "M", surname, self._born(father_age, father_age + 1), home)
        if roll < 0.25:
            return
        mother = self._add(origin, "F", surname, self._born(father_age - 3, father_age + 2), home)
        if chance.random() < 0.7:
            mother.maiden = self._surname(origin)
        for _ in range(chance.choice((0, 1, 2, 2, 3))):
            if father_age < 24:
                break
            age = chance.randrange(0, max(father_age - 21, 1))
            if age > 26:
                continue
            sex, born = chance.choice("FM"), self._born(age, age + 1)
            named_after = chance.random() < 0.05
            name = (father.forename if sex == "M" else mother.forename) if named_after else None
            self._add(origin, sex, surname, born, home, name)
            if chance.random() < 0.02:
                self._add(origin, chance.choice("FM"), surname, born, home)

    # ── what services write ────────────────────────────────────────────────────────────────────────────

    def _write(self) -> None:
        chance = self.random
        for person in self.people:
            child, adult = person.age < 16, person.age >= 18
            if chance.random() < 0.96:
                self._note("health.patients", person, "nhs_number", unique=True)
                if chance.random() < 0.01:
                    self._note("health.patients", person, "nhs_number", unique=True)
            if 4 <= person.age <= 16 and chance.random() < 0.95:
                self._note("education.roll", person, "upn", unique=True)
                self._note("education.attendance", person, "upn", place=False)
            if adult and chance.random() < 0.85:
                self._note("elections.register", person, unique=True, dob=0.0, middle="initial", uprn=0.95, sex=False)
            if adult and chance.random() < 0.55:
                self._note("revenues.council_tax", person, dob=0.27, middle="", title=True, initial=0.4, uprn=0.95)
            if adult and chance.random() < 0.18:
                self._note("benefits.awards", person, "nino", middle="")
            if chance.random() < 0.15:
                self._note(
                    "housing.tenancies",
                    person,
                    "nino" if adult else "",
                    dob=0.9,
                    middle="",
                    uprn=0.8,
                    sex=False,
                )
            if adult and chance.random() < 0.2:
                self._note("land.titles", person, dob=0.0, sex=False)
            if chance.random() < (0.04 if child else 0.1):
                self._note("police.incidents", person, dob=0.85, middle="", worse=2.5)
            if chance.random() < 0.06:
                for _ in range(chance.randrange(1, 4)):
                    self._note("care.events", person, "nhs_number", middle="", local=True)

    def _note(
        self, dataset: str, person: Person, number: str = "", *, unique: bool = False, dob: float = 0.985,
        middle: str = "full", title: bool = False, initial: float = 0.0, uprn: float = 0.0, sex: bool = True,
        place: bool = True, worse: float = 1.0, local: bool = False,
    ) -> None:  # fmt: skip
        chance = self.random
        record = f"{dataset[:2].upper()}{len(self.rows):07d}"
        names = self._names(person, worse)
        if chance.random() < initial:
            names["forename"] = names["forename"][:1]
        names["middle_names"] = {"full": person.middle, "initial": (person.middle or "")[:1] or None}.get(middle)
        if names["middle_names"] and chance.random() < 0.4:
            names["middle_names"] = None
        row: dict[str, Any] = {
            "dataset": dataset,
            "record_id": record,
            "row_id": len(self.rows) + 1,
            "source": dataset.split(".", maxsplit=1)[0],
            "as_of": AS_OF,
            "snapshot_unique": unique,
            "title": ("MR" if person.sex == "M" else "MRS" if person.maiden else "MISS") if title else None,
            **names,
            "date_of_birth": self._birthday(person, worse) if chance.random() < dob else None,
            "sex": None if not sex or title else person.sex if chance.random() > 0.004 else "FM"[person.sex == "F"],
            "local_id": f"{dataset}:{person.number}" if local else None,
            "phone": person.ids["phone"] if title and chance.random() < 0.4 else None,
            "starts_on": None,
            "event_on": None,
            **dict.fromkeys(("nhs_number", "nino", "upn")),
            **self._place(person, uprn, worse, place),
        }
        if number and chance.random() < 0.9:
            row[number] = person.ids[number]
        self.rows.append(row)
        self.truth[dataset, record] = person.number

    def _names(self, person: Person, worse: float) -> dict[str, Any]:
        chance = self.random
        forename, surname = person.forename, person.surname
        if chance.random() < 0.04:
            forename = SHORT.get(forename, forename)
        if person.maiden and chance.random() < 0.06:
            surname = person.maiden
        if chance.random() < 0.02 * worse:
            forename = self._slip(forename)
        if chance.random() < 0.02 * worse:
            surname = self._slip(surname)
        if chance.random() < 0.006 * worse:
            forename, surname = surname, forename
        return {"forename": forename, "surname": surname, "middle_names": None}

    def _slip(self, word: str) -> str:
        chance, place = self.random, self.random.randrange(len(word))
        kind = chance.randrange(4)
        if kind == 0 and len(word) > 3:
            return word[:place] + word[place + 1 :]
        if kind == 1:
            return word[:place] + chance.choice("AEIOURSTLNM") + word[place + 1 :]
        if kind == 2:
            return word[:place] + word[place] + word[place:]
        return word[:place] + word[place : place + 2][::-1] + word[place + 2 :]

    def _birthday(self, person: Person, worse: float) -> date:
        roll, born = self.random.random() / worse, person.born
        if roll < 0.006 and born.day <= 12:
            return date(born.year, born.day, born.month)
        if roll < 0.012:
            return date(born.year, 1, 1)
        if roll < 0.02:
            return date(born.year, born.month, 1 + (born.day + 9) % 28)
        if roll < 0.024 and born.year < 2015:
            return date(born.year + 10, born.month, min(born.day, 28))
        return date(1975, 10, 20) if roll < 0.027 else born

    def _place(self, person: Person, uprn: float, worse: float, known: bool) -> dict[str, Any]:
        chance = self.random
        home = person.old_home if person.old_home and chance.random() < 0.2 else person.home
        fields: dict[str, Any] = dict.fromkeys(("uprn", "address", "flat", "house_number", "street", "postcode"))
        if not known or chance.random() < 0.01:
            return fields
        street = self._slip(home.street) if chance.random() < 0.03 * worse else home.street
        fields |= {
            "uprn": home.uprn if chance.random() < uprn else None,
            "flat": None if chance.random() < 0.02 else home.flat,
            "house_number": home.house_number,
            "street": street,
            "postcode": None if chance.random() < 0.012 else home.postcode,
        }
        return fields
