"""How well records of each ethnic group are joined: equality monitoring, outside the linker.

Linkage never sees anybody's ethnic group, and who monitors equality never sees anybody. Who fared how is counted under
the purpose `matching`; it goes into one read under the purpose `equality` as row numbers and counts; what comes out are
counts of groups, of which the small ones are withheld.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from almoner.governance.permit import Permit
from almoner.intake.identity_plan import slots_of
from almoner.intake.standardise.codes import BROAD_GROUPS
from almoner.kernel.errors import AccessRefused, NotFound
from almoner.kernel.steps import Step
from almoner.kernel.tables import SPINE
from almoner.linkage.quality import Quality, marked, of_tally, try_people
from almoner.linkage.quality_pairs import Tally
from almoner.methods.disclosure.secondary import protect
from almoner.methods.disclosure.sums import Group
from almoner.registry.datasets import Dataset
from almoner.wiring import link_inputs
from almoner.wiring.mentions import read_mentions
from almoner.wiring.remembered import model_of_spine
from almoner.wiring.reviewing import standing_decisions
from almoner.wiring.workspace import Workspace

PURPOSE = "equality"
STANDARD = "ethnicity_"
"""How the shipped code lists of ethnic groups begin."""

NOT_KNOWN = "not known"
_COUNTS = ("right_pairs", "wrong_pairs", "missed_pairs")


@dataclass(frozen=True)
class EthnicQuality:
    """One ethnic group: how many people were tried (rounded; None: withheld), and how they fared (None: withheld)."""

    name: str
    people: float | None
    quality: Quality | None


def quality_by_ethnic_group(workspace: Workspace, reason: str) -> list[EthnicQuality]:
    """Try the links of the last run again without numbers, and count by ethnic group who fared how.

    Raises: AccessRefused unless the actor may join records and monitor equality; NotFound where nothing is joined yet.
    """
    workspace.require("link")
    equality = workspace.permits.standing(workspace.actor, PURPOSE, reason)
    if equality.form != "aggregate":
        raise AccessRefused(
            f"The purpose '{PURPOSE}' gives more than counts here.",
            why="Equality monitoring decides nothing about a particular person (DPA 2018 Schedule 1 paragraph 8).",
            todo=f"Set form = 'aggregate' for the purpose '{PURPOSE}' in registry/purposes.toml.",
        )
    columns = list(_ethnic_columns(workspace, equality))
    if not columns:
        return []
    given = workspace.gate.columns_for(equality)
    fared = _fared(workspace, reason, set(given))
    if not fared.num_rows:
        return []
    reads: dict[str, tuple[str, ...]] = {"spine.link": ()}
    reads |= {dataset.full_name: (column,) for dataset, column, _ in columns}
    rows = workspace.gate.run(equality, _steps(fared, columns), reads).to_arrow().to_pylist()
    workspace.note("link.equality", purpose=PURPOSE, groups=len(rows))
    return _protected(rows)


def _ethnic_columns(workspace: Workspace, permit: Permit) -> Iterator[tuple[Dataset, str, str]]:
    """Yield (dataset, column, person slot) of the ethnic groups that people gave of themselves.

    A column that names no slot is about the person whose record the row is: the slot without a suffix.
    """
    given = workspace.gate.columns_for(permit)
    landed = {entry.dataset for entry in workspace.lake.catalogue.deliveries()}
    for dataset in workspace.registry.datasets():
        slots = {slot.name: slot.suffix for slot in slots_of(dataset)}
        own = [name for name, suffix in slots.items() if not suffix]
        if not slots or dataset.full_name not in landed:
            continue
        for name in given.get(dataset.full_name, ()):
            column = dataset.columns[name]
            codes = workspace.registry.codes.get(column.codes or "")
            slot = column.person or (own[0] if len(own) == 1 else None)
            if codes is not None and (codes.standard or "").startswith(STANDARD) and slot in slots:
                yield dataset, name, slot
                break


def _fared(workspace: Workspace, reason: str, datasets: set[str]) -> pa.Table:
    permit = workspace.permits.standing(workspace.actor, link_inputs.PURPOSE, reason)
    model = model_of_spine(workspace, permit)
    if workspace.lake.catalogue.spine() is None or model is None:
        raise NotFound("No records have been joined yet.", todo="Run 'almoner link' first.")
    mentions = read_mentions(workspace, permit, link_inputs.linkable(workspace))
    spine = {}
    for name in ("person_record", "person"):
        columns = tuple(SPINE[name].names)
        step = Step(name, "The spine as the last run left it", f'SELECT * FROM "spine.{name}"', columns)
        spine[name] = workspace.gate.run(permit, [step], {f"spine.{name}": ()}).to_arrow()
    return try_people(
        mentions,
        spine["person_record"],
        spine["person"],
        model,
        decisions=standing_decisions(workspace).decisions,
        settings=link_inputs.link_settings(workspace),
        seed=link_inputs.seed_of(workspace),
        datasets=datasets,
    )


def _steps(fared: pa.Table, columns: list[tuple[Dataset, str, str]]) -> list[Step]:
    told = ";".join("|".join(str(value) for value in row.values()) for row in fared.to_pylist())
    said = " UNION ALL ".join(
        f"""SELECT l.person_ref, split_part(d."{column}", '_', 1) AS broad
            FROM "{dataset.full_name}" AS d JOIN "spine.link" AS l
              ON l.dataset = '{dataset.full_name}' AND l.row_id = d.row_id AND l.slot = '{slot}'
            WHERE d."{column}" IS NOT NULL"""
        for dataset, column, slot in columns
    )
    known = ", ".join(f"'{name}'" for name in BROAD_GROUPS)
    counts = ", ".join(f"CAST(split_part(t, '|', {4 + n}) AS BIGINT) AS {name}" for n, name in enumerate(_COUNTS))
    return [
        Step(
            "tried",
            "Rows of the people who were tried, and how they fared",
            f"""SELECT split_part(t, '|', 1) AS dataset, CAST(split_part(t, '|', 2) AS BIGINT) AS row_id,
                       split_part(t, '|', 3) AS slot, {counts}
                FROM (SELECT unnest(string_split('{told}', ';')) AS t) AS texts""",
            ("dataset", "row_id", "slot", *_COUNTS),
        ),
        Step("said", "Each ethnic group that a source gives of somebody", said, ("person_ref", "broad")),
        Step(
            "known",
            "The group that most of a person's records give",
            f"""SELECT person_ref, broad FROM said WHERE broad IN ({known}) GROUP BY person_ref, broad
                QUALIFY row_number() OVER (PARTITION BY person_ref ORDER BY count(*) DESC, broad) = 1""",
            ("person_ref", "broad"),
        ),
        Step(
            "fared",
            "How people of each group fared",
            f"""SELECT coalesce(k.broad, '{NOT_KNOWN}') AS ethnic_group, count(*) AS people,
                       {", ".join(f"sum(t.{name}) AS {name}" for name in _COUNTS)},
                       sum(CASE WHEN t.right_pairs + t.wrong_pairs > 0 THEN 1 ELSE 0 END) AS joined_people,
                       sum(CASE WHEN t.right_pairs + t.missed_pairs > 0 THEN 1 ELSE 0 END) AS true_people
                FROM tried AS t
                JOIN "spine.link" AS l ON l.dataset = t.dataset AND l.row_id = t.row_id AND l.slot = t.slot
                LEFT JOIN known AS k ON k.person_ref = l.person_ref
                GROUP BY 1""",
            ("ethnic_group", "people", *_COUNTS, "joined_people", "true_people"),
        ),
    ]


def _protected(rows: list[dict[str, Any]]) -> list[EthnicQuality]:
    """Withhold small groups, and whatever would give one away; mark the groups below all whose group is known."""
    ordered = sorted(rows, key=lambda row: row["ethnic_group"])
    people = [int(row["people"]) for row in ordered]
    safe = protect([*people, sum(people)], [Group(len(people), tuple(range(len(people))))])
    everybody = of_tally(_sum_of([row for row in ordered if row["ethnic_group"] != NOT_KNOWN]), "all", "all")
    found = [EthnicQuality("everybody whose group is known", None, everybody)]
    for place, row in enumerate(ordered):
        name = BROAD_GROUPS.get(row["ethnic_group"], row["ethnic_group"])
        if safe.withheld[place]:
            found.append(EthnicQuality(name, None, None))
        else:
            quality = marked(of_tally(_sum_of([row]), "ethnic group", name), everybody)
            found.append(EthnicQuality(name, float(safe.published[place]), quality))
    return found


def _sum_of(rows: list[dict[str, Any]]) -> Tally:
    return Tally(*(int(sum(row[name] for row in rows)) for name in (*_COUNTS, "joined_people", "true_people")))
