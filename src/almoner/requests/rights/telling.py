"""Writes to those who were given a person's data what has become of it (UK GDPR Art 19). Pure, and sends nothing."""

from __future__ import annotations

import datetime as dt
import functools
import tomllib
from collections.abc import Mapping
from importlib import resources
from typing import Any

from almoner.registry.registry import Registry
from almoner.requests.clocks.wording import day_words, listed
from almoner.requests.letters.wording import Letter
from almoner.requests.rights.recipients import Received

BY_LAW = ("correction", "restriction", "erasure")
"""Of what recipients have to be told. Of an objection they are told because they can't know of it otherwise."""
ARTICLE_19 = "Article 19 of the UK GDPR"


@functools.cache
def _declared() -> dict[str, Any]:
    return tomllib.loads(resources.files("almoner.requests.rights").joinpath("letters.toml").read_text("utf-8"))


def write_to(
    received: Received, kind: str, reference: str, registry: Registry, on: dt.date, more: Mapping[str, str]
) -> Letter:
    """Write the letter to one recipient. In: more = facts of this kind: purposes, change, kind."""
    controller, rules = registry.controller, registry.requests
    contact = rules.contact or controller.address
    facts = {
        "released": day_words(received.released_on), "release": f"release {received.release_id}",
        "known_as": received.known_as, "contents": listed(received.contents), "reference": reference,
        "contact": contact, "law": ARTICLE_19 if kind in BY_LAW else "", "change": "",
        "purposes": "", "kind": "", **more,
    }  # fmt: skip
    said = [text.format_map(facts) for text in _declared()[kind]["paragraphs"]]
    for each in _declared()["ending"]["paragraphs"]:
        if facts.get(each.get("when", ""), "yes"):
            said.append(each["text"].format_map(facts))
    reached = [each for each in (rules.telephone, rules.email) if each]
    return Letter(
        kind, _declared()[kind]["title"], reference, day_words(on), (controller.title, contact, *reached),
        (received.title,), f"Dear {received.title}", tuple(said),
        ("Yours faithfully", controller.service, controller.title), controller.brand_colour,
    )  # fmt: skip
