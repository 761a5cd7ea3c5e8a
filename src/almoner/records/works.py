"""Long work, kept in Django's ORM: who asked for it, how far it is, how it ended. The order itself only the key opens.

A worker does nothing but what stands sealed in its row: who can write the records without the key can order nothing.
"""

from __future__ import annotations

import datetime as dt
import secrets
import socket
from dataclasses import dataclass
from typing import Any, Literal, cast

from django.db import transaction

from almoner.records.leases import runs, this_process
from almoner.records.models import WorkRecord
from almoner.records.sealing import Seal

State = Literal["asked", "running", "finished", "failed", "stopped"]
MOST_KEPT = 500
STARTS_WITHIN, SEEN_WITHIN = dt.timedelta(minutes=2), dt.timedelta(minutes=5)
"""How long work may wait for its process, and how long a process of another host may say nothing."""


@dataclass(frozen=True)
class Work:
    """A piece of work. stopped: its process has ended without a word. told: what came of it, or what was wrong."""

    id: str
    kind: str
    actor: str
    state: State
    stage: str
    done: int | None
    total: int | None
    told: tuple[str, ...]
    asked_at: dt.datetime
    started_at: dt.datetime | None
    ended_at: dt.datetime | None

    @property
    def under_way(self) -> bool:
        """Whether it is not over."""
        return self.state in ("asked", "running")


class OrmWorks:
    """The work of one workspace."""

    def __init__(self, key: bytes) -> None:
        self._seal = Seal(key)

    def ask(self, kind: str, actor: str, order: dict[str, Any], now: dt.datetime) -> Work:
        """Keep what is asked for, for a process to take up. Out: the work, under its name."""
        name = "W" + secrets.token_hex(6).upper()
        sealed = self._seal.close(order, _bound(name, kind, actor))
        with transaction.atomic():
            row = WorkRecord.objects.create(
                work_id=name, kind=kind, actor=actor, state="asked", asked_at=now, sealed=sealed
            )
            old = WorkRecord.objects.order_by("-asked_at").values_list("work_id", flat=True)[MOST_KEPT:]
            WorkRecord.objects.filter(work_id__in=list(old)).delete()
        return _work(row)

    def take_up(self, work_id: str, now: dt.datetime) -> dict[str, Any] | None:
        """Begin work in this process. Out: its order; None where it is not there or was taken up before.

        Raises: KeyMissing where the order was altered.
        """
        row = WorkRecord.objects.filter(work_id=work_id, state="asked").first()
        if row is None:
            return None
        order = self._seal.open(row.sealed, _bound(row.work_id, row.kind, row.actor), what="Work", where="the records")
        taken = WorkRecord.objects.filter(work_id=work_id, state="asked").update(
            state="running", started_at=now, seen_at=now, host=socket.gethostname(), process=this_process()
        )
        return order if taken else None

    def advance(self, work_id: str, now: dt.datetime, stage: str, done: int | None, total: int | None) -> None:
        """Keep how far it is."""
        WorkRecord.objects.filter(work_id=work_id).update(stage=stage[:300], done=done, total=total, seen_at=now)

    def end(self, work_id: str, state: Literal["finished", "failed"], told: list[str], now: dt.datetime) -> None:
        """Keep how it ended."""
        WorkRecord.objects.filter(work_id=work_id).update(state=state, told=told, ended_at=now, seen_at=now)

    def find(self, work_id: str) -> Work | None:
        """Give a piece of work."""
        row = WorkRecord.objects.filter(work_id=work_id).first()
        return None if row is None else _work(row)

    def newest(self, most: int = 50) -> list[Work]:
        """List work, the newest first."""
        return [_work(row) for row in WorkRecord.objects.order_by("-asked_at")[:most]]

    def under_way(self) -> list[Work]:
        """List what is asked for or running."""
        return [each for row in WorkRecord.objects.filter(state__in=["asked", "running"])
                if (each := _work(row)).under_way]  # fmt: skip


def _bound(name: str, kind: str, actor: str) -> bytes:
    return "\0".join((name, kind, actor)).encode()


def _work(row: WorkRecord) -> Work:
    state = cast(State, row.state)
    if state in ("asked", "running") and not _alive(row):
        state = "stopped"
    return Work(
        row.work_id, row.kind, row.actor, state, row.stage, row.done, row.total, tuple(row.told), row.asked_at,
        row.started_at, row.ended_at,
    )  # fmt: skip


def _alive(row: WorkRecord) -> bool:
    now = dt.datetime.now(dt.UTC)
    if row.state == "asked":
        return bool(now - row.asked_at < STARTS_WITHIN)
    if row.host == socket.gethostname():
        return runs(row.process)
    return bool(now - row.seen_at < SEEN_WITHIN)
