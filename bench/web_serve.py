"""Serves a workspace as `almoner serve` does; with `bare`, without gate and audit, for comparison only.

The ungated way is a stub of this benchmark: the product has no setting that opens it.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from almoner.governance.gate import Gate
from almoner.web.serving import serve_pages


def without_gate() -> None:
    """Let every check say yes, and keep no event."""

    def nothing(*_given: Any, **_named: Any) -> int:
        return 0

    Gate._check = nothing  # type: ignore[assignment,method-assign]
    Gate._record = nothing  # type: ignore[assignment,method-assign]


if __name__ == "__main__":
    if "bare" in sys.argv[3:]:
        without_gate()
    serve_pages(Path(sys.argv[1]), "127.0.0.1", int(sys.argv[2]))
