"""Cases that were granted, and the command line of whoever carries them out: for tests of rights in the data path."""

from __future__ import annotations

import datetime as dt
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from click.testing import Result

from almoner.kernel.steps import Step
from almoner.wiring import correcting, recipients, rights
from almoner.wiring import workspace as wiring
from tests.integration.request_desk import APPROVER, RequestDesk
from tests.workspace_builder import TinyWorkspace

CLOCKED = (correcting, recipients, rights)
"""Opened here, before any test sets the clock that they take with them."""
WHY = "A reason that explains enough"
RIGHTS = {"object": "objection", "restrict": "restriction", "correct": "rectification", "erase": "erasure"}


@dataclass
class RightsDesk(RequestDesk):
    """Carries out decisions of cases, today."""

    def call(self, actor: str, *words: str) -> Result:
        """Run a command as somebody, now; the clock goes on."""
        self.now = dt.datetime.now(dt.UTC)
        done = super().call(actor, *words)
        self.monkeypatch.setattr(wiring, "utc_now", lambda: dt.datetime.now(dt.UTC))
        return done

    def granted(self, right: str, person: str) -> str:
        """Give a case in which a right of a person was granted."""
        case = self.right(right, *(("--person", person) if person else ()))
        self.approved("rights", case, "granted")
        return case

    def carries_out(self, what: str, person: str, *more: str) -> Any:
        """Carry out a decision of a case of its own."""
        case = self.granted(RIGHTS[what], person)
        return self.does(APPROVER, "rights", what, case, "--reason", WHY, *more)

    def corrects(self, person: str, record: str, column: str, value: str, dataset: str = "housing.tenancies") -> Any:
        """Carry out a correction."""
        return self.carries_out("correct", person, *self.correction(record, column, value, dataset))

    def correction(self, record: str, column: str, value: str, dataset: str = "housing.tenancies") -> tuple[str, ...]:
        """Give what a command about a correction is told."""
        file = self.folder / f"value-{secrets.token_hex(4)}.txt"
        file.write_text(value)
        said = ("--file", str(file)) if value else ("--empty",)
        return ("--dataset", dataset, "--record", record, "--column", column, *said)

    def takes_in(self) -> None:
        """Take in the inbox and join the records."""
        self.monkeypatch.setattr(wiring, "operating_system_user", lambda: "steward")
        self.tiny.take_in()

    def states(self) -> dict[str, str]:
        """Give what became of each right."""
        return {each["right"]: each["state"] for each in self.does(APPROVER, "rights", "in-force")["rights"]}


def rows(tiny: TinyWorkspace, actor: str, purpose: str, view: str, *columns: str, **about: Any) -> list[dict[str, Any]]:
    """Read a view under a permit of its own, as a product does."""
    workspace = tiny.open(actor)
    permit = workspace.permits.standing(actor, purpose, WHY, **about)
    step = Step("all", "All of a view", f'SELECT * FROM "{view}"', ())
    return workspace.gate.run(permit, [step], {view: columns}).rows()


def tenancies(tiny: TinyWorkspace, day: str, **changed: dict[str, str]) -> Path:
    """Deliver the town's tenancies again. In: tenancy → columns (as declared) that say something else now."""
    from tests.workspace_builder import declared, ordinary_rows, rendered

    dataset = declared().dataset("housing.tenancies")
    told = [{**row, **changed.get(row["tenancy"], {})} for row in ordinary_rows("housing.tenancies", 1)]
    return tiny.deliver(f"tenancies_{day}.csv", rendered(dataset, told))
