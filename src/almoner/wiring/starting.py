"""Makes a new workspace from the packaged starter registry."""

from __future__ import annotations

import shutil
from importlib.resources import as_file, files
from pathlib import Path

from almoner.kernel.errors import UsageError
from almoner.wiring.settings import FILE

STARTER_SETTINGS = """# The settings of this workspace: docs/reference/settings.md explains each.

[engine]
memory = "4GB"
threads = 2
# spill = "/dev/shm/almoner"   # tmpfs, or an encrypted volume with spill_is_encrypted = true

[keys]
file = "keys/master.key"       # or set ALMONER_MASTER_KEY

[intake]
open_data = ["open-data", "{inbox}/../open-data"]
"""


def make_workspace(directory: Path, settings: str = STARTER_SETTINGS) -> list[str]:
    """Write a workspace into an empty or new directory.

    Out: the files made, relative to it. Raises: UsageError where the directory holds something.
    """
    if directory.exists() and (not directory.is_dir() or any(directory.iterdir())):
        raise UsageError(
            "The directory is not empty.",
            where=str(directory),
            why="A workspace is never made over something else.",
            todo="Give an empty or new directory.",
        )
    directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    with as_file(files("almoner.registry") / "starter") as starter:
        shutil.copytree(starter, directory / "registry", ignore=shutil.ignore_patterns("__pycache__", "*.py"))
    (directory / "inbox").mkdir()
    (directory / FILE).write_text(settings, encoding="utf-8")
    return sorted(str(path.relative_to(directory)) for path in directory.rglob("*") if path.is_file())
