"""Reads an HTML page the way a test needs it: elements with attributes, and the words under each section."""

from __future__ import annotations

import re
from html.parser import HTMLParser

VOID = {"meta", "link", "br", "img", "hr", "input"}
BREAKS = {"p", "li", "td", "th", "dt", "dd", "caption", "h1", "h2", "h3", "div", "section", "tr"}


class Page(HTMLParser):
    """The elements and the words of a page."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.unclosed: list[str] = []
        self.headings: list[tuple[int, str]] = []
        self.sections: dict[str, str] = {}
        self._at = ""
        self.feed(html)
        self.close()
        self.sections = {name: re.sub(r"\s*\n\s*", "\n", words).strip() for name, words in self.sections.items()}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))
        if tag not in VOID:
            self.unclosed.append(tag)
        if re.fullmatch("h[1-6]", tag):
            self.headings.append((int(tag[1]), ""))
        if tag == "section":
            self._at = dict(attrs)["aria-labelledby"] or ""
            self.sections[self._at] = ""

    def handle_endtag(self, tag: str) -> None:
        assert self.unclosed and self.unclosed[-1] == tag, f"</{tag}> closes {self.unclosed[-1:]}"
        self.unclosed.pop()
        if self._at and tag in BREAKS:
            self.sections[self._at] += "\n"
        if tag == "section":
            self._at = ""

    def handle_data(self, data: str) -> None:
        if self.unclosed and re.fullmatch("h[1-6]", self.unclosed[-1]):
            level, words = self.headings[-1]
            self.headings[-1] = (level, words + data)
        if self._at:
            self.sections[self._at] += data

    def all(self, tag: str) -> list[dict[str, str]]:
        """List the attributes of every element of a kind."""
        return [attributes for name, attributes in self.elements if name == tag]


def normal(words: str) -> str:
    """Make words comparable: one kind of apostrophe and space, lower case."""
    straight = words.replace("’", "'").replace("‘", "'").replace("–", "-")
    return " ".join(straight.split()).lower()
