"""The registry of the benchmark's city: eight datasets, four geographies and sixty-odd indicators, written out here."""

from __future__ import annotations

from bench.workspace import REGISTRY

DETAILS: dict[str, list[str]] = {
    "police.incidents": ["burglary", "violence", "vehicle", "theft", "drugs", "order"],
    "streets.requests": ["tipping", "bins", "noise", "graffiti", "trees"],
    "health.contacts": ["referral", "visit", "call", "discharge"],
    "schools.absences": ["authorised", "unauthorised"],
    "gp.patients": ["A", "B", "C", "D"],
    "benefits.awards": ["search", "working", "carer", "limited"],
    "schools.pupils": ["primary", "secondary"],
    "housing.tenancies": ["secure", "introductory"],
}
EVENTS = {
    "police.incidents": "Incident", "streets.requests": "Request", "health.contacts": "Contact",
    "schools.absences": "Absence",
}  # fmt: skip
INVOLVEMENTS = {
    "gp.patients": "General practice", "benefits.awards": "Universal Credit", "schools.pupils": "School",
    "housing.tenancies": "Tenancy",
}  # fmt: skip
BANDS = ("0-4", "5-15", "16-24", "25-44", "45-64", "65-120", "0-15", "16-64", "18-120", "85-120")

_MORE = """
[purpose.research]
title = "Research"
notice = "research"
lawful_basis = "public_task"
special_category_condition = "interest"
form = "pseudonymised"
scope = "project"
project = "required"
reason = "optional"
categories = ["record", "financial", "date_of_birth"]
[project.profiles]
title = "Profiles"
purpose = "research"
asked_by = "Head of Service"
approved_by = "Head of Performance"
dpia = "DPIA-1"
starts_on = 2020-01-01
ends_on = 2090-01-01
[role.analyst]
title = "Analyst"
purposes = ["research", "planning"]
rights = ["grant"]
[postcode_directory]
dataset = "open_data.postcodes"
postcode = "postcode"
"""


def registry_text() -> str:
    """Write the registry but for its sources."""
    text = REGISTRY.replace('purposes = ["planning"]\nowner', 'purposes = ["planning", "research"]\nowner')
    text = text.replace(
        'ethnicity = { title = "ethnic origin"',
        'place = { title = "place", kind = "not_personal", tier = "general" }\nethnicity = { title = "ethnic origin"',
    )
    text += _MORE
    for name, column in (("ward", "ward_code"), ("msoa21", "msoa21_code"), ("lsoa21", "lsoa21_code")):
        text += f'[geography.{name}]\ntitle = "{name}"\nplural = "{name}s"\npostcode_column = "{column}"\n'
    return text + "".join(_indicator(name, *parts) for name, parts in indicators().items())


def _indicator(name: str, numerator: str, denominator: str | None) -> str:
    below = f"denominator = {denominator}\n" if denominator else ""
    unit = "per_1000" if denominator else "count"
    return (
        f'[indicator.{name}]\ntitle = "{name}"\ntopic = "All"\nunit = "{unit}"\nnumerator = {numerator}\n{below}'
        f'geographies = ["ward", "msoa21", "lsoa21"]\ndefinition = "{name}"\n'
    )


def indicators() -> dict[str, tuple[str, str | None]]:
    """Give every indicator: numerator and denominator."""
    residents = '{ fact = "residents", count = "persons" }'
    found: dict[str, tuple[str, str | None]] = {"residents": (residents, None)}
    for band in BANDS:
        name = band.replace("-", "_")
        found[f"aged_{name}"] = (f'{{ fact = "residents", count = "persons", ages = "{band}" }}', residents)
    found["households"] = ('{ fact = "households", count = "households" }', None)
    for dataset, kind in EVENTS.items():
        base = f'fact = "event", names = ["{kind}"], months = 12'
        if dataset == "schools.absences":
            found["sessions_missed"] = (f'{{ {base}, count = "sum" }}', residents)
        found[f"all_{kind.lower()}"] = (f'{{ {base}, count = "rows" }}', residents)
        for detail in DETAILS[dataset]:
            found[f"{kind.lower()}_{detail}"] = (f'{{ {base}, count = "rows", details = ["{detail}"] }}', residents)
    for detail in DETAILS["health.contacts"]:
        one = f'{{ fact = "event", names = ["Contact"], months = 12, count = "persons", details = ["{detail}"] }}'
        found[f"people_{detail}"] = (one, residents)
    for dataset, service in INVOLVEMENTS.items():
        short = dataset.replace(".", "_")
        base = f'fact = "involvement", names = ["{service}"], count = "persons", open_only = true'
        for band in (None, "16-64", "0-15", "65-120"):
            ages = f', ages = "{band}"' if band else ""
            below = f'{{ fact = "residents", count = "persons"{ages} }}'
            name = f"{short}_{band.replace('-', '_') if band else 'all'}"
            found[name] = (f"{{ {base}{ages} }}", below)
        for detail in DETAILS[dataset]:
            found[f"{short}_{detail.lower()}"] = (f'{{ {base}, details = ["{detail}"] }}', residents)
    return found


def source_texts() -> dict[str, str]:
    """Write the sources: name → TOML."""
    found: dict[str, str] = {"open_data": _OPEN}
    for full in DETAILS:
        source, _, name = full.partition(".")
        found.setdefault(source, _SOURCE.format(source=source))
        found[source] += _dataset(full, name)
    return found


def _dataset(full: str, name: str) -> str:
    placed = full in ("police.incidents", "streets.requests")
    head = (
        f'[dataset.{name}]\ntitle = "{full}"\nfiles = "{name}_{{sent}}.csv"\nformat = {{ csv = {{}} }}\nkey = ["ref"]\n'
        f'purposes = ["research"]\n'
    )
    people = "" if placed else f"[dataset.{name}.people.person]\n"
    person = (
        ""
        if placed
        else "\nborn = { from = 'BORN', type = 'date', category = 'date_of_birth', identifies = 'date_of_birth', person = 'person' }"
    )
    columns = (
        f"[dataset.{name}.columns]\nref = {{ from = 'REF', category = 'record', required = true }}\n"
        f"day = {{ from = 'DAY', type = 'date', category = 'record' }}\n"
        f"detail = {{ from = 'DETAIL', category = 'record' }}{person}\n"
    )
    who = "" if placed else 'person = "person", '
    if placed:
        columns += "postcode = { from = 'POSTCODE', category = 'address', identifies = 'postcode', person = 'place' }\n"
    if full == "schools.absences":
        columns += "sessions = { from = 'SESSIONS', type = 'integer', category = 'record' }\n"
    if full in EVENTS:
        quantity = ', quantity = "sessions"' if full == "schools.absences" else ""
        fact = f'event = {{ {who}kind = "{EVENTS[full]}", on = "day", detail = "detail"{quantity} }}\n'
    else:
        columns += "until = { from = 'UNTIL', type = 'date', category = 'record' }\n"
        fact = (
            f'involvement = {{ {who}service = "{INVOLVEMENTS[full]}", detail = "detail", starts = "day",'
            f' ends = "until" }}\n'
        )
    return f"{head}{people}{columns}[[dataset.{name}.facts]]\n{fact}"


_SOURCE = """
[source]
title = "{source}"
organisation = "council"
owner = "Head of Service"
agreement = "internal"
retention = "seven"
"""

_OPEN = """
[source]
title = "Open data"
organisation = "open"
owner = "Head of Service"
agreement = "internal"
retention = "seven"
[dataset.postcodes]
title = "Postcodes"
files = "postcodes.csv"
format = { csv = {} }
key = ["postcode"]
open = true
[dataset.postcodes.columns]
postcode = { from = "postcode", category = "place", required = true }
lsoa21_code = { from = "lsoa21_code", category = "place" }
msoa21_code = { from = "msoa21_code", category = "place" }
ward_code = { from = "ward_code", category = "place" }
"""
