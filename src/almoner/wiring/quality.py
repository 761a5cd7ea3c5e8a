"""Reviews the quality of data: what intake counted, what the gate counts, and what was kept of earlier deliveries.

Counting runs under the purpose that mends records, in the form that sees counts alone; how far linked records agree is
counted under the purpose that joins them. What a purpose or an agreement does not give is "not measured", with the
reason.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Sequence

from almoner.governance.permit import Permit
from almoner.kernel.errors import AccessRefused
from almoner.kernel.steps import Step
from almoner.quality.arrivals import Arrival, Book, Kept, expects, figure_of, figures_of
from almoner.quality.asking import Reads, count_disagreeing, count_missed, definition_of, row_rules
from almoner.quality.review import Measured, Review, make_review
from almoner.registry.datasets import Dataset
from almoner.registry.governing import Right
from almoner.store.catalogue import DeliveryEntry
from almoner.store.relation import Relation
from almoner.wiring import link_inputs
from almoner.wiring.workspace import Workspace, utc_now

PURPOSE = "data_quality"
"""The notice says of it that the quality of data is reviewed."""

RIGHT: Right = "quarantine"
NOT_JOINED = "no two sources' records have been joined"


def review_quality(workspace: Workspace, *, today: dt.date | None = None, exact: bool = False) -> Review:
    """Measure what is held, keep the figures, and put the review together.

    In: today: the day at which timeliness is judged; exact: do not withhold small numbers (for those who mend records).
    Raises: AccessRefused unless the actor may see what is in quarantine.
    """
    workspace.require(RIGHT)
    workspace.require_sound_registry()
    arrivals = arrivals_of(workspace)
    measured = _measure(workspace, arrivals)
    workspace.note("quality.review", datasets=len({each.dataset for each in arrivals}), figures=len(measured.figures))
    return make_review(workspace.registry, arrivals, measured, today or utc_now().date(), small=0 if exact else None)


def quality_history(workspace: Workspace, dataset: str | None) -> list[Kept]:
    """Give every figure that was kept, of deliveries that are gone too. Raises: AccessRefused."""
    workspace.require(RIGHT)
    workspace.note("quality.history", dataset=dataset)
    return _book(workspace).figures(dataset)


def keep_figures(workspace: Workspace, entry: DeliveryEntry) -> None:
    """Keep what intake counted of a delivery, as soon as it has landed."""
    dataset = workspace.registry.dataset(entry.dataset)
    _book(workspace).add(figures_of(dataset, _arrival(entry)))


def arrivals_of(workspace: Workspace) -> list[Arrival]:
    """List the deliveries of declared datasets, replaced ones too."""
    declared = {dataset.full_name for dataset in workspace.registry.datasets()}
    entries = workspace.lake.catalogue.deliveries(superseded=True)
    return [_arrival(entry) for entry in entries if entry.dataset in declared]


def counting_run(workspace: Workspace, permit: Permit) -> Callable[[Sequence[Step], Reads], Relation]:
    """Give a product its way to count through the gate."""

    def run(steps: Sequence[Step], reads: Reads) -> Relation:
        return workspace.gate.run(permit, steps, reads)

    return run


def counting_permit(workspace: Workspace) -> Permit:
    """Issue a permit that sees counts alone."""
    return workspace.permits.request(
        workspace.actor, PURPOSE, "Reviewing the quality of what suppliers send", form="aggregate"
    )


def _arrival(entry: DeliveryEntry) -> Arrival:
    landed = (entry.landed_at or utc_now()).date()
    return Arrival(
        entry.number, entry.dataset, entry.delivery, entry.kind, entry.as_of, entry.sent_on, landed, entry.version,
        entry.rows_in, entry.quarantined, entry.superseded_by is not None, entry.quality,
    )  # fmt: skip


def _book(workspace: Workspace) -> Book:
    """Open the history; the workspace's records must be those that are served."""
    _ = workspace.records
    from almoner.records.quality import OrmQualityBook

    return OrmQualityBook()


def _measure(workspace: Workspace, arrivals: Sequence[Arrival]) -> Measured:
    by_number = {each.number: each for each in arrivals}
    unmeasured: dict[tuple[str, str], str] = {}
    fresh: list[Kept] = []
    landed = {each.dataset for each in arrivals if not each.replaced}
    datasets = [each for each in workspace.registry.datasets() if each.full_name in landed]
    for arrival in arrivals:
        fresh += figures_of(workspace.registry.dataset(arrival.dataset), arrival)
    fresh += _rules(workspace, datasets, by_number, unmeasured)
    fresh += _agreements(workspace, datasets, arrivals, unmeasured)
    book = _book(workspace)
    book.add(fresh)
    return Measured(_newest_first(book.figures(), fresh, workspace), unmeasured)


def _newest_first(kept: Sequence[Kept], fresh: Sequence[Kept], workspace: Workspace) -> list[Kept]:
    """Let what was measured just now stand for what was kept of the same; what is declared no more falls out."""
    now = {(each.number, each.measure, each.definition): each for each in fresh}
    found = [now.pop((each.number, each.measure, each.definition), each) for each in kept]
    current = {(each.number, each.measure): each.definition for each in fresh if each.definition}
    return [
        each for each in (*found, *now.values())
        if current.get((each.number, each.measure), each.definition) == each.definition
    ]  # fmt: skip


def _rules(
    workspace: Workspace, datasets: Iterable[Dataset], by_number: dict[int, Arrival],
    unmeasured: dict[tuple[str, str], str],
) -> list[Kept]:  # fmt: skip
    permit, found = None, list[Kept]()
    for dataset in datasets:
        wanted = row_rules(dataset)
        if not wanted:
            continue
        permit = permit or counting_permit(workspace)
        try:
            counted = count_missed(counting_run(workspace, permit), dataset, wanted)
        except AccessRefused as refusal:
            unmeasured.update({(dataset.full_name, each.name): _why(refusal) for each in wanted})
            continue
        definitions = {each.name: definition_of(workspace.registry, dataset, each) for each in wanted}
        found += [
            figure_of(by_number[each.number], expects(each.name), each.missed, each.tested, definitions[each.name])
            for each in counted
            if each.number in by_number
        ]
        found += _nothing_current(dataset, by_number.values(), {each.number for each in counted}, definitions)
    return found


def _nothing_current(
    dataset: Dataset, arrivals: Iterable[Arrival], counted: set[int], definitions: dict[str, str]
) -> list[Kept]:
    """Say of the newest delivery, where no row of it is current, that there was nothing to test."""
    mine = [each for each in arrivals if each.dataset == dataset.full_name and not each.replaced]
    newest = max(mine, key=lambda each: (each.as_of, each.sent_on or each.as_of, each.number), default=None)
    if newest is None or newest.number in counted:
        return []
    return [figure_of(newest, expects(name), 0, 0, definition) for name, definition in definitions.items()]


def _agreements(
    workspace: Workspace, datasets: Sequence[Dataset], arrivals: Sequence[Arrival],
    unmeasured: dict[tuple[str, str], str],
) -> list[Kept]:  # fmt: skip
    asked = [(d, e) for d in datasets for e in d.expectations.values() if e.agrees is not None]
    if not asked:
        return []
    newest: dict[str, Arrival] = {}
    for each in arrivals:
        before = newest.get(each.dataset)
        if not each.replaced and (before is None or (each.as_of, each.number) > (before.as_of, before.number)):
            newest[each.dataset] = each
    found = []
    for field in dict.fromkeys(str(e.agrees) for _, e in asked):
        counts, reason = _disagreeing(workspace, field)
        for dataset, expectation in asked:
            if expectation.agrees != field:
                continue
            if dataset.full_name not in counts:
                unmeasured[dataset.full_name, expectation.name] = reason
                continue
            missed, tested = counts[dataset.full_name]
            definition = definition_of(workspace.registry, dataset, expectation)
            found.append(figure_of(newest[dataset.full_name], expects(expectation.name), missed, tested, definition))
    return found


def _disagreeing(workspace: Workspace, field: str) -> tuple[dict[str, tuple[int, int]], str]:
    """Count who disagrees. Out: the counts, and the reason for which a dataset is not among them."""
    if workspace.lake.catalogue.spine() is None:
        return {}, f"{NOT_JOINED}: run 'almoner link' first"
    try:
        permit = workspace.permits.standing(
            workspace.actor, link_inputs.PURPOSE, "Counting how far linked records agree, for the review of quality"
        )
        given = workspace.gate.columns_for(permit)
        people = [each for each in link_inputs.linkable(workspace) if each.full_name in given]
        return count_disagreeing(counting_run(workspace, permit), people, field), NOT_JOINED
    except AccessRefused as refusal:
        return {}, _why(refusal)


def _why(refusal: AccessRefused) -> str:
    """Give a refusal's reason as a phrase. It names datasets, agreements and owners, never a value."""
    return (refusal.message.partition(": ")[2] or refusal.message).removesuffix(".")
