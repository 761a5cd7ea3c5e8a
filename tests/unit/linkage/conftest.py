"""The borough that several tests judge by: made and linked once."""

from __future__ import annotations

import pytest

from almoner.linkage import LinkOutcome, LinkSettings, link
from tests.unit.linkage.borough import Borough


@pytest.fixture(scope="session")
def borough() -> Borough:
    """Give a borough of three thousand people."""
    return Borough(3000, seed=11)


@pytest.fixture(scope="session")
def linked(borough: Borough) -> LinkOutcome:
    """Give the borough linked from scratch."""
    return link(borough.table(), previous=None, decisions=(), settings=LinkSettings(), seed=1)
