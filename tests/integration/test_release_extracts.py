"""Records leave one by one only if nobody can be picked out, and the refusal tells of nobody."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from almoner.kernel.errors import AlmonerError, ReleaseRefused, UsageError
from tests.integration.release_desk import AUTHOR, CHECKER, LOOKED, ReleaseDesk
from tests.workspace_builder import finished_workspace

pytestmark = pytest.mark.integration

DECLARED = """
[recipient.university]
title = "University"
agreement = "publication"
purposes = ["monitoring"]
may_receive = ["gender", "place", "financial", "record"]
form = "pseudonymised"
[recipient.charity]
title = "Charity"
agreement = "publication"
purposes = ["monitoring"]
may_receive = ["gender", "place", "financial", "record"]
form = "aggregate"
[breakdown.sex]
title = "Sex"
lists = { sex = { F = ["F"], M = ["M"] } }
"""
PLAN = """
title = "Tenants"
purpose = "monitoring"
recipient = "university"
as_of = "2026-09-30"
datasets = ["housing.tenancies"]
[microdata]
title = "Tenants with arrears"
file = "records.csv"
population = "new_plans"
covers = "population"
time = "2026-04"
quasi_identifiers.ward = { title = "Ward", category = "place", geography = "ward" }
quasi_identifiers.sex = { title = "Sex", category = "gender", list = "sex" }
sensitive.arrears = { title = "Arrears", category = "financial" }
"""
Row = tuple[str, str, str]


def rows(women: int = 8, men: int = 8) -> list[Row]:
    """Give records of two wards, so many of each sex in the first; arrears differ."""
    listed = [("E05001", "F", n) for n in range(women)] + [("E05001", "M", n) for n in range(men)]
    listed += [("E05002", sex, n) for sex in "FM" for n in range(6)]
    return [(ward, sex, ("none", "some")[n % 2]) for ward, sex, n in listed]


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ReleaseDesk:
    """Give a workspace with somebody who may receive records, and somebody who may not."""
    folder = tmp_path / "plans"
    folder.mkdir()
    desk = ReleaseDesk(finished_workspace(tmp_path / "workspace"), monkeypatch, folder)
    (desk.tiny.root / "registry" / "extracts.toml").write_text(DECLARED)
    return desk


def plan_of(desk: ReleaseDesk, records: Sequence[Row], plan: str = PLAN, heads: str = "ward,sex,arrears") -> str:
    """Write a plan with its records."""
    (desk.folder / "records.csv").write_text("\n".join([heads, *(",".join(row) for row in records)]) + "\n")
    path = desk.folder / "extract.toml"
    path.write_text(plan)
    return str(path)


def said(error: AlmonerError) -> str:
    """Give all that an error says."""
    return "\n".join(error.lines())


def test_an_extract_goes_the_way_of_every_release(desk: ReleaseDesk) -> None:
    made = desk.document(AUTHOR, "draft", plan_of(desk, rows()))
    release = desk.approved(made["release"])
    desk.document(AUTHOR, "publish", release)
    assert desk.files(release) == ["csv-metadata.json", "records.csv", "release.json"]
    lines = (desk.tiny.root / "releases" / release / "records.csv").read_text().splitlines()
    assert lines[0] == "ward,sex,arrears,status" and len(lines) == 1 + len(rows())
    assert lines[1:] == sorted(lines[1:]), "the order says nothing"
    text = "".join(path.read_text() for path in (desk.tiny.root / "releases" / release).glob("*"))
    assert "records_stated" not in text and "shared by at least 5 records" in text
    desk.document(AUTHOR, "verify")


def test_the_author_can_not_approve_an_extract_and_an_edit_resets_it(desk: ReleaseDesk) -> None:
    release = desk.document(AUTHOR, "draft", plan_of(desk, rows()))["release"]
    desk.document(AUTHOR, "check", release)
    desk.refused(AUTHOR, "approve", release, "--digest", desk.digest(release), *LOOKED)
    desk.document(CHECKER, "approve", release, "--digest", desk.digest(release), *LOOKED)
    desk.document(AUTHOR, "draft", plan_of(desk, rows(9)), "--replace", release)
    desk.refused(AUTHOR, "publish", release)


def test_one_who_stands_alone_and_three_are_refused_in_the_same_words(desk: ReleaseDesk) -> None:
    told = {said(desk.refused(AUTHOR, "draft", plan_of(desk, rows(few)))) for few in (1, 3)}
    (words,) = told
    assert "'ward' and 'sex' together" in words and "fewer than 20 records" in words and "Coarsen '" in words
    assert "E05001" not in words and "some" not in words
    error = desk.refused(AUTHOR, "draft", plan_of(desk, rows(1)))
    assert isinstance(error, ReleaseRefused)


def test_those_alike_must_not_all_have_the_same_secret(desk: ReleaseDesk) -> None:
    same = [(ward, sex, "some" if (ward, sex) == ("E05002", "F") else value) for ward, sex, value in rows()]
    words = said(desk.refused(AUTHOR, "draft", plan_of(desk, same)))
    assert "fewer than 2 different values of 'arrears'" in words and "E05002" not in words


@pytest.mark.parametrize(
    ("value", "seems"),
    [
        ("943 476 5919", "an NHS number"), ("in part", ""), ("AB123456C", "a National Insurance number"),
        ("M14 7JR", "a postcode"), ("1984-03-02", "a full date"), ("02/03/1984", "a full date"),
        ("100012345678", "a person, a home"), ("a@example.org", "an e-mail address"),
    ],
)  # fmt: skip
def test_what_names_somebody_is_refused_wherever_it_stands(desk: ReleaseDesk, value: str, seems: str) -> None:
    records = [(ward, sex, value if not number else arrears) for number, (ward, sex, arrears) in enumerate(rows())]
    result = desk.call(AUTHOR, "draft", plan_of(desk, records))
    if not seems:
        assert result.exception is None
        return
    assert isinstance(result.exception, ReleaseRefused)
    words = said(result.exception)
    assert f"column 'arrears' looks like {seems}"[:30] in words and seems in words and value not in words


@pytest.mark.parametrize("heading", ["surname", "NHS_number", "date of birth", "postcode", "client id", "name"])
def test_a_heading_that_says_whom_is_refused(desk: ReleaseDesk, heading: str) -> None:
    plan = PLAN.replace("sensitive.arrears", f'sensitive."{heading}"')
    words = said(desk.refused(AUTHOR, "draft", plan_of(desk, rows(), plan, f"ward,sex,{heading}")))
    assert f"column '{heading}' looks like" in words


def test_categories_that_name_people_and_numbers_of_ones_own_are_refused(desk: ReleaseDesk) -> None:
    named = PLAN.replace('"financial"', '"gender"')
    assert "names people" in said(desk.refused(AUTHOR, "draft", plan_of(desk, rows(), named)))
    single = [(ward, sex, f"x{number}") for number, (ward, sex, _) in enumerate(rows())]
    words = said(desk.refused(AUTHOR, "draft", plan_of(desk, single)))
    assert "a value of their own in column 'arrears'" in words and "x1" not in words


@pytest.mark.parametrize(
    ("plan", "told"),
    [
        (PLAN.replace('"university"', '"public"'), "never go to the public"),
        (PLAN.replace('"university"', '"charity"'), "receives figures only"),
        (PLAN.replace('"financial"', '"health"'), "may not receive category 'health'"),
        (PLAN.replace('"new_plans"', '"tenants_in_arrears"'), "No population 'tenants_in_arrears'"),
        (PLAN.replace('list = "sex"', 'list = "gender"'), "Column 'sex' has a code that nobody has declared"),
        (PLAN.replace('covers = "population"', 'covers = "sample"').replace('"sex" }', '"sxe" }'), "Column 'sex'"),
        (PLAN.replace(', list = "sex"', ""), "Nobody has said what the codes of 'sex' are"),
    ],
)
def test_who_may_not_have_records_gets_none(desk: ReleaseDesk, plan: str, told: str) -> None:
    words = said(desk.refused(AUTHOR, "draft", plan_of(desk, rows(), plan)))
    assert told in words


def test_a_column_that_nobody_declared_is_refused(desk: ReleaseDesk) -> None:
    plan = PLAN.replace("sensitive.arrears", "#")
    error = desk.refused(AUTHOR, "draft", plan_of(desk, rows(), plan))
    assert isinstance(error, UsageError) and "from the left: 3" in error.message


def test_an_extract_that_gives_away_what_is_out_is_refused_and_can_not_be_repaired(desk: ReleaseDesk) -> None:
    """The ward's total is out: 25 less the 22 in the extract are three people who are not in it."""
    earlier = desk.released({"2026-04": (19, 12)})
    release = desk.document(AUTHOR, "draft", plan_of(desk, rows()))["release"]
    found = json.loads(desk.call(AUTHOR, "check", release, "--json").stdout)
    assert not found["passes"] and found["findings"][0]["releases"] == [earlier]
    assert "can't be repaired" in desk.refused(AUTHOR, "repair", release).message
    assert "can't be repaired" in desk.refused(AUTHOR, "repair", release, "--apply", "rounded").message
    sample = PLAN.replace('covers = "population"', 'covers = "sample"')
    again = desk.document(AUTHOR, "draft", plan_of(desk, rows(), sample))["release"]
    assert desk.document(AUTHOR, "check", again)["passes"], "of a sample nobody knows how many are not in it"


def test_stricter_rules_void_an_approval(desk: ReleaseDesk) -> None:
    release = desk.approved(desk.document(AUTHOR, "draft", plan_of(desk, rows()))["release"])
    for path in (desk.tiny.root / "registry").glob("*.toml"):
        path.write_text(path.read_text().replace("[release]\n", "[release]\nk_anonymity = 7\n"))
    assert isinstance(desk.refused(AUTHOR, "publish", release), ReleaseRefused)
    assert desk.files(release) == []
    assert "fewer than 6 others" in said(desk.refused(AUTHOR, "check", release))
