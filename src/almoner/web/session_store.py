"""Sessions of browsers on the server: Django's own kind, kept sealed in the records.

A session ends when nothing happens for a while, and after some hours whatever happens. Must never put anything of a
session into a cookie but its key, nor revive one that was ended elsewhere.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.contrib.sessions.backends.base import CreateError, SessionBase, UpdateError

from almoner.web.site import site

BEGUN, SEEN = "begun_at", "seen_at"
"""Keys of a session: when it began, when something last happened."""
CLOCK_SECONDS = 120
"""By how much a clock may have been set back; a session of a later time than that is over, as nobody knows its age."""
TOUCH_SECONDS = 60
"""How exactly it is known when something last happened: a write for each request would slow every page."""


class SessionStore(SessionBase):
    """A session, loaded when it is first asked for something."""

    def exists(self, session_key: str) -> bool:
        """Say whether there is a session of a key."""
        return site().sessions.exists(session_key)

    def create(self) -> None:
        """Begin a session under a key that nobody has."""
        now = site().now.timestamp()
        while True:
            self._session_key = self._get_new_session_key()
            self._session_cache = {**getattr(self, "_session_cache", {}), BEGUN: now, SEEN: now}
            try:
                self.save(must_create=True)
            except CreateError:
                continue
            self.modified = True
            return

    def save(self, must_create: bool = False) -> None:
        """Keep what the session holds."""
        if self.session_key is None:
            return self.create()
        content = self._get_session(no_load=must_create)
        content.setdefault(BEGUN, site().now.timestamp())
        content[SEEN] = site().now.timestamp()
        actor = str(content.get("actor", ""))
        sessions = site().sessions
        if must_create:
            if sessions.exists(self.session_key):
                raise CreateError
            return sessions.create(self.session_key, content, actor, self._ends(content))
        if not sessions.update(self.session_key, content, actor, self._ends(content)):
            raise UpdateError
        return None

    def delete(self, session_key: str | None = None) -> None:
        """End a session."""
        key = session_key or self.session_key
        if key is not None:
            site().sessions.delete(key)

    def load(self) -> dict[str, Any]:
        """Give what the session holds; an ended one holds nothing and loses its key."""
        key = self.session_key
        content = site().sessions.load(key, site().now) if key is not None else None
        if content is None or self._is_of_a_later_time(content):
            self._session_key = None
            return {}
        if site().now.timestamp() - float(content.get(SEEN, 0)) > TOUCH_SECONDS:
            self.modified = True
        return content

    @classmethod
    def clear_expired(cls) -> None:
        """Remove the sessions that are over."""
        site().sessions.clear(site().now)

    def _is_of_a_later_time(self, content: dict[str, Any]) -> bool:
        """Whether a session was seen after now: the clock was set back, and would let it live longer than it may."""
        newest = max(float(content.get(key, 0)) for key in (BEGUN, SEEN))
        return newest > site().now.timestamp() + CLOCK_SECONDS

    def _ends(self, content: dict[str, Any]) -> dt.datetime:
        web = site().settings.web
        begun, seen = (dt.datetime.fromtimestamp(float(content[key]), dt.UTC) for key in (BEGUN, SEEN))
        return min(begun + dt.timedelta(hours=web.session_hours), seen + dt.timedelta(minutes=web.idle_minutes))
