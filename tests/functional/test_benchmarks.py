"""Every section of the benchmarks runs, at a small size, and measures something. No time is asserted."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[2]
SECTIONS = {
    "intake": "almoner_seconds", "gate": "gate_milliseconds", "lookup": "p95", "profiles": "gate_seconds",
    "disclosure": "seconds", "retention": "seconds_to_look", "web": "p99",
}  # fmt: skip
"""Section → a measure that has to be in what it prints. `linkage` needs peers from a lock of their own."""


@pytest.mark.parametrize("section", SECTIONS)
def test_a_section_runs_and_prints_what_it_measured(section: str):
    command = [sys.executable, "-m", "bench", "--only", section, "--scale", "1000"]
    search = {**os.environ, "PYTHONPATH": os.pathsep.join([str(PROJECT / "src"), str(PROJECT)])}
    done = subprocess.run(command, cwd=PROJECT, env=search, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    document = json.loads(done.stdout)
    assert SECTIONS[section] in json.dumps(document[section])


def test_every_section_but_linkage_is_tried():
    command = [sys.executable, "-m", "bench", "--only", "nothing"]
    done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=False)
    named = done.stderr.split("choose one of ")[1].strip(" .\n").split(", ")
    assert set(named) == {*SECTIONS, "linkage"}
