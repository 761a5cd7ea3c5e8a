"""Both registries are clean, say what the privacy notice says, and fit the real deliveries.

Nothing here reads the product's own readers: a second, plain reading of the files judges the declarations.
"""

from __future__ import annotations

import csv
import re
import time
from collections.abc import Iterator
from pathlib import Path

import fastexcel
import pyarrow.parquet as pq
import pytest

from almoner.registry import Registry, check_registry
from almoner.registry.datasets import Column, Dataset

ROOT = Path(__file__).resolve().parents[3]
STARTER = ROOT / "src" / "almoner" / "registry" / "starter"
MANCHESTER = ROOT / "examples" / "manchester" / "registry"
REGISTRIES = {"starter": STARTER, "manchester": MANCHESTER}
SHARED_FILES = (
    "agreements", "categories", "codes", "council", "lawful_bases", "projects", "purposes", "recipients",
    "retention", "roles",
)  # fmt: skip
FLOORS = {
    "adult_social_care.asc_events": "health_services",
    "children_and_families.cf_children": "needs",
    "children_and_families.cf_lac_episodes": "needs",
    "dwp.awards": "financial",
    "mental_health_trust.referrals": "health",
    "nhs_gp.gp_registrations": "gp_clinic",
    "police.police_incidents": "criminal_history",
    "welfare_call.welfare_call_weekly": "needs",
}
SAFETY = {
    ("adult_social_care.asc_events", "client"): ("Safety_Marker", "Y"),
    ("children_and_families.cf_children", "child"): ("Restricted", "Y"),
    ("council_housing.tenancies", "household_8"): ("alerts[*]", "DO NOT DISCLOSE"),
    ("council_housing.tenancies", "joint_tenant"): ("alerts[*]", "DO NOT DISCLOSE"),
    ("council_housing.tenancies", "tenant"): ("alerts[*]", "DO NOT DISCLOSE"),
    ("elections.register", "elector"): ("Franchise_Marker", "N"),
}
SUFFIXES = {
    "benefit_claims": {"", "#PTNR"},
    "irkside_tenancies": {"", "#JT"},
    "police_incidents": {"#VIC", "#SUS"},
    "tenancies": {"", "#J1", *(f"#H{n}" for n in range(1, 9))},
    "titles": {"", "#P2"},
}


def load(name: str) -> Registry:
    """Load a registry that has no fault, or fail with all its faults."""
    result = check_registry(REGISTRIES[name])
    assert result.registry is not None, "\n".join(fault.text() for fault in result.faults)
    return result.registry


@pytest.fixture(scope="module", params=sorted(REGISTRIES))
def registry(request: pytest.FixtureRequest) -> Registry:
    """Give each of the two registries."""
    return load(request.param)


@pytest.fixture(scope="module")
def manchester() -> Registry:
    """Give the registry of the real deliveries."""
    return load("manchester")


@pytest.fixture(scope="module")
def spec(shared_data: Path) -> str:
    """Give the privacy notice that is the specification, as one line with straight quotes."""
    return plain((shared_data / "spec" / "privacy-notice.txt").read_text("utf-8"))


def plain(text: str) -> str:
    """Fold what doesn't change a word: quotes, dashes, spaces, capitals, the stop at the end."""
    for curly, straight in (("’", "'"), ("‘", "'"), ("–", "-")):
        text = text.replace(curly, straight)
    return re.sub(r"\s+", " ", text).strip().rstrip(".").lower()


def bullets(spec: str, start: str, end: str) -> list[str]:
    """List the bullets between two phrases of the notice."""
    section = spec[spec.index(plain(start)) : spec.index(plain(end))]
    return [plain(bullet) for bullet in section.split("•")[1:]]


# ── clean ─────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("name", sorted(REGISTRIES))
def test_it_has_no_fault(name: str) -> None:
    faults = check_registry(REGISTRIES[name]).faults
    assert not faults, "\n".join(fault.text() for fault in faults)


@pytest.mark.parametrize("file", SHARED_FILES)
def test_the_law_is_the_same_in_both(file: str) -> None:
    starter, example = (folder / f"{file}.toml" for folder in (STARTER, MANCHESTER))
    assert starter.read_text("utf-8") == example.read_text("utf-8"), f"{file}.toml: change both, or say why they differ"


# ── the words of the notice ───────────────────────────────────────────────────────────────────────


def test_every_kind_of_data_is_a_category(registry: Registry, spec: str) -> None:
    titles = {
        kind: {plain(c.title) for c in registry.category.values() if c.kind == kind} for kind in ("ordinary", "special")
    }
    ordinary = bullets(spec, "We may receive some basic kinds", "Depending on what research")
    special = bullets(
        spec, "Depending on what research", "This service may also receive information about your criminal"
    )
    assert (len(ordinary), len(special)) == (10, 6)
    assert set(ordinary) <= titles["ordinary"]
    assert set(special) == titles["special"]
    criminal = [plain(c.title) for c in registry.category.values() if c.kind == "criminal"]
    assert len(criminal) == 1
    assert criminal[0] in spec


def test_every_purpose_is_stated_in_the_words_of_the_notice(registry: Registry, spec: str) -> None:
    stated = {plain(purpose.notice) for purpose in registry.purpose.values()}
    wanted = bullets(spec, "We do this so that we can:", "4. What is the lawful basis")
    assert len(wanted) == 6
    assert set(wanted) <= stated
    for sentence in (
        "required to share your information by law (Art 6(1)(c))",
        "in an emergency",
        "equality monitoring purposes",
    ):
        assert any(plain(sentence) in notice for notice in stated), sentence


def test_every_lawful_basis_and_condition_is_stated(registry: Registry, spec: str) -> None:
    section = spec[spec.index("4. what is the lawful basis") : spec.index("5. where has the personal")]
    stated = {plain(basis.notice) for basis in registry.lawful_basis.values()}
    stated |= {plain(condition.notice) for condition in registry.condition.values()}
    articles = set(re.findall(r"art \d+\(\d\)\([a-z]\)", section))
    assert articles == {"art 6(1)(e)", "art 6(1)(c)", "art 6(1)(d)", "art 9(2)(g)"}
    for article in articles:
        assert any(article in notice for notice in stated), article
    in_full = [notice for notice in stated if notice in section]
    assert len(in_full) >= 4, "public task, legal obligation, substantial public interest and equality in full"


def sources_in_the_notice(spec: str) -> set[str]:
    inside = bullets(spec, "such as: • children and families", "We may also receive personal information from other")
    sentence = re.search(r"from other organisations, such as the (.*?)\. 6\. who", spec)
    assert sentence is not None
    outside = re.split(r", (?!schools)|, (?=schools)", sentence.group(1))
    assert (len(inside), len(outside)) == (7, 10)
    return set(inside) | set(outside)


def test_every_source_is_declared(registry: Registry, spec: str) -> None:
    """Look among the sources; a registry that has none yet names them in its agreements."""
    named = {plain(source.notice or source.title) for source in registry.source.values()}
    agreed = " | ".join(plain(f"{a.title} {' '.join(a.parties)}") for a in registry.agreement.values())
    for source in sources_in_the_notice(spec):
        assert source in named or (not registry.source and source.split(" (")[0] in agreed), source


def test_the_real_deliveries_come_from_the_sources_of_the_notice(manchester: Registry, spec: str) -> None:
    named = {plain(source.notice or source.title) for source in manchester.source.values()}
    assert sources_in_the_notice(spec) <= named


def test_every_recipient_is_declared(registry: Registry, spec: str) -> None:
    wanted = bullets(spec, "6. Who will we share", "7. How long")
    assert len(wanted) == 7
    assert set(wanted) == {plain(recipient.title) for recipient in registry.recipient.values()}


# ── what a purpose may not see ────────────────────────────────────────────────────────────────────


def test_matching_sees_who_people_are_and_nothing_else(registry: Registry) -> None:
    """And who is whose parent, carer or partner, of which families are formed once people are joined."""
    besides = {"record", "parent_or_carer"}
    seen = {registry.category[name].tier for name in registry.purpose["matching"].categories if name not in besides}
    assert seen == {"identity"}


def test_front_line_sees_no_belief_orientation_crime_or_health_record(registry: Registry) -> None:
    purpose = registry.purpose["front_line"]
    hidden = {"beliefs", "sexual_orientation", "criminal_history", "health", "ethnicity"}
    assert not hidden & set(purpose.categories)
    assert (purpose.form, purpose.scope, purpose.reason) == ("identifiable", "one_person", "required")


def test_only_the_named_purposes_identify(registry: Registry) -> None:
    identifiable = {name for name, purpose in registry.purpose.items() if purpose.form == "identifiable"}
    assert identifiable == {"front_line", "requests", "emergency", "statutory", "matching", "data_quality"}


def test_a_recipient_gets_no_more_than_its_purposes_see(registry: Registry) -> None:
    for recipient in registry.recipient.values():
        seen = {category for name in recipient.purposes for category in registry.purpose[name].categories}
        extra = set(recipient.may_receive) - seen - {"contact"}
        assert not extra, f"{recipient.name} may receive {extra}, which none of its purposes sees"
        assert set(recipient.purposes) <= set(registry.agreement[recipient.agreement].purposes)


def test_every_permitted_purpose_sees_the_floor(manchester: Registry) -> None:
    """Matching sees identity only: it joins a dataset whatever its floor."""
    for dataset in manchester.datasets():
        for name in set(dataset.purposes) - {"matching"}:
            if dataset.floor is not None:
                assert dataset.floor in manchester.purpose[name].categories, f"{dataset.full_name} for {name}"


# ── what the deliveries need ──────────────────────────────────────────────────────────────────────


def test_floors(manchester: Registry) -> None:
    floors = {dataset.full_name: dataset.floor for dataset in manchester.datasets()}
    assert {name: floors[name] for name in FLOORS} == FLOORS


def test_addresses_that_must_not_be_shown(manchester: Registry) -> None:
    found = {}
    for dataset in manchester.datasets():
        for slot in dataset.people.values():
            if slot.safety is not None:
                source_name = dataset.columns[slot.safety.column].source_name
                found[(dataset.full_name, slot.name)] = (source_name, slot.safety.values[0])
    assert {key: found[key] for key in SAFETY} == SAFETY
    assert {dataset for dataset, _ in found} == {dataset for dataset, _ in SAFETY}


def test_staff_and_the_survey_are_set_apart(manchester: Registry) -> None:
    assert [d.full_name for d in manchester.datasets() if d.employer] == ["human_resources.employees"]
    assert "front_line" not in manchester.dataset("human_resources.employees").purposes
    survey = manchester.dataset("health_survey_anonymised.health_survey")
    assert survey.anonymised
    assert not survey.people
    assert "matching" not in survey.purposes


def test_accused_is_not_convicted(manchester: Registry) -> None:
    kinds = {fact.event.kind for fact in manchester.dataset("police.police_incidents").facts if fact.event}
    assert kinds == {"Recorded offence", "Victim of a recorded offence", "Accused of an offence"}


def test_no_fact_hangs_on_an_identifying_column(manchester: Registry) -> None:
    """Research never reads the identity tier, and would lose the fact."""
    for dataset in manchester.datasets():
        for fact in dataset.facts:
            for condition in next(part for part in fact.parts() if part is not None).where:
                category = manchester.category[dataset.columns[condition.column].category]
                assert category.tier != "identity", f"{dataset.full_name}: {condition.column}"


def test_indicators_count_facts_that_are_declared(manchester: Registry) -> None:
    declared: dict[str, set[str]] = {"involvement": set(), "event": set(), "attribute": set()}
    for dataset in manchester.datasets():
        for fact in dataset.facts:
            if fact.involvement:
                declared["involvement"].add(fact.involvement.service)
            if fact.event:
                declared["event"].add(fact.event.kind)
            if fact.attribute:
                declared["attribute"].add(fact.attribute.name)
    for indicator in manchester.indicator.values():
        for count in (indicator.numerator, indicator.denominator):
            if count is not None and count.fact in declared:
                assert set(count.names) <= declared[count.fact], f"{indicator.name} counts what no source declares"


def test_indicators_cover_what_the_notice_names(manchester: Registry) -> None:
    topics = {indicator.topic for indicator in manchester.indicator.values()}
    named = {
        "Population",
        "Households",
        "Crime",
        "Health",
        "Environmental requests",
        "Unemployment",
        "Income",
    }
    assert named <= topics


# ── the suppliers' note ───────────────────────────────────────────────────────────────────────────


def described(shared_data: Path) -> dict[str, str]:
    """Give the suppliers' paragraphs by 'source.dataset'."""
    text = (shared_data / "data" / "deliveries" / "README.md").read_text("utf-8")
    parts = re.split(r"^### (\w+) / (\w+)$", text, flags=re.MULTILINE)[1:]
    return {f"{source}.{name}": body for source, name, body in zip(parts[::3], parts[1::3], parts[2::3], strict=True)}


def delivered(registry: Registry) -> list[Dataset]:
    return [dataset for dataset in registry.datasets() if not dataset.open]


def test_every_dataset_of_the_suppliers_is_declared(manchester: Registry, shared_data: Path) -> None:
    assert {dataset.full_name for dataset in delivered(manchester)} == set(described(shared_data))


def test_keys_columns_and_suffixes_are_those_of_the_suppliers(manchester: Registry, shared_data: Path) -> None:
    for name, body in described(shared_data).items():
        dataset = manchester.dataset(name)
        key = re.search(r"Key: \*\*(.+?)\*\*", body)
        assert key is not None
        wanted = [part.replace("Incident@", "@") for part in key.group(1).split(" + ")]
        assert [dataset.columns[column].source_name for column in dataset.key] == wanted, name
        listed = [row.strip() for row in re.findall(r"^\| (.+?) \|.*\|$", body, flags=re.MULTILINE)]
        columns = set(listed) - {"column"}
        if columns:
            assert columns == {column.source_name for column in dataset.columns.values()}, name
        suffixes = {slot.suffix for slot in dataset.people.values()}
        assert suffixes <= {""} if dataset.name not in SUFFIXES else suffixes == SUFFIXES[dataset.name], name


# ── the files themselves ──────────────────────────────────────────────────────────────────────────

Rows = tuple[list[str], list[list[str]]]
"""A header and its records, as text."""

PLANTED = 4
"""At most so many values of a column break its declaration: the suppliers' files hold planted faults."""


def files_of(dataset: Dataset, below: Path) -> Iterator[Path]:
    """Find the files that a dataset's feeds declare."""
    tokens = {"{period}": r"\d{4}-\d{2}", "{sent}": r"\d{8}", "*": r"[^/]*"}
    for feed in dataset.feeds:
        parts = re.split(r"(\{period\}|\{sent\}|\*)", feed.files)
        pattern = re.compile("/" + "".join(tokens.get(part, re.escape(part)) for part in parts) + "$")
        yield from (path for path in sorted(below.rglob("*")) if path.is_file() and pattern.search(path.as_posix()))


def rows_of(dataset: Dataset, path: Path) -> Rows:
    """Read a flat file as text, records of another width left out."""
    if dataset.format.csv is not None:
        with path.open(encoding=dataset.format.csv.encoding, errors="replace", newline="") as file:
            header, *rows = csv.reader(file, delimiter=dataset.format.csv.delimiter)
    elif dataset.format.xlsx is not None:
        sheet = fastexcel.read_excel(path).load_sheet(dataset.format.xlsx.sheet, header_row=None, dtypes="string")
        table = [["" if cell is None else cell for cell in row] for row in sheet.to_polars().rows()]
        header, *rows = table[next(n for n, row in enumerate(table) if all(row)) :]
    else:
        read = pq.read_table(path)
        header = read.column_names
        columns = [["" if value is None else str(value) for value in column.to_pylist()] for column in read.columns]
        rows = [list(row) for row in zip(*columns, strict=True)]
    return header, [row for row in rows if len(row) == len(header)]


def is_sound(registry: Registry, dataset: Dataset, column: Column, value: str) -> bool:
    """Say whether a value is what its column declares: number, date, listed code."""
    codes = registry.codes.get(column.codes or "")
    if codes is not None and codes.closed and not (codes.standard or "").startswith("ethnicity"):
        return value in codes.values or value in codes.missing
    if column.type in ("integer", "decimal"):
        return re.fullmatch(r"-?\d+(\.\d+)?" if column.type == "decimal" else r"-?\d+", value) is not None
    if column.type in ("date", "timestamp"):
        return any(_is_date(value.removesuffix(" 00:00:00"), each) for each in column.dates or dataset.format.dates)
    return True


def _is_date(value: str, pattern: str) -> bool:
    try:
        time.strptime(value, pattern)
    except ValueError:
        return False
    return True


MADE_BY_THE_COUNCIL = "open_data.benchmarks"
"""A table that a council makes of what others have published: there is none to download."""


def test_every_file_belongs_to_a_dataset_and_every_dataset_has_a_file(manchester: Registry, shared_data: Path) -> None:
    data = shared_data / "data"
    found = {dataset.full_name: list(files_of(dataset, data)) for dataset in manchester.datasets()}
    assert [name for name, files in found.items() if not files] == [MADE_BY_THE_COUNCIL]
    claimed = {path for files in found.values() for path in files}
    sent = {path for path in (data / "deliveries").rglob("*") if path.is_file() and path.name != "README.md"}
    assert sent <= claimed


def test_flat_files_have_the_declared_columns_and_values(manchester: Registry, shared_data: Path) -> None:
    for dataset in delivered(manchester):
        if dataset.format.jsonl or dataset.format.xml:
            continue
        for path in files_of(dataset, shared_data / "data" / "deliveries"):
            header, rows = rows_of(dataset, path)
            optional = {column.source_name for column in dataset.columns.values() if column.optional}
            declared = {column.source_name for column in dataset.columns.values()}
            assert declared - optional <= set(header) <= declared, path.name
            for column in dataset.columns.values():
                if column.source_name not in header:
                    continue
                place = header.index(column.source_name)
                unsound = sum(not is_sound(manchester, dataset, column, v) for row in rows if (v := row[place].strip()))
                assert unsound <= PLANTED, f"{path.name}: {unsound} values of {column.source_name} are not as declared"


def test_open_parquet_files_have_the_declared_columns(manchester: Registry, shared_data: Path) -> None:
    for dataset in manchester.datasets():
        if dataset.open and dataset.format.parquet:
            for path in files_of(dataset, shared_data / "data"):
                declared = {column.source_name for column in dataset.columns.values()} | set(dataset.feeds[0].ignore)
                assert set(pq.read_schema(path).names) == declared, dataset.full_name
