"""Runs a piece of a benchmark in a process of its own: no memory and no warm cache of one side helps the other."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any


class PieceFailed(RuntimeError):
    """A piece of a benchmark failed; the message is the last that it said."""


def run_piece(module: str, *arguments: str, seconds: float | None = None) -> dict[str, Any]:
    """Run `python -m module arguments…` and read the JSON object on its last line.

    Raises: PieceFailed, with the end of what it wrote; subprocess.TimeoutExpired after so many seconds.
    """
    command = [sys.executable, "-W", "ignore", "-m", module, *arguments]
    done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=seconds)
    if done.returncode != 0:
        raise PieceFailed(f"{module} {arguments[0]} failed: {done.stderr.strip()[-2000:] or 'no reason given'}")
    result: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return result
