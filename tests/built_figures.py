"""Figures of the tiny workspace: measures and a manager are declared, and everything that pages show is built."""

from __future__ import annotations

from pathlib import Path

from almoner.wiring.measuring import report_measures
from almoner.wiring.profiling import profile_neighbourhoods
from almoner.wiring.quality_report import write_quality_report
from tests.workspace_builder import TinyWorkspace

HOSTILE = "=HYPERLINK(1)<script>"
DECLARED = f"""
[role.manager]
title = "Manager"
purposes = ["monitoring", "equality"]

[purpose.equality]
title = "Equality"
notice = "Equality."
lawful_basis = "public_task"
special_category_condition = "public_interest"
form = "aggregate"
scope = "all"
permit_days = 60
categories = ["record", "health", "place"]

[measure.residents]
title = "{HOSTILE}"
topic = "Population"
unit = "count"
numerator = {{ fact = "residents", count = "persons" }}
definition = "People with a current address."
owner = "Director of Places"
serves = "Nothing but this test"

[measure.accused]
title = "Accused people"
topic = "Crime"
unit = "count"
numerator = {{ fact = "event", names = ["Accused of an offence"], count = "persons" }}
definition = "People accused."
owner = "Director of Safety"
serves = "Nothing but this test"

[measure.referred]
title = "Referred people"
topic = "Health"
unit = "count"
numerator = {{ fact = "event", names = ["Referral"], count = "persons" }}
definition = "People referred."
owner = "Director of Health"
serves = "Nothing but this test"
"""
"""What is declared besides; a title is hostile to spreadsheets and to pages."""


def declare_figures(tiny: TinyWorkspace) -> None:
    """Declare measures, and a role that sees them; give it to somebody."""
    tiny.add("figures.toml", DECLARED)
    tiny.open().records.grant_roles("mina", ("manager",), "test")


def build_figures(tiny: TinyWorkspace, out: Path) -> None:
    """Build scorecard, profiles and the review of quality, as the people whose work that is."""
    why = "Building figures for a test"
    report_measures(tiny.open("analyst"), (), out / "scorecard", why, equality=False)
    profile_neighbourhoods(tiny.open("analyst"), out / "profiles", "alpha", why)
    write_quality_report(tiny.open("steward"), out / "quality", source=None, examples=False, reason="", today=None)
