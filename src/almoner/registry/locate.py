"""Finds the line of a declaration in its TOML file, so that a fault can point to it."""

from __future__ import annotations

import re
from collections.abc import Sequence

_HEADER = re.compile(r"^\s*(\[\[?)\s*([^\]]+?)\s*\]\]?\s*(?:#.*)?$")
_KEY = re.compile(r"""^\s*((?:"[^"]+"|'[^']+'|[A-Za-z0-9_-]+)(?:\s*\.\s*(?:"[^"]+"|[A-Za-z0-9_-]+))*)\s*=""")


def _split(dotted: str) -> list[str]:
    return [part.strip().strip("\"'") for part in re.findall(r'"[^"]+"|\'[^\']+\'|[^.]+', dotted)]


def line_of(text: str, path: Sequence[str | int]) -> int:
    """Find the line that declares `path`, or its nearest declared ancestor.

    In: the file's text; the path as keys and positions, e.g. ("dataset", "roll", "facts", 2, "event").
    Out: a line number, 1-based.
    """
    best_line, best_depth = 1, 0
    current: list[str | int] = []
    seen: dict[tuple[str, ...], int] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        if header := _HEADER.match(line):
            keys = _split(header.group(2))
            current = list(keys)
            if header.group(1) == "[[":
                position = seen.get(tuple(keys), -1) + 1
                seen[tuple(keys)] = position
                current.append(position)
            candidate = current
        elif key := _KEY.match(line):
            candidate = [*current, *_split(key.group(1))]
        else:
            continue
        depth = _shared(candidate, path)
        if depth == len(candidate) and depth > best_depth:
            best_line, best_depth = number, depth
    return best_line


def _shared(left: Sequence[str | int], right: Sequence[str | int]) -> int:
    count = 0
    for a, b in zip(left, right, strict=False):
        if a != b:
            break
        count += 1
    return count
