"""Renders pages: Jinja2 with everything escaped, the components of GOV.UK Frontend, and the council's own colour.

Must never put a value of somebody's into a title: titles stay in the browser's history.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from functools import cache
from importlib import resources
from typing import Any
from zoneinfo import ZoneInfo

from django.http import HttpResponse
from django.middleware.csrf import get_token
from django.template import engines
from django.urls import reverse
from jinja2 import ChoiceLoader, Environment, PackageLoader, PrefixLoader, StrictUndefined

from almoner.charts.wording import bare_title
from almoner.notice.colour import ink_for, ink_upon
from almoner.quality.page import FILTERS
from almoner.web.pages import PAGES, Visit

COMPONENTS = "govuk_frontend_jinja"
BODIES = ("performance", "profiles", "quality")
"""Products whose pages have bodies that are shown here within the frame of the application."""
SURE = 0.9995
"""From here on a match is said to be certain: as a percentage with one decimal it would read 100%."""


def environment(**options: Any) -> Environment:
    """Make the environment in which templates are rendered; Django asks for it by name."""
    parts = {COMPONENTS: PackageLoader(COMPONENTS), **{name: PackageLoader(f"almoner.{name}") for name in BODIES}}
    options["loader"] = ChoiceLoader([PackageLoader("almoner.web"), PrefixLoader(parts)])
    options |= {"autoescape": True, "trim_blocks": True, "lstrip_blocks": True}
    made = Environment(**options)  # noqa: S701 -- everything is escaped: above  # nosec B701
    made.globals.update(address=address, style=style_address, components=COMPONENTS)
    made.filters.update(FILTERS, bare=bare_title)
    made.filters.update(day=day, moment=moment, sureness=sureness, counted=counted, plain_name=plain_name)
    return made


def strict_environment(**options: Any) -> Environment:
    """Make the environment for tests: a name that a page does not give is an error."""
    made = environment(**options)
    made.undefined = StrictUndefined
    return made


def render(visit: Visit, template: str, *, title: str, status: int = 200, **values: Any) -> HttpResponse:
    """Render a page. In: title: what it is called, with no value of anybody's."""
    controller = visit.site.workspace.registry.controller
    content = (
        engines["jinja2"]
        .get_template(template)
        .render(
            {
                "visit": visit,
                "visitor": visit.visitor,
                "may": lambda name: PAGES[name].need.met_by(visit.visitor),
                "title": title,
                "council": controller.title,
                "service": controller.service,
                "controller": controller,
                "officer": visit.site.workspace.registry.data_protection_officer,
                "web": visit.site.settings.web,
                "token": lambda: get_token(visit.request),
                "zone": controller.timezone,
                "status": status,
                "here": visit.page.name,
                **values,
            }
        )
    )
    return HttpResponse(content, status=status)


def address(name: str, /, **named: str) -> str:
    """Give the address of a page."""
    return str(reverse(name, kwargs=named)) if named else _fixed_address(name)


@cache
def _fixed_address(name: str) -> str:
    return str(reverse(name))


@cache
def style_address() -> str:
    """Give the address of the style sheet: with its digest, so that it may be kept for ever."""
    return f"/static/almoner.css?{style_digest()}"


@cache
def style_digest() -> str:
    """Digest the style sheet."""
    return hashlib.sha256((resources.files("almoner.web") / "static" / "almoner.css").read_bytes()).hexdigest()[:16]


def brand_style(colour: str) -> str:
    """Write the council's colour as the style sheet's own properties.

    Raises: RegistryError where it is none.
    """
    ink = ink_for(colour)
    return (
        f":root{{--almoner-band:{colour};--almoner-upon:{ink_upon(colour)};--govuk-brand-colour:{ink};"
        f"--govuk-link-colour:{ink};--govuk-link-hover-colour:#0b0c0c}}\n"
    )


def day(value: dt.date | None) -> str:
    """Write a day: 5 April 2026."""
    return "" if value is None else f"{value.day} {value:%B %Y}"


def moment(value: dt.datetime | None, zone: str = "Europe/London") -> str:
    """Write an instant in local time: 5 April 2026, 14:02."""
    if value is None:
        return ""
    local = value.astimezone(ZoneInfo(zone))
    return f"{day(local.date())}, {local:%H:%M}"


def sureness(probability: float | None) -> str:
    """Say how sure a match is."""
    if probability is None or probability >= SURE:
        return "certain"
    return f"{probability:.1%}"


def counted(number: int, one: str, many: str = "") -> str:
    """Write a number with its noun."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def plain_name(value: str | None) -> str:
    """Write a name as people read it: records hold capitals."""
    return "not known" if not value else value.title()
