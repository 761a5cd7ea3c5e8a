"""Why: turns what each service holds into the files that it sends: full tables, changes, or only what is new.

Must never know a source: everything it needs is in the layout.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path

import polars as pl

from almoner.demo.chance import Chance
from almoner.demo.faults import Planted, plant
from almoner.demo.layout import PERSON, Feed, Layout, Tables, person_columns
from almoner.demo.months import MONTHS
from almoner.demo.town import Town
from almoner.demo.writers import write_csv, write_jsonl, write_parquet, write_xlsx, write_xml


@dataclass
class Delivered:
    """What was written: records per file (and sheet), and the faults among them."""

    rows: dict[str, int] = field(default_factory=dict)
    planted: list[Planted] = field(default_factory=list)


def deliver(town: Town, feeds: tuple[Feed, ...], inbox: Path) -> Iterator[tuple[Layout, pl.DataFrame, Delivered]]:
    """Write all files of all datasets into the inbox.

    Out: for each dataset its layout, the links of its records to people, and what was written.
    """
    for _, group in groupby(feeds, key=lambda feed: (feed.layout.source, feed.layout.file)):
        members = list(group)
        filled = [(feed.layout, feed.fill(town)) for feed in members]
        delivered = Delivered()
        for number in range(len(MONTHS)):
            _write_month(filled, number, inbox, town, delivered)
        for position, (layout, tables) in enumerate(filled):
            yield layout, links_of(layout, tables), delivered if position == 0 else Delivered()


def _write_month(
    filled: list[tuple[Layout, Tables]], number: int, inbox: Path, town: Town, delivered: Delivered
) -> None:
    month = MONTHS[number]
    ready: list[tuple[Layout, pl.DataFrame]] = []
    for layout, tables in filled:
        frame = _sent(layout, tables, number)
        if frame is None:
            continue
        path = inbox / month.label / layout.source / layout.file_name(month)
        name = path.relative_to(inbox).as_posix()
        frame, found = plant(frame, layout, number, name, Chance(town.seed, f"plant {layout.label}"))
        if layout.footer:
            found.append(Planted(name, layout.sheet, len(frame) + 1, "footer", ""))
        delivered.planted += found
        delivered.rows[name + (f"#{layout.sheet}" if layout.sheet else "")] = len(frame)
        ready.append((layout, frame))
    if not ready:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    layout, frame = ready[0]
    match layout.format:
        case "csv":
            write_csv(frame, layout, path)
        case "xlsx":
            write_xlsx(ready, path, month)
        case "jsonl":
            write_jsonl(frame, layout, path)
        case "xml":
            write_xml(frame, layout, path, month)
        case "parquet":
            write_parquet(frame, path)


def _sent(layout: Layout, tables: Tables, number: int) -> pl.DataFrame | None:
    """Give the rows that go into a month's file, in key order, columns in the layout's order."""
    held = tables[number]
    if held is None:
        return None
    if layout.delivery == "delta":
        held = changes(layout, tables[0], held) if number else _with_action(held, layout, 0)
    return held.sort(layout.key).select(*layout.columns, *person_columns(held))


def _with_action(frame: pl.DataFrame, layout: Layout, which: int) -> pl.DataFrame:
    return frame.with_columns(pl.lit(layout.actions[which]).alias(layout.action))


def changes(layout: Layout, before: pl.DataFrame | None, after: pl.DataFrame) -> pl.DataFrame:
    """Say what has changed between two states: inserted, updated and deleted rows with their action."""
    if before is None:
        return _with_action(after, layout, 0)
    key = list(layout.key)
    new = after.join(before, on=key, how="anti")
    gone = before.join(after, on=key, how="anti")
    values = [name for name in layout.columns if name not in (*key, layout.action)]
    both = after.join(before.select(*key, *values), on=key, how="inner", suffix=" before")
    differs = pl.any_horizontal(pl.col(name).ne_missing(pl.col(f"{name} before")) for name in values)
    changed = both.filter(differs).select(after.columns)
    parts = [_with_action(part, layout, which) for which, part in enumerate((new, changed, gone))]
    return pl.concat(parts)


def links_of(layout: Layout, tables: Tables) -> pl.DataFrame:
    """Say which person each record is about, and in which months the record stands.

    Out: source, dataset, record_id, person (number), from_month, to_month: one row per record id.
    """
    parts = []
    for number, frame in enumerate(tables):
        if frame is None:
            continue
        stands = len(MONTHS) - 1 if layout.delivery == "append" else number
        for name in person_columns(frame):
            record = pl.concat_str([pl.col(k) for k in layout.key], separator="/") + name.removeprefix(PERSON)
            parts.append(
                frame.filter(pl.col(name) >= 0).select(
                    record.alias("record_id"),
                    pl.col(name).alias("person"),
                    pl.lit(number).alias("first"),
                    pl.lit(stands).alias("last"),
                )
            )
    if not parts:
        return pl.DataFrame()
    labels = [month.label for month in MONTHS]
    return (
        pl.concat(parts)
        .group_by("record_id", "person")
        .agg(pl.col("first").min(), pl.col("last").max())
        .sort("record_id", "person")
        .select(
            pl.lit(layout.source).alias("source"),
            pl.lit(layout.dataset).alias("dataset"),
            "record_id",
            "person",
            pl.col("first").replace_strict(dict(enumerate(labels)), return_dtype=pl.String).alias("from_month"),
            pl.col("last").replace_strict(dict(enumerate(labels)), return_dtype=pl.String).alias("to_month"),
        )
    )
