"""The whole of a profile set: sources and dates, and what is not available never turning into 0."""

from __future__ import annotations

import datetime as dt

import pytest

from almoner.kernel.errors import AccessRefused
from almoner.methods.cells import Marker
from almoner.profiles.build import NONE_FOUND, NOT_HELD, build_profiles
from almoner.profiles.figures import IndicatorFigures, ProfileSet
from tests.unit.profiles.borough import AS_OF, FakeGate, borough_rows
from tests.unit.profiles.declared import INDICATORS, make_registry

ROWS = borough_rows()


def _entry(profiles: ProfileSet, name: str) -> IndicatorFigures:
    return next(entry for entry in profiles.indicators if entry.indicator.name == name)


def _markers(entry: IndicatorFigures) -> set[Marker]:
    return {figure.value.marker for figures in entry.figures.values() for figure in figures}


@pytest.fixture(scope="module")
def profiles() -> ProfileSet:
    return build_profiles(
        FakeGate(ROWS).run, make_registry(), AS_OF, dated={"open_data.deprivation": dt.date(2025, 10, 30)}
    )


def test_runs_that_share_a_session_give_the_same_figures(profiles: ProfileSet):
    """The gate keeps what steps gave between runs: no indicator may meet another's under its name."""
    gate = FakeGate(ROWS, desk=True)
    dated = {"open_data.deprivation": dt.date(2025, 10, 30)}
    for _ in range(2):
        shared = build_profiles(gate.run, make_registry(), AS_OF, dated=dated)
        assert shared.indicators == profiles.indicators


def test_every_indicator_has_a_figure_for_every_area(profiles: ProfileSet):
    assert [entry.indicator.name for entry in profiles.indicators] == list(INDICATORS)
    for entry in profiles.indicators:
        assert {name: len(figures) for name, figures in entry.figures.items()} == {
            "place": 1, "ward23": 3, "msoa21": 6, "lsoa21": 24,
        }  # fmt: skip


def test_sources_and_their_dates_travel_with_a_figure(profiles: ProfileSet):
    crime = _entry(profiles, "crime")
    assert [(source.dataset, source.as_of) for source in crime.sources] == [
        ("police.incidents", AS_OF),
        ("spine.resident", AS_OF),
    ]
    assert crime.caveats == ("Reported crime only.",)
    assert _entry(profiles, "deprivation").as_of == dt.date(2025, 10, 30)


def test_what_was_not_received_is_not_available_and_not_zero(profiles: ProfileSet):
    visits = _entry(profiles, "visits")
    assert visits.reason == f"Fire Service: Visits: {NOT_HELD}"
    assert _markers(visits) == {Marker.NOT_AVAILABLE}
    assert visits.as_of is None and visits.coverage == ()


def test_what_the_permit_refuses_is_not_available_and_nothing_else_suffers():
    gate = FakeGate(ROWS, refused=frozenset({"fact.event"}))
    profiles = build_profiles(gate.run, make_registry(), AS_OF)
    crime = _entry(profiles, "crime")
    assert crime.reason == "'fact.event' is not permitted for this purpose."
    assert _markers(crime) == {Marker.NOT_AVAILABLE}
    assert Marker.VALUE in _markers(_entry(profiles, "claimants"))


def test_a_refusal_of_the_people_leaves_the_open_figures():
    gate = FakeGate(ROWS, refused=frozenset({"spine.resident"}))
    profiles = build_profiles(gate.run, make_registry(), AS_OF)
    shown = {entry.indicator.name for entry in profiles.indicators if Marker.VALUE in _markers(entry)}
    assert shown == {"deprivation"}


def test_known_reasons_are_given_and_nothing_is_read_for_them():
    gate = FakeGate(ROWS)
    reason = "the agreement does not allow research"
    profiles = build_profiles(gate.run, make_registry(), AS_OF, unavailable={"open_data.deprivation": reason})
    assert reason in _entry(profiles, "deprivation").reason
    assert not any("open_data.deprivation" in reads for _, reads in gate.asked)


def test_received_but_none_of_it_is_not_said_to_be_zero():
    profiles = build_profiles(FakeGate(ROWS).run, make_registry(), AS_OF, dated={"fire.visits": AS_OF})
    visits = _entry(profiles, "visits")
    assert visits.reason == f"Fire Service: Visits: {NONE_FOUND}" and _markers(visits) == {Marker.NOT_AVAILABLE}


def test_without_the_open_geography_there_is_no_profile():
    gate = FakeGate(ROWS, refused=frozenset({"open_data.wards"}))
    with pytest.raises(AccessRefused):
        build_profiles(gate.run, make_registry(), AS_OF)


def test_a_figure_counted_without_one_of_its_datasets_says_so():
    both = {**INDICATORS["crime"], "numerator": {"fact": "event", "names": ["crime", "fire_visit"]}}
    profiles = build_profiles(FakeGate(ROWS).run, make_registry({"both": both}), AS_OF)
    entry = _entry(profiles, "both")
    assert entry.missing == (f"Fire Service: Visits ({NOT_HELD})",)
    assert entry.caveats[-1] == f"Incomplete: counted without Fire Service: Visits ({NOT_HELD})."
    assert Marker.VALUE in _markers(entry)


def test_an_open_dataset_without_these_areas_is_not_available():
    rows = {**ROWS, "open_data.deprivation": [{"code": "L77", "part": "overall", "score": 3.0}]}
    entry = _entry(build_profiles(FakeGate(rows).run, make_registry(), AS_OF), "deprivation")
    assert "no figure for any of these areas" in entry.reason


def test_what_could_not_be_placed_is_reported_and_protected(profiles: ProfileSet):
    coverage = next(c for c in _entry(profiles, "crime").coverage if c.geography == "place")
    assert set(coverage.left_out) == {"outside", "undated", "unplaced"}
    assert coverage.placed.value == _entry(profiles, "crime").of_place().numerator.value
    for entry in profiles.indicators:
        for found in entry.coverage:
            for cell in (found.placed, *found.left_out.values()):
                assert cell.value is None or cell.value % 5 == 0


def test_what_was_placed_does_not_give_away_a_withheld_total():
    rows = {**ROWS, "fact.event": ROWS["fact.event"][:3]}
    entry = _entry(build_profiles(FakeGate(rows).run, make_registry(), AS_OF), "crime")
    assert entry.of_place().value.marker is Marker.SUPPRESSED
    assert {coverage.placed.marker for coverage in entry.coverage} == {Marker.SUPPRESSED}


def test_no_exact_count_is_kept(profiles: ProfileSet):
    for entry in profiles.indicators:
        for figures in entry.figures.values():
            for figure in figures:
                for cell in (figure.numerator, figure.denominator):
                    assert cell.value is None or cell.value % 5 == 0
