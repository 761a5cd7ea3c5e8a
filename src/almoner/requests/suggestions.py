"""What is already published about a question: plain search over titles and descriptions, rare words weighing more.

Before a new request is opened, whoever asks or takes it in sees what is there. Only what everybody may read goes in.
"""

from __future__ import annotations

import datetime as dt
import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

_EVERYDAY_WORDS = """
a about above after again all also am an and any are as asked asking at be because been before being between
both but by can copy could council did do does doing down during each few for from further give given had has
have having he her here hers him his how i if in information into is it its just know last like list many may
me more most much my no nor not number numbers of off on once only or other our out over own please provide
request requests same send she should since so some such tell than that the their them then there these they
this those through to too under until up us very was we were what when where which while who whom why will
with within would year years you your
"""
_EVERYDAY = frozenset(_EVERYDAY_WORDS.split())
TITLE_WEIGHT = 3
LEAST_SHARE = 0.34
"""Of the weight of a question's words, how much has to be found before something is worth showing."""


@dataclass(frozen=True)
class Published:
    """Something that everybody may read. where: how it is found."""

    id: str
    kind: str
    title: str
    text: str
    published_on: dt.date | None
    where: str


@dataclass(frozen=True)
class Suggestion:
    """Something published that may answer a question. share: of the question's words by weight; words: those found."""

    published: Published
    share: float
    words: tuple[str, ...]


def words_of(text: str) -> list[str]:
    """Give the words that carry meaning, in one spelling: lower case, without endings."""
    found = re.findall(r"[^\W_]+", text.casefold().replace("’", "'").replace("'s", ""))
    return [_stem(word) for word in found if len(word) > 1 and word not in _EVERYDAY]


def _stem(word: str) -> str:
    """Take a plural's ending off, then that of a verb."""
    for endings in ((("ies", "y"), ("sses", "ss"), ("s", "")), (("ing", ""), ("ed", ""))):
        for ending, instead in endings:
            if word.endswith(ending) and len(word) - len(ending) >= 3 and not word.endswith(("ss", "us", "is")):
                word = word[: -len(ending)] + instead
                break
    return word


def suggest(question: str, published: Sequence[Published], limit: int = 5) -> list[Suggestion]:
    """Find what may answer a question already, the likeliest first."""
    texts = [
        Counter(dict.fromkeys(words_of(each.title), TITLE_WEIGHT)) + Counter(words_of(each.text)) for each in published
    ]
    wanted = list(dict.fromkeys(words_of(question)))
    weights = {word: math.log(1 + len(texts) / (1 + sum(word in text for text in texts))) + 0.1 for word in wanted}
    whole = sum(weights.values())
    found = []
    for each, text in zip(published, texts, strict=True):
        met = tuple(word for word in wanted if word in text)
        share = sum(weights[word] for word in met) / whole if whole else 0.0
        score = sum(weights[word] * (1 + math.log(text[word])) for word in met)
        if share >= LEAST_SHARE:
            found.append((score, Suggestion(each, round(share, 2), met)))
    found.sort(key=lambda pair: (-pair[0], pair[1].published.id))
    return [suggestion for _, suggestion in found[:limit]]
