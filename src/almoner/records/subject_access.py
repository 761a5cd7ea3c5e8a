"""What was gathered for subject access: implements `requests.subject_access.ports.GatheredBook`.

It is sealed under the key of its case, so that whoever destroys that key has destroyed it too. Must never hold a word
of it in plain.
"""

from __future__ import annotations

import zlib

from almoner.records.models import GatheredForCase
from almoner.records.sealing import Seal
from almoner.store.case_keys import CaseKeys


class OrmGathered:
    """What was gathered for the cases of one workspace, opened with their keys."""

    def __init__(self, keys: CaseKeys) -> None:
        self._keys = keys

    def keep(self, case_id: str, document: bytes) -> None:
        """Keep what was gathered for a case, in the place of what was gathered before."""
        sealed = Seal(self._keys.key(case_id)).close_bytes(zlib.compress(document), _beside(case_id))
        GatheredForCase.objects.update_or_create(case_id=case_id, defaults={"sealed": sealed})

    def open(self, case_id: str) -> bytes | None:
        """Open what was gathered for a case; None where nothing was, or it was disposed of."""
        row = GatheredForCase.objects.filter(case_id=case_id).first()
        if row is None:
            return None
        where = f"case {case_id}"
        seal = Seal(self._keys.key(case_id))
        return zlib.decompress(
            seal.open_bytes(bytes(row.sealed), _beside(case_id), what="What was gathered", where=where)
        )


def _beside(case_id: str) -> bytes:
    return f"case|{case_id}|gathered".encode()
