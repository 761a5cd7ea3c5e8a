"""Why: makes the synthetic borough: the deliveries, the open data, and the truth to judge by.

Must never touch anything outside the folder that it is given, nor overwrite a borough that is there.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from almoner.demo import truth
from almoner.demo.delivery import deliver
from almoner.demo.faults import Planted
from almoner.demo.open_data import write_open_data
from almoner.demo.sources import FEEDS
from almoner.demo.town import raise_town
from almoner.kernel.errors import UsageError

PEOPLE_AT_LEAST, PEOPLE_AT_MOST = 200, 500_000


@dataclass
class Summary:
    """What was written, in numbers: records by file, relative to the folder."""

    people: int
    seed: int
    deliveries: dict[str, int] = field(default_factory=dict)
    open_data: dict[str, int] = field(default_factory=dict)
    truth: dict[str, int] = field(default_factory=dict)

    @property
    def records(self) -> int:
        """Count the delivered records."""
        return sum(self.deliveries.values())


def generate(people: int, seed: int, out: Path) -> Summary:
    """Make a borough of so many people; the same two numbers make the same files, byte for byte.

    Raises: UsageError when the number of people is out of range or the folder holds a borough already.
    """
    if not PEOPLE_AT_LEAST <= people <= PEOPLE_AT_MOST:
        raise UsageError(
            f"A borough has from {PEOPLE_AT_LEAST:,} to {PEOPLE_AT_MOST:,} people.",
            todo="Choose another --people.",
        )
    if seed < 0:
        raise UsageError("A seed is a whole number from 0.", todo="Choose another --seed.")
    if any(_filled(out / name) for name in ("inbox", "open-data", "truth")):
        raise UsageError("The folder holds a borough already.", where=str(out), todo="Name an empty or new folder.")
    town = raise_town(people, seed)
    summary = Summary(people, seed)
    (out / "truth").mkdir(parents=True, exist_ok=True)
    planted: list[Planted] = []
    links = 0
    for _, of_dataset, delivered in deliver(town, FEEDS, out / "inbox"):
        links += truth.write_links(of_dataset, out / "truth" / "links.csv", header=links == 0)
        summary.deliveries |= delivered.rows
        planted += delivered.planted
    summary.truth = {
        "persons.csv": truth.write_persons(town, out / "truth" / "persons.csv"),
        "households.csv": truth.write_households(town, out / "truth" / "households.csv"),
        "relationships.csv": truth.write_relationships(town, out / "truth" / "relationships.csv"),
        "links.csv": links,
        "planted_shifts.csv": truth.write_planted_shifts(out / "truth" / "planted_shifts.csv"),
        "planted_faults.csv": truth.write_planted_faults(planted, out / "truth" / "planted_faults.csv"),
    }
    summary.open_data = write_open_data(town, out / "open-data")
    return summary


def _filled(folder: Path) -> bool:
    return folder.is_dir() and any(folder.iterdir())
