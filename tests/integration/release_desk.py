"""A workspace with people who draft and people who approve, and plans for them to release."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from typer.testing import CliRunner

from almoner.cli.main import app
from almoner.kernel.errors import AlmonerError
from almoner.wiring import workspace as wiring
from tests.workspace_builder import TinyWorkspace

LOOKED = ("--reason", "Looked at every table and its notes")
WARDS = ("E05001", "E05002", "E05003")
AUTHOR, CHECKER = "checker", "second_checker"
"""Both hold every right of releases: only who wrote what tells them apart."""


@dataclass
class ReleaseDesk:
    """A workspace whose release commands are run as somebody."""

    tiny: TinyWorkspace
    monkeypatch: pytest.MonkeyPatch
    folder: Path

    def call(self, actor: str, *words: str) -> Result:
        """Run a command as somebody."""
        self.monkeypatch.setattr(wiring, "operating_system_user", lambda: actor)
        self.monkeypatch.setenv("ALMONER_WORKSPACE", str(self.tiny.root))
        self.tiny.open(actor)
        return CliRunner().invoke(app, ["release", *words], standalone_mode=False)

    def document(self, actor: str, *words: str) -> Any:
        """Run a command as somebody; give its document."""
        result = self.call(actor, *words, "--json")
        assert result.exception is None, result.exception
        return json.loads(result.stdout)

    def refused(self, actor: str, *words: str) -> AlmonerError:
        """Run a command that has to be refused; give the error."""
        result = self.call(actor, *words)
        assert isinstance(result.exception, AlmonerError), result.output
        return result.exception

    def plan(self, counts: Mapping[str, Sequence[object]], *, name: str = "plan", **changes: str) -> Path:
        """Write a plan: counts by ward, one column to a period."""
        words = {
            "title": "Pupils with a plan", "purpose": "monitoring", "recipient": "public", "as_of": "2026-09-30",
            "exact": "true", "datasets": '["housing.tenancies"]', **changes,
        }  # fmt: skip
        lines = ["ward,period,pupils"]
        for period, column in counts.items():
            lines += [f"{ward},{period},{count}" for ward, count in zip(WARDS, column, strict=False)]
        (self.folder / f"{name}.csv").write_text("\n".join(lines) + "\n")
        plan = self.folder / f"{name}.toml"
        plan.write_text(
            f"""
title = "{words["title"]}"
purpose = "{words["purpose"]}"
recipient = "{words["recipient"]}"
as_of = "{words["as_of"]}"
datasets = {words["datasets"]}

[table.pupils]
title = "Pupils with a plan, by ward"
file = "{name}.csv"
area = {{ column = "ward", geography = "ward" }}
time = {{ column = "period", kind = "period" }}
[table.pupils.counts.pupils]
title = "Pupils"
population = "new_plans"
exact = {words["exact"]}
"""
        )
        return plan

    def drafted(self, counts: Mapping[str, Sequence[object]], actor: str = AUTHOR, **changes: str) -> str:
        """Draft a plan; give the release."""
        return str(self.document(actor, "draft", str(self.plan(counts, **changes)))["release"])

    def digest(self, release: str) -> str:
        """Give the digest of what a release holds now."""
        return str(self.document(AUTHOR, "show", release)["digest"])

    def state(self, release: str) -> str:
        """Give the state of a release."""
        return str(self.document(AUTHOR, "show", release)["state"])

    def approved(self, release: str) -> str:
        """Check and approve a release."""
        assert self.document(AUTHOR, "check", release)["passes"]
        self.document(CHECKER, "approve", release, "--digest", self.digest(release), *LOOKED)
        return release

    def released(self, counts: Mapping[str, Sequence[object]], **changes: str) -> str:
        """Draft, check, approve and publish a plan."""
        release = self.approved(self.drafted(counts, **changes))
        self.document(AUTHOR, "publish", release)
        return release

    def files(self, release: str) -> list[str]:
        """Name the files of a release that are out."""
        return sorted(path.name for path in (self.tiny.root / "releases" / release).glob("*"))
