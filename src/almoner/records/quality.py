"""The history of data quality, kept in Django's ORM: implements `quality.arrivals.Book`. Only ever added to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

from almoner.quality.arrivals import Kept
from almoner.records.models import QualityFigure

_FIELDS = tuple(Kept.__dataclass_fields__)


class OrmQualityBook:
    """Figures of one workspace's deliveries."""

    def add(self, figures: Sequence[Kept]) -> int:
        """Keep figures that are not there yet; say how many were new."""
        before = QualityFigure.objects.count()
        QualityFigure.objects.bulk_create(
            (QualityFigure(**asdict(each)) for each in figures), batch_size=500, ignore_conflicts=True
        )
        return int(QualityFigure.objects.count() - before)

    def figures(self, dataset: str | None = None) -> list[Kept]:
        """List what is kept, by dataset and day."""
        found = QualityFigure.objects.order_by("dataset", "as_of", "number", "measure", "id")
        if dataset is not None:
            found = found.filter(dataset=dataset)
        return [Kept(**row) for row in found.values(*_FIELDS)]
