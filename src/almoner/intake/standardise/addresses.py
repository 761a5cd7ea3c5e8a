"""Addresses taken apart into flat, house number and street, so that the same home reads the same in every source.

It must never put a flat where the source named none, and what follows the first line in one cell is never read: it
tells of other people. A letter after the house number is the flat, as one source's 17A is the next one's flat A, 17.
"""

from __future__ import annotations

from collections.abc import Iterable

from almoner.intake.standardise.address_words import (
    ABBREVIATIONS,
    FLOORS,
    FORMS_FROM_A_WORD,
    FORMS_TO_A_UNIT,
    FORMS_WITH_A_COMMA,
    FORMS_WITH_A_SLASH,
    HOUSE_FIRST,
    HOUSE_FORMS,
    MISSPELT_TYPES,
    NEAR_TYPES,
    PLACEHOLDERS,
    REPAIRS,
    STREET_TYPES,
    UNIT_WORDS,
)
from almoner.intake.standardise.expressions import (
    after_first_word,
    before_last_word,
    cases,
    first_line,
    first_word,
    full_match,
    last_word,
    matches,
    one_of,
    replaced,
)
from almoner.intake.standardise.letters import folded_capitals
from almoner.intake.standardise.names import looks_like_formula
from almoner.intake.standardise.postcodes import postcode
from almoner.intake.standardise.staging import Staged, Workings

ADDRESS_PARTS = ("address", "flat", "house_number", "street", "building", "postcode")

LONGEST_ADDRESS = 300
"""Characters that are read."""

_HOUSE_AND_STREET = "[0-9]+[A-Za-z]? [A-Za-z]{2,} [A-Za-z]{2,}"
_TIDY = "[A-Za-z0-9]+(?:,? [A-Za-z0-9]+)*"
_POSTCODE_AT_END = "(?:^|[ ,]+)([A-Z]{1,2}[0-9][0-9A-Z]? ?[0-9][A-Z]{2})(?:,? (?:UK|ENGLAND|UNITED KINGDOM))?$"
_ENDS_OF_COUNTRIES = (" UK", "AND", "DOM")
_REMARK = " SEE (?:CASE )?NOTES?.*$"
_BOTH = r"\1-\2"


def address_parts(expr: str) -> Staged:
    """Take a one-line address apart.

    Out: address ('FLAT 6 121 ASH PLACE', '17A HIGHFIELD ROAD'; without a house number the building's name stands in
    its place), flat, house_number, street, building (where it is named), postcode (that ends the line). All NULL for
    no fixed abode, a withheld address, a formula.
    """
    work = Workings(f"address {expr}")
    plain = work.column("plain", full_match(expr, _HOUSE_AND_STREET))
    asis = [(plain, f"upper({expr})"), (full_match(expr, _TIDY), f"upper({expr})"), (looks_like_formula(expr), "NULL")]
    line = work.column("line", cases(asis, _cleaned(expr)))
    bare, postcode_sent = _postcode_off(work, plain, line)
    flat, rest = _flat_and_rest(work, plain, bare)
    building, house, street = _building_house_street(work, plain, rest)
    flat, house = _letter_to_flat(work, flat, house)
    street, changed = _in_full(work, street)
    lettered = f"length({flat}) = 1 AND {flat} > '9'"
    number = cases(
        [(f"{flat} IS NULL", house), (lettered, f"{house} || {flat}")], f"'FLAT ' || {flat} || ' ' || {house}"
    )
    named = f"coalesce('FLAT ' || {flat} || ' ', '') || concat_ws(' ', {building}, {street})"
    whole = cases(
        [
            (f"{plain} AND NOT {changed}", line),
            (f"{house} IS NOT NULL", f"{number} || ' ' || {street}"),
            (f"{street} IS NOT NULL OR {building} IS NOT NULL", named),
        ],
        rest,
    )
    values = (whole, flat, house, street, building, postcode(postcode_sent))
    return work.staged(dict(zip(ADDRESS_PARTS, values, strict=True)))


def _cleaned(expr: str) -> str:
    """Leave capitals, digits, '/', '-' and ', ' of the first line."""
    line = first_line(folded_capitals(f"left({expr}, {LONGEST_ADDRESS})"))
    line = replaced(replaced(line, "['’.\"`´]+"), "[^A-Z0-9,/-]+", " ")
    line = replaced(line, "^(?:C/O|CARE OF) [^,]*, ", everywhere=False)
    line = replaced(replaced(line, " *,[ ,]*", ", "), "^ *NO ([0-9])", r"\1", everywhere=False)
    return f"trim({replaced(line, '([0-9]) ?- ?([0-9])', _BOTH)}, ' ,-')"


def _postcode_off(work: Workings, plain: str, line: str) -> list[str]:
    """Part the postcode from the end of a line; both are NULL where the line says that there is no address."""
    end = f"right({line}, 3)"
    may_end_in_one = f"NOT {plain} AND ({end} < ':' OR {one_of(end, _ENDS_OF_COUNTRIES)})"
    ends_in_one = work.column("ends_in_postcode", f"{may_end_in_one} AND {matches(line, _POSTCODE_AT_END)}")
    without = replaced(line, _POSTCODE_AT_END, everywhere=False)
    bare = work.column("without_postcode", cases([(ends_in_one, without)], line))
    blank = f"NOT {plain} AND {one_of(bare, PLACEHOLDERS)}"
    found = f"regexp_extract({line}, '{_POSTCODE_AT_END}', 1)"
    return work.columns(
        known=cases([(blank, "NULL"), (f"{bare} = ''", "NULL")], bare),
        postcode=cases([(f"{ends_in_one} AND NOT ({blank})", found)], "NULL"),
    )


def _flat_and_rest(work: Workings, plain: str, line: str) -> tuple[str, str]:
    """Part the flat from the rest. Words tell the usual forms; the others are marked as flat|rest."""
    told = (f"contains({line}, ' SEE ')", replaced(line, _REMARK, everywhere=False))
    text = work.column("text", cases([(plain, "NULL"), told], line))
    first, last = work.columns(first=first_word(text), last=last_word(text))
    after, before = work.columns(
        after=cases([(one_of(first, UNIT_WORDS), after_first_word(text))], "NULL"),
        before=cases([(f"{last} < ':' OR length({last}) = 1", before_last_word(text))], "NULL"),
    )
    front, unit_word = work.columns(front=f"replace({first_word(after)}, ',', '')", unit_word=last_word(before))
    back = work.column("back", cases([(one_of(unit_word, UNIT_WORDS), last)], "NULL"))
    in_front = f"({front} < ':' OR length({front}) = 1)"
    marked = work.column("marked", cases([(f"{in_front} OR {back} IS NOT NULL", "NULL")], _flat_marked(text)))
    flat, rest = work.columns(
        unit=cases([(in_front, front), (f"contains({marked}, '|')", f"nullif({_field(marked, 1)}, '')")], back),
        rest=cases(
            [
                (plain, line),
                (in_front, after_first_word(after)),
                (f"{back} IS NOT NULL", f"rtrim({before_last_word(before)}, ',')"),
                (f"contains({marked}, '|')", _field(marked, 2)),
            ],
            marked,
        ),
    )
    return flat, rest


def _flat_marked(text: str) -> str:
    to_a_unit = f"right({text}, 1) < ':' OR substr({text}, length({text}) - 1, 1) = ' '"
    return cases(
        [
            (f"{text} >= 'A'", _marked(text, (*FORMS_FROM_A_WORD, *FORMS_TO_A_UNIT))),
            (f"contains({text}, '/')", _marked(text, FORMS_WITH_A_SLASH)),
            (to_a_unit, _marked(text, FORMS_TO_A_UNIT)),
            (f"contains({text}, ',')", _marked(text, FORMS_WITH_A_COMMA)),
        ],
        text,
    )


def _marked(expr: str, forms: Iterable[tuple[str, str]]) -> str:
    """Apply forms in turn. A line that has been marked holds a '|', which no form takes."""
    for pattern, by in forms:
        expr = replaced(expr, pattern, by, everywhere=False)
    return expr


def _field(expr: str, number: int) -> str:
    return f"split_part({expr}, '|', {number})"


def _building_house_street(work: Workings, plain: str, rest: str) -> list[str]:
    usual = work.column("usual", f"({plain} OR {matches(rest, '^[0-9]+[A-Z]?,? [A-Z]{2,}')})")
    mended = work.column("mended", cases([(usual, rest)], _marked(rest, REPAIRS)))
    numbered = work.column("numbered", f"({usual} OR {matches(mended, HOUSE_FIRST)})")
    forms = cases([(numbered, "NULL")], _marked(mended, HOUSE_FORMS))
    marked = work.column("housed", forms)
    found = [
        cases([(f"contains({marked}, '|') AND {_field(marked, n)} <> ''", _field(marked, n))], "NULL")
        for n in (1, 2, 3)
    ]
    gap = work.column("gap", f"instr({mended}, ' ')")
    number, street = f"left({mended}, {gap} - 1)", f"substr({mended}, {gap} + 1)"
    several = f"contains({mended}, ',')"
    return work.columns(
        building=cases([(numbered, "NULL")], found[0]),
        number=cases([(plain, number), (numbered, f"replace({number}, ',', '')")], found[1]),
        street=cases(
            [
                (f"{plain} OR {numbered} AND NOT {several}", street),
                (numbered, f"split_part({street}, ',', 1)"),
            ],
            found[2],
        ),
    )


def _letter_to_flat(work: Workings, flat: str, house: str) -> list[str]:
    """Read 17A as flat A of 17, unless a flat is named besides; drop leading zeros; name floors one way."""
    letter = f"right({house}, 1)"
    moves = work.column("moves", f"{flat} IS NULL AND {letter} > '9' AND NOT contains({house}, '-')")
    floors = [(f"{flat} = '{short}'", f"'{floor}'") for short, floor in FLOORS.items() if short != floor]
    whole = cases([*floors, (f"{flat} < '1'", f"nullif(ltrim({flat}, '0'), '')")], flat)
    return work.columns(
        flat=cases([(moves, letter), (f"{flat} IS NULL", "NULL")], whole),
        house=cases([(moves, f"left({house}, length({house}) - 1)")], house),
    )


def _in_full(work: Workings, street: str) -> list[str]:
    """Write the street's last word in full, and mend it where one letter or blank is wrong; say whether it changed."""
    last = work.column("last_of_street", cases([(f"contains({street}, ' ')", last_word(street))], "NULL"))
    changed = work.column("changed", f"NOT coalesce({one_of(last, STREET_TYPES)}, true)")
    before, short = work.columns(
        before_last=cases([(changed, before_last_word(street))], "NULL"),
        short=f"{changed} AND {one_of(last, ABBREVIATIONS)}",
    )
    # BARLOWC RESCENT: the blank strayed by one letter.
    strayed = work.column("strayed", cases([(f"{changed} AND NOT {short}", f"right({before}, 1) || {last}")], "NULL"))
    full = [(f"{last} = '{abbreviation}'", f"'{word}'") for abbreviation, word in ABBREVIATIONS.items()]
    near = [(f"levenshtein({last}, '{word}') = 1", f"'{word}'") for word in MISSPELT_TYPES]
    mended = cases(
        [
            (f"NOT {changed}", street),
            (short, f"{before} || ' ' || {cases(full, last)}"),
            (one_of(strayed, STREET_TYPES), f"left({before}, length({before}) - 1) || ' ' || {strayed}"),
            (f"length({last}) > 3 AND NOT {one_of(last, NEAR_TYPES)}", f"{before} || ' ' || {cases(near, last)}"),
        ],
        street,
    )
    return [work.column("street_in_full", mended), changed]
