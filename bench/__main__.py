"""Runs every benchmark and prints one JSON document.

`--quick` uses a tenth of the rows, `--scale N` one Nth; `--only SECTION` runs one section: intake, gate, linkage, lookup,
profiles, retention, disclosure or web.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import platform
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bench import disclosure, gate, intake, linkage, lookup, profiles, retention, web


def main() -> None:
    """Run them."""
    scale = int(_given("--scale") or (10 if "--quick" in sys.argv else 1))
    only = _given("--only")
    with tempfile.TemporaryDirectory(prefix="almoner-bench-") as name:
        folder = Path(name)
        document: dict[str, Any] = {
            "machine": {"cores": os.cpu_count(), "python": platform.python_version(), "system": platform.system()},
            "at": dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
            "load_average_before": os.getloadavg()[0],
        }
        sections: dict[str, Callable[[], Any]] = {
            "intake": lambda: [intake.compare(folder, rows // scale) for rows in (5_000_000, 10_000_000)],
            "gate": lambda: gate.compare(folder, 1_000_000 // scale),
            "linkage": lambda: linkage.compare(folder / "linkage", scale),
            "lookup": lambda: lookup.compare(folder / "lookup", 1_000_000 // scale),
            "profiles": lambda: profiles.compare(folder / "profiles", 550_000 // scale, 5_000_000 // scale),
            "web": lambda: web.compare(folder / "web", 1_000_000 // scale),
            "retention": lambda: retention.compare(folder / "retention", 10_000_000 // scale, 1_000_000 // scale),
            "disclosure": lambda: disclosure.compare(1_000_000 // scale),
        }
        if only is not None and only not in sections:
            sys.exit(f"There is no section {only}: choose one of {', '.join(sections)}.")
        document |= {name: run() for name, run in sections.items() if only in (None, name)}
    sys.stdout.write(json.dumps(document, indent=2) + "\n")
    sys.stdout.flush()
    os._exit(0)


def _given(option: str) -> str | None:
    return sys.argv[sys.argv.index(option) + 1] if option in sys.argv else None


if __name__ == "__main__":
    main()
