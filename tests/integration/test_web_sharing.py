"""Pages of sharing: from what was agreed to the file that only the recipient opens, by two people, each step logged."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from almoner.web.site import Site
from almoner.wiring.shares import disclosures_of, shares_of
from tests.integration.test_web_front_line import opened
from tests.sharing_desk import WHY, Desk, desk_in
from tests.web_visits import Visitor, served, text_of

pytestmark = [pytest.mark.integration, pytest.mark.slow]


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """Make a workspace in which something is shared."""
    return desk_in(tmp_path / "workspace", web=True)


@pytest.fixture
def site(desk: Desk) -> Iterator[Site]:
    """Serve it."""
    with served(desk.tiny) as site:
        yield site


def left(site: Site, since: int) -> list[tuple[str, str, str]]:
    """Give who left which events of sharing after a number of them."""
    events = [each.event for each in site.workspace.audit.events()][since:]
    return [(each.actor, each.action, each.outcome) for each in events if each.action.startswith("share.")]


def asked(visitor: Visitor, *fields: str, sharing: str = "rents") -> Any:
    """Ask for an extract."""
    form = f"/governance/sharing/ask/{sharing}/"
    return visitor.post(form, {"field": list(fields), "words": WHY, "ages": ""})  # type: ignore[dict-item]


def test_ask_check_approve_send_confirm(desk: Desk, site: Site) -> None:
    analyst, officer = Visitor(site, "analyst"), Visitor(site, "officer")
    assert "Rents for the charity" in text_of(analyst.get("/governance/sharing/"))
    page = analyst.get("/governance/sharing/ask/rents/")
    assert "Localism Act 2011" in text_of(page) and 'value="housing.tenancies:rent" checked' in page.content.decode()
    since = len(list(site.workspace.audit.events()))
    address = str(asked(analyst, "housing.tenancies:rent")["Location"])
    assert left(site, since) == [("analyst", "share.ask", "allowed")]
    assert analyst.post(address, {"do": "check"}).status_code == 303
    shown = text_of(analyst.get(address))
    assert "How many" in shown and "You had a part in this, so somebody else approves it." in shown
    assert "Approve exactly this" not in shown
    version = re.search(r'name="version" value="(\d+)"', officer.get(address).content.decode())
    assert version is not None
    assert officer.post(address, {"do": "approve", "version": version[1], "words": ""}).status_code == 400
    assert officer.post(address, {"do": "approve", "version": version[1], "words": WHY}).status_code == 303
    since = len(list(site.workspace.audit.events()))
    file = analyst.post(f"{address}send/", form=address)
    assert file.status_code == 200 and re.fullmatch(
        r'attachment; filename="SHR-[0-9A-Z]{9}-charity\.zip\.age"', file["Content-Disposition"]
    )
    assert file["Cache-Control"] == "no-store"
    assert ("analyst", "share.send", "allowed") in left(site, since)
    rows = desk.opened(file.content)["housing_tenancies.csv"]
    assert set(rows[0]) == {"person", "rent"}
    assert "Take the encrypted file once more" in text_of(analyst.get(address))
    assert analyst.post(address, {"do": "confirm", "words": "They wrote that it is gone"}).status_code == 303
    assert "destroyed" in text_of(officer.get("/governance/sharing/"))


def test_who_approves_can_not_have_asked(desk: Desk, site: Site) -> None:
    site.workspace.records.grant_roles("analyst", ("governance",), "test")
    analyst = Visitor(site, "analyst")
    address = str(asked(analyst, "housing.tenancies:rent")["Location"])
    analyst.post(address, {"do": "check"})
    refused = analyst.post(address, {"do": "approve", "version": "2", "words": WHY})
    assert refused.status_code == 403 and "Two people stand behind" in text_of(refused)
    assert shares_of(site.workspace).shares()[0].state == "checked"


def test_what_was_not_agreed_can_not_be_asked_for(desk: Desk, site: Site) -> None:
    analyst = Visitor(site, "analyst")
    assert asked(analyst, "housing.tenancies:surname").status_code == 400
    assert analyst.get("/governance/sharing/ask/rescue/").status_code == 404
    form = "/governance/sharing/ask/tenants/"
    refused = analyst.post(form, {"field": "resident:age", "words": WHY, "ages": "1-9"})
    assert refused.status_code == 409 and "ages 1-9 were not agreed" in text_of(refused)
    keyless = asked(analyst, "housing.tenancies:rent", sharing="keyless")
    assert keyless.status_code == 409 and "no public key" in text_of(keyless)
    assert shares_of(site.workspace).shares() == []


def test_an_agreement_that_lapsed_before_the_sending(desk: Desk, site: Site) -> None:
    share = desk.approved("rents")
    desk.tiny.change(
        "sharing.toml", 'parties = ["Tiny Council", "The charity"]\nsigned_on = 2020-01-01\nexpires_on = 2090-12-31',
        'parties = ["Tiny Council", "The charity"]\nsigned_on = 2020-01-01\nexpires_on = 2026-11-01',
    )  # fmt: skip
    with served(desk.tiny) as later:
        analyst = Visitor(later, "analyst")
        address = f"/governance/sharing/{share.id}/"
        refused = analyst.post(f"{address}send/", form=address)
    assert refused.status_code == 409 and "lapsed on 2026-11-01" in text_of(refused)
    assert "attachment" not in refused.get("Content-Disposition", "")


def test_an_emergency_from_an_open_record_and_its_review(desk: Desk, site: Site) -> None:
    worker, officer = Visitor(site, "worker"), Visitor(site, "officer")
    record = opened(site, worker)
    form = f"{record.rstrip('/')}/share/"
    page = worker.get(form)
    assert "The Charity: Where somebody in danger lives" in text_of(page)
    short = worker.post(form, {"sharing": "rescue", "words": "quick", "understood": "yes"})
    assert short.status_code == 400 and shares_of(site.workspace).shares() == []
    file = worker.post(form, {"sharing": "rescue", "words": WHY, "understood": "yes"})
    assert file.status_code == 200
    (row,) = desk.opened(file.content)["housing_tenancies.csv"]
    (share,) = shares_of(site.workspace).shares()
    person = shares_of(site.workspace).words(share.id).subject
    assert row["surname"] and [each.share for each in disclosures_of(site.workspace, person)] == [share.id]
    due = text_of(officer.get("/governance/sharing/due/"))
    assert f"Review the emergency: {share.id}" in due
    address = f"/governance/sharing/{share.id}/"
    shown = officer.get(address)
    assert row["surname"] not in text_of(shown) and person not in shown.content.decode()
    assert officer.post(address, {"do": "review", "words": WHY}).status_code == 400
    assert officer.post(address, {"do": "review", "finding": "justified", "words": WHY}).status_code == 303
    assert f"Review the emergency: {share.id}" not in text_of(officer.get("/governance/sharing/due/"))
