"""The readers on two months of real deliveries: the counts of every file, planted faults included.

The wanted columns are read from the suppliers' own notes, so that a header which differs from them is found.
"""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from almoner.intake.readers import (
    BadRecord,
    CsvOptions,
    JsonlOptions,
    RawBatch,
    Reader,
    Wanted,
    XlsxOptions,
    XmlOptions,
    open_csv,
    open_jsonl,
    open_parquet,
    open_xlsx,
    open_xml,
)

pytestmark = pytest.mark.integration

DELIMITERS = {"CTAX": ";", "CTS": ";", "post16": "|"}
SHEETS = {"employees": "Employees", "irkside_tenancies": "Tenancies"}
COUNTED = r"^Total rows: (?P<rows>\d+)$"
TENANCY = ["tenancyRef", "tenancyType", "startDate", "weeklyRent", "arrears", "alerts[*]"]
PROPERTY = ["property.uprn", "property.address", "property.postcode"]
TENANT = ("forename", "surname", "dateOfBirth", "nino", "phone")
TENANTS = [f"tenants[tenantNo={n}].{k}" for n in (1, 2) for k in TENANT]
HOUSEHOLD = [f"household[no={n}].{k}" for n in range(1, 9) for k in ("name", "dob")]
INCIDENT = ["@ref", "@change", "OccurredOn", "Offence/@code", "Summary"]
LOCATION = ["Location/Text", "Location/Postcode", "Location/UPRN"]
PERSON = ("@nominalRef", "Surname", "Forenames", "DateOfBirth", "Sex", "Address", "Postcode")
PEOPLE = [f"Persons/Person[@role='{role}']/{k}" for role in ("VICTIM", "SUSPECT") for k in PERSON]

# dataset/file -> rows, then how many of them are undecodable, have a wrong number of fields, are not JSON
EXPECTED = {
    "cf_children/LCS_Monthly_Extract_20260404.xlsx": (838, 0, 0, 0),
    "cf_children/LCS_Monthly_Extract_20260504.xlsx": (864, 0, 0, 0),
    "cf_relationships/LCS_Monthly_Extract_20260404.xlsx": (1154, 0, 0, 0),
    "cf_relationships/LCS_Monthly_Extract_20260504.xlsx": (1192, 0, 0, 0),
    "cf_referrals/LCS_Monthly_Extract_20260404.xlsx": (862, 0, 0, 0),
    "cf_referrals/LCS_Monthly_Extract_20260504.xlsx": (892, 0, 0, 0),
    "cf_assessments/LCS_Monthly_Extract_20260404.xlsx": (512, 0, 0, 0),
    "cf_assessments/LCS_Monthly_Extract_20260504.xlsx": (531, 0, 0, 0),
    "cf_plans/LCS_Monthly_Extract_20260404.xlsx": (508, 0, 0, 0),
    "cf_plans/LCS_Monthly_Extract_20260504.xlsx": (522, 0, 0, 0),
    "cf_lac_episodes/LCS_Monthly_Extract_20260404.xlsx": (109, 0, 0, 0),
    "cf_lac_episodes/LCS_Monthly_Extract_20260504.xlsx": (110, 0, 0, 0),
    "asc_events/ASC_CLD_20260404.csv": (1619, 1, 1, 0),
    "asc_events/ASC_CLD_20260504.csv": (130, 0, 0, 0),
    "school_roll/school_roll_20260404.csv": (2218, 1, 1, 0),
    "school_roll/school_roll_20260504.csv": (2215, 1, 1, 0),
    "attendance/attendance_2026-03.csv": (2206, 1, 1, 0),
    "attendance/attendance_2026-04.csv": (2203, 1, 1, 0),
    "register/electoral_register_20260404.csv": (7271, 4, 4, 0),
    "register/register_alterations_20260504.csv": (146, 0, 0, 0),
    "employees/SAP Employee List 20260404.xlsx": (255, 0, 0, 0),
    "employees/SAP Employee List 20260504.xlsx": (274, 0, 0, 0),
    "gp_registrations/gp_registrations_20260404.parquet": (12142, 0, 0, 0),
    "gp_registrations/gp_registrations_20260504.parquet": (12128, 0, 0, 0),
    "council_tax_accounts/CTAX_LIAB_20260404.csv": (7151, 4, 4, 0),
    "council_tax_accounts/CTAX_LIAB_20260504.csv": (7155, 4, 4, 0),
    "benefit_claims/CTS_HB_CLAIMS_20260404.csv": (645, 0, 0, 0),
    "benefit_claims/CTS_HB_CLAIMS_20260504.csv": (649, 0, 0, 0),
    "benefit_dependants/CTS_HB_DEPENDANTS_20260404.csv": (496, 1, 1, 0),
    "benefit_dependants/CTS_HB_DEPENDANTS_20260504.csv": (498, 0, 0, 0),
    "tenancies/tenancies_20260404.jsonl": (610, 0, 0, 1),
    "tenancies/tenancies_20260504.jsonl": (607, 0, 0, 1),
    "requests/env_requests_20260404.csv": (1587, 1, 1, 0),
    "requests/env_requests_20260504.csv": (182, 0, 0, 0),
    "police_incidents/crime_extract_20260404.xml": (1246, 0, 0, 0),
    "police_incidents/crime_extract_20260504.xml": (128, 0, 0, 0),
    "awards/UC_PIP_Awards_20260404.csv": (1603, 1, 1, 0),
    "awards/UC_PIP_Awards_20260504.csv": (1640, 1, 1, 0),
    "medlock_tenants/MedlockHomes_Tenants_20260404.csv": (717, 0, 0, 0),
    "medlock_tenants/MedlockHomes_Tenants_20260504.csv": (726, 0, 0, 0),
    "irkside_tenancies/Irkside HT tenancy list 20260404.xlsx": (502, 0, 0, 0),
    "irkside_tenancies/Irkside HT tenancy list 20260504.xlsx": (502, 0, 0, 0),
    "titles/title_extract_20260404.csv": (3290, 2, 2, 0),
    "titles/title_extract_20260504.csv": (28, 0, 0, 0),
    "neet_tracking/NCCIS_20260404.csv": (232, 0, 0, 0),
    "neet_tracking/NCCIS_20260504.csv": (231, 1, 0, 0),
    "referrals/mh_referrals_20260404.parquet": (906, 0, 0, 0),
    "referrals/mh_referrals_20260504.parquet": (44, 0, 0, 0),
    "welfare_call_weekly/WelfareCall_202603.csv": (88, 0, 0, 0),
    "welfare_call_weekly/WelfareCall_202604.csv": (88, 0, 1, 0),
    "fire_visits/HFSV_20260404.csv": (158, 0, 1, 0),
    "fire_visits/HFSV_20260504.csv": (17, 0, 0, 0),
    "fire_incidents/FireIncidents_20260404.csv": (127, 0, 0, 0),
    "fire_incidents/FireIncidents_20260504.csv": (14, 0, 0, 0),
    "exclusions/exclusions_2026-03.csv": (30, 0, 0, 0),
    "exclusions/exclusions_2026-04.csv": (6, 0, 0, 0),
    "post16_enrolments/post16_enrolments_20260404.csv": (233, 0, 0, 0),
    "post16_enrolments/post16_enrolments_20260504.csv": (231, 0, 1, 0),
    "health_survey/health_survey_2026_pseudonymised.csv": (372, 0, 1, 0),
}


@dataclass(frozen=True)
class Noted:
    """A dataset as its supplier's note describes it."""

    source: str
    dataset: str
    files: tuple[str, ...]
    columns: tuple[str, ...]
    sheet: str | None


def notes(deliveries: Path) -> Iterator[Noted]:
    for section in re.split(r"^### ", (deliveries / "README.md").read_text("utf-8"), flags=re.M)[1:]:
        source, dataset = section.splitlines()[0].split(" / ")
        files = next(line for line in section.splitlines() if line.startswith("Files:"))
        sheet = re.search(r'Sheet "([^"]+)"', section)
        columns = [name.strip() for name in re.findall(r"^\| (.+?) \|", section, flags=re.M)]
        names = tuple(name for name in columns if name != "column")
        yield Noted(
            source,
            dataset.strip(),
            tuple(re.findall(r"`([^`]+\.\w+)`", files)),
            names,
            sheet[1] if sheet else SHEETS.get(dataset.strip()),
        )


def reader_for(path: Path, note: Noted) -> Reader:
    wanted = {name: Wanted(required=name != "ChangeType") for name in note.columns}
    match path.suffix:
        case ".csv":
            delimiter = next((d for start, d in DELIMITERS.items() if path.name.startswith(start)), ",")
            encoding = "cp1252" if note.source == "adult_social_care" else "utf-8"
            return open_csv(path, wanted, CsvOptions(delimiter=delimiter, encoding=encoding, block_bytes=50_000))
        case ".xlsx":
            return open_xlsx(path, wanted, XlsxOptions(note.sheet or "", "find", footer=COUNTED))
        case ".jsonl":
            return open_jsonl(
                path, dict.fromkeys([*TENANCY, *PROPERTY, *TENANTS, *HOUSEHOLD], Wanted()), JsonlOptions()
            )
        case ".xml":
            return open_xml(path, dict.fromkeys([*INCIDENT, *LOCATION, *PEOPLE], Wanted()), XmlOptions("Incident"))
        case _:
            return open_parquet(path, wanted)


def test_every_delivered_file_gives_the_rows_it_holds(shared_data: Path) -> None:
    deliveries = shared_data / "data" / "deliveries"
    counted = {}
    for note in notes(deliveries):
        for name in note.files:
            path = next(deliveries.glob(f"*/{note.source}/{name}"))
            reader = reader_for(path, note)
            codes: Counter[str] = Counter()
            positions = []
            for item in reader.read():
                if isinstance(item, BadRecord):
                    codes[item.code] += 1
                    positions.append(item.position)
                else:
                    assert all(item.raw(row) for row in (0, len(item) - 1))
                    positions += item.positions.to_pylist()
            assert sorted(positions) == list(range(1, reader.rows_in + 1)), name
            assert set(codes) <= {"undecodable", "field_count", "not_json"}
            counted[f"{note.dataset}/{name}"] = (
                reader.rows_in,
                codes["undecodable"],
                codes["field_count"],
                codes["not_json"],
            )
    assert counted == EXPECTED


def test_csv_values_are_those_that_a_plain_reading_gives(shared_data: Path) -> None:
    """Python's own csv module judges each good record of the files with embedded line ends and quotes."""
    deliveries = shared_data / "data" / "deliveries"
    compared = 0
    for note in notes(deliveries):
        for path in (p for name in note.files for p in deliveries.glob(f"*/{note.source}/{name}")):
            if path.suffix != ".csv" or note.source == "adult_social_care":
                continue
            delimiter = next((d for start, d in DELIMITERS.items() if path.name.startswith(start)), ",")
            with path.open(encoding="utf-8-sig", errors="surrogateescape", newline="") as file:
                plain = list(csv.reader(file, delimiter=delimiter))
            order = [plain[0].index(name) for name in note.columns if name in plain[0]]
            for item in reader_for(path, note).read():
                if isinstance(item, RawBatch):
                    rows = zip(*item.table.select([plain[0][i] for i in order]).to_pydict().values(), strict=True)
                    for row, position in zip(rows, item.positions.to_pylist(), strict=True):
                        assert [value or "" for value in row] == [plain[position][i] for i in order]
                        compared += 1
    assert compared > 30_000
