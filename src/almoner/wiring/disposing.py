"""The steps of a disposal in a workspace, in their order: what is kept out from now on first, what leads to it last.

Each step can be done twice. What a step tells is for the certificate: files, digests, counts, and never data.
"""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from almoner.disposal.carrying_out import Step, carry_out
from almoner.disposal.concerned import Concerned, concerned_by, named_records, nobody_concerned
from almoner.disposal.copies import (
    delivered_files,
    dispose_in_copy,
    every_row,
    file_digest,
    remove_files,
    still_waiting,
)
from almoner.disposal.deliveries import dispose_in_delivery
from almoner.disposal.people import dispose_in_spine
from almoner.disposal.person import Said
from almoner.disposal.ports import Disposal
from almoner.disposal.work import Work
from almoner.governance.audit import ERASE_SUBJECT, AuditEvent
from almoner.release.states import can_follow
from almoner.store.catalogue import DeliveryEntry, PartFile
from almoner.wiring.disposals import disposals_of, persons_of
from almoner.wiring.releasing import FOLDER, book_of, disposing_office_of
from almoner.wiring.workspace import Workspace, utc_now

_LEFTOVER_HOURS = 24
"""A spill file of the engine that is older belongs to no query that still runs."""


def carry_out_disposal(workspace: Workspace, disposal: Disposal, said: Said | None = None) -> Disposal:
    """Do what is still to be done of a disposal. Call it inside `alone`.

    In: said = what an erased person's records said, to look through files that were not taken in.
    """
    workspace.note("retention.carry_out", disposal=disposal.id, kind=disposal.kind, rows=disposal.rows)
    work = _Steps(workspace, said)
    done = carry_out(disposals_of(workspace), disposal, work.steps, utc_now)
    workspace.note("retention.done", disposal=disposal.id, kind=disposal.kind)
    return done


class _Steps:
    """What one disposal does."""

    def __init__(self, workspace: Workspace, said: Said | None) -> None:
        self._workspace = workspace
        self._lake = workspace.lake
        self._said = said
        self._known: tuple[int, Concerned] | None = None

    def steps(self, disposal: Disposal, work: Work) -> Iterator[Step]:
        """Give the steps in their order."""
        touched = work.deliveries()
        entries = [e for e in self._lake.catalogue.deliveries(superseded=True) if e.number in touched]
        yield "ledger", lambda: {"digest": self._workspace.ledger_files.write(disposal, work.references)}
        yield "copies", lambda: self._copies(entries, work)
        yield "inbox", lambda: self._inbox(entries)
        for entry in entries:
            yield f"delivery {entry.number}", lambda entry=entry: self._delivery(entry, work)  # type: ignore[misc]
        yield "swept", lambda: {"files": self._lake.sweep("deliveries")}
        yield "audit", lambda: self._audit(work)
        yield "records", lambda: self._records(work)
        yield "spine", lambda: self._spine(work)
        yield "serving", self._serving
        yield "figures", self._figures
        yield "releases", self._releases
        yield "temporary", self._temporary
        yield "cleared", lambda: persons_of(self._workspace).clear()

    # ── files ────────────────────────────────────────────────────────────────────────────────────────────────────

    def _delivery(self, entry: DeliveryEntry, work: Work) -> dict[str, Any]:
        part = work.of_delivery(entry.number)
        found = dispose_in_delivery(self._workspace.registry, self._lake, entry, part)
        told = {"dataset": entry.dataset, "delivery": entry.delivery, **self._files(found.removed, found.written)}
        for file in found.removed:
            (self._lake.folder / file.path).unlink(missing_ok=True)
        return told

    def _files(self, removed: Sequence[PartFile], written: Sequence[PartFile]) -> dict[str, Any]:
        def listed(files: Sequence[PartFile]) -> list[dict[str, Any]]:
            paths = [(file, self._lake.folder / file.path) for file in files]
            return [
                {"file": file.path, "digest": file_digest(path), "rows": file.rows}
                for file, path in paths
                if path.is_file()
            ]

        return {"removed": listed(removed), "written": listed(written)}

    def _spine(self, work: Work) -> dict[str, Any]:
        found = dispose_in_spine(self._lake, work, self._concerned(work))
        told = self._files(found.removed, found.written)
        self._lake.sweep("spine")
        return {
            **told, "people_gone": found.gone, "people_to_join_anew": found.changed, "records": found.records,
            "links": "to be joined anew by the next 'almoner link'" if found.changed else "none rested on it",
        }  # fmt: skip

    def _copies(self, entries: Sequence[DeliveryEntry], work: Work) -> dict[str, Any]:
        """Take rows out of analysts' workspaces; one whose permit is gone is removed."""
        workspace = self._workspace
        gone = self._concerned(work).gone
        rows = every_row(self._lake, entries, work)
        changed = 0
        removed = []
        from almoner.records.access import OrmWorkspaceBook

        book = OrmWorkspaceBook()
        for copy in book.workspaces():
            permit = workspace.records.permit(copy.permit_id)
            folder = workspace.root / "workspaces" / copy.permit_id
            if permit is None or not folder.is_dir():
                continue
            tables, old = dispose_in_copy(self._lake, folder, copy, permit, workspace.ring.derived, rows, gone)
            if old:
                book.change_tables(copy.id, tables)
                removed += [{"file": f"{copy.permit_id}/{name}", "digest": file_digest(folder / name)} for name in old]
                changed += 1
            for path in folder.glob("*.parquet"):
                if path.name not in tables.values():
                    path.unlink()
        return {"workspaces": changed, "removed": removed}

    def _inbox(self, entries: Sequence[DeliveryEntry]) -> dict[str, Any]:
        inbox = self._workspace.root / "inbox"
        files = delivered_files(self._workspace.registry, inbox, entries, utc_now().date())
        waiting = []
        if self._said is not None:
            waiting = still_waiting(inbox, [path for paths in files.values() for path in paths], self._said)
        return {"removed": remove_files(files), "not_taken_in_and_speak_of_the_person": waiting}

    # ── records ──────────────────────────────────────────────────────────────────────────────────────────────────

    def _concerned(self, work: Work) -> Concerned:
        spine = self._lake.catalogue.spine()
        if spine is None:
            return nobody_concerned(work.gone)
        if self._known is None or self._known[0] != spine.number:
            self._known = spine.number, concerned_by(self._lake, spine, work)
        return self._known[1]

    def _audit(self, work: Work) -> dict[str, Any]:
        """Make what the log holds of persons of whom nothing stays unlinkable."""
        gone = self._concerned(work).gone.to_pylist()
        looked_at = persons_of(self._workspace).looked_at(gone)
        cleared, erased = True, 0
        for person in sorted({*looked_at, *work.gone}):
            event = AuditEvent(at=utc_now(), actor=self._workspace.actor, action=ERASE_SUBJECT, outcome="allowed")
            receipt = self._workspace.audit.erase_subject(person, event)
            erased += receipt.found
            cleared = cleared and receipt.bytes_cleared
        return {"people": erased, "bytes_cleared": cleared}

    def _records(self, work: Work) -> dict[str, Any]:
        concerned = self._concerned(work)
        return dict(persons_of(self._workspace).forget(concerned.gone.to_pylist(), named_records(concerned.records)))

    def _serving(self) -> dict[str, Any]:
        """Give up what searches and records read: it shows who is gone. It is made anew when it is next wanted."""
        self._lake.catalogue.forget_snapshot()
        return {"files": self._lake.sweep("serving")}

    def _figures(self) -> dict[str, Any]:
        """Give up figures that were kept for pages: they counted who is gone, and are built anew."""
        with self._lake.catalogue.lease("built"):
            return {"kinds": self._lake.catalogue.forget_built(), "files": self._lake.sweep("built")}

    def _releases(self) -> dict[str, Any]:
        """Give up extracts that are not out: they hold people's rows. Remove what was staged and never put out."""
        staged = list((self._workspace.root / FOLDER).glob(".staged-*"))
        for folder in staged:
            shutil.rmtree(folder, ignore_errors=True)
        book = book_of(self._workspace)
        drafts = [each for each in book.releases() if can_follow(each.state, "discard")]
        extracts = [each.id for each in drafts if book.draft_of(each.id).extract is not None]
        office = disposing_office_of(self._workspace)
        for name in extracts:
            office.discard(name, "Records in it were disposed of")
        rest = [each.id for each in drafts if each.id not in extracts]
        return {"staged": len(staged), "extracts_discarded": extracts, "drafts_to_check_again": rest}

    def _temporary(self) -> dict[str, Any]:
        """Remove what crashes have left: half-written files, spill files of queries that no longer run."""
        root = self._workspace.root
        left = [*root.glob(".keys.json.*"), *root.glob(".linkage_model.json.*")]
        spill = self._workspace.settings.engine.spill
        if spill:
            oldest = utc_now() - dt.timedelta(hours=_LEFTOVER_HOURS)
            left += [path for path in Path(spill).glob("duckdb_temp_*") if path.stat().st_mtime < oldest.timestamp()]
        for path in left:
            path.unlink(missing_ok=True)
        return {"files": len(left) + self._workspace.ledger_files.tidy()}


def concerned_people(workspace: Workspace, work: Work) -> tuple[int, int]:
    """Count whom a disposal concerns, and of them those of whom nothing stays."""
    spine = workspace.lake.catalogue.spine()
    if spine is None:
        return 0, 0
    found = concerned_by(workspace.lake, spine, work)
    return len(found.gone) + len(found.changed), len(found.gone)
