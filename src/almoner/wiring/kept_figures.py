"""Keeps what was built (scorecard, profiles, review of quality) for pages, and opens it as far as somebody may see it.

Building takes seconds to minutes, and a page must not: it shows what was built last, and says when. What has been
declared otherwise since is not shown: a figure under another definition than its own would be untrue.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Generic, TypeVar

from almoner.governance.built import BuiltPart, Opened, ToKeep
from almoner.governance.permissions import purposes_of
from almoner.governance.permit import Permit
from almoner.kernel.errors import AlmonerError
from almoner.kernel.plain import read, shape_of, written
from almoner.performance.figures import Breakdown, MeasureFigures, Scorecard
from almoner.profiles.figures import IndicatorFigures, ProfileSet
from almoner.quality.review import DatasetQuality, Review
from almoner.registry.datasets import Dataset
from almoner.registry.expectations import Expectation
from almoner.registry.measures import Cut, Geography, Indicator
from almoner.registry.performance import BenchmarkGroup, Measure
from almoner.registry.registry import Registry
from almoner.wiring.workspace import Workspace, utc_now

SCORECARD, EQUALITY, PROFILES, QUALITY = "scorecard", "equality", "profiles", "quality"
FRAME = "frame"
"""The part that holds what all others share; theirs are named 'kind:name'."""
CHANGED = "it is declared otherwise since it was built"

T = TypeVar("T")
Names = Mapping[type, Callable[[Any], str]]
Finds = Mapping[type, Callable[[str], Any]]


@dataclass(frozen=True)
class Kept(Generic[T]):
    """What was kept, as far as its opener may see it. key: the same for the same figures; missing: name → why not."""

    value: T
    key: str
    made_at: dt.datetime
    missing: Mapping[str, str]
    project: str = ""


# ── keeping ──────────────────────────────────────────────────────────────────────────────────────────────────────


def keep_scorecard(workspace: Workspace, scorecard: Scorecard, purpose: str, equality: str) -> None:
    """Keep a scorecard of all measures; its breakdowns apart, since they are for a purpose of their own."""
    frame = _part(FRAME, (), replace(scorecard, measures=()), {})
    parts, groups = [frame], [frame]
    for entry in scorecard.measures:
        datasets = _counted_from(entry)
        parts.append(_part(f"measure:{entry.measure.name}", datasets, replace(entry, breakdowns=()), _MEASURE_NAMES))
        if entry.breakdowns:
            bare = MeasureFigures(entry.measure, (), breakdowns=entry.breakdowns)
            groups.append(_part(f"measure:{entry.measure.name}", datasets, bare, _MEASURE_NAMES))
    workspace.built.keep(
        workspace.actor,
        [ToKeep(SCORECARD, scorecard.as_of, parts, purpose), ToKeep(EQUALITY, scorecard.as_of, groups, equality)],
    )


def keep_profiles(workspace: Workspace, profiles: ProfileSet, purpose: str, project: str) -> None:
    """Keep draft profiles."""
    parts = [_part(FRAME, (), replace(profiles, indicators=()), {Geography: _name})]
    for entry in profiles.indicators:
        parts.append(_part(f"indicator:{entry.indicator.name}", _counted_from(entry), entry, {Indicator: _name}))
    workspace.built.keep(workspace.actor, [ToKeep(PROFILES, profiles.as_of, parts, purpose, project)])


def _counted_from(entry: MeasureFigures | IndicatorFigures) -> tuple[str, ...]:
    """Name the datasets behind a figure: none where there is no figure; the spine is of all, and is no dataset."""
    named = () if entry.reason else tuple(source.dataset for source in entry.sources)
    return tuple(name for name in named if not name.startswith("spine."))


def keep_review(workspace: Workspace, review: Review) -> None:
    """Keep a review of quality. Small numbers must have been withheld in it."""
    parts = [_part(FRAME, (), replace(review, datasets=()), {})]
    names: Names = {Dataset: lambda each: str(each.full_name), Expectation: _name}
    parts += [_part(f"dataset:{each.dataset.full_name}", (), each, names) for each in review.datasets]
    workspace.built.keep(workspace.actor, [ToKeep(QUALITY, review.today, parts)])


# ── opening ──────────────────────────────────────────────────────────────────────────────────────────────────────


def kept_scorecard(workspace: Workspace, purpose: str) -> Kept[Scorecard] | None:
    """Open the scorecard; None where none was built, or none that can still be read."""
    opened = _opened(workspace, SCORECARD, _decode_measures, purpose)
    return _whole(opened, lambda frame, entries: replace(frame, measures=entries), workspace.registry.measure)


def kept_breakdowns(workspace: Workspace, purpose: str) -> Mapping[str, tuple[Breakdown, ...]]:
    """Open the breakdowns by protected characteristic: measure → what there is."""
    opened = _opened(workspace, EQUALITY, _decode_measures, purpose)
    if opened is None:
        return {}
    entries = (each for name, each in opened.parts.items() if name != FRAME and each is not None)
    return {entry.measure.name: entry.breakdowns for entry in entries}


def kept_profiles(workspace: Workspace, otherwise: str) -> Kept[ProfileSet] | None:
    """Open the draft profiles; None where none were built, or none that can still be read.

    In: otherwise: the purpose for which those open them who don't serve the one that they were made for.
    """
    purpose, project = workspace.built.made_for(PROFILES)
    if not _serves(workspace, purpose, project):
        purpose, project = otherwise, ""
    opened = _opened(workspace, PROFILES, _decode_indicators, purpose, project)
    return _whole(opened, lambda frame, entries: replace(frame, indicators=entries), workspace.registry.indicator)


def kept_review(workspace: Workspace) -> Kept[Review] | None:
    """Open the review of quality; None where none was built, or none that can still be read."""
    opened = _opened(workspace, QUALITY, _decode_datasets, None)
    declared = [each.full_name for each in workspace.registry.datasets()]
    return _whole(opened, lambda frame, entries: replace(frame, datasets=entries), declared)


def _opened(
    workspace: Workspace, kind: str, decode: Callable[[Registry, str, str], Any], purpose: str | None,
    project: str = "",
) -> Opened | None:  # fmt: skip
    reason = f"Looking at the figures that were built: {kind}"
    permit = None if purpose is None else _permit(workspace, purpose, reason, project or None)
    return workspace.built.open(workspace.actor, permit, kind, partial(decode, workspace.registry))


def _permit(workspace: Workspace, purpose: str, reason: str, project: str | None) -> Permit:
    """Give the permit under which somebody looks: the one that they hold already, else one of their role."""
    now = utc_now()
    for each in workspace.records.permits(workspace.actor):
        same = (each.purpose, each.reason, each.project) == (purpose, reason, project)
        if same and not each.subjects and each.in_force(now):
            return each
    return workspace.permits.standing(workspace.actor, purpose, reason, project=project)


def _serves(workspace: Workspace, purpose: str, project: str) -> bool:
    """Say whether the actor's roles serve a purpose, and its project still runs."""
    running = workspace.registry.project.get(project)
    in_time = running is not None and running.starts_on <= utc_now().date() <= running.ends_on
    return in_time and purpose in purposes_of(workspace.registry, workspace.records, workspace.actor)


def _whole(
    opened: Opened | None, joined: Callable[[Any, tuple[Any, ...]], T], declared: Iterable[str]
) -> Kept[T] | None:
    """Put the parts together, in the order of the declarations."""
    if opened is None or opened.parts.get(FRAME) is None:
        return None
    by_name = {name.partition(":")[2]: each for name, each in opened.parts.items() if name != FRAME}
    missing = {name.partition(":")[2]: reason for name, reason in opened.withheld.items()}
    missing |= {name: CHANGED for name, each in by_name.items() if each is None}
    entries = tuple(by_name[name] for name in declared if by_name.get(name) is not None)
    return Kept(joined(opened.parts[FRAME], entries), opened.key, opened.made_at, missing, opened.project)


# ── texts ────────────────────────────────────────────────────────────────────────────────────────────────────────


def _name(declared: Any) -> str:
    return str(declared.name)


_MEASURE_NAMES: Names = {Measure: _name, Cut: _name, BenchmarkGroup: _name}


def _part(name: str, datasets: tuple[str, ...], value: Any, names: Names) -> BuiltPart:
    """Write a part: what shape it has, a digest of what it was declared as, and its text."""
    met: dict[tuple[str, str], Any] = {}

    def naming(kind: type, name_of: Callable[[Any], str]) -> Callable[[Any], str]:
        return lambda declared: met.setdefault((kind.__name__, name_of(declared)), declared) and name_of(declared)

    text = written(value, {kind: naming(kind, name_of) for kind, name_of in names.items()})
    return BuiltPart(name, datasets, f"{shape_of(type(value), *names)} {_digest(met)} {text}")


def _read(kind: type, text: str, finds: Finds) -> Any:
    """Read a part back; None where it has another shape, or was declared otherwise."""
    shape, digest, body = text.split(" ", 2)
    if shape != shape_of(kind, *finds):
        return None
    met: dict[tuple[str, str], Any] = {}

    def finding(declared: type, find: Callable[[str], Any]) -> Callable[[str], Any]:
        def found(name: str) -> Any:
            met[declared.__name__, name] = find(name)
            return met[declared.__name__, name]

        return found

    try:
        value = read(kind, body, {declared: finding(declared, find) for declared, find in finds.items()})
    except (AlmonerError, KeyError):
        return None
    return value if _digest(met) == digest else None


def _digest(met: Mapping[tuple[str, str], Any]) -> str:
    told = sorted((*key, declared.model_dump_json()) for key, declared in met.items())
    return hashlib.sha256(repr(told).encode()).hexdigest()[:16]


def _decode_measures(registry: Registry, name: str, text: str) -> Any:
    if name == FRAME:
        return _read(Scorecard, text, {})
    finds: Finds = {Measure: registry.measure.__getitem__, Cut: registry.cut.__getitem__,
             BenchmarkGroup: registry.benchmark_group.__getitem__}  # fmt: skip
    return _read(MeasureFigures, text, finds)


def _decode_indicators(registry: Registry, name: str, text: str) -> Any:
    if name == FRAME:
        return _read(ProfileSet, text, {Geography: registry.geography.__getitem__})
    return _read(IndicatorFigures, text, {Indicator: registry.indicator.__getitem__})


def _decode_datasets(registry: Registry, name: str, text: str) -> Any:
    if name == FRAME:
        return _read(Review, text, {})
    full_name = name.partition(":")[2]
    return _read(
        DatasetQuality, text,
        {Dataset: registry.dataset, Expectation: lambda each: registry.dataset(full_name).expectations[each]},
    )  # fmt: skip
