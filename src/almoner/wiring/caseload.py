"""A worker's caseload: people whose records they have opened and follow, and what is new since they last looked.

The list is read under one permit about everybody on it. It shows names and kinds of changes; to open a record takes a
reason and a permit of its own, as for anybody.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from almoner.governance.granting import LEAST_REASON
from almoner.governance.permit import Permit
from almoner.governance.views import knows_person
from almoner.kernel.errors import AccessRefused, UsageError
from almoner.single_view.changes import Change, Seen, Standing, changes_since, seen_of, standings
from almoner.single_view.gone import became
from almoner.single_view.reading import STANDING
from almoner.wiring.looking_up import about_people
from almoner.wiring.web_records import caseloads_of
from almoner.wiring.workspace import Workspace, utc_now

if TYPE_CHECKING:
    from almoner.records.caseloads import Followed

PURPOSE = "front_line"
MOST = 60
"""People whom one worker follows: more is a list to browse."""
WHY = "Seeing what is new with the people on my caseload"
REASON_CODE = "caseload"
"""What tells permits of the list from those that open a record."""


@dataclass(frozen=True)
class CaseloadLine:
    """Somebody on a caseload. standing: how things stand, None where they can't be shown now.

    became: who has their records now, where the id is no longer used; gone: nothing is held of them any more.
    """

    followed: Followed
    standing: Standing | None
    changes: tuple[Change, ...] = ()
    became: tuple[str, ...] = ()
    gone: bool = False


def follow(workspace: Workspace, person_id: str, permit_id: str, reason: str) -> Followed:
    """Put somebody on the caseload whose record is open. Raises: AccessRefused, Busy, UsageError."""
    permit = workspace.records.permit(permit_id)
    if permit is None or permit.actor != workspace.actor or person_id not in permit.subjects or permit.break_glass:
        raise AccessRefused(
            "Only somebody whose record you have opened for your work goes on your caseload.",
            why="Emergency access ends, and nothing follows from it.",
            todo="Open their record with a reason first.",
        )
    if len(reason.strip()) < LEAST_REASON:
        raise UsageError("Say in a few words why you follow this person.")
    keeper = caseloads_of(workspace)
    if len(keeper.of(workspace.actor)) >= MOST:
        raise UsageError(f"There are {MOST} people on your caseload.", todo="Take off those whom you follow no more.")
    workspace.gate.check_in_force(permit)
    standing = standings(about_people(workspace, permit, [person_id], STANDING)).get(person_id)
    seen = asdict(seen_of(standing, keeper.digest)) if standing else {}
    workspace.note("caseload.add", subjects=[person_id], purpose=PURPOSE)
    return keeper.add(workspace.actor, person_id, reason.strip(), seen, utc_now())


def unfollow(workspace: Workspace, entry_id: str) -> None:
    """Take somebody off the caseload. Raises: NotFound."""
    keeper = caseloads_of(workspace)
    removed = keeper.remove(workspace.actor, entry_id)
    workspace.note("caseload.remove", subjects=[removed.person_id], purpose=PURPOSE)


def is_followed(workspace: Workspace, person_id: str) -> bool:
    """Say whether somebody is on the actor's caseload."""
    return caseloads_of(workspace).find(workspace.actor, person_id) is not None


def looked_at(workspace: Workspace, person_id: str, permit: Permit) -> list[Change]:
    """Say what was new with somebody on the caseload, and note that the actor has looked now; nothing for others.

    A record under another purpose shows something else, so it says nothing of what is new.
    """
    keeper = caseloads_of(workspace)
    followed = keeper.find(workspace.actor, person_id)
    if followed is None or permit.purpose != PURPOSE:
        return []
    standing = standings(about_people(workspace, permit, [person_id], STANDING)).get(person_id)
    if standing is None:
        return []
    found = changes_since(Seen(**followed.seen), standing, workspace.registry, keeper.digest)
    now = seen_of(standing, keeper.digest)
    if asdict(now) != followed.seen or utc_now() - followed.looked_at > dt.timedelta(minutes=1):
        keeper.looked(followed, asdict(now), utc_now())
    return found


def caseload(workspace: Workspace, permit_id: str = "") -> tuple[list[CaseloadLine], str]:
    """List the actor's caseload with what is new. In: permit_id: of an earlier look, which serves while it lasts.

    Out: the lines, those with something new first; the permit's id. Raises: AccessRefused.
    """
    keeper = caseloads_of(workspace)
    everybody = keeper.of(workspace.actor)
    workspace.note(
        "caseload.list", purpose=PURPOSE, subjects=[each.person_id for each in everybody], people=len(everybody)
    )
    known = [each.person_id for each in everybody if knows_person(workspace.lake, each.person_id)]
    if not known:
        return [CaseloadLine(each, None, gone=True) for each in everybody], ""
    permit = _permit(workspace, tuple(sorted(known)), permit_id)
    about = about_people(workspace, permit, known, STANDING)
    found = standings(about)
    lines = []
    for each in everybody:
        standing = found.get(each.person_id)
        new = changes_since(Seen(**each.seen), standing, workspace.registry, keeper.digest) if standing else []
        others = became(about.people.get(each.person_id, {})) if standing is None else ()
        lines.append(CaseloadLine(each, standing, tuple(new), others, gone=each.person_id not in known))
    return sorted(lines, key=lambda line: not (line.changes or line.became or line.gone)), permit.id


def _permit(workspace: Workspace, people: tuple[str, ...], permit_id: str) -> Permit:
    earlier = workspace.records.permit(permit_id) if permit_id else None
    if (
        earlier is not None
        and earlier.actor == workspace.actor
        and earlier.subjects == people
        and earlier.reason_code == REASON_CODE
        and earlier.in_force(utc_now())
    ):
        return earlier
    return workspace.permits.standing(workspace.actor, PURPOSE, WHY, subjects=people, reason_code=REASON_CODE)
