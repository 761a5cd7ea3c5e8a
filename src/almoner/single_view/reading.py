"""Where the rows of people's pages come from: the snapshot, or else the views themselves. Both by the same pieces.

A page is put together from the same rows either way, so the snapshot can show nothing that the views would not.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from almoner.facts.read import expand, run_with_facts
from almoner.governance.gate import Access, Gate, Piece, Reads
from almoner.governance.permit import Permit
from almoner.kernel.steps import Step
from almoner.registry.registry import Registry
from almoner.single_view.certainty import held_piece
from almoner.single_view.facts_shown import fact_pieces
from almoner.single_view.family import family_piece
from almoner.single_view.gone import happened_piece
from almoner.single_view.homes import home_piece, residents_piece
from almoner.single_view.identity import household_piece, identity_piece, relations_piece
from almoner.single_view.ids import plain_id
from almoner.single_view.rows import About, Rows

WHO = ("identity", "happened")
"""Pieces that say who somebody is, and whether the id is still somebody's."""
HOMES = (*WHO, "homes")
STANDING = (*WHO, "household", "involvement")
"""Pieces of a household on a day, and of how things stand with somebody."""


class PersonShowing:
    """How the front line is shown people; the gate makes the snapshot's documents by it."""

    version = 2
    """To be raised when the pieces change."""
    places = "homes"

    def __init__(self, registry: Registry) -> None:
        self._registry = registry

    def pieces(self) -> Sequence[Piece]:
        """Give the parts of a document."""
        return (*person_pieces(self._registry), _SHARING, residents_piece())

    def needs(self, access: Access, permit: Permit) -> tuple[Sequence[Step], Reads]:
        """Give the steps that make what the pieces read, and all that is read."""
        reads: dict[str, Sequence[str]] = {}
        for piece in self.pieces():
            reads |= piece.reads
        return expand(self._registry, access, permit, (), reads, areas=False)


def person_pieces(registry: Registry) -> tuple[Piece, ...]:
    """Give what people's pages are made of."""
    return (
        identity_piece(), household_piece(), relations_piece(), family_piece(), happened_piece(), held_piece(),
        *fact_pieces(), home_piece(registry),
    )  # fmt: skip


_SHARING = Piece(
    "sharing",
    "Who else stands in a row about them: where one of these has restricted, what the row says is not shown",
    """SELECT a.person_ref AS about, b.person_ref AS other FROM "spine.link" AS a JOIN "spine.link" AS b
       ON b.row_id = a.row_id AND b.dataset = a.dataset AND b.person_ref <> a.person_ref GROUP BY ALL""",
    ("other",),
    {"spine.link": ()},
)


def read_published(
    registry: Registry, gate: Gate, permit: Permit, people: Sequence[str], *, places: bool = False
) -> About | None:
    """Give what the snapshot has of people; None where the views are to be read.

    In: places: also who lived at their addresses. Raises: AccessRefused.
    """
    shown = gate.show(permit, PersonShowing(registry), [plain_id(each) for each in people], places=places)
    if shown is None:
        return None
    return About(shown.people, lambda home: shown.places.get(home, {}).get("residents", []), shown.latest)


def read_views(
    registry: Registry,
    gate: Gate,
    permit: Permit,
    people: Sequence[str],
    latest: Mapping[str, dt.date],
    names: Sequence[str] = (),
) -> About:
    """Read the views that a permit about people gives.

    In: latest = the as-of date of each dataset's newest delivery; names = the pieces that are wanted, else all.
    Raises: AccessRefused.
    """
    run = run_with_facts(registry, gate, permit, areas=False)
    wanted = [piece for piece in person_pieces(registry) if not names or piece.name in names]

    def read(piece: Piece, about: Sequence[str]) -> list[dict[str, Any]]:
        columns = ("about", *piece.columns)
        listed, shown = ", ".join(f"'{each}'" for each in about), ", ".join(f'"{name}"' for name in columns)
        sql = f"SELECT {shown} FROM ({piece.sql}) WHERE about IN ({listed})"
        return run([Step(piece.name, piece.description, sql, columns)], piece.reads).rows()

    known = [plain_id(each) for each in people]
    found: dict[str, dict[str, list[dict[str, Any]]]] = {each: {p.name: [] for p in wanted} for each in known}
    for piece in wanted if known else ():
        for row in read(piece, known):
            found[row.pop("about")][piece.name].append(row)
    whole: Mapping[str, Rows] = found
    return About(whole, lambda home: read(residents_piece(), [plain_id(home)]), latest)
