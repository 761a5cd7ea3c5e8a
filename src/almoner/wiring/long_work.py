"""Long work with its progress: begun at the command line or from a page, left, and found again.

What is asked for from a page is done by a process of its own, which outlives the one that serves. No value of anybody's
may stand in a stage or an outcome: everybody who looks after the data reads them.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from almoner.governance.permissions import purposes_of, rights_of
from almoner.kernel.errors import AccessRefused, AlmonerError, Busy, UsageError
from almoner.registry.governing import Right
from almoner.wiring.workspace import Workspace, utc_now

if TYPE_CHECKING:
    from almoner.records.works import OrmWorks, Work

EVERY_SECONDS = 1.0
"""How often progress is written at the most: each writing waits for the disk."""
LAUNCH_SECONDS = 60
SERVING = "serving"


@dataclass(frozen=True)
class Kind:
    """A kind of long work: what it is called, and the right or the purpose that it needs."""

    title: str
    does: str
    right: Right | None = None
    purposes: tuple[str, ...] = ()


KINDS: Mapping[str, Kind] = {
    "intake": Kind("Taking in deliveries", "Take in what lies in the inbox", right="intake"),
    "link": Kind("Joining records", "Join records into people, addresses, households and families", right="link"),
    "profiles": Kind("Building profiles", "Build draft neighbourhood profiles", purposes=("research",)),
    SERVING: Kind(
        "Preparing what pages read",
        "Prepare what searches and records read",
        purposes=("matching", "front_line", "requests"),
    ),
}


def works_of(workspace: Workspace) -> OrmWorks:
    """Open the work of a workspace."""
    _ = workspace.records
    from almoner.records.works import OrmWorks

    return OrmWorks(workspace.ring.derived("work.order"))


def kinds_for(workspace: Workspace) -> dict[str, Kind]:
    """Give the kinds of work that the actor may begin."""
    rights = rights_of(workspace.registry, workspace.records, workspace.actor)
    purposes = purposes_of(workspace.registry, workspace.records, workspace.actor)
    return {name: kind for name, kind in KINDS.items() if kind.right in rights or purposes & {*kind.purposes}}


class Progress:
    """How far a piece of work is: told to whoever waits for it, and kept for whoever looks later."""

    def __init__(self, works: OrmWorks, work_id: str, say: Callable[[str], None] | None) -> None:
        self._works = works
        self._id = work_id
        self._say = say
        self._stage, self._done, self._total = "", None, None  # type: tuple[str, int | None, int | None]
        self._kept = 0.0

    def __call__(self, text: str) -> None:
        """Say what is being done."""
        if self._say is not None:
            self._say(text)
        self._stage = text
        self._keep()

    def at(self, done: int, total: int) -> None:
        """Say how many of how many are done."""
        self._done, self._total = done, total
        self._keep()

    def _keep(self) -> None:
        if time.monotonic() - self._kept >= EVERY_SECONDS:
            self._works.advance(self._id, utc_now(), self._stage, self._done, self._total)
            self._kept = time.monotonic()

    def last(self) -> None:
        """Keep where it stands."""
        self._works.advance(self._id, utc_now(), self._stage, self._done, self._total)


@dataclass
class Outcome:
    """What came of a piece of work, in lines; `progress` is told how far it is."""

    progress: Progress
    lines: list[str] = field(default_factory=list)


@contextmanager
def recorded(
    workspace: Workspace, kind: str, say: Callable[[str], None] | None = None, *, work_id: str | None = None
) -> Iterator[Outcome]:
    """Keep a piece of work that this process does: that it runs, how far it is, how it ended.

    In: work_id: of work that was taken up already.
    """
    works = works_of(workspace)
    if work_id is None:
        work_id = works.ask(kind, workspace.actor, {}, utc_now()).id
        works.take_up(work_id, utc_now())
    outcome = Outcome(Progress(works, work_id, say))
    try:
        yield outcome
    except BaseException as error:
        outcome.progress.last()
        works.end(work_id, "failed", _said(error), utc_now())
        raise
    outcome.progress.last()
    works.end(work_id, "finished", outcome.lines, utc_now())


def _said(error: BaseException) -> list[str]:
    """Say what was wrong, by the rules of every error: no value of anybody's."""
    if isinstance(error, AlmonerError):
        return error.lines()
    if isinstance(error, KeyboardInterrupt):
        return ["It was stopped by whoever began it."]
    return [f"Something went wrong that Almoner does not know: {type(error).__name__}."]


def ask_for(workspace: Workspace, kind: str, order: dict[str, str]) -> Work:
    """Let a process of its own do a piece of work for the actor. Out: the work, by whose name it is found again.

    Raises: UsageError, AccessRefused, Busy where other work that somebody asked for runs.
    """
    if kind not in KINDS:
        raise UsageError("Nobody knows this kind of work.", todo=f"Choose one of: {', '.join(KINDS)}.")
    if kind not in kinds_for(workspace):
        workspace.note("refused.work", outcome="refused", kind=kind)
        raise AccessRefused("Your roles don't give you this work.", todo="Ask whoever looks after access.")
    works = works_of(workspace)
    for other in works.under_way():
        raise Busy(
            f"Other work is under way: {KINDS[other.kind].title.lower()}.",
            where=f"asked for by {other.actor}",
            why="Two at once would wait for one another, or take all of the machine's memory.",
            todo="Wait until it is done; its page says how far it is.",
        )
    workspace.note("work.ask", kind=kind)
    work = works.ask(kind, workspace.actor, order, utc_now())
    launch(workspace, work.id)
    return work


def launch(workspace: Workspace, work_id: str) -> None:
    """Start the process that does it. It belongs to nobody who might end: it parts from this one at once."""
    command = [sys.executable, "-m", "almoner.wiring.detached", str(workspace.root), work_id]
    nowhere = subprocess.DEVNULL
    try:
        done = subprocess.run(  # noqa: S603 -- ours, and both names  # nosec B603
            command, stdin=nowhere, stdout=nowhere, stderr=nowhere, check=False, timeout=LAUNCH_SECONDS
        )
        begun = done.returncode == 0
    except (OSError, subprocess.SubprocessError):
        begun = False
    if not begun:
        works_of(workspace).end(work_id, "failed", ["The process that was to do it could not be started."], utc_now())


def renew_snapshot(workspace: Workspace, purpose: str) -> None:
    """Let what pages read be made anew, for whoever found that nothing good is there; not where work is under way."""
    with suppress(AlmonerError, OSError, subprocess.SubprocessError):
        ask_for(workspace, SERVING, {"purpose": purpose})
