"""The words that addresses are built of, and the forms in which sources put them together.

Only forms that say what is the flat and what is the house belong here: of a line that says neither, nothing is guessed.
"""

from __future__ import annotations

STREET_TYPES = {
    "ROAD": ("RD",),
    "STREET": ("ST", "STR"),
    "AVENUE": ("AVE", "AV", "AVEN"),
    "LANE": ("LN",),
    "CLOSE": ("CL", "CLO"),
    "DRIVE": ("DR", "DRV"),
    "GROVE": ("GR", "GRV", "GRO"),
    "CRESCENT": ("CRES", "CRESC", "CR", "CRS"),
    "COURT": ("CT", "CRT"),
    "PLACE": ("PL", "PLC"),
    "TERRACE": ("TERR", "TER", "TCE"),
    "GARDENS": ("GDNS", "GDN", "GARDEN"),
    "WALK": ("WLK", "WK"),
    "WAY": ("WY",),
    "SQUARE": ("SQ",),
    "PARK": ("PK",),
    "PARADE": ("PDE",),
    "MEWS": ("MWS",),
    "GREEN": ("GRN",),
    "VIEW": ("VW",),
    "RISE": (),
    "ROW": (),
    "HILL": (),
    "BANK": ("BNK",),
    "BROW": (),
    "FOLD": (),
    "CROFT": (),
    "NOOK": (),
    "YARD": ("YD",),
    "WHARF": (),
    "QUAY": (),
    "ESTATE": ("EST",),
    "BUILDINGS": ("BLDGS",),
    "HEIGHTS": ("HTS",),
    "CIRCUS": (),
    "CIRCLE": ("CIR",),
    "VALE": (),
    "VILLAS": (),
    "BOULEVARD": ("BLVD",),
    "BROADWAY": ("BWAY",),
    "PASSAGE": (),
    "APPROACH": (),
    "COMMON": (),
    "CAUSEWAY": (),
    "PROMENADE": ("PROM",),
}
"""Last words of streets, and their abbreviations. Source: BS 7666-1; Royal Mail Programmers' Guide, thoroughfares."""

ABBREVIATIONS = {short: word for word, shorts in STREET_TYPES.items() for short in shorts}

MISSPELT_TYPES = (
    "STREET", "AVENUE", "CLOSE", "DRIVE", "GROVE", "CRESCENT", "COURT", "PLACE", "TERRACE", "GARDENS", "SQUARE",
    "PARADE",
)  # fmt: skip
"""The commonest that are long enough for one wrong letter to leave no doubt."""

NEAR_TYPES = ("DROVE", "GROVES", "PALACE", "PLACES", "COURTS", "COUNT", "DRIVER", "DRIVES", "CLOSES", "SQUARES")
"""Words in their own right that are one letter from a street type."""

UNIT_WORDS = (
    "FLAT", "FLT", "APARTMENT", "APPARTMENT", "APT", "APPT", "MAISONETTE", "STUDIO", "BEDSIT", "UNIT", "ROOM", "RM",
    "SUITE", "PLOT",
)  # fmt: skip

FLOORS = {
    "GROUND": "GROUND", "GRD": "GROUND", "GND": "GROUND", "FIRST": "FIRST", "1ST": "FIRST", "SECOND": "SECOND",
    "2ND": "SECOND", "THIRD": "THIRD", "3RD": "THIRD", "TOP": "TOP", "BASEMENT": "BASEMENT", "GARDEN": "GARDEN",
    "REAR": "REAR", "FRONT": "FRONT", "UPPER": "UPPER", "LOWER": "LOWER",
}  # fmt: skip

BUILDING_WORDS = ("HOUSE", "LODGE", "TOWER", "TOWERS", "MANSIONS", "HALL", "MILL", "POINT", "HOSTEL")
"""Last words of buildings that are no street type: 3 CHURCHILL HOUSE is a flat in it."""

PLACEHOLDERS = (
    "NFA", "NO FIXED ABODE", "NO FIXED ADDRESS", "OF NO FIXED ABODE", "HOMELESS", "ADDRESS WITHHELD", "WITHHELD",
    "ADDRESS RESTRICTED", "RESTRICTED", "CONFIDENTIAL", "ADDRESS UNKNOWN", "ADDRESS NOT KNOWN", "UNKNOWN", "NOT KNOWN",
    "NOT GIVEN", "NOT STATED", "NOT PROVIDED", "NONE", "N/A", "NULL", "TEST", "TBC", "XX", "XXX", "XXXX",
)  # fmt: skip

_UNIT = f"(?:{'|'.join(UNIT_WORDS)})"
_TYPE = f"(?:{'|'.join([*STREET_TYPES, *ABBREVIATIONS])})"
_NUMBER = "[0-9]+[A-Z]?"
_HOUSE = f"{_NUMBER}(?:-{_NUMBER})?"

# GROUND FLOOR FLAT, 12 HIGH STREET · 1ST FLOOR, 12 HIGH STREET
_FLOOR_FORM = (
    rf"^({'|'.join(FLOORS)})(?: FLOOR)?(?: {_UNIT})?[ ,]+({_HOUSE}[ ,]+[^|]+)$",
    r"\1|\2",
)

FORMS_FROM_A_WORD = (
    # FLAT3 , 138 ALBERT LANE · FLAT NO 5, 12 HIGH STREET
    (rf"^{_UNIT}(?: NO)? ?({_NUMBER}|[A-Z][0-9]*)[ ,]+([^|]+)$", r"\1|\2"),
    # FLAT, 61 REGENT DRIVE: the number is missing
    (rf"^{_UNIT}, ({_HOUSE}[ ,]+[^|]+)$", r"|\1"),
    _FLOOR_FORM,
    # FALT 2, 122 BROOK STREET: the word before the number is misspelt
    (rf"^[A-Z]{{2,10}} ?({_NUMBER}), ({_HOUSE}[ ,]+[^|]+)$", r"\1|\2"),
)
FORMS_TO_A_UNIT = (
    # 12 HIGH STREET, FLAT3 · 12 HIGH STREET FLAT NO 3
    (rf"^([^|]+?)[ ,]+{_UNIT}(?: NO)? ?({_NUMBER}|[A-Z][0-9]*)$", r"\2|\1"),
    # 18 HAWTHORN CRES FAT 2
    (rf"^({_HOUSE},? [^|]+ {_TYPE}) [A-Z]{{2,5}} ({_NUMBER})$", r"\2|\1"),
)
FORMS_WITH_A_SLASH = (
    # 6/61 MANOR LANE
    (rf"^({_NUMBER}) ?/ ?({_HOUSE}[ ,]+[^|]+)$", r"\1|\2"),
)
FORMS_WITH_A_COMMA = (
    _FLOOR_FORM,
    # 3 CHURCHILL HOUSE, CHURCHILL CLOSE · 4 ELM COURT, MILL LANE: a building, since a street follows it
    (rf"^({_NUMBER}),? ([A-Z][A-Z ]*(?:{'|'.join(BUILDING_WORDS)}), [^|]+)$", r"\1|\2"),
    (rf"^({_NUMBER}),? ([A-Z][A-Z ]* (?:COURT|CT), [A-Z][A-Z ]* {_TYPE}(?:,[^|]*)?)$", r"\1|\2"),
)
"""Form → flat|rest. The first that fits; a line in none of these forms names no flat."""

REPAIRS = (
    # 1 5BROOK COURT · 28NEW ROAD · 17 A HIGHFIELD ROAD
    (r"^([0-9]+) ([0-9])([A-Z]{3,}[ ,])", r"\1\2 \3"),
    (r"^([0-9]+)([A-Z]{3,}[ ,])", r"\1 \2"),
    (r"^([0-9]+) ([A-Z])[ ,]+([A-Z]{2,}[ ,])", r"\1\2 \3"),
)
"""Blanks that went astray around the house number."""

HOUSE_FIRST = rf"^{_HOUSE},? [A-Z0-9]"

HOUSE_FORMS = (
    # NELSON HOUSE 1 NELSON CT · MARKET HOUSE, 137 MARKET GROVE
    (rf"^([A-Z][^|0-9,]*?[A-Z])(?:, [^|0-9,]+)?[ ,]+({_HOUSE})[ ,]+([A-Z][^|,]*)(?:,[^|]*)?$", r"\1|\2|\3"),
    # HIGH COURT CARE HOME, CLIFTON DRIVE · HIGH STREET, DIDSBURY · ROSE COTTAGE, BROADWAY · BROADWAY
    (rf"^([A-Z][^|,]*), ([^|,]* {_TYPE})(?:,[^|]*)?$", r"\1||\2"),
    (rf"^([^|,]* {_TYPE})(?:,[^|]*)?$", r"||\1"),
    (r"^([A-Z][^|,]*), ([A-Z][^|,]*)(?:,[^|]*)?$", r"\1||\2"),
    (r"^([A-Z][^|,]*)$", r"\1||"),
)
"""Form → building|house number|street, once the flat is off. Localities after the street are dropped."""
