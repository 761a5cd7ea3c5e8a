"""Writes whose every linked record is to a file, for whoever checks linkage outside."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

import pyarrow.parquet as pq

from almoner.kernel.errors import UsageError
from almoner.kernel.steps import Step
from almoner.wiring.link_inputs import PURPOSE
from almoner.wiring.workspace import Workspace

PRIVATE = 0o600
"""Whose record is whose is for who wrote the file alone, until they decide otherwise."""


def export_links(workspace: Workspace, file: Path, reason: str) -> int:
    """Write whose every linked record is, how probable that is and what decided it. Out: how many rows.

    The columns: source, dataset, record_id, person_id, probability (of the pair that brought the record in; NULL where
    nothing was weighed), decided_by.
    Raises: AccessRefused without the right, UsageError where the file is no Parquet file or can't be written.
    """
    workspace.require("link_export")
    if file.suffix != ".parquet":
        raise UsageError("The export is a Parquet file.", where=str(file), todo="Name it FILE.parquet.")
    permit = workspace.permits.standing(workspace.actor, PURPOSE, reason)
    step = Step(
        "links",
        "Which record is whose",
        """SELECT split_part(dataset, '.', 1) AS source, split_part(dataset, '.', 2) AS dataset, record_id, person_id,
                  match_probability AS probability, decided_by
           FROM "spine.person_record" ORDER BY source, dataset, record_id""",
        ("source", "dataset", "record_id", "person_id", "probability", "decided_by"),
    )
    table = workspace.gate.run(permit, [step], {"spine.person_record": ()}).to_arrow()
    workspace.note("export", what="links", rows=table.num_rows)
    temporary = file.with_name(f".{file.name}.{secrets.token_hex(4)}")
    try:
        with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE), "wb") as opened:
            pq.write_table(table, opened)
        os.replace(temporary, file)
    except OSError as error:
        raise UsageError(
            "The file can't be written.", where=str(file), why=str(error.strerror),
            todo="Name a folder that this user may write to, with room.",
        ) from error  # fmt: skip
    finally:
        temporary.unlink(missing_ok=True)
    return int(table.num_rows)
