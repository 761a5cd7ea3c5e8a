"""Looks at an extract of records before it leaves: could somebody be picked out, or something learnt of them?

k-anonymity: whatever is known of a person elsewhere (the quasi-identifiers), at least k records share it. l-diversity:
those who share it do not all have the same secret. Neither stops somebody who has more knowledge than the named
columns: an extract that passes is still shared under an agreement only. No value of a record is ever given back.

Source: Sweeney, International Journal of Uncertainty 10 (2002); Machanavajjhala et al., ACM TKDD 1 (2007).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from almoner.kernel.errors import CalculationError
from almoner.methods.disclosure.sums import BoolArray, IndexArray

SMALLEST_CLASS = 5
"""How many records must share every combination of quasi-identifiers, unless the agreement asks for more."""

FEWEST_SECRETS = 2


@dataclass(frozen=True)
class Anonymity:
    """What an extract gives away.

    smallest_class: k; lonely: which records stand in a class smaller than asked; fewest_secrets: l by sensitive
    column; telling: which records stand in a class with fewer different values than asked.
    """

    smallest_class: int
    lonely: BoolArray
    fewest_secrets: Mapping[str, int]
    telling: Mapping[str, BoolArray]

    @property
    def passes(self) -> bool:
        """Say whether nothing is wrong."""
        return not self.lonely.any() and not any(rows.any() for rows in self.telling.values())


Column = Sequence[object]


def judge_extract(
    quasi_identifiers: Mapping[str, Column],
    sensitive: Mapping[str, Column] | None = None,
    *,
    smallest_class: int = SMALLEST_CLASS,
    fewest_secrets: int = FEWEST_SECRETS,
) -> Anonymity:
    """Judge an extract of records by k-anonymity and distinct l-diversity.

    In: columns of one length; None is a value like any other (who has none of it can be picked out by that).
    Raises: CalculationError where columns differ in length, or there is no quasi-identifier.
    """
    secrets = sensitive or {}
    columns = [*quasi_identifiers.values(), *secrets.values()]
    if not quasi_identifiers or len({len(column) for column in columns}) != 1:
        raise CalculationError("The columns of an extract differ in length, or none identifies.")
    classes = _numbered(list(zip(*quasi_identifiers.values(), strict=True)))
    if not len(classes):
        return Anonymity(0, np.array([], dtype=bool), dict.fromkeys(secrets, 0), {})
    sizes = np.bincount(classes)
    fewest, telling = {}, {}
    for name, column in secrets.items():
        pairs = np.unique(np.column_stack([classes, _numbered(list(column))]), axis=0)
        different = np.bincount(pairs[:, 0], minlength=len(sizes))
        fewest[name] = int(different.min())
        telling[name] = different[classes] < fewest_secrets
    return Anonymity(int(sizes.min()), sizes[classes] < smallest_class, fewest, telling)


def entropy_diversity(quasi_identifiers: Mapping[str, Column], secret: Column) -> float:
    """Compute the l of entropy l-diversity: e to the lowest entropy of the secret within a class.

    Source: Machanavajjhala et al. (2007), definition 4.1.
    """
    classes = _numbered(list(zip(*quasi_identifiers.values(), strict=True)))
    pairs, counts = np.unique(np.column_stack([classes, _numbered(list(secret))]), axis=0, return_counts=True)
    shares = counts / np.bincount(classes)[pairs[:, 0]]
    return float(np.exp(np.bincount(pairs[:, 0], -shares * np.log(shares)).min()))


def _numbered(values: Sequence[object]) -> IndexArray:
    """Number different values in the order in which they appear."""
    numbers: dict[object, int] = {}
    result: NDArray[np.intp] = np.array([numbers.setdefault(value, len(numbers)) for value in values], dtype=np.intp)
    return result
