"""Which rows of a dataset are current: the last snapshot, and what later deltas and additions made of it."""

from __future__ import annotations

from collections.abc import Sequence

from almoner.store.catalogue import ROW_ID_SHIFT, DeliveryEntry


def current_deliveries(entries: Sequence[DeliveryEntry]) -> list[DeliveryEntry]:
    """Give the deliveries that can hold current rows: from the last snapshot on, oldest first.

    In: a dataset's deliveries that no correction has replaced.
    """
    ordered = sorted(entries, key=lambda entry: (entry.as_of, entry.sent_on or entry.as_of, entry.number))
    start = max((i for i, entry in enumerate(ordered) if entry.kind == "snapshot"), default=0)
    return ordered[start:]


def whole(entries: Sequence[DeliveryEntry]) -> bool:
    """Say whether every row of these deliveries is current, so that no row need be looked up."""
    return len(entries) <= 1 and all(entry.kind == "snapshot" for entry in entries)


def current_rows_sql(rows_view: str, entries: Sequence[DeliveryEntry]) -> str:
    """Write the SELECT that gives the current row_ids (column row_id) among some deliveries' rows.

    The last row with a key wins, in the order of the deliveries; a deleted key is gone.
    """
    ranks = ", ".join(f"({entry.number}, {rank})" for rank, entry in enumerate(entries))
    return f"""
        SELECT row_id, record_key FROM (
            SELECT r.row_id, r.record_key, r.action,
                   row_number() OVER (PARTITION BY r.record_key ORDER BY o.rank DESC, r.row_id DESC) AS newest
            FROM {rows_view} AS r
            JOIN (VALUES {ranks or "(0, 0)"}) AS o(number, rank) ON o.number = (r.row_id >> {ROW_ID_SHIFT})
        ) WHERE newest = 1 AND action <> 'D'"""
