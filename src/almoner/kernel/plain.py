"""Turns values into JSON text and back, by their declared types: what was worked out once can be kept and read again.

A dataclass becomes the list of its fields, so that much fits into little. Text made of other types than those that
now stand is refused by its shape. It must never run anything that a text names.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import functools
import hashlib
import json
import types
from collections.abc import Callable, Mapping, Sequence
from enum import Enum
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

import numpy as np

from almoner.kernel.errors import CalculationError

Name = Callable[[Any], str]
Find = Callable[[str], Any]


def written(value: Any, named: Mapping[type, Name] | None = None) -> str:
    """Write a value as text. In: named: types whose values are written as a name alone, with how they are called."""
    return json.dumps(_plain(value, named or {}), ensure_ascii=False, separators=(",", ":"))


def read(kind: type, text: str, found: Mapping[type, Find] | None = None) -> Any:
    """Read a value of a type back. In: found: types that were written as a name, with where they are found.

    Raises: CalculationError where the text is of another shape; whatever `found` raises.
    """
    try:
        return _Reader(found or {}).of(kind)(json.loads(text))
    except (ValueError, TypeError, IndexError, AttributeError) as error:
        raise CalculationError(
            "What was kept has another shape than what is asked for.", where=kind.__name__
        ) from error


def shape_of(kind: type, *named: type) -> str:
    """Digest the names and types that a type is made of: text of another shape can't be read as it."""
    lines: list[str] = []
    waiting, seen = [kind], {kind, *named}
    while waiting:
        one = waiting.pop()
        for name, declared in _fields(one).items():
            lines.append(f"{one.__name__}.{name}: {declared}")
            new = [each for each in _parts(declared) if each not in seen and dataclasses.is_dataclass(each)]
            waiting += new
            seen.update(new)
    return hashlib.sha256("\n".join(sorted(lines)).encode()).hexdigest()[:16]


def _plain(value: Any, named: Mapping[type, Name]) -> Any:  # noqa: PLR0911 -- one line for each kind
    if type(value) in named:
        return named[type(value)](value)
    if isinstance(value, Enum):
        return value.value
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, dt.date) and not isinstance(value, dt.datetime):
        return value.isoformat()
    if isinstance(value, np.ndarray):
        return value.tolist()
    if dataclasses.is_dataclass(value):
        return [_plain(getattr(value, each.name), named) for each in dataclasses.fields(value)]
    if isinstance(value, Mapping):
        return [[_plain(key, named), _plain(each, named)] for key, each in value.items()]
    if isinstance(value, Sequence):
        return [_plain(each, named) for each in value]
    raise CalculationError(f"A value of type {type(value).__name__} can't be kept as text.")


class _Reader:
    """Makes, for each type once, the function that reads its values."""

    def __init__(self, found: Mapping[type, Find]) -> None:
        self._found = found
        self._made: dict[Any, Callable[[Any], Any]] = {}

    def of(self, kind: Any) -> Callable[[Any], Any]:
        if kind not in self._made:
            self._made[kind] = self._make(kind)
        return self._made[kind]

    def _make(self, kind: Any) -> Callable[[Any], Any]:  # noqa: PLR0911 -- one line for each kind
        if kind in self._found:
            return self._found[kind]
        origin, inner = get_origin(kind), get_args(kind)
        if origin is np.ndarray:
            (number,) = get_args(inner[1])
            return lambda plain: np.asarray(plain, dtype=number)
        if origin is Literal:
            return _same
        if origin in (Union, types.UnionType):
            (real,) = (each for each in inner if each is not type(None))
            one = self.of(real)
            return lambda plain: None if plain is None else one(plain)
        if origin is tuple and not (len(inner) == 2 and inner[1] is Ellipsis):
            each = [self.of(one) for one in inner]
            return lambda plain: tuple(make(one) for make, one in zip(each, plain, strict=True))
        if isinstance(origin, type) and issubclass(origin, Mapping):
            key, value = map(self.of, inner)
            return lambda plain: {key(one): value(other) for one, other in plain}
        if isinstance(origin, type) and issubclass(origin, Sequence):
            one, made = self.of(inner[0]), tuple if origin is tuple else list
            return lambda plain: made(map(one, plain))
        return self._plain_type(kind)

    def _plain_type(self, kind: Any) -> Callable[[Any], Any]:
        if kind is dt.date:
            return dt.date.fromisoformat
        if isinstance(kind, type) and issubclass(kind, Enum):
            return kind
        if dataclasses.is_dataclass(kind) and isinstance(kind, type):
            readers = [self.of(declared) for declared in _fields(kind).values()]

            def make(plain: Any) -> Any:
                return kind(*[read(one) for read, one in zip(readers, plain, strict=True)])

            return make
        if kind in (str, int, float, bool):
            return _same

        def refused(plain: Any) -> Any:  # only where there is one: an empty list needs no reader
            raise CalculationError("A value of this type can't be read back.", where=str(kind))

        return refused


def _same(plain: Any) -> Any:
    return plain


@functools.cache
def _fields(kind: type) -> dict[str, Any]:
    hints = get_type_hints(kind)
    return {each.name: hints[each.name] for each in dataclasses.fields(kind)}


def _parts(declared: Any) -> list[type]:
    inner = [part for each in get_args(declared) for part in _parts(each)]
    return [declared, *inner] if isinstance(declared, type) else inner
