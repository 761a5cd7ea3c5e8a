"""Whether anything may go to somebody at all: recipient, purpose, agreement, datasets, dates."""

from __future__ import annotations

import datetime as dt

import pytest

from almoner.kernel.errors import AccessRefused, AlmonerError, NotFound, ReleaseRefused
from almoner.registry import Registry
from almoner.registry.governing import Recipient
from almoner.release.sharing import agreement_with, check_sharing, recipient_title
from tests.workspace_builder import declared

TODAY = dt.date(2026, 11, 1)


def registry() -> Registry:
    """Give the tiny registry with one recipient besides the public."""
    university = Recipient(
        name="university",
        title="University",
        agreement="survey",
        purposes=("research",),
        may_receive=(),
        form="aggregate",
    )
    return declared().model_copy(update={"recipient": {"university": university}})


def test_the_public_receives_under_the_agreement_of_publication() -> None:
    assert agreement_with(registry(), "public") == "publication"
    assert recipient_title(registry(), "public") == "The public"
    check_sharing(registry(), "public", "monitoring", None, ("housing.tenancies", "open_data.postcodes"), TODAY)
    check_sharing(registry(), "university", "research", "alpha", ("health.referrals",), TODAY)


REFUSED = [
    ("public", "planning", None, (), TODAY, ReleaseRefused, "'publication' does not permit it"),
    ("public", "monitoring", None, ("elections.register",), TODAY, ReleaseRefused, "does not serve it"),
    ("public", "monitoring", None, (), dt.date(2091, 1, 1), ReleaseRefused, "lapsed on 2090-12-31"),
    ("public", "monitoring", None, (), dt.date(2019, 1, 1), ReleaseRefused, "starts on 2020-01-01"),
    ("university", "monitoring", None, (), TODAY, ReleaseRefused, "the recipient is not declared for it"),
    ("university", "research", None, (), TODAY, AccessRefused, "needs a project"),
    ("university", "research", "alpha", ("health.referral",), TODAY, NotFound, "No dataset"),
    ("friend", "monitoring", None, (), TODAY, NotFound, "No recipient 'friend'"),
    ("public", "fun", None, (), TODAY, NotFound, "Purpose 'fun' is not declared"),
]


@pytest.mark.parametrize(("recipient", "purpose", "project", "datasets", "today", "kind", "told"), REFUSED)
def test_what_is_not_permitted_is_refused_with_its_reason(
    recipient: str, purpose: str, project: str | None, datasets: tuple[str, ...], today: dt.date,
    kind: type[AlmonerError], told: str,
) -> None:  # fmt: skip
    with pytest.raises(kind) as refused:
        check_sharing(registry(), recipient, purpose, project, datasets, today)
    assert told in refused.value.message and refused.value.todo
