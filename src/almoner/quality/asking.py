"""What the review asks of rows, as steps over what the gate gives: which miss which expectation, counted by delivery.

All expectations of a dataset are counted in one pass. Only `examples` names rows, and it is run for a supplier alone.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from almoner.kernel.steps import Step
from almoner.quality.arrivals import expects, measure_of
from almoner.registry.datasets import Dataset
from almoner.registry.expectations import ROW_KINDS, Expectation
from almoner.registry.registry import Registry

Reads = Mapping[str, tuple[str, ...]]
MOST_EXAMPLES = 1000
"""Rows of one expectation that a supplier is told of: more are put right by their cause, not one by one."""


class Rows(Protocol):
    """What the gate gives back: the part of it that is used here."""

    def to_arrow(self) -> Any:
        """Give all rows as an Arrow table."""
        ...


Run = Callable[[Sequence[Step], Reads], Rows]
"""Runs steps, and gives the rows of the last. Raises AccessRefused where the permit doesn't allow it."""


@dataclass(frozen=True)
class Counted:
    """Of so many rows of a delivery that an expectation is about, so many missed it."""

    number: int
    name: str
    missed: int
    tested: int


def row_rules(dataset: Dataset) -> list[Expectation]:
    """List the expectations that rows have to be read for; intake has counted the others."""
    return [
        each
        for each in dataset.expectations.values()
        if each.kind in ROW_KINDS and measure_of(each) == expects(each.name)
    ]


def definition_of(registry: Registry, dataset: Dataset, expectation: Expectation) -> str:
    """Name the wording of a rule: what it tests, not what follows from it."""
    told = expectation.model_dump(
        mode="json", include={"complete", "understood", "unique", "between", "in_order", "adds_up", "refers", "agrees",
                              "where", "within_days", "since", "accepted", "row_change"},
    )  # fmt: skip
    columns = [dataset.columns[name].model_dump(mode="json") for name in expectation.columns()]
    lists = [registry.codes[column["codes"]].model_dump(mode="json") for column in columns if column["codes"]]
    return hashlib.sha256(repr((told, columns, lists)).encode()).hexdigest()[:12]


def count_missed(run: Run, dataset: Dataset, wanted: Sequence[Expectation]) -> list[Counted]:
    """Count by delivery, in one pass over the current rows, how many miss each expectation.

    Raises: AccessRefused where the supplier's agreement does not permit it.
    """
    if not wanted:
        return []
    view = f"quality:{dataset.full_name}"
    counts = ", ".join(
        f'count("{each.name}") AS "tested_{each.name}",'
        f' sum(CASE WHEN "{each.name}" THEN 1 ELSE 0 END) AS "missed_{each.name}"'
        for each in wanted
    )
    step = Step(
        "expectations", "How many current rows of each delivery miss what is expected of them",
        f'SELECT number, {counts} FROM "{view}" GROUP BY number', (),
    )  # fmt: skip
    rows = run([step], {view: tuple(each.name for each in wanted)}).to_arrow().to_pylist()
    return [
        Counted(int(row["number"]), each.name, int(row[f"missed_{each.name}"] or 0), int(row[f"tested_{each.name}"]))
        for row in rows
        for each in wanted
    ]


def rows_that_miss(run: Run, dataset: Dataset, name: str, delivery: str | None) -> list[dict[str, Any]]:
    """Name the rows that miss an expectation by the supplier's own reference; for that supplier alone.

    Out: delivery, position, record_key; the first thousand. Raises: AccessRefused.
    """
    view = f"quality:{dataset.full_name}"
    only = f" AND delivery = '{delivery.replace(chr(39), chr(39) * 2)}'" if delivery else ""
    step = Step(
        "examples", "Rows that miss an expectation, by the supplier's own reference",
        f"""SELECT delivery, position, record_key FROM "{view}" WHERE "{name}"{only}
            ORDER BY number DESC, position LIMIT {MOST_EXAMPLES}""",
        ("delivery", "position", "record_key"),
    )  # fmt: skip
    return list(run([step], {view: (name,)}).to_arrow().to_pylist())


def count_disagreeing(run: Run, datasets: Sequence[Dataset], field: str) -> dict[str, tuple[int, int]]:
    """Count records whose person other sources know too, and of whom none of them says the same in a field.

    It is agreement, not truth: where two differ, either may be right. Out: dataset → (differing, compared).
    """
    reads: dict[str, tuple[str, ...]] = {"spine.person_record": ()}
    said = []
    for dataset in datasets:
        view = f"persons:{dataset.full_name}"
        reads[view] = ()
        said.append(
            f"""SELECT l.dataset, '{dataset.source}' AS source, l.person_id, p.row_id, p.slot,
                       CAST(p."{field}" AS VARCHAR) AS said
                FROM "{view}" AS p JOIN "spine.person_record" AS l
                  ON l.dataset = '{dataset.full_name}' AND l.row_id = p.row_id AND l.slot = p.slot
                WHERE p.is_live AND p."{field}" IS NOT NULL"""
        )
    if not said:
        return {}
    steps = [
        Step("said", "What each live record says of its person", " UNION ALL ".join(said), (), keep=True),
        Step(
            "compared", "Each record beside what the other sources say of the same person",
            """SELECT s.dataset, s.row_id, s.slot, max(CASE WHEN o.said = s.said THEN 1 ELSE 0 END) AS same
               FROM said AS s JOIN (SELECT DISTINCT source, person_id, said FROM said) AS o
                 ON o.person_id = s.person_id AND o.source <> s.source
               GROUP BY s.dataset, s.row_id, s.slot""",
            ("dataset", "row_id", "slot", "same"),
        ),
        Step(
            "agreement", "How many records no other source agrees with",
            "SELECT dataset, sum(1 - same) AS differing, count(*) AS compared FROM compared GROUP BY dataset",
            ("dataset", "differing", "compared"),
        ),
    ]  # fmt: skip
    rows = run(steps, reads).to_arrow().to_pylist()
    return {row["dataset"]: (int(row["differing"]), int(row["compared"])) for row in rows}
