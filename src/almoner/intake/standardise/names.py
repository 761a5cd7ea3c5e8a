"""Names as one spelling: capitals A to Z and single spaces.

It must never invent a name: what stands for "we don't know" becomes NULL, and so does a spreadsheet formula that
was planted in a name's place. Names in other scripts than Latin become NULL too: their spelling is not guessed.
"""

from __future__ import annotations

from typing import Literal

from almoner.intake.standardise.expressions import (
    after_first_word,
    bind,
    blank_to_null,
    cases,
    first_line,
    first_word,
    full_match,
    mapped,
    matches,
    one_of,
    replaced,
)
from almoner.intake.standardise.letters import LETTERS, folded, folded_capitals
from almoner.intake.standardise.name_words import (
    BABY_WORDS,
    COURTESY_TITLES,
    JOINED_PREFIXES,
    PLACEHOLDERS,
    REMARK_PATTERN,
    TITLES,
)
from almoner.intake.standardise.staging import Staged, Workings

NameKind = Literal["forename", "surname"]

FORENAME_PARTS = ("forename", "middle_names", "forename_is_initial")

LONGEST_NAME = 200
"""Characters that are read; whole case notes have been found in name columns."""

_FORMULA = r"^\s*(?:[=@]|[+-].*[(|!]|\+[0-9]+\+[A-Z]+[0-9]+)"
PLAIN_WORDS = "[A-Za-z]+(?: [A-Za-z]+)*"


def looks_like_formula(expr: str) -> str:
    """Say whether a value would run when somebody opens an export in a spreadsheet; a phone number would not.

    Source: OWASP, CSV injection.
    """
    return f"({expr} < 'A' AND {matches(expr, _FORMULA)})"  # all that can start one sorts before the letters


def name_title(expr: str) -> str:
    """Standardise a title: 'Mr.' and 'MISTER' are MR; NULL for what is no title."""
    return mapped(replaced(f"upper({expr})", "[^A-Z]+", ""), TITLES)


def in_one_form(title: str) -> str:
    """Write a title that is known to be one in its one form."""
    aliases = [(f"{title} = '{alias}'", f"'{form}'") for alias, form in TITLES.items() if alias != form]
    return cases(aliases, title)


def name_part(expr: str, kind: NameKind = "surname") -> str:
    """Standardise a column that holds forenames or a surname.

    Out: 'OBRIEN', 'LOTTIE MAE'; NULL when the value is blank, a placeholder or a formula.
    """
    blanks = (*PLACEHOLDERS, *BABY_WORDS) if kind == "forename" else PLACEHOLDERS
    known = replaced(spelt_out(expr), f"^(?:{'|'.join(PLACEHOLDERS)})$", everywhere=False)
    if kind == "forename":
        nameless = rf"^(?:{'|'.join(BABY_WORDS)})\b.*$"
        known = f"replace({replaced(known, nameless, everywhere=False)}, '-', ' ')"
    else:
        known = joined_surname(known)
    plain = bind(f"upper({expr})", "u", lambda u: cases([(one_of(u, blanks), "NULL")], u))
    return cases([(full_match(expr, "[A-Za-z]+"), plain)], blank_to_null(known))


def split_forenames(expr: str) -> Staged:
    """Take a forename column apart: what follows the first name is middle_names; a hyphened name stays whole.

    Out: forename, middle_names, forename_is_initial, and the title that somebody typed in front.
    """
    work = Workings(f"forenames {expr}")
    words = work.column("words", spelt(expr))
    several = f"contains({words}, ' ')"
    title = cases([(several, first_word(words))], words)
    title = work.column("title", bind(title, "t", lambda t: cases([(one_of(t, COURTESY_TITLES), t)], "NULL")))
    names = cases([(f"{title} IS NULL", words), (several, after_first_word(words))], "NULL")
    return work.staged({"title": title, **given_parts(work, work.column("names", names))})


def spelt(expr: str, keep: str = "") -> str:
    """Spell a name in A to Z, hyphens and single spaces, besides what is to be kept; NULL for a formula."""
    return cases([(full_match(expr, _run(PLAIN_WORDS, keep)), f"upper({expr})")], spelt_out(expr, keep))


def spelt_out(expr: str, keep: str = "") -> str:
    """Spell any text as a name, the long way; the commonest kinds of text come first."""
    short = f"left({expr}, {LONGEST_NAME})"
    accented = full_match(expr, _run(f"[{LETTERS}]+(?: [{LETTERS}]+)*", keep))
    hyphened = full_match(expr, _run("[A-Za-z]+(?:[ '/-][A-Za-z]+)*", keep))
    bare, mended = folded_capitals(short), _digits_as_letters(folded_capitals(short))
    return cases(
        [
            (accented, folded(expr)),
            (hyphened, f"replace(replace(upper({expr}), '''', ''), '/', ' ')"),
            (looks_like_formula(short), "NULL"),
            (matches(short, "[015]"), _tidied(_letters_only(mended, keep), keep)),
        ],
        _tidied(_letters_only(bare, keep), keep),
    )


def _run(words: str, keep: str) -> str:
    """Give the form of words, once or on both sides of what is kept."""
    return f"{words}{keep} {words}" if keep else words


def _digits_as_letters(expr: str) -> str:
    """Read a digit among letters as the letter that it looks like: W0OD, WA1KER, 5ELWYN."""
    for digit, letter in (("0", "O"), ("1", "L"), ("5", "S")):
        expr = replaced(expr, f"(^|[A-Z -]){digit}([A-Z]|-[A-Z])", rf"\1{letter}\2")
    return expr


def _letters_only(expr: str, keep: str) -> str:
    """Drop what is no part of a name: later lines, brackets, quotation marks, digits, punctuation."""
    bare = replaced(first_line(expr), r"\([^)]*\)?|\"[^\"]*\"?", " ")
    return replaced(replaced(bare, "[0-9'’‘ʼ`´�]+"), f"[^A-Z {keep}-]+", " ")


def _tidied(expr: str, keep: str) -> str:
    """Cut remarks, and leave single spaces and none around hyphens. Each form matches only where something is amiss."""
    words = replaced(expr, f"[^A-Z {keep}-]+|{REMARK_PATTERN}")
    words = replaced(words, " {2,}", " ")
    if keep:
        words = replaced(words, rf" +{keep}|{keep}[ {keep}]*\b|{keep} *$", f"{keep} ")
    return f"trim({replaced(words, ' +-[ -]*|-[ -]+', '-')}, ' -')"


def joined_surname(words: str) -> str:
    """Give a spelt surname as it is kept: hyphens to spaces; what an apostrophe or a blank parted joined (O BRIEN)."""
    spaced = f"' ' || replace({words}, '-', ' ')"
    for prefix in JOINED_PREFIXES:
        spaced = f"replace({spaced}, ' {prefix} ', ' {prefix}')"
    return f"ltrim({spaced})"


def unhyphened(words: str) -> str:
    """Write hyphens as spaces."""
    return cases([(f"contains({words}, '-')", f"replace({words}, '-', ' ')")], words)


def first_forename(name: str) -> str:
    """Give a spelt forename; nothing for a placeholder or a baby without a name."""
    return cases([(one_of(name, ("", *PLACEHOLDERS, *BABY_WORDS)), "NULL")], name)


def given_parts(work: Workings, words: str) -> dict[str, str]:
    """Part the first of spelt forenames from the others."""
    several = f"contains({words}, ' ')"
    first = cases([(one_of(words, PLACEHOLDERS), "NULL"), (several, first_word(words))], words)
    known = work.column("known", first_forename(work.column("first", first)))
    return {
        "forename": unhyphened(known),
        "middle_names": f"CASE WHEN {several} AND {known} IS NOT NULL THEN {unhyphened(after_first_word(words))} END",
        "forename_is_initial": f"length({known}) = 1",
    }
