"""Says how sums lie in one another: which rows make up which, and whether they leave a part over that no row shows.

What a row is about is a box: a set of the smallest parts in each dimension. Knows no figure.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from almoner.kernel.errors import ReleaseRefused
from almoner.methods.disclosure.ledger import Space
from almoner.methods.disclosure.partitions import WHOLE
from almoner.methods.disclosure.sums import Group

Box = tuple[int, ...]


def box_of(space: Space, codes: Mapping[str, str]) -> Box:
    """Give the box of a cell."""
    return tuple(dimension.mask(codes.get(name, WHOLE)) for name, dimension in sorted(space.dimensions.items()))


def overlap(one: Box, other: Box) -> bool:
    """Say whether two boxes have a part in common."""
    return all(mine & theirs for mine, theirs in zip(one, other, strict=True))


def groups_of(boxes: Sequence[Box], population: str) -> list[Group]:
    """Give every sum among boxes.

    Raises: ReleaseRefused where rows leave a part over, or cut across one another without their common part.
    """
    _refuse_crossing(boxes, population)
    groups = []
    for along in range(len(boxes[0]) if boxes else 0):
        lines: dict[Box, list[int]] = {}
        for number, box in enumerate(boxes):
            lines.setdefault((*box[:along], *box[along + 1 :]), []).append(number)
        for line in lines.values():
            groups += _of_line({number: boxes[number][along] for number in line}, population)
    return groups


def _refuse_crossing(boxes: Sequence[Box], population: str) -> None:
    there = set(boxes)
    for number, one in enumerate(boxes):
        for other in boxes[:number]:
            common = tuple(mine & theirs for mine, theirs in zip(one, other, strict=True))
            if all(common) and common not in there:
                raise _leaves_over(population)


def _of_line(masks: Mapping[int, int], population: str) -> list[Group]:
    """Give what each set of a line is the sum of: the largest sets within it, which have to make it up."""
    groups = []
    for total, whole in masks.items():
        inside = [number for number, mask in masks.items() if number != total and mask != whole and not mask & ~whole]
        parts = [
            number for number in inside
            if not any(masks[number] != masks[other] and not masks[number] & ~masks[other] for other in inside)
        ]  # fmt: skip
        if not parts:
            continue
        union = 0
        for number in parts:
            union |= masks[number]
        if union != whole:
            raise _leaves_over(population)
        groups.append(Group(total, tuple(parts)))
    return groups


def _leaves_over(population: str) -> ReleaseRefused:
    return ReleaseRefused(
        f"The sums of '{population}' leave a part over that no row shows.", where=f"population '{population}'",
        why="That part can be had by subtracting, and nobody has said who makes it up.",
        todo="Give every part a row (also for those of whom nothing is known), or leave the totals out.",
    )  # fmt: skip
