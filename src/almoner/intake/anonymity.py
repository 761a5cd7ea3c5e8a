"""The anonymised route: no identifier may come in by it, declared or not."""

from __future__ import annotations

import math
import re
from collections import Counter

import pyarrow as pa
import pyarrow.compute as pc

from almoner.kernel.errors import DeliveryRefused
from almoner.kernel.identifiers import nhs_number
from almoner.registry.datasets import Dataset

_NAMING_COLUMN = re.compile(
    r"(^|[^a-z])(fore|sur|first|last|family|given|full|maiden)?_?names?([^a-z]|$)|surname|forename|"
    r"(^|[^a-z])(dob|nhs|nino|upn|uln|uprn|postcode|address|e?mail|phone|mobile|telephone)([^a-z]|$)|date.?of.?birth|birth.?date",
    re.IGNORECASE,
)
_TELLING = {
    "National Insurance number": r"^\s*[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z] ?\d{2} ?\d{2} ?\d{2} ?[A-D]\s*$",
    "full postcode": r"(?i)\b[A-Z]{1,2}\d[A-Z\d]? ?\d[ABD-HJLNP-UW-Z]{2}\b",
    "e-mail address": r"[^\s@]+@[^\s@]+\.[A-Za-z]{2,}",
    "telephone number": r"^\s*(\+44|0)\s?7\d{3}\s?\d{6}\s*$",
    "Unique Pupil Number": r"^[A-HJ-NP-RT-Z]\d{11}[\dA-HJ-NP-RT-Z]$",
    "date of birth": r"^(19|20)\d\d-\d\d-\d\d$|^\d\d/\d\d/(19|20)\d\d$",
}
_TEN_DIGITS = r"(?:^|\D)(\d{3}[ -]?\d{3}[ -]?\d{4})(?:\D|$)"
_BY_CHANCE = 1 / 11
"""The share of 10-digit numbers that pass the NHS number's check though they are none."""
_FEW = 50
"""Below this many 10-digit numbers in a column, one that passes is taken for what it looks like."""


def more_than_chance(passing: int, numbers: int) -> bool:
    """Tell whether more 10-digit numbers pass the NHS check than references of another kind would.

    Three standard deviations above one in eleven (binomial): a column of references passes, and a column in which
    NHS numbers stand, or a lone one among words, does not.
    """
    if numbers < _FEW:
        return passing > 0
    return passing > numbers * _BY_CHANCE + 3 * math.sqrt(numbers * _BY_CHANCE * (1 - _BY_CHANCE))


class AnonymityWatch:
    """Looks at every value of an anonymised delivery."""

    def __init__(self, dataset: Dataset) -> None:
        self._dataset = dataset
        self._found: Counter[tuple[str, str]] = Counter()
        self._ten_digits: Counter[str] = Counter()
        self._nhs: Counter[str] = Counter()
        naming = [c.source_name for c in dataset.columns.values() if _NAMING_COLUMN.search(c.source_name)]
        if naming:
            raise _refused(dataset, f"column(s) that name people: {', '.join(naming)}")

    def look(self, batch: pa.Table) -> None:
        """Look at a batch as delivered."""
        for name in batch.column_names:
            values = batch.column(name)
            for kind, pattern in _TELLING.items():
                hits = pc.sum(pc.match_substring_regex(values, pattern)).as_py() or 0
                if hits:
                    self._found[name, kind] += hits
            holding = values.filter(pc.fill_null(pc.match_substring_regex(values, _TEN_DIGITS), False)).to_pylist()
            numbers = [number for text in holding for number in re.findall(_TEN_DIGITS, text)]
            self._ten_digits[name] += len(numbers)
            self._nhs[name] += sum(nhs_number(number) is not None for number in numbers)

    def check(self) -> None:
        """Refuse the delivery if any value identifies.

        Raises: DeliveryRefused, naming columns and kinds, never values.
        """
        for name, count in self._nhs.items():
            if more_than_chance(count, self._ten_digits[name]):
                self._found[name, "NHS number"] += count
        if self._found:
            told = "; ".join(f"column {name}: {count} × {kind}" for (name, kind), count in self._found.items())
            raise _refused(self._dataset, told)


def _refused(dataset: Dataset, found: str) -> DeliveryRefused:
    return DeliveryRefused(
        f"'{dataset.full_name}' is declared anonymised, and the delivery holds what identifies: {found}.",
        why="The notice says that anonymised data can't identify anybody; no identifier may come in by that route.",
        todo="Ask the supplier for a file without it; nothing was landed.",
    )
