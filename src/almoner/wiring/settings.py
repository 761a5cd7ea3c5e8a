"""Reads `almoner.toml`: what a workspace is set up with."""

from __future__ import annotations

import os
import tomllib
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from almoner.kernel.errors import WorkspaceError

FILE = "almoner.toml"
WORKSPACE_VARIABLE = "ALMONER_WORKSPACE"


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class EngineSettings(_Part):
    """Memory and threads of the engine; where it may spill: tmpfs, or a volume declared encrypted."""

    memory: str = "4GB"
    threads: int = Field(default=2, ge=1)
    spill: str = Field(default="", description="A directory on tmpfs, or on an encrypted volume.")
    spill_is_encrypted: bool = False


class KeySettings(_Part):
    """Where the master key file lies, relative to the workspace."""

    file: str = "keys/master.key"


class IntakeSettings(_Part):
    """Where open data is looked for besides the inbox; '{inbox}' stands for the inbox given."""

    open_data: tuple[str, ...] = ("open-data",)


class LakeSettings(_Part):
    """How files are encrypted: by Parquet's own encryption, or by the storage they lie on."""

    encryption: Literal["parquet", "storage"] = "parquet"


class ReviewSettings(_Part):
    """How uncertain links are reviewed."""

    second_share: float = Field(
        default=0.1, ge=0, le=1, description="The share of reviewed pairs that a second person answers too, blind."
    )


class FirstUser(_Part):
    """Roles for the operating-system user who first runs a command: for demonstrations only."""

    roles: tuple[str, ...] = ()


class Settings(_Part):
    """A workspace's settings."""

    engine: EngineSettings = EngineSettings()
    keys: KeySettings = KeySettings()
    intake: IntakeSettings = IntakeSettings()
    lake: LakeSettings = LakeSettings()
    review: ReviewSettings = ReviewSettings()
    first_user: FirstUser = FirstUser()


def find_workspace(given: Path | None) -> Path:
    """Find the workspace: the one given, else that of the environment.

    Raises: WorkspaceError.
    """
    named = given or (Path(os.environ[WORKSPACE_VARIABLE]) if os.environ.get(WORKSPACE_VARIABLE) else None)
    if named is None:
        raise WorkspaceError(
            "No workspace is named.",
            why="Every command works on one workspace: a directory with almoner.toml and registry/.",
            todo=f"Add --workspace DIR or set {WORKSPACE_VARIABLE}; 'almoner init DIR' makes one.",
        )
    if not (named / FILE).is_file():
        raise WorkspaceError(
            "This is not a workspace.",
            where=str(named),
            why=f"It has no {FILE}.",
            todo="Check the path, or make a workspace there: 'almoner init DIR'.",
        )
    return named.resolve()


def read_settings(workspace: Path) -> Settings:
    """Read a workspace's settings.

    Raises: WorkspaceError with every fault.
    """
    file = workspace / FILE
    try:
        return Settings.model_validate(tomllib.loads(file.read_text(encoding="utf-8")))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise WorkspaceError(f"{FILE} is not valid TOML: {error}", where=str(file), todo="Mend its syntax.") from error
    except ValidationError as error:
        faults = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors())
        raise WorkspaceError(
            f"{FILE} has settings that can't be used: {faults}",
            where=str(file),
            todo="See docs/reference/settings.md.",
        ) from error
