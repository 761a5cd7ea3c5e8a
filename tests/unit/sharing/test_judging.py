"""What records without references must not give away, and that a refusal gives away nothing itself."""

from __future__ import annotations

from typing import Any

import pytest

from almoner.kernel.errors import ShareRefused
from almoner.registry.releasing import ReleaseRules
from almoner.registry.sharing import Sharing
from almoner.sharing.judging import judge
from almoner.sharing.reading import Content, Table

RULES = ReleaseRules()


def declared(**more: Any) -> Sharing:
    """Declare something to be shared."""
    plain = {
        "name": "study", "title": "A study", "recipient": "university", "purpose": "research", "law": "An Act",
        "form": "anonymous", "fields": {"housing.tenancies": ["area", "band", "secret"]}, "review_on": "2090-01-01",
        "keep_days": 30,
    }  # fmt: skip
    return Sharing.model_validate({**plain, **more})


def content(rows: list[tuple[str, ...]], columns: tuple[str, ...] = ("area", "band")) -> Content:
    """Make an extract of rows, each about a person of its own."""
    table = Table("housing_tenancies", columns, tuple(rows))
    return Content((table,), tuple(f"p{n}" for n in range(len(rows))))


def test_as_many_as_were_agreed_are_alike_or_it_is_refused() -> None:
    rows = [("north", "A")] * 3 + [("south", "B")] * 4
    assert judge(content(rows), declared(k=3), RULES) == 3
    with pytest.raises(ShareRefused, match="could be picked out"):
        judge(content(rows), declared(k=4), RULES)
    with pytest.raises(ShareRefused):
        judge(content(rows), declared(), RULES)


def test_a_secret_that_all_who_are_alike_share_is_learnt() -> None:
    columns = ("area", "secret")
    same, other = [("north", "ill")] * 5, [("north", "ill")] * 4 + [("north", "well")]
    with pytest.raises(ShareRefused, match="could learn their 'secret'"):
        judge(content(same, columns), declared(sensitive=("secret",), k=5), RULES)
    assert judge(content(other, columns), declared(sensitive=("secret",), k=5), RULES) == 5


def test_a_refusal_tells_columns_and_bands_and_no_value() -> None:
    rows = [("north", "A")] * 9 + [("Quillfeather Lane", "Z")]
    with pytest.raises(ShareRefused) as refused:
        judge(content(rows), declared(k=5), RULES)
    told = "\n".join(refused.value.lines())
    assert "'area', 'band'" in told and "fewer than 20 records" in told
    assert "Quillfeather" not in told and " 1 " not in told


def test_nobody_is_no_extract_whatever_the_form() -> None:
    for form in ("anonymous", "pseudonymised", "identifiable"):
        with pytest.raises(ShareRefused, match="Nobody"):
            judge(content([]), declared(form=form), RULES)


def test_forms_that_show_people_have_no_k() -> None:
    assert judge(content([("north", "A")]), declared(form="pseudonymised"), RULES) is None


def test_nothing_but_secrets_can_not_be_judged() -> None:
    with pytest.raises(ShareRefused, match="could be judged"):
        judge(content([("ill",)] * 9, ("secret",)), declared(sensitive=("secret",)), RULES)
