"""What nobody should send us is found however it is spelt, and ordinary remarks about a page are not refused."""

from __future__ import annotations

import pytest

from almoner.web.public.refused_values import DATE, EMAIL, NINO, NUMBER, POSTCODE, refused_kinds

REFUSED = [
    ("my number is QQ123456C", ()),  # never issued: Q is no first letter of one; the six digits are found all the same
    ("AB 12 34 56 C", NINO), ("ab123456c", NINO), ("AB-12-34-56-C", NINO), ("AB123456", NINO), ("ＡＢ１２３４５６Ｃ", NINO),
    ("A B 1 2 3 4 5 6", NINO), ("AB.12.34.56", NINO), ("AB\u200b123456C", NINO), ("(AB 123456 D)", NINO),
    ("943 476 5919", NUMBER), ("943-476-5919", NUMBER), ("9434765919", NUMBER), ("９４３４７６５９１９", NUMBER),
    ("٩٤٣٤٧٦٥٩١٩", NUMBER), ("943\u00a0476\u20115919", NUMBER),
    ("4111 1111 1111 1111", NUMBER), ("4111-1111-1111-1111", NUMBER), ("378282246310005", NUMBER),
    ("sort code 20-45-77 account 61234567", NUMBER), ("204577", NUMBER), ("20 45 77", NUMBER), ("61234567", NUMBER),
    ("07700 900123", NUMBER), ("+44 7700 900123", NUMBER), ("(0161) 496 0000", NUMBER), ("0161-496-0000", NUMBER),
    ("jo.smith@example.org", EMAIL), ("JO @ EXAMPLE . ORG", EMAIL), ("jo＠example.org", EMAIL), ("jo [at] example [dot] org", EMAIL),
    ("jo(at)example.org", EMAIL),
    ("21/03/1987", DATE), ("1987-03-21", DATE), ("21.3.87", DATE), ("21 March 1987", DATE), ("21st of March, 1987", DATE),
    ("March 21st 1987", DATE), ("21 mar 87", DATE), ("21-MAR-1987", DATE), ("２１／０３／１９８７", DATE), ("born 3 4 87", ()),
    ("M14 7JR", POSTCODE), ("m147jr", POSTCODE), ("M14-7JR", POSTCODE), ("SW1A 1AA", POSTCODE), ("Ｍ１４ ７ＪＲ", POSTCODE),
    ("M1 1AE.", POSTCODE), ("EC1A  1BB", POSTCODE), ("MO1 1AE", ()), ("M 1 4 7 J R", POSTCODE),
]  # fmt: skip


@pytest.mark.parametrize(("text", "kind"), REFUSED)
@pytest.mark.parametrize("around", ["{}", "The page is wrong. {}, I live there.", "x\n{}\ny"])
def test_a_value_is_found(text: str, kind: str, around: str) -> None:
    if kind:
        assert kind in refused_kinds(around.format(text))


@pytest.mark.parametrize("text", ["QQ 123456 C", "QQ-12-34-56-C"])
def test_a_number_that_was_never_issued_is_refused_as_a_long_number(text: str) -> None:
    assert NUMBER in refused_kinds(text)


@pytest.mark.parametrize(
    "text",
    [
        "", "I could not find how long you keep school records.", "Section 4 says 12 months and section 5 says 2 years",
        "The figure for 2024/25 is not the one of 2023-24", "between 2019-2024", "It says £1,200,000 in one place",
        "In 20 minutes I could not read it", "Version 6.6.0 of the page", "The table has 5,000 rows", "Call 999 or 101",
        "Part 9 of the 2018 Act, Schedule 1 paragraph 6", "The link at the bottom is dead.", "See Art 6(1)(e)",
        "May 2026 is missing", "It took 3 clicks, then 4", "I can't read it at 400%", "row 12, column 14",
    ],
)  # fmt: skip
def test_an_ordinary_remark_is_taken(text: str) -> None:
    assert refused_kinds(text) == ()


def test_what_is_found_is_named_and_never_given_back() -> None:
    found = refused_kinds("AB123456C lives at M14 7JR, born 21/03/1987, jo@example.org, 07700 900123")
    assert set(found) == {NINO, POSTCODE, DATE, EMAIL, NUMBER}
    assert not any(character.isdigit() for kind in found for character in kind)
