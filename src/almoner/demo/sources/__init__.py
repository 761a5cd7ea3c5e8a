"""Why: all the deliveries of the borough, in the order of the notice: the council's own, then its partners'.

Must never hold anything about a source: each module does.
"""

from __future__ import annotations

from almoner.demo.layout import Feed
from almoner.demo.sources import (
    adult_care,
    children,
    children_cases,
    education,
    elections,
    employer,
    health,
    land,
    landlords,
    learners,
    pensions,
    places,
    police,
    revenues,
)

FEEDS: tuple[Feed, ...] = (
    *children.FEEDS,
    *children_cases.FEEDS,
    *adult_care.FEEDS,
    *education.FEEDS,
    *elections.FEEDS,
    *employer.FEEDS,
    *health.FEEDS,
    *revenues.FEEDS,
    *landlords.FEEDS,
    *police.FEEDS,
    *pensions.FEEDS,
    *land.FEEDS,
    *learners.FEEDS,
    *places.FEEDS,
)
