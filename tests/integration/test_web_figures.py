"""Measures, profiles and data quality over HTTP: what was built is shown to whom it is for, with its age, and no more."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from almoner.web.site import Site, serve_workspace
from almoner.wiring.measuring import report_measures
from tests.built_figures import HOSTILE, build_figures, declare_figures
from tests.web_visits import Visitor, served, text_of
from tests.workspace_builder import TinyWorkspace, canaries, finished_workspace, leaks

GIVEN = 'purposes = ["research", "monitoring", "requests", "emergency", "matching"]'
"""For what the police's dataset is given."""
PAGES = ("/measures/", "/measures/?by=owner", "/measures/residents/", "/profiles/", "/profiles/topics/population/",
         "/profiles/indicators/population/", "/profiles/compare/")  # fmt: skip
FILES = ("/measures/figures.csv", "/measures/residents/figures.csv", "/profiles/topics/population/figures.csv")


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> TinyWorkspace:
    """Give a workspace with measures and a manager; nothing has been built."""
    tiny = finished_workspace(tmp_path_factory.mktemp("figures") / "workspace")
    declare_figures(tiny)
    return tiny


@pytest.fixture(scope="module")
def unbuilt(tiny: TinyWorkspace) -> dict[str, tuple[int, str]]:
    """Visit every page before anything was built."""
    with served(tiny) as site:
        asked = {path: Visitor(site, "mina").get(path) for path in (*PAGES, *FILES)}
        asked["/data-quality/"] = Visitor(site, "steward").get("/data-quality/")
        return {path: (answer.status_code, text_of(answer)) for path, answer in asked.items()}


@pytest.fixture(scope="module")
def site(tiny: TinyWorkspace, unbuilt: object, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Build everything, and serve it."""
    build_figures(tiny, tmp_path_factory.mktemp("built"))
    with served(tiny) as site:
        yield site


@contextmanager
def declared_so(site: Site, tiny: TinyWorkspace, file: str, old: str, new: str) -> Iterator[None]:
    """Serve the workspace under a changed registry for a while."""
    tiny.change(file, old, new)
    try:
        changed = serve_workspace(tiny.root)
        changed.settings = site.settings
        yield
    finally:
        tiny.change(file, new, old)
        again = serve_workspace(tiny.root)
        again.settings = site.settings


def area_of(site: Site) -> str:
    """Give the address of an area's page."""
    page = Visitor(site, "analyst").get("/profiles/").content.decode()
    return "/profiles/areas/" + page.partition('href="/profiles/areas/')[2].partition('"')[0]


def test_where_nothing_was_built_the_page_says_so_and_what_to_do(unbuilt: dict[str, tuple[int, str]]) -> None:
    for path, (status, said) in unbuilt.items():
        assert status == (404 if path in FILES else 200), path
        assert "yet" in said and ("almoner" in said or path in FILES), path


@pytest.mark.parametrize("actor", ["mina", "analyst"])
def test_who_may_sees_what_was_built_with_its_age(site: Site, actor: str) -> None:
    visitor = Visitor(site, actor)
    area = area_of(site)
    for path in (*PAGES, area, f"{area}population/"):
        page = visitor.get(path)
        said = text_of(page)
        assert page.status_code == 200, (path, said)
        assert "days old. Built on" in said or "day old. Built on" in said, path
        assert "unreleased draft" in said if "profiles" in path else True, path
        assert page["Cache-Control"] == "no-store" and len(page.content) < 200_000
        assert 'style="' not in page.content.decode() and "<script>" not in page.content.decode(), path
    for path in (*FILES, f"{area}figures.csv"):
        assert visitor.get(path).status_code == 200, path


def test_others_are_refused(site: Site) -> None:
    area = area_of(site)
    for actor in ("worker", "steward", "officer", "auditor"):
        for path in (*PAGES, *FILES, area):
            assert Visitor(site, actor).get(path).status_code == 403, (actor, path)
    for actor in ("worker", "mina", "auditor", "checker"):
        assert Visitor(site, actor).get("/data-quality/").status_code == 403, actor
    assert Visitor(site).get("/measures/")["Location"] == "/sign-in/"


def test_a_manager_sees_no_figure_that_their_purpose_may_not_be_told(site: Site, tiny: TinyWorkspace) -> None:
    """What was counted for research is no way round an agreement that does not give it to monitoring."""
    burglaries, measure = "/profiles/indicators/burglaries/", "/measures/accused/"
    assert Visitor(site, "mina").get(burglaries).status_code == Visitor(site, "mina").get(measure).status_code == 200
    with declared_so(site, tiny, "sources/police.toml", GIVEN, GIVEN.replace('"monitoring", ', "")):
        manager = Visitor(site, "mina")
        why = "'police.incidents' is not permitted for purpose 'monitoring'"
        for path, listed in ((burglaries, "/profiles/"), (measure, "/measures/")):
            refused = manager.get(path)
            assert refused.status_code == 404 and why in text_of(refused).lower().replace(
                "agreement 'p", "agreement 'p"
            )
            assert why in text_of(manager.get(listed))
        assert "Accused" not in manager.get("/measures/figures.csv").content.decode()
        assert "burglar" not in manager.get("/profiles/topics/crime/").content.decode()
        assert Visitor(site, "analyst").get(burglaries).status_code == 200, "who serves research sees it"


def test_every_opening_is_in_the_log_with_what_was_read(site: Site, tiny: TinyWorkspace) -> None:
    before = len(tiny.events())
    Visitor(site, "mina").get("/profiles/")
    Visitor(site, "mina").get("/measures/figures.csv")
    Visitor(site, "steward").get("/data-quality/")
    events = [(each.actor, each.action, each.purpose, each.detail.get("kind")) for each in tiny.events(before)]
    assert ("mina", "built.open", "monitoring", "profiles") in events
    assert ("mina", "built.open", "monitoring", "scorecard") in events
    assert ("mina", "figures.download", None, None) in events
    assert ("steward", "built.open", None, "quality") in events
    assert sum(action == "permit.issue" for _, action, _, _ in events) == 0, "a permit that is held is used again"


def test_files_start_no_formula_and_mark_what_is_withheld(site: Site) -> None:
    text = Visitor(site, "mina").get("/measures/figures.csv").content.decode()
    rows = list(csv.DictReader(io.StringIO(text)))
    assert {row["title"] for row in rows} == {"'" + HOSTILE, "Accused people", "Referred people"}
    assert all(bool(row["value"]) != bool(row["marker"]) for row in rows)
    assert any(row["marker"] == "[c]" for row in rows), "nothing small was counted"
    assert not any(cell.startswith(("=", "+", "@")) for row in rows for cell in row.values())


def test_what_is_declared_otherwise_since_is_not_shown(site: Site, tiny: TinyWorkspace) -> None:
    with declared_so(site, tiny, "figures.toml", "People accused.", "People accused of anything."):
        page = Visitor(site, "mina").get("/measures/accused/")
        assert page.status_code == 404 and "declared otherwise since" in text_of(page)
        assert "declared otherwise since" in text_of(Visitor(site, "mina").get("/measures/"))
        assert Visitor(site, "mina").get("/measures/residents/").status_code == 200
    assert Visitor(site, "mina").get("/measures/accused/").status_code == 200


@pytest.mark.parametrize("path", [
    "/measures/none/", "/measures/none/figures.csv", "/profiles/areas/none/", "/profiles/areas/none/figures.csv",
    "/profiles/topics/none/", "/profiles/indicators/none/", "/profiles/compare/?area=none", "/data-quality/tables/none",
    "/data-quality/none.none/", "/profiles/compare/?area=%7F&area=%ff", "/measures/%3Cscript%3E/",
])  # fmt: skip
def test_what_is_not_there_is_said_to_be_not_there(tiny: TinyWorkspace, site: Site, path: str) -> None:
    answer = Visitor(site, "steward" if "quality" in path else "analyst").get(path)
    assert answer.status_code == 404 and "<script>" not in answer.content.decode()


def test_areas_are_found_by_name_and_stand_beside_one_another(tiny: TinyWorkspace, site: Site) -> None:
    visitor = Visitor(site, "analyst")
    page = visitor.get("/profiles/").content.decode()
    stems = list(dict.fromkeys(part.partition("/")[0] for part in page.split('href="/profiles/areas/')[1:]))
    assert len(stems) == 3
    for sought in ("<b>nobody", "%s" % ("x" * 500), "\x7f"):
        answer = visitor.get("/profiles/", data={"q": sought})
        assert answer.status_code == 200 and "<b>nobody" not in answer.content.decode()
    both = visitor.get("/profiles/compare/", data={"area": [*stems, stems[0]]})
    assert both.status_code == 200 and "Leave out" in text_of(both)
    table = both.content.decode().partition("<table")[2]
    assert all(stem.partition("-")[2] in table for stem in stems)
    one = visitor.get("/profiles/compare/", data={"area": stems[0], "q": stems[1].partition("-")[2]})
    assert "Choose at least 2 areas" in text_of(one) and "Add " in text_of(one)
    many = visitor.get("/profiles/compare/", data={"area": [*stems, "a", "b", "c"]})
    assert many.status_code == 404


def test_data_quality_is_for_those_who_look_after_data(tiny: TinyWorkspace, site: Site) -> None:
    for actor in ("steward", "officer", "analyst"):
        visitor = Visitor(site, actor)
        page = visitor.get("/data-quality/")
        assert page.status_code == 200 and "To put right" in text_of(page)
        for dataset in ("housing.tenancies", "health.referrals", "open_data.postcodes"):
            assert visitor.get(f"/data-quality/{dataset}/").status_code == 200, dataset
        for name in ("dimensions.csv", "fields.csv", "expectations.csv", "deliveries.csv"):
            assert visitor.get(f"/data-quality/tables/{name}").status_code == 200, name


def test_nothing_of_anybody_stands_on_any_page(tiny: TinyWorkspace, site: Site) -> None:
    planted = canaries(tiny.registry())
    for path in (*PAGES, *FILES):
        assert leaks(Visitor(site, "analyst").get(path).content, planted) == [], path
    assert leaks(Visitor(site, "steward").get("/data-quality/").content, planted) == []


def test_what_is_kept_is_encrypted_and_replaced_as_a_whole(tiny: TinyWorkspace, site: Site, tmp_path: Path) -> None:
    folder = tiny.root / "lake" / "built"
    files = sorted(folder.rglob("*.parquet"))
    assert len(files) == 4 and not any(b"People with a current" in file.read_bytes() for file in files)
    report_measures(tiny.open("analyst"), (), tmp_path / "again", "Building figures anew", equality=False)
    report_measures(tiny.open("analyst"), ("residents",), tmp_path / "part", "Building a part only", equality=False)
    after = sorted(folder.rglob("*.parquet"))
    assert len(after) == 4 and len(set(after) - set(files)) == 2, "scorecard and breakdowns are new, once"
    assert {str(file.relative_to(tiny.root / "lake")) for file in after} <= tiny.open().lake.catalogue.known_paths()
