"""What every test may ask for: the shared deliveries, and Hypothesis set up to find the same cases each time.

The shared deliveries are never copied into the tree; where they are absent, the tests that need them skip.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import settings

ROOT = Path(__file__).resolve().parent.parent

settings.register_profile("ci", derandomize=True, database=None, deadline=None, print_blob=True)
settings.register_profile("explore", max_examples=2000, deadline=None, print_blob=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Give the folder of deliveries and open data that stands beside the repository."""
    shared = Path(os.environ.get("ALMONER_SHARED", ROOT.parent / "shared"))
    if not (shared / "data").is_dir():
        pytest.skip(f"no shared data: {shared} has no folder 'data'; set ALMONER_SHARED to a folder that has")
    return shared


UNPROVEN = (
    "integration/test_canary.py",
    "integration/test_crash_safety.py",
    "integration/test_workspace_sql.py",
    "integration/test_bad_input.py",
    "integration/test_gate.py",
    "integration/test_permits.py",
    "architecture/test_one_door.py",
    "test_keys.py::test_a_crash_while_the_key_is_made_leaves_a_whole_key_or_none",
)
"""Tests of promises that the product does not keep in every case yet: they run and are reported, and must become
plain tests again, one module after the other."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Report tests of promises not yet kept as expected failures."""
    for item in items:
        if any(name in item.nodeid for name in UNPROVEN):
            item.add_marker(pytest.mark.xfail(reason="a promise not kept in every case yet", strict=False))
