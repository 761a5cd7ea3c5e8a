"""For programs of whoever has signed in: who they are here, and which figures are declared."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.http import HttpRequest
from django.middleware.csrf import get_token
from ninja import Query

from almoner.web.api.routes import route, visit_of
from almoner.web.api.shapes import Listed, Part, Shape, part_of
from almoner.web.pages import SIGNED_IN


class PermitEntry(Shape):
    """A permit that is in force."""

    purpose: str
    form: str
    scope: str
    starts_at: dt.datetime
    expires_at: dt.datetime
    break_glass: bool


class SessionDocument(Shape):
    """Who somebody is here, and with what to send documents."""

    actor: str
    roles: list[str]
    rights: list[str]
    purposes: list[str]
    permits: list[PermitEntry]
    token: str


class IndicatorEntry(Shape):
    """A figure of a profile, as it is declared."""

    name: str
    title: str
    topic: str
    unit: str
    good: str
    population: str
    period: str
    geographies: list[str]
    definition: str
    caveats: str


class MeasureEntry(Shape):
    """A measure of a service, as it is declared."""

    name: str
    title: str
    topic: str
    unit: str
    every: str
    good: str
    definition: str
    owner: str
    serves: str
    caveats: str


@route("session", need=SIGNED_IN, purpose="Seeing one's own roles and permits", answers=SessionDocument)
def api_session(request: HttpRequest) -> dict[str, Any]:
    """Say who has signed in, what they may do, and the token that each document must be sent with."""
    visit = visit_of(request)
    who, now = visit.visitor, visit.site.now
    return {
        "actor": who.actor, "roles": sorted(who.roles), "rights": sorted(who.rights), "purposes": sorted(who.purposes),
        "permits": [each for each in visit.workspace.records.permits(who.actor) if each.in_force(now)][:50],
        "token": get_token(request),
    }  # fmt: skip


@route("indicators", need=SIGNED_IN, purpose="Seeing which figures are declared", answers=Listed[IndicatorEntry])
def api_indicators(request: HttpRequest, part: Query[Part]) -> dict[str, object]:
    """List the indicators of profiles with their definitions. It holds no figure."""
    return part_of(list(visit_of(request).workspace.registry.indicator.values()), part)


@route("measures", need=SIGNED_IN, purpose="Seeing which measures are declared", answers=Listed[MeasureEntry])
def api_measures(request: HttpRequest, part: Query[Part]) -> dict[str, object]:
    """List the measures of services with their definitions. It holds no figure."""
    return part_of(list(visit_of(request).workspace.registry.measure.values()), part)
