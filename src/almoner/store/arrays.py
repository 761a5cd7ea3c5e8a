"""Arrays as a table of one row each, so that they can be kept as an encrypted file like everything else.

It must never hold an array of objects: what is kept is plain numbers and bytes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from almoner.kernel.errors import LakeError

Arrays = Mapping[str, npt.NDArray[np.generic]]
"""Named arrays of numbers, of one dimension."""

SCHEMA = pa.schema(
    [
        pa.field("name", pa.string(), nullable=False),
        pa.field("kind", pa.string(), nullable=False),
        pa.field("bytes", pa.large_binary(), nullable=False),
    ]
)


def arrays_table(arrays: Arrays) -> pa.Table:
    """Write arrays as a table: name, kind of number, bytes."""
    if any(array.dtype.hasobject for array in arrays.values()):
        raise LakeError("Only numbers are kept as arrays.")
    columns = {
        "name": list(arrays),
        "kind": [array.dtype.str for array in arrays.values()],
        "bytes": [np.ascontiguousarray(array).tobytes() for array in arrays.values()],
    }
    return pa.table(columns, schema=SCHEMA)


def table_arrays(tables: Iterable[pa.Table]) -> dict[str, npt.NDArray[np.generic]]:
    """Read arrays back, each from its own table, in memory of their own."""
    found: dict[str, npt.NDArray[np.generic]] = {}
    for table in tables:
        for batch in table.to_batches():
            for name, kind, held in zip(*(batch.column(position) for position in range(3)), strict=True):
                found[name.as_py()] = np.frombuffer(held.as_buffer(), dtype=np.dtype(kind.as_py())).copy()
    return found
