"""Gives each person an id that lasts: the previous id goes to the group that holds most of its records.

Ids say nothing and are never used twice. A merge leaves a redirect from the id that went to the one that
stayed; a split says which person the new one came out of; where records went to a person by neither way, it says that
they moved. A sealed record leaves no such trace: its new id came from nobody.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b

import pyarrow as pa
import pyarrow.compute as pc

from almoner.linkage.shapes import PreviousSpine, RecordKey

CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
ID_LENGTH = 12

_TWO = [CROCKFORD[number & 31] + CROCKFORD[number >> 5] for number in range(1024)]
_PLACES = range(0, 5 * ID_LENGTH, 10)


@dataclass(frozen=True)
class Event:
    """Something that happened to a person id. `other` is where it went, or where it came from.

    - created: a new id. split: a new id, whose records were the other's. merged: an id that went, whose records are
      mostly the other's. retired: an id that went with its records.
    - moved: some of its records now are the other's, and neither a merge nor a split says so.
    """

    kind: str
    person_id: str
    other: str | None = None


@dataclass(frozen=True)
class Identities:
    """The id of each group, and what happened since the last run."""

    person_of: dict[int, str]
    events: list[Event]


class IdMaker:
    """Makes ids that were never used: opaque, and the same for the same seed and subject.

    The subject is hashed with the seed, so an id can't be traced back to a record without the seed.
    """

    def __init__(self, seed: int, taken: Iterable[str]) -> None:
        key = blake2b(str(seed).encode(), digest_size=32).digest()
        self._keyed = blake2b(digest_size=8, key=key)
        self._taken = set(taken)

    def make(self, letter: str, subject: str) -> str:
        """Make the next id for a subject."""
        attempt = 0
        while True:
            digest = self._keyed.copy()
            digest.update(f"{letter}|{subject}|{attempt}".encode())
            number = int.from_bytes(digest.digest(), "big")
            made = letter + "".join([_TWO[number >> place & 1023] for place in _PLACES])
            if made not in self._taken:
                self._taken.add(made)
                return made
            attempt += 1


def used_ids(previous: PreviousSpine) -> set[str]:
    """Give every id that the spine ever held, the retired among them."""
    columns = (
        previous.person_record["person_id"],
        previous.person["person_id"],
        previous.person_event["person_id"],
        previous.person_event["other_person_id"],
        previous.address["address_id"],
        previous.household["household_id"],
    )
    return {value for column in columns for value in column.to_pylist() if value}


def tied_ids(previous: PreviousSpine) -> frozenset[str]:
    """Give the ids that some event ties to another id."""
    told = previous.person_event.filter(pc.is_valid(previous.person_event["other_person_id"]))
    return frozenset(told["person_id"].to_pylist()) | frozenset(told["other_person_id"].to_pylist())


def previous_people(previous: PreviousSpine) -> dict[RecordKey, str]:
    """Give the person of each record in the previous spine."""
    table = previous.person_record
    keys = zip(table["dataset"].to_pylist(), table["record_id"].to_pylist(), strict=True)
    return dict(zip(keys, table["person_id"].to_pylist(), strict=True))


def assign_people(
    records: Sequence[RecordKey],
    groups: Sequence[int],
    sealed: frozenset[int],
    before: Mapping[RecordKey, str],
    maker: IdMaker,
    tied: frozenset[str] = frozenset(),
) -> Identities:
    """Give each group of records a person id.

    In: the records in their fixed order, the group of each, the groups that are sealed records, who each
    record was before; tied: ids which earlier events tie to others. Out: the ids and the events since.
    """
    overlap: Counter[tuple[int, str]] = Counter()
    first: dict[int, RecordKey] = {}
    size = Counter(before.values())
    for record, group in zip(records, groups, strict=True):
        first.setdefault(group, record)
        if record in before:
            overlap[group, before[record]] += 1
    # A sealed record keeps its id only where it was alone under it, and no event says whose it had been.
    free = {person for person, n in size.items() if n == 1} - tied
    overlap = Counter({pair: n for pair, n in overlap.items() if pair[0] not in sealed or pair[1] in free})
    person_of = _greatest_overlap(overlap, first)
    kept = set(person_of.values())
    came_from = _largest_by_group(overlap)
    events = []
    for group, record in first.items():
        if group not in person_of:
            person = person_of[group] = maker.make("P", "|".join(record))
            source = came_from.get(group)
            events.append(Event("split", person, source) if source else Event("created", person))
    events += _gone(overlap, set(size) - kept, person_of)
    told = {(e.person_id, e.other) if e.kind == "merged" else (e.other, e.person_id) for e in events}
    went = {(before_id, person_of[group]) for group, before_id in overlap if person_of[group] != before_id}
    events += [Event("moved", left, now) for left, now in went - told]
    return Identities(person_of, sorted(events, key=lambda each: (each.kind, each.person_id, each.other or "")))


def _greatest_overlap(overlap: Counter[tuple[int, str]], first: Mapping[int, RecordKey]) -> dict[int, str]:
    order = sorted(overlap.items(), key=lambda item: (-item[1], first[item[0][0]], item[0][1]))
    person_of: dict[int, str] = {}
    given: set[str] = set()
    for (group, person), _ in order:
        if group not in person_of and person not in given:
            person_of[group] = person
            given.add(person)
    return person_of


def _gone(overlap: Counter[tuple[int, str]], people: set[str], person_of: Mapping[int, str]) -> list[Event]:
    """What became of ids that no group kept: merged where most records went, or retired with them."""
    went: dict[str, tuple[int, int]] = {}
    for (group, person), n in overlap.items():
        went[person] = max(went.get(person, (0, 0)), (n, -group))
    return [
        Event("merged", person, person_of[-went[person][1]]) if person in went else Event("retired", person)
        for person in people
    ]


def _largest_by_group(overlap: Counter[tuple[int, str]]) -> dict[int, str]:
    """The previous person that most of each group's records were."""
    best: dict[int, tuple[int, str]] = {}
    for (group, person), n in sorted(overlap.items()):
        if group not in best or n > best[group][0]:
            best[group] = (n, person)
    return {group: person for group, (_, person) in best.items()}


def assign_addresses(places: pa.Table, previous: PreviousSpine, maker: IdMaker) -> dict[str, str]:
    """Give each place of this run its lasting address id: by UPRN, else by what the address says.

    In: places (place, uprn, postcode, flat, house_number, street). Out: place to address_id.
    """
    by_uprn: dict[str, str] = {}
    by_text: dict[tuple[str | None, ...], str] = {}
    for row in previous.address.to_pylist():
        if row["uprn"]:
            by_uprn[row["uprn"]] = row["address_id"]
        by_text.setdefault(_text(row), row["address_id"])
    ids: dict[str, str] = {}
    given: set[str] = set()
    for row in places.sort_by("place").to_pylist():
        known = by_uprn.get(row["uprn"] or "") or by_text.get(_text(row))
        if known is None or known in given:
            known = maker.make("A", row["place"])
        given.add(known)
        ids[row["place"]] = known
    return ids


def _text(row: Mapping[str, str | None]) -> tuple[str | None, ...]:
    return tuple(row[name] for name in ("postcode", "flat", "house_number", "street"))
