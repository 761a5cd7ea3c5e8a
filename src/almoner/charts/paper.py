"""Typesets a tagged PDF (PDF/UA-1) from a template and data. What is said goes in as data, never as markup.

So no text of anybody's can command the typesetter. The same data gives the same bytes on any machine: only fonts that
come with the typesetter, and a date that is given and not the clock's.

Source: ISO 14289-1 (PDF/UA-1).
"""

from __future__ import annotations

import datetime as dt
import json
from importlib import resources
from typing import Any, Literal

STANDARD: Literal["ua-1"] = "ua-1"
FONTS_OF_ITS_OWN = True

_UNDATED = dt.date(2000, 1, 1)


def typeset(package: str, template: str, data: dict[str, Any], made_on: dt.date | None) -> bytes:
    """Make the PDF.

    In: package, template: where the template is; data: what it finds as JSON in `sys.inputs.data`; made_on: the date in
    the file's properties.
    """
    import typst

    source = resources.files(package).joinpath(template).read_bytes()
    day = made_on or _UNDATED
    made = typst.Compiler(source, ignore_system_fonts=FONTS_OF_ITS_OWN).compile(
        format="pdf",
        sys_inputs={"data": json.dumps(data, ensure_ascii=False)},
        pdf_standards=STANDARD,
        timestamp=dt.datetime(day.year, day.month, day.day, tzinfo=dt.UTC),
    )
    assert isinstance(made, bytes)
    return made
