"""Random samples of pairs for review, kept in Django's ORM: implements `governance.ports.Samples`.

Which records were drawn would name people, and whether they were joined would end the blindness of whoever is asked:
both are sealed. Must never write either in plain, and never change or remove a pair that was drawn.
"""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction

from almoner.governance.ports import SampledPair
from almoner.records.models import ReviewSample
from almoner.records.sealing import Seal


class OrmSamples:
    """The samples of one workspace, opened with its key."""

    def __init__(self, sealing_key: bytes) -> None:
        self._seal = Seal(sealing_key)

    def keep(self, pairs: Sequence[SampledPair]) -> None:
        """Keep a sample: all of it or, in a crash, nothing."""
        with transaction.atomic():
            ReviewSample.objects.bulk_create(self._row(pair) for pair in pairs)

    def latest(self) -> list[SampledPair]:
        """Give the sample drawn last, in an order that says nothing of the pairs; none where none was drawn.

        Raises: KeyMissing where one was written under another key, or altered.
        """
        newest = ReviewSample.objects.order_by("-id").first()
        if newest is None:
            return []
        rows = ReviewSample.objects.filter(draw=newest.draw, drawn_at=newest.drawn_at)
        return [self._pair(row) for row in rows.order_by("pair")]  # a keyed digest: as good as by lot

    def every(self) -> list[SampledPair]:
        """Give every pair that was ever drawn."""
        return [self._pair(row) for row in ReviewSample.objects.order_by("id")]

    def _row(self, pair: SampledPair) -> ReviewSample:
        row = ReviewSample(draw=pair.draw, pair=pair.pair, drawn_at=pair.drawn_at)
        document = {
            "records": [pair.left, pair.right], "probability": pair.probability, "linked": pair.linked,
            "inclusion": pair.inclusion,
        }  # fmt: skip
        row.sealed = self._seal.close(document, _bound(row))
        return row

    def _pair(self, row: ReviewSample) -> SampledPair:
        document = self._seal.open(row.sealed, _bound(row), what="A sampled pair", where=f"sample {row.draw}")
        left, right = (tuple(each) for each in document["records"])
        return SampledPair(
            draw=row.draw,
            pair=row.pair,
            left=left,
            right=right,
            probability=document["probability"],
            linked=document["linked"],
            inclusion=document["inclusion"],
            drawn_at=row.drawn_at,
        )


def _bound(row: ReviewSample) -> bytes:
    """What a pair is bound to: it can't be passed off as one of another sample."""
    return f"{row.draw}|{row.pair}".encode()
