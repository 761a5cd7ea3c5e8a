"""Asks the engine what only it can say of two texts (are two names alike?), once for each two that any pair holds.

Of the answers only the few are kept that are not plainly false: of all pairs of names, hardly any are alike.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from almoner.linkage.codes import Ints, NodeCodes
from almoner.linkage.slips import Texts

Truth = NDArray[np.int8]
"""FALSE, UNKNOWN or TRUE for each pair, so that AND is the least and OR the greatest."""

FALSE, UNKNOWN, TRUE = np.int8(0), np.int8(1), np.int8(2)

DENSE = 16
"""Which two ways pairs hold is marked in a plain table, if it has at most so many cells for each pair; else sorted."""

AT_ONCE = 65536
"""How many pairs are worked at once, so that what is worked on stays in the processor's cache."""

MOST_BITS = 2**29
"""Answers are looked up among so many bits; where there are more, in a list."""


class Numbers:
    """Some of the numbers from nought up, to be asked which others are among them."""

    def __init__(self, ordered: Ints, below: int) -> None:
        """Take the numbers, in order and each once, and what all are below."""
        self._ordered = ordered
        self._bits: NDArray[np.uint8] | None = None
        if len(ordered) and below <= MOST_BITS:
            self._bits = np.zeros((below >> 3) + 1, dtype=np.uint8)
            byte, bit = ordered >> 3, np.uint8(1) << (ordered & 7).astype(np.uint8)
            first = np.flatnonzero(np.r_[True, byte[1:] != byte[:-1]])
            self._bits[byte[first]] = np.bitwise_or.reduceat(bit, first)

    def hold(self, numbers: Ints) -> NDArray[np.bool_]:
        """Say which numbers are among them."""
        if self._bits is not None:
            bits = self._bits[numbers >> 3] >> (numbers & 7).astype(np.uint8)
            return (bits & np.uint8(1)).view(np.bool_)
        if not len(self._ordered):
            return np.zeros(len(numbers), dtype=np.bool_)
        near = np.searchsorted(self._ordered, numbers)
        near[near == len(self._ordered)] = 0
        found: NDArray[np.bool_] = self._ordered[near] == numbers
        return found


class Question:
    """A condition about two texts, and its answers."""

    def __init__(self, sql: str, left: tuple[str, ...], right: tuple[str, ...], slip_of: str = "") -> None:
        """Note the SQL, the columns, with `_l` and `_r`, that it reads of either side, and which text of a node may be
        one slip from the other's, if that is all it asks."""
        self.sql = sql
        self.slip_of = slip_of
        self.columns = (left, right)

    def learn(self, ways: tuple[NDArray[np.int32], NDArray[np.int32], int], asked: Ints, answers: Truth) -> None:
        """Take the answers: of each node its way on either side, how many ways there are on the right, and what was
        found for which two ways, in order."""
        self._left, self._right, self._many = ways
        cells = (int(self._left.max(initial=0)) + 1) * self._many
        self._true, self._unknown = (Numbers(asked[answers == each], cells) for each in (TRUE, UNKNOWN))

    def truth(self, left: Ints, right: Ints) -> Truth:
        """Answer for pairs, given as places of nodes."""
        ways = self._ways(left, right)
        return self._true.hold(ways) * TRUE + self._unknown.hold(ways)

    def is_true(self, left: Ints, right: Ints) -> Truth:
        """Answer TRUE or FALSE, where it makes no difference that an answer is unknown."""
        return self._true.hold(self._ways(left, right)) * TRUE

    def _ways(self, left: Ints, right: Ints) -> Ints:
        ways: Ints = self._left[left].astype(np.int64) * self._many + self._right[right]
        return ways


def slices(many: int) -> Iterator[slice]:
    """Give the parts in which pairs are worked."""
    return (slice(start, start + AT_ONCE) for start in range(0, many, AT_ONCE))


def ask(codes: NodeCodes, questions: Iterable[Question], left: Ints, right: Ints) -> None:
    """Have questions answered for all pairs, given as places of nodes; those about the same columns together."""
    by_columns: dict[tuple[tuple[str, ...], tuple[str, ...]], list[Question]] = {}
    for question in questions:
        by_columns.setdefault(question.columns, []).append(question)
    for columns, about in by_columns.items():
        (ours, _, told_left), (theirs, many, told_right) = (
            codes.ways(tuple(name[:-2] for name in side)) for side in columns
        )
        asked = _different(ours, theirs, many, left, right)
        answers = _answers(codes, about, (told_left, told_right), divmod(asked, many))
        for question, found in zip(about, answers, strict=True):
            question.learn((ours, theirs, many), asked, found)


def _different(ours: NDArray[np.int32], theirs: NDArray[np.int32], many: int, left: Ints, right: Ints) -> Ints:
    """Give each two ways that any pair holds, once and in order."""
    cells = (int(ours.max(initial=0)) + 1) * many
    if cells <= DENSE * len(left):
        table = np.zeros(cells, dtype=np.bool_)
        for part in slices(len(left)):
            table[ours[left[part]].astype(np.int64) * many + theirs[right[part]]] = True
        return np.flatnonzero(table)
    asked = np.empty(len(left), dtype=np.int64)
    for part in slices(len(left)):
        asked[part] = ours[left[part]].astype(np.int64) * many + theirs[right[part]]
    asked.sort()
    return asked[np.r_[True, asked[1:] != asked[:-1]]] if len(asked) else asked


def _answers(codes: NodeCodes, about: list[Question], ways: tuple[str, str], asked: tuple[Ints, Ints]) -> list[Truth]:
    of_engine = [question for question in about if not question.slip_of]
    told = iter(_of_engine(codes, of_engine, ways, asked) if of_engine else [])
    return [_slips(codes, each.slip_of, ways[0], asked) if each.slip_of else next(told) for each in about]


def _slips(codes: NodeCodes, text: str, ways: str, asked: tuple[Ints, Ints]) -> Truth:
    told = codes.engine.execute(f"SELECT code, {text} AS text FROM {ways}").fetchall()
    texts = [""] * (max((code for code, _ in told), default=0) + 1)
    said = np.zeros(len(texts), dtype=np.bool_)
    for code, written in told:
        texts[code], said[code] = written or "", written is not None
    slips: Truth = Texts(texts).one_slip(*asked).view(np.int8) * TRUE
    slips[~(said[asked[0]] & said[asked[1]])] = UNKNOWN
    return slips


def _of_engine(codes: NodeCodes, about: list[Question], ways: tuple[str, str], asked: tuple[Ints, Ints]) -> list[Truth]:
    table = pa.table({"a": asked[0], "b": asked[1], "place": np.arange(len(asked[0]))})
    codes.engine.register("given", pa.Table.from_batches(table.to_batches(AT_ONCE), table.schema))
    named = ", ".join(
        f"{side}.{column[:-2]} AS {column}"
        for side, columns in zip("lr", about[0].columns, strict=True)
        for column in columns
    )
    said = ", ".join(f"coalesce(CAST(({each.sql}) AS TINYINT) * 2, 1) AS t{i}" for i, each in enumerate(about))
    read = codes.engine.execute(
        f"""
        SELECT place, {said}
        FROM (SELECT place, {named} FROM given JOIN {ways[0]} l ON l.code = a JOIN {ways[1]} r ON r.code = b)
        """
    ).fetchnumpy()
    codes.engine.unregister("given")
    answers = []
    for i in range(len(about)):
        found = np.zeros(len(asked[0]), dtype=np.int8)
        found[read["place"]] = read[f"t{i}"]
        answers.append(found)
    return answers
