"""The sources of the starter registry fit the synthetic borough, and keep apart what may not be joined.

What the borough sends is described by its own layouts; here they judge the declarations, column by column.
"""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path

import pytest

from almoner.demo.layout import Layout
from almoner.demo.months import MONTHS
from almoner.demo.sources import FEEDS
from almoner.intake.discovery import look_into
from almoner.intake.identity_plan import slots_of
from almoner.registry import Registry, check_registry
from almoner.registry.datasets import Dataset, Fact
from almoner.registry.formats import Format
from almoner.registry.measures import Count

STARTER = Path(__file__).resolve().parents[3] / "src" / "almoner" / "registry" / "starter"
LAYOUTS = {feed.layout.label: feed.layout for feed in FEEDS}
ONLY_ONE_MONTH = {"health_survey.answers": 0, "elections.nominations": 1}
OPEN_FILES = {
    "postcode_directory.csv", "deprivation_2025.csv", "population_estimates_2024.csv", "recorded_crime_points.csv",
    "recorded_crime_by_lsoa.csv", "lsoa21_boundaries.geojson", "msoa21_boundaries.geojson", "ward24_boundaries.geojson",
    "benchmarks.csv",
    "census_tenure.csv", "census_household_size.csv", "census_ethnic_groups.csv", "claimant_count.csv", "homes_sold.csv",
    "street_reports.csv", "gp_practices.csv",
}  # fmt: skip
STRPTIME = {
    "dd/mm/yyyy": "%d/%m/%Y",
    "dd-mm-yyyy": "%d-%m-%Y",
    "dd.mm.yyyy": "%d.%m.%Y",
    "dd-Mon-yyyy": "%d-%b-%Y",
    "dd/mm/yy ": "%d/%m/%y",
    "yyyy-mm-ddThh:mm": "%Y-%m-%dT%H:%M",
    "yyyy-mm-dd": "%Y-%m-%d",
    "yyyymmdd": "%Y%m%d",
}
FLOORS = {
    "adult_social_care.client_events": "health_services",
    "children_and_families.care_periods": "needs",
    "children_and_families.case_people": "needs",
    "children_and_families.contacts": "needs",
    "children_and_families.family_links": "needs",
    "children_and_families.plans": "needs",
    "dwp.awards": "financial",
    "elections.nominations": "beliefs",
    "mental_health_trust.referrals": "health",
    "nhs_gp.conditions": "health",
    "nhs_gp.patients": "gp_clinic",
    "police.incidents": "criminal_history",
    "police.outcomes": "criminal_history",
    "welfare_call.care_attendance": "needs",
}
SAFETY = {
    ("adult_social_care.client_events", "client"): ("protection", "1"),
    ("children_and_families.case_people", "child"): ("Do not disclose", "Yes"),
    ("council_housing.tenancies", "tenant"): ("marker", "DND"),
    ("council_housing.tenancies", "second_tenant"): ("marker", "DND"),
    **{("council_housing.tenancies", f"occupant_{n}"): ("marker", "DND") for n in range(1, 9)},
    ("elections.register", "elector"): ("marker", "Z"),
    ("housing_associations.brackwater_tenants", "tenant"): ("Sensitive", "Y"),
}
SENSITIVE = {
    ("adult_social_care.client_events", "religion"): "beliefs",
    ("children_and_families.case_people", "Disability"): "health",
    ("dwp.awards", "benefit"): "health",
    ("elections.nominations", "description"): "beliefs",
    ("elections.register", "marker"): "ethnicity",
    ("human_resources.equality", "Religion or belief"): "beliefs",
    ("human_resources.equality", "Sexual orientation"): "sexual_orientation",
    ("nhs_gp.conditions", "condition"): "health",
    ("police.incidents", "Accused/Ethnicity"): "ethnicity",
    ("police.incidents", "Offence"): "criminal_history",
    ("police.outcomes", "outcome"): "criminal_history",
}
SEALED = {
    ("adult_social_care.client_events", "client"): ("protection", "2"),
    ("children_and_families.case_people", "child"): ("Sealed", "Yes"),
}


@pytest.fixture(scope="module")
def registry() -> Registry:
    """Give the starter registry, or fail with all its faults."""
    result = check_registry(STARTER)
    assert result.registry is not None, "\n".join(fault.text() for fault in result.faults)
    return result.registry


def delivered(registry: Registry) -> list[Dataset]:
    """List the datasets that are not published data."""
    return [dataset for dataset in registry.datasets() if not dataset.open]


def conditions_of(fact: Fact) -> set[str]:
    """Name the columns on which a fact hangs."""
    return {condition.column for part in fact.parts() if part is not None for condition in part.where}


# ── the layouts of the borough ────────────────────────────────────────────────────────────────────


def test_every_layout_is_a_dataset_and_every_dataset_a_layout(registry: Registry) -> None:
    assert {dataset.full_name for dataset in delivered(registry)} == set(LAYOUTS)


@pytest.mark.parametrize("layout", LAYOUTS.values(), ids=LAYOUTS)
def test_columns_key_and_people_are_those_of_the_layout(registry: Registry, layout: Layout) -> None:
    dataset = registry.dataset(layout.label)
    assert {column.source_name for column in dataset.columns.values()} == set(layout.columns)
    assert tuple(dataset.columns[name].source_name for name in dataset.key) == layout.key
    assert {slot.suffix for slot in slots_of(dataset)} == set(layout.people)


@pytest.mark.parametrize("layout", LAYOUTS.values(), ids=LAYOUTS)
def test_delivery_and_actions_are_those_of_the_layout(registry: Registry, layout: Layout) -> None:
    dataset = registry.dataset(layout.label)
    [feed] = dataset.feeds
    assert feed.delivery == layout.delivery
    if layout.action:
        assert feed.action is not None
        assert dataset.columns[feed.action.column].source_name == layout.action
        assert (feed.action.insert, feed.action.update, feed.action.delete) == tuple((a,) for a in layout.actions)
    else:
        assert feed.action is None


@pytest.mark.parametrize("layout", LAYOUTS.values(), ids=LAYOUTS)
def test_the_format_is_that_of_the_layout(registry: Registry, layout: Layout) -> None:
    form = registry.dataset(layout.label).format
    match layout.format:
        case "csv":
            assert form.csv is not None
            assert (form.csv.delimiter, form.csv.encoding) == (layout.delimiter, layout.encoding)
        case "xlsx":
            assert form.xlsx is not None
            assert (form.xlsx.sheet, form.xlsx.header_row) == (layout.sheet, len(layout.titles) + 1)
        case "xml":
            assert form.xml is not None
            assert f"namespace {form.xml.namespace};" in layout.note
        case kind:
            assert getattr(form, kind) is not None
    _assert_footer(form, layout)


def _assert_footer(form: Format, layout: Layout) -> None:
    declared = next((each.footer for each in (form.csv, form.xlsx) if each is not None), None)
    assert bool(declared) == bool(layout.footer), layout.label
    if declared:
        found = re.search(declared, layout.footer.format(rows=1234))
        assert found is not None
        assert found["rows"] == "1234", "the count must be read, or a short file goes unnoticed"


@pytest.mark.parametrize("layout", LAYOUTS.values(), ids=LAYOUTS)
def test_dates_are_read_in_the_form_of_the_layout(registry: Registry, layout: Layout) -> None:
    dataset = registry.dataset(layout.label)
    wanted = next((form for words, form in STRPTIME.items() if f"{layout.dates} ".startswith(words)), None)
    if "date" in layout.dates.lower() and wanted is None:
        wanted = "%Y-%m-%d"  # date cells and date columns come to the readers so
    dated = [column for column in dataset.columns.values() if column.type in ("date", "timestamp")]
    forms = {form for column in dated for form in column.dates or dataset.format.dates}
    assert wanted in forms or not dated, f"{layout.dates}: read as {forms}"
    for column in dated:
        if column.source_name in layout.date_cells:
            assert (column.dates or dataset.format.dates) == ("%Y-%m-%d",), column.name


# ── the files of the borough ──────────────────────────────────────────────────────────────────────


def test_every_file_is_found_once_for_each_dataset_in_it(registry: Registry, tmp_path: Path) -> None:
    wanted = set()
    for layout in LAYOUTS.values():
        for number, month in enumerate(MONTHS):
            if ONLY_ONE_MONTH.get(layout.label, number) == number:
                file = tmp_path / "inbox" / month.label / layout.source / layout.file_name(month)
                file.parent.mkdir(parents=True, exist_ok=True)
                file.touch()
                wanted.add((layout.label, month.label))
    found = look_into(registry, [tmp_path / "inbox"], today=dt.date(2026, 5, 8))
    assert found.undeclared == ()
    named = [(each.dataset.full_name, each.name) for each in found.deliveries]
    assert sorted(named) == sorted(wanted)
    assert all(len(each.files) == 1 for each in found.deliveries)
    assert {(each.name, each.as_of) for each in found.deliveries} == {
        ("2026-03", dt.date(2026, 3, 31)),
        ("2026-04", dt.date(2026, 4, 30)),
    }


def test_every_open_file_is_declared(registry: Registry, tmp_path: Path) -> None:
    folder = tmp_path / "open-data"
    folder.mkdir()
    for name in OPEN_FILES:
        (folder / name).touch()
    found = look_into(registry, [], today=dt.date(2026, 5, 8), open_roots=[folder])
    assert {file.path.name for each in found.deliveries for file in each.files} == OPEN_FILES
    assert {each.dataset.full_name for each in found.deliveries} == {d.full_name for d in registry.datasets() if d.open}


# ── what may be joined, and what may not ──────────────────────────────────────────────────────────


def test_what_names_people_may_be_matched_and_nothing_else(registry: Registry) -> None:
    for dataset in registry.datasets():
        assert ("matching" in dataset.purposes) == bool(slots_of(dataset)), dataset.full_name


def test_floors(registry: Registry) -> None:
    floors = {dataset.full_name: dataset.floor for dataset in registry.datasets()}
    assert {name: floors[name] for name in FLOORS} == FLOORS


def test_what_is_sensitive_is_kept_as_such(registry: Registry) -> None:
    found = {
        (dataset.full_name, column.source_name): column.category
        for dataset in registry.datasets()
        for column in dataset.columns.values()
    }
    assert {key: found[key] for key in SENSITIVE} == SENSITIVE
    named = {"ethnicity", "eth", "Ethnic code", "Ethnic origin"}
    assert {found[key] for key in found if key[1] in named and key[0] != "health_survey.answers"} == {"ethnicity"}


def test_every_permitted_purpose_sees_the_floor(registry: Registry) -> None:
    """Matching sees identity only: it joins a dataset whatever its floor."""
    for dataset in delivered(registry):
        for name in set(dataset.purposes) - {"matching"}:
            if dataset.floor is not None:
                assert dataset.floor in registry.purpose[name].categories, f"{dataset.full_name} for {name}"


@pytest.mark.parametrize(("marker", "wanted"), [("safety", SAFETY), ("sealed", SEALED)])
def test_markers_of_addresses_and_identities(
    registry: Registry, marker: str, wanted: dict[tuple[str, str], tuple[str, str]]
) -> None:
    found = {}
    for dataset in registry.datasets():
        for slot in dataset.people.values():
            if (raised := getattr(slot, marker)) is not None:
                found[(dataset.full_name, slot.name)] = (dataset.columns[raised.column].source_name, *raised.values)
    assert found == wanted


def test_staff_and_the_survey_are_set_apart(registry: Registry) -> None:
    staff = {dataset.full_name for dataset in registry.datasets() if dataset.employer}
    assert staff == {"human_resources.staff", "human_resources.equality"}
    assert not any("front_line" in registry.dataset(name).purposes for name in staff)
    survey = [dataset.full_name for dataset in registry.datasets() if dataset.anonymised]
    assert survey == ["health_survey.answers"]


def test_equality_answers_serve_equality_and_the_person_who_gave_them(registry: Registry) -> None:
    assert set(registry.dataset("human_resources.equality").purposes) == {"equality", "requests", "matching"}


def test_accused_is_not_convicted(registry: Registry) -> None:
    events = [
        (dataset.name, fact.event)
        for dataset in registry.source["police"].datasets.values()
        for fact in dataset.facts
        if fact.event
    ]
    convicted = [(name, event) for name, event in events if event.kind == "Convicted of an offence"]
    assert [name for name, _ in convicted] == ["outcomes"]
    [condition] = convicted[0][1].where
    assert (condition.column, condition.values) == ("decision", ("convicted",))
    [other] = [event for name, event in events if name == "outcomes" and event.kind != "Convicted of an offence"]
    assert other.where[0].not_values == ("convicted",), "no outcome is in both"


def test_where_a_problem_is_is_not_where_the_caller_lives(registry: Registry) -> None:
    for name in ("environmental_requests.requests", "police.incidents"):
        dataset = registry.dataset(name)
        places = [c for c in dataset.columns.values() if c.identifies in ("uprn", "address", "postcode")]
        assert {column.person for column in places if not column.source_name.startswith("A")} == {"place"}, name


def test_no_fact_hangs_on_an_identifying_column(registry: Registry) -> None:
    """Research never reads the identity tier, and would lose the fact."""
    for dataset in registry.datasets():
        for fact in dataset.facts:
            for name in conditions_of(fact):
                category = registry.category[dataset.columns[name].category]
                assert category.tier != "identity", f"{dataset.full_name}: {name}"


def test_conditions_name_codes_that_the_list_has(registry: Registry) -> None:
    for dataset in registry.datasets():
        for fact in dataset.facts:
            for condition in (each for part in fact.parts() if part is not None for each in part.where):
                codes = registry.codes.get(dataset.columns[condition.column].codes or "")
                if codes is not None:
                    used = {*condition.values, *condition.not_values}
                    assert used <= set(codes.values), f"{dataset.full_name}: {condition.column}"


def test_universal_credit_shows_to_the_front_line_and_pip_does_not(registry: Registry) -> None:
    dataset = registry.dataset("dwp.awards")
    seen = set(registry.purpose["front_line"].categories)
    shown = {
        fact.involvement.service
        for fact in dataset.facts
        if fact.involvement and {dataset.columns[name].category for name in conditions_of(fact)} <= seen
    }
    assert shown == {"Universal Credit"}


def test_every_kind_of_data_of_the_notice_is_held(registry: Registry) -> None:
    used = {column.category for dataset in registry.datasets() for column in dataset.columns.values()}
    assert set(registry.category) - used == set()


# ── the figures ───────────────────────────────────────────────────────────────────────────────────


def facts_by_name(registry: Registry) -> dict[tuple[str, str], list[tuple[Dataset, str | None]]]:
    """Give each kind of fact and its name: the datasets that declare it, and the column of its detail."""
    found: dict[tuple[str, str], list[tuple[Dataset, str | None]]] = {}
    for dataset in registry.datasets():
        for fact in dataset.facts:
            if fact.involvement:
                key, detail = ("involvement", fact.involvement.service), fact.involvement.detail
            elif fact.event:
                key, detail = ("event", fact.event.kind), fact.event.detail
            elif fact.attribute:
                key, detail = ("attribute", fact.attribute.name), fact.attribute.value
            else:
                continue
            found.setdefault(key, []).append((dataset, detail))
    return found


def counts_of(registry: Registry) -> list[tuple[str, Count]]:
    """List what the indicators count."""
    return [
        (name, count)
        for name, indicator in registry.indicator.items()
        for count in (indicator.numerator, indicator.denominator)
        if count is not None and count.fact not in ("residents", "households")
    ]


def test_indicators_count_facts_that_are_declared_and_permitted(registry: Registry) -> None:
    declared = facts_by_name(registry)
    for indicator, count in counts_of(registry):
        for name in count.names:
            holders = declared.get((count.fact, name), [])
            assert holders, f"{indicator} counts '{name}', which no source declares"
            assert all("research" in dataset.purposes for dataset, _ in holders), f"{indicator}: {name}"


def test_details_that_are_counted_are_codes_of_the_detail(registry: Registry) -> None:
    declared = facts_by_name(registry)
    for indicator, count in counts_of(registry):
        for dataset, detail in (each for name in count.names for each in declared[(count.fact, name)]):
            codes = registry.codes.get(dataset.columns[detail].codes or "") if count.details and detail else None
            if codes is not None:
                assert set(count.details) <= set(codes.values), f"{indicator}: {dataset.full_name}.{detail}"


def test_indicators_cover_what_the_notice_names(registry: Registry) -> None:
    topics = {indicator.topic for indicator in registry.indicator.values()}
    named = {"Population", "Households", "Crime", "Health", "Environmental requests", "Unemployment", "Income"}
    assert named <= topics


def test_published_figures_stand_beside_the_councils_own(registry: Registry) -> None:
    used = {i.open_figure.dataset for i in registry.indicator.values() if i.open_figure}
    assert {"open_data.deprivation", "open_data.population", "open_data.recorded_crime_points"} <= used
    assert all(registry.dataset(name).open for name in used), "only open data is shown as it was published"


def test_every_indicator_says_whom_and_when_it_is_about(registry: Registry) -> None:
    assert len(registry.indicator) >= 60
    for name, indicator in registry.indicator.items():
        assert indicator.population and indicator.period and indicator.caveats, name


def test_every_geography_has_a_map(registry: Registry) -> None:
    assert registry.postcode_directory is not None
    assert [name for name, each in registry.geography.items() if each.boundaries is None] == []
    assert set(registry.geography) == {"ward", "msoa21", "lsoa21"}
