"""Why: writes down what is true, so that linkage, households and quarantine can be judged.

Must never be read by the product itself: it lies beside the inbox, not in it.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl

from almoner.demo.chance import Ints, Text, choices
from almoner.demo.faults import Planted
from almoner.demo.households import KIND_NAMES
from almoner.demo.months import MONTHS
from almoner.demo.people import ACTIVITIES, NOBODY
from almoner.demo.scribe import written
from almoner.demo.shifts import SHIFTS
from almoner.demo.town import Town


def person_ids(numbers: Ints) -> Text:
    """Give the truth's own ids of people; nobody has none."""
    return choices([f"T{n + 1:07d}" if n >= 0 else None for n in numbers.tolist()])


def write_persons(town: Town, path: Path) -> int:
    """Write persons.csv: one row per identity; a sealed former identity is a row of its own that nothing
    may join.
    """
    people = town.people
    uprn, postcode = town.dwellings.uprn, town.dwellings.postcode
    columns: dict[str, Text | np.ndarray] = {
        "person_id": person_ids(np.arange(len(people))),
        "forename": people.forename,
        "middle_names": people.middle,
        "known_as": people.known_as,
        "surname": people.surname[1],
        "surname_in_march": people.surname[0],
        "birth_surname": people.birth_surname,
        "sex": np.where(people.female, "F", "M").astype(object),
        "born": written(people.born, "%Y-%m-%d"),
        "died": written(people.died, "%Y-%m-%d"),
        "ethnic_group": people.ethnic,
        "nhs_number": people.nhs,
        "nino": people.nino,
        "upn": people.upn,
        "uln": people.uln,
        "activity": choices(list(ACTIVITIES))[people.activity],
    }
    for month, name in enumerate(("march", "april")):
        columns[f"present_in_{name}"] = people.present[month]
        columns[f"uprn_in_{name}"], columns[f"postcode_in_{name}"] = (
            uprn[people.home[month]],
            postcode[people.home[month]],
        )
        columns[f"looked_after_in_{name}"] = people.looked_after[month]
    columns |= {
        "twin": people.twin,
        "do_not_disclose": people.do_not_disclose,
        "sealed": people.sealed,
        "sealed_former_id": person_ids(people.sealed_from),
    }
    _frame(columns).write_csv(path)
    return len(people)


def write_households(town: Town, path: Path) -> int:
    """Write households.csv: who lives with whom at the end of each month."""
    people = town.people
    parts = []
    for number, month in enumerate(MONTHS):
        rows = np.flatnonzero(people.present[number])
        household = people.household[number][rows]
        kinds = choices([*_kind_names(town), "new"])
        kind = kinds[
            np.minimum(np.where(household < len(town.households.kind), household, len(kinds) - 1), len(kinds) - 1)
        ]
        parts.append(
            _frame(
                {
                    "as_of": choices([str(month.last)] * len(rows)),
                    "household_id": choices([f"HH{h + 1:06d}" for h in household.tolist()]),
                    "kind": kind,
                    "uprn": town.dwellings.uprn[people.home[number][rows]],
                    "person_id": person_ids(rows),
                }
            )
        )
    frame = pl.concat(parts).sort("as_of", "household_id", "person_id")
    frame.write_csv(path)
    return len(frame)


def _kind_names(town: Town) -> list[str]:
    return [KIND_NAMES[kind] for kind in town.households.kind.tolist()]


def write_relationships(town: Town, path: Path) -> int:
    """Write relationships.csv: `person_id` is the `kind` of `other_person_id`."""
    people = town.people
    rows = np.arange(len(people))
    women = [
        np.where((parent >= 0) & people.female[parent], parent, NOBODY) for parent in (people.mother, people.father)
    ]
    men = [
        np.where((parent >= 0) & ~people.female[parent], parent, NOBODY) for parent in (people.mother, people.father)
    ]
    pairs: list[tuple[str, Ints, Ints]] = [
        *(("mother", parent, rows) for parent in women),
        *(("father", parent, rows) for parent in men),
        ("partner", people.partner[1], rows),
        ("former_partner", np.where(people.partner[1] != people.partner[0], people.partner[0], NOBODY), rows),
        ("foster_carer", _foster_carers(town), rows),
    ]
    partner = np.where(people.mother >= 0, people.partner[0][people.mother], NOBODY)
    lives_with = (partner >= 0) & (people.household[0] == people.household[0][partner])
    pairs.append(("step_parent", np.where(lives_with & (partner != people.father), partner, NOBODY), rows))
    frame = pl.concat(
        _frame(
            {
                "person_id": person_ids(one[one >= 0]),
                "kind": choices([kind] * int((one >= 0).sum())),
                "other_person_id": person_ids(other[one >= 0]),
            }
        )
        for kind, one, other in pairs
    )
    frame.write_csv(path)
    return len(frame)


def _foster_carers(town: Town) -> Ints:
    people = town.people
    carer_of = np.full(int(people.household.max()) + 1, NOBODY)
    carers = np.flatnonzero(people.carer_home)[::-1]
    carer_of[people.household[0][carers]] = carers
    return np.where(people.looked_after[1], carer_of[people.household[1]], NOBODY)


def write_links(links: pl.DataFrame, path: Path, *, header: bool) -> int:
    """Add the links of one dataset to links.csv."""
    if links.is_empty():
        return 0
    named = links.with_columns(pl.Series("person_id", person_ids(links["person"].to_numpy()).tolist()))
    with path.open("wb" if header else "ab") as out:
        named.select("source", "dataset", "record_id", "person_id", "from_month", "to_month").write_csv(
            out, include_header=header
        )
    return len(named)


def write_planted_faults(planted: list[Planted], path: Path) -> int:
    """Write planted_faults.csv."""
    rows = [(p.file, p.sheet, p.position, p.fault, p.column, p.expected, p.code) for p in planted]
    pl.DataFrame(
        rows, schema=["file", "sheet", "position", "fault", "column", "expected", "code"], orient="row"
    ).write_csv(path)
    return len(rows)


def write_planted_shifts(path: Path) -> int:
    """Write planted_shifts.csv: what changed in the borough, and on which day."""
    rows = [(each.what, str(each.on), each.before, each.after) for each in SHIFTS]
    pl.DataFrame(rows, schema=["what", "on", "before", "after"], orient="row").write_csv(path)
    return len(rows)


def _frame(columns: dict[str, Text | np.ndarray]) -> pl.DataFrame:
    return pl.DataFrame(
        {
            name: pl.Series(name, values.tolist(), dtype=pl.String if values.dtype == object else None)
            for name, values in columns.items()
        }
    )
