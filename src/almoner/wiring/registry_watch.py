"""Notices that the files of a registry have changed: by their names, sizes and times, so that a request may ask."""

from __future__ import annotations

import time
from pathlib import Path

LOOK_SECONDS = 1.0
"""How long a registry may have changed before it is noticed."""


class RegistryWatch:
    """Watches one registry."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._seen = self._state()
        self._looked = time.monotonic()

    def has_changed(self) -> bool:
        """Say whether it has changed since it was last said; looks once a second."""
        if time.monotonic() - self._looked < LOOK_SECONDS:
            return False
        self._looked, state = time.monotonic(), self._state()
        changed, self._seen = state != self._seen, state
        return changed

    def _state(self) -> tuple[tuple[str, int, int], ...]:
        found = []
        for path in sorted(self._folder.rglob("*.toml")):
            try:
                stat = path.stat()
            except OSError:
                continue
            found.append((str(path), stat.st_mtime_ns, stat.st_size))
        return tuple(found)
