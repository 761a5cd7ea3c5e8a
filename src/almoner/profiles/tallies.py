"""Runs the plans and keeps what they counted, exactly: in few runs, of which a refusal costs only its own.

What is kept here is as secret as the records: it must never be shown or written.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from almoner.counting.asks import WHOLE, Ask
from almoner.counting.counts import AREA, ASK_COLUMNS
from almoner.counting.levels import Levels
from almoner.counting.plans import Run
from almoner.counting.spans import Span
from almoner.kernel.errors import AccessRefused, NotFound
from almoner.profiles.steps import STANDING, count_plan, open_plan
from almoner.registry.measures import OpenFigure
from almoner.registry.registry import Registry

Place = tuple[str, str | None]
"""Geography and area code; no code for what has no area."""


@dataclass(frozen=True)
class Tally:
    """What was counted in one place: how many, their amount, and how many people stand behind it."""

    number: float
    amount: float
    contributors: float


Answer = Mapping[tuple[str, str], Mapping[tuple[str, Place], Tally]]
"""(span, code of the breakdown) → (bucket, place) → what was counted there."""


@dataclass
class Tallies:
    """The answers to questions, and the published figures that were read."""

    run: Run
    registry: Registry
    levels: Levels
    _answers: dict[str, dict[tuple[str, str], dict[tuple[str, Place], Tally]]] = field(default_factory=dict)
    _refused: dict[str, str] = field(default_factory=dict)
    _open: dict[str, Mapping[tuple[str, str, str], tuple[float | None, bool]]] = field(default_factory=dict)

    def ask(self, asks: Iterable[Ask]) -> None:
        """Answer questions, those about one kind of fact together."""
        kinds: dict[str, dict[str, Ask]] = {}
        for ask in asks:
            kind = STANDING[0] if ask.count.fact in STANDING else ask.count.fact
            kinds.setdefault(kind, {})[ask.key] = ask
        for found in kinds.values():
            self._answer([ask for key, ask in found.items() if key not in self._answers])

    def _answer(self, asks: Sequence[Ask]) -> None:
        if not asks:
            return
        try:
            plan = count_plan(asks, self.registry, self.levels)
            table = self.run(plan.steps, plan.reads).to_arrow()
        except (AccessRefused, NotFound) as error:
            self._refuse(asks, error.message)
            return
        for ask in asks:
            self._answers[ask.key] = {}
        columns = [table.column(name).to_pylist() for name in ASK_COLUMNS]
        answers = [self._answers[ask.key] for ask in asks]
        for number, span, cut, geography, bucket, code, count, amount, people in zip(*columns, strict=True):
            found = answers[number].setdefault((span, cut), {})
            found[bucket, (geography, code)] = Tally(count or 0.0, amount or 0.0, people or 0.0)

    def _refuse(self, asks: Sequence[Ask], reason: str) -> None:
        """Ask again without those that the refusal may be about; what is asked alone is refused."""
        with_people = [ask for ask in asks if ask.needs_resident]
        without = [ask for ask in asks if not ask.needs_resident]
        if with_people and without:
            self._answer(without)
            self._answer(with_people)
        elif len(asks) > 1 and not all(ask.count.fact in STANDING for ask in asks):
            for ask in asks:
                self._answer([ask])
        else:
            for ask in asks:
                self._refused[ask.key] = reason

    def refusal(self, ask: Ask) -> str:
        """Say why a question has no answer; empty if it has one."""
        return self._refused.get(ask.key, "")

    def answer(self, ask: Ask, span: str, cut: str = WHOLE) -> Mapping[tuple[str, Place], Tally]:
        """Give what was counted in a span, of one code of a breakdown."""
        return self._answers[ask.key].get((span, cut), {})

    def area(self, ask: Ask, span: str, geography: str, code: str, cut: str = WHOLE) -> Tally:
        """Give what was counted in an area: where nothing was found, none."""
        return self.answer(ask, span, cut).get((AREA, (geography, code)), Tally(0.0, 0.0, 0.0))

    def read_open(self, figure: OpenFigure, spans: Sequence[Span]) -> None:
        """Read a published figure. Raises: AccessRefused, NotFound."""
        key = _open_key(figure, spans)
        if key not in self._open:
            rows = open_plan(figure, self.registry, self.levels, spans).rows(self.run)
            self._open[key] = {
                (row["span"], row["geography"], row["area_code"]): (row["number"], row["split"] > 0) for row in rows
            }

    def published(
        self, figure: OpenFigure, spans: Sequence[Span]
    ) -> Mapping[tuple[str, str, str], tuple[float | None, bool]]:
        """Give a published figure: (span, geography, code) → number, and whether it was shared out."""
        return self._open[_open_key(figure, spans)]


def _open_key(figure: OpenFigure, spans: Sequence[Span]) -> str:
    return f"{figure.model_dump_json()}|{';'.join(span.name for span in spans)}"
