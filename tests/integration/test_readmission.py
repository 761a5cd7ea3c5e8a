"""Quarantined rows are read again from the bytes that were kept, in the encoding in which they came."""

from __future__ import annotations

import codecs
from pathlib import Path

import pytest

from almoner.wiring.quarantine import readmit_rows
from almoner.wiring.taking_in import take_in
from almoner.wiring.workspace import open_workspace
from tests.workspace_builder import write_workspace

pytestmark = pytest.mark.integration

HEADER = "Elector;Name;Address;Postcode;UPRN;Votes"
ROWS = ["E1;WÓJCIK, Zoë;10 Mill Road;M20 1AB;100200010;1", "E2;ŁUKASIK, Михаил;12 Mill Road;M20 1AB;100200012;none"]
SPELLINGS = {
    "little-endian": (codecs.BOM_UTF16_LE, "utf-16-le", "utf-16"),
    "big-endian": (codecs.BOM_UTF16_BE, "utf-16-be", "utf-16"),
    "big-endian without a mark": (b"", "utf-16-be", "utf-16"),
    "utf-8 with a mark": (codecs.BOM_UTF8, "utf-8", "utf-8-sig"),
}


@pytest.mark.parametrize("name", SPELLINGS)
def test_a_row_is_read_again_in_its_own_encoding(tmp_path: Path, name: str) -> None:
    mark, codec, declared = SPELLINGS[name]
    tiny = write_workspace(tmp_path / "workspace")
    for path in tiny.inbox.iterdir():
        path.unlink()
    tiny.change("sources/elections.toml", 'encoding = "cp1252"', f'encoding = "{declared}"')
    tiny.deliver("register_20260901.csv", mark + ("\n".join([HEADER, *ROWS]) + "\n").encode(codec))
    workspace, _ = open_workspace(tiny.root)
    taken = take_in(workspace, [tiny.inbox], lambda _: None)
    assert not taken.refused, [refusal.error.lines() for refusal in taken.refused]
    tiny.change("sources/elections.toml", 'type = "integer", ', "")
    workspace, _ = open_workspace(tiny.root)
    (done,) = readmit_rows(workspace, "elections.register", None, None, "The column is declared as text now")
    assert (done["readmitted"], done["still_quarantined"]) == (1, 0)
    (entry,) = workspace.lake.catalogue.deliveries("elections.register")
    register = workspace.registry.dataset("elections.register")
    kept = workspace.lake.part([entry], "identity", register).to_table().column("name").to_pylist()
    assert sorted(kept) == ["WÓJCIK, Zoë", "ŁUKASIK, Михаил"]
