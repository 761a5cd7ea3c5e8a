"""Recognises a file's last record when it is the supplier's own count or trailer, and holds it to its word.

A footer is skipped only where the dataset declares one: a last record is never taken for a footer by its
looks.
"""

from __future__ import annotations

import re

from almoner.kernel.errors import DeliveryRefused, RegistryError


class Footer:
    """Keeps what the footer of one file says. In: `pattern`, with a group `rows` where a count is stated."""

    def __init__(self, pattern: str | None, where: str) -> None:
        try:
            self.pattern = re.compile(pattern) if pattern else None
        except re.error as error:
            raise RegistryError("the footer's pattern is not a regular expression", why=str(error)) from error
        self._where = where
        self._stated: int | None = None

    def matches(self, record: str) -> bool:
        """Say whether the last record is the footer, and note the count that it states."""
        self._stated = None
        found = (self.pattern.search(record) or self.pattern.search(record.replace('"', ""))) if self.pattern else None
        if found is None:
            return False
        if "rows" in found.groupdict():
            digits = re.sub(r"[ ,]", "", found["rows"] or "")
            self._stated = int(digits) if digits.isdecimal() else None
        return True

    def check(self, rows_in: int) -> None:
        """Refuse a file whose footer states another number of records. Raises: DeliveryRefused."""
        if self._stated is not None and self._stated != rows_in:
            raise DeliveryRefused(
                f"the file's last line states {self._stated} records, but it has {rows_in}",
                where=self._where,
                why="records were lost or added on the way",
                todo="Ask the supplier to send the file again.",
            )
