"""What somebody might try, or do by mistake, with figures: it is refused or withheld, and the refusal tells nothing.

Releases edited after approval, files changed by hand and 200 areas asked about are in `test_releasing`,
`test_release_tampering` and `test_query_attack`.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from almoner.kernel.errors import ReleaseRefused, UsageError
from tests.integration.release_desk import AUTHOR, CHECKER, LOOKED, ReleaseDesk
from tests.integration.test_release_extracts import said
from tests.workspace_builder import finished_workspace

pytestmark = pytest.mark.integration

TO_JUNE, TO_JULY = "2026-04/2026-06", "2026-04/2026-07"


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ReleaseDesk:
    """Give a workspace of one's own."""
    folder = tmp_path / "plans"
    folder.mkdir()
    return ReleaseDesk(finished_workspace(tmp_path / "workspace"), monkeypatch, folder)


def nested(desk: ReleaseDesk, older: int, exact: str = "true") -> str:
    """Write a plan of two indicators of the same pupils: up to 17, and up to 18, of which there are more."""
    plan = desk.plan({"2026-04": (40, 50, 60)}, name=f"nested{older}", exact=exact)
    rows = ["ward,period,pupils,adults", *(f"E0500{n},2026-04,40,{40 + older}" for n in (1, 2, 3))]
    (desk.folder / f"nested{older}.csv").write_text("\n".join(rows) + "\n")
    plan.write_text(
        plan.read_text()
        + 'where = { age = "span:0-17" }\n'
        + '[table.pupils.counts.adults]\ntitle = "Up to 18"\npopulation = "new_plans"\n'
        + f'exact = {exact}\nwhere = {{ age = "span:0-18" }}\n'
    )
    return str(desk.document(AUTHOR, "draft", str(plan))["release"])


def test_two_indicators_that_differ_by_one_person_are_refused(desk: ReleaseDesk) -> None:
    release = nested(desk, 1)
    result = desk.call(AUTHOR, "check", release)
    assert result.return_value == ReleaseRefused.exit_code
    assert "does not pass" in result.stdout and "41" not in result.stdout
    assert desk.document(AUTHOR, "check", nested(desk, 20))["passes"], "twenty are not one"


def test_two_indicators_that_differ_by_one_pass_once_they_are_repaired(desk: ReleaseDesk) -> None:
    release = nested(desk, 1)
    done = desk.document(AUTHOR, "repair", release, "--apply", "suppressed")
    assert done["passes"]
    desk.document(CHECKER, "approve", release, "--digest", done["digest"], *LOOKED)
    desk.document(AUTHOR, "publish", release)
    (table,) = json.loads((desk.tiny.root / "releases" / release / "release.json").read_text())["tables"]
    assert all("[c]" in row[2:4] for row in table["rows"]), "never both of a ward"


def told_of_check(desk: ReleaseDesk, more: int) -> tuple[object, str, str]:
    """Check a release that gives so many people of another away; give all that is said."""
    release = desk.drafted({TO_JULY: (20 + more, 41, 55)}, name=f"more{more}")
    checked, found = desk.call(AUTHOR, "check", release), desk.call(AUTHOR, "check", release, "--json")
    assert checked.return_value == ReleaseRefused.exit_code
    document = json.loads(found.stdout.replace(release, "R"))
    document.pop("digest")  # of the true counts, under a key: it differs with them, and tells nobody how
    document.pop("title")
    return checked.return_value, checked.stdout.replace(release, "R"), json.dumps(document)


def test_a_release_refused_for_one_person_says_what_one_refused_for_three_says(desk: ReleaseDesk) -> None:
    desk.released({TO_JUNE: (20, 31, 45)})
    one, three = told_of_check(desk, 1), told_of_check(desk, 3)
    assert one == three
    assert desk.document(AUTHOR, "check", desk.drafted({TO_JULY: (40, 41, 55)}, name="many"))["passes"]


def test_an_area_of_three_people_looks_like_an_area_of_one_in_every_file(desk: ReleaseDesk) -> None:
    shown = []
    for few in (3, 1):
        release = desk.drafted({"2026-04": (few, 31, 45)}, name=f"few{few}")
        out = desk.folder / f"preview{few}"
        desk.document(CHECKER, "show", release, "--preview", str(out))
        texts = [
            (out / name).read_text() for name in ("pupils.csv", "csv-metadata.json", "release.html", "release.json")
        ]
        shown.append([text.replace(release, "R") for text in texts])
        assert "[c]" in texts[0] and f",{few}," not in texts[0]
    assert shown[0] == shown[1]


def test_an_area_of_three_people_is_not_the_rest_of_a_total(desk: ReleaseDesk) -> None:
    plan = desk.plan({}, name="total")
    rows = "ward,period,pupils\n*,2026-04,79\nE05001,2026-04,3\nE05002,2026-04,31\nE05003,2026-04,45\n"
    (desk.folder / "total.csv").write_text(rows)
    release = desk.document(AUTHOR, "draft", str(plan))["release"]
    assert not json.loads(desk.call(AUTHOR, "check", release, "--json").stdout)["passes"]
    done = desk.document(AUTHOR, "repair", release, "--apply", "suppressed")
    desk.document(CHECKER, "approve", release, "--digest", done["digest"], *LOOKED)
    desk.document(AUTHOR, "publish", release)
    (table,) = json.loads((desk.tiny.root / "releases" / release / "release.json").read_text())["tables"]
    counts = [row[2] for row in table["rows"]]
    assert counts.count("[c]") >= 2 and 3 not in counts
    assert table["rows"][0][0] == "All"


def test_rows_in_the_order_of_counts_do_not_go_out_in_that_order(desk: ReleaseDesk) -> None:
    plan = desk.plan({}, name="ranked")
    (desk.folder / "ranked.csv").write_text(
        "ward,period,pupils\nE05003,2026-04,45\nE05001,2026-04,31\nE05002,2026-04,3\n"
    )
    release = desk.approved(desk.document(AUTHOR, "draft", str(plan))["release"])
    desk.document(AUTHOR, "publish", release)
    (table,) = json.loads((desk.tiny.root / "releases" / release / "release.json").read_text())["tables"]
    assert [row[0] for row in table["rows"]] == ["E05001", "E05002", "E05003"]


def test_a_free_name_does_not_evade_the_ledger(desk: ReleaseDesk) -> None:
    desk.released({TO_JUNE: (20, 31, 45)})
    plan = desk.plan({TO_JULY: (21, 41, 55)}, name="evading")
    plan.write_text(plan.read_text().replace('"new_plans"', '"plans_of_july"'))
    error = desk.refused(AUTHOR, "draft", str(plan))
    assert isinstance(error, UsageError) and "No population 'plans_of_july' is declared" in error.message
    assert "new_plans" in error.todo


@pytest.mark.parametrize("column", ["ward", "period"])
def test_a_wrong_column_is_named_by_place_and_not_by_what_it_holds(desk: ReleaseDesk, column: str) -> None:
    plan = desk.plan({}, name="wrong")
    heads = "ward,period" if column == "period" else "period,ward"
    (desk.folder / "wrong.csv").write_text(f"{heads},pupils\nE05001,Smithson,20\n")
    if column == "ward":
        (desk.folder / "wrong.csv").write_text("ward,period,pupils\nSmithson,2026-04,20\n")
    error = desk.refused(AUTHOR, "draft", str(plan))
    assert "Smithson" not in said(error) and "ine 2" in said(error) and "wrong.csv" in error.where


def test_an_approved_release_edited_in_the_records_does_not_go_out(desk: ReleaseDesk) -> None:
    """Whoever can write into the records puts another draft's content under an approved release."""
    from almoner.records.models import ReleaseRecord

    release = desk.approved(desk.drafted({"2026-01": (20, 31, 45)}))
    desk.tiny.open(AUTHOR)
    ReleaseRecord.objects.filter(release_id=release).update(recipient="somebody_else", digest="0" * 64)
    assert isinstance(desk.refused(AUTHOR, "publish", release), ReleaseRefused)
    assert desk.files(release) == []
