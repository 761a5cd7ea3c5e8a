"""Two projects over the same datasets: nothing that one gets, by value or by place, joins what the other gets.

Every column of every view that is copied into a workspace is classed here. A column that the product adds fails until
somebody has said whether it refers.
"""

from __future__ import annotations

from collections.abc import Iterator

import pyarrow as pa
import pytest

from almoner.governance.workspaces import SHARED_VIEWS
from almoner.kernel.steps import Step
from almoner.wiring.workspace import Workspace
from tests.workspace_builder import TinyWorkspace, finished_workspace, whole

pytestmark = pytest.mark.integration
WHY = "A reason that explains enough"
REFERS = {"row_id", "person_ref", "household_ref"}
"""What the product adds that points to one row, person or household."""
SAYS_NOTHING_OF_ONE = {"as_of", "dataset", "slot", "age", "sex", "ward_code"}
"""What it adds that many share."""
WEIGHED = "match_probability"
Copies = dict[str, pa.Table]


def copies_of(workspace: Workspace, project: str) -> Copies:
    """Take every copy that a workspace of a project would hold."""
    permit = workspace.permits.standing("analyst", "research", WHY, project=project)
    given = workspace.gate.columns_for(permit)
    return {
        name: workspace.gate.copy(permit, whole(name)[0], {name: given.get(name, ())})
        for name in [*given, *SHARED_VIEWS]
    }


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> TinyWorkspace:
    """Give a workspace that no test changes, but for its audit log and permits."""
    return finished_workspace(tmp_path_factory.mktemp("apart") / "workspace")


@pytest.fixture(scope="module")
def both(shared: TinyWorkspace) -> tuple[Copies, Copies]:
    """Give the copies of two projects."""
    workspace = shared.open("analyst")
    return copies_of(workspace, "alpha"), copies_of(workspace, "beta")


def in_both(both: tuple[Copies, Copies]) -> Iterator[tuple[str, str]]:
    """Give each (view, column) of which both projects have a copy, but for open data."""
    alpha, beta = both
    for name in alpha.keys() & beta.keys():
        if not name.startswith("open_data."):
            yield from ((name, column) for column in alpha[name].column_names)


def test_every_column_is_classed_and_no_reference_is_in_both(
    shared: TinyWorkspace, both: tuple[Copies, Copies]
) -> None:
    registry, seen = shared.registry(), set()
    for name, column in in_both(both):
        one, other = ({*copies[name].column(column).to_pylist()} for copies in both)
        declared = registry.dataset(name) if not name.startswith("spine.") else None
        if declared is not None and column in declared.columns:
            assert column not in declared.key, f"{name}.{column} is the source's reference"
        elif column in REFERS:
            seen.add((name, column))
            assert one and other
            assert not (one & other) - {None}, f"{name}.{column} joins two projects"
        elif column == WEIGHED:
            assert all(value is None or value == round(value, 2) for value in one), "exact enough to be a reference"
        else:
            assert column in SAYS_NOTHING_OF_ONE, f"say what {name}.{column} is"
    assert {("spine.link", "row_id"), ("spine.link", "person_ref"), ("spine.resident", "person_ref")} <= seen
    assert {("housing.tenancies", "row_id"), ("health.referrals", "row_id")} <= seen


def test_the_order_of_rows_joins_nothing(both: tuple[Copies, Copies]) -> None:
    """The lake's order is the same in every project: the tenth row of one would be the tenth of the other."""
    alpha, beta = both
    for name, column in (("housing.tenancies", "rent"), ("spine.resident", "age")):
        one, other = (copies[name].column(column).to_pylist() for copies in (alpha, beta))
        assert sorted(map(str, one)) == sorted(map(str, other))
        assert one != other, f"{name} is in the same order"


def test_rows_of_one_project_join_one_another(shared: TinyWorkspace, both: tuple[Copies, Copies]) -> None:
    for copies in both:
        links = copies["spine.link"].to_pylist()
        linked = {row["row_id"] for row in links if row["dataset"] == "housing.tenancies"}
        rows = set(copies["housing.tenancies"].column("row_id").to_pylist())
        assert rows
        assert linked == rows
    again = copies_of(shared.open("analyst"), "alpha")
    assert again["housing.tenancies"].equals(both[0]["housing.tenancies"]), "a project's own numbers stay the same"


def test_no_row_id_of_the_lake_is_shown(shared: TinyWorkspace, both: tuple[Copies, Copies]) -> None:
    steward, analyst = shared.open("steward"), shared.open("analyst")
    named = steward.permits.standing("steward", "matching", WHY)
    masked = analyst.permits.standing("analyst", "research", WHY, project="alpha")
    inside = {row["row_id"] for row in steward.gate.read(named, "housing.tenancies", ["surname"]).rows()}
    assert inside == {row["row_id"] for row in steward.gate.run(named, whole("housing.tenancies"), {
        "housing.tenancies": ()}).rows()}  # fmt: skip
    shown = [
        {row["row_id"] for row in analyst.gate.read(masked, "housing.tenancies", ["rent"]).rows()},
        {row["row_id"] for row in analyst.gate.run(masked, whole("places:housing.tenancies"), {
            "places:housing.tenancies": ()}).rows()},
    ]  # fmt: skip
    assert shown[0]
    assert shown[0] >= shown[1]
    assert not inside & shown[0]


def test_the_steps_of_one_run_join_by_row(shared: TinyWorkspace) -> None:
    analyst = shared.open("analyst")
    permit = analyst.permits.standing("analyst", "research", WHY, project="alpha")
    sql = """SELECT count(*) AS n FROM "housing.tenancies" AS t JOIN "spine.link" AS l
             ON l.row_id = t.row_id AND l.dataset = 'housing.tenancies' AND l.slot = 'tenant'"""
    reads: dict[str, tuple[str, ...]] = {"housing.tenancies": ("rent",), "spine.link": ()}
    assert analyst.gate.run(permit, [Step("joined", "", sql, ("n",))], reads).one() == {"n": 9}


def numbered(workspace: Workspace) -> list[tuple[int, int]]:
    """Give (person, household) of every resident as a desk for counting numbers them, read twice over."""
    permit = workspace.permits.standing("analyst", "research", WHY, project="alpha")
    desk = workspace.gate.desk(permit, numbered=True)
    sql = """SELECT r.person_ref, r.household_ref FROM "spine.resident" AS r
             WHERE r.person_ref IN (SELECT l.person_ref FROM "spine.link" AS l)"""
    step = Step("living", "", sql, ("person_ref", "household_ref"))
    reads: dict[str, tuple[str, ...]] = {"spine.resident": ("person_ref", "household_ref"), "spine.link": ()}
    first, again = (
        [(row["person_ref"], row["household_ref"]) for row in desk.run([step], reads).rows()] for _ in range(2)
    )
    assert sorted(first, key=str) == sorted(again, key=str), "a desk's own numbers stay the same"
    return first


def test_the_numbers_of_a_desk_for_counting_mean_nothing_at_another(
    shared: TinyWorkspace, both: tuple[Copies, Copies]
) -> None:
    workspace = shared.open("analyst")
    desks = [numbered(workspace) for _ in range(4)]
    people = both[0]["spine.resident"].column("person_ref").to_pylist()
    for living in desks:
        assert all(isinstance(person, int) for person, _ in living)
        assert 1 < len({person for person, _ in living}) == len(living) <= len(people)
        assert not {person for person, _ in living} & {home for _, home in living}, "a household is nobody"
    assert len({tuple(sorted(living, key=str)) for living in desks}) > 1, "the lot falls anew for each desk"
