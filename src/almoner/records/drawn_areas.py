"""Areas that people have drawn, kept in Django's ORM: what they are made of, and under a seal how they are called.

Must never change what an area is made of: figures with its code may be out. Who wants another draws another.
"""

from __future__ import annotations

import datetime as dt
import secrets
from dataclasses import dataclass
from typing import Any

from almoner.counting.levels import DrawnArea
from almoner.records.models import DrawnAreaRecord
from almoner.records.sealing import Seal


@dataclass(frozen=True)
class KeptArea:
    """An area that somebody has drawn and kept. The code of `area` is its id."""

    id: str
    owner: str
    made_at: dt.datetime
    area: DrawnArea


class OrmDrawnAreas:
    """The drawn areas of one workspace, opened with its key."""

    def __init__(self, key: bytes) -> None:
        self._seal = Seal(key)

    def keep(self, owner: str, title: str, geography: str, members: tuple[str, ...], at: dt.datetime) -> KeptArea:
        """Keep an area."""
        name = f"D{secrets.token_hex(6)}"
        kept = KeptArea(name, owner, at, DrawnArea(name, title, geography, members))
        DrawnAreaRecord.objects.create(
            area_id=name, owner=owner, geography=geography, members=list(members), made_at=at,
            sealed=self._seal.close({"title": title}, _beside(name, owner)),
        )  # fmt: skip
        return kept

    def of(self, owner: str) -> list[KeptArea]:
        """List somebody's areas, newest first."""
        return [self._kept(row) for row in DrawnAreaRecord.objects.filter(owner=owner).order_by("-made_at", "area_id")]

    def remove(self, owner: str, area_id: str) -> bool:
        """Remove an area of somebody's; say whether there was one."""
        removed, _ = DrawnAreaRecord.objects.filter(owner=owner, area_id=area_id).delete()
        return removed > 0

    def _kept(self, row: Any) -> KeptArea:
        where = f"area {row.area_id}"
        read = self._seal.open(row.sealed, _beside(row.area_id, row.owner), what="The name of an area", where=where)
        area = DrawnArea(row.area_id, read["title"], row.geography, tuple(row.members))
        return KeptArea(row.area_id, row.owner, row.made_at, area)


def _beside(area_id: str, owner: str) -> bytes:
    return f"area|{area_id}|{owner}".encode()
