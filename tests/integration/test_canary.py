"""No personal value shows up where it has no business: a canary in every column, looked for in everything that is left.

The whole flow runs through the command line, with its error paths. Only what is meant to show a person may show one,
and only on standard output.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

from tests.workspace_builder import (
    Canary,
    TinyWorkspace,
    canaries,
    canary_text,
    declared,
    identifier,
    leaks,
    rendered,
    write_workspace,
)

pytestmark = [pytest.mark.integration, pytest.mark.slow]
REASON = "Zqreasonwords given for a check"
SHOWS_PEOPLE = ("find", "person", "quarantine show", "workspace sql")
"""Commands whose standard output is meant to show people (a workspace: what its permit gives)."""
HOUSING, HEALTH, SURVEY = (
    declared().dataset(name) for name in ("housing.tenancies", "health.referrals", "survey.answers")
)
PLANTED = canaries(declared())


@dataclass
class Flow:
    """A workspace on which everything was done, and what each command said."""

    tiny: TinyWorkspace
    said: list[tuple[str, subprocess.CompletedProcess[str]]] = field(default_factory=list)

    def do(self, name: str, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        """Run a command and keep what it said."""
        result = self.tiny.run(*name.split(), *arguments, **environment)
        self.said.append((name, result))
        return result

    def outputs(self) -> Iterator[tuple[str, str, str, int]]:
        """Give command, stream, text and code of everything that was said."""
        for name, result in self.said:
            yield name, "stdout", result.stdout, result.returncode
            yield name, "stderr", result.stderr, result.returncode


def planted(dataset: str, column: str, row: str = "accepted") -> str:
    """Give the text of a canary."""
    return next(c.text for c in PLANTED if (c.dataset, c.column, c.row) == (dataset, column, row))


@pytest.fixture(scope="module")
def flow(tmp_path_factory: pytest.TempPathFactory) -> Flow:
    """Do everything there is to do, on a workspace with canaries in every column."""
    done = Flow(write_workspace(tmp_path_factory.mktemp("canary") / "workspace"))
    take_in_and_link(done)
    look_at_people(done)
    publish_and_audit(done)
    deliver_what_is_refused(done)
    make_mistakes(done)
    return done


def take_in_and_link(flow: Flow) -> None:
    """Take in, list what is in quarantine, join."""
    for name in ("check", "intake --json", "quarantine list", "link", "link --json"):
        assert flow.do(name).returncode == 0, flow.said[-1][1].stderr


def look_at_people(flow: Flow) -> None:
    """Find and show the canary's person, and rows in quarantine; re-admit; open a workspace."""
    name = f"{planted('housing.tenancies', 'forename')} {planted('housing.tenancies', 'surname')}"
    found = flow.do("find", name, "--reason", REASON, "--json")
    (candidate,) = json.loads(found.stdout)["candidates"]
    flow.do("find", name, "--postcode", planted("housing.tenancies", "postcode"), "--reason", REASON)
    flow.do("person", candidate["person_id"], "--reason", REASON)
    flow.do("person", candidate["person_id"], "--reason", REASON, "--json")
    for dataset in ("health.referrals", "elections.register"):
        flow.do("quarantine show", dataset, "--reason", REASON, "--json")
    flow.do("quarantine readmit", "housing.tenancies", "--reason", REASON, "--json")
    asked = flow.do("permit request", "--purpose", "research", "--project", "alpha", "--reason", REASON, "--json")
    permit = json.loads(asked.stdout)["permit"]
    flow.do("permit show", permit, "--json")
    opened = json.loads(flow.do("workspace open", "--permit", permit, "--json").stdout)
    for query in ('SELECT * FROM "housing.tenancies"', 'SELECT CAST(note AS INTEGER) FROM "housing.tenancies"'):
        flow.do("workspace sql", opened["workspace"], query)
    flow.do("break-glass open", candidate["person_id"], "--reason", REASON, "--json")


def publish_and_audit(flow: Flow) -> None:
    """Build all pages, export links, show the log."""
    root = flow.tiny.root
    assert flow.do("profile build", "--out", str(root / "profiles"), "--project", "alpha").returncode == 0
    flow.do("notice build", "--json")
    flow.do("notice check")
    assert flow.do("links export", str(root / "links.parquet"), "--reason", REASON).returncode == 0
    for name in ("audit show --json", "audit verify", "permit list --json"):
        assert flow.do(name).returncode == 0


def deliver_what_is_refused(flow: Flow) -> None:
    """Deliver files that are refused whole, or in part, with canaries where messages might quote them."""
    tiny = flow.tiny
    rows = [{name: canary_text(HOUSING, c, "accepted") or "N" for name, c in HOUSING.columns.items()}]
    header, row = rendered(HOUSING, rows).decode().splitlines()
    names = header.split(",")
    tiny.deliver("tenancies_20261101.csv", f"{row}\n{row}\n")  # the header was left out
    tiny.deliver("tenancies_20261103.csv", f"{header}\n{row.replace(',', ';')}\n")
    tiny.deliver("tenancies_20261104.csv", f'{header}\n"{row}\n{row}\n')  # a quote that is never closed
    tiny.deliver("tenancies_20261105.csv", f"{header}\n".encode() + row.encode().replace(b"Zq", b"Zq\xff\xfe\x00"))
    tiny.deliver("tenancies_20261106.csv", f"{row.split(',')[1]}\n" + "\n".join(row.split(",")))
    tiny.deliver("tenancies_20261107.csv", f"{','.join([*names[:-1], names[0]])}\n{row}\n")
    person = {c.source_name: canary_text(HEALTH, c, "accepted") or "I" for c in HEALTH.columns.values()}
    value = planted("health.referrals", "summary")
    nested = {**person, "Notes": {value: {value: 1}}}  # values where names should be
    tiny.deliver("referrals_20261102.jsonl", json.dumps(nested) + "\n")
    tiny.deliver("referrals_20261103.jsonl", f'{{"Referral": "{value}", "{value}"\n{value}\n["{value}"]\n')
    tiny.deliver("answers_20261101.csv", "Respondent,Health\n" + "".join(
        f"{identifier('nhs_number', 1000 + n)},{planted('housing.tenancies', 'email')}\n" for n in range(5)))  # fmt: skip
    assert flow.do("intake --json").returncode != 0


def make_mistakes(flow: Flow) -> None:
    """Make every mistake that a message might explain with a value."""
    tiny, value = flow.tiny, planted("housing.tenancies", "surname")
    flow.do("find", value, value, "--reason", REASON)
    flow.do("find", value, "--born", value, "--reason", REASON, "--json")
    flow.do("find", "--postcode", planted("housing.tenancies", "postcode"), "--reason", REASON)
    flow.do("find", value, "--purpose", "statutory", "--reason", REASON, "--json")
    flow.do("person", value, "--reason", REASON, "--json")
    flow.do("person", f"P0' OR '1'='1{value}", "--reason", REASON)
    flow.do("audit show", "--person", value, "--json")
    flow.do("intake", "--inbox", str(tiny.root / "nowhere"))
    flow.do("check", ALMONER_WORKSPACE=str(tiny.root / "nowhere"))
    flow.do("link", ALMONER_MASTER_KEY="AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=")
    path = tiny.root / "registry" / "sources" / "housing.toml"
    sound = path.read_text()
    for old, new in (('category = "name"', 'category = "nmae"'), ("[dataset.tenancies]", "[dataset.tenancies")):
        path.write_text(sound.replace(old, new))
        flow.do("check")
        flow.do("find", value, "--reason", REASON)
    path.write_text(sound)
    damage(tiny)
    flow.do("person", "P000000000000", "--reason", REASON)
    flow.do("links export", str(tiny.root / "again.parquet"), "--json")


def damage(tiny: TinyWorkspace) -> None:
    """Alter a byte in each file of the spine, keeping the files for the byte search."""
    shutil.copytree(tiny.root / "lake", tiny.root / "lake-before")
    for path in (tiny.root / "lake" / "spine").rglob("*.parquet"):
        content = bytearray(path.read_bytes())
        content[len(content) // 2] ^= 0xFF
        path.write_bytes(content)


def test_the_canaries_are_there_and_each_stands_alone() -> None:
    texts = [canary.text.lower() for canary in PLANTED]
    shared_keys = [c for c in PLANTED if c.row == "second_of_two" and c.column in declared().dataset(c.dataset).key]
    assert len(set(texts)) == len(texts) - len(shared_keys)
    assert len(texts) > 200
    columns = {(c.dataset, c.column) for c in PLANTED}
    every = {(d.full_name, name) for d in declared().datasets() if not d.open for name in d.columns}
    assert every == columns, "a column has no canary"


def test_who_is_meant_to_be_shown_is_shown(flow: Flow) -> None:
    """The search finds what is there to be found: else every test below would pass for nothing."""
    shown = "".join(text for name, stream, text, _ in flow.outputs() if name in SHOWS_PEOPLE and stream == "stdout")
    found = leaks(shown, PLANTED)
    assert "housing.tenancies.surname (accepted)" in found
    assert "health.referrals.summary (bad_value)" in found
    assert "health.referrals.nhs_number (broken)" in found
    assert "elections.register.name (first_of_two)" in found
    inbox = b"".join(path.read_bytes() for path in sorted(flow.tiny.inbox.iterdir()))
    assert set(leaks(inbox, PLANTED)) == {f"{c.dataset}.{c.column} ({c.row})" for c in PLANTED}


def test_no_command_says_a_value_on_standard_error(flow: Flow) -> None:
    told = {
        f"{name}: {leak}"
        for name, stream, text, _ in flow.outputs()
        if stream == "stderr"
        for leak in leaks(text, PLANTED)
    }
    assert not told


def test_no_other_command_says_a_value_on_standard_output(flow: Flow) -> None:
    told = {
        f"{name} ({code}): {leak}"
        for name, stream, text, code in flow.outputs()
        if stream == "stdout" and (name not in SHOWS_PEOPLE or code != 0)
        for leak in leaks(text, PLANTED)
    }
    assert not told


def test_a_workspace_shows_nobodys_identity(flow: Flow) -> None:
    hidden = [c for c in PLANTED if c.tier == "identity" or c.dataset == "elections.register"]
    told = "".join(text for name, _, text, _ in flow.outputs() if name == "workspace sql")
    assert planted("housing.tenancies", "note") in told
    assert leaks(told, hidden) == []


def test_failures_are_told_in_our_words(flow: Flow) -> None:
    failed = [(name, result) for name, result in flow.said if result.returncode]
    assert len(failed) > 10
    for name, result in failed:
        assert "Traceback" not in result.stderr, name
        assert (result.stderr + result.stdout).strip(), name
    unknown = {
        f"{name}: {result.stderr.splitlines()[1]}" for name, result in failed if "does not know" in result.stderr
    }
    assert not unknown, "an error that is not in the tree"


FILES = (
    "audit.sqlite",
    "records.sqlite",
    "lake",
    "lake-before",
    "workspaces",
    "profiles",
    "notice",
    "keys.json",
    "keys",
)


@pytest.mark.parametrize("place", FILES)
def test_no_file_holds_a_value_in_clear(flow: Flow, place: str) -> None:
    root = flow.tiny.root
    paths = [path for path in root.glob(place + "*") for path in (path, *path.rglob("*")) if path.is_file()]
    assert paths, "nothing was written there"
    told = {f"{path.relative_to(root)}: {leak}" for path in paths for leak in leaks(path.read_bytes(), PLANTED)}
    assert not told


def test_every_file_of_the_lake_is_encrypted(flow: Flow) -> None:
    paths = [path for place in ("lake", "workspaces") for path in (flow.tiny.root / place).rglob("*") if path.is_file()]
    assert len(paths) > 40
    sealed = {".parquet": lambda held: held[:4] == b"PARE", ".book": lambda held: held[-8:] == b"ALMBOOK1"}
    assert [path.name for path in paths if not sealed[path.suffix](path.read_bytes())] == []
    assert {path.suffix for path in paths} == {*sealed}


def test_no_name_of_a_file_holds_a_value(flow: Flow) -> None:
    names = "\n".join(path.relative_to(flow.tiny.root).as_posix() for path in flow.tiny.root.rglob("*"))
    assert leaks(names, PLANTED) == []


def test_no_temporary_file_is_left(flow: Flow) -> None:
    left = [
        path.name for path in flow.tiny.root.rglob("*") if path.name.startswith(".") or path.suffix in (".tmp", ".log")
    ]
    assert left == []


def test_the_reason_is_kept_where_it_belongs_and_nowhere_else(flow: Flow) -> None:
    """It may hold a value, so it stays in the two databases that can erase it."""
    word = "zqreasonwords"
    holding = [
        path.relative_to(flow.tiny.root).as_posix()
        for path in flow.tiny.root.rglob("*")
        if path.is_file() and word.encode() in path.read_bytes().lower()
    ]
    assert {name.split(".")[0] for name in holding} == {"audit", "records"}
    assert not [name for name, stream, text, _ in flow.outputs() if stream == "stderr" and word in text.lower()]


def test_linked_keys_leave_only_by_the_export(flow: Flow) -> None:
    """The contract of the export names record ids; nothing else of a person is in it."""
    import pyarrow.parquet as pq

    table = pq.read_table(flow.tiny.root / "links.parquet")
    assert table.column_names == ["source", "dataset", "record_id", "person_id", "probability", "decided_by"]
    keys = {(d.full_name, key) for d in declared().datasets() for key in d.key}
    other: list[Canary] = [c for c in PLANTED if (c.dataset, c.column) not in keys]
    assert leaks(str(table.to_pylist()), other) == []
