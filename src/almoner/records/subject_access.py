"""What was gathered for subject access: implements `requests.subject_access.ports.GatheredBook`.

It is sealed under the key of its case, so that whoever destroys that key has destroyed it too. Must never hold a word
of it in plain.
"""

from __future__ import annotations

import hmac
import zlib
from collections.abc import Sequence

from almoner.records.models import GatheredForCase
from almoner.records.sealing import Seal
from almoner.store.case_keys import CaseKeys


class OrmGathered:
    """What was gathered for the cases of one workspace. In: keys: of the cases; digesting: of whom it is about."""

    def __init__(self, keys: CaseKeys, digesting: bytes) -> None:
        self._keys, self._digesting = keys, digesting

    def keep(self, case_id: str, person_id: str, document: bytes) -> None:
        """Keep what was gathered about a person for a case, in the place of what was gathered before."""
        sealed = Seal(self._keys.key(case_id)).close_bytes(zlib.compress(document), _beside(case_id))
        GatheredForCase.objects.update_or_create(
            case_id=case_id, defaults={"sealed": sealed, "about": self._about(person_id)}
        )

    def forget(self, persons: Sequence[str]) -> int:
        """Take away what was gathered about persons; say for how many cases."""
        about = [self._about(person) for person in persons]
        return int(GatheredForCase.objects.filter(about__in=about).delete()[0])

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

    def _about(self, person_id: str) -> str:
        return hmac.new(self._digesting, person_id.encode(), "sha256").hexdigest()


def _beside(case_id: str) -> bytes:
    return f"case|{case_id}|gathered".encode()
