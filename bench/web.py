"""How fast pages are over HTTP, what gate and audit cost of that, and whether anything is lost while much goes on.

The server is a process of its own, with two workers as a council would have; visitors are another. Both share the same
processors, so a page's figure has what its visitors cost in it.
"""

from __future__ import annotations

import json
import os
import resource
import shutil
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import numpy as np

from almoner.demo import generate
from almoner.governance.audit import EventFilter
from almoner.single_view.reading import read_published
from almoner.wiring.linking import link_records
from almoner.wiring.serving import make_snapshot
from almoner.wiring.settings import read_settings
from almoner.wiring.starting import make_workspace
from almoner.wiring.taking_in import take_in
from almoner.wiring.workspace import Workspace, open_workspace
from bench.child import PieceFailed, run_piece
from bench.lookup_data import SETTINGS
from bench.web_data import WEB, WORKERS, worker, write_workspace
from bench.web_running import Running, running

USERS, THINK = 20, 1.0
LONG = 60
"""Seconds that pages are opened for one figure, in a workspace that is worth measuring."""
SLOWEST = 0.5
"""Seconds that p99 may take at the highest rate."""
RATES = (20, 30, 40, 50, 60, 70, 80, 90, 100, 120, 140, 160)
AUDITED_A_SECOND, AUDITING = 200, 4
LINKED_SHARE = 50
"""Intake and link run beside users in a borough of so many times fewer people: one with all its deliveries."""
WHY = "Measuring how fast pages are"


def compare(folder: Path, people: int) -> dict[str, Any]:
    """Measure all of it."""
    folder.mkdir(parents=True, exist_ok=True)
    seconds = LONG if people >= 50_000 else 3
    found: dict[str, Any] = {"people": people, "made": _piece("make", folder / "large", people)}
    found["pages"] = _piece("pages", folder / "large", seconds)
    found["audit"] = _piece("audit", folder / "large", 120 if people >= 50_000 else 3)
    shutil.rmtree(folder / "large")
    found["beside"] = _piece("borough", folder / "small", max(300, people // LINKED_SHARE))
    found["beside"] |= _piece("beside", folder / "small", seconds // 2)
    return found


def _piece(name: str, folder: Path, number: int) -> dict[str, Any]:
    return run_piece("bench.web", name, str(folder), str(number))


def make(folder: Path, people: int) -> dict[str, Any]:
    """Write the workspace; measure how long its snapshot takes to make."""
    workspace, town = write_workspace(folder, people, workers=2, threads=4)
    before, busy = time.perf_counter(), time.process_time()
    make_snapshot(workspace, lambda _: None, purpose="matching")
    seconds, cpu = time.perf_counter() - before, time.process_time() - busy
    chosen = range(0, people, max(1, people // 2000))
    listed = [[f"{town.forename[each]} {town.surname[each]}", town.born[each].isoformat()] for each in chosen]
    (folder / "people.json").write_text(json.dumps(listed))
    (folder / "ids.json").write_text(json.dumps([town.person[each] for each in chosen]))
    held = sum(file.stat().st_size for file in (folder / "lake" / "serving").rglob("*.*") if file.is_file())
    workspace.close()
    return {
        "snapshot_seconds": round(seconds, 1), "snapshot_cpu_seconds": round(cpu, 1),
        "peak_gigabytes": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6, 2),
        "megabytes_on_disk": round(held / 1e6), "load": _load(),
    }  # fmt: skip


def pages(folder: Path, seconds: int) -> dict[str, Any]:
    """Let twenty workers open records and search; find the highest rate; then the same without gate and audit."""
    found: dict[str, Any] = {}
    with _served(folder) as server:
        server.do("record", seconds / 6, think=THINK)
        found["record"] = _figures(server.do("record", seconds, think=THINK))
        found["search"] = _figures(server.do("search", seconds, think=THINK))
        found["rates"] = _rates(server, seconds / 4)
    turns: dict[str, list[dict[str, Any]]] = {"with_gate": [], "without": []}
    for bare in (True, False) * (2 if seconds >= LONG else 1):
        with _served(folder, bare=bare) as server:
            server.do("record", seconds / 6, think=THINK)
            turns["without" if bare else "with_gate"].append(_figures(server.do("record", seconds / 2, think=THINK)))
    best = {name: min(each["server_cpu_milliseconds"] for each in done) for name, done in turns.items()}
    return {**found, **turns, "gate_and_audit_percent_of_cpu": _over(best["with_gate"], best["without"])}


def audit(folder: Path, seconds: int) -> dict[str, Any]:
    """Read through the gate from several processes at a fixed rate; count what the log has of it, and verify it."""
    workspace = Workspace(folder, read_settings(folder), worker(0))
    size, load = sum(1 for _ in workspace.audit.events()), _load()
    started = time.monotonic()
    each = [str(folder), str(seconds), str(AUDITED_A_SECOND // AUDITING)]
    command = [sys.executable, "-W", "ignore", "-m", "bench.web", "read"]
    children = [subprocess.Popen([*command, *each, str(n)], stdout=subprocess.PIPE, text=True) for n in range(AUDITING)]
    told = [json.loads(child.communicate()[0].splitlines()[-1]) for child in children]
    elapsed = time.monotonic() - started
    permits = {permit: count for one in told for permit, count in one["reads"].items()}
    kept = {permit: sum(1 for e in workspace.audit.events(EventFilter(permit_id=permit)) if e.event.action == "run")
            for permit in permits}  # fmt: skip
    events = [event.sequence for event in workspace.audit.events()]
    taken = np.array([spent for one in told for spent in one["taken"]]) * 1000
    return {
        "reads": sum(permits.values()), "lost": sum(max(0, permits[p] - kept[p]) for p in permits),
        "doubled": sum(max(0, kept[p] - permits[p]) for p in permits), "refused": sum(one["failed"] for one in told),
        "sequence_whole": events == list(range(1, len(events) + 1)), "log_intact": workspace.audit.verify().intact,
        "reads_a_second": round(sum(permits.values()) / max(one["seconds"] for one in told), 1),
        "milliseconds": _percentiles(taken), "events_before": size, "seconds": round(elapsed), "load": [load, _load()],
    }  # fmt: skip


def read(folder: Path, seconds: float, rate: float, number: int) -> dict[str, Any]:
    """Read people through the gate at a rate; what can't keep up is late, never left out."""
    workspace = Workspace(folder, read_settings(folder), worker(number)).shared()
    people = json.loads((folder / "ids.json").read_text())[number::AUDITING][:50]
    office = workspace.permits
    permits = [(p, office.standing(worker(number), "front_line", WHY, subjects=(p,))) for p in people]
    reads, failed, taken, begun = {permit.id: 0 for _, permit in permits}, 0, [], time.monotonic()
    for turn in range(int(seconds * rate)):
        time.sleep(max(0.0, begun + turn / rate - time.monotonic()))
        person, permit = permits[turn % len(permits)]
        started = time.perf_counter()
        try:
            if read_published(workspace.registry, workspace.gate, permit, [person]) is None:
                failed += 1
            reads[permit.id] += 1
        except Exception:
            failed += 1
        taken.append(time.perf_counter() - started)
    return {"reads": reads, "failed": failed, "taken": taken, "seconds": time.monotonic() - begun}


def beside(folder: Path, seconds: int) -> dict[str, Any]:
    """Take in and join while twenty workers open records, beside the same workers when nothing else goes on."""
    (folder / "second-month").rename(folder / "inbox" / "second-month")
    with _served(folder) as server:
        server.do("record", seconds / 3, think=THINK)
        quiet = _figures(server.do("record", seconds, think=THINK))
        done = threading.Event()
        told: dict[str, Any] = {}
        worker_thread = threading.Thread(target=_take_in, args=(folder, told, done))
        worker_thread.start()
        busy = []
        while not done.is_set():
            busy.append(server.do("record", 5, think=THINK))
        worker_thread.join()
        after = _figures(server.do("record", seconds, think=THINK))
    whole = _figures({**busy[0], "taken": [t for each in busy for t in each["taken"]],
                      "errors": sum(each["errors"] for each in busy), "load": [busy[0]["load"][0], busy[-1]["load"][1]],
                      "failed": sorted({f for each in busy for f in each["failed"]}),
                      "server_cpu": sum(each["server_cpu"] for each in busy)})  # fmt: skip
    return {"quiet": quiet, "during": whole, "after": after, **told,
            "p99_over_quiet": round(whole["p99"] / quiet["p99"], 2)}  # fmt: skip


def borough(folder: Path, people: int) -> dict[str, Any]:
    """Make the synthetic borough with its first month taken in and joined; its second month waits."""
    make_workspace(folder, SETTINGS + WEB.format(workers=2, threads=4))
    generate(people, 5, folder / "borough")
    shutil.rmtree(folder / "inbox")
    (folder / "borough" / "inbox").rename(folder / "inbox")
    (folder / "borough" / "open-data").rename(folder / "open-data")
    first, second = sorted(each for each in (folder / "inbox").iterdir() if each.is_dir())
    second.rename(folder / "second-month")
    workspace, _ = open_workspace(folder)
    for number in range(WORKERS):
        workspace.records.grant_roles(worker(number), ("front_line",), "benchmark")
    taken = take_in(workspace, [folder / "inbox"], lambda _: None)
    metrics = link_records(workspace, lambda _: None)
    spine = workspace.lake.catalogue.spine()
    rows = workspace.lake.spine_table(spine, "person").to_table().slice(0, 3000).to_pylist()
    known = [[f"{row['forename']} {row['surname']}", row["date_of_birth"].isoformat()] for row in rows
             if row["forename"] and row["surname"] and row["date_of_birth"]]  # fmt: skip
    (folder / "people.json").write_text(json.dumps(known))
    workspace.close()
    return {"people": people, "first_month": first.name, "deliveries": len(taken.deliveries),
            "records": metrics["records"], "second_month": second.name}  # fmt: skip


def _take_in(folder: Path, told: dict[str, Any], done: threading.Event) -> None:
    try:
        for command in ("intake", "link"):
            started = time.monotonic()
            run = [sys.executable, "-c", "from almoner.cli.main import app_entry; app_entry()", command]
            ended = subprocess.run(run, env={**os.environ, "ALMONER_WORKSPACE": str(folder)}, capture_output=True,
                                   text=True, check=False)  # fmt: skip
            told[f"{command}_seconds"] = round(time.monotonic() - started, 1)
            if ended.returncode:
                told[f"{command}_failed"] = ended.stderr[-500:]
    finally:
        done.set()


def _served(folder: Path, *, bare: bool = False) -> Any:
    return running(folder, folder / "people.json", min(USERS, WORKERS), bare=bare)


def _rates(server: Running, seconds: float) -> dict[str, Any]:
    """Raise the rate until the slowest of a hundred takes too long."""
    found, highest = {}, 0
    for rate in RATES if seconds >= LONG / 4 else RATES[:2]:
        seen = _figures(server.do("rate", max(2.0, seconds), rate=rate))
        found[str(rate)] = seen
        if seen["p99"] > SLOWEST * 1000 or seen["errors"]:
            break
        highest = rate
    return {"highest_pages_a_second": highest, "of": found}


def _figures(seen: dict[str, Any]) -> dict[str, Any]:
    taken = np.array(seen["taken"]) * 1000
    return {
        "pages": len(taken), **_percentiles(taken), "errors": seen["errors"],
        **({"failed": seen["failed"]} if seen["failed"] else {}),
        "server_cpu_milliseconds": round(seen["server_cpu"] / max(1, len(taken)) * 1000, 1), "load": seen["load"],
    }  # fmt: skip


def _percentiles(milliseconds: np.ndarray) -> dict[str, float]:
    if not len(milliseconds):
        raise PieceFailed("nothing was measured")
    return {f"p{q}": round(float(np.percentile(milliseconds, q)), 1) for q in (50, 95, 99)}


def _over(more: float, less: float) -> float:
    return round((more / less - 1) * 100, 1)


def _load() -> float:
    return round(os.getloadavg()[0], 1)


if __name__ == "__main__":
    if sys.argv[1] == "read":
        result = read(Path(sys.argv[2]), float(sys.argv[3]), float(sys.argv[4]), int(sys.argv[5]))
    else:
        result = {"make": make, "borough": borough, "pages": pages, "audit": audit, "beside": beside}[sys.argv[1]](
            Path(sys.argv[2]), int(sys.argv[3])
        )
    sys.stdout.write(json.dumps(result) + "\n")
    sys.stdout.flush()
    os._exit(0)
