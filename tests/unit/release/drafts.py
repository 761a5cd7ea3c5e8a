"""Drafts for tests: pupils with a plan, by ward and month."""

from __future__ import annotations

from collections.abc import Sequence

from almoner.methods.disclosure.primary import RULE
from almoner.release.codes import AREA, PERIOD
from almoner.release.draft import Column, CountColumn, Draft, DraftTable, LabelColumn, RateColumn, Said
from almoner.release.primary import without_small_counts

WARDS = {AREA: {f"ward:W{n}": frozenset({f"P{n}a", f"P{n}b"}) for n in range(1, 5)}}
"""Four wards of two postcodes each."""


def pupils(
    counts: Sequence[float | None],
    areas: Sequence[str],
    period: str = "2026-04",
    *,
    said: Sequence[Said] | None = None,
    population: str = "pupils",
    plain: Said = "exact",
) -> Draft:
    """Give a draft of one column of counts; small ones are withheld."""
    words: list[Said] = list(said) if said is not None else [plain] * len(counts)
    columns: tuple[Column, ...] = (
        LabelColumn("ward", "Ward", tuple(areas)),
        CountColumn(
            "pupils",
            "Pupils",
            population,
            {AREA: tuple(areas), PERIOD: (period,) * len(areas)},
            tuple(counts),
            tuple(words),
        ),
    )
    return drafted((DraftTable("pupils", "Pupils by ward", columns),))


def drafted(tables: tuple[DraftTable, ...]) -> Draft:
    """Give a draft of some tables, with small counts withheld."""
    draft = Draft("Pupils", "", "monitoring", "public", "2026-04-30", tables)
    return without_small_counts(draft, RULE)


def with_share(above: Sequence[float], below: Sequence[float]) -> Draft:
    """Give a draft with a share of two columns."""
    areas = tuple(f"ward:W{n}" for n in range(1, len(above) + 1))
    codes = {AREA: areas, PERIOD: ("2026-04",) * len(areas)}
    rounded: tuple[Said, ...] = ("rounded",) * len(areas)
    columns: tuple[Column, ...] = (
        LabelColumn("ward", "Ward", areas),
        CountColumn("plan", "With a plan", "pupils with a plan", codes, tuple(above), rounded),
        CountColumn("all", "Pupils", "pupils", codes, tuple(below), rounded),
        RateColumn("share", "Share, per cent", "plan", "all", 100.0, 1, "wilson"),
    )
    return drafted((DraftTable("shares", "Shares by ward", columns),))
