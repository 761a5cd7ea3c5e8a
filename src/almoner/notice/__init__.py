"""The public notice, the record of processing, and the check that both are still true. Nothing here reads
data."""

from almoner.notice.building import BuiltPage, build_notice, built_pages, stated_section
from almoner.notice.drift import check_drift, find_drift
from almoner.notice.drift_kinds import Drift
from almoner.notice.held import (
    DisposedUnder,
    HeldFacts,
    KeptOn,
    LandedDataset,
    SharedOut,
    Use,
    landed_from,
    uses_from,
)

__all__ = [
    "BuiltPage",
    "DisposedUnder",
    "Drift",
    "HeldFacts",
    "KeptOn",
    "LandedDataset",
    "SharedOut",
    "Use",
    "build_notice",
    "built_pages",
    "check_drift",
    "find_drift",
    "landed_from",
    "stated_section",
    "uses_from",
]
