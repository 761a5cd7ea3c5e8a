"""Sessions of browsers, kept in Django's ORM: found by the digest of their key, sealed with the workspace's.

Whoever reads the records can neither take over a session nor see what it holds. Must never write a key or a session's
content in plain.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from typing import Any

from almoner.records.models import WebSession
from almoner.records.sealing import Seal


class OrmSessions:
    """The sessions of one workspace, opened with its key."""

    def __init__(self, key: bytes) -> None:
        self._seal = Seal(key)

    def load(self, session_key: str, now: dt.datetime) -> dict[str, Any] | None:
        """Give what a session holds, or None where there is none or it is over."""
        digest = _digest(session_key)
        row = WebSession.objects.filter(digest=digest, expires_at__gt=now).first()
        if row is None:
            return None
        return self._seal.open(row.sealed, digest.encode(), what="A session", where="the records")

    def exists(self, session_key: str) -> bool:
        """Say whether there is a session of a key."""
        return WebSession.objects.filter(digest=_digest(session_key)).exists()

    def create(self, session_key: str, content: dict[str, Any], actor: str, expires_at: dt.datetime) -> None:
        """Keep a new session."""
        digest = _digest(session_key)
        sealed = self._seal.close(content, digest.encode())
        WebSession.objects.create(digest=digest, actor=actor, sealed=sealed, expires_at=expires_at)

    def update(self, session_key: str, content: dict[str, Any], actor: str, expires_at: dt.datetime) -> bool:
        """Keep what a session holds now; say whether it was still there: one that was ended is never revived."""
        digest = _digest(session_key)
        sealed = self._seal.close(content, digest.encode())
        rows = WebSession.objects.filter(digest=digest)
        return rows.update(actor=actor, sealed=sealed, expires_at=expires_at) > 0

    def delete(self, session_key: str) -> None:
        """End a session."""
        WebSession.objects.filter(digest=_digest(session_key)).delete()

    def clear(self, now: dt.datetime) -> int:
        """Remove the sessions that are over; give how many."""
        return int(WebSession.objects.filter(expires_at__lte=now).delete()[0])


def _digest(session_key: str) -> str:
    return hashlib.sha256(session_key.encode()).hexdigest()
