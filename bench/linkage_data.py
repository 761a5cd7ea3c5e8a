"""What linkage is measured on: the synthetic borough, taken in as a council would, and whose each record truly is."""

from __future__ import annotations

import shutil
from pathlib import Path

import polars as pl
import pyarrow as pa

from almoner.demo import generate
from almoner.wiring.link_inputs import PURPOSE, linkable
from almoner.wiring.mentions import read_mentions
from almoner.wiring.starting import STARTER_SETTINGS, make_workspace
from almoner.wiring.taking_in import take_in
from almoner.wiring.workspace import open_workspace

SETTINGS = STARTER_SETTINGS + '\n[first_user]\nroles = ["analyst", "front_line", "linkage_steward", "governance"]\n'

Truth = dict[tuple[str, str], str]


def borough(folder: Path, people: int, seed: int, months: int = 2) -> tuple[list[pa.Table], Truth]:
    """Make a borough and take it in, month by month. Out: the mentions after each month, and the truth."""
    made = folder / "made"
    generate(people, seed, made)
    make_workspace(folder / "w", SETTINGS)
    workspace, _ = open_workspace(folder / "w")
    mentions = []
    arrivals = sorted((made / "inbox").iterdir())[:months]
    for month in arrivals:
        take_in(workspace, [month], lambda _text: None)
        permit = workspace.permits.standing(workspace.actor, PURPOSE, "Measuring how good linkage is")
        mentions.append(read_mentions(workspace, permit, linkable(workspace)))
    links = pl.read_csv(made / "truth" / "links.csv", infer_schema_length=0)
    whose = links.select("source", "dataset", "record_id", "person_id").rows()
    truth = {(f"{source}.{dataset}", record): person for source, dataset, record, person in whose}
    shutil.rmtree(folder)
    return mentions, truth
