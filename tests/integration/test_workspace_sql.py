"""Any SQL may run in a workspace, and none gets a value that its permit does not give.

The workspace is opened under a research permit (pseudonymised). Canaries stand in every identity column, in two
datasets that research may not see, and in quarantine; keys and a secret of the environment are watched as well.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from almoner.governance.references import marker_columns, reference_columns
from almoner.governance.workspaces import AnalystWorkspace
from almoner.kernel.errors import AlmonerError, CalculationError, NotFound
from almoner.store import sandbox
from almoner.wiring.workspace import Workspace
from tests.workspace_builder import Canary, TinyWorkspace, canaries, declared, finished_workspace, leaks

pytestmark = pytest.mark.integration
WHY = "A reason that explains enough"
SECRET = "Zqsecretofenvironment"
GIVEN = {"housing.tenancies", "health.referrals", "police.incidents", "survey.answers", "open_data.postcodes"}
"""What the permit gives, besides who lives where and which row is about whom."""


@dataclass(frozen=True)
class Opened:
    """A workspace that an analyst has opened, what must never come out of it, and a folder to write to."""

    tiny: TinyWorkspace
    workspace: Workspace
    analyst: AnalystWorkspace
    hidden: list[Canary]
    secrets: list[str]
    out: Path

    def sql(self, query: str) -> list[dict[str, Any]]:
        """Run a query as the analyst."""
        return list(
            self.workspace.analysts.sql(self.analyst.id, "analyst", query, memory="300MB", threads=1).to_pylist()
        )

    def tried(self, query: str) -> str:
        """Run a query; give what came back, rows or words."""
        try:
            return json.dumps(self.sql(query), default=str, ensure_ascii=False)
        except AlmonerError as error:
            return "\n".join([*error.lines(), str(error.__cause__), str(error.__context__)])

    def files(self) -> dict[str, tuple[int, int]]:
        """Give every file of the workspace with its size and time, but for the records, which note each query."""
        found = [path for folder in (self.tiny.root, self.out) for path in folder.rglob("*") if path.is_file()]
        told = {
            str(path): (path.stat().st_size, path.stat().st_mtime_ns) for path in found if ".sqlite" not in path.name
        }
        return {**told, **{f"/{name}": (0, 0) for name in os.listdir("/")}}


def is_hidden(canary: Canary) -> bool:
    """Say whether research must not see a canary: it identifies or refers, or its dataset or row is not given."""
    registry = declared()
    dataset = registry.dataset(canary.dataset)
    if canary.column in reference_columns(registry, dataset) | marker_columns(dataset):
        return True
    accepted = canary.row == "accepted" or (canary.dataset == "survey.answers" and canary.row == "bad_value")
    return not (accepted and canary.tier != "identity" and canary.dataset in GIVEN)


@pytest.fixture(scope="module")
def opened_once(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Opened]:
    """Open a workspace for research, with a secret in the environment."""
    tiny = finished_workspace(tmp_path_factory.mktemp("sql") / "workspace")
    key = (tiny.root / "keys" / "master.key").read_text().strip()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ALMONER_MASTER_KEY", key)
        patch.setenv("ALMONER_SECRET", SECRET)
        workspace = tiny.open("analyst")
        permit = workspace.permits.standing("analyst", "research", WHY, project="alpha")
        made = workspace.analysts.open(permit)
        secrets = [key, SECRET, "LANG=C.UTF-8", "root:x:0", *(tiny.root / "keys.json").read_text().split('"')[7::4]]
        hidden = [canary for canary in canaries(workspace.registry) if is_hidden(canary)]
        yield Opened(tiny, workspace, made, hidden, secrets, tmp_path_factory.mktemp("out"))


@pytest.fixture
def opened(opened_once: Opened) -> Opened:
    """Give that workspace, whatever other one a test has opened meanwhile."""
    opened_once.tiny.open("analyst")
    return opened_once


FILES = [
    "SELECT * FROM read_csv('/proc/self/environ')",
    "SELECT * FROM read_csv_auto('/etc/passwd', delim=':')",
    "SELECT * FROM read_text('/proc/self/environ')",
    "SELECT * FROM read_blob('/proc/self/environ')",
    "SELECT * FROM read_text('/proc/self/cmdline')",
    "SELECT * FROM read_text('/proc/{parent}/environ')",
    "SELECT * FROM read_blob('/proc/{parent}/mem')",
    "SELECT * FROM read_text('/proc/self/fd/0')",
    "SELECT * FROM read_blob('/dev/stdin')",
    "SELECT * FROM read_text('{root}/keys.json')",
    "SELECT * FROM read_text('{root}/keys/master.key')",
    "SELECT * FROM read_json('{root}/keys.json')",
    "SELECT * FROM read_json_auto('{root}/keys.json')",
    "SELECT * FROM read_ndjson_objects('{root}/inbox/referrals_20261001.jsonl')",
    "SELECT * FROM read_csv('{root}/inbox/register_20261001.csv')",
    "SELECT * FROM read_csv('{root}/inbox/*.csv', union_by_name=true)",
    "SELECT * FROM read_parquet('{root}/lake/**/*.parquet')",
    "SELECT * FROM parquet_scan('{root}/lake/**/*.parquet')",
    "SELECT * FROM parquet_metadata('{root}/lake/**/*.parquet')",
    "SELECT * FROM parquet_schema('{root}/workspaces/**/*.parquet')",
    "SELECT * FROM parquet_kv_metadata('{root}/workspaces/**/*.parquet')",
    "SELECT * FROM glob('{root}/**')",
    "SELECT * FROM glob('/*')",
    "SELECT file FROM glob('{root}/../**')",
    "SELECT * FROM sniff_csv('{root}/inbox/register_20261001.csv')",
    "SELECT * FROM sqlite_scan('{root}/records.sqlite', 'records_permitrecord')",
    "SELECT * FROM read_duckdb('{root}/audit.sqlite')",
    "SELECT * FROM '/etc/passwd'",
    "SELECT * FROM '{root}/inbox/register_20261001.csv'",
    'SELECT * FROM "{root}/inbox/register_20261001.csv"',
    "FROM '{root}/inbox/register_20261001.csv'",
    "SELECT * FROM 'file://{root}/keys.json'",
    "SELECT * FROM read_text(['{root}/keys.json', '/etc/passwd'])",
    "SELECT * FROM read_text((SELECT '{root}/keys.json'))",
    "SELECT * FROM read_text('/etc' || '/passwd')",
    "SELECT * FROM read_text('/e' || chr(116) || 'c/passwd')",
    "SELECT * FROM read_csv('/etc/passwd', columns={{'a': 'VARCHAR'}}, delim='\\t')",
    "SELECT t.* FROM (VALUES ('{root}/keys.json')) AS v(f), LATERAL (SELECT * FROM read_text(v.f)) AS t",
    "SELECT (SELECT content FROM read_text('{root}/keys.json')) AS c",
    "WITH c AS MATERIALIZED (SELECT * FROM read_text('{root}/keys.json')) SELECT * FROM c",
    "WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < 3) SELECT * FROM c, read_text('/etc/passwd')",
]

OTHER_DATABASES = [
    "ATTACH '{root}/records.sqlite' AS r",
    "ATTACH '{root}/records.sqlite' AS r (TYPE sqlite); SELECT * FROM r.records_permitrecord",
    "ATTACH '{root}/audit.sqlite' AS a (TYPE sqlite, READ_ONLY)",
    "ATTACH '{out}/new.duckdb' AS n",
    "ATTACH IF NOT EXISTS '{out}/new.duckdb' AS n",
    "ATTACH 'host=localhost user=postgres' AS p (TYPE postgres)",
    "ATTACH 'https://example.org/data.duckdb' AS h",
    "ATTACH 's3://bucket/data.duckdb' AS s",
    "ATTACH ':memory:' AS m; CREATE TABLE m.t AS SELECT * FROM read_text('{root}/keys.json'); SELECT * FROM m.t",
    "CREATE OR REPLACE DATABASE n",
    "USE '{root}/records.sqlite'",
    "DETACH memory",
]

WRITING = [
    "COPY (SELECT * FROM \"housing.tenancies\") TO '{out}/a.csv'",
    "COPY (SELECT * FROM \"housing.tenancies\") TO '{out}/a.parquet' (FORMAT parquet)",
    "COPY \"housing.tenancies\" TO '{out}/a.json'",
    "COPY (SELECT 1) TO '{root}/registry/roles.toml' (FORMAT csv)",
    "COPY (SELECT 1) TO '/dev/stderr'",
    "COPY (SELECT 1) TO '/dev/stdout' (FORMAT csv)",
    "CREATE TABLE c(a VARCHAR); COPY c FROM '/etc/passwd' (DELIMITER '§'); SELECT * FROM c",
    "CREATE TABLE c(a VARCHAR); COPY c FROM '{root}/inbox/register_20261001.csv' (AUTO_DETECT true); SELECT * FROM c",
    "COPY FROM DATABASE memory TO n",
    "EXPORT DATABASE '{out}/export'",
    "IMPORT DATABASE '{root}'",
    "PRAGMA export_database('{out}/export')",
    "CHECKPOINT",
    "FORCE CHECKPOINT",
    "PRAGMA enable_profiling='json'; PRAGMA profiling_output='{out}/profile.json'; SELECT 1",
    "SET profiling_output='{out}/profile.json'",
    "SET log_query_path='{out}/log.txt'",
    "PRAGMA log_query_path='{out}/log.txt'; SELECT 1",
    "CALL enable_logging(storage='file', storage_path='{out}')",
    "SET secret_directory='{out}'",
    "SET extension_directory='{out}'",
    "EXPLAIN ANALYZE COPY (SELECT 1) TO '{out}/a.csv'",
]

EXTENSIONS = [
    "INSTALL httpfs",
    "FORCE INSTALL sqlite",
    "INSTALL spatial FROM 'https://example.org'",
    "INSTALL '{out}/evil.duckdb_extension'",
    "LOAD httpfs",
    "LOAD sqlite",
    "LOAD '{out}/evil.duckdb_extension'",
    "UPDATE EXTENSIONS",
    "SELECT * FROM 'https://example.org/x.parquet'",
    "SELECT * FROM read_csv('http://127.0.0.1:1/x.csv')",
    "SELECT * FROM read_text('s3://bucket/key')",
    "SELECT http_get('http://127.0.0.1:1/')",
    "CREATE FUNCTION f AS 'os.system'",
    "SET allow_unsigned_extensions=true",
    "SET autoinstall_known_extensions=true",
    "SET autoload_known_extensions=true",
    "SET custom_extension_repository='http://127.0.0.1:1'",
]

SETTINGS = [
    "SELECT getenv('ALMONER_MASTER_KEY')",
    "SELECT getenv('ALMONER_SECRET')",
    "SELECT getenv('PYTHONPATH')",
    "SELECT current_setting('secret_directory'), current_setting('temp_directory')",
    "SELECT current_setting('s3_secret_access_key')",
    "SET enable_external_access=true",
    "SET GLOBAL enable_external_access=true",
    "SET SESSION enable_external_access=true",
    "RESET enable_external_access",
    "RESET lock_configuration",
    "SET lock_configuration=false",
    "PRAGMA lock_configuration=false",
    "PRAGMA enable_external_access=true",
    "SET allowed_directories=['/']",
    "SET allowed_paths=['/etc/passwd']",
    "SET disabled_filesystems=''",
    "SET temp_directory='{out}'",
    "SET memory_limit='100GB'",
    "SET max_memory='100GB'",
    "SET threads=64",
    "SET python_enable_replacements=true",
    "SET python_scan_all_frames=true",
    "SET home_directory='{out}'",
    "SET file_search_path='{root}'; SELECT * FROM read_text('keys.json')",
    "SELECT set_config('enable_external_access', 'true', false)",
    "SELECT * FROM duckdb_settings()",
    "SELECT * FROM duckdb_secrets()",
    "FROM which_secret('s3://bucket', 's3')",
    "CREATE SECRET s (TYPE s3, KEY_ID 'a', SECRET 'b')",
    "CREATE PERSISTENT SECRET s (TYPE http, BEARER_TOKEN 'b')",
    "SELECT getvariable('order'), getvariable('master'), getvariable('environment')",
    "SET VARIABLE f = '{root}/keys.json'; SELECT * FROM read_text(getvariable('f'))",
    "PRAGMA database_list",
    "PRAGMA version",
    "PRAGMA show_tables_expanded",
    "PRAGMA storage_info('_incoming')",
    "PRAGMA user_agent",
    "SELECT * FROM duckdb_logs",
    "SELECT * FROM duckdb_temporary_files()",
    "SELECT * FROM duckdb_memory()",
]

CATALOGUE = [
    "SELECT * FROM information_schema.tables",
    "SELECT * FROM information_schema.columns",
    "SELECT * FROM information_schema.schemata",
    "SELECT * FROM duckdb_tables()",
    "SELECT * FROM duckdb_views()",
    "SELECT * FROM duckdb_columns()",
    "SELECT * FROM duckdb_databases()",
    "SELECT * FROM duckdb_functions() WHERE function_type = 'table_macro'",
    "SELECT * FROM duckdb_extensions()",
    "SELECT * FROM duckdb_variables()",
    "SELECT * FROM duckdb_prepared_statements()",
    "SELECT * FROM pg_catalog.pg_class",
    "SELECT * FROM pg_catalog.pg_tables",
    "SELECT * FROM pg_catalog.pg_settings",
    "SELECT * FROM sqlite_master",
    "SELECT * FROM sys.tables",
    "SHOW ALL TABLES",
    "SHOW DATABASES",
    'DESCRIBE "housing.tenancies"',
    'SUMMARIZE "housing.tenancies"',
    'SUMMARIZE "spine.link"',
]

HIDDEN_NAMES = [
    "SELECT * FROM _raw_1",
    "SELECT * FROM _raw_2 UNION ALL SELECT * FROM _raw_3",
    "SELECT * FROM _incoming",
    "SELECT * FROM temp._incoming",
    'SELECT * FROM main."_incoming"',
    'SELECT * FROM "persons:housing.tenancies"',
    'SELECT * FROM "places:housing.tenancies"',
    'SELECT * FROM "quarantine:housing.tenancies"',
    'SELECT * FROM "spine.person"',
    'SELECT * FROM "spine.address"',
    'SELECT * FROM "spine.person_record"',
    'SELECT * FROM "spine.protected"',
    'SELECT * FROM "elections.register"',
    'SELECT * FROM "council.staff"',
    'SELECT surname FROM "housing.tenancies"',
    'SELECT record_key FROM "housing.tenancies"',
    'SELECT * FROM "housing.tenancies" UNION ALL BY NAME SELECT * FROM "spine.person"',
    "SELECT COLUMNS('.*name.*') FROM \"housing.tenancies\"",
    'SELECT COLUMNS(*)::VARCHAR FROM "housing.tenancies"',
    'SELECT nhs_number__as_delivered FROM "health.referrals"',
    "SELECT * FROM batch",
    "SELECT * FROM table",
    "SELECT * FROM order_",
    "SELECT * FROM connection",
    "SELECT * FROM tables, environment, payload",
    "SELECT * FROM query('SELECT * FROM \"spine.person\"')",
    "SELECT * FROM query_table('spine.person')",
    "SELECT * FROM query_table(['housing.tenancies', '_incoming'])",
    "SELECT * FROM query('FROM read_text(''{root}/keys.json'')')",
]

TRICKS = [
    "SELECT 1; SELECT * FROM read_text('{root}/keys.json')",
    'SELECT 1;; ; SELECT * FROM "spine.person"',
    "SELECT 1 -- \n; SELECT * FROM read_text('/etc/passwd')",
    "/* a */ SELECT /* b */ * /**/ FROM/**/read_text('/etc/passwd')",
    "SELECT * FROM read_text('/etc/passwd') --",
    "SELECT * FROM READ_TEXT($$/etc/passwd$$)",
    "SELECT * FROM read_text($a$/etc/passwd$a$)",
    "SELECT * FROM \"read_text\"('/etc/passwd')",
    "SELECT * FROM main.read_text('/etc/passwd')",
    "SELECT * FROM system.main.read_text('/etc/passwd')",
    "SELECT * FROM read_text(e'/etc/\\x70asswd')",
    "SELECT * FROM r\u00e9ad_text('/etc/passwd')",
    "SELECT * FROM ｒｅａｄ_text('/etc/passwd')",
    "SELECT\u00a0*\u2003FROM\u200bread_text('/etc/passwd')",
    "SELECT * FROM read_text('/etc/passwd\x00.csv')",
    "SELECT * FROM read_text(U&'\\002Fetc/passwd')",
    "PREPARE p AS SELECT * FROM read_text('{root}/keys.json'); EXECUTE p",
    "PREPARE p AS SELECT * FROM read_text($1); EXECUTE p('{root}/keys.json')",
    "CREATE MACRO m(f) AS TABLE SELECT * FROM read_text(f); SELECT * FROM m('{root}/keys.json')",
    "CREATE MACRO getenv2(x) AS getenv(x); SELECT getenv2('ALMONER_SECRET')",
    "CREATE VIEW v AS SELECT * FROM read_text('{root}/keys.json'); SELECT * FROM v",
    "CREATE TABLE t AS FROM read_text('{root}/keys.json'); FROM t",
    "BEGIN; SET enable_external_access=true; COMMIT; SELECT * FROM read_text('/etc/passwd')",
    "SELECT * FROM json_execute_serialized_sql(json_serialize_sql('SELECT * FROM read_text(''/etc/passwd'')'))",
    "PRAGMA json_execute_serialized_sql('{{}}')",
    "SELECT json_serialize_plan('SELECT * FROM read_text(''/etc/passwd'')')",
    "SELECT * FROM from_substrait('x')",
    "SELECT * FROM python_map('os.environ')",
    "SELECT error(content) FROM read_text('{root}/keys.json')",
    'SELECT CAST(note AS INTEGER) FROM "housing.tenancies"',
    "SELECT error(string_agg(person_ref, ',')) FROM \"spine.link\"",
    "SELECT * FROM arrow_scan(1, 2, 3)",
    "SELECT * FROM arrow_scan_dumb(140000000000000, 140000000000000, 140000000000000)",
    "SELECT * FROM pandas_scan(140000000000000)",
    "SELECT * FROM seq_scan('housing.tenancies')",
    "SELECT * FROM read_text('/proc/self/maps')",
    ".read {root}/keys.json",
    ".import /etc/passwd t",
    ".shell cat /etc/passwd",
    "\\copy t from '/etc/passwd'",
    "LISTEN x",
    "CALL pragma_version()",
    "VACUUM ANALYZE",
    "",
    ";",
    "'",
    'SELECT * FROM "',
]

QUERIES = [*FILES, *OTHER_DATABASES, *WRITING, *EXTENSIONS, *SETTINGS, *CATALOGUE, *HIDDEN_NAMES, *TRICKS]


def test_there_are_many_and_no_two_alike() -> None:
    assert len(QUERIES) == len(set(QUERIES)) >= 100


@pytest.mark.parametrize("query", QUERIES)
def test_nothing_that_is_not_given_comes_out(opened: Opened, query: str) -> None:
    filled = query.format(root=opened.tiny.root, out=opened.out, parent=os.getpid())
    before = opened.files()
    answer = opened.tried(filled)
    assert leaks(answer, opened.hidden) == []
    assert [secret for secret in opened.secrets if secret in answer] == []
    assert opened.files() == before, "a file was made, changed or removed"


MUST_FAIL = [*FILES, *OTHER_DATABASES[:9], *WRITING[:12], *EXTENSIONS[:16], *HIDDEN_NAMES[:16]]


def test_what_the_workspace_holds_can_be_read(opened: Opened) -> None:
    """Were nothing readable, every test above would pass for nothing."""
    given = {canary for canary in canaries(opened.workspace.registry) if not is_hidden(canary)}
    seen = "".join(opened.tried(f'SELECT * FROM "{name}"') for name in sorted(GIVEN))
    assert {f"{c.dataset}.{c.column} ({c.row})" for c in given} == set(leaks(seen, sorted(given, key=str)))
    assert {row["name"] for row in opened.sql("SHOW TABLES")} == {*GIVEN, "spine.link", "spine.resident"}
    joined = opened.sql(
        """SELECT t.rent, r.team FROM "housing.tenancies" AS t
           JOIN "spine.link" AS a ON a.row_id = t.row_id AND a.dataset = 'housing.tenancies'
           JOIN "spine.link" AS b ON b.person_ref = a.person_ref AND b.dataset = 'health.referrals'
           JOIN "health.referrals" AS r ON r.row_id = b.row_id"""
    )
    assert len(joined) > 3


def test_what_reaches_outside_fails_and_says_so(opened: Opened) -> None:
    """One of each kind: a query that silently gave nothing would hide a door that opens with other words."""
    for query in MUST_FAIL[::8]:
        with pytest.raises(CalculationError):
            opened.sql(query.format(root=opened.tiny.root, out=opened.out, parent=os.getpid()))


def test_the_childs_environment_has_no_key(opened: Opened, monkeypatch: pytest.MonkeyPatch) -> None:
    """Read from the running child itself, not from what it was asked to be."""
    seen: list[bytes] = []
    real = subprocess.Popen.communicate

    def watched(self: subprocess.Popen[bytes], payload: bytes, timeout: float) -> tuple[bytes, bytes]:
        for name in ("environ", "cmdline"):
            seen.append(Path(f"/proc/{self.pid}/{name}").read_bytes())
        seen.append(str([os.readlink(link) for link in Path(f"/proc/{self.pid}/fd").iterdir()]).encode())
        return real(self, payload, timeout=timeout)

    monkeypatch.setattr(sandbox.subprocess.Popen, "communicate", watched)
    assert opened.sql("SELECT 1 AS one") == [{"one": 1}]
    environment, command, handles = seen
    assert SECRET.encode() not in environment + command
    assert b"KEY" not in environment.upper()
    assert all(secret.encode() not in environment + command for secret in opened.secrets if secret != "LANG=C.UTF-8")
    assert str(opened.tiny.root).encode() not in environment + command + handles


def test_each_query_begins_afresh(opened: Opened) -> None:
    opened.tried("CREATE TABLE mine AS SELECT 1 AS one")
    with pytest.raises(CalculationError):
        opened.sql("SELECT * FROM mine")
    opened.tried('DELETE FROM "housing.tenancies"; DROP TABLE "spine.link"')
    assert opened.sql('SELECT count(*) AS n FROM "housing.tenancies"') == [{"n": 9}]


def test_a_workspace_is_its_analysts_own_and_ends_with_its_permit(tmp_path: Path) -> None:
    tiny = finished_workspace(tmp_path / "workspace")
    workspace = tiny.open("analyst")
    permit = workspace.permits.standing("analyst", "planning", WHY)
    made = workspace.analysts.open(permit)
    ask = {"sql": "SELECT 1 AS one", "memory": "300MB", "threads": 1}
    with pytest.raises(NotFound):
        workspace.analysts.sql(made.id, "worker", **ask)
    late = permit.expires_at + dt.timedelta(seconds=1)
    workspace.analysts._clock = lambda: late
    assert workspace.analysts.expire() == 1
    assert not (tiny.root / "workspaces" / permit.id).exists()
    with pytest.raises(NotFound):
        workspace.analysts.sql(made.id, "analyst", **ask)


def test_a_permit_taken_back_takes_its_copies_with_it_at_once(tmp_path: Path) -> None:
    tiny = finished_workspace(tmp_path / "workspace")
    workspace = tiny.open("analyst")
    permits = [workspace.permits.standing("analyst", "planning", WHY) for _ in range(2)]
    gone, kept = (workspace.analysts.open(permit, ["housing.tenancies"]) for permit in permits)
    tiny.open("officer").permits.revoke(permits[0].id, "officer")
    assert not (tiny.root / "workspaces" / permits[0].id).exists()
    assert (tiny.root / "workspaces" / permits[1].id).exists()
    assert [each.id for each in workspace.analysts.list("analyst")] == [kept.id]
    with pytest.raises(NotFound):
        workspace.analysts.sql(gone.id, "analyst", "SELECT 1 AS one", memory="300MB", threads=1)
    withdrawn = [event for event in tiny.events() if event.action == "workspace.withdraw"]
    assert [event.permit_id for event in withdrawn] == [permits[0].id]


def test_copies_lie_encrypted(opened: Opened) -> None:
    files = list((opened.tiny.root / "workspaces").rglob("*.parquet"))
    assert len(files) == len(GIVEN) + 2
    everything = canaries(opened.workspace.registry)
    assert all(file.read_bytes()[:4] == b"PARE" for file in files)
    assert [leak for file in files for leak in leaks(file.read_bytes(), everything)] == []


def test_a_permit_can_open_its_workspace_again(tmp_path: Path) -> None:
    """Opening twice must give a workspace, or say why not; it must not break the one that is there."""
    workspace = finished_workspace(tmp_path / "workspace").open("analyst")
    permit = workspace.permits.standing("analyst", "planning", WHY)
    first = workspace.analysts.open(permit)
    try:
        workspace.analysts.open(permit)
    except AlmonerError as error:
        assert error.todo
    assert workspace.analysts.sql(first.id, "analyst", "SELECT 1 AS one", memory="300MB", threads=1).num_rows == 1


def test_two_projects_workspaces_do_not_join(opened: Opened) -> None:
    """Whoever has both must not find out which pseudonym of one is which of the other: by reference, row id or key."""
    permit = opened.workspace.permits.standing("analyst", "research", WHY, project="beta")
    other = opened.workspace.analysts.open(permit)
    ask = 'SELECT dataset, row_id, slot, person_ref FROM "spine.link"'
    tables = [
        opened.workspace.analysts.sql(each.id, "analyst", ask, memory="300MB", threads=1).to_pylist()
        for each in (opened.analyst, other)
    ]
    opened.workspace.analysts.close(other.id, "analyst")
    refs, rows = (
        [{tuple(row[n] for n in names) for row in table} for table in tables]
        for names in (("person_ref",), ("dataset", "row_id", "slot"))
    )
    assert not refs[0] & refs[1]
    assert not rows[0] & rows[1], "row ids are the same in both, so that they join what the pseudonyms keep apart"
