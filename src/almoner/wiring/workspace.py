"""Opens a workspace: everything that a command or a page needs, joined once."""

from __future__ import annotations

import datetime as dt
import os
import pwd
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from almoner.governance.audit import AuditEvent, AuditLog
from almoner.governance.gate import Gate
from almoner.governance.granting import PermitOffice
from almoner.governance.permissions import check_right
from almoner.governance.ports import Records
from almoner.governance.workspaces import Workspaces
from almoner.kernel.errors import KeyMissing, WorkspaceError
from almoner.registry import Registry, load_registry
from almoner.registry.governing import Right
from almoner.store.encrypted_parquet import EncryptedParquet
from almoner.store.engine import Engine, EngineSettings
from almoner.store.keys import MASTER_KEY_VARIABLE, KeyRing, make_master_key, open_key_ring
from almoner.store.lake import Lake
from almoner.wiring.settings import FILE, Settings, find_workspace, read_settings


def utc_now() -> dt.datetime:
    """Give the present instant."""
    return dt.datetime.now(dt.UTC)


def operating_system_user() -> str:
    """Name who runs this: the operating system says so, never a flag or a variable."""
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return f"uid-{os.getuid()}"


@dataclass
class Workspace:
    """One council's workspace, opened by one person."""

    root: Path
    settings: Settings
    actor: str

    @cached_property
    def registry(self) -> Registry:
        """The registry, loaded and free of faults of shape."""
        return load_registry(self.root / "registry")

    @cached_property
    def ring(self) -> KeyRing:
        """The keys."""
        key_file, ring_file = self.root / self.settings.keys.file, self.root / "keys.json"
        if not ring_file.exists() and not os.environ.get(MASTER_KEY_VARIABLE):
            if (self.root / "lake").exists():
                raise KeyMissing("keys.json is gone, but the lake is here.", todo="Restore it from a backup.")
            make_master_key(key_file)
        return open_key_ring(key_file, ring_file)

    @cached_property
    def engine(self) -> Engine:
        """The engine."""
        declared = self.settings.engine
        return Engine(
            EngineSettings(declared.memory, declared.threads, _safe_spill(declared.spill, declared.spill_is_encrypted))
        )

    @cached_property
    def lake(self) -> Lake:
        """The lake. Only intake, linkage and the gate are given it."""
        self._prepare_records()
        from almoner.records.catalogue import OrmCatalogue

        parquet = EncryptedParquet(self.ring, encrypt=self.settings.lake.encryption == "parquet")
        return Lake(self.root / "lake", parquet, OrmCatalogue(), self.registry)

    @cached_property
    def records(self) -> Records:
        """Roles, permits, restrictions, cases."""
        self._prepare_records()
        from almoner.records.access import OrmRecords

        return OrmRecords()

    @cached_property
    def audit(self) -> AuditLog:
        """The audit log, in a database of its own."""
        self._prepare_records()
        from almoner.records.audit_log import PostgresAuditLog, SqliteAuditLog
        from almoner.records.milestones import has_happened, note_that

        seed, begin = self.ring.derived("audit.signing"), not has_happened("audit_begun")
        log: AuditLog
        if url := os.environ.get("DATABASE_URL"):
            log = PostgresAuditLog(url, seed, create=begin)
        else:
            log = SqliteAuditLog(self.root / "audit.sqlite", seed, create=begin)
        if begin:
            note_that("audit_begun")
        return log

    @cached_property
    def gate(self) -> Gate:
        """The only door to records."""
        return Gate(self.registry, self.lake, self.engine, self.records, self.audit, self.ring, utc_now)

    @cached_property
    def permits(self) -> PermitOffice:
        """Where permits come from."""
        return PermitOffice(self.registry, self.records, self.audit, utc_now)

    @cached_property
    def analysts(self) -> Workspaces:
        """Analysts' workspaces."""
        from almoner.records.access import OrmWorkspaceBook

        return Workspaces(
            self.root / "workspaces",
            self.gate,
            self.lake.parquet,
            self.records,
            OrmWorkspaceBook(),
            self.audit,
            utc_now,
        )

    def require(self, right: Right) -> None:
        """Refuse unless the actor has a right; a refusal is audited."""
        try:
            check_right(self.registry, self.records, self.actor, right)
        except Exception:
            self.note("refused." + right, outcome="refused")
            raise

    def note(self, action: str, *, outcome: str = "allowed", **detail: str | int | float | None) -> None:
        """Write an event that is not a read."""
        event = AuditEvent(at=utc_now(), actor=self.actor, action=action, outcome=outcome, detail=detail)  # type: ignore[arg-type]
        self.audit.append(event)

    def owned_by_actor(self) -> bool:
        """Say whether the actor owns the workspace's settings file."""
        return (self.root / FILE).stat().st_uid == os.getuid()

    def _prepare_records(self) -> None:
        from almoner.records.database import configure, prepare

        file = self.root / "records.sqlite"
        configure(file)
        prepare(file)


def open_workspace(given: Path | None) -> tuple[Workspace, list[str]]:
    """Open a workspace for the operating-system user.

    Out: the workspace, and the roles that were given because nobody held one yet (demonstrations only).
    """
    root = find_workspace(given)
    workspace = Workspace(root, read_settings(root), operating_system_user())
    return workspace, _first_user(workspace)


def _first_user(workspace: Workspace) -> list[str]:
    wanted = workspace.settings.first_user.roles
    if not wanted or workspace.records.role_holders():
        return []
    for role in wanted:
        workspace.note("role.grant", role=role, to=workspace.actor, because="first user of a demonstration")
        workspace.records.grant_role(workspace.actor, role, "workspace settings")
    return list(wanted)


def _safe_spill(declared: str, encrypted: bool) -> Path | None:
    """Accept a spill directory only where nothing unencrypted reaches a disk.

    Raises: WorkspaceError.
    """
    if not declared:
        return None
    path = Path(declared)
    if encrypted or _on_tmpfs(path):
        return path
    raise WorkspaceError(
        "The spill directory is neither on tmpfs nor declared encrypted.",
        where=f'engine.spill = "{declared}"',
        why="The engine writes plain values there when memory runs out.",
        todo="Use a directory on tmpfs (/dev/shm), or set spill_is_encrypted = true for an encrypted volume.",
    )


def _on_tmpfs(path: Path) -> bool:
    mounts = [line.split()[1:3] for line in Path("/proc/mounts").read_text().splitlines()]
    holding = [(point, kind) for point, kind in mounts if path.resolve().is_relative_to(point)]
    return bool(holding) and max(holding, key=lambda each: len(each[0]))[1] == "tmpfs"
