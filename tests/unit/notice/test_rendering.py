"""One document as HTML that anybody can use, and as Markdown that says the same."""

from __future__ import annotations

import base64
import datetime as dt
import re
from hashlib import sha256
from itertools import pairwise

import pytest

from almoner.notice.blocks import (
    Bullets,
    Document,
    Heading,
    Link,
    Paragraph,
    Section,
    Strong,
    Table,
    Terms,
    text,
)
from almoner.notice.processing_record import processing_record
from almoner.notice.public_notice import public_notice
from almoner.notice.rendering import render_html, render_markdown
from almoner.registry import Registry
from tests.unit.notice.council import TODAY, Change
from tests.unit.notice.page import Page, normal

NASTY = "<script>alert('x')</script> & *a* | `b` [c](d)"


@pytest.fixture(params=[public_notice, processing_record], ids=["notice", "record"])
def document(request: pytest.FixtureRequest, registry: Registry) -> Document:
    return request.param(registry, as_of=TODAY)


def of(*blocks: Paragraph | Heading | Bullets | Terms | Table) -> Document:
    section = Section(1, "one", "One", blocks)
    return Document("notice", "Title", "Council", "Service", "#1d4e6b", (section,), "a" * 64, dt.date(2026, 5, 4))


# ── the page as people use it ───────────────────────────────────────────────────────────────────────────────


def test_the_page_is_well_formed_and_says_its_language(document: Document) -> None:
    html = render_html(document)
    page = Page(html)
    assert html.startswith("<!DOCTYPE html>")
    assert page.unclosed == []
    assert page.all("html") == [{"lang": "en-GB"}]
    assert {"name": "viewport", "content": "width=device-width, initial-scale=1"} in page.all("meta")


def test_ids_are_unique_and_every_link_within_the_page_arrives(document: Document) -> None:
    page = Page(render_html(document))
    ids = [attributes["id"] for _, attributes in page.elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    inside = [each["href"][1:] for each in page.all("a") if each["href"].startswith("#")]
    assert len(inside) == 1 + len(document.sections)
    assert set(inside) <= set(ids)
    labels = [each["aria-labelledby"] for each in page.all("section")]
    assert labels == [section.anchor for section in document.sections]


def test_the_first_thing_a_keyboard_meets_skips_to_the_main_content(document: Document) -> None:
    page = Page(render_html(document))
    assert page.all("a")[0] == {"class": "skip", "href": "#main"}
    assert page.all("main") == [{"id": "main", "tabindex": "-1"}]
    assert [len(page.all(tag)) for tag in ("header", "nav", "footer")] == [1, 1, 1]
    assert page.all("nav")[0]["aria-label"] == "Contents"


def test_headings_go_down_one_level_at_a_time(document: Document) -> None:
    headings = Page(render_html(document)).headings
    assert [words for level, words in headings if level == 1] == [document.title]
    levels = [level for level, words in headings if words != "Contents"]
    assert all(later - earlier <= 1 for earlier, later in pairwise(levels))


def test_every_table_has_a_caption_and_headed_rows_and_columns(document: Document) -> None:
    page = Page(render_html(document))
    tables = page.all("table")
    assert tables
    assert len(page.all("caption")) == len(tables)
    scopes = [each["scope"] for each in page.all("th")]
    assert scopes.count("row") == len(page.all("tr")) - len(tables)
    assert all(each["data-label"] for each in page.all("td"))


def test_the_page_loads_nothing_and_its_policy_allows_its_own_style_only(document: Document) -> None:
    html = render_html(document)
    page = Page(html)
    assert not {tag for tag, _ in page.elements} & {
        "script",
        "img",
        "link",
        "iframe",
        "form",
        "input",
        "object",
    }
    assert "url(" not in html and "@import" not in html
    assert not [attributes for _, attributes in page.elements if "style" in attributes]
    style = html.split("<style>")[1].split("</style>")[0]
    digest = base64.b64encode(sha256(style.encode()).digest()).decode()
    policies = [each["content"] for each in page.all("meta") if each.get("http-equiv") == "Content-Security-Policy"]
    assert len(policies) == 1
    assert policies[0].startswith(f"default-src 'none'; style-src 'sha256-{digest}'")


def test_links_lead_where_the_registry_says(registry: Registry) -> None:
    page = Page(render_html(public_notice(registry, as_of=TODAY)))
    outside = {each["href"] for each in page.all("a") if not each["href"].startswith("#")}
    assert outside == {
        "https://ashby.example",
        "https://ashby.example/privacy",
        "https://ashby.example/retention",
        "https://ashby.example/rights",
        "mailto:dpo@ashby.example",
        "tel:01632960000",
        "https://ico.org.uk/make-a-complaint/",
    }


def test_the_colour_of_the_council_is_used_and_can_be_read(registry: Registry) -> None:
    html = render_html(public_notice(registry, as_of=TODAY))
    assert "--band: #ffd400; --upon: #000000;" in html
    assert re.search(r"--brand: #(?!ffd400)[0-9a-f]{6};", html)


# ── words are words ─────────────────────────────────────────────────────────────────────────────────────────


def test_html_of_the_registry_stays_words(changed: Change) -> None:
    registry = changed("category", "health", title=NASTY)
    for document in (public_notice(registry, as_of=TODAY), processing_record(registry, as_of=TODAY)):
        html = render_html(document)
        assert "<script" not in html
        assert normal(NASTY) in normal("\n".join(Page(html).sections.values()))


def test_markup_of_the_registry_stays_words_in_markdown() -> None:
    blocks = (
        text(NASTY),
        Bullets(((NASTY,),)),
        Table("C", ("A", "B"), ((NASTY, "x"),)),
        text("1. no list"),
        text("- nor here"),
    )
    markdown = render_markdown(of(*blocks))
    escaped = r"&lt;script&gt;alert('x')&lt;/script&gt; & \*a\* \| \`b\` \[c\](d)"
    assert markdown.count(escaped) == 3
    assert "<script" not in markdown
    assert "\n1\\. no list\n" in markdown
    assert "\n\\- nor here\n" in markdown
    assert "caf&amp;eacute;" in render_markdown(of(text("caf&eacute;")))


def test_each_block_in_both_forms() -> None:
    document = of(
        Heading("Under", "under"),
        Paragraph(("See ", Link("the page", "https://ashby.example/?a=1&b=2"), ".")),
        Bullets(((Strong("Strong: "), "words"),)),
        Terms((("Name", ("what it is",)),)),
        Table("Caption", ("A", "B"), (("1", "2"),)),
    )
    markdown, html = render_markdown(document), render_html(document)
    assert "### Under\n\nSee [the page](<https://ashby.example/?a=1&b=2>).\n\n- **Strong:** words\n\n" in markdown
    assert "- **Name:** what it is\n\n**Caption**\n\n| A | B |\n| --- | --- |\n| 1 | 2 |\n" in markdown
    assert '<h3 id="under">Under</h3>' in html
    assert '<a href="https://ashby.example/?a=1&amp;b=2">the page</a>.' in html
    assert "<li><strong>Strong: </strong>words</li>" in html
    assert "<dt>Name</dt><dd>what it is</dd>" in html
    assert '<td role="cell" data-label="B">2</td>' in html


def test_markdown_says_what_the_page_says(document: Document) -> None:
    page = Page(render_html(document))
    markdown = re.sub(
        r"\\(.)", r"\1", re.sub(r"\[(.*?)\]\(<.*?>\)", r"\1", render_markdown(document).replace("**", ""))
    )
    shown = normal(markdown.replace("|", " "))
    lines = [normal(line) for words in page.sections.values() for line in words.split("\n")]
    said = [line for line in lines if line]
    assert len(said) > 50
    assert [line for line in said if line not in shown] == []
