"""Makes the text of a letter from facts. Pure: the same facts give the same letter, and nothing is left unfilled.

What people wrote goes in as it is and can't command: it is filled in once, and never read as a pattern.
"""

from __future__ import annotations

import functools
import re
import string
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from importlib import resources
from typing import Any

from almoner.kernel.errors import UsageError


@dataclass(frozen=True)
class Letter:
    """A letter as it goes out. to: lines of the address. paragraphs: in the order in which they are read."""

    name: str
    title: str
    reference: str
    written_on: str
    sender: tuple[str, ...]
    to: tuple[str, ...]
    greeting: str
    paragraphs: tuple[str, ...]
    signature: tuple[str, ...]
    colour: str

    def document(self) -> dict[str, Any]:
        """Give it as it is kept."""
        return asdict(self)


def letter_of(document: Mapping[str, Any]) -> Letter:
    """Read a letter that was kept."""
    lists = ("sender", "to", "paragraphs", "signature")
    values: dict[str, Any] = {name: tuple(each) if name in lists else each for name, each in document.items()}
    return Letter(**values)


@functools.cache
def declared() -> dict[str, Any]:
    """Read what letters say."""
    return tomllib.loads(resources.files("almoner.requests.letters").joinpath("letters.toml").read_text("utf-8"))


def letter_names() -> list[str]:
    """Name the letters that there are."""
    return list(declared()["letter"])


@dataclass(frozen=True)
class About:
    """Of what case a letter is."""

    kind: str
    group: str
    reference: str


def paragraphs_of(name: str, about: About, facts: Mapping[str, str]) -> tuple[str, tuple[str, ...]]:
    """Fill a letter in. Out: its title and its paragraphs.

    Raises: UsageError where a fact that it states is not given.
    """
    if name not in declared()["letter"]:
        raise UsageError("There is no such letter.", todo=f"Use one of: {', '.join(letter_names())}.")
    letter = declared()["letter"][name]
    known = {**facts, "subject": declared()["subject"][about.kind]}
    said = list(_filled(letter["paragraphs"], about, known))
    if letter.get("ending"):
        said += _filled(declared()["ending"]["paragraphs"], about, known)
    return _fill(letter["title"], known), tuple(said)


def _filled(paragraphs: Sequence[Mapping[str, Any]], about: About, facts: Mapping[str, str]) -> Iterator[str]:
    for each in paragraphs:
        meant = about.group in each.get("groups", [about.group]) and about.kind in each.get("kinds", [about.kind])
        if not meant or not facts.get(each.get("when", ""), "yes") or facts.get(each.get("unless", ""), ""):
            continue
        yield from (part.strip() for part in re.split(r"\n\s*\n", _fill(each["text"], facts)) if part.strip())


def _fill(text: str, facts: Mapping[str, str]) -> str:
    wanted = {name for _, name, _, _ in string.Formatter().parse(text) if name}
    if missing := sorted(name for name in wanted if not facts.get(name)):
        raise UsageError("The letter can't be written.", why=f"It has to say: {', '.join(missing)}.")
    return text.format_map(facts)
