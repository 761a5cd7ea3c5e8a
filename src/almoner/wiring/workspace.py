"""Opens a workspace: everything that a command or a page needs, joined once."""

from __future__ import annotations

import copy
import datetime as dt
import os
import pwd
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from almoner.disposal.ledger_files import LedgerFiles
from almoner.governance.audit import AuditEvent, AuditLog
from almoner.governance.built import BuiltShelf
from almoner.governance.gate import Gate
from almoner.governance.granting import PermitOffice
from almoner.governance.in_force import RightsBook
from almoner.governance.permissions import check_right, rights_of
from almoner.governance.ports import EmergencyCase, Records
from almoner.governance.views import knows_person
from almoner.governance.workspaces import Workspaces
from almoner.kernel.errors import KeyMissing, RegistryError, WorkspaceError
from almoner.registry import Registry, check_registry, load_registry
from almoner.registry.governing import Right
from almoner.store.encrypted_parquet import EncryptedParquet
from almoner.store.engine import Engine, EngineSettings
from almoner.store.keys import MASTER_KEY_VARIABLE, KeyRing, make_master_key, open_key_ring
from almoner.store.lake import Lake
from almoner.wiring.settings import FILE, Settings, find_workspace, read_settings
from almoner.wiring.slow_reads import SlowReads

LOGIN = "/proc/self/loginuid"
"""Where the kernel says who logged in. Source: proc_pid_loginuid(5)."""
NO_LOGIN = 2**32 - 1
MOST_SLOW_READS = 1
"""Reads of the views that a serving process does at a time where there is no snapshot."""


def utc_now() -> dt.datetime:
    """Give the present instant."""
    return dt.datetime.now(dt.UTC)


def operating_system_user() -> str:
    """Name who runs this: the operating system says so, never a flag or a variable.

    Who has logged in and then works through another account (sudo, su) stays who they are: the kernel keeps the login,
    and nobody but root can change it. Where there was no login (a timer, a container), it is the account.
    """
    uid = _logged_in(Path(LOGIN))
    uid = os.getuid() if uid is None else uid
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"uid-{uid}"


def _logged_in(login: Path) -> int | None:
    try:
        uid = int(login.read_text(encoding="ascii"))
    except (OSError, ValueError):
        return None
    return None if uid == NO_LOGIN else uid


@dataclass
class Workspace:
    """One council's workspace, opened by one person."""

    root: Path
    settings: Settings
    actor: str
    hurried: bool = False
    """It serves pages: nobody waits there for what takes minutes."""
    on_lack: Callable[[Workspace, str], None] | None = None
    """What is done where there is no snapshot that is good for a purpose."""

    def lacks_snapshot(self, purpose: str) -> None:
        """Say that there is no snapshot that is good for a purpose."""
        if self.on_lack is not None:
            self.on_lack(self, purpose)

    @cached_property
    def slow_reads(self) -> SlowReads:
        """Who may read the views while there is no snapshot."""
        return SlowReads(MOST_SLOW_READS if self.hurried else None)

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
        """Roles, permits, cases."""
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
        """The only door to records. Raises: RegistryError where the registry has faults; WorkspaceError where the
        workspace was put back as it was before a disposal."""
        self.require_sound_registry()
        self.require_replayed()
        given = (self.registry, self.lake, self.engine, self.records, self.audit, self.ring, utc_now, self.rights)
        return Gate(*given, hurried=self.hurried)

    @cached_property
    def rights(self) -> RightsBook:
        """People's rights in force."""
        self._prepare_records()
        from almoner.records.rights import OrmRights

        return OrmRights(self.ring.derived("rights"))

    @cached_property
    def ledger_files(self) -> LedgerFiles:
        """The ledger of disposals as files: what a backup that is put back has to forget again."""
        folder = self.root / self.settings.retention.ledger
        return LedgerFiles(folder, self.ring.derived("disposal.ledger"))

    @cached_property
    def permits(self) -> PermitOffice:
        """Where permits come from. Raises: RegistryError where the registry has faults."""
        self.require_sound_registry()
        return PermitOffice(
            self.registry,
            self.records,
            self.audit,
            utc_now,
            knows=lambda person_id: knows_person(self.lake, person_id),
            withdraw=self._remove_withdrawn,
        )

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

    @cached_property
    def built(self) -> BuiltShelf:
        """The figures that were worked out and are kept for pages."""
        return BuiltShelf(self.registry, self.lake, self.gate, self.audit, utc_now)

    def shared(self) -> Workspace:
        """Open all that several people can share, so that `acting_as` shares it."""
        _ = self.gate, self.permits, self.built, self.slow_reads
        return self

    def with_registry_anew(self) -> Workspace:
        """Give the same workspace with its registry read anew; whoever works with this one ends under its own.

        Raises: RegistryError where it has faults.
        """
        other = copy.copy(self)
        for name in ("registry", "lake", "gate", "permits", "analysts", "built"):
            other.__dict__.pop(name, None)
        other.require_sound_registry()
        return other

    def acting_as(self, actor: str) -> Workspace:
        """Give the same workspace opened by somebody else: one process may serve many people, each as themselves."""
        other = copy.copy(self)
        other.actor = actor
        return other

    def close(self) -> None:
        """Let go of the databases, so that each is whole in its one file."""
        if "audit" in self.__dict__:
            self.audit.close()
        if {"records", "lake", "audit"} & set(self.__dict__):
            from almoner.records.database import release

            release()

    def require_sound_registry(self) -> None:
        """Refuse to work under a registry that contradicts itself: what it permits can't be told.

        Raises: RegistryError.
        """
        faults = check_registry(self.root / "registry").faults
        if faults:
            raise RegistryError(
                f"The registry has {len(faults)} fault(s); nothing is taken in or read under it.",
                where=f"{faults[0].file}:{faults[0].line}",
                why=faults[0].what,
                todo="Run 'almoner check' to see them all.",
            )

    def require_replayed(self) -> None:
        """Refuse to read or take in while a backup has brought back what was disposed of.

        Raises: WorkspaceError.
        """
        self._prepare_records()
        from almoner.records.disposals import known_disposals

        missing = self.ledger_files.names()
        if missing and (missing := missing - known_disposals()):
            raise WorkspaceError(
                f"This workspace was put back as it was before {len(missing)} disposal(s).",
                why="What was disposed of is here again, and nobody may read it.",
                todo="Run 'almoner retention run': it is disposed of again by the ledger.",
            )

    def require(self, right: Right) -> None:
        """Refuse unless the actor has a right; a refusal is audited."""
        try:
            check_right(self.registry, self.records, self.actor, right)
        except Exception:
            self.note("refused." + right, outcome="refused")
            raise

    def note(
        self,
        action: str,
        *,
        outcome: str = "allowed",
        purpose: str | None = None,
        subjects: Sequence[str] = (),
        **detail: str | int | float | None,
    ) -> None:
        """Write an event that is not a read, about nobody or about these persons."""
        event = AuditEvent(
            at=utc_now(), actor=self.actor, action=action, outcome=outcome, purpose=purpose, detail=detail,  # type: ignore[arg-type]
        )  # fmt: skip
        self.audit.append(event, subjects=subjects)

    def reviews_due(self) -> list[EmergencyCase]:
        """List the uses of break-glass that the actor may review, and nobody has."""
        if "break_glass_review" not in rights_of(self.registry, self.records, self.actor):
            return []
        return [case for case in self.records.cases() if case.reviewed_by is None and case.actor != self.actor]

    def owned_by_actor(self) -> bool:
        """Say whether the actor owns the workspace's settings file."""
        return (self.root / FILE).stat().st_uid == os.getuid()

    def _remove_withdrawn(self) -> None:
        """Remove the copies that were made under permits that were taken back."""
        self.analysts.expire()

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
    workspace.records.grant_roles(workspace.actor, wanted, "workspace settings")
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
