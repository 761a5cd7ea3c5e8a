"""How long it takes to answer somebody of whom 2,000 records are held, among many rows of others.

Rows come in by the real intake, each with a text that names a neighbour. The spine is written as linkage would leave it,
without linkage: 2,000 records are one person's, with fifty people near them. Each piece runs in a process of its own.
"""

from __future__ import annotations

import json
import os
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from almoner.kernel.tables import SPINE
from almoner.requests.casework.cases import Content, Requester
from almoner.requests.casework.deciding import approve, decide
from almoner.requests.casework.exemptions import Grounds
from almoner.requests.casework.handling import exempt
from almoner.requests.subject_access.entitled import verify
from almoner.store.catalogue import SpineEntry
from almoner.store.lake import Lake
from almoner.wiring.casework import approving_office_of, office_of
from almoner.wiring.subject_access import gather, look_at, make_pack
from almoner.wiring.taking_in import take_in
from almoner.wiring.workspace import open_workspace
from bench.child import run_piece
from bench.workspace import REGISTRY, SOURCE, make_workspace, write_claims

DATASET = "benefits.claims"
NEAR = 50
LOOKS = 100
WHO = "P000000000000"
PURPOSE = """[purpose.requests]
title = "Subject access"
notice = "Subject access."
lawful_basis = "public_task"
special_category_condition = "interest"
form = "identifiable"
scope = "one_person"
permit_days = 30
sees_whereabouts = true
despite_restriction = true
categories = ["name", "date_of_birth", "address", "identifiers", "record", "financial", "ethnicity"]
[agreement.internal]"""
RIGHTS = 'rights = ["intake", "grant", "requests", "requests_approve"]'
KEY = "age1yt3tfqlfrwdwx0z0ynwplcr6qxcxfaqycuprpmy89nr83ltx74tqdpszlw"
"""Anybody's: the public key in the examples of age's specification."""


def compare(folder: Path, rows: int, records: int) -> dict[str, Any]:
    """Measure it."""
    folder.mkdir(parents=True)
    made = run_piece("bench.sar", "make", str(folder / "sar"), str(rows), str(records))
    return {**made, **run_piece("bench.sar", "answer", str(folder / "sar"), str(rows), str(records))}


def make(folder: Path, rows: int, records: int) -> dict[str, Any]:
    """Take rows in and write a spine of them; nothing of this is measured."""
    root = make_workspace(folder)
    council, source = root / "registry" / "council.toml", root / "registry" / "sources" / "benefits.toml"
    text = REGISTRY.replace("[agreement.internal]", PURPOSE).replace('rights = ["intake", "grant"]', RIGHTS)
    council.write_text(text.replace('purposes = ["planning"]', 'purposes = ["planning", "requests"]'))
    told = SOURCE.replace('purposes = ["planning"]', 'purposes = ["planning", "requests"]')
    source.write_text(told + 'note = { from = "NOTE", category = "financial" }\n')
    (root / "inbox").mkdir()
    plain = root / "plain.csv"
    write_claims(plain, rows)
    with plain.open() as given, (root / "inbox" / "claims_20260101.csv").open("w") as out:
        for number, line in enumerate(given):
            out.write(line.rstrip("\n") + (",NOTE\n" if number == 0 else f",{_note(number)}\n"))
    plain.unlink()
    workspace, _ = open_workspace(root)
    assert not take_in(workspace, [root / "inbox"], lambda _: None).refused
    write_spine(workspace.lake, records)
    for _ in range(LOOKS):
        workspace.note("person.look", purpose="requests", subjects=[WHO])
    workspace.close()
    return {"rows": rows, "records": records, "looks": LOOKS, "near": NEAR}


def _note(number: int) -> str:
    return f"Rang on day {number % 28 + 1}; Mrs Nearone{number % 7} at 12 Quarry Bank says Nearby{number % NEAR} owes 0161 496 0{number % 1000:03d}"


def write_spine(lake: Lake, records: int) -> None:
    """Write who is who: the first records are one person's, every two others another's; fifty people are near."""
    (entry,) = lake.catalogue.deliveries(DATASET)
    number = lake.catalogue.next_number()
    parts = lake.spine_parts(number)
    first = 0
    for file in entry.parts("persons"):
        for table in lake.parquet.groups(lake.folder / file.path, "identity"):
            numbers = np.arange(first, first + table.num_rows)
            whose = np.where(numbers < records, 0, numbers // 2)
            persons = np.char.mod("P%012d", whose)
            told = {"dataset": [DATASET] * len(numbers), "record_id": table.column("record_id"), "slot": table.column("slot"),
                    "row_id": table.column("row_id"), "person_id": pa.array(persons), "decided_by": ["model"] * len(numbers),
                    "evidence": ["forename same, surname same"] * len(numbers)}  # fmt: skip
            parts.write("person_record", _table("person_record", told, len(numbers)), "spine")
            _, one = np.unique(whose, return_index=True)
            about = {name: table.column(name).take(pa.array(one)) for name in ("forename", "surname", "date_of_birth")}
            parts.write("person", _table("person", {**about, "person_id": pa.array(persons[one])}, len(one)), "spine")
            first += table.num_rows
    near = pa.array([f"P{9 * 10**11 + n:012d}" for n in range(NEAR)])
    people = {
        "person_id": near,
        "forename": [f"NEARBY{n}" for n in range(NEAR)],
        "surname": [f"NEARONE{n}" for n in range(NEAR)],
    }
    parts.write("person", _table("person", people, NEAR), "spine")
    related = {
        "person_id": near,
        "other_person_id": [WHO] * NEAR,
        "kind": ["parent"] * NEAR,
        "source": [DATASET] * NEAR,
    }
    parts.write("relationship", _table("relationship", related, NEAR), "spine")
    parts.write(
        "person_record",
        _table("person_record", {**dict.fromkeys(("dataset",), [DATASET] * NEAR), "person_id": near}, NEAR),
        "spine",
    )
    for name, schema in SPINE.items():
        if name not in ("person_record", "person", "relationship"):
            parts.write(name, schema.empty_table(), "spine")
    lake.catalogue.commit_spine(SpineEntry(number, parts.finish(), "bench", {}))


def _table(name: str, told: dict[str, Any], count: int) -> pa.Table:
    columns = []
    for field in SPINE[name]:
        values = told.get(field.name)
        if values is None:
            columns.append(pa.nulls(count, field.type))
        else:
            columns.append(
                (values if isinstance(values, pa.ChunkedArray | pa.Array) else pa.array(values)).cast(field.type)
            )
    return pa.table(columns, schema=pa.schema([field.with_nullable(True) for field in SPINE[name]]))


def answer(folder: Path, rows: int, records: int) -> dict[str, Any]:
    """Gather everything on the person, look at it once as a reviewer does, and make the pack."""
    workspace, _ = open_workspace(folder)
    office = office_of(workspace)
    case = office.open("subject_access", Content(Requester("Somebody"), "Everything on me", WHO)).case.id
    verify(office, case, "self", "A passport was seen")
    busy = time.process_time()
    (_, review), gathering = _timed(lambda: gather(workspace, case))
    busy = time.process_time() - busy
    _, looking = _timed(lambda: look_at(workspace, case))
    exempt(office, case, "Sch 2 para 16", Grounds("Others are named in it"))
    decided = decide(office, case, "partly", "Here is what we hold about you")
    workspace.records.grant_roles("second", ("operator",), "bench")
    approve(approving_office_of(workspace.acting_as("second")), case, decided.case.version, "Looked at all of it")
    busy -= time.process_time()
    content, packing = _timed(lambda: make_pack(workspace, case, recipient=KEY))
    busy += time.process_time()
    return {
        "entries": len(review.gathered.entries), "redactions": len(review.redactions),
        "places": sum(len(each.places) for each in review.redactions),
        "seconds_to_gather": gathering, "seconds_to_look": looking, "seconds_to_pack": packing,
        "seconds_to_answer": round(gathering + packing, 1), "cpu_seconds_to_answer": round(busy, 1), "pack_megabytes": round(len(content) / 1e6, 1),
        "peak_gigabytes": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6, 2),
        "load_average": os.getloadavg()[0],
    }  # fmt: skip


def _timed(do: Callable[[], Any]) -> tuple[Any, float]:
    started = time.perf_counter()
    done = do()
    return done, round(time.perf_counter() - started, 1)


PIECES = {"make": make, "answer": answer}

if __name__ == "__main__":
    sys.stdout.write(json.dumps(PIECES[sys.argv[1]](Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]))) + "\n")
    sys.stdout.flush()
    os._exit(0)
