"""The words that are no part of a name, and those that belong to the word after them.

A list here must never hold a word that people of this country are called in numbers: 'NA', 'LORD' as a surname,
'DEAN' and 'KING' stay names.
"""

from __future__ import annotations

TITLES = {
    "MR": "MR", "MISTER": "MR", "MRS": "MRS", "MISS": "MISS", "MS": "MS", "MX": "MX", "MSTR": "MASTER",
    "MASTER": "MASTER", "DR": "DR", "DOCTOR": "DR", "PROF": "PROF", "PROFESSOR": "PROF", "REV": "REV", "REVD": "REV",
    "REVEREND": "REV", "FR": "FR", "CANON": "CANON", "RABBI": "RABBI", "SIR": "SIR", "LADY": "LADY", "DAME": "DAME",
    "LORD": "LORD", "HON": "HON", "CLLR": "CLLR", "COUNCILLOR": "CLLR", "CAPT": "CAPT", "MAJ": "MAJ", "COL": "COL",
    "SGT": "SGT",
}  # fmt: skip
"""Titles as written and in one form. Within a name a title is one only before another word."""

COURTESY_TITLES = ("MR", "MRS", "MISS", "MS", "MX", "DR")
"""Titles that are nobody's name, even where no other word is given."""

SUFFIXES = (
    "JNR",
    "JR",
    "JUNIOR",
    "SNR",
    "SR",
    "SENIOR",
    "II",
    "III",
    "IV",
    "ESQ",
    "OBE",
    "MBE",
    "CBE",
    "BEM",
    "DECEASED",
)
"""A suffix is one only after a forename and a surname."""

PARTICLES = (
    "AL", "EL", "ABU", "IBN", "BIN", "BINT", "BEN", "UR", "UL", "UD", "DE", "DA", "DI", "DO", "DU", "DOS", "DAS", "DEL",
    "DELLA", "DEN", "DER", "LA", "LE", "TEN", "TER", "VAN", "VON", "ZU", "MC", "ST", "FITZ", "AP",
)  # fmt: skip
"""Words that a surname begins with, when they stand after a forename."""

ELIDED = {
    "O": (
        "BEIRNE", "BOYLE", "BRIEN", "BYRNE", "CALLAGHAN", "CARROLL", "CONNELL", "CONNOR", "CONNORS", "DEA", "DOHERTY",
        "DONNELL", "DONOGHUE", "DONOVAN", "DOWD", "DRISCOLL", "DWYER", "FARRELL", "FLAHERTY", "FLYNN", "GARA",
        "GORMAN", "GRADY", "HAGAN", "HALLORAN", "HANLON", "HARA", "HARE", "HEARN", "KANE", "KEEFE", "KEEFFE", "LEARY",
        "LOUGHLIN", "MAHONEY", "MAHONY", "MALLEY", "MARA", "MEARA", "NEIL", "NEILL", "REGAN", "REILLY", "RIORDAN",
        "ROURKE", "SHAUGHNESSY", "SHEA", "SULLIVAN", "TOOLE",
    ),
    "D": ("ABREU", "ALMEIDA", "ARCY", "COSTA", "CRUZ", "CUNHA", "MELLO", "SA", "SILVA", "SOUSA", "SOUZA"),
}  # fmt: skip
"""Names before which a lone O or D is the rest of O'… or D'…, not a middle initial."""

JOINED_PREFIXES = ("O", "MC", "D")
"""First words of a surname that are written on with the second: O'SHEA, O SHEA and OSHEA are one name."""

PLACEHOLDERS = (
    "UNKNOWN", "NOT KNOWN", "N/A", "N/K", "NK", "NKN", "NOT GIVEN", "NOT STATED", "NOT PROVIDED", "NOT RECORDED",
    "NOT SUPPLIED", "NOT APPLICABLE", "NONE", "NONE GIVEN", "NO NAME", "NO FORENAME", "NO SURNAME", "NULL", "NIL",
    "MISSING", "WITHHELD", "REFUSED", "ANON", "ANONYMOUS", "TEST", "TESTING", "DUMMY", "TBA", "TBC", "FNU", "LNU",
    "NAME UNKNOWN", "UNKNOWN NAME", "UNKNOWN MALE", "UNKNOWN FEMALE", "N A", "N K", "XX", "XXX", "XXXX", "XXXXX",
    "XXXXXX", "ZZ", "ZZZ", "ZZZZ",
)  # fmt: skip
"""What people type where a name is demanded and none is known."""

BABY_WORDS = ("BABY", "BABYBOY", "BABYGIRL", "INFANT", "NEWBORN", "TWIN", "UNBORN", "FOETUS")
"""First words of forenames of those who have none yet: 'BABY OF SARAH', 'TWIN 1'. As surnames they are names."""

REMARK_PATTERN = r"[ ,-]*\b(?:SEE (?:CASE )?NOTES?|DO NOT|DUPLICATE|DECEASED)\b.*"
"""Where a remark begins that somebody wrote into the field; the name is what stands before it."""
