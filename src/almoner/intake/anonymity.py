"""The anonymised route: no identifier may come in by it, declared or not."""

from __future__ import annotations

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
NHS_SHARE = 0.3
"""One in eleven 10-digit numbers passes the check by chance; a column of NHS numbers passes nearly always."""


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
            ten = values.filter(pc.fill_null(pc.match_substring_regex(values, r"^\d{3}[ -]?\d{3}[ -]?\d{4}$"), False))
            self._ten_digits[name] += len(ten)
            self._nhs[name] += sum(nhs_number(text) is not None for text in ten.to_pylist())

    def check(self) -> None:
        """Refuse the delivery if any value identifies.

        Raises: DeliveryRefused, naming columns and kinds, never values.
        """
        for name, count in self._nhs.items():
            if count > 1 and count >= NHS_SHARE * self._ten_digits[name]:
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
