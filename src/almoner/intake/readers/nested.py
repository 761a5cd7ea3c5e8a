"""Gathers nested records (JSON lines, XML elements) into batches of the wanted columns.

A record with something that no path claims is a bad record. A key that the dataset does not declare refuses
the file: from then on nothing more is given out, and the rest is read only so that the refusal can list all
of them.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any

import numpy as np
import pyarrow as pa

from almoner.intake.readers.batch import BadRecord, RawBatch, Wanted
from almoner.intake.readers.header import refuse_paths
from almoner.intake.readers.selectors import TEXT, Branch, Picked, Step, is_present, plant

PathReader = Callable[[str], tuple[Step, ...]]


class Gathering:
    """Collects the records of one file."""

    def __init__(
        self,
        wanted: Mapping[str, Wanted],
        ignore: Collection[str],
        read_path: PathReader,
        xml: bool,
        where: str,
    ) -> None:
        paths = {column: read_path(column) for column in wanted}
        self._tree: Branch = plant(paths, (read_path(path) for path in ignore))
        self._joint = "/" if xml else "."
        self._text_key = TEXT if xml else None
        self._where = where
        self._columns = list(wanted)
        self._values: list[dict[str, str]] = []
        self._positions: list[int] = []
        self._raws: list[Callable[[], bytes]] = []
        self._unseen = {
            column: path
            for column, path in paths.items()
            if wanted[column].required and not any(step.selects for step in path)
        }
        self.extra: dict[str, None] = {}  # in the order met

    def __len__(self) -> int:
        return len(self._positions)

    def add(self, position: int, record: Mapping[str, Any], raw: Callable[[], bytes]) -> BadRecord | None:
        """Take one record in. Out: the record as a bad one, if something in it is not claimed or not text."""
        picked = Picked(self._joint, self._text_key)
        picked.take(self._tree, record, "")
        if self._unseen:
            self._unseen = {c: path for c, path in self._unseen.items() if not is_present(record, path)}
        self.extra.update(dict.fromkeys(sorted(picked.extra)))
        fault = picked.fault or _unfit_text(picked.values)
        if fault is not None:
            path, code, message = fault
            return BadRecord(position, raw(), path or None, code, message)
        if not self.extra:
            self._values.append(picked.values)
            self._positions.append(position)
            self._raws.append(raw)
        return None

    def batch(self) -> RawBatch:
        """Give what was gathered since the last batch."""
        values, positions, raws = self._values, self._positions, self._raws
        self._values, self._positions, self._raws = [], [], []
        table = pa.table({c: pa.array([one.get(c) for one in values], pa.string()) for c in self._columns})
        return RawBatch(table, pa.array(np.array(positions, dtype=np.int64)), lambda row: raws[row]())

    def finish(self, may_omit: bool) -> None:
        """Refuse the file if it had other paths than those declared.

        In: `may_omit` = nothing follows from a path that no record has. Raises: DeliveryRefused.
        """
        missing = [] if may_omit else list(self._unseen)
        if self.extra or missing:
            raise refuse_paths(missing, list(self.extra), list(self._unseen), self._where)


def _unfit_text(values: Mapping[str, str]) -> tuple[str, str, str] | None:
    whole = "".join(values.values())
    if whole.isascii() and "\0" not in whole:
        return None
    for column, value in values.items():
        try:
            value.encode("utf-8")
        except UnicodeEncodeError:
            return column, "undecodable", "half a surrogate pair, which is no character"
        if "\0" in value:
            return column, "nul_byte", "a NUL character"
    return None
