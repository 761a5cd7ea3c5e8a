"""Who is joined on evidence that is nearly enough: moves, slips in numbers, wrong forenames, and what must stay apart."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from almoner.linkage.comparisons import COMPARISONS
from almoner.linkage.model import models_to_json, untrained_models
from tests.unit.linkage.mentions import AWAY, HOME, groups, mention, run

GP, TAX, ROLL, VOTE, CARE = "health.patients", "revenues.tax", "education.roll", "elections.register", "care.events"

FAR = {"uprn": "990000000003", "house_number": "3", "street": "ASH CLOSE", "postcode": "M4 4DD"}
MOVED = [
    mention(f"{GP}/2", "IDRIS TALWICK", "1978-02-03", **HOME),
    mention(f"{CARE}/2", "IDRIS TALWICK", "1978-02-03", **AWAY),
]
"""Somebody who was at two addresses."""

CASES: list[tuple[str, list[dict[str, Any]], list[set[int]]]] = [
    (
        "who moved with a housemate is one person",
        [
            *MOVED,
            mention(f"{GP}/1", "ZAINAB TALWICK", "1980-05-06", **HOME),
            mention(f"{VOTE}/1", "ZAINAB TALWICK", **AWAY),
        ],
        [{0, 1}, {2, 3}],
    ),
    (
        "a namesake where no housemate ever lived is somebody else",
        [
            *MOVED,
            mention(f"{GP}/1", "ZAINAB TALWICK", "1980-05-06", **HOME),
            mention(f"{VOTE}/1", "ZAINAB TALWICK", **FAR),
        ],
        [{0, 1}],
    ),
    (
        "one's own two addresses are no housemate's",
        [
            mention(f"{GP}/1", "ZAINAB TALWICK", "1950-05-06", **HOME),
            mention(f"{CARE}/1", "ZAINAB TALWICK", "1950-05-06", **AWAY),
            mention(f"{ROLL}/1", "ZAINAB TALWICK", "2015-10-21", **HOME),
        ],
        [{0, 1}],
    ),
    (
        "a number without a check digit may be miswritten",
        [
            mention("dwp.awards/1", "ZAINAB TALWICK", "1980-05-06", nino="AB123456C", **HOME),
            mention("benefits.claims/1", "ZAINAB TALWICK", "1980-05-06", nino="AB132456C", **HOME),
        ],
        [{0, 1}],
    ),
    (
        "two numbers far apart are two people",
        [
            mention("dwp.awards/1", "ZAINAB TALWICK", "1980-05-06", nino="AB123456C", **HOME),
            mention("benefits.claims/1", "ZAINAB TALWICK", "1980-05-06", nino="XY987654D", **HOME),
        ],
        [],
    ),
    (
        "twins with neighbouring numbers stay two",
        [
            mention("dwp.awards/1", "ADAM TALWICK", "2006-05-06", nino="AB123456C", **HOME),
            mention("benefits.claims/1", "NOAH TALWICK", "2006-05-06", nino="AB123457C", **HOME),
        ],
        [],
    ),
    (
        "a grown-up's other forename, with surname, birthday and address, is no twin",
        [
            mention(f"{GP}/1", "ADAM TALWICK", "1950-05-06", sex="M", **HOME),
            mention(f"{TAX}/1", "NOAH TALWICK", "1950-05-06", sex="M", **HOME),
        ],
        [{0, 1}],
    ),
    (
        "brother and sister of one birthday stay two however old",
        [
            mention(f"{GP}/1", "ADAM TALWICK", "1950-05-06", sex="M", **HOME),
            mention(f"{TAX}/1", "RUBY TALWICK", "1950-05-06", sex="F", **HOME),
        ],
        [],
    ),
    (
        "grown-up twins whom one register lists stay two",
        [
            mention(f"{GP}/1", "ADAM TALWICK", "1950-05-06", sex="M", snapshot_unique=True, **HOME),
            mention(f"{GP}/2", "NOAH TALWICK", "1950-05-06", sex="M", snapshot_unique=True, **HOME),
        ],
        [],
    ),
    (
        "a child's forename two slips off joins by birthday and address",
        [
            mention(f"{GP}/1", "MOLY TALWICK", "2015-05-06", sex="F", **HOME),
            mention(f"{ROLL}/1", "MOLLIE TALWICK", "2015-05-06", sex="F", **HOME),
        ],
        [{0, 1}],
    ),
    (
        "a forename like the surname is no swapped name",
        [
            mention(f"{GP}/1", "HOSSEIN HOSSEINI", "1964-04-05", sex="M", phone="+447700900001", **HOME),
            mention(f"{TAX}/1", "H HOSSEINI", title="MR", phone="+447700900001", **HOME),
        ],
        [{0, 1}],
    ),
    (
        "an e-mail address that two namesakes bear joins a third record to neither",
        [
            mention(f"{TAX}/1", "ZAINAB TALWICK", email="zainab.talwick80@mail.example", **AWAY),
            mention(f"{GP}/1", "ZAINAB TALWICK", "1980-05-06", email="zainab.talwick80@mail.example", **HOME),
            mention(f"{GP}/2", "ZAINAB TALWICK", "1980-11-21", email="zainab.talwick80@mail.example", **FAR),
        ],
        [],
    ),
]


@pytest.mark.parametrize(("rows", "expected"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_hard_case(rows: list[dict[str, Any]], expected: list[set[int]]) -> None:
    names = [f"{row['dataset']}/{row['record_id']}" for row in rows]
    found = {group for group in groups(run(rows)) if len(group) > 1}
    assert found == {frozenset(names[place] for place in group) for group in expected}


def test_a_forename_that_only_women_bear_is_no_mans() -> None:
    women = [
        mention(f"{GP}/w{n}", f"ZAINAB SUR{chr(65 + n)}", f"19{n + 50}-03-0{n % 9 + 1}", sex="F") for n in range(12)
    ]
    rows = [
        mention(f"{GP}/1", "ZAYD TALWICK", "1980-05-06", sex="M", **HOME),
        mention(f"{VOTE}/2", "ZAINAB TALWICK", **HOME),
        mention(f"{TAX}/1", "Z TALWICK", title="MR", **HOME),
    ]
    joined = frozenset({f"{GP}/1", f"{TAX}/1"})
    assert joined not in groups(run(rows))
    assert joined in groups(run(women + rows))


def test_a_register_of_grown_ups_says_nothing_about_whose_birthday_it_gives() -> None:
    dated = [
        mention(f"police.incidents/{n}", f"F{chr(65 + n % 26)}X S{chr(65 + n // 26)}Y", str(date(1940, 1, 1 + n % 28)))
        for n in range(60)
    ]
    boy = [
        mention("police.incidents/b", "IDRIS TALWICK", "2012-02-03", **HOME),
        mention(f"{ROLL}/1", "IDRIS TALWICK", "2012-02-03", sex="M", **HOME),
    ]
    assert frozenset({"police.incidents/b", f"{ROLL}/1"}) in groups(run(dated + boy))


def test_a_number_and_an_address_are_enough_only_where_records_tell_of_no_households() -> None:
    rows = [
        mention(f"{GP}/1", "ZAINAB TALWICK", "1980-05-06", uln="1234567890", **HOME),
        mention(f"{ROLL}/1", "IDRIS PENFORD", "2009-10-11", uln="1234567890", **HOME),
    ]
    models = untrained_models(COMPARISONS)
    assert len(groups(run(rows, model_json=models_to_json(models)))) == 2
    models["one_address"]["probability_two_random_records_match"] = 0.9
    models["one_address"]["comparisons"] = [
        written for written in models["one_address"]["comparisons"] if written["output_column_name"] != "birth"
    ]
    assert len(groups(run(rows, model_json=models_to_json(models)))) == 1
