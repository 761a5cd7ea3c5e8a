"""A workspace with people who handle requests and people who approve, a clock that the test sets, and cases at hand."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from typer.testing import CliRunner

from almoner.cli.main import app
from almoner.kernel.errors import AlmonerError
from almoner.requests.casework.ports import CaseBook
from almoner.wiring import casework
from almoner.wiring import workspace as wiring
from tests.tagged_pdf import TaggedPdf
from tests.workspace_builder import TinyWorkspace

OFFICER, APPROVER, REVIEWER = "requests", "officer", "second_officer"
NAME, STREET = "Zebedee Quillfeather", "7 Canary Row"
ASKED = "How are potholes mended, and how are the streets to be mended chosen? zqcanaryrequest"
ANSWER = "We choose streets by their state and by how many people complain. zqcanaryanswer"


@dataclass
class RequestDesk:
    """A workspace whose commands about requests are run as somebody, on a day that the test sets."""

    tiny: TinyWorkspace
    monkeypatch: pytest.MonkeyPatch
    folder: Path
    now: dt.datetime = dt.datetime(2026, 3, 3, 10, 0, tzinfo=dt.UTC)

    def on(self, day: str) -> RequestDesk:
        """Go on to another day."""
        self.now = dt.datetime.combine(dt.date.fromisoformat(day), dt.time(10, 0), dt.UTC)
        return self

    def call(self, actor: str, *words: str) -> Result:
        """Run a command as somebody."""
        self.monkeypatch.setattr(wiring, "operating_system_user", lambda: actor)
        self.monkeypatch.setattr(wiring, "utc_now", lambda: self.now)
        self.monkeypatch.setenv("ALMONER_WORKSPACE", str(self.tiny.root))
        self.tiny.open(actor)
        return CliRunner().invoke(app, list(words), standalone_mode=False)

    def does(self, actor: str, *words: str) -> Any:
        """Run a command as somebody; give its document."""
        result = self.call(actor, *words, "--json")
        assert result.exception is None, repr(result.exception)
        return json.loads(result.stdout)

    def refused(self, actor: str, *words: str) -> AlmonerError:
        """Run a command that has to be refused; give the error."""
        result = self.call(actor, *words)
        assert isinstance(result.exception, AlmonerError), result.output
        return result.exception

    def foi(self, *more: str, words: str = ASKED) -> str:
        """Open a request for information; give the case."""
        made = self.does(OFFICER, "foi", "open", "--name", NAME, "--address", STREET, "--words", words, *more)
        return str(made["case"])

    def right(self, right: str, *more: str) -> str:
        """Open a case about a right; give the case."""
        return str(self.does(OFFICER, "rights", "open", right, "--name", NAME, "--words", ASKED, *more)["case"])

    def approved(self, group: str, case: str, outcome: str, words: str = ANSWER, *more: str) -> None:
        """Decide a case, and let a second person agree."""
        version = self.does(OFFICER, group, "decide", case, outcome, "--words", words, *more)["version"]
        looked = ("--version", str(version), "--reason", "Looked at all of it")
        self.does(APPROVER, group, "approve", case, *looked)

    def letter(self, group: str, case: str, number: int) -> bytes:
        """Fetch a letter."""
        out = self.folder / f"{case}-{number}.pdf"
        result = self.call(OFFICER, group, "letter", case, str(number), "--out", str(out))
        assert result.exception is None, repr(result.exception)
        return out.read_bytes()

    def letter_text(self, group: str, case: str, number: int) -> str:
        """Fetch what a letter says."""
        return TaggedPdf(self.letter(group, case, number)).text

    def book(self) -> CaseBook:
        """Open the cases themselves."""
        return casework.cases_of(self.tiny.open())
