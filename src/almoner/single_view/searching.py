"""How people are looked for: what the gate makes the index by, and asks. It never sees a permit; the gate decides."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import pyarrow as pa

from almoner.governance.reads import Reads
from almoner.kernel.steps import Step
from almoner.single_view.compact import Array
from almoner.single_view.ranking import rank
from almoner.single_view.search_index import SearchIndex, make_arrays
from almoner.single_view.search_steps import search_reads, search_steps
from almoner.single_view.wanted import Asked


class PeopleIndex:
    """Who can be found, and by what."""

    def __init__(self, held: SearchIndex) -> None:
        self._held = held

    @property
    def people(self) -> int:
        """How many can be found."""
        return self._held.people

    def arrays(self) -> Mapping[str, Array]:
        """Give all that it is made of."""
        return self._held.arrays()

    def answer(self, asked: Asked, *, limit: int, hidden: Collection[str], only: Collection[str]) -> pa.Table:
        """Give who is meant, the likeliest first; one more than the limit where too many answer alike."""
        return rank(self._held, asked, limit=limit, hidden=hidden, only=only)


class PeopleSearch:
    """The front line's search."""

    version = 1
    """To be raised when the arrays of an index change."""

    def reads(self, datasets: Sequence[str]) -> Reads:
        """Name what the index is made from."""
        return search_reads(datasets)

    def steps(self, datasets: Sequence[str]) -> Mapping[str, Sequence[Step]]:
        """Give the steps of each table that the index is made from."""
        return search_steps(datasets)

    def make(self, tables: Mapping[str, pa.Table]) -> PeopleIndex:
        """Make the index."""
        return PeopleIndex(SearchIndex(make_arrays(tables)))

    def open(self, arrays: Mapping[str, Array]) -> PeopleIndex:
        """Open one that was kept."""
        return PeopleIndex(SearchIndex(arrays))
