"""SQL that folds rows of facts to as few as will do for counting: one scan answers every question of a group.

What lasts (residents, involvements) counts where people live, and everybody lives in one place: there, people are
counted at once and added up over areas. Events and values may lie in several places: whoever has all of theirs in one
is counted at once too; only those who move about stay apart until each geography has counted them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from almoner.counting.asks import Ask, asked_step
from almoner.counting.cuts import CutSql, cut_sql
from almoner.counting.levels import Levels
from almoner.counting.plans import RESIDENT, Reads, content_name, date_literal, merged, one_of, quoted
from almoner.kernel.steps import Step

_NAME_OF = {"involvement": "service", "event": "kind", "attribute": "name"}
_DETAIL_OF = {"involvement": "detail", "event": "detail", "attribute": "value"}
_DAY_OF = {"event": "happened_on", "attribute": "as_of"}

INVOLVEMENT = "fact.involvement"

Group = Sequence[tuple[int, Ask]]


def survey_columns(fact: str) -> tuple[str, str]:
    """Give the view of a fact, and its column that holds what the registry calls `names`."""
    return f"fact.{fact}", _NAME_OF[fact]


@dataclass(frozen=True)
class Folded:
    """A step of folded rows. additive: `people` are counted already; else person_ref tells them apart.

    Columns: ask, span, cut, left_out, people and contributors or person_ref, records, amount, a code per geography.
    """

    steps: tuple[Step, ...]
    numbers: tuple[int, ...]
    additive: bool

    @property
    def name(self) -> str:
        """Name the step of the rows."""
        return self.steps[-1].name

    def by_rows(self, asks: Sequence[Ask]) -> bool:
        """Say whether all questions count rows."""
        return not any(asks[number].by_person or asks[number].by_household for number in self.numbers)

    def mixed(self, asks: Sequence[Ask]) -> bool:
        """Say whether some questions count rows, and some people."""
        return len({asks[number].by_person or asks[number].by_household for number in self.numbers}) > 1


def folded_steps(group: Group, levels: Levels) -> tuple[list[Folded], Reads]:
    """Fold the rows that a group of alike questions is about."""
    _, first = group[0]
    asked = asked_step(group)
    maker, numbers = _Maker(group, levels, asked), tuple(number for number, _ in group)
    if first.count.fact in ("residents", "households"):
        steps, reads = maker.households() if first.by_household else maker.residents()
    elif first.count.fact == "involvement":
        steps, reads = maker.involvements()
    elif first.count.fact == "event":
        return maker.events(numbers)
    else:
        steps, reads = maker.attributes()
    if not first.by_household and first.count.fact in ("residents", "involvement"):
        return [Folded((asked, *steps), numbers, True)], reads
    return maker.apart((asked, *steps), numbers), reads


def _settled_or_moving(who: str, movers: Step) -> tuple[str, str]:
    named = f"SELECT m.person_ref FROM {movers.name} AS m"
    return f"({who} IS NULL OR {who} NOT IN ({named}))", f"{who} IN ({named})"


class _Maker:
    """Writes the SQL of one group: f is the fact, r the resident, k what is asked."""

    def __init__(self, group: Group, levels: Levels, asked: Step) -> None:
        self.asks = [ask for _, ask in group]
        self.first, self.asked, self.asked_step = self.asks[0], asked.name, asked
        self.fact = self.first.count.fact
        self.columns = [geography.postcode_column for geography in levels.all()]
        self.at = [(f"at_{geography.name}", geography.postcode_column) for geography in levels.all()]
        self.aged = any(ask.count.ages is not None for ask in self.asks)
        self.cut: CutSql = cut_sql(group, "p.person_ref" if self.fact == "involvement" else "f.person_ref")
        if self.fact in ("residents", "households"):
            self.cut = cut_sql(group, "r.person_ref")

    # ── parts ────────────────────────────────────────────────────────────────────────────────────────────────────

    def _step(self, prefix: str, sql: str, *people: str) -> Step:
        columns = ("ask", "span", "cut", "left_out", *people, "records", "amount", *(name for name, _ in self.at))
        words = f"what is counted of {self.fact}, folded"
        return Step(content_name(prefix, sql, self.asked), words, sql, columns, keep=True)

    def apart(self, steps: tuple[Step, ...], numbers: tuple[int, ...]) -> list[Folded]:
        """Part rows that are folded already: people in one place are counted, those in several stay apart."""
        rows = steps[-1].name
        movers = self._movers(rows, "person_ref", [quoted(name) for name, _ in self.at])
        keys = ("ask", "span", "cut", "left_out", "person_ref", "records", "amount")
        shown = ", ".join([*keys, *(quoted(name) for name, _ in self.at)])
        folds = [f"SELECT {shown} FROM {rows} WHERE {which}" for which in _settled_or_moving("person_ref", movers)]
        return self._parted((*steps, movers), numbers, *folds)

    def _movers(self, source: str, who: str, codes: Sequence[str]) -> Step:
        several = " OR ".join(f"MIN({c}) <> MAX({c}) OR COUNT({c}) NOT IN (0, COUNT(*))" for c in codes)
        sql = f"SELECT {who} AS person_ref FROM {source} WHERE {who} IS NOT NULL GROUP BY 1 HAVING {several}"
        return Step(content_name("movers", sql), "who is in several places", sql, ("person_ref",), keep=True)

    def _parted(
        self, steps: tuple[Step, ...], numbers: tuple[int, ...], settled: str, moving: str
    ) -> list[Folded]:  # fmt: skip
        """Count those who are in one place. In: the folded rows of these, and of all others."""
        codes = [quoted(name) for name, _ in self.at]
        keys = ["ask", "span", "cut", "left_out"]
        sql = (
            f"SELECT {', '.join(keys)}, COUNT(person_ref) AS people,"
            f" COUNT(person_ref) + SUM(CASE WHEN person_ref IS NULL THEN records ELSE 0 END) AS contributors,"
            f" SUM(records) AS records, SUM(amount) AS amount, {', '.join(codes)}\n"
            f"FROM (\n{settled}\n) AS n GROUP BY {', '.join([*keys, *codes])}"
        )
        counted = self._step("settled", sql, "people", "contributors")
        apart = self._step("moving", moving, "person_ref")
        return [Folded((*steps, each), numbers, each is counted) for each in (counted, apart)]

    def _resident_reads(self, *, places: bool, households: bool = False) -> Reads:
        columns = ["person_ref", *(["household_ref"] if households or self.first.by_household else [])]
        columns += ["age"] if self.aged or "age" in self.cut.columns else []
        columns += ["sex"] if "sex" in self.cut.columns else []
        return {RESIDENT: (*columns, *(self.columns if places else ()))}

    def _fits(self) -> str:
        if not self.aged:
            return "TRUE"
        return "(k.youngest IS NULL OR r.age IS NULL OR r.age BETWEEN k.youngest AND k.oldest)"

    def _left_out(self, day: str | None = None, amount: str | None = None, household: str | None = None) -> str:
        """Write the reason for which a row can't be counted anywhere, NULL if it can."""
        reasons = []
        if self.aged:
            reasons.append("WHEN k.youngest IS NOT NULL AND r.age IS NULL THEN 'age_unknown'")
        if day is not None and any(ask.dated for ask in self.asks):
            reasons.append(f"WHEN k.dated AND {day} IS NULL THEN 'undated'")
        if amount is not None and any(ask.measured for ask in self.asks):
            reasons.append(f"WHEN k.measured AND {amount} IS NULL THEN 'no_value'")
        if household is not None and self.first.by_household:
            reasons.append(f"WHEN {household} IS NULL THEN 'no_household'")
        return f"CASE {' '.join(reasons)} END" if reasons else "CAST(NULL AS VARCHAR)"

    def _person(self, person: str) -> str:
        """Write who is told apart: households, or people."""
        return f"COALESCE(r.household_ref, {person})" if self.first.by_household else person

    def _places(self, where: str) -> str:
        return ", ".join(f"{where.format(quoted(column))} AS {quoted(name)}" for name, column in self.at)

    def _keys(self, count: int) -> str:
        return ", ".join(str(position) for position in range(1, count + 1))

    def _place_keys(self, first: int = 8) -> str:
        """Give the positions of the codes of areas among the columns of a folded step of rows by person."""
        return ", ".join(str(first + number) for number in range(len(self.at)))

    def _matches(self) -> str:
        """Write which rows of a fact answer which question."""
        name = f"f.{_NAME_OF[self.fact]}"
        conditions = [f"k.name = {name}"] if self.first.count.names else ["k.name IS NULL"]
        if any(ask.count.details for ask in self.asks):
            conditions.append(f"(k.detail IS NULL OR k.detail = f.{_DETAIL_OF[self.fact]})")
        return " AND ".join(conditions)

    def _named(self) -> str:
        names = dict.fromkeys(name for ask in self.asks for name in ask.count.names)
        return one_of(f"f.{_NAME_OF[self.fact]}", tuple(names))

    def _among(self, person: str) -> str:
        """Write that a person must be involved with something else too, on the last day that is asked about."""
        among = self.first.count.among
        if among is None:
            return "TRUE"
        day = date_literal(max(span.ends_on for ask in self.asks for span in ask.spans))
        return (
            f"{person} IN (SELECT m.person_ref FROM {quoted(INVOLVEMENT)} AS m"
            f" WHERE {one_of('m.service', among.services)} AND (m.starts_on IS NULL OR m.starts_on <= {day})"
            f" AND (m.ends_on IS NULL OR m.ends_on > {day}))"
        )

    def _among_reads(self) -> Reads:
        columns = ("person_ref", "service", "starts_on", "ends_on")
        return {} if self.first.count.among is None else {INVOLVEMENT: columns}

    def _fact_reads(self, *more: str) -> Reads:
        detail = [_DETAIL_OF[self.fact]] if any(ask.count.details for ask in self.asks) else []
        return {f"fact.{self.fact}": tuple(dict.fromkeys(("person_ref", _NAME_OF[self.fact], *detail, *more)))}

    def _chosen(self, columns: Sequence[str], condition: str) -> Step:
        """Lay out the rows that any question is about: joined to people once, before each question meets them."""
        shown = ", ".join(f"f.{quoted(column)}" for column in columns)
        view = quoted(f"fact.{self.fact}")
        sql = f"SELECT {shown} FROM {view} AS f WHERE {self._named()} AND {condition}"
        return Step(
            content_name("chosen", sql), f"the rows of {self.fact} that are asked about", sql, tuple(columns), True
        )

    def _first_day(self) -> str:
        return date_literal(min(span.starts_on for ask in self.asks for span in ask.spans))

    def _last_day(self) -> str:
        return date_literal(max(span.ends_on for ask in self.asks for span in ask.spans))

    # ── kinds of facts ───────────────────────────────────────────────────────────────────────────────────────────

    def residents(self) -> tuple[list[Step], Reads]:
        """Fold residents to how many there are of each age, sex and place, and ask these."""
        keys = [*(["age"] if self.aged or "age" in self.cut.columns else []), *self.columns]
        keys += ["sex"] if "sex" in self.cut.columns else []
        shown = ", ".join(f"r.{quoted(key)}" for key in keys)
        source = (
            f"SELECT {shown}, COUNT(*) AS people FROM {quoted(RESIDENT)} AS r"
            f" WHERE {self._among('r.person_ref')} GROUP BY {self._keys(len(keys))}"
        )
        if self.cut.joins:  # a code that records state goes by person
            return self._residents_one_by_one()
        sql = (
            f"SELECT k.ask, k.span, {self.cut.expression} AS cut, {self._left_out()} AS left_out,"
            f" SUM(r.people) AS people, SUM(r.people) AS contributors, SUM(r.people) AS records,"
            f" CAST(NULL AS DOUBLE) AS amount,"
            f" {self._places('r.{}')}\n"
            f"FROM (\n  {source}\n) AS r JOIN {self.asked} AS k ON {self._fits()}\n"
            f"GROUP BY 1, 2, 3, 4, {self._place_keys(9)}"
        )
        known = ("person_ref",) if self.first.count.among is not None else ()
        reads = merged([{RESIDENT: (*known, *keys)}, self._among_reads()])
        return [self._step("folded_residents", sql, "people", "contributors")], reads

    def _residents_one_by_one(self) -> tuple[list[Step], Reads]:
        sql = (
            f"SELECT k.ask, k.span, {self.cut.expression} AS cut, {self._left_out()} AS left_out,"
            f" COUNT(*) AS people, COUNT(*) AS contributors, COUNT(*) AS records, CAST(NULL AS DOUBLE) AS amount,"
            f" {self._places('r.{}')}\n"
            f"FROM {quoted(RESIDENT)} AS r JOIN {self.asked} AS k ON {self._fits()}{self.cut.joins}\n"
            f"WHERE {self._among('r.person_ref')} GROUP BY 1, 2, 3, 4, {self._place_keys(9)}"
        )
        reads = merged([self._resident_reads(places=True), self._among_reads()])
        return [self._step("folded_residents", sql, "people", "contributors")], reads

    def households(self) -> tuple[list[Step], Reads]:
        """Fold residents to their households."""
        sized, fits = "", self._fits()
        size = self.first.count.size
        if size is not None:
            least, most = map(int, size.split("-"))
            sized = (
                f"\nLEFT JOIN (SELECT household_ref, COUNT(*) AS people FROM {quoted(RESIDENT)}"
                f" WHERE household_ref IS NOT NULL GROUP BY household_ref) AS z ON z.household_ref = r.household_ref"
            )
            fits += f" AND (r.household_ref IS NULL OR z.people BETWEEN {least} AND {most})"
        sql = (
            f"SELECT k.ask, k.span, {self.cut.expression} AS cut,"
            f" {self._left_out(household='r.household_ref')} AS left_out,"
            f" {self._person('r.person_ref')} AS person_ref, COUNT(*) AS records, CAST(NULL AS DOUBLE) AS amount,"
            f" {self._places('r.{}')}\n"
            f"FROM {quoted(RESIDENT)} AS r{sized} JOIN {self.asked} AS k ON {fits}{self.cut.joins}\n"
            f"GROUP BY 1, 2, 3, 4, 5, {self._place_keys()}"
        )
        return [self._step("folded_households", sql, "person_ref")], self._resident_reads(places=True)

    def involvements(self) -> tuple[list[Step], Reads]:
        """Fold involvements to people, then look up where they live."""
        own = self._fact_reads("starts_on", "ends_on")
        chosen = self._chosen(own[INVOLVEMENT], f"(f.starts_on IS NULL OR f.starts_on <= {self._last_day()})")
        people = (
            f"SELECT k.alike, k.span, f.person_ref, COUNT(*) AS records\n"
            f"  FROM {chosen.name} AS f JOIN (SELECT DISTINCT alike, span, name, detail, ends_on, ends_from"
            f" FROM {self.asked}) AS k ON {self._matches()}"
            f" AND (f.starts_on IS NULL OR f.starts_on <= k.ends_on)"
            f" AND (f.ends_on IS NULL OR f.ends_on >= k.ends_from)\n"
            f"  WHERE {self._among('f.person_ref')} GROUP BY 1, 2, 3"
        )
        head = (
            f"SELECT k.ask, k.span, {self.cut.expression} AS cut, {self._left_out(household='r.household_ref')}"
            f" AS left_out,"
        )
        body = (
            f" CAST(NULL AS DOUBLE) AS amount, {self._places('r.{}')}\n"
            f"FROM (\n  {people}\n) AS p LEFT JOIN {quoted(RESIDENT)} AS r ON r.person_ref = p.person_ref\n"
            f"JOIN (SELECT DISTINCT ask, alike, span, youngest, oldest, cut FROM {self.asked}) AS k"
            f" ON k.alike = p.alike AND k.span = p.span{self.cut.joins}\nWHERE {self._fits()}"
        )
        reads = merged([own, self._resident_reads(places=True), self._among_reads()])
        if self.first.by_household:
            named = f" {self._person('p.person_ref')} AS person_ref, SUM(p.records) AS records,"
            sql = f"{head}{named}{body}\nGROUP BY 1, 2, 3, 4, 5, {self._place_keys()}"
            return [chosen, self._step("folded_involvements", sql, "person_ref")], reads
        people = "COUNT(p.person_ref) + SUM(CASE WHEN p.person_ref IS NULL THEN p.records ELSE 0 END)"
        named = f" {people} AS people, {people} AS contributors, SUM(p.records) AS records,"
        sql = f"{head}{named}{body}\nGROUP BY 1, 2, 3, 4, {self._place_keys(9)}"
        return [chosen, self._step("folded_involvements", sql, "people", "contributors")], reads

    def events(self, numbers: tuple[int, ...]) -> tuple[list[Folded], Reads]:
        """Fold events to who and where; an event has its place already."""
        amount = "CAST(f.quantity AS DOUBLE)"
        measured = any(ask.measured for ask in self.asks)
        joined = self.first.needs_resident
        own = self._fact_reads("happened_on", *(("quantity",) if measured else ()), *self.columns)
        days = f"BETWEEN {self._first_day()} AND {self._last_day()}"
        chosen = self._chosen(own["fact.event"], f"(f.happened_on IS NULL OR f.happened_on {days})")
        resident = f"\nLEFT JOIN {quoted(RESIDENT)} AS r ON r.person_ref = f.person_ref" if joined else ""
        who = self._person("f.person_ref")
        movers = self._movers(f"{chosen.name} AS f{resident}", who, [f"f.{quoted(c)}" for c in self.columns])
        folds = [
            f"SELECT k.ask, k.span, {self.cut.expression} AS cut,"
            f" {self._left_out('f.happened_on', amount, 'r.household_ref')} AS left_out,"
            f" {who} AS person_ref, COUNT(*) AS records,"
            f" {f'SUM(CASE WHEN k.measured THEN {amount} END)' if measured else 'CAST(NULL AS DOUBLE)'} AS amount,"
            f" {self._places('f.{}')}\n"
            f"FROM {chosen.name} AS f JOIN {self.asked} AS k ON {self._matches()}"
            f" AND (f.happened_on IS NULL OR f.happened_on BETWEEN k.starts_on AND k.ends_on)"
            f"{resident}{self.cut.joins}\n"
            f"WHERE {self._fits()} AND {which}\n"
            f"GROUP BY 1, 2, 3, 4, 5, {self._place_keys()}"
            for which in _settled_or_moving(who, movers)
        ]
        reads: list[Reads] = [own]
        if joined:
            reads.append(self._resident_reads(places=False))
        return self._parted((self.asked_step, chosen, movers), numbers, *folds), merged(reads)

    def attributes(self) -> tuple[list[Step], Reads]:
        """Fold what records state: each person's newest value at the end of each span, from each dataset."""
        amount = "TRY_CAST(f.value AS DOUBLE)"
        measured = any(ask.measured for ask in self.asks)
        view = quoted("fact.attribute")
        kept = ", ".join(f"f.{quoted(c)}" for c in ("person_ref", "name", "value", "as_of", *self.columns))
        newest = (
            f"SELECT {kept}, e.ends_on, MAX(f.as_of) OVER (PARTITION BY e.ends_on, f.person_ref, f.dataset, f.name)"
            f" AS newest_on\n  FROM {view} AS f CROSS JOIN (SELECT DISTINCT ends_on FROM {self.asked}) AS e\n"
            f"  WHERE {self._named()} AND (f.as_of IS NULL OR f.as_of <= e.ends_on)"
        )
        sql = (
            f"SELECT k.ask, k.span, {self.cut.expression} AS cut,"
            f" {self._left_out('f.as_of', amount, 'r.household_ref')} AS left_out,"
            f" {self._person('f.person_ref')} AS person_ref, COUNT(*) AS records,"
            f" {f'SUM(CASE WHEN k.measured THEN {amount} END)' if measured else 'CAST(NULL AS DOUBLE)'} AS amount,"
            f" {self._places('COALESCE(f.{0}, r.{0})')}\n"
            f"FROM (\n  {newest}\n) AS f JOIN {self.asked} AS k ON {self._matches()} AND k.ends_on = f.ends_on\n"
            f"LEFT JOIN {quoted(RESIDENT)} AS r ON r.person_ref = f.person_ref{self.cut.joins}\n"
            f"WHERE (f.person_ref IS NULL OR f.newest_on IS NULL OR f.as_of = f.newest_on)"
            f" AND (f.as_of IS NULL OR f.as_of >= k.starts_on) AND {self._fits()}\n"
            f"GROUP BY 1, 2, 3, 4, 5, {self._place_keys()}"
        )
        more = ("value",) if measured else ()
        reads = [self._fact_reads("as_of", "dataset", "value", *more, *self.columns), self._resident_reads(places=True)]
        return [self._step("folded_attributes", sql, "person_ref")], merged(reads)
