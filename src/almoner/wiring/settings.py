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


class RetentionSettings(_Part):
    """Where the ledger of disposals is kept as files: on other storage than the backups of this workspace."""

    ledger: str = Field(default="disposals", description="A folder, relative to the workspace or not.")


class FirstUser(_Part):
    """Roles for the operating-system user who first runs a command: for demonstrations only."""

    roles: tuple[str, ...] = ()


class WebSettings(_Part):
    """The web application: where it is served, how long a session lasts, and the demonstration's sign-in."""

    hosts: tuple[str, ...] = Field(default=(), description="Names under which it is reached; none: this machine only.")
    debug: bool = Field(
        default=False, description="A demonstration on this machine: plain http on loopback. Never shows a traceback."
    )
    local_sign_in: bool = Field(
        default=False, description="Sign in by choosing a name, without a password. Refused outside debug and loopback."
    )
    workers: int = Field(
        default=1, ge=1, le=64, description="Processes. Each holds the search index and an index of records."
    )
    threads: int = Field(default=4, ge=1, le=64, description="Requests that a process answers at once.")
    idle_minutes: int = Field(default=15, ge=1, le=120, description="A session ends when nothing happens so long.")
    session_hours: int = Field(default=8, ge=1, le=24, description="A session ends after this, whatever happens.")
    fresh_minutes: int = Field(
        default=15,
        ge=1,
        le=120,
        description="How long after signing in something grave may be done.",
    )


class OidcSettings(_Part):
    """Signing in with the council's identity provider, by OpenID Connect. The secret: ALMONER_OIDC_SECRET."""

    issuer: str = Field(default="", description="As the provider names itself in 'iss'. Empty: no such sign-in.")
    client_id: str = ""
    authorization_endpoint: str = ""
    token_endpoint: str = ""
    jwks_uri: str = ""
    signing_algorithm: Literal["RS256", "ES256"] = "RS256"
    actor_claim: str = Field(
        default="sub",
        description="The claim that names a person for ever; none that people can change themselves.",
    )
    roles_claim: str = Field(default="roles", description="The claim that lists app roles or groups.")
    roles: dict[str, str] = Field(default={}, description="What that claim says = the role of the registry it gives.")


class Settings(_Part):
    """A workspace's settings."""

    engine: EngineSettings = EngineSettings()
    keys: KeySettings = KeySettings()
    intake: IntakeSettings = IntakeSettings()
    lake: LakeSettings = LakeSettings()
    review: ReviewSettings = ReviewSettings()
    retention: RetentionSettings = RetentionSettings()
    first_user: FirstUser = FirstUser()
    web: WebSettings = WebSettings()
    oidc: OidcSettings = OidcSettings()


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
