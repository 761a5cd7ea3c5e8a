"""Why: writes LAYOUT.md, the page that says of each delivered table what is in it, from the layouts.

Must never add a fact that no layout holds.
"""

from __future__ import annotations

from pathlib import Path

from almoner.demo.layout import Feed, Layout
from almoner.demo.sources import FEEDS

PAGE = Path(__file__).with_name("LAYOUT.md")

_INTRODUCTION = """# The deliveries of the synthetic borough

Written by `almoner demo-data`; everybody in it is invented. This page is made from the layouts in `sources/`
by `python -m almoner.demo.layout_page` (a test compares the two): change those, not this page.

Files lie at `inbox/YYYY-MM/<source>/<file>` for March and April 2026. In file names `{period}` is the month
as `2026-03`, `{month}` as `202603`, `{sent}` the day of sending as `20260407`. A record is quoted as its
key values joined by `/`, then the suffix of the person slot. `truth/links.csv` names the person of each
such record and the months in which it stands; `truth/planted_faults.csv` lists every planted fault with
file (and sheet), record position (from 1, header and title rows not counted) and what is expected:
`quarantined` and the reason's code, `accepted`, or `not_data` (a declared footer). Of records with a
duplicated key but different content all are to be quarantined, of a row that is repeated word for word the
second."""


def describe(feeds: tuple[Feed, ...]) -> str:
    """Write the layouts as the Markdown page LAYOUT.md."""
    parts = [_INTRODUCTION]
    source = ""
    for feed in feeds:
        if feed.layout.source != source:
            source = feed.layout.source
            parts.append(f"\n## {source}\n")
        parts.append(_describe_one(feed.layout))
    return "\n".join(parts).rstrip() + "\n"


def _describe_one(layout: Layout) -> str:
    facts = [f"- File: `{layout.file}`" + (f", sheet `{layout.sheet}`" if layout.sheet else "")]
    facts.append(f"- Format: {_format_words(layout)}; dates {layout.dates}")
    facts.append(f"- Delivery: {_delivery_words(layout)}")
    facts.append(f"- Key: {' + '.join(f'`{name}`' for name in layout.key)}")
    slots = [f"{f'`{suffix}`' if suffix else 'no suffix'} = {who}" for suffix, who in layout.people.items()]
    facts.append(f"- People: {'; '.join(slots) if slots else 'none'}")
    if layout.plants:
        facts.append(f"- Planted: {', '.join(sorted({plant.kind for plant in layout.plants}))}")
    if layout.note:
        facts.append(f"- {layout.note}")
    rows = [f"| `{name}` | {meaning} |" for name, meaning in layout.columns.items()]
    lines = [
        f"### {layout.label}",
        "",
        f"{layout.title}.",
        "",
        *facts,
        "",
        "| column | meaning |",
        "|---|---|",
        *rows,
        "",
    ]
    return "\n".join(lines)


def _format_words(layout: Layout) -> str:
    if layout.format == "csv":
        lines = "CRLF" if layout.newline == "\r\n" else "LF"
        name = {",": "comma", ";": "semicolon", "|": "pipe", "\t": "tab"}[layout.delimiter]
        return f"CSV, {name}, {layout.encoding}, {lines}"
    if layout.format == "xlsx":
        above = f"header in row {len(layout.titles) + 1}"
        return f"XLSX, {above}" + (f", last row `{layout.footer}`" if layout.footer else "")
    return {"jsonl": "JSON lines, utf-8", "xml": "XML, utf-8", "parquet": "Parquet"}[layout.format]


def _delivery_words(layout: Layout) -> str:
    if layout.delivery != "delta":
        return layout.delivery
    names = ", ".join(
        f"{code} = {what}" for code, what in zip(layout.actions, ("insert", "update", "delete"), strict=True)
    )
    return f"delta, `{layout.action}`: {names}; the first month is a full load of inserts"


if __name__ == "__main__":
    PAGE.write_text(describe(FEEDS), encoding="utf-8")
