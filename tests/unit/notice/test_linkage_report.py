"""The linkage quality report and the transparency record: every figure with its interval, nothing of few people."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest

from almoner.notice.linkage_figures import figure_text, percent, published
from almoner.notice.linkage_quality import quality_report
from almoner.notice.rendering import render_html, render_markdown
from almoner.notice.transparency_record import ModelFacts, record_entries, transparency_record
from almoner.registry import Registry

DAY = dt.date(2026, 5, 1)
MODEL = ModelFacts("A model", "format 1", ("forename", "birth"), 0.95, 0.1)
RUN = {"records": 9503, "persons": 2175, "households": 808, "review_queue": 24}


def figure(value: float, n: int = 812) -> dict[str, Any]:
    return {"value": value, "low": value - 0.02, "high": min(value + 0.01, 1.0), "n": n}


def both(value: float, n: int = 812, **more: Any) -> dict[str, Any]:
    return {"precision": figure(value, n), "recall": figure(value - 0.1, n), **more}


def quality() -> dict[str, Any]:
    return {
        "as_of": "2026-04-30", "confidence": 0.95, **both(0.98), "method": "numbers", "why_not": "",
        "as_linked": both(0.99), "held_out": both(0.95), "combined": both(0.98),
        "classes": [{"name": "birthday", **both(0.97)}, {"name": "less", "precision": None, "recall": None}],
        "groups": [
            {"by": "age", "name": "under 16", **both(0.96, below=["recall"])},
            {"by": "age", "name": "80 and over", **both(0.60, n=3, below=["precision", "recall"])},
            {"by": "sex", "name": "F", **both(0.98, below=[])},
        ],
        "vouched_pairs": 2790, "tried_mentions": 9565,
    }  # fmt: skip


def report(registry: Registry, ethnic: list[dict[str, Any]] | None = None) -> str:
    return render_markdown(quality_report(registry, quality(), RUN, ethnic, as_of=DAY))


@pytest.mark.parametrize(
    ("given", "written"),
    [
        (None, "[x]"),
        (figure(0.98, n=4), "[c]"),
        (figure(0.98, n=5), "98.0% (96.0% to 99.0%; 5 people)"),
        (figure(0.98), "98.0% (96.0% to 99.0%; 810 people)"),
    ],
)
def test_a_figure_is_written_whole_or_not_at_all(given: dict[str, Any] | None, written: str) -> None:
    assert figure_text(given) == written


@pytest.mark.parametrize(("share", "written"), [(1.0, "100.0%"), (0.99996, "99.9%"), (0.0, "0.0%"), (0.9744, "97.4%")])
def test_what_is_not_all_is_never_written_as_all(share: float, written: str) -> None:
    assert percent(share) == written


def test_what_leaves_holds_no_small_number() -> None:
    left = published(quality())
    old = next(each for each in left["groups"] if each["name"] == "80 and over")
    assert (old["precision"], old["recall"], old["below"]) == ("[c]", "[c]", [])
    assert left["precision"]["n"] == 810
    assert quality()["precision"]["n"] == 812


def test_the_report_has_its_figures_with_interval_day_and_source(registry: Registry) -> None:
    said = report(registry)
    assert "98.0% (96.0% to 99.0%; 810 people)" in said
    assert "30 April 2026" in said and "numbers." in said
    for line in said.splitlines():
        shares = re.findall(r"\d+\.\d%", line)
        assert len(shares) % 3 == 0, f"a share without its interval: {line}"


def test_a_group_below_all_is_marked_unless_it_is_withheld(registry: Registry) -> None:
    said = report(registry)
    young, old = (next(line for line in said.splitlines() if line.startswith(f"| {name}")) for name in ("under", "80"))
    assert young.endswith("recall below all |")
    assert "60.0%" not in said and old.count(r"\[c\]") == 2 and old.endswith("– |")


def test_ethnic_groups_are_there_only_where_they_were_asked_for(registry: Registry) -> None:
    assert "Not part of this report" in report(registry)
    assert "Nothing that was received" in report(registry, [])
    assert "| White |" in report(registry, [{"name": "White", **both(0.97), "below": []}])


def test_a_run_that_was_not_measured_says_why(registry: Registry) -> None:
    unmeasured = {"as_of": None, "precision": None, "recall": None, "method": "not measured", "why_not": "no numbers"}
    said = render_markdown(quality_report(registry, unmeasured, RUN, None, as_of=DAY))
    assert "could not be measured: no numbers" in said
    assert not re.search(r"\d\.\d%", said)
    record = dict(_flat(record_entries(registry, MODEL, unmeasured, RUN)))
    assert record["4.2.7 Model performance"] == "Not measured in the last run: no numbers."


def _flat(parts: Any) -> list[tuple[str, str]]:
    return [entry for _, _, groups in parts for _, entries in groups for entry in entries]


def test_the_record_has_the_standards_headings_in_order(registry: Registry) -> None:
    entries = _flat(record_entries(registry, MODEL, quality(), RUN))
    assert [name for name, _ in entries[:4]] == ["Name", "Description", "Website URL", "Contact email"]
    numbers = [[int(part) for part in name.split(" ")[0].split(".")] for name, _ in entries[4:]]
    assert numbers == sorted(numbers)
    assert {each[0] for each in numbers} == {1, 2, 3, 4, 5}
    assert all(words.strip() for _, words in entries)


def test_the_record_is_filled_from_registry_model_and_measure(registry: Registry) -> None:
    record = dict(_flat(record_entries(registry, MODEL, quality(), RUN)))
    assert record["1.1 Organisation or department"] == registry.controller.title
    assert "forename, birth" in record["4.2.4 Model input"]
    assert "98.0% (96.0% to 99.0%; 810 people)" in record["4.2.7 Model performance"]
    assert "9,503 records" in record["4.3.4 Data quantities"]


@pytest.mark.parametrize("page", ["report", "record"])
def test_a_page_loads_nothing_and_has_one_heading_of_each_rank(registry: Registry, page: str) -> None:
    made = (
        quality_report(registry, quality(), RUN, None, as_of=DAY)
        if page == "report"
        else transparency_record(registry, MODEL, quality(), RUN, as_of=DAY)
    )
    html = render_html(made)
    assert (
        html.count("<h1>") == 1
        and '<html lang="en-GB">' in html
        and 'Content-Security-Policy" content="default-src ' in html
    )
    assert not re.search(r"<(?:script|img|link)\b|src=", html)
    anchors = re.findall(r'\bid="([^"]+)"', html)
    assert len(anchors) == len(set(anchors))
