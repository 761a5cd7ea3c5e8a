"""Keeps pages from all reading the views at once while there is no snapshot: each such read takes seconds."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from almoner.kernel.errors import NotReady


class SlowReads:
    """Lets as many in as there is room for; without a number, everybody."""

    def __init__(self, most: int | None = None) -> None:
        self._places = threading.Semaphore(most) if most is not None else None

    @contextmanager
    def one(self) -> Iterator[None]:
        """Take a place for one read. Raises: NotReady where none is free."""
        if self._places is None:
            yield
            return
        if not self._places.acquire(blocking=False):
            raise NotReady(
                "This record can't be shown at this moment.",
                why="What pages read is made anew, and others are reading the slow way meanwhile.",
                todo="Try again in a minute.",
            )
        try:
            yield
        finally:
            self._places.release()
