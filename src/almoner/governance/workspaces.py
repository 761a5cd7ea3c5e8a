"""Analysts' workspaces: copies of exactly what a permit gives, encrypted at rest, until the permit ends."""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

import pyarrow as pa

from almoner.governance.audit import AuditEvent, AuditLog
from almoner.governance.gate import Gate
from almoner.governance.permit import Permit
from almoner.governance.ports import Records
from almoner.kernel.errors import AccessRefused, NotFound, UsageError
from almoner.kernel.steps import Step
from almoner.store.encrypted_parquet import EncryptedParquet
from almoner.store.engine import quoted
from almoner.store.sandbox import run_sql

LOCK = "workspace"
SHARED_VIEWS = ("spine.link", "spine.resident")
"""What joins the datasets: references by row, and who lives where, in the permit's form."""


@dataclass(frozen=True)
class AnalystWorkspace:
    """One workspace: whose, under which permit, with which tables, until when."""

    id: str
    permit_id: str
    actor: str
    tables: dict[str, str]
    """Table → file in the workspace's folder."""
    expires_at: dt.datetime
    rights: str = ""
    """What people's rights left of it when it was copied."""


class WorkspaceBook(Protocol):
    """What is known of workspaces; `records` implements it."""

    def save_workspace(self, workspace: AnalystWorkspace) -> None:
        """Keep a workspace."""

    def workspaces(self) -> list[AnalystWorkspace]:
        """List workspaces, newest first."""

    def made_anew(self, workspace: AnalystWorkspace) -> None:
        """Keep which files a workspace has now, and which rights they know."""

    def forget_workspace(self, workspace_id: str) -> None:
        """Forget a workspace."""


class Workspaces:
    """Opens, queries and closes analysts' workspaces below one folder."""

    def __init__(
        self,
        folder: Path,
        gate: Gate,
        parquet: EncryptedParquet,
        records: Records,
        book: WorkspaceBook,
        audit: AuditLog,
        clock: Callable[[], dt.datetime],
    ) -> None:
        self._folder = folder
        self._gate = gate
        self._parquet = parquet
        self._records = records
        self._book = book
        self._audit = audit
        self._clock = clock

    def open(self, permit: Permit, datasets: Sequence[str] = ()) -> AnalystWorkspace:
        """Copy what the permit gives: all its datasets, or those named.

        Raises: AccessRefused where it gives nothing, or a named dataset not; UsageError where it is open already.
        """
        self.expire()
        if any(each.permit_id == permit.id for each in self._book.workspaces()):
            raise UsageError(
                "This permit's workspace is open already.",
                todo="Use it, or close it first: 'almoner workspace list', 'almoner workspace close'.",
            )
        given = self._gate.columns_for(permit)
        wanted = list(datasets) or list(given)
        refused = [name for name in wanted if name not in given]
        if refused or not wanted:
            raise AccessRefused(
                f"The permit does not give: {', '.join(refused) or 'anything'}.",
                why="A workspace holds only what its permit allows.",
                todo="'almoner permit show' lists what it gives.",
            )
        folder = self._folder / permit.id
        rights = self._gate.rights_seen(permit)
        try:
            tables = self._copied(permit, [*wanted, *SHARED_VIEWS], 0)
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise
        workspace = AnalystWorkspace("W" + permit.id[1:], permit.id, permit.actor, tables, permit.expires_at, rights)
        self._note("workspace.open", workspace, tables=len(tables))
        self._book.save_workspace(workspace)
        return workspace

    def sql(self, workspace_id: str, actor: str, sql: str, *, memory: str, threads: int) -> pa.Table:
        """Run any SQL over a workspace's own copies.

        Raises: NotFound, also once the permit has ended or been taken back; AccessRefused where it gives less than it
        gave; CalculationError.
        """
        self.expire()
        workspace = self._find(workspace_id, actor)
        permit = self._records.permit(workspace.permit_id)
        if permit is None or not permit.in_force(self._clock()):
            raise AccessRefused("The workspace's permit is no longer in force.", todo="Ask for a new permit.")
        self._gate.check_in_force(permit)
        if workspace.rights != self._gate.rights_seen(permit):
            workspace = self._made_anew(workspace, permit)
        self._note("workspace.query", workspace)
        folder = self._folder / workspace.permit_id
        tables = {name: self._parquet.read(folder / file, LOCK) for name, file in workspace.tables.items()}
        return run_sql(tables, sql, memory=memory, threads=threads)

    def close(self, workspace_id: str, actor: str) -> None:
        """Remove a workspace and its files."""
        workspace = self._find(workspace_id, actor)
        self._note("workspace.close", workspace)
        self._remove(workspace)

    def list(self, actor: str) -> list[AnalystWorkspace]:
        """List an actor's workspaces."""
        self.expire()
        return [each for each in self._book.workspaces() if each.actor == actor]

    def expire(self) -> int:
        """Remove the workspaces whose time is over, or whose permit was taken back."""
        removed = 0
        for workspace in self._book.workspaces():
            permit = self._records.permit(workspace.permit_id)
            withdrawn = permit is None or permit.state != "granted"
            if withdrawn or workspace.expires_at <= self._clock():
                self._note("workspace.withdraw" if withdrawn else "workspace.expire", workspace)
                self._remove(workspace)
                removed += 1
        return removed

    def _copied(self, permit: Permit, names: Sequence[str], number: int) -> dict[str, str]:
        """Copy what the permit gives of datasets and views. In: number = of the first file. Out: name → file."""
        given = self._gate.columns_for(permit)
        tables: dict[str, str] = {}
        for name in names:
            step = Step(f"copy {name}", "A copy for a workspace", f"SELECT * FROM {quoted(name)}", ())
            table = self._gate.copy(permit, step, {name: given.get(name, ())})
            tables[name] = self._write(self._folder / permit.id, number + len(tables), table)
        return tables

    def _made_anew(self, workspace: AnalystWorkspace, permit: Permit) -> AnalystWorkspace:
        """Copy everything again: a right has come in force, or was lifted, since the copies were made."""
        self._note("workspace.renew", workspace)
        folder, rights = self._folder / permit.id, self._gate.rights_seen(permit)
        number = 1 + max((int(file.split(".")[0]) for file in workspace.tables.values()), default=0)
        tables = self._copied(permit, list(workspace.tables), number)
        made = replace(workspace, tables=tables, rights=rights)
        self._book.made_anew(made)
        for path in folder.glob("*.parquet"):
            if path.name not in tables.values():
                path.unlink()
        return made

    def _write(self, folder: Path, number: int, table: pa.Table) -> str:
        writer = self._parquet.writer(folder / f"{number:03d}.parquet", table.schema, LOCK)
        writer.write(table)
        writer.close()
        return writer.path.name

    def _remove(self, workspace: AnalystWorkspace) -> None:
        shutil.rmtree(self._folder / workspace.permit_id, ignore_errors=True)
        self._book.forget_workspace(workspace.id)

    def _find(self, workspace_id: str, actor: str) -> AnalystWorkspace:
        for workspace in self._book.workspaces():
            if workspace.id == workspace_id and workspace.actor == actor:
                return workspace
        raise NotFound(
            f"You have no workspace {workspace_id}.",
            why="A workspace is removed when it is closed, when its permit ends, and when its permit is taken back.",
            todo="See: almoner workspace list",
        )

    def _note(self, action: str, workspace: AnalystWorkspace, **detail: int) -> None:
        self._audit.append(
            AuditEvent(
                at=self._clock(),
                actor=workspace.actor,
                action=action,
                outcome="allowed",
                permit_id=workspace.permit_id,
                datasets=tuple(workspace.tables),
                detail=dict(detail),
            )
        )
