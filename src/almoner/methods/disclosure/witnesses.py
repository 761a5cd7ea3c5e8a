"""Judges a release by its atoms, and keeps what it found: changes of the counts that no published figure would notice.

A count is protected as long as some of these witnesses, taken one at a time, move it far enough. Whether a witness
outlives a release is looked up, not solved; only a count that loses its own is put to the solver. What the solver finds
for one count is tried on all. A witness is as secret as the counts: it must never leave the memory.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from almoner.methods.disclosure.atoms import Atoms
from almoner.methods.disclosure.changes import Changes, nearest_truth
from almoner.methods.disclosure.entanglement import entangle
from almoner.methods.disclosure.findings import Finding, Place, Range, Said
from almoner.methods.disclosure.primary import SmallNumberRule
from almoner.methods.disclosure.sums import TOLERANCE, Bounds, FloatArray, IndexArray
from almoner.methods.disclosure.unions import small_unions
from almoner.methods.disclosure.walking import could_be_small

MOST_ATOMS = 4_000
"""Beyond this a ledger is not cut into atoms."""

_MOST_KEPT = 8_000
"""How many witnesses are kept, the latest."""

_LEAST_SHARE = 0.25
"""A witness of which less than this share is still allowed is dropped."""

_ROUND = 1e-5
_NONE: IndexArray = np.array([], dtype=np.intp)


@dataclass
class Remembered:
    """What an earlier check of a population leaves for the next: nothing of it is believed without a look.

    truth: counts of the atoms that agree with every true count; changes: witnesses × atoms; located: the cells whose
    pieces were noted; pieces: small pieces that no table shows, once seen, asked about in every later check; harmless:
    pieces known to hold nobody, or more than a few, whatever else may come out.
    """

    atoms: Atoms | None = field(default=None, repr=False)
    truth: FloatArray = field(default_factory=lambda: np.zeros(0), repr=False)
    changes: sparse.csr_array = field(default_factory=lambda: sparse.csr_array((0, 0)), repr=False)
    located: NDArray[np.int64] = field(default_factory=lambda: np.zeros((0, 0), dtype=np.int64), repr=False)
    pieces: dict[Place, None] = field(default_factory=dict, repr=False)
    harmless: set[Place] = field(default_factory=set, repr=False)


def witnessed(said: Said, remembered: Remembered, rule: SmallNumberRule) -> WitnessedCheck | None:
    """Turn to a population; None if it has too many atoms, or records changed so that no truth agrees with it all."""
    if said.cells.revised.any():
        return None
    atoms = Atoms(said.space, said.cells.located)
    if atoms.size > MOST_ATOMS:
        return None
    if remembered.atoms is not None and remembered.atoms.blocks == atoms.blocks:
        atoms = remembered.atoms
    rows = atoms.rows(said.cells.located.tolist())
    truth, changes = _carried(atoms, remembered)
    found = nearest_truth(rows, said.cells.exact, truth)
    return None if found is None else WitnessedCheck(said, remembered, rule, atoms, rows, found, changes)


def _carried(atoms: Atoms, remembered: Remembered) -> tuple[FloatArray, sparse.csr_array]:
    """Put what is remembered into the atoms of now."""
    before = remembered.atoms
    if before is None:
        return np.zeros(atoms.size), sparse.csr_array((0, atoms.size))
    if before is atoms:
        return remembered.truth, remembered.changes
    moved = atoms.moved(before)
    kept = moved >= 0
    move = sparse.csr_array((np.ones(kept.sum()), (np.flatnonzero(kept), moved[kept])), shape=(len(moved), atoms.size))
    return remembered.truth @ move, sparse.csr_array(remembered.changes @ move)


class WitnessedCheck:
    """The check of one population."""

    def __init__(
        self, said: Said, remembered: Remembered, rule: SmallNumberRule, atoms: Atoms, rows: sparse.csr_array,
        truth: FloatArray, changes: sparse.csr_array,
    ) -> None:  # fmt: skip
        self.said, self._remembered, self._rule = said, remembered, rule
        self._rows, self._truth = rows, truth
        shown = np.flatnonzero(said.cells.protected)
        self._places: list[Place] = [tuple(map(int, said.cells.located[cell])) for cell in shown]
        self._shown = len(shown)
        self._note_pieces()
        self._places += remembered.pieces
        self._targets = atoms.rows(self._places)
        self._base = self._targets @ truth
        room = self._room(said.cells.low, said.cells.high)
        self._changes = Changes(rows, room, truth)
        self._carried = changes
        self._take(self._allowed(changes, room))
        remembered.atoms, remembered.truth = atoms, truth

    @property
    def looked_at(self) -> tuple[int, int]:
        """Say how many counts were looked at; the attacker is told none."""
        return len(self.said.cells) + len(self._places) - self._shown, 0

    def _note_pieces(self) -> None:
        """Note the small pieces that no table shows and the release, or anything before it, brings out."""
        cells, pieces, remembered = self.said.cells, self._remembered.pieces, self._remembered
        if np.array_equal(remembered.located, cells.located):
            return
        first, remembered.located = not len(remembered.located), cells.located
        start = np.arange(len(cells)) if first else self.said.new_cells
        tied = entangle(cells, start, len(start))
        small = could_be_small(tied, self._rule)
        for count in range(tied.published, len(tied.places)):
            if small[count] and tied.places[count] not in self._remembered.harmless:
                pieces.setdefault(tied.places[count])
        for union in small_unions(tied, cells, self._rule):
            pieces.setdefault(union)
        for located in cells.located:
            pieces.pop(tuple(map(int, located)), None)

    def _room(self, low: FloatArray, high: FloatArray) -> Bounds:
        return low - self.said.cells.exact, high - self.said.cells.exact

    def _allowed(self, changes: sparse.csr_array, room: Bounds) -> sparse.csr_array:
        """Keep of each change as much as every published figure has room for, and every atom people."""
        if not changes.shape[0]:
            return changes
        least, most = room
        noticed = sparse.csc_array(self._rows @ changes.T).tocoo()
        lost = changes.tocoo()
        losing = lost.data < -1e-9
        share = np.ones(changes.shape[0])
        bound = np.where(noticed.data > 0, most[noticed.row], least[noticed.row])
        telling = np.abs(noticed.data) > 1e-7
        np.minimum.at(share, noticed.col[telling], (bound / np.where(telling, noticed.data, 1.0))[telling])
        np.minimum.at(share, lost.row[losing], (self._truth[lost.col] / -np.where(losing, lost.data, -1.0))[losing])
        kept = np.flatnonzero(share >= _LEAST_SHARE)[-_MOST_KEPT:]
        return sparse.csr_array(sparse.diags_array(share[kept]) @ changes[kept])

    def _take(self, changes: sparse.csr_array) -> None:
        """Take witnesses in."""
        self._remembered.changes = changes
        self._low, self._high = self._moved(self._targets, changes)

    @staticmethod
    def _moved(targets: sparse.csr_array, changes: sparse.csr_array) -> Bounds:
        """Say how far changes lower and raise some counts."""
        if not changes.shape[0]:
            return np.zeros(targets.shape[0]), np.zeros(targets.shape[0])
        moved = sparse.csr_array(targets @ changes.T)
        lowest, highest = moved.min(axis=1).toarray().ravel(), moved.max(axis=1).toarray().ravel()
        return np.minimum(lowest, 0.0), np.maximum(highest, 0.0)

    def _wide(self, target: int) -> bool:
        base = self._base[target]
        highest = np.floor(base + self._high[target] + _ROUND)
        lowest = np.ceil(base + self._low[target] - _ROUND)
        return bool(highest - lowest >= self._rule.width - TOLERANCE)

    def findings(self) -> tuple[list[Finding], list[Finding]]:
        """Give what the release makes deducible, and what was before."""
        narrow = self._narrow(range(len(self._places)))
        before = self._narrow_before(narrow)
        return (
            [self._finding(target, *found) for target, found in narrow.items() if target not in before],
            [self._finding(target, found, _NONE) for target, found in before.items()],
        )

    def next_finding(self, start: int) -> tuple[int, Finding] | None:
        """Give the first count from a place in the order that the release makes deducible, and its place."""
        for target in range(start, len(self._places)):
            for found in self._narrow([target]).values():
                if not self._narrow_before([target]):
                    return target, self._finding(target, *found)
        return None

    def restate(self, said: Said) -> None:
        """Let the same cells say less: every witness outlives that."""
        changed = np.flatnonzero((said.cells.low != self.said.cells.low) | (said.cells.high != self.said.cells.high))
        self.said = said
        least, most = self._room(said.cells.low, said.cells.high)
        for cell in changed:
            self._changes.allow(int(cell), least[cell], most[cell])

    def still_at(self, places: set[Place], *, solve: bool) -> list[Finding]:
        """Give the findings at places where there were some."""
        if not solve:
            return []
        narrow = self._narrow([target for target, place in enumerate(self._places) if place in places])
        return [self._finding(target, *found) for target, found in narrow.items()]

    def _narrow(self, targets: Iterable[int]) -> dict[int, tuple[Range, IndexArray]]:
        """Find what is narrow, and the cells that it rests on."""
        narrow, found = {}, list[FloatArray]()
        for target in targets:
            if self._wide(target):
                continue
            range_, reasons, changes = self._ask(target)
            if self._tells(target, range_):
                narrow[target] = range_, reasons
            elif self._harmless(target, range_) and self._harmless(target, self._before(target)):
                self._remembered.harmless.add(self._places[target])
                self._remembered.pieces.pop(self._places[target], None)
            for change in changes:
                if np.abs(change).max() > TOLERANCE:
                    found.append(change)
                    moved = self._targets @ change
                    self._high, self._low = np.maximum(self._high, moved), np.minimum(self._low, moved)
        if found:
            added = sparse.csr_array(np.where(np.abs(found) > 1e-9, found, 0.0))
            self._remembered.changes = sparse.csr_array(sparse.vstack([self._remembered.changes, added]))
        return narrow

    def _up(self, base: float) -> float:
        """Say how far a count has to rise to be wide by that alone."""
        return float(np.ceil(base - _ROUND)) + self._rule.width - base

    def _down(self, base: float, rise: float) -> float:
        """Say how far a count has to fall to be wide when it can rise so far."""
        highest = float(np.floor(base + rise + _ROUND))
        return 0.0 if highest - np.ceil(base - _ROUND) >= self._rule.width else base - (highest - self._rule.width)

    def _ask(self, target: int) -> tuple[Range, IndexArray, list[FloatArray]]:
        """Ask the solver for the range of a count. Out: the range, where it is narrow; its reasons; two changes."""
        inside, base = self._targets[[target]].indices, float(self._base[target])
        rise, up = self._changes.furthest(inside, 1.0, self._up(base))
        reasons, highest = self._changes.reasons(), float(np.floor(base + rise + _ROUND))
        missing = self._down(base, rise)
        if missing <= TOLERANCE:
            return (float(np.ceil(base - _ROUND)), highest), reasons, [up]
        fall, down = self._changes.furthest(inside, -1.0, missing)
        reasons = np.union1d(reasons, self._changes.reasons())
        return (float(np.ceil(base - fall - _ROUND)), highest), reasons, [up, down]

    def _tells(self, target: int, found: Range) -> bool:
        """Say whether a range tells too much: of pieces only where there may be a few in it."""
        few = target < self._shown or (found[0] <= self._rule.largest_small and found[1] >= 1)
        return few and found[1] - found[0] < self._rule.width - TOLERANCE

    def _narrow_before(self, targets: Iterable[int]) -> dict[int, Range]:
        """Find what of some counts could be narrowed down before the release."""
        targets = list(targets)
        if not targets:
            return {}
        before = self._room(*self.said.before())
        low, high = self._moved(self._targets[targets], self._allowed(self._carried, before))
        base = self._base[targets]
        wide = np.floor(base + high + _ROUND) - np.ceil(base + low - _ROUND) >= self._rule.width - TOLERANCE
        targets = [target for target, seen in zip(targets, wide, strict=True) if not seen]
        found = {target: self._before(target) for target in targets}
        return {target: range_ for target, range_ in found.items() if self._tells(target, range_)}

    def _before(self, target: int) -> Range:
        """Ask for the range of a count before the release."""
        cells = self.said.cells
        before, now = self._room(*self.said.before()), self._room(cells.low, cells.high)
        for cell in self.said.new_cells:
            self._changes.allow(int(cell), before[0][cell], before[1][cell])
        found = self._ask(target)[0]
        for cell in self.said.new_cells:
            self._changes.allow(int(cell), now[0][cell], now[1][cell])
        return found

    def _harmless(self, target: int, found: Range) -> bool:
        """Say whether a piece surely holds nobody, or more than a few."""
        narrow = found[1] - found[0] < self._rule.width - TOLERANCE
        return narrow and target >= self._shown and (found[1] < 1 or found[0] > self._rule.largest_small)

    def _finding(self, target: int, deducible: Range, reasons: IndexArray) -> Finding:
        return self.said.finding(self._places[target], deducible, reasons, shown=target < self._shown)
