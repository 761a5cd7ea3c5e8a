"""Runs every benchmark and prints one JSON document. `--quick` uses a tenth of the rows."""

from __future__ import annotations

import datetime as dt
import json
import os
import platform
import sys
import tempfile
from pathlib import Path

from bench import gate, intake


def main() -> None:
    """Run them."""
    scale = 10 if "--quick" in sys.argv else 1
    with tempfile.TemporaryDirectory(prefix="almoner-bench-") as name:
        folder = Path(name)
        document = {
            "machine": {"cores": os.cpu_count(), "python": platform.python_version(), "system": platform.system()},
            "at": dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
            "load_average_before": os.getloadavg()[0],
            "intake": [intake.compare(folder, rows // scale) for rows in (5_000_000, 10_000_000)],
            "gate": gate.compare(folder, 1_000_000 // scale),
        }
    sys.stdout.write(json.dumps(document, indent=2) + "\n")
    sys.stdout.flush()
    os._exit(0)


if __name__ == "__main__":
    main()
