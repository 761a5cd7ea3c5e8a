"""Unpacks a gzip file into memory, within bounds: a small file may not become an endless one."""

from __future__ import annotations

import gzip
import os
import zlib
from pathlib import Path

from almoner.kernel.errors import DeliveryRefused

MOST_BYTES = 1 << 30
MOST_RATIO = 200
BLOCK = 1 << 20


def unpacked(path: Path) -> int:
    """Unpack into a file in memory. Out: its handle, which the caller closes.

    Raises: DeliveryRefused where it is no whole gzip file or unpacks to too much.
    """
    limit = min(MOST_BYTES, MOST_RATIO * max(path.stat().st_size, BLOCK))
    handle = os.memfd_create("almoner", 0)
    try:
        with gzip.open(path) as packed, os.fdopen(os.dup(handle), "wb") as out:
            size = 0
            while block := packed.read(BLOCK):
                size += len(block)
                if size > limit:
                    raise DeliveryRefused(
                        "The file unpacks to more than any delivery should hold.", where=path.name,
                        why="Such files exhaust a machine.", todo="Ask the supplier for the file unpacked.",
                    )  # fmt: skip
                out.write(block)
    except (OSError, EOFError, zlib.error) as error:
        os.close(handle)
        raise DeliveryRefused(
            "The file is not a whole gzip file.", where=path.name, todo="Ask the supplier to send it again."
        ) from error
    except DeliveryRefused:
        os.close(handle)
        raise
    return handle
