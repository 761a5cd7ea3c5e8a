"""Facts of one person as they are shown: what a service says, with its source, its day and how sure the match is."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from almoner.governance.gate import Piece
from almoner.registry.registry import Registry
from almoner.single_view.certainty import surely
from almoner.single_view.coded import meaning_of

Kind = Literal["involvement", "event", "attribute"]


@dataclass(frozen=True)
class ShownFact:
    """One fact with all that a reader must know to trust it.

    kind: of fact: 'involvement' of a service, 'event', or 'attribute'.
    """

    kind: Kind
    what: str
    detail: str | None
    source: str
    dataset: str
    from_on: dt.date | None
    to_on: dt.date | None
    as_of: dt.date | None
    professional: str | None
    match_probability: float | None


_COLUMNS: dict[Kind, tuple[str, ...]] = {
    "involvement": (
        "dataset", "service", "detail", "starts_on", "ends_on", "as_of", "professional", "match_probability",
    ),
    "event": ("dataset", "kind", "detail", "happened_on", "as_of", "match_probability"),
    "attribute": ("dataset", "name", "value", "as_of", "match_probability"),
}  # fmt: skip


def fact_pieces() -> list[Piece]:
    """Give each kind of fact, as far as it is surely theirs."""
    return [
        Piece(
            kind,
            f"Each {kind} that is surely theirs",
            f"""SELECT person_ref AS about, {", ".join(columns)} FROM "fact.{kind}"
                WHERE person_ref IS NOT NULL AND {surely()}""",
            columns,
            {f"fact.{kind}": ()},
        )
        for kind, columns in _COLUMNS.items()
    ]


def facts_of(registry: Registry, rows: Mapping[str, Sequence[Mapping[str, Any]]]) -> list[ShownFact]:
    """Make facts of the pieces' rows, by source."""
    told = [_shown(registry, row, "involvement", row["service"], row["detail"], row["starts_on"], row["ends_on"])
            for row in rows["involvement"]]  # fmt: skip
    told += [_shown(registry, row, "event", row["kind"], row["detail"], row["happened_on"], row["happened_on"])
             for row in rows["event"]]  # fmt: skip
    told += [_shown(registry, row, "attribute", row["name"].replace("_", " "), row["value"], None, None)
             for row in rows["attribute"]]  # fmt: skip
    return sorted(told, key=lambda fact: (fact.source, fact.what, fact.from_on or dt.date.min, fact.detail or ""))


def _shown(
    registry: Registry,
    row: Mapping[str, Any],
    kind: Kind,
    what: str,
    detail: str | None,
    from_on: dt.date | None,
    to_on: dt.date | None,
) -> ShownFact:
    dataset = registry.dataset(row["dataset"])
    return ShownFact(
        kind=kind,
        what=what,
        detail=meaning_of(registry, row["dataset"], detail),
        source=registry.source_of(dataset).title,
        dataset=dataset.title,
        from_on=from_on,
        to_on=to_on,
        as_of=row["as_of"],
        professional=row.get("professional"),
        match_probability=row["match_probability"],
    )
