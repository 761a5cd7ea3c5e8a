"""The catalogue lists what has committed and nothing else, asked anew each time, in few questions."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from almoner.store.catalogue import Catalogue, DeliveryEntry, PartFile
from tests.workspace_builder import write_workspace


@pytest.fixture
def catalogue(tmp_path: Path) -> Catalogue:
    """Give the catalogue of a workspace in which nothing has landed."""
    return write_workspace(tmp_path / "workspace").open().lake.catalogue


def entry(number: int, dataset: str = "s.d", delivery: str = "2026-09", **values: Any) -> DeliveryEntry:
    """Make an entry with two files."""
    made = DeliveryEntry(
        number, dataset, delivery, "snapshot", dt.date(2026, 9, 30), dt.date(2026, 9, number), f"{number:064d}", 5, 3, 2,
        {"placeholder_date:dob": 2}, (PartFile("rows", f"{number}/rows", 3, 40), PartFile("general", f"{number}/g", 3, 50)),
        columns_digest="c" * 64, header=("Zoë", "x"),
    )  # fmt: skip
    return replace(made, **values)


def listed(catalogue: Catalogue, *arguments: str, **options: bool) -> list[DeliveryEntry]:
    """List deliveries, with the time of landing taken off."""
    found = catalogue.deliveries(*arguments, **options)
    assert all(each.landed_at is not None and each.landed_at.tzinfo is not None for each in found)
    return [replace(each, landed_at=None) for each in found]


@contextmanager
def counted() -> Iterator[list[str]]:
    """Collect the statements that the records are asked."""
    from django.db import connection

    asked: list[str] = []

    def note(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        asked.append(sql)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        yield asked


def test_entries_come_back_as_they_were_committed(catalogue: Catalogue) -> None:
    assert listed(catalogue) == []
    first, other, bare = entry(1), entry(2, "s.e"), entry(3, delivery="2026-10", files=(), quality={}, sent_on=None)
    for each in (bare, other, first):
        catalogue.commit_delivery(each)
    assert listed(catalogue) == [first, other, bare]
    assert listed(catalogue, "s.d") == [first, bare]
    assert listed(catalogue, "nobody's") == []


def test_what_a_correction_replaced_is_listed_only_if_asked_for(catalogue: Catalogue) -> None:
    first, second = entry(1), entry(2, version=2)
    catalogue.commit_delivery(first)
    catalogue.commit_delivery(second, replaces=[1])
    assert listed(catalogue, "s.d") == [second]
    assert listed(catalogue, "s.d", superseded=True) == [replace(first, superseded_by=2), second]


def test_other_files_are_seen_at_once(catalogue: Catalogue) -> None:
    catalogue.commit_delivery(entry(1))
    files = (PartFile("rows", "1/again", 4, 60),)
    catalogue.replace_files(1, files, 4, 1)
    (found,) = listed(catalogue)
    assert (found.files, found.accepted, found.quarantined) == (files, 4, 1)


def test_a_delivery_corrected_while_it_is_listed_keeps_its_files(
    catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the two questions another process may correct it: the reader has it as it was, never without its rows."""
    from almoner.records import catalogue as module

    first = entry(1)
    catalogue.commit_delivery(first)
    files_of = module._files_of

    def corrected_meanwhile(numbers: list[int]) -> dict[int, list[PartFile]]:
        catalogue.commit_delivery(entry(2, version=2), replaces=[1])
        return files_of(numbers)

    monkeypatch.setattr(module, "_files_of", corrected_meanwhile)
    assert listed(catalogue, "s.d") == [first]


def test_two_questions_are_enough_however_much_has_landed(catalogue: Catalogue) -> None:
    for number in range(1, 9):
        catalogue.commit_delivery(entry(number, delivery=f"2026-0{number}"))
    with counted() as asked:
        assert len(catalogue.deliveries("s.d")) == 8
    assert len(asked) == 2


def test_a_role_or_permit_that_is_gone_gives_nothing(tmp_path: Path) -> None:
    workspace = write_workspace(tmp_path / "workspace").open()
    records = workspace.records
    records.grant_roles("ann", ("analyst", "front_line"), "test")
    assert records.roles_of("ann") == {"analyst", "front_line"}
    assert records.revoke_role("ann", "analyst")
    assert records.roles_of("ann") == {"front_line"}
    assert records.roles_of("bob") == frozenset()
    permit = workspace.permits.standing("ann", "front_line", "A reason that explains enough", subjects=())
    assert records.permit(permit.id) == permit
    withdrawn = replace(permit, state="revoked")
    records.save_permit(withdrawn)
    assert records.permit(permit.id) == withdrawn
    assert records.permit("nobody's") is None
