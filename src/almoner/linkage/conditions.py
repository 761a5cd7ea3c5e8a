"""Works out the conditions of comparisons for many pairs of nodes at once, from the very SQL that Splink reads.

What SQL says of equality, of nothing known, of dates' parts and of AND, OR and NOT is worked on whole numbers; what it
says of two texts (likeness, common parts) is asked of the engine, once for each two ways of saying that any pair holds.
Any condition that Splink understands is understood here: what is not known to be simple goes to the engine.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache, reduce
from typing import Any

import numpy as np
import sqlglot
from numpy.typing import NDArray
from sqlglot import exp

from almoner.linkage.asking import FALSE, TRUE, UNKNOWN, Question, Truth
from almoner.linkage.codes import NULL, Ints, NodeCodes

Condition = Callable[[Ints, Ints], Truth]
"""Says for pairs, given as the places of their left and right nodes, what is true."""

_Number = Callable[[Ints, Ints], tuple[Ints, NDArray[np.bool_]]]
"""Gives whole numbers for pairs, and which are known."""

_COMPARE: dict[type[exp.Expr], Callable[[Any, Any], Any]] = {
    exp.EQ: np.equal,
    exp.NEQ: np.not_equal,
    exp.GT: np.greater,
    exp.GTE: np.greater_equal,
    exp.LT: np.less,
    exp.LTE: np.less_equal,
}


class Conditions:
    """Makes conditions of SQL. All are made first; then the questions are answered; then they may be used."""

    def __init__(self, codes: NodeCodes) -> None:
        self._codes = codes
        self.questions: dict[str, Question] = {}

    def condition(self, sql: str) -> Condition:
        """Make a condition of SQL over `_l` and `_r` columns."""
        return self._made(_parsed(sql))

    def _made(self, node: exp.Expr, is_plain: bool = True) -> Condition:
        """Make a condition. is_plain: that something is unknown matters no more than that it is false."""
        node = node.unnest()
        if len(_sides(node)) < 2:
            return self._of_one_side(node)
        if _is_about_truth(node):
            inner = self._made(node.this, False)
            return _negated(inner) if isinstance(node, exp.Not) else _surely(inner, bool(node.expression.this))
        if isinstance(node, exp.Connector) and not self._is_one_question(node):
            return _of_several([self._made(part, is_plain) for part in self._in_order(node)], isinstance(node, exp.And))
        if _is_same_value(node):
            return _same(self._codes.of(_value_of(node.this)))
        if self._compares_numbers(node):
            return self._of_numbers(node)
        question = self._question(node)
        return question.is_true if is_plain else question.truth

    def _of_one_side(self, node: exp.Expr) -> Condition:
        told = self._codes.of(_value_of(node))
        truth: Truth = np.where(told == NULL, UNKNOWN, told.astype(np.int8) * TRUE)
        if "_r" in _sides(node):
            return lambda left, right: truth[right]
        return lambda left, right: truth[left]

    def _question(self, node: exp.Expr) -> Question:
        sql = node.sql(dialect="duckdb")
        columns = {side: tuple(sorted(each for each in _columns(node) if each.endswith(side))) for side in ("_l", "_r")}
        slip_of = _value_of(node.this.expressions[0]) if _is_slip(node) else ""
        return self.questions.setdefault(sql, Question(sql, columns["_l"], columns["_r"], slip_of))

    def _of_numbers(self, node: exp.Expr) -> Condition:
        one = self._number(node.this)
        if isinstance(node, exp.In):
            return _listed(one, [int(each.name) for each in node.expressions])
        return _compared(_COMPARE[type(node)], one, self._number(node.expression))

    def _number(self, node: exp.Expr) -> _Number:
        node = node.unnest()
        if isinstance(node, exp.Literal):
            literal = np.full(1, int(node.name)), np.ones(1, dtype=np.bool_)
            return lambda left, right: literal
        if isinstance(node, exp.Abs):
            return _absolute(self._number(node.this))
        if isinstance(node, exp.Sub):
            return _difference(self._number(node.this), self._number(node.expression))
        if isinstance(node, (exp.Greatest, exp.Least)):
            numbers = [self._number(each) for each in (node.this, *node.expressions)]
            return _extreme(numbers, isinstance(node, exp.Greatest))
        return _coded(self._codes.of(_value_of(node)), "_r" in _sides(node))

    def _compares_numbers(self, node: exp.Expr) -> bool:
        if isinstance(node, exp.In):
            return all(_is_whole(each) for each in node.expressions) and self._is_number(node.this)
        return type(node) in _COMPARE and self._is_number(node.this) and self._is_number(node.expression)

    def _is_number(self, node: exp.Expr) -> bool:
        node = node.unnest()
        if isinstance(node, exp.Sub):
            return self._is_number(node.this) and self._is_number(node.expression)
        if isinstance(node, exp.Abs):
            return self._is_number(node.this)
        if isinstance(node, (exp.Greatest, exp.Least)):
            return all(self._is_number(each) for each in (node.this, *node.expressions))
        return _is_whole(node) or (len(_sides(node)) == 1 and self._codes.is_number(_value_of(node)))

    def _asks(self, node: exp.Expr) -> bool:
        """Whether the engine has to be asked about a condition."""
        node = node.unnest()
        if len(_sides(node)) < 2 or _is_same_value(node):
            return False
        if _is_about_truth(node):
            return self._asks(node.this)
        if isinstance(node, exp.Connector):
            return any(self._asks(part) for part in _parts(node))
        return not self._compares_numbers(node)

    def _is_one_question(self, node: exp.Expr) -> bool:
        """Whether all of AND or OR is better asked at once: one of its parts asks about all that the others read."""
        if not isinstance(node, exp.Connector):
            return self._asks(node) and not _is_slip(node)
        parts, every = _parts(node), _columns(node)
        asked = [part for part in parts if len(_sides(part)) == 2]
        return any(_columns(part) == every for part in asked) and all(self._is_one_question(part) for part in asked)

    def _in_order(self, node: exp.Expr) -> list[exp.Expr]:
        """Give the parts of AND or OR, the cheap ones first; what reads the same columns is asked at once."""
        cheap: list[exp.Expr] = []
        asked: dict[frozenset[str], list[exp.Expr]] = {}
        for part in _parts(node):
            if self._is_one_question(part):
                asked.setdefault(_columns(part), []).append(part)
            else:
                cheap.append(part)
        join = exp.and_ if isinstance(node, exp.And) else exp.or_
        return sorted(cheap, key=self._asks) + [join(*parts) for parts in asked.values()]


def _told(said: NDArray[np.bool_], known: NDArray[np.bool_]) -> Truth:
    truth: Truth = np.where(known, said.view(np.int8) * TRUE, UNKNOWN)
    return truth


def _coded(codes: NDArray[np.int32], is_right: bool) -> _Number:
    def number(left: Ints, right: Ints) -> tuple[Ints, NDArray[np.bool_]]:
        told = codes[right if is_right else left]
        return told.astype(np.int64), told != NULL

    return number


def _listed(number: _Number, listed: list[int]) -> Condition:
    def condition(left: Ints, right: Ints) -> Truth:
        told, known = number(left, right)
        return _told(np.isin(told, listed), known)

    return condition


def _compared(compare: Callable[[Any, Any], Any], one: _Number, other: _Number) -> Condition:
    def condition(left: Ints, right: Ints) -> Truth:
        (ours, known), (theirs, also) = one(left, right), other(left, right)
        return _told(compare(ours, theirs), known & also)

    return condition


def _absolute(number: _Number) -> _Number:
    def absolute(left: Ints, right: Ints) -> tuple[Ints, NDArray[np.bool_]]:
        told, known = number(left, right)
        return np.abs(told), known

    return absolute


def _difference(one: _Number, other: _Number) -> _Number:
    def difference(left: Ints, right: Ints) -> tuple[Ints, NDArray[np.bool_]]:
        (ours, known), (theirs, also) = one(left, right), other(left, right)
        return ours - theirs, known & also

    return difference


def _extreme(numbers: list[_Number], is_greatest: bool) -> _Number:
    """The engine's greatest and least look past what is not known."""
    choose, least_telling = (np.maximum, -(2**31)) if is_greatest else (np.minimum, 2**31)

    def number(left: Ints, right: Ints) -> tuple[Ints, NDArray[np.bool_]]:
        told = [each(left, right) for each in numbers]
        values = [np.where(known, n, least_telling) for n, known in told]
        return reduce(choose, values), reduce(np.logical_or, [known for _, known in told])

    return number


def _same(codes: NDArray[np.int32]) -> Condition:
    def condition(left: Ints, right: Ints) -> Truth:
        ours, theirs = codes[left], codes[right]
        return _told(ours == theirs, (ours != NULL) & (theirs != NULL))

    return condition


def _negated(condition: Condition) -> Condition:
    return lambda left, right: TRUE - condition(left, right)


def _surely(condition: Condition, is_true: bool) -> Condition:
    wanted = TRUE if is_true else FALSE
    return lambda left, right: (condition(left, right) == wanted).view(np.int8) * TRUE


def _of_several(parts: list[Condition], is_and: bool) -> Condition:
    """Work out AND or OR: each part for those pairs only that it can still decide."""
    decided, combine = (FALSE, np.minimum) if is_and else (TRUE, np.maximum)

    def condition(left: Ints, right: Ints) -> Truth:
        found = parts[0](left, right)
        for part in parts[1:]:
            open_ = np.flatnonzero(found != decided)
            if not len(open_):
                break
            found[open_] = combine(found[open_], part(left[open_], right[open_]))
        return found

    return condition


@lru_cache(maxsize=1024)
def _parsed(sql: str) -> exp.Expr:
    return sqlglot.parse_one(sql, dialect="duckdb")


@lru_cache(maxsize=4096)
def _columns(node: exp.Expr) -> frozenset[str]:
    return frozenset(column.name for column in node.find_all(exp.Column))


def _sides(node: exp.Expr) -> frozenset[str]:
    return frozenset(column[-2:] for column in _columns(node))


@lru_cache(maxsize=4096)
def _value_of(node: exp.Expr) -> str:
    """Give the SQL of what reads one side only, over a node's columns."""
    plain = node.copy()
    for column in plain.find_all(exp.Column):
        column.this.set("this", column.name[:-2])
    return plain.sql(dialect="duckdb")


def _parts(node: exp.Expr) -> list[exp.Expr]:
    """Give what AND or OR joins, whatever the brackets."""
    kind, parts, waiting = type(node), [], [node]
    while waiting:
        part = waiting.pop().unnest()
        if isinstance(part, kind):
            waiting += [part.expression, part.this]
        else:
            parts.append(part)
    return parts


def _is_same_value(node: exp.Expr) -> bool:
    """Whether a condition says that one value is the same on both sides."""
    if not isinstance(node, exp.EQ):
        return False
    one, other = node.this, node.expression
    return len(_sides(one)) == len(_sides(other)) == 1 and _value_of(one) == _value_of(other)


def _is_about_truth(node: exp.Expr) -> bool:
    """Whether a condition is NOT, IS TRUE or IS FALSE of another."""
    return isinstance(node, exp.Not) or (isinstance(node, exp.Is) and isinstance(node.expression, exp.Boolean))


def _is_slip(node: exp.Expr) -> bool:
    """Whether a condition says that a text is one slip from the same text of the other side."""
    if not (isinstance(node, exp.EQ) and isinstance(node.this, exp.Anonymous) and node.expression.name == "1"):
        return False
    texts = node.this.expressions
    return node.this.name.lower() == "damerau_levenshtein" and _value_of(texts[0]) == _value_of(texts[1])


def _is_whole(node: exp.Expr) -> bool:
    return isinstance(node, exp.Literal) and node.is_int
