"""Typesets a letter as tagged PDF (PDF/UA-1). What it says goes in as data, never as markup."""

from __future__ import annotations

import datetime as dt

from almoner.charts.paper import typeset
from almoner.requests.letters.wording import Letter


def letter_pdf(letter: Letter, written_on: dt.date) -> bytes:
    """Make the PDF: the same letter gives the same bytes."""
    return typeset("almoner.requests", "letters/letter.typ", letter.document(), written_on)
