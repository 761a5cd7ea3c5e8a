"""The file that leaves: what it says of itself, that it can be compared, and that only one key opens it."""

from __future__ import annotations

import io
import json
import zipfile

import pyrage
import pytest

from almoner.kernel.errors import ShareRefused
from almoner.registry import Registry, load_registry
from almoner.sharing.packing import digest_of, encrypted, package
from almoner.sharing.reading import Content, Table, text_of
from tests.unit.sharing.test_reminders import SENT
from tests.workspace_builder import ROOT

ROWS = (("a1", 'says "no", twice'), ("b2", "=1+1"))
CONTENT = Content((Table("adult_social_care_client_events", ("person", "reason"), ROWS),), ("a1", "b2"))


@pytest.fixture(scope="module")
def registry() -> Registry:
    """Load the starter registry."""
    return load_registry(ROOT / "src" / "almoner" / "registry" / "starter")


def test_the_package_says_what_it_is_and_what_was_agreed(registry: Registry) -> None:
    made = package(registry, SENT, CONTENT)
    assert made == package(registry, SENT, CONTENT), "the same content is the same bytes"
    with zipfile.ZipFile(io.BytesIO(made)) as archive:
        told = json.loads(archive.read("extract.json"))
        terms = archive.read("READ-ME-FIRST.txt").decode()
        table = archive.read("adult_social_care_client_events.csv").decode()
    assert told["extract"] == "SHR-1" and told["to"] == "NHS" and told["destroy_by"] == "2026-11-02"
    assert [each["name"] for each in told["tables"][0]["columns"]] == ["person", "reason"]
    assert "Destroy by: 2026-11-02" in terms
    assert table.splitlines() == ["person,reason", 'a1,"says ""no"", twice"', "b2,=1+1"]


def test_the_digest_is_of_every_value_and_person_and_of_the_key() -> None:
    other = Content(
        (Table("adult_social_care_client_events", ("person", "reason"), (ROWS[0], ("b2", "=1+2"))),), CONTENT.people
    )
    fewer = Content(CONTENT.tables, ("a1",))
    digests = {digest_of(each, b"k" * 32) for each in (CONTENT, other, fewer)} | {digest_of(CONTENT, b"l" * 32)}
    assert len(digests) == 4
    assert digest_of(CONTENT, b"k" * 32) == digest_of(CONTENT, b"k" * 32)


def test_one_key_opens_it_and_no_key_is_a_refusal() -> None:
    one, other = pyrage.x25519.Identity.generate(), pyrage.x25519.Identity.generate()
    file = encrypted(b"content", str(one.to_public()))
    assert pyrage.decrypt(file, [one]) == b"content" and b"content" not in file
    with pytest.raises(pyrage.DecryptError):
        pyrage.decrypt(file, [other])
    for wrong in ("", "age1", str(one), str(one.to_public())[:-1] + "q"):
        with pytest.raises(ShareRefused):
            encrypted(b"content", wrong)


def test_values_are_written_as_they_are() -> None:
    import datetime as dt

    assert [text_of(each) for each in (None, True, False, 0, 1.5, dt.date(2026, 3, 1), "x")] == [
        "", "true", "false", "0", "1.5", "2026-03-01", "x",
    ]  # fmt: skip
