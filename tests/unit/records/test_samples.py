"""How samples are kept: neither which records nor how they stood is in plain, and the latest counts."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from almoner.governance.ports import SampledPair
from almoner.kernel.errors import KeyMissing
from tests.workspace_builder import TinyWorkspace, write_workspace

if TYPE_CHECKING:
    from almoner.records.samples import OrmSamples

AT = dt.datetime(2026, 5, 1, 12, tzinfo=dt.UTC)


@pytest.fixture
def tiny(tmp_path: Path) -> TinyWorkspace:
    """Give a workspace whose records serve."""
    tiny = write_workspace(tmp_path / "workspace")
    tiny.open()
    return tiny


def samples(key: bytes = b"s" * 32) -> OrmSamples:
    """Open the samples; Django has to be set up first."""
    from almoner.records.samples import OrmSamples

    return OrmSamples(key)


def sampled(draw: str, pair: str, at: dt.datetime = AT) -> SampledPair:
    """Give a pair of a sample."""
    left, right = ("elections.register", "E-0815"), ("housing.tenancies", "T4711#JNT")
    return SampledPair(draw, pair, left, right, 0.97123, True, 0.25, at)


def test_the_latest_sample_comes_back_as_it_was(tiny: TinyWorkspace) -> None:
    kept = samples()
    assert kept.latest() == []
    kept.keep([sampled("S1", "b"), sampled("S1", "a")])
    assert kept.latest() == [sampled("S1", "a"), sampled("S1", "b")]
    kept.keep([sampled("S2", "c")])
    again = sampled("S1", "a", AT + dt.timedelta(days=1))
    assert kept.latest() == [sampled("S2", "c")]
    kept.keep([again])
    assert kept.latest() == [again]


def test_the_database_shows_neither_records_nor_how_they_stood(tiny: TinyWorkspace) -> None:
    samples().keep([sampled("S1", "a")])
    raw = b"".join(path.read_bytes() for path in tiny.root.glob("records.sqlite*"))
    assert b"ReviewSample".lower() in raw.lower()
    for word in (b"T4711", b"E-0815", b"elections.register", b"0.97123", b"inclusion"):
        assert word not in raw


@pytest.mark.parametrize("change", [{"pair": "z"}, {"draw": "S9"}])
def test_an_altered_pair_is_found_out_and_another_key_opens_nothing(
    tiny: TinyWorkspace, change: dict[str, str]
) -> None:
    from almoner.records.models import ReviewSample

    kept = samples()
    kept.keep([sampled("S1", "a")])
    with pytest.raises(KeyMissing):
        samples(b"x" * 32).latest()
    ReviewSample.objects.update(**change)
    with pytest.raises(KeyMissing):
        kept.latest()
