"""Where the rows of a person's page come from: the snapshot, or else the views themselves. Both by the same pieces.

A page is put together from the same rows either way, so the snapshot can show nothing that the views would not.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from almoner.facts.read import expand, run_with_facts
from almoner.governance.gate import Access, Gate, Piece, Reads, Shown
from almoner.governance.permit import Permit
from almoner.kernel.steps import Step
from almoner.registry.registry import Registry
from almoner.single_view.certainty import held_piece
from almoner.single_view.facts_shown import fact_pieces
from almoner.single_view.family import family_piece
from almoner.single_view.homes import home_piece, residents_piece
from almoner.single_view.identity import history_piece, household_piece, identity_piece, relations_piece

Rows = Mapping[str, Sequence[Mapping[str, Any]]]
"""The rows of each piece about one person."""


def plain_id(person_id: str) -> str:
    """Accept only the letters and digits that ids are made of."""
    return "".join(character for character in person_id if character.isalnum())


class PersonShowing:
    """How the front line is shown one person; the gate makes the snapshot's documents by it."""

    version = 1
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
    """Give what a person's pages are made of."""
    return (
        identity_piece(), household_piece(), relations_piece(), family_piece(), history_piece(), held_piece(),
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


class LiveRows:
    """Reads the views of one permit, piece by piece."""

    def __init__(self, registry: Registry, gate: Gate, permit: Permit) -> None:
        self._run = run_with_facts(registry, gate, permit, areas=False)

    def of(self, piece: Piece, about: str) -> list[dict[str, Any]]:
        """Give a piece's rows about a person or an address."""
        columns = ", ".join(f'"{name}"' for name in piece.columns)
        sql = f"SELECT {columns} FROM ({piece.sql}) WHERE about = '{plain_id(about)}'"
        return self._run([Step(piece.name, piece.description, sql, piece.columns)], piece.reads).rows()

    def all(self, pieces: Sequence[Piece], person_id: str) -> Rows:
        """Give the rows of some pieces about a person."""
        return {piece.name: self.of(piece, person_id) for piece in pieces}


def published(registry: Registry, gate: Gate, permit: Permit, person_id: str, *, places: bool = False) -> Shown | None:
    """Give what the snapshot has of a person; None where the views are to be read.

    In: places: also who lived at their addresses. Raises: AccessRefused.
    """
    return gate.show(permit, PersonShowing(registry), plain_id(person_id), places=places)
