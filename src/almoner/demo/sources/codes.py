"""Why: the code lists in which services write ethnicity, each its own; keys are the groups of
`people.ETHNIC_GROUPS`.

Must never hold a list that only one module uses.
"""

from __future__ import annotations

from almoner.demo.people import ETHNIC_GROUPS


def _codes(values: str, separator: str = " ") -> dict[str, str]:
    return dict(zip(ETHNIC_GROUPS, values.split(separator), strict=True))


NHS_ETHNICITY = _codes("A B C C C D E F G H J K R L N M P S S")
SCHOOL_ETHNICITY = _codes(
    "WBRI WIRI WIRT WROM WOTH MWBC MWBA MWAS MOTH AIND APKN ABAN CHNE AOTH BAFR BCRB BOTH OARA OOTH"
)
LEARNER_ETHNICITY = _codes("31 32 33 34 34 35 36 37 38 39 40 41 42 43 44 45 46 47 98")
CENSUS_ETHNICITY = _codes(
    "White British;White Irish;Gypsy or Irish Traveller;Roma;Any other White background;"
    "White and Black Caribbean;White and Black African;White and Asian;Any other Mixed background;"
    "Indian;Pakistani;Bangladeshi;Chinese;Any other Asian background;"
    "African;Caribbean;Any other Black background;Arab;Any other ethnic group",
    ";",
)
BROAD_ETHNICITY = _codes(
    "White White White White White Mixed Mixed Mixed Mixed Asian Asian Asian Asian Asian Black Black Black Other Other"
)
SERVICE_ETHNICITY = _codes("W1 W2 W3 W4 W9 M1 M2 M3 M9 A1 A2 A3 A4 A9 B1 B2 B9 O1 O9")
