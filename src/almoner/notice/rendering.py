"""Renders a document as one HTML page or as Markdown. No wording of its own beyond the frame of a page.

Every text from the registry is escaped here: by autoescape in HTML, by `_escaped` in Markdown. The HTML page
loads nothing from anywhere: its style is inline and a Content-Security-Policy allows that style and nothing
else.
"""

from __future__ import annotations

import base64
import re
from functools import cache
from hashlib import sha256
from importlib import resources

from jinja2 import Environment, FunctionLoader, StrictUndefined
from markupsafe import Markup

from almoner.notice.blocks import (
    Block,
    Bullets,
    Document,
    Heading,
    Line,
    Link,
    Paragraph,
    Strong,
    Table,
    Terms,
)
from almoner.notice.colour import ink_for, ink_upon
from almoner.notice.phrases import on_day

_SPECIAL = re.compile(r"([\\`*_\[\]|~#])")
_ENTITY = re.compile(r"&(?=#?\w+;)")
_LEADING = re.compile(r"^(\s*)([-+]|\d+[.)])(?=\s)")

REGISTRY_MARK = "almoner-registry"
CONTENT_MARK = "almoner-content"
"""Names under which a page carries the digest of its registry and of what it says."""


def render_html(document: Document) -> str:
    """Render a document as one self-contained page.

    Raises: RegistryError when the council's colour is none.
    """
    style = (
        _environment()
        .get_template("page.css.j2")
        .render(
            brand=ink_for(document.brand_colour),
            band=document.brand_colour,
            upon=ink_upon(document.brand_colour),
        )
    )
    return (
        _environment()
        .get_template("page.html.j2")
        .render(
            page=document,
            as_of=on_day(document.as_of),
            style=Markup(style),  # noqa: S704 -- only colours that `colour` has read  # nosec B704
            policy=f"default-src 'none'; style-src '{_hash(style)}'; base-uri 'none'; form-action 'none'",
            marks={REGISTRY_MARK: document.registry_digest, CONTENT_MARK: document.digest},
        )
    )


def render_markdown(document: Document) -> str:
    """Render a document as CommonMark with tables, led by a comment with its digests."""
    marks = f"{REGISTRY_MARK}: {document.registry_digest}\n{CONTENT_MARK}: {document.digest}"
    parts = [
        f"<!--\n{marks}\n-->",
        f"# {_escaped(document.title)}",
        f"{_escaped(document.council)}, {_escaped(document.service)}. As of {on_day(document.as_of)}.",
    ]
    for section in document.sections:
        parts.append(f"## {section.number}. {_escaped(section.title)}")
        parts += [_markdown(block) for block in section.blocks]
    return "\n\n".join(parts) + "\n"


@cache
def _environment() -> Environment:
    folder = resources.files("almoner.notice") / "templates"
    return Environment(
        loader=FunctionLoader(lambda name: (folder / name).read_text("utf-8")),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )


def _hash(style: str) -> str:
    """Give the hash by which the page's policy knows its own style."""
    return "sha256-" + base64.b64encode(sha256(style.encode()).digest()).decode()


def _markdown(block: Block) -> str:
    match block:
        case Heading():
            return f"### {_escaped(block.text)}"
        case Paragraph():
            return _LEADING.sub(_disarmed, _inline(block.line))
        case Bullets():
            return "\n".join(f"- {_LEADING.sub(_disarmed, _inline(item))}" for item in block.items)
        case Terms():
            return "\n".join(f"- **{_escaped(name)}:** {_inline(line)}" for name, line in block.pairs)
        case Table():
            return _markdown_table(block)


def _markdown_table(table: Table) -> str:
    rows = [table.head, tuple("---" for _ in table.head), *table.rows]
    cells = ([cell if number == 1 else _escaped(cell) for cell in row] for number, row in enumerate(rows))
    lines = [f"| {' | '.join(row)} |" for row in cells]
    return f"**{_escaped(table.caption)}**\n\n" + "\n".join(lines)


def _inline(line: Line) -> str:
    return "".join(_part(part) for part in line)


def _part(part: str | Link | Strong) -> str:
    match part:
        case Link():
            return f"[{_escaped(part.text)}](<{part.url.replace('>', '%3E').replace('<', '%3C')}>)"
        case Strong():
            # The space that follows stays outside: ** would not close after it.
            words = part.text.rstrip()
            return f"**{_escaped(words)}**{part.text[len(words) :]}"
        case _:
            return _escaped(part)


def _escaped(words: str) -> str:
    """Escape what Markdown, or HTML within it, would take for more than words."""
    marked = _SPECIAL.sub(r"\\\1", words.replace("\n", " "))
    return _ENTITY.sub("&amp;", marked).replace("<", "&lt;").replace(">", "&gt;")


def _disarmed(found: re.Match[str]) -> str:
    """Keep the start of a paragraph from opening a list."""
    mark = found[2]
    return f"{found[1]}{mark[:-1]}\\{mark[-1]}"
