"""Carries a disposal out, step by step: each is noted when it is done, and can be done again.

Killed at any moment, the next run goes on with the first step that is not noted.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from typing import Any

from almoner.disposal.ports import Disposal, DisposalBook
from almoner.disposal.work import Work

Step = tuple[str, Callable[[], dict[str, Any]]]
"""A step's name, and what does it: it gives what it did, as files, digests and counts."""


def carry_out(
    book: DisposalBook,
    disposal: Disposal,
    steps: Callable[[Disposal, Work], Iterator[Step]],
    clock: Callable[[], dt.datetime],
) -> Disposal:
    """Do what is still to be done of a disposal. Call it under the leases of all who write."""
    work = book.work_of(disposal.id)
    for name, step in steps(disposal, work):
        if name not in disposal.done:
            book.note(disposal.id, name, step())
    book.finish(disposal.id, clock())
    return next(each for each in book.disposals() if each.id == disposal.id)


def certificate(disposal: Disposal, *, title: str, backup_days: int) -> dict[str, Any]:
    """Give the certificate of a disposal: files and digests, counts and days, and what is outside its reach.

    Raises: ValueError where it is not done.
    """
    if disposal.finished_at is None:
        raise ValueError("a disposal is certified when it is done")
    steps = disposal.told
    files = [file for told in steps.values() for file in told.get("removed", ())]
    expires = disposal.finished_at.date() + dt.timedelta(days=backup_days)
    return {
        "certificate": disposal.id,
        "of": title,
        "kind": disposal.kind,
        "subject": disposal.subject,
        "action": disposal.action,
        "ordered_by": disposal.made_by,
        "ordered_at": disposal.made_at.isoformat(timespec="seconds"),
        "approved_by": disposal.approved_by,
        "finished_at": disposal.finished_at.isoformat(timespec="seconds"),
        "rows": disposal.rows,
        "people": disposal.people,
        "files_removed": len(files),
        "steps": steps,
        "bytes_cleared": all(told.get("bytes_cleared", True) for told in steps.values()),
        "backups_expire_by": expires.isoformat(),
        "outside": [
            "What the source itself holds.",
            "Files that were put out: published figures, extracts that recipients hold, exports that people made.",
            f"Backups made before it was finished: they expire by {expires.isoformat()}; one that is put back is"
            " cleared by the ledger before anybody reads it.",
        ],
    }
