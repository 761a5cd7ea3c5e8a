"""The process that does long work which somebody asked for from a page: one at a time, and as whoever asked.

It is given a name of work and nothing else: who asked, and for what, stands sealed in the records.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any


def main(root: Path, work_id: str) -> None:
    """Do a piece of work that was asked for."""
    from almoner.kernel.errors import AlmonerError
    from almoner.wiring.long_work import recorded, works_of
    from almoner.wiring.settings import read_settings
    from almoner.wiring.workspace import Workspace, utc_now

    workspace = Workspace(root, read_settings(root), "nobody")
    works = works_of(workspace)
    order, work = works.take_up(work_id, utc_now()), works.find(work_id)
    if order is None or work is None:
        return
    acting = workspace.acting_as(work.actor)
    try:
        with recorded(acting, work.kind, work_id=work_id) as outcome, workspace.lake.catalogue.lease("work"):
            outcome.lines += _RUNNERS[work.kind](acting, order, outcome.progress)
    except AlmonerError:
        pass  # it stands in the work's record, where whoever asked looks
    finally:
        workspace.close()


def _intake(workspace: Any, order: Mapping[str, str], progress: Any) -> list[str]:
    from almoner.wiring.taking_in import take_in, told_of

    return told_of(take_in(workspace, [workspace.root / "inbox"], progress, counted=progress.at))


def _link(workspace: Any, order: Mapping[str, str], progress: Any) -> list[str]:
    from almoner.wiring.linking import link_records, told_of

    return told_of(link_records(workspace, progress))


def _profiles(workspace: Any, order: Mapping[str, str], progress: Any) -> list[str]:
    from almoner.wiring.profiling import profile_neighbourhoods, told_of

    reason = "Neighbourhood profiles for the declared project"
    folder = workspace.root / "profiles"
    return told_of(profile_neighbourhoods(workspace, folder, order.get("project"), reason, progress=progress)[0])


def _serving(workspace: Any, order: Mapping[str, str], progress: Any) -> list[str]:
    from almoner.wiring.serving import make_snapshot

    return make_snapshot(workspace, progress, purpose=order.get("purpose", "matching"))


_RUNNERS: dict[str, Callable[[Any, Mapping[str, str], Any], list[str]]] = {
    "intake": _intake,
    "link": _link,
    "profiles": _profiles,
    "serving": _serving,
}


if __name__ == "__main__":
    if os.fork():
        os._exit(0)  # whoever asked does not wait, and is not asked how it ended
    os.setsid()
    main(Path(sys.argv[1]), sys.argv[2])
    os._exit(0)
