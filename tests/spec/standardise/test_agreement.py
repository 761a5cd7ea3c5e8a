"""On a council's real files, the same home reads the same in different services.

Lines that share property number and postcode name one home. What still differs is misspelt street names, and lines
that name a building without its number; both are for linkage to weigh.
"""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from almoner.intake.standardise import address_parts
from almoner.intake.standardise.staging import select_staged

FILES = (
    ("elections/electoral_register_20260404.csv", ",", "Property_Address", "Postcode", "UPRN"),
    ("revenue_and_benefits/CTAX_LIAB_20260404.csv", ";", "PROPERTY_ADDRESS", "POSTCODE", "UPRN"),
    ("fire_service/HFSV_20260404.csv", ",", "Address", "Postcode", "UPRN"),
)
LEAST_AGREEMENT = 0.97
"""Measured on 19,166 pairs across all sources: 71.5% as sent, 97.3% standardised."""


def test_services_agree_on_addresses(shared_data: Path) -> None:
    with duckdb.connect() as engine:
        for number, (name, delimiter, address, postcode, uprn) in enumerate(FILES):
            path = shared_data / "data" / "deliveries" / "2026-03" / name
            if not path.is_file():
                pytest.skip(f"no file {name} in the shared deliveries")
            engine.execute(
                f"""CREATE TABLE f{number} AS SELECT {number} AS source, "{address}" AS line, "{uprn}" AS uprn,
                    upper(replace("{postcode}", ' ', '')) AS postcode
                FROM read_csv(?, delim = '{delimiter}', header = true, all_varchar = true, ignore_errors = true,
                              encoding = 'latin-1', strict_mode = false)""",
                [str(path)],
            )
        every = " UNION ALL ".join(f"SELECT * FROM f{number}" for number in range(len(FILES)))
        work = address_parts("line")
        kept = {name: f'"{name}"' for name in ("source", "line", "uprn", "postcode")}
        engine.execute(f"CREATE TABLE home AS {select_staged(f'({every})', {**kept, **work.parts}, [work])}")
        pairs, as_sent, standardised = engine.execute("""
            SELECT count(*), avg((upper(a.line) = upper(b.line))::INT),
                avg((a.street = b.street AND a.house_number IS NOT DISTINCT FROM b.house_number
                     AND a.flat IS NOT DISTINCT FROM b.flat)::INT)
            FROM home a JOIN home b ON a.uprn = b.uprn AND a.postcode = b.postcode AND a.source < b.source
            WHERE a.address IS NOT NULL AND b.address IS NOT NULL AND regexp_matches(a.uprn, '^[0-9]+$')""").fetchall()[0]
    assert pairs > 5000
    assert as_sent < 0.8
    assert standardised > LEAST_AGREEMENT
