"""Code lists that the product ships: sex, and ethnicity to the groups of the Census 2021.

Canonical sex is 'F' or 'M'. The canonical census code of an ethnic group is a key of `ETHNIC_GROUPS`, the 19 groups of
the Census 2021, such as 'asian_pakistani': what stands before the underscore is a key of `BROAD_GROUPS`, the five broad
groups. A source that tells only the broad group gives that key alone, such as 'mixed': it must never be put into
'mixed_other', which would move people between groups. A code that says 'not known' or 'refused' becomes NULL; the code
as delivered is kept beside it.
"""

from __future__ import annotations

from collections.abc import Mapping

from almoner.intake.standardise.expressions import literal

SEX: dict[str, str | None] = {
    "F": "F", "FEMALE": "F", "2": "F", "WOMAN": "F", "GIRL": "F",
    "M": "M", "MALE": "M", "1": "M", "MAN": "M", "BOY": "M",
    "U": None, "UNKNOWN": None, "NOT KNOWN": None, "NOT STATED": None, "NOT SPECIFIED": None, "INDETERMINATE": None,
    "PREFER NOT TO SAY": None, "OTHER": None, "X": None, "9": None, "0": None, "I": None, "N": None,
}  # fmt: skip
"""Source: NHS Data Dictionary, PERSON STATED GENDER CODE (1, 2, 9, X); words as services write them."""

ETHNIC_GROUPS: dict[str, str] = {
    "white_british": "White: English, Welsh, Scottish, Northern Irish or British",
    "white_irish": "White: Irish",
    "white_traveller": "White: Gypsy or Irish Traveller",
    "white_roma": "White: Roma",
    "white_other": "White: any other White background",
    "mixed_caribbean": "Mixed: White and Black Caribbean",
    "mixed_african": "Mixed: White and Black African",
    "mixed_asian": "Mixed: White and Asian",
    "mixed_other": "Mixed: any other Mixed or multiple background",
    "asian_indian": "Asian: Indian",
    "asian_pakistani": "Asian: Pakistani",
    "asian_bangladeshi": "Asian: Bangladeshi",
    "asian_chinese": "Asian: Chinese",
    "asian_other": "Asian: any other Asian background",
    "black_african": "Black: African",
    "black_caribbean": "Black: Caribbean",
    "black_other": "Black: any other Black, African or Caribbean background",
    "other_arab": "Other: Arab",
    "other_any": "Other: any other ethnic group",
}
"""Source: Office for National Statistics, Census 2021, TS021 ethnic group (19 categories)."""

BROAD_GROUPS: dict[str, str] = {
    "white": "White",
    "mixed": "Mixed or Multiple ethnic groups",
    "asian": "Asian, Asian British or Asian Welsh",
    "black": "Black, Black British, Black Welsh, Caribbean or African",
    "other": "Other ethnic group",
}
"""Source: Office for National Statistics, Census 2021, TS021 ethnic group, high-level categories."""

DFE: dict[str, str | None] = {
    "WBRI": "white_british", "WENG": "white_british", "WSCO": "white_british", "WWEL": "white_british",
    "WIRI": "white_irish", "WIRT": "white_traveller", "WROM": "white_roma", "WOTH": "white_other",
    "WEEU": "white_other", "MWBC": "mixed_caribbean", "MWBA": "mixed_african", "MWAS": "mixed_asian",
    "MOTH": "mixed_other", "AIND": "asian_indian", "APKN": "asian_pakistani", "ABAN": "asian_bangladeshi",
    "CHNE": "asian_chinese", "AOTH": "asian_other", "BAFR": "black_african", "BSOM": "black_african",
    "BCRB": "black_caribbean", "BOTH": "black_other", "OOTH": "other_any", "OARA": "other_arab",
    "REFU": None, "NOBT": None,
}  # fmt: skip
"""Source: Department for Education, Common Basic Data Set, pupil ethnicity."""

NHS: dict[str, str | None] = {
    "A": "white_british", "B": "white_irish", "C": "white_other", "D": "mixed_caribbean", "E": "mixed_african",
    "F": "mixed_asian", "G": "mixed_other", "H": "asian_indian", "J": "asian_pakistani", "K": "asian_bangladeshi",
    "L": "asian_other", "M": "black_caribbean", "N": "black_african", "P": "black_other", "R": "asian_chinese",
    "S": "other_any", "Z": None, "99": None,
}  # fmt: skip
"""Source: NHS Data Dictionary, ETHNIC CATEGORY (2001 census categories: no Roma, Traveller or Arab)."""

NUMERIC: dict[str, str | None] = {
    "31": "white_british", "32": "white_irish", "33": "white_traveller", "34": "white_other",
    "35": "mixed_caribbean", "36": "mixed_african", "37": "mixed_asian", "38": "mixed_other",
    "39": "asian_indian", "40": "asian_pakistani", "41": "asian_bangladeshi", "42": "asian_chinese",
    "43": "asian_other", "44": "black_african", "45": "black_caribbean", "46": "black_other", "47": "other_arab",
    "98": "other_any", "99": None,
}  # fmt: skip
"""Source: Education and Skills Funding Agency, Individualised Learner Record, Ethnicity."""

TEXT: dict[str, str | None] = {
    "WHITE BRITISH": "white_british", "WHITE - BRITISH": "white_british", "WHITE: BRITISH": "white_british",
    "BRITISH": "white_british", "ENGLISH": "white_british", "WHITE ENGLISH": "white_british",
    "WHITE IRISH": "white_irish", "WHITE - IRISH": "white_irish", "IRISH": "white_irish",
    "GYPSY OR IRISH TRAVELLER": "white_traveller", "TRAVELLER": "white_traveller",
    "TRAVELLER OF IRISH HERITAGE": "white_traveller", "GYPSY": "white_traveller",
    "ROMA": "white_roma", "GYPSY/ROMA": "white_roma",
    "WHITE OTHER": "white_other", "OTHER WHITE": "white_other", "ANY OTHER WHITE BACKGROUND": "white_other",
    "WHITE AND BLACK CARIBBEAN": "mixed_caribbean", "MIXED WHITE AND BLACK CARIBBEAN": "mixed_caribbean",
    "MIXED WHITE/BLACK CARIBBEAN": "mixed_caribbean",
    "WHITE AND BLACK AFRICAN": "mixed_african", "MIXED WHITE AND BLACK AFRICAN": "mixed_african",
    "MIXED WHITE/BLACK AFRICAN": "mixed_african",
    "WHITE AND ASIAN": "mixed_asian", "MIXED WHITE AND ASIAN": "mixed_asian", "MIXED WHITE/ASIAN": "mixed_asian",
    "MIXED OTHER": "mixed_other", "OTHER MIXED": "mixed_other",
    "ANY OTHER MIXED BACKGROUND": "mixed_other",
    "INDIAN": "asian_indian", "ASIAN INDIAN": "asian_indian", "PAKISTANI": "asian_pakistani",
    "ASIAN PAKISTANI": "asian_pakistani", "BANGLADESHI": "asian_bangladeshi",
    "ASIAN BANGLADESHI": "asian_bangladeshi", "CHINESE": "asian_chinese", "ASIAN CHINESE": "asian_chinese",
    "ASIAN OTHER": "asian_other", "OTHER ASIAN": "asian_other", "ANY OTHER ASIAN BACKGROUND": "asian_other",
    "AFRICAN": "black_african", "BLACK AFRICAN": "black_african", "CARIBBEAN": "black_caribbean",
    "BLACK CARIBBEAN": "black_caribbean", "BLACK OTHER": "black_other", "OTHER BLACK": "black_other",
    "ANY OTHER BLACK BACKGROUND": "black_other", "ARAB": "other_arab",
    "ANY OTHER ETHNIC GROUP": "other_any",
    "WHITE": "white", "MIXED": "mixed", "ASIAN": "asian", "BLACK": "black", "OTHER": "other",
    "NOT STATED": None, "NOT KNOWN": None, "UNKNOWN": None, "PREFER NOT TO SAY": None, "REFUSED": None,
    **{title.upper(): group for group, title in ETHNIC_GROUPS.items()},
    **{title.upper(): group for group, title in BROAD_GROUPS.items()},
}  # fmt: skip
"""Words as services write them."""

STANDARD_MAPPINGS: dict[str, Mapping[str, str | None]] = {
    "sex": SEX,
    "ethnicity_dfe": DFE,
    "ethnicity_nhs": NHS,
    "ethnicity_numeric": NUMERIC,
    "ethnicity_text": TEXT,
}
"""What a registry's code list may name as its standard."""


def map_codes(expr: str, mapping: Mapping[str, str | None], *, keep_unmapped: bool = False) -> str:
    """Give the meaning of a code, whatever its case; NULL for one that is not in the list, unless kept as it is."""
    if not mapping:
        return expr if keep_unmapped else "NULL"
    whens = " ".join(f"WHEN {literal(code.upper())} THEN {literal(value)}" for code, value in mapping.items())
    return f"CASE upper({expr}) {whens} ELSE {expr if keep_unmapped else 'NULL'} END"


def is_unlisted_code(expr: str, mapping: Mapping[str, str | None]) -> str:
    """Say whether a value is given that a code list does not hold; one that it holds as 'not known' is listed."""
    listed = " ".join(f"WHEN {literal(code.upper())} THEN FALSE" for code in ("", *mapping))
    return f"({expr} IS NOT NULL AND CASE upper({expr}) {listed} ELSE TRUE END)"


def broad_group(expr: str) -> str:
    """Give the broad ethnic group of a canonical code."""
    return f"split_part({expr}, '_', 1)"
