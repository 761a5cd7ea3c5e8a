"""The notice of the starter registry states every kind of data, purpose, basis, source and recipient that it
must.

`checklist.yaml` is the list; where the specification itself is at hand, the list is compared with it. The
example council's registry is held to the same list.
"""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from almoner.notice.public_notice import public_notice
from almoner.notice.rendering import render_html, render_markdown
from almoner.registry import load_registry
from tests.unit.notice.page import Page, normal

ROOT = Path(__file__).resolve().parents[3]
REGISTRIES = {
    "starter": ROOT / "src" / "almoner" / "registry" / "starter",
    "example": ROOT / "examples" / "manchester" / "registry",
}
CHECKLIST: list[dict[str, Any]] = yaml.safe_load(Path(__file__).with_name("checklist.yaml").read_text("utf-8"))
LINES = [(part["section"], part["about"], words) for part in CHECKLIST for words in part["states"]]

SECTION_NUMBERS = dict(
    enumerate(
        ["summary", "kinds", "purposes", "basis", "sources", "recipients", "retention", "rights", "contact"],
        1,
    )
)
WHOLE_ITEMS = {"the ten ordinary kinds of data": 10, "the six kinds of special category data": 6}


@pytest.fixture(scope="module", params=REGISTRIES, ids=str)
def sections(request: pytest.FixtureRequest) -> dict[str, str]:
    """Give the words of each section of the notice that a registry makes."""
    document = public_notice(load_registry(REGISTRIES[request.param]), as_of=dt.date(2026, 5, 4))
    return Page(render_html(document)).sections


@pytest.mark.parametrize(("section", "about", "words"), LINES, ids=[f"{s}-{w[:40]}" for s, _, w in LINES])
def test_the_notice_states(sections: dict[str, str], section: str, about: str, words: str) -> None:
    assert normal(words) in normal(sections[section]), f"{about} is not stated in section '{section}'"


@pytest.mark.parametrize("about", WHOLE_ITEMS)
def test_each_kind_of_data_is_an_item_of_its_own(sections: dict[str, str], about: str) -> None:
    items = {re.sub(r" \(.*(receive|holds).*\)$", "", normal(line)) for line in sections["kinds"].split("\n")}
    wanted = [normal(words) for _, heading, words in LINES if heading == about]
    assert len([words for words in wanted if words in items]) == WHOLE_ITEMS[about]


@pytest.mark.parametrize("about", ["the sources within the Council", "the sources outside the Council"])
def test_each_source_is_named_where_it_belongs(sections: dict[str, str], about: str) -> None:
    within, outside = sections["sources"].split("from other organisations:")
    place = within if "within" in about else outside.split("published information about places")[0]
    named = {re.split(r" \(every | \(once|:", normal(line))[0] for line in place.split("\n")}
    assert {normal(words) for _, heading, words in LINES if heading == about} <= named


def test_each_recipient_has_a_row_of_its_own(sections: dict[str, str]) -> None:
    lines = {normal(line) for line in sections["recipients"].split("\n")}
    wanted = [words for section, _, words in LINES if section == "recipients"][1:]
    assert len(wanted) == 7
    assert {normal(words) for words in wanted} <= lines


def test_markdown_states_it_as_well() -> None:
    document = public_notice(load_registry(REGISTRIES["starter"]), as_of=dt.date(2026, 5, 4))
    markdown = re.sub(r"\]\(<.*?>\)|\[|\*\*|\\", "", render_markdown(document))
    assert [words for _, _, words in LINES if normal(words) not in normal(markdown)] == []


# ── the list against the specification ──────────────────────────────────────────────────────────────────────


def specification(shared: Path) -> dict[str, list[str]]:
    """Give the bullets of each section of the specification, in the words of `normal`."""
    path = shared / "spec" / "privacy-notice.txt"
    if not path.is_file():
        pytest.skip("the specification is not at hand: no spec/privacy-notice.txt in the shared folder")
    bullets: dict[str, list[str]] = {}
    section = ""
    for line in path.read_text("utf-8").splitlines():
        heading = re.match(r"\s*([1-9])\. ", line)
        if heading:
            section = SECTION_NUMBERS[int(heading[1])]
        elif line.strip().startswith("•"):
            bullets.setdefault(section, []).append(normal(line.strip(" •").removesuffix(".")))
    return bullets


def test_the_checklist_leaves_out_nothing_of_the_specification(shared_data: Path) -> None:
    bullets = specification(shared_data)
    assert {section: len(items) for section, items in bullets.items()} == {
        "kinds": 16,
        "purposes": 6,
        "sources": 7,
        "recipients": 7,
    }
    listed = {(section, normal(words).removesuffix(".")) for section, _, words in LINES}
    missing = [
        (section, item)
        for section, items in bullets.items()
        for item in items
        if not any(where == section and item.startswith(words) for where, words in listed)
    ]
    assert missing == []


def test_the_checklist_names_each_source_in_the_running_text(shared_data: Path) -> None:
    specification(shared_data)
    # Its spaces are of several kinds.
    text = " ".join((shared_data / "spec" / "privacy-notice.txt").read_text("utf-8").split())
    found = re.search(r"from other organisations, such as the (.*?)\.", text)
    assert found is not None
    names = re.split(r", |(?<=Schools) and (?=Colleges)", found[1])
    listed = normal(" ".join(words for section, _, words in LINES if section == "sources"))
    assert len(names) == 11
    assert [name for name in names if normal(name) not in listed] == []


def test_the_checklist_names_each_article_of_the_specification(shared_data: Path) -> None:
    specification(shared_data)
    text = (shared_data / "spec" / "privacy-notice.txt").read_text("utf-8")
    articles = set(re.findall(r"Art \d+(?:\(\w\))+", text))
    assert articles == {"Art 6(1)(e)", "Art 6(1)(c)", "Art 6(1)(d)", "Art 9(2)(g)"}
    stated = " ".join(words for section, _, words in LINES if section == "basis")
    assert all(article in stated for article in articles)
