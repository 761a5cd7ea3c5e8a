"""Planted faults of the registry: all of them in one run, each with its file, line, reason and remedy."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import pytest

from almoner.kernel.errors import RegistryError
from almoner.registry import check_registry, load_registry
from almoner.registry.load import Fault
from tests.workspace_builder import TinyWorkspace, write_workspace


@dataclass(frozen=True)
class Planted:
    """A change of one file, and what `check` must say of it."""

    name: str
    file: str
    old: str
    new: str
    marker: str
    """What stands on the line that is to be named."""
    told: str
    """Words of the fault."""
    where: str


PLANTED = [
    Planted("misspelt key", "sources/police.toml", 'offence = { from = "Offence", category', 'offence = { from = "Offence", catgory',
            "offence = {", "not known here", "offence.catgory"),
    Planted("missing key", "council.toml", 'place = "Tinytown"\n', "", "[controller]", "missing", "controller.place"),
    Planted("unknown category", "sources/police.toml", 'happened = { from = "Happened", type = "date", category = "record" }',
            'happened = { from = "Happened", type = "date", category = "criminal_histroy" }',
            "happened = {", "'criminal_histroy' is not declared", "columns.happened"),
    Planted("purpose not in the agreement", "sources/elections.toml", 'purposes = ["requests", "matching"]',
            'purposes = ["requests", "matching", "research"]', "purposes =", "not in agreement 'elections'", "register.purposes"),
    Planted("unknown purpose", "sources/survey.toml", 'purposes = ["research"]', 'purposes = ["reserach"]', "purposes =",
            "purpose 'reserach' is not declared", "answers.purposes"),
    Planted("missing basis", "purposes.toml", 'lawful_basis = "vital_interests"', 'lawful_basis = "vital_intrests"',
            'lawful_basis = "vital_intrests"', "'vital_intrests' is not declared", "purpose.emergency.lawful_basis"),
    Planted("special category without a condition", "purposes.toml",
            'special_category_condition = "public_interest"\ncriminal_offence_condition = "statutory"\nform = "aggregate"',
            'criminal_offence_condition = "statutory"\nform = "aggregate"',
            'categories = ["gp_clinic", "financial", "record", "health", "criminal_history", "place"]',
            "special category data without", "purpose.monitoring"),
    Planted("unknown key column", "sources/health.toml", 'key = ["referral"]', 'key = ["referal"]', 'key = ["referal"]',
            "column 'referal' is not declared", "referrals.key"),
    Planted("unknown code list", "sources/council.toml", 'identifies = "sex", codes = "sex"', 'identifies = "sex", codes = "sexes"',
            "sex = {", "code list 'sexes' is not declared", "columns.sex"),
    Planted("delta without an action", "sources/health.toml", 'action = { column = "action" }\n', "", "[dataset.referrals]",
            "delta without an action", "referrals"),
    Planted("duplicate suffix", "sources/housing.toml", 'suffix = "#JNT"', 'suffix = ""', 'suffix = ""', "same suffix as slot 'tenant'",
            "people.joint"),
    Planted("agreement that ends before it begins", "agreements.toml", 'parties = ["Tiny Council", "police"]\nsigned_on = 2020-01-01\nexpires_on = 2090-12-31',
            'parties = ["Tiny Council", "police"]\nsigned_on = 2020-01-01\nexpires_on = 2019-12-31', "expires_on = 2019-12-31",
            "expires before it was signed", "agreement.police"),
    Planted("identifier outside the identity tier", "sources/housing.toml", 'category = "identifiers", identifies = "nino"',
            'category = "record", identifies = "nino"', "nino = {", "not identity", "columns.nino"),
    Planted("anonymised, but identifying", "sources/survey.toml", 'category = "anonymised" }\n', 'category = "name", identifies = "surname" }\n',
            "[dataset.answers.columns]", "anonymised or open", "answers.columns"),
    Planted("column called row_id", "sources/council.toml", 'salary = { from', 'row_id = { from',
            "row_id = {", "'row_id' is the name of a column that every dataset has", "columns.row_id"),
    Planted("column called as_of", "sources/elections.toml", 'votes = { from', 'as_of = { from',
            "as_of = {", "'as_of' is the name of a column that every dataset has", "columns.as_of"),
    Planted("column called record_key", "sources/housing.toml", 'note = { from', 'record_key = { from',
            "record_key = {", "'record_key' is the name of a column that every dataset has", "columns.record_key"),
    Planted("column called as a value before reading", "sources/police.toml", 'happened = { from = "Happened", type = "date"',
            'sex__as_delivered = { from = "Sex", category = "record" }\nhappened = { from = "Happened", type = "date"',
            "sex__as_delivered = {", "names that end in '__as_delivered'", "columns.sex__as_delivered"),
    Planted("fact about nobody", "sources/police.toml", 'event = { person = "suspect"', 'event = { person = "victim"', "event = {",
            "slot 'victim' is not declared", "facts.0.event"),
    Planted("indicator of nothing", "council.toml", 'numerator = { fact = "residents", count = "persons" }\n', "", "[indicator.population]",
            "either a numerator or an open_figure", "indicator.population"),
]  # fmt: skip
BROKEN_FILE = ("sources/broken.toml", '[source]\ntitle = "Broken"\nowner = unquoted words\n', 3)


@pytest.fixture
def tiny(tmp_path: Path) -> TinyWorkspace:
    """Write a sound registry."""
    return write_workspace(tmp_path / "workspace")


def faults_of(tiny: TinyWorkspace) -> tuple[Fault, ...]:
    """Check the registry."""
    return check_registry(tiny.root / "registry").faults


def plant(tiny: TinyWorkspace, planted: Planted) -> None:
    """Make the change."""
    tiny.change(planted.file, planted.old, planted.new)


def found(faults: tuple[Fault, ...], planted: Planted, text: str) -> Fault | None:
    """Find the fault that was planted, at its place."""
    lines = [number for number, line in enumerate(text.splitlines(), start=1) if planted.marker in line]
    for fault in faults:
        here = fault.file == f"registry/{planted.file}" and fault.line in lines
        if here and planted.told in fault.what and planted.where in fault.where:
            return fault
    return None


def test_a_sound_registry_has_no_fault(tiny: TinyWorkspace) -> None:
    result = check_registry(tiny.root / "registry")
    assert result.faults == ()
    assert result.registry is not None


@pytest.mark.parametrize("planted", PLANTED, ids=[each.name for each in PLANTED])
def test_each_fault_alone_is_reported_at_its_line(tiny: TinyWorkspace, planted: Planted) -> None:
    plant(tiny, planted)
    fault = found(faults_of(tiny), planted, (tiny.root / "registry" / planted.file).read_text())
    assert fault is not None, [each.text() for each in faults_of(tiny)]
    assert fault.why
    assert fault.todo


@pytest.mark.parametrize("planted", PLANTED, ids=[each.name for each in PLANTED])
def test_a_fault_is_reported_once_and_nothing_sound_with_it(tiny: TinyWorkspace, planted: Planted) -> None:
    """Other faults may follow from it, but only in what it touches."""
    plant(tiny, planted)
    faults = faults_of(tiny)
    assert len(faults) == len({(fault.file, fault.line, fault.what) for fault in faults})
    assert len(faults) <= 3, [fault.text() for fault in faults]


def test_every_fault_is_reported_in_one_run(tiny: TinyWorkspace) -> None:
    for planted in PLANTED:
        plant(tiny, planted)
    file, text, line = BROKEN_FILE
    tiny.add(file, text)
    faults = faults_of(tiny)
    assert (f"registry/{file}", line) in {(fault.file, fault.line) for fault in faults}
    missed = [
        planted.name
        for planted in PLANTED
        if found(faults, planted, (tiny.root / "registry" / planted.file).read_text()) is None
    ]
    assert missed == []


def test_faults_between_declarations_are_reported_together(tiny: TinyWorkspace) -> None:
    """The same without the two faults of shape (a key misspelt, a key missing)."""
    planted_here = [each for each in PLANTED if "key" not in each.name.split()[1:]] + [PLANTED[7]]
    for planted in planted_here:
        plant(tiny, planted)
    tiny.add(BROKEN_FILE[0], BROKEN_FILE[1])
    faults = faults_of(tiny)
    texts = {each.file: (tiny.root / "registry" / each.file).read_text() for each in planted_here}
    assert [each.name for each in planted_here if found(faults, each, texts[each.file]) is None] == []
    assert len(planted_here) >= 10


def test_a_file_that_is_not_toml_does_not_hide_the_others(tiny: TinyWorkspace) -> None:
    tiny.add(BROKEN_FILE[0], BROKEN_FILE[1])
    plant(tiny, PLANTED[7])
    told = {fault.file for fault in faults_of(tiny)}
    assert told == {"registry/sources/broken.toml", "registry/sources/health.toml"}


def test_one_name_declared_twice_is_a_fault_of_the_second(tiny: TinyWorkspace) -> None:
    tiny.add("zz.toml", '# again\n[retention.long]\ntitle = "Again"\nyears = 1\nauthority = "Nobody"\n')
    (fault,) = faults_of(tiny)
    assert (fault.file, fault.line) == ("registry/zz.toml", 2)
    assert "registry/council.toml" in fault.what


def test_two_sources_of_one_name_are_a_fault(tiny: TinyWorkspace) -> None:
    text = (tiny.root / "registry" / "sources" / "survey.toml").read_text()
    (tiny.root / "registry" / "more").mkdir()
    tiny.add("more/survey.toml", text)
    assert any("is also in" in fault.what for fault in faults_of(tiny))


def test_an_empty_folder_is_said_as_such(tmp_path: Path) -> None:
    (fault,) = check_registry(tmp_path).faults
    assert "no TOML file" in fault.what


def test_loading_refuses_what_checking_finds_in_shape(tiny: TinyWorkspace) -> None:
    plant(tiny, PLANTED[0])
    with pytest.raises(RegistryError) as refusal:
        load_registry(tiny.root / "registry")
    assert refusal.value.where.startswith("registry/sources/police.toml:")


@pytest.mark.integration
def test_the_command_reports_them_all_and_takes_nothing_in(tiny: TinyWorkspace) -> None:
    for planted in PLANTED[2:8]:
        plant(tiny, planted)
    result = tiny.run("check", "--json")
    assert result.returncode == RegistryError.exit_code
    faults = json.loads(result.stdout)["faults"]
    assert {"file", "line", "where", "what", "why", "todo"} <= set(faults[0])
    assert {planted.told for planted in PLANTED[2:8] if any(planted.told in fault["what"] for fault in faults)} == {
        planted.told for planted in PLANTED[2:8]
    }
    text = tiny.run("check")
    assert all(f"{fault['file']}:{fault['line']}" in text.stderr for fault in faults)
    intake = tiny.run("intake")
    assert intake.returncode == RegistryError.exit_code
    assert not (tiny.root / "lake").exists()
