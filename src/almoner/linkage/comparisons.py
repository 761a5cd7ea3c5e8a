"""What is compared between two nodes, level by level, and how much each level says before any training.

Each comparison is a value from which Splink's own settings are made. Levels run from the strongest agreement
to none. The numbers are what training starts from and falls back on, one pair for each of the two models:

- `anywhere`: any two nodes. u is how often two random people agree.
- `one_address`: two nodes at one address. u is how often two *different people of one household* agree, so
  that a shared surname or a shared address can't make a family into one person.

Source: Fellegi and Sunter 1969; the two-model split is Almoner's own.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Literal

ModelName = Literal["anywhere", "one_address"]

CLOSE_NAME = 0.9
"""Jaro-Winkler similarity from which two names may be one name misspelt."""


RAREST = 0.00005
"""No name or birthday counts as rarer than one in twenty thousand: a rarer one is as likely to be misspelt."""


@dataclass(frozen=True)
class Level:
    """A degree of agreement: its word, its SQL over `_l` and `_r` columns, and m and u for each model."""

    word: str
    sql: str
    anywhere: tuple[float, float] = (0.0, 0.0)
    one_address: tuple[float, float] = (0.0, 0.0)
    term_frequency: str = ""
    fixed: bool = False


@dataclass(frozen=True)
class Comparison:
    """A comparison: its name, the node columns that must be filled for it to be made, the levels, which
    models."""

    name: str
    needs: tuple[str, ...]
    unknown: str
    levels: tuple[Level, ...]
    models: tuple[ModelName, ...] = ("anywhere", "one_address")

    def word(self, gamma: int) -> str:
        """Say in words which level a comparison vector value stands for. -1 is unknown."""
        return "unknown" if gamma < 0 else self.levels[len(self.levels) - 1 - gamma].word

    def gamma(self, word: str) -> int:
        """Give the comparison vector value of the level with this word."""
        return len(self.levels) - 1 - [level.word for level in self.levels].index(word)


_FORENAME_VARIANT = (
    "(list_has_any(forename_roots_l, forename_roots_r)"
    " OR (length(forename_l) > 2 AND starts_with(forename_r, forename_l))"
    " OR (length(forename_r) > 2 AND starts_with(forename_l, forename_r)))"
)
_FORENAME_CLOSE = (
    f"(jaro_winkler_similarity(forename_l, forename_r) >= {CLOSE_NAME}"
    " OR (damerau_levenshtein(forename_l, forename_r) = 1"
    " AND greatest(length(forename_l), length(forename_r)) > 2))"
)
_FORENAME_ALIKE = (
    "(greatest(length(forename_l), length(forename_r)) > 3 AND ("
    "(initial_l = initial_r AND damerau_levenshtein(forename_l, forename_r) = 2)"
    " OR (length(forename_l) > 3 AND ends_with(forename_r, forename_l))"
    " OR (length(forename_r) > 3 AND ends_with(forename_l, forename_r))))"
)
"""Two slips, or the end of a longer name: enough only where a birthday or an address says the same."""
_FORENAME_INITIAL = "((forename_l IS NULL OR forename_r IS NULL) AND initial_l = initial_r)"
_SWAPPED = (
    f"((jaro_winkler_similarity(forename_l, surname_r) >= {CLOSE_NAME}"
    f" AND (jaro_winkler_similarity(surname_l, forename_r) >= {CLOSE_NAME}"
    " OR (forename_r IS NULL AND initial_r = left(surname_l, 1))))"
    f" OR (jaro_winkler_similarity(surname_l, forename_r) >= {CLOSE_NAME}"
    " AND forename_l IS NULL AND initial_l = left(surname_r, 1)))"
)
_MIDDLE_USED = "(list_has_any(middle_roots_l, forename_roots_r) OR list_has_any(forename_roots_l, middle_roots_r))"
_SURNAME_LIKE = (
    "(list_has_any(surnames_l, surnames_r)"
    f" OR jaro_winkler_similarity(surname_l, surname_r) >= {CLOSE_NAME}"
    " OR (least(length(surname_l), length(surname_r)) < 3"
    " AND (starts_with(surname_l, surname_r) OR starts_with(surname_r, surname_l)))"
    " OR (damerau_levenshtein(surname_l, surname_r) = 1"
    " AND greatest(length(surname_l), length(surname_r)) > 2))"
)

_FORENAME_LIKE = f"{_FORENAME_VARIANT} OR {_FORENAME_CLOSE} OR {_FORENAME_INITIAL}"
_KIN = "(is_kin_l OR is_kin_r)"
"""One of two surnames is also borne by somebody else at the address: one may have married into it."""

NAME = Comparison(
    "name",
    ("surname",),
    "initial_l IS NULL OR initial_r IS NULL OR surname_l IS NULL OR surname_r IS NULL",
    (
        Level("same", "forename_l = forename_r AND surname_l = surname_r", one_address=(0.71, 0.0035)),
        Level("surname like", f"forename_l = forename_r AND {_SURNAME_LIKE}", one_address=(0.045, 0.0008)),
        Level(
            "both like",
            f"({_FORENAME_VARIANT} OR {_FORENAME_CLOSE}) AND {_SURNAME_LIKE}",
            one_address=(0.065, 0.0036),
        ),
        Level("initial", f"{_FORENAME_INITIAL} AND {_SURNAME_LIKE}", one_address=(0.09, 0.0035)),
        Level("alike", f"{_FORENAME_ALIKE} AND {_SURNAME_LIKE}", one_address=(0.01, 0.003)),
        Level("swapped", _SWAPPED, one_address=(0.017, 0.00025)),
        Level("middle name", f"{_MIDDLE_USED} AND {_SURNAME_LIKE}", one_address=(0.003, 0.003)),
        Level(
            "forename only, kin",
            f"forename_l = forename_r AND {_KIN}",
            one_address=(0.035, 0.0024),
            term_frequency="forename",
        ),
        Level("forename only", "forename_l = forename_r", one_address=(0.006, 0.0007), term_frequency="forename"),
        Level("forename like only, kin", f"({_FORENAME_LIKE}) AND {_KIN}", one_address=(0.006, 0.0027)),
        Level("forename like only", _FORENAME_LIKE, one_address=(0.001, 0.0016)),
        Level("surname only", _SURNAME_LIKE, one_address=(0.015, 0.54)),
        Level("different", "ELSE", one_address=(0.007, 0.4377)),
    ),
    models=("one_address",),
)
"""The whole name at once, within one address: there, that forename and surname agree are not separate news. A
son may bear his father's name; somebody else with a rare forename and another surname has often just married.
"""

FORENAME = Comparison(
    "forename",
    ("initial",),
    "initial_l IS NULL OR initial_r IS NULL",
    (
        Level("same", "forename_l = forename_r", (0.9, 0.0025), term_frequency="forename"),
        Level("variant", _FORENAME_VARIANT, (0.025, 0.002)),
        Level("close", _FORENAME_CLOSE, (0.035, 0.0006)),
        Level("initial", _FORENAME_INITIAL, (0.01, 0.0045)),
        Level("swapped", _SWAPPED, (0.01, 1e-05)),
        Level("middle", _MIDDLE_USED, (0.005, 0.0012)),
        Level("alike", _FORENAME_ALIKE, (0.005, 0.001)),
        Level("different", "ELSE", (0.01, 0.9882)),
    ),
    models=("anywhere",),
)

MIDDLE = Comparison(
    "middle",
    ("middle_initial",),
    "middle_initial_l IS NULL OR middle_initial_r IS NULL",
    (
        Level("same", "middle_l = middle_r", (0.45, 0.003), (0.4, 0.004)),
        Level("initial", "middle_initial_l = middle_initial_r", (0.52, 0.07), (0.58, 0.076)),
        Level("different", "ELSE", (0.03, 0.927), (0.02, 0.92)),
    ),
)

SURNAME = Comparison(
    "surname",
    ("surname",),
    f"surname_l IS NULL OR surname_r IS NULL OR ({_SWAPPED} AND NOT {_SURNAME_LIKE})",
    (
        Level("same", "surname_l = surname_r", (0.92, 0.0025), term_frequency="surname"),
        Level("part", "list_has_any(surnames_l, surnames_r)", (0.015, 0.0004)),
        Level("close", _SURNAME_LIKE, (0.035, 0.001)),
        Level("different", "ELSE", (0.03, 0.9961)),
    ),
    models=("anywhere",),
)

_YMD_L, _YMD_R = "strftime(dob_l, '%Y%m%d')", "strftime(dob_r, '%Y%m%d')"

BIRTH = Comparison(
    "birth",
    ("birth_year",),
    "birth_year_l IS NULL OR birth_year_r IS NULL OR ((dob_heaped_l OR dob_heaped_r) AND (dob_l = dob_r) IS NOT TRUE)",
    (
        Level("same", "dob_l = dob_r", (0.965, 5e-05), (0.945, 0.003), term_frequency="dob"),
        Level(
            "swapped",
            "birth_year_l = birth_year_r AND month(dob_l) = day(dob_r) AND day(dob_l) = month(dob_r)",
            (0.006, 1.5e-05),
            (0.007, 0.00015),
        ),
        Level(
            "slip",
            f"damerau_levenshtein({_YMD_L}, {_YMD_R}) = 1"
            " OR (month(dob_l) = month(dob_r) AND day(dob_l) = day(dob_r)"
            " AND abs(birth_year_l - birth_year_r) IN (1, 10))",
            (0.011, 0.0015),
            (0.016, 0.003),
        ),
        Level(
            "year only",
            "birth_year_l = birth_year_r AND (dob_l IS NULL OR dob_r IS NULL"
            " OR dayofyear(dob_l) = 1 OR dayofyear(dob_r) = 1)",
            (0.004, 3e-05),
            (0.005, 0.00015),
        ),
        Level(
            "part",
            "birth_year_l = birth_year_r AND (month(dob_l) = month(dob_r) OR day(dob_l) = day(dob_r))",
            (0.004, 0.001),
            (0.005, 0.0018),
        ),
        Level("different", "ELSE", (0.01, 0.9974), (0.022, 0.9919)),
    ),
)

SEX = Comparison(
    "sex",
    ("sex",),
    "sex_l IS NULL OR sex_r IS NULL",
    (
        Level("same", "sex_l = sex_r", (0.985, 0.5), (0.985, 0.45)),
        Level("different", "ELSE", (0.015, 0.5), (0.015, 0.55)),
    ),
)


def _identifier(column: str) -> Comparison:
    """A number that one person holds for life: what it says is known, and is not trained."""
    same = Level("same", f"{column}_l = {column}_r", (0.985, 1e-6), (0.985, 2e-4), fixed=True)
    slip: tuple[Level, ...] = ()
    if column in MISWRITTEN:
        said = f"damerau_levenshtein({column}_l, {column}_r) = 1"
        slip = (Level("slip", said, (0.01, 1e-5), (0.01, 1e-3), fixed=True),)
    different = Level("different", "ELSE", (0.015, 0.999999), (0.015, 0.9998), fixed=True)
    return Comparison(column, (column,), f"{column}_l IS NULL OR {column}_r IS NULL", (same, *slip, different))


MISWRITTEN = ("nino", "uln")
"""Numbers that nothing tells from a miswritten one, as a check digit would. Twins and spouses may be given neighbouring
ones, so that a slip says less within an address."""


PHONE = Comparison(
    "phone",
    ("phone",),
    "phone_l IS NULL OR phone_r IS NULL",
    (
        Level("same", "phone_l = phone_r", (0.6, 0.0002), (0.6, 0.15), fixed=True),
        Level("different", "ELSE", (0.4, 0.9998), (0.4, 0.85), fixed=True),
    ),
)

EMAIL = Comparison(
    "email",
    ("email",),
    "email_l IS NULL OR email_r IS NULL",
    (
        Level("same", "email_l = email_r", (0.6, 0.0001), (0.6, 0.1), fixed=True),
        Level("different", "ELSE", (0.4, 0.9999), (0.4, 0.9), fixed=True),
    ),
)

ILL_WRITTEN = (
    "((building_l = building_r AND (flat_l IS NULL OR flat_r IS NULL))"
    " OR (door_l = door_r AND (postcode_l IS NULL OR postcode_r IS NULL"
    " OR damerau_levenshtein(postcode_l, postcode_r) = 1))"
    " OR (postcode_l = postcode_r AND (place_l IS NULL OR place_r IS NULL)))"
)
"""Two places that may be one: a flat, a house or a postcode left out, or one slip in the postcode."""

PLACE = Comparison(
    "place",
    ("postcode", "place"),
    "(place_l IS NULL OR place_r IS NULL) AND (postcode_l IS NULL OR postcode_r IS NULL)",
    (
        Level("same", "place_l = place_r", (0.8, 0.0002)),
        Level("ill written", ILL_WRITTEN, (0.03, 0.0003)),
        Level("building", "building_l = building_r", (0.003, 0.0001)),
        Level("postcode", "postcode_l = postcode_r", (0.02, 0.001)),
        Level("district", "outward_l = outward_r", (0.02, 0.06)),
        Level("different", "ELSE", (0.137, 0.9384)),
    ),
    models=("anywhere",),
)

HOUSEMATE = Comparison(
    "housemate",
    ("housemates",),
    "housemates_l IS NULL OR housemates_r IS NULL OR place_l = place_r",
    (
        Level("same", "list_has_any(housemates_l, housemates_r)", (0.6, 1e-4), fixed=True),
        Level("different", "ELSE", (0.4, 0.9999), fixed=True),
    ),
    models=("anywhere",),
)
"""Who moves house rarely moves alone: whoever bears one name at both addresses of a housemate is one person."""

COMPARISONS: tuple[Comparison, ...] = (
    NAME,
    FORENAME,
    SURNAME,
    MIDDLE,
    BIRTH,
    SEX,
    *(_identifier(column) for column in ("nhs_number", "nino", "upn", "uln")),
    PHONE,
    EMAIL,
    PLACE,
    HOUSEMATE,
)


def splink_comparison(comparison: Comparison, model: ModelName) -> dict[str, Any]:
    """Give a comparison as Splink writes it in a settings file."""
    levels: list[dict[str, Any]] = [
        {"sql_condition": comparison.unknown, "label_for_charts": "unknown", "is_null_level": True}
    ]
    for level in comparison.levels:
        m, u = level.anywhere if model == "anywhere" else level.one_address
        written: dict[str, Any] = {
            "sql_condition": level.sql,
            "label_for_charts": level.word,
            "m_probability": m,
            "u_probability": u,
            "fix_m_probability": level.fixed,
            "fix_u_probability": level.fixed,
        }
        if level.term_frequency:
            written["tf_adjustment_column"] = level.term_frequency
            written["tf_minimum_u_value"] = RAREST
            written["disable_tf_exact_match_detection"] = True
        levels.append(written)
    return {
        "output_column_name": comparison.name,
        "comparison_description": comparison.name,
        "comparison_levels": levels,
    }


def gamma_sql(comparison: Comparison) -> str:
    """Give the SQL of a comparison vector value over `_l` and `_r` columns: -1 unknown, 0 the last level, and
    up."""
    top = len(comparison.levels) - 1
    cases = [f"WHEN {comparison.unknown} THEN -1"]
    cases += [f"WHEN {level.sql} THEN {top - place}" for place, level in enumerate(comparison.levels[:-1])]
    return f"CAST(CASE {' '.join(cases)} ELSE 0 END AS TINYINT)"


def columns_of(comparison: Comparison) -> set[str]:
    """Give the node columns that a comparison reads."""
    text = " ".join((comparison.unknown, *(level.sql for level in comparison.levels)))
    return {word[:-2] for word in re.findall(r"\b[a-z_]+_[lr]\b", text)}
