"""Whole names in one column, taken apart in the order that the registry declares for it.

It must never guess the order from the value: AHMED ALI reads both ways.
"""

from __future__ import annotations

from typing import Literal

from almoner.intake.standardise.expressions import (
    after_first_word,
    before_last_word,
    cases,
    first_word,
    full_match,
    last_word,
    one_of,
    replaced,
)
from almoner.intake.standardise.letters import LETTERS
from almoner.intake.standardise.name_words import (
    COURTESY_TITLES,
    ELIDED,
    JOINED_PREFIXES,
    PARTICLES,
    PLACEHOLDERS,
    SUFFIXES,
    TITLES,
)
from almoner.intake.standardise.names import (
    FORENAME_PARTS,
    PLAIN_WORDS,
    first_forename,
    given_parts,
    in_one_form,
    joined_surname,
    spelt_out,
    unhyphened,
)
from almoner.intake.standardise.staging import Staged, Workings

NameOrder = Literal["forename_first", "surname_first", "surname_comma", "surname_forename"]

CLOSING_BLANK_TELLS: frozenset[NameOrder] = frozenset({"forename_first"})
"""Orders in which a blank after the only name says that a surname was to follow and is missing: it is to be kept."""

NAME_PARTS = ("title", *FORENAME_PARTS, "surname", "suffix")

_TITLE_INSIDE = f"^([A-Z-][A-Z -]*?)(,?) ({'|'.join(TITLES)})( .*)?$"
_SUFFIX_INSIDE = f"^([A-Z -]+) ({'|'.join(SUFFIXES)}),(.*)$"

_IN_CAPITALS = r"(?:[OD]['’ ]?)?(?:Ma?c ?)?[\p{Lu}'’-]{2,}"
_BY_CAPITALS = rf"^({_IN_CAPITALS}(?: {_IN_CAPITALS})*) ((?:\p{{Lu}}\.? )?\p{{Lu}}\p{{Ll}}.*)$"
"""SMITH Holly Grace · SHAW MCMANUS Jennifer: who writes a surname in capitals says where it ends."""

_BY_PARTICLES = rf"^((?:(?:{'|'.join(sorted({*PARTICLES, *JOINED_PREFIXES}))}) ){{0,2}}[A-Z-]+) (.+)$"
"""SMITH HOLLY GRACE · DE LA CRUZ MARIA ANA: else the surname is one word, with the particles before it."""


def split_name(expr: str, order: NameOrder) -> Staged:
    """Take a whole name apart.

    In: order 'forename_first' (MR JOHN P SMITH), 'surname_first' (SMITH Holly Grace: the surname in capitals, else one
    word with its particles, then all forenames), 'surname_comma' (AL HASSAN, Rania M; without a comma as
    surname_first) or 'surname_forename' (SHAW MCMANUS JENNIFER: never more than one forename).
    One name and a blank after it, in an order of CLOSING_BLANK_TELLS, is a forename without a surname (MS ANNE ).
    Out: title, forename, middle_names, forename_is_initial, surname, suffix.
    """
    work = Workings(f"{order} {expr}")
    return _forename_first(work, expr) if order == "forename_first" else _surname_first(work, expr, order)


def _forename_first(work: Workings, expr: str) -> Staged:
    # "MS ANNE " was joined from a forename and an empty surname: the blank at its end tells, and gives an empty word.
    # After two names it tells nothing: JOHN SMITH and a blank is how somebody typed it.
    surname_lost = full_match(expr, rf"(?i:(?:{'|'.join(TITLES)})\.? ){{0,2}}[{LETTERS}'.-]+ ")
    joined = [(full_match(expr, PLAIN_WORDS), f"upper({expr})"), (surname_lost, f"{spelt_out(expr)} || ' '")]
    words = work.column("words", f"string_split({cases(joined, spelt_out(expr))}, ' ')")
    first, count = work.columns(first_word=f"{words}[1]", count=f"array_length({words})")
    titled = work.column("titled", f"{count} > 1 AND {one_of(first, TITLES)}")
    second, end = work.columns(
        second_word=cases([(f"{titled} AND {count} > 2", f"{words}[2]")], "NULL"),
        last_word=cases([(f"{count} > 2", f"{words}[{count}]")], "NULL"),
    )
    # The words before the names, and the place of the last name.
    twice = f"CASE WHEN {one_of(second, TITLES)} THEN 2 ELSE 1 END"
    skip, suffixed = work.columns(
        skip=f"CASE WHEN {titled} THEN {twice} ELSE 0 END", suffixed=f"coalesce({one_of(end, SUFFIXES)}, false)"
    )
    last = work.column("last", f"CASE WHEN {suffixed} AND {count} - {skip} > 2 THEN {count} - 1 ELSE {count} END")
    particles = _particle_count(work, words, skip, last)
    return work.staged(_parts_forename_first(work, words, (skip, last, particles)))


def _particle_count(work: Workings, words: str, skip: str, last: str) -> str:
    """Count the particles that belong to the surname: at most two, and never the first name."""
    names = f"{last} - {skip}"
    family, nearest, further = work.columns(
        family=f"{words}[{last}]",
        nearest=cases([(f"{names} > 2", f"{words}[{last} - 1]")], "NULL"),
        further=cases([(f"{names} > 3", f"{words}[{last} - 2]")], "NULL"),
    )
    elided = [f"({nearest} = '{letter}' AND {one_of(family, follow)})" for letter, follow in ELIDED.items()]
    particle = " OR ".join([one_of(nearest, PARTICLES), *elided])
    tests = [(f"{nearest} IS NULL OR NOT ({particle})", "0"), (one_of(further, PARTICLES), "2")]
    return work.column("particles", cases(tests, "1"))


def _parts_forename_first(work: Workings, words: str, places: tuple[str, str, str]) -> dict[str, str]:
    skip, last, particles = places
    names = f"{last} - {skip}"
    forename, surname, two_words = work.columns(
        forename=f"{words}[{skip} + 1]",
        surname=f"{words}[{last}]",
        two_words=cases([(f"{names} = 2", f"{words}[{skip} + 1] || ' ' || {words}[{last}]")], "NULL"),
    )
    nobody = work.column("nobody", f"coalesce({one_of(two_words, PLACEHOLDERS)}, false)")
    alone = f"{names} = 1 AND length({surname}) > 1 AND NOT {one_of(surname, COURTESY_TITLES)}"
    several = f"array_to_string(list_slice({words}, {last} - {particles}, {last}), ' ')"
    middle = f"array_to_string(list_slice({words}, {skip} + 2, {last} - {particles} - 1), ' ')"
    given, family, others = work.columns(
        given=cases([(f"{alone} OR {nobody} OR {one_of(forename, COURTESY_TITLES)}", "NULL")], forename),
        whole_surname=cases(
            [(f"{particles} > 0", several), (f"{nobody} OR {names} = 1 AND NOT ({alone})", "NULL")], surname
        ),
        middle=cases([(f"{names} - {particles} > 2", middle)], "NULL"),
    )
    known = work.column("known", first_forename(given))
    return {
        "title": cases([(f"{skip} > 0", in_one_form(f"{words}[1]"))], "NULL"),
        "forename": unhyphened(known),
        "middle_names": f"CASE WHEN {known} IS NOT NULL THEN {unhyphened(others)} END",
        "forename_is_initial": f"length({known}) = 1",
        "surname": _surname(family),
        "suffix": f"CASE WHEN {last} < array_length({words}) THEN {words}[{last} + 1] END",
    }


def _surname_first(work: Workings, expr: str, order: NameOrder) -> Staged:
    """Part at the comma, where the capitals end, or by counting words."""
    words, title, suffix = _bare(work, _spelling(work, expr, order))
    forenames, surname = _parted(work, words, order)
    # One letter alone is no surname: electors without a name are entered as N.
    nobody = f"length({surname}) = 1 AND coalesce({forenames}, '') = ''"
    title_only = one_of(forenames, COURTESY_TITLES)
    known, given_names, any_title = work.columns(
        surname=f"CASE WHEN NOT ({nobody}) THEN {surname} END",
        forenames=f"CASE WHEN NOT {title_only} THEN {forenames} END",
        any_title=f"CASE WHEN {title_only} THEN {forenames} ELSE {title} END",
    )
    parts = {"title": any_title, **given_parts(work, given_names), "surname": _surname(known), "suffix": suffix}
    return work.staged(parts)


def _parted(work: Workings, words: str, order: NameOrder) -> list[str]:
    """Give forenames and surname. Of two words the first is the surname; a name of more is read by its particles."""
    several, surname, forenames = f"contains({words}, ' ')", before_last_word(words), last_word(words)
    if order != "surname_forename":
        counted = f"NOT contains({words}, ',') AND contains({after_first_word(words)}, ' ')"
        by_particles = replaced(words, _BY_PARTICLES, r"\1, \2", everywhere=False)
        words = work.column("parted", cases([(counted, by_particles)], words))
        several = f"contains({words}, ' ')"
        surname, forenames = cases([(several, first_word(words))], words), after_first_word(words)
    at = work.column("comma", f"instr({words}, ',')")
    return work.columns(
        given=cases([(f"{at} > 0", f"substr({words}, {at} + 2)"), (several, forenames)], "NULL"),
        family=cases([(f"{at} > 0", f"left({words}, {at} - 1)")], surname),
    )


def _spelling(work: Workings, expr: str, order: NameOrder) -> str:
    """Spell the name, a comma in it where one was sent or where the capitals end, and its title in front."""
    comma = "," if order == "surname_comma" else ""
    plain = f"[A-Za-z]{{3,}}{comma} [A-Za-z]+" + ("(?: [A-Za-z])?" if comma else "")
    # A title and an initial look like a forename and an initial: KARIMI, MRS R.
    titled_initial = full_match(f"upper({expr})", f"[A-Z]+{comma} (?:{'|'.join(TITLES)})(?: [A-Z])?")
    quick = f"{full_match(expr, plain)} AND NOT {titled_initial}"
    parted = replaced(expr, _BY_CAPITALS, r"\1, \2", everywhere=False)
    sent = work.column("sent", cases([(quick, "NULL")], parted))
    spellings = [(f"{sent} IS NULL", f"upper({expr})")]
    if not comma:
        spellings.append((f"NOT contains({sent}, ',')", _with_title_in_front(spelt_out(sent))))
    return work.column("spelt", cases(spellings, _with_title_in_front(spelt_out(sent, ","))))


def _with_title_in_front(spelling: str) -> str:
    moved = replaced(spelling, _TITLE_INSIDE, r"\3 \1\2\4", everywhere=False)
    return replaced(moved, _SUFFIX_INSIDE, r"\1,\3 \2", everywhere=False)


def _bare(work: Workings, name: str) -> tuple[str, str, str]:
    """Part the title at the front and the suffix at the end from a name."""
    first = work.column("first_word", cases([(f"contains({name}, ' ')", first_word(name))], "''"))
    titled = work.column("titled", one_of(first, TITLES))
    words, title = work.columns(
        untitled=cases([(titled, after_first_word(name))], name),
        title=cases([(titled, in_one_form(first))], "NULL"),
    )
    last = work.column("last_word", last_word(words))
    suffixed = work.column("suffixed", f"{one_of(last, SUFFIXES)} AND contains({before_last_word(words)}, ' ')")
    bare, suffix = work.columns(
        bare=cases([(one_of(words, PLACEHOLDERS), "NULL"), (suffixed, before_last_word(words))], words),
        suffix=cases([(suffixed, last)], "NULL"),
    )
    return bare, title, suffix


def _surname(family: str) -> str:
    """Give the finished surname; nothing for a placeholder."""
    several = f"contains({family}, ' ') OR contains({family}, '-')"
    return cases([(one_of(family, ("", *PLACEHOLDERS)), "NULL"), (several, joined_surname(family))], family)
