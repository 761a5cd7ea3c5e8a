"""The record of processing activities (UK GDPR Art 30(1); DPA 2018 Schedule 1 paragraph 41), as a page and as
CSV.

It is written for the Data Protection Officer and the regulator, from the same registry as the public notice.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
from dataclasses import asdict, fields

from almoner.charts.wording import never_a_formula
from almoner.notice.blocks import Document, one_line
from almoner.notice.content import notice_content
from almoner.notice.record_entries import RecordEntry, record_entries
from almoner.notice.record_wording import record_sections
from almoner.registry.registry import Registry


def processing_record(registry: Registry, *, as_of: dt.date) -> Document:
    """Make the record as a page.

    Raises: RegistryError when a declaration refers to one that is missing.
    """
    content = notice_content(registry)
    return Document(
        page="processing-record",
        title="Record of processing activities",
        council=one_line(content.controller.title),
        service=one_line(content.controller.service),
        brand_colour=content.controller.brand_colour,
        sections=record_sections(content, record_entries(registry)),
        registry_digest=registry.digest,
        as_of=as_of,
    )


def record_csv(registry: Registry) -> str:
    """Write the record as CSV, one line per dataset and purpose; lists are joined by '; '.

    A cell that a spreadsheet would take for a formula is given an apostrophe in front.
    Raises: RegistryError when a declaration refers to one that is missing.
    """
    out = io.StringIO()
    writer = csv.DictWriter(out, [field.name for field in fields(RecordEntry)], lineterminator="\n")
    writer.writeheader()
    for entry in record_entries(registry):
        writer.writerow({key: _cell(value) for key, value in asdict(entry).items()})
    return out.getvalue()


def _cell(value: str | tuple[str, ...]) -> str:
    words = value if isinstance(value, str) else "; ".join(value)
    return never_a_formula(words)
