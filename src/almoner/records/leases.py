"""Leases: one writer at a time. A lease whose process has died is free at once; on another host, after a while."""

from __future__ import annotations

import datetime as dt
import os
import secrets
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.db import close_old_connections, transaction

from almoner.kernel.errors import Busy
from almoner.records.models import Lease

LEASE_SECONDS = 120
RENEW_SECONDS = 40


@contextmanager
def held(name: str) -> Iterator[None]:
    """Hold a lease; renew it in the background until the work is done.

    Raises: Busy where a live process holds it.
    """
    holder = secrets.token_hex(16)
    _take(name, holder)
    done = threading.Event()
    renewer = threading.Thread(target=_renew, args=(name, holder, done), daemon=True)
    renewer.start()
    try:
        yield
    finally:
        done.set()
        renewer.join()
        Lease.objects.filter(name=name, holder=holder).delete()


def _take(name: str, holder: str) -> None:
    now = dt.datetime.now(dt.UTC)
    with transaction.atomic():
        present = Lease.objects.select_for_update().filter(name=name).first()
        if present is not None and _alive(present, now):
            raise Busy(
                f"Another process is at '{name}' in this workspace.",
                where=f"host {present.host}, process {present.process.split('@')[0]}",
                why="Two writers at once could undo one another's work.",
                todo="Wait until it is done, then run the command again.",
            )
        Lease.objects.filter(name=name).delete()
        Lease.objects.create(
            name=name,
            holder=holder,
            host=socket.gethostname(),
            process=this_process(),
            expires_at=now + dt.timedelta(seconds=LEASE_SECONDS),
        )


def _renew(name: str, holder: str, done: threading.Event) -> None:
    while not done.wait(RENEW_SECONDS):
        until = dt.datetime.now(dt.UTC) + dt.timedelta(seconds=LEASE_SECONDS)
        Lease.objects.filter(name=name, holder=holder).update(expires_at=until)
    close_old_connections()


def _alive(lease: Lease, now: dt.datetime) -> bool:
    return runs(lease.process) if lease.host == socket.gethostname() else bool(lease.expires_at > now)


def this_process() -> str:
    """Name this process."""
    return _process(os.getpid())


def runs(process: str) -> bool:
    """Say whether a process of this host, by its name, is still at work."""
    pid = process.split("@", maxsplit=1)[0]
    return pid.isdigit() and _process(int(pid)) == process


def _process(pid: int) -> str:
    """Name a process so that a later one with its number is not taken for it: number @ start time."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    except (OSError, IndexError):
        return f"{pid}@gone"
    return f"{pid}@{fields[19] if fields[0] != 'Z' else 'gone'}"  # Z: it has ended, and nobody has asked how
