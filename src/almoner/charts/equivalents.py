"""The table that says in text what a drawing shows: every picture has one, with all of the drawing's numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from almoner.charts.svg import element


@dataclass(frozen=True)
class Equivalent:
    """A table of texts: the first column heads its rows; numeric says which columns are set to the right."""

    caption: str
    heads: tuple[str, ...]
    rows: Sequence[Sequence[str]]
    numeric: tuple[bool, ...] = ()

    def html(self) -> Markup:
        """Write the table with caption, scoped headers, and a region that scrolls by keyboard where it is too wide."""
        numeric = self.numeric or (False, *(True,) * (len(self.heads) - 1))
        classes = ["num" if each else None for each in numeric]
        head = [element("th", text, scope="col", class_=kind) for text, kind in zip(self.heads, classes, strict=True)]
        body = [
            element("tr", element("th", row[0], scope="row"), *(
                element("td", text or Markup("&nbsp;"), class_=kind)
                for text, kind in zip(row[1:], classes[1:], strict=True)
            ))
            for row in self.rows
        ]  # fmt: skip
        table = element(
            "table", element("caption", self.caption), element("thead", element("tr", *head)), element("tbody", *body)
        )
        return element("div", table, class_="scroll", role="region", tabindex="0", aria_label=self.caption)
