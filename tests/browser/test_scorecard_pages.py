"""The pages of a scorecard in a real browser: nothing that axe finds, no request, no sideways scrolling."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser

from almoner.performance.build import build_scorecard
from almoner.performance.write import write_scorecard
from tests.browser.reading import faults_of
from tests.unit.performance.town import AS_OF, calls, measure, months, registry, town

pytestmark = [pytest.mark.integration, pytest.mark.slow]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write a scorecard with every part that a page can have."""
    declared = measure(
        unit="per_1000", funnel="ward", cuts=("sex", "age"), good="low",
        denominator={"fact": "residents", "count": "persons"},
        targets=[{"value": 200, "starts_on": "2025-01-01", "source": "Plan"}],
        step_changes=[{"on": "2025-11-01", "reason": "Letters are counted too"}],
    )  # fmt: skip
    absent = measure(name="none", title="Never received", numerator={"fact": "event", "names": ["Request"]})
    place = town(event=calls(months("2025-05", 50, 3, 48, 51, 49, 53, 90, 95, 99, 94, 93, 92)))
    scorecard = build_scorecard(
        place.run, registry(declared, absent), [declared, absent], AS_OF, AS_OF, equality=place.run
    )
    out = tmp_path_factory.mktemp("scorecard") / "out"
    write_scorecard(scorecard, out)
    return out


@pytest.mark.parametrize("name", ["scorecard.html", "calls.html", "none.html"])
def test_nothing_is_wrong_with_the_page(chromium: Browser, folder: Path, name: str) -> None:
    assert faults_of(chromium, folder / name) == []
