"""Takes a few rows out of a part of the lake: for whoever reads about one person among millions.

Row groups that can't hold them are skipped, and nothing else of the part is ever joined. It must never be handed out.
"""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds


def taken(
    data: ds.Dataset | pa.Table, column: str, values: Sequence[object] | pa.ChunkedArray, columns: Sequence[str] = ()
) -> pa.Table:
    """Take the rows of a part in which a column has one of a few values: nothing else of the part is ever joined."""
    field = data.schema.field(column)
    wanted = values.combine_chunks() if isinstance(values, pa.ChunkedArray) else pa.array(values, field.type)
    wanted = wanted.cast(field.type).unique()
    chosen = list(columns) or data.schema.names
    if isinstance(data, pa.Table):
        return data.filter(pc.is_in(data.column(column), value_set=wanted)).select(chosen)
    return data.to_table(columns=chosen, filter=pc.field(column).isin(wanted))
