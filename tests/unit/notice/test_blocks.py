"""Documents before they are rendered."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from almoner.notice.blocks import (
    Document,
    Link,
    Section,
    Table,
    link,
    listed,
    one_line,
    paragraphs,
    plain,
    text,
)

PAGE = Document(
    page="notice",
    title="Notice",
    council="Council",
    service="Service",
    brand_colour="#123456",
    sections=(Section(1, "one", "One", (text("Words."),)),),
    registry_digest="a",
    as_of=dt.date(2026, 5, 4),
)


def test_the_digest_is_of_what_the_page_says() -> None:
    later = replace(PAGE, as_of=dt.date(2027, 1, 1), registry_digest="b")
    other = replace(PAGE, sections=(Section(1, "one", "One", (text("Other words."),)),))
    assert later.digest == PAGE.digest
    assert other.digest != PAGE.digest
    assert replace(PAGE, brand_colour="#123457").digest != PAGE.digest


@pytest.mark.parametrize(
    ("url", "leads"),
    [
        ("https://ashby.example/a", True),
        ("http://ashby.example", True),
        ("mailto:dpo@ashby.example", True),
        ("tel:01632960000", True),
        ("javascript:alert(1)", False),
        ("data:text/html,x", False),
        ("https://ashby.example/a b", False),
        ("https://ashby.example/\nx", False),
        ("", False),
    ],
)
def test_a_page_leads_only_to_web_mail_and_telephone(url: str, leads: bool) -> None:
    assert link("words", url) == (Link("words", url) if leads else "words")


def test_a_table_has_a_cell_for_each_heading() -> None:
    with pytest.raises(ValueError, match="each heading"):
        Table("Caption", ("One", "Two"), (("only one",),))


def test_words_over_several_lines_become_paragraphs() -> None:
    found = [plain(each.line) for each in paragraphs("\nOne\n  line.\n\n\nAnother.\n")]
    assert found == ["One line.", "Another."]
    assert one_line(" a\n b ") == "a b"


def test_a_list_of_nothing_says_so() -> None:
    assert listed(["a, b", "c"]) == "a, b; c"
    assert listed([]) == "none"
