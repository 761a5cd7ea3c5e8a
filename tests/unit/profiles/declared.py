"""The registry of the small invented borough: its geographies, sources and indicators."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from almoner.registry.registry import Registry
from tests.unit.profiles.borough import COLUMNS, Row


def _open_dataset(name: str, columns: Sequence[str]) -> Row:
    return {
        "name": name,
        "source": "open_data",
        "title": f"Open {name}",
        "files": f"{name}.csv",
        "open": True,
        "format": {"csv": {}},
        "key": [columns[0]],
        "purposes": ["research"],
        "columns": {c: {"name": c, "from": c, "category": "open"} for c in columns},
    }


def _personal_dataset(source: str, name: str, title: str, facts: list[Row], **more: Any) -> Row:
    return {
        "name": name,
        "source": source,
        "title": title,
        "files": f"{name}.csv",
        "format": {"csv": {}},
        "key": ["id"],
        "columns": {"id": {"name": "id", "from": "id", "category": "services"}},
        "facts": facts,
        **more,
    }


def _boundaries(name: str) -> Row:
    return {"dataset": f"open_data.{name}", "code": "code", "area_name": "name", "geometry": "geometry"}


ALL = ("ward23", "msoa21", "lsoa21")

INDICATORS: dict[str, Row] = {
    "population": {
        "title": "Residents",
        "topic": "Population",
        "unit": "count",
        "numerator": {"fact": "residents"},
        "definition": "People with a current address in the area.",
    },
    "households": {
        "title": "Households",
        "topic": "Population",
        "unit": "count",
        "numerator": {"fact": "households", "count": "households"},
        "definition": "Groups who share an address.",
    },
    "claimants": {
        "title": "Residents aged 16 to 64 who claim Universal Credit and look for work",
        "topic": "Work",
        "good": "low",
        "unit": "percent",
        "definition": "Open claims on the day.",
        "caveats": "Differs from the national count.",
        "numerator": {
            "fact": "involvement",
            "names": ["Universal Credit"],
            "details": ["searching"],
            "count": "persons",
            "ages": "16-64",
            "open_only": True,
        },
        "denominator": {"fact": "residents", "ages": "16-64"},
    },
    "crime": {
        "title": "Recorded crime",
        "topic": "Crime",
        "unit": "per_1000",
        "definition": "In the last twelve months.",
        "numerator": {"fact": "event", "names": ["crime"], "count": "rows", "months": 12},
        "denominator": {"fact": "residents"},
    },
    "income": {
        "title": "Weekly income of claimants",
        "topic": "Income",
        "unit": "pounds",
        "definition": "Average.",
        "numerator": {"fact": "attribute", "names": ["weekly_income"], "count": "mean"},
    },
    "deprivation": {
        "title": "Deprivation score",
        "topic": "Income",
        "unit": "score",
        "definition": "Indices of Deprivation.",
        "open_figure": {
            "dataset": "open_data.deprivation",
            "code": "code",
            "value": "score",
            "geography": "lsoa21",
            "where": {"part": "overall"},
        },
    },
    "visits": {
        "title": "Fire safety visits",
        "topic": "Crime",
        "unit": "count",
        "definition": "Visits made.",
        "numerator": {"fact": "event", "names": ["fire_visit"], "count": "rows"},
    },
}


def make_registry(
    indicators: Mapping[str, Row] | None = None, geographies: Sequence[str] = ALL, **controller: str
) -> Registry:
    """Make the registry of the borough."""
    plural = {
        "ward23": ("Ward", "wards"),
        "msoa21": ("Middle area", "middle areas"),
        "lsoa21": ("Small area", "small areas"),
    }
    outlines = {"ward23": "wards", "msoa21": "msoas", "lsoa21": "lsoas"}
    return Registry.model_validate(
        {
            "controller": {
                "title": "Borough Council",
                "service": "Research",
                "address": "Town Hall",
                "place": "The Borough",
                **controller,
            },
            "data_protection_officer": {"title": "DPO", "email": "dpo@example.org"},
            "category": {},
            "lawful_basis": {},
            "purpose": {},
            "retention": {},
            "role": {},
            "geography": {
                name: {
                    "name": name,
                    "title": plural[name][0],
                    "plural": plural[name][1],
                    "postcode_column": f"{name}_code",
                    "boundaries": _boundaries(outlines[name]),
                }
                for name in geographies
            },
            "postcode_directory": {"dataset": "open_data.postcodes", "postcode": "postcode"},
            "indicator": {
                name: {"name": name, "geographies": list(geographies), **entry}
                for name, entry in (indicators if indicators is not None else INDICATORS).items()
            },
            "source": _sources(),
        }
    )


def _sources() -> Row:
    """Declare who delivers to the borough."""
    words = {"agreement": "a", "retention": "r", "owner": "Owner", "organisation": "council"}
    open_columns = {name.partition(".")[2]: columns for name, columns in COLUMNS.items() if name[:4] == "open"}
    claims = [
        {"involvement": {"person": "claimant", "service": "Universal Credit"}},
        {"attribute": {"of": "claimant", "name": "weekly_income", "value": "id"}},
    ]
    return {
        "open_data": {
            "name": "open_data",
            "title": "Open data",
            **words,
            "organisation": "open",
            "datasets": {n: _open_dataset(n, c) for n, c in open_columns.items()},
        },
        "benefits": {
            "name": "benefits",
            "title": "Work and Pensions",
            **words,
            "datasets": {
                "claims": _personal_dataset("benefits", "claims", "Claims", claims, coverage="Claims in payment.")
            },
        },
        "police": {
            "name": "police",
            "title": "Police",
            **words,
            "datasets": {
                "incidents": _personal_dataset(
                    "police",
                    "incidents",
                    "Incidents",
                    [{"event": {"kind": "crime", "on": "id"}}],
                    caveats="Reported crime only.",
                )
            },
        },
        "fire": {
            "name": "fire",
            "title": "Fire Service",
            **words,
            "datasets": {
                "visits": _personal_dataset("fire", "visits", "Visits", [{"event": {"kind": "fire_visit", "on": "id"}}])
            },
        },
    }
