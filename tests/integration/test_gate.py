"""What a permit gives through the gate, on a real workspace: form, floor, agreement, retention, rights, whereabouts."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path

import pytest

from almoner.governance.audit import EventFilter
from almoner.governance.gate import Gate
from almoner.governance.permit import Permit
from almoner.governance.reads import SPINE_KINDS
from almoner.kernel.errors import AccessRefused, AlmonerError
from almoner.kernel.steps import Step
from almoner.kernel.tables import SPINE
from almoner.single_view.finding import Wanted, find_people
from almoner.single_view.searching import PeopleSearch
from almoner.single_view.wanted import Asked
from almoner.wiring.looking_up import look_up
from almoner.wiring.workspace import Workspace
from tests.workspace_builder import (
    PROTECTED,
    RESIDENTS,
    SEALED,
    TinyWorkspace,
    at,
    declared,
    finished_workspace,
    whole,
)

pytestmark = pytest.mark.integration
WHY = "A reason that explains enough"
PERSONAL = [dataset.full_name for dataset in declared().datasets() if not dataset.open and not dataset.anonymised]
NEIGHBOUR = RESIDENTS[0]


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> TinyWorkspace:
    """Give a workspace that no test changes, but for its audit log and permits."""
    return finished_workspace(tmp_path_factory.mktemp("gate") / "workspace")


@pytest.fixture
def own(tmp_path: Path) -> TinyWorkspace:
    """Give a workspace to change."""
    return finished_workspace(tmp_path / "workspace")


def permit_for(
    workspace: Workspace, purpose: str, subjects: tuple[str, ...] = (), project: str | None = None
) -> Permit:
    """Issue the standing permit of the person who opened the workspace."""
    project = project or ("alpha" if purpose == "research" else None)
    return workspace.permits.standing(workspace.actor, purpose, WHY, subjects=subjects, project=project)


def rows(gate: Gate, permit: Permit, view: str, columns: tuple[str, ...] = ()) -> list[dict[str, object]]:
    """Read a whole view."""
    return gate.run(permit, whole(view), {view: columns}).rows()


def given(gate: Gate, permit: Permit, view: str) -> list[dict[str, object]]:
    """Read a view with all the columns that the permit gives."""
    return rows(gate, permit, view, gate.columns_for(permit).get(view, ()))


# ── form ─────────────────────────────────────────────────────────────────────────────────────────────────────────

IDENTITY = [
    (dataset.full_name, name)
    for dataset in declared().datasets()
    for name, column in dataset.columns.items()
    if declared().category[column.category].tier == "identity" and "research" in dataset.purposes
]


@pytest.mark.parametrize(("dataset", "column"), IDENTITY)
def test_research_gets_no_column_that_identifies(shared: TinyWorkspace, dataset: str, column: str) -> None:
    workspace = shared.open("analyst")
    with pytest.raises(AccessRefused, match=column):
        workspace.gate.read(permit_for(workspace, "research"), dataset, [column])


@pytest.mark.parametrize("table", sorted(set(SPINE)))
def test_research_gets_no_table_of_people(shared: TinyWorkspace, table: str) -> None:
    workspace = shared.open("analyst")
    with pytest.raises(AccessRefused):
        rows(workspace.gate, permit_for(workspace, "research"), f"spine.{table}")


def test_every_table_of_the_spine_says_what_it_shows() -> None:
    assert set(SPINE_KINDS) == set(SPINE)


def test_a_pseudonymised_dataset_has_neither_key_nor_id(shared: TinyWorkspace) -> None:
    workspace = shared.open("analyst")
    found = given(workspace.gate, permit_for(workspace, "research"), "housing.tenancies")
    assert found
    assert "record_key" not in found[0]
    places = rows(workspace.gate, permit_for(workspace, "research"), "places:housing.tenancies")
    assert places
    assert set(places[0]) == {"row_id", "ward_code"}


def test_only_an_identifiable_permit_gives_person_ids(shared: TinyWorkspace) -> None:
    someone = shared.person(NEIGHBOUR)
    steward, analyst = shared.open("steward"), shared.open("analyst")
    named = rows(steward.gate, permit_for(steward, "matching"), "spine.link")
    masked = rows(analyst.gate, permit_for(analyst, "research"), "spine.link")
    assert someone in {row["person_ref"] for row in named}
    assert len(named) > len(masked) > 20, "research is not given the links of datasets that it may not see"
    assert all(re.fullmatch("[0-9a-f]{20}", str(row["person_ref"])) for row in masked)


def test_a_read_stands_on_one_version_of_the_spine(shared: TinyWorkspace, monkeypatch: pytest.MonkeyPatch) -> None:
    workspace = shared.open("steward")
    permit, catalogue, asked = permit_for(workspace, "matching"), workspace.lake.catalogue, []
    spine = catalogue.spine
    monkeypatch.setattr(catalogue, "spine", lambda: asked.append(1) or spine())
    assert rows(workspace.gate, permit, "spine.resident")
    assert len(asked) == 1, "asked twice, it could have been joined anew between"


def test_pseudonyms_of_two_projects_differ(shared: TinyWorkspace) -> None:
    workspace = shared.open("analyst")
    refs = [
        {
            row[name]
            for row in rows(workspace.gate, permit_for(workspace, "research", project=project), "spine.resident")
        }
        for project in ("alpha", "beta")
        for name in ("person_ref", "household_ref")
    ]
    assert all(refs)
    assert not refs[0] & refs[2]
    assert not refs[1] & refs[3]


def test_a_projects_pseudonyms_stay_the_same(shared: TinyWorkspace) -> None:
    workspace = shared.open("analyst")
    first, again = (
        {row["person_ref"] for row in rows(workspace.gate, permit_for(workspace, "research"), "spine.resident")}
        for _ in range(2)
    )
    assert first == again


# ── aggregate ────────────────────────────────────────────────────────────────────────────────────────────────────

ROW_LEVEL = {
    "all rows": 'SELECT * FROM "housing.tenancies"',
    "one column": 'SELECT rent FROM "housing.tenancies"',
    "grouped by row": 'SELECT row_id, count(*) AS n FROM "housing.tenancies" GROUP BY row_id',
    "grouped by row, renamed": 'SELECT row_id AS a, count(*) AS n FROM "housing.tenancies" GROUP BY 1',
    "grouped by person, renamed": 'SELECT person_ref AS a, count(*) AS n FROM "spine.link" GROUP BY 1',
    "a count over a window": 'SELECT rent, count(*) OVER () AS n FROM "housing.tenancies"',
    "rows beneath a total": 'SELECT count(*) AS n, 0.0 AS rent FROM "housing.tenancies" UNION ALL SELECT 1, rent FROM "housing.tenancies"',
    "rows beside a total": 'SELECT t.rent, n.n FROM "housing.tenancies" AS t, (SELECT count(*) AS n FROM "housing.tenancies") AS n',
    "rows in a list": 'SELECT list(row_id) AS ids FROM "housing.tenancies"',
    "rows in a text": "SELECT string_agg(CAST(rent AS VARCHAR), ',') AS rents FROM \"housing.tenancies\"",
    "a row in an aggregate": 'SELECT max_by(row_id, rent) AS a FROM "housing.tenancies"',
    "a common table": 'WITH n AS (SELECT count(*) FROM "housing.tenancies") SELECT rent FROM "housing.tenancies"',
    "distinct rows": 'SELECT DISTINCT row_id AS a FROM "housing.tenancies"',
}


@pytest.mark.parametrize("sql", ROW_LEVEL.values(), ids=ROW_LEVEL.keys())
def test_an_aggregate_permit_gives_no_rows(shared: TinyWorkspace, sql: str) -> None:
    workspace = shared.open("analyst")
    reads: dict[str, tuple[str, ...]] = {"housing.tenancies": ("rent",), "spine.link": ()}
    with pytest.raises(AccessRefused):
        workspace.gate.run(permit_for(workspace, "monitoring"), [Step("last", "", sql, ())], reads).rows()


COUNTED = "SELECT a, count(*) AS n, sum(rent) AS total FROM earlier GROUP BY a"
ROUNDABOUT = {
    "a reference renamed before": ('SELECT row_id AS a, rent FROM "housing.tenancies"', COUNTED),
    "renamed by the table's alias": ('SELECT * FROM "housing.tenancies" AS t(a, b, rent)', COUNTED),
    "renamed by a star": ('SELECT * RENAME (row_id AS a) FROM "housing.tenancies"', COUNTED),
    "renamed by a union": (
        'SELECT 0 AS a, 0.0 AS rent WHERE FALSE UNION ALL SELECT row_id, rent FROM "housing.tenancies"',
        COUNTED,
    ),
    "renamed by the columns of a common table": (
        'WITH c(a, rent) AS (SELECT row_id, rent FROM "housing.tenancies") SELECT * FROM c',
        COUNTED,
    ),
    "the source's own key": (
        "SELECT 1 AS one",
        'SELECT tenancy, sum(rent) AS total FROM "housing.tenancies" GROUP BY tenancy',
    ),
}


@pytest.mark.parametrize("steps", ROUNDABOUT.values(), ids=ROUNDABOUT.keys())
def test_nor_does_it_give_them_by_a_roundabout_way(shared: TinyWorkspace, steps: tuple[str, str]) -> None:
    workspace = shared.open("analyst")
    earlier, last = steps
    asked = [Step("earlier", "", earlier, ()), Step("last", "", last, ())]
    columns = ("tenancy", "rent") if "tenancy" in last else ("rent",)
    with pytest.raises(AlmonerError) as refusal:
        workspace.gate.run(permit_for(workspace, "monitoring"), asked, {"housing.tenancies": columns}).rows()
    assert isinstance(refusal.value, AccessRefused), refusal.value.lines()


def test_an_aggregate_permit_can_not_read_rows_at_all(shared: TinyWorkspace) -> None:
    workspace = shared.open("analyst")
    permit = permit_for(workspace, "monitoring")
    with pytest.raises(AccessRefused):
        workspace.gate.read(permit, "housing.tenancies", ["rent"]).rows()
    with pytest.raises(AccessRefused):
        workspace.gate.copy(permit, whole("housing.tenancies")[0], {"housing.tenancies": ("rent",)})
    with pytest.raises(AccessRefused):
        workspace.analysts.open(permit)


def test_an_aggregate_permit_gives_counts(shared: TinyWorkspace) -> None:
    workspace = shared.open("analyst")
    sql = 'SELECT practice, count(*) AS people FROM "housing.tenancies" GROUP BY practice'
    step = Step("counts", "", sql, ("practice", "people"))
    found = workspace.gate.run(permit_for(workspace, "monitoring"), [step], {"housing.tenancies": ("practice",)})
    assert found.count() == 9


# ── floor, agreement, project, retention ─────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("view", ["spine.link", "spine.person_record"])
@pytest.mark.parametrize("purpose", ["research", "planning", "front_line", "requests", "matching"])
def test_the_spine_tells_of_no_dataset_that_is_not_given(shared: TinyWorkspace, purpose: str, view: str) -> None:
    """That somebody is in a trust's or in the police's file is itself health or criminal data."""
    actor = {"front_line": "worker", "requests": "officer", "matching": "steward"}.get(purpose, "analyst")
    person = (shared.person(NEIGHBOUR),) if purpose in ("front_line", "requests") else ()
    workspace = shared.open(actor)
    permit = permit_for(workspace, purpose, person)
    try:
        found = rows(workspace.gate, permit, view)
    except AccessRefused:
        assert permit.form != "identifiable"
        return
    told = {str(row["dataset"]) for row in found}
    assert told
    assert told <= set(workspace.gate.columns_for(permit))


@pytest.mark.parametrize(("source", "dataset"), [("health", "health.referrals"), ("police", "police.incidents")])
def test_a_floor_bars_what_its_columns_would_not(own: TinyWorkspace, source: str, dataset: str) -> None:
    own.change(f"sources/{source}.toml", 'purposes = ["research", ', 'purposes = ["planning", "research", ')
    text = (own.root / "registry" / "agreements.toml").read_text()
    part = text.index(f"[agreement.{source}]")
    text = text[:part] + text[part:].replace('purposes = ["research"', 'purposes = ["planning", "research"', 1)
    (own.root / "registry" / "agreements.toml").write_text(text)
    workspace = own.open("analyst")
    permit = permit_for(workspace, "planning")
    with pytest.raises(AccessRefused, match="itself"):
        workspace.gate.read(permit, dataset, [])
    with pytest.raises(AccessRefused, match="itself"):
        rows(workspace.gate, permit, f"places:{dataset}")
    assert dataset not in workspace.gate.columns_for(permit)


@pytest.mark.parametrize(
    ("day", "told"),
    [(dt.date(2091, 1, 1), "lapsed"), (dt.date(2019, 12, 31), "starts on"), (dt.date(2090, 12, 31), "")],
)
def test_an_agreement_out_of_force_stops_every_read(shared: TinyWorkspace, day: dt.date, told: str) -> None:
    workspace = shared.open("analyst")
    gate, office = at(workspace, lambda: dt.datetime.combine(day, dt.time(12), dt.UTC))
    permit = office.standing("analyst", "planning", WHY)
    if not told:
        gate.read(permit, "housing.tenancies", ["note"])
        return
    with pytest.raises(AccessRefused, match=told):
        gate.read(permit, "housing.tenancies", ["note"])
    with pytest.raises(AccessRefused, match=told):
        rows(gate, permit, "places:housing.tenancies")
    assert "housing.tenancies" not in gate.columns_for(permit)


def test_an_agreement_that_lapses_ends_permits_under_it(shared: TinyWorkspace) -> None:
    workspace = shared.open("analyst")
    before = dt.datetime(2090, 12, 30, tzinfo=dt.UTC)
    gate, office = at(workspace, lambda: before)
    permit = office.standing("analyst", "planning", WHY)
    assert rows(gate, permit, "housing.tenancies") is not None
    gate, _ = at(workspace, lambda: before + dt.timedelta(days=3))
    with pytest.raises(AccessRefused, match="lapsed"):
        rows(gate, permit, "housing.tenancies")


def test_a_project_sees_its_own_datasets_while_it_runs(shared: TinyWorkspace) -> None:
    workspace = shared.open("analyst")
    with pytest.raises(AccessRefused, match="does not name"):
        workspace.gate.read(permit_for(workspace, "research", project="beta"), "police.incidents", ["offence"])
    for project in (None, "gamma"):
        with pytest.raises(AccessRefused, match="project"):
            permit = workspace.permits.standing("analyst", "research", WHY, project=project)
            workspace.gate.read(permit, "housing.tenancies", ["rent"])
    gate, office = at(workspace, lambda: dt.datetime(2025, 6, 1, tzinfo=dt.UTC))
    with pytest.raises(AccessRefused, match="runs from"):
        gate.read(office.standing("analyst", "research", WHY, project="alpha"), "housing.tenancies", ["rent"])


@pytest.mark.parametrize(("day", "held"), [(dt.date(2040, 2, 1), True), (dt.date(2040, 2, 2), False)])
def test_a_row_is_given_until_its_retention_ends(shared: TinyWorkspace, day: dt.date, held: bool) -> None:
    """Twenty years from the start of a tenancy; the October delivery says 2020-02-01 of all but the canary's."""
    workspace = shared.open("analyst")
    gate, office = at(workspace, lambda: dt.datetime.combine(day, dt.time(12), dt.UTC))
    found = rows(gate, office.standing("analyst", "planning", WHY), "housing.tenancies", ("rent",))
    assert bool(found) is held


@pytest.mark.parametrize("view", ["housing.tenancies", "persons:housing.tenancies", "places:housing.tenancies"])
def test_what_is_past_its_retention_is_in_no_view(shared: TinyWorkspace, view: str) -> None:
    workspace = shared.open("steward")
    gate, office = at(workspace, lambda: dt.datetime(2041, 1, 1, tzinfo=dt.UTC))
    assert rows(gate, office.standing("steward", "matching", WHY), view) == []


@pytest.mark.parametrize("view", ["elections.register", "persons:elections.register", "places:elections.register"])
def test_a_delivery_is_given_until_its_retention_ends(own: TinyWorkspace, view: str) -> None:
    own.change("council.toml", "years = 100", "years = 1")
    workspace = own.open("steward")
    for day, held in ((dt.date(2027, 10, 1), True), (dt.date(2027, 10, 2), False)):
        gate, office = at(workspace, lambda day=day: dt.datetime.combine(day, dt.time(12), dt.UTC))
        assert bool(rows(gate, office.standing("steward", "matching", WHY), view)) is held


# ── restriction and objection ────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("purposes", "hidden"), [((), True), (("planning",), True), (("monitoring",), False)])
def test_who_restricted_or_objected_is_left_out(own: TinyWorkspace, purposes: tuple[str, ...], hidden: bool) -> None:
    counts = []
    for _ in range(2):
        workspace = own.open("analyst")
        permit = permit_for(workspace, "planning")
        views = ("housing.tenancies", "spine.link", "spine.resident", "places:housing.tenancies")
        counts.append([len(rows(workspace.gate, permit, view)) for view in views])
        own.restrict(own.person(NEIGHBOUR), *purposes)
    before, after = counts
    assert after == [
        count - 1 if hidden and i < 3 else a for i, (count, a) in enumerate(zip(before, after, strict=True))
    ]
    assert (after[0] < before[0]) is hidden
    assert (after[3] < before[3]) is hidden, "a place of the row of somebody left out is still given"


def test_who_restricted_is_not_shown_to_the_front_line(own: TinyWorkspace) -> None:
    person = own.person(NEIGHBOUR)
    own.restrict(person)
    worker = own.open("worker")
    permit = permit_for(worker, "front_line", (person,))
    for view in ("housing.tenancies", "spine.link", "spine.resident", "spine.person", "spine.residence"):
        found = given(worker.gate, permit, view)
        assert person not in {row.get("person_id", row.get("person_ref")) for row in found}, view
        assert view != "housing.tenancies" or not found
    steward = own.open("officer")
    assert given(steward.gate, permit_for(steward, "requests", (person,)), "housing.tenancies"), "the law still asks"


# ── one person at a time ─────────────────────────────────────────────────────────────────────────────────────────


def test_a_purpose_about_one_person_names_one(shared: TinyWorkspace) -> None:
    worker = shared.open("worker")
    with pytest.raises(AccessRefused, match="one person"):
        rows(worker.gate, permit_for(worker, "front_line"), "housing.tenancies")


EVERY_VIEW = [
    *(f"{kind}{name}" for name in PERSONAL for kind in ("", "persons:", "places:")),
    *(f"spine.{table}" for table in SPINE),
    "spine.link",
    "spine.resident",
]


@pytest.mark.parametrize("purpose", ["front_line", "requests"])
@pytest.mark.parametrize("view", EVERY_VIEW)
def test_a_permit_about_one_person_gives_nobody_else(shared: TinyWorkspace, view: str, purpose: str) -> None:
    """Refused, or about that person and those whom the design lets be seen with them: home and relations."""
    person, stranger = shared.person(NEIGHBOUR), RESIDENTS[2]
    workspace = shared.open("worker" if purpose == "front_line" else "officer")
    permit = permit_for(workspace, purpose, (person,))
    try:
        found = given(workspace.gate, permit, view)
    except AccessRefused:
        return
    text = str(found).upper()
    assert shared.person(stranger) not in text
    for value in (
        stranger.surname,
        stranger.forename,
        stranger.place()["address"].split(",")[0],
        stranger.place()["uprn"],
    ):
        assert value.upper() not in text, f"{view} shows somebody else"


def test_a_search_gives_a_few_people_and_never_a_list(shared: TinyWorkspace) -> None:
    worker = shared.open("worker")
    permit = permit_for(worker, "front_line")
    assert [c.surname for c in find_people(worker.gate, permit, Wanted("Alice Ashworth"))] == ["ASHWORTH"]
    with pytest.raises(AccessRefused, match="More than"):
        worker.gate.find(permit, PeopleSearch(), Asked(("ASHWORTH",)), limit=1)
    analyst = shared.open("analyst")
    other = permit_for(analyst, "planning")
    with pytest.raises(AccessRefused, match="one person"):
        analyst.gate.find(other, PeopleSearch(), Asked(("ASHWORTH",)), limit=10)
    for made, outcomes in ((permit, ["allowed", "allowed", "refused"]), (other, ["refused"])):
        found = shared.open("auditor").audit.events(EventFilter(permit_id=made.id, action="find"))
        assert [event.event.outcome for event in found] == outcomes


def test_the_councils_own_staff_are_not_in_the_single_view(shared: TinyWorkspace) -> None:
    worker = shared.open("worker")
    with pytest.raises(AccessRefused, match="own staff"):
        worker.gate.read(permit_for(worker, "front_line", (shared.person(NEIGHBOUR),)), "council.staff", ["salary"])


# ── whereabouts and sealed identities ────────────────────────────────────────────────────────────────────────────

SECRETS = (
    PROTECTED.place()["address"].split(",")[0],
    PROTECTED.place()["uprn"],
    PROTECTED.place()["postcode"],
    "P812",
    "E05001",
)
"""Street, property number, postcode, practice, ward: each would tell where the protected person is."""


@pytest.mark.parametrize("view", EVERY_VIEW)
def test_the_front_line_is_not_told_where_a_protected_person_is(shared: TinyWorkspace, view: str) -> None:
    worker = shared.open("worker")
    for resident in (PROTECTED, RESIDENTS[PROTECTED.number + 1]):  # and not by whom they live with either
        permit = permit_for(worker, "front_line", (shared.person(resident),))
        try:
            text = str(given(worker.gate, permit, view)).upper()
        except AccessRefused:
            continue
        told = [secret for secret in SECRETS if secret.upper() in text]
        assert not told, f"{view} tells {len(told)} of {len(SECRETS)} whereabouts"


def test_the_products_do_not_tell_either(shared: TinyWorkspace) -> None:
    worker = shared.open("worker")
    found = find_people(
        worker.gate, permit_for(worker, "front_line"), Wanted(f"{PROTECTED.forename} {PROTECTED.surname}")
    )
    assert [candidate.withheld for candidate in found] == [True]
    view = look_up(worker, shared.person(PROTECTED), "front_line", WHY, None)
    assert view.withheld
    assert not [secret for secret in SECRETS if secret.upper() in f"{found} {view}".upper()]


def test_whoever_answers_requests_sees_the_persons_own_address(shared: TinyWorkspace) -> None:
    officer = shared.open("officer")
    permit = permit_for(officer, "requests", (shared.person(PROTECTED),))
    assert SECRETS[0].upper() in str(given(officer.gate, permit, "housing.tenancies")).upper()


def test_a_sealed_identity_is_never_found(shared: TinyWorkspace) -> None:
    worker, sealed = shared.open("worker"), shared.person(SEALED)
    wanted = Wanted(f"{SEALED.forename} {SEALED.surname}", SEALED.born)
    assert sealed not in {c.person_id for c in find_people(worker.gate, permit_for(worker, "front_line"), wanted)}
    partner = look_up(worker, shared.person(RESIDENTS[SEALED.number + 1]), "front_line", WHY, None)
    assert sealed not in str(partner)


def test_a_view_that_is_not_declared_is_refused(shared: TinyWorkspace) -> None:
    steward = shared.open("steward")
    permit = permit_for(steward, "matching")
    for view in (
        "housing.nothing",
        "persons:housing.nothing",
        "quarantine:housing.tenancies",
        "secrets:housing.tenancies",
    ):
        with pytest.raises(AlmonerError):
            rows(steward.gate, permit, view)
