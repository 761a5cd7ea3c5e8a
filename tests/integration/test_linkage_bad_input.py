"""What linkage does with input that is wrong on a large scale: the pairs stay few, nothing is lost, and it is said."""

from __future__ import annotations

from datetime import date, timedelta
from random import Random
from typing import Any

import pytest

from almoner.kernel.errors import CalculationError
from almoner.linkage import LinkOutcome, LinkSettings, link
from almoner.linkage.comparisons import COMPARISONS
from almoner.linkage.model import models_to_json, untrained_models
from tests.unit.linkage.mentions import mention, table

pytestmark = pytest.mark.integration

PAIRS_PER_RECORD = 60
"""More than this many pairs per record, on average, would be an explosion: every key's limit together gives less."""

MODEL = models_to_json(untrained_models(COMPARISONS))


def _linked(rows: list[dict[str, Any]]) -> LinkOutcome:
    settings = LinkSettings(model_json=MODEL)
    outcome = link(table(rows), previous=None, decisions=(), settings=settings, seed=1)
    assert outcome.person_record.num_rows == len(rows), "a record was lost"
    assert outcome.metrics["candidate_pairs"] <= PAIRS_PER_RECORD * len(rows), "the pairs exploded"
    return outcome


def _largest(outcome: LinkOutcome) -> int:
    return max(outcome.person["record_count"].to_pylist())


def _names(random: Random, surnames: int) -> str:
    letters = "ABDEFGHIKLMNOPRSTU"
    forename = "".join(random.choice(letters) for _ in range(6))
    return f"{forename} {letters[random.randrange(18)]}ARN{random.randrange(surnames):04d}".translate(
        str.maketrans("0123456789", "ABCDEFGHIJ")
    )


def test_a_delivery_in_which_everybody_was_born_on_one_day() -> None:
    random = Random(1)
    names = [_names(random, 300) for _ in range(6000)]
    homes = [{"uprn": f"99{n:010d}", "house_number": str(n % 90), "street": f"OAK {n // 90}", "postcode": "M1 1AA"}
             for n in range(2500)]  # fmt: skip
    rows = [mention(f"c.bad/{n}", name, "1900-01-01", **homes[n % 2500]) for n, name in enumerate(names)]
    born = date(1950, 1, 1)
    rows += [
        mention(f"h.p/{n}", name, str(born + timedelta(days=n)), **homes[n % 2500]) for n, name in enumerate(names)
    ]
    outcome = _linked(rows)
    assert _largest(outcome) <= 4
    assert outcome.metrics["persons"] < 1.1 * len(names), "the date kept apart those whom name and address join"


def test_forty_thousand_records_at_one_care_home() -> None:
    random = Random(2)
    home = {"uprn": "990000000001", "house_number": "1", "street": "CARE HOME", "postcode": "M1 1AA"}
    born = date(1930, 1, 1)
    rows = [
        mention(f"c.e/{n}", _names(random, 2000), str(born + timedelta(days=random.randrange(7000))), **home)
        for n in range(40_000)
    ]
    outcome = _linked(rows)
    assert any("share a address with too many others" in text for text in outcome.warnings)
    assert _largest(outcome) <= 3
    assert set(outcome.household["kind"].to_pylist()) == {"communal"}


def test_a_name_field_full_of_service_names() -> None:
    teams = ["HOUSING OPTIONS TEAM", "ADULT SOCIAL CARE", "DUTY WORKER", "EARLY HELP HUB"]
    rows = [
        mention(f"c.e/{n}", teams[n % 4], event_on=date(2026, 1, 1), phone="+441610000000",
                uprn=f"99{n % 700:010d}", house_number=str(n % 700), street="OAK ROAD", postcode="M1 1AA")
        for n in range(8000)
    ]  # fmt: skip
    rows += [
        mention(f"h.p/{n}", teams[n % 4], str(date(1950, 1, 1) + timedelta(days=7 * n)), nhs_number=f"9{n:09d}",
                phone="+441610000000", postcode="M1 1AA")
        for n in range(3000)
    ]  # fmt: skip
    outcome = _linked(rows)
    people = {
        row["record_id"]: row["person_id"] for row in outcome.person_record.to_pylist() if row["dataset"] == "h.p"
    }
    assert len(set(people.values())) == 3000, "two people with numbers of their own became one"
    assert outcome.warnings


@pytest.mark.parametrize("said", ['{"format": 1, "models": {}}', "not a model", MODEL.replace("forename_l", "given_l")])
def test_a_model_from_another_registry_is_refused_in_clear_words(said: str) -> None:
    rows = table([mention("h.p/1", "ZAINAB TALWICK", "1980-05-06")])
    with pytest.raises(CalculationError, match="model does not fit"):
        link(rows, previous=None, decisions=(), settings=LinkSettings(model_json=said), seed=1)
