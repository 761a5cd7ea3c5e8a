"""Rows in quarantine: counted from the catalogue, shown and re-admitted through the gate."""

from __future__ import annotations

from collections import Counter
from typing import Any

from almoner.governance.permit import Permit
from almoner.intake.readmission import readmit_delivery
from almoner.kernel.errors import NotFound
from almoner.kernel.steps import Step
from almoner.wiring.workspace import Workspace

PURPOSE = "data_quality"
"""Quarantine is read to mend records: the notice says that the quality of data is reviewed."""


def quarantine_summary(workspace: Workspace, dataset: str | None) -> list[dict[str, Any]]:
    """Count rows by dataset, delivery, file, column and reason code. Shows no row."""
    workspace.require("quarantine")
    named = [workspace.registry.dataset(dataset).full_name] if dataset else None
    entries = [e for e in workspace.lake.catalogue.deliveries() if e.quarantined and (not named or e.dataset in named)]
    permit = _permit(workspace, "Counting quarantined rows by reason")
    counts: Counter[tuple[str, str, str, str, str]] = Counter()
    for name in sorted({entry.dataset for entry in entries}):
        rows = workspace.gate.run(permit, [_count_step(name)], {f"quarantine:{name}": ()}).rows()
        for row in rows:
            counts[name, row["delivery"], row["file"], row["column"] or "", row["code"]] += row["rows"]
    heads = ("dataset", "delivery", "file", "column", "code")
    return [{**dict(zip(heads, key, strict=True)), "rows": count} for key, count in sorted(counts.items())]


def _count_step(name: str) -> Step:
    return Step(
        "quarantine_counts",
        "Rows in quarantine by file, column and reason",
        f'SELECT delivery, file, "column", code, count(*) AS rows FROM "quarantine:{name}" GROUP BY ALL',
        ("delivery", "file", "column", "code", "rows"),
    )


def quarantined_rows(
    workspace: Workspace, dataset: str, delivery: str | None, position: int | None, reason: str
) -> list[dict[str, Any]]:
    """Show quarantined rows with their bytes as text."""
    workspace.require("quarantine")
    name = workspace.registry.dataset(dataset).full_name
    permit = _permit(workspace, reason)
    step = Step(
        "quarantine_rows",
        "Rows in quarantine with their bytes",
        f"""SELECT delivery, file, position, "column", code, reason, raw FROM "quarantine:{name}"
            ORDER BY number, position""",
        ("delivery", "file", "position", "column", "code", "reason", "raw"),
    )
    rows = workspace.gate.run(permit, [step], {f"quarantine:{name}": ()}).rows()
    chosen = [
        {**row, "raw": row["raw"].decode("utf-8", "backslashreplace")}
        for row in rows
        if (delivery is None or row["delivery"] == delivery) and (position is None or row["position"] == position)
    ]
    if not chosen:
        raise NotFound("No such row is in quarantine.", todo="See: almoner quarantine list")
    return chosen


def readmit_rows(
    workspace: Workspace, dataset: str, delivery: str | None, positions: list[int] | None, reason: str
) -> list[dict[str, Any]]:
    """Read quarantined rows again under the registry as it now is; accept those that can be."""
    workspace.require("quarantine")
    declared = workspace.registry.dataset(dataset)
    permit = _permit(workspace, reason or "Re-admitting rows after a fix to the registry")
    done = []
    with workspace.lake.catalogue.lease("intake"):
        workspace.lake.sweep("deliveries")
        for entry in workspace.lake.catalogue.deliveries(declared.full_name):
            if not entry.parts("quarantine") or (delivery is not None and entry.delivery != delivery):
                continue
            workspace.gate.run(
                permit, [_count_step(declared.full_name)], {f"quarantine:{declared.full_name}": ()}
            ).rows()
            accepted = readmit_delivery(
                workspace.registry, workspace.lake, workspace.engine, declared, entry, frozenset(positions or ())
            )
            workspace.note("quarantine.readmit", dataset=declared.full_name, delivery=entry.delivery, rows=accepted)
            done.append(
                {
                    "dataset": declared.full_name,
                    "delivery": entry.delivery,
                    "readmitted": accepted,
                    "still_quarantined": entry.quarantined - accepted,
                }
            )
    return done


def _permit(workspace: Workspace, reason: str) -> Permit:
    return workspace.permits.standing(workspace.actor, PURPOSE, reason)
