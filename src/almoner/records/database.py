"""Configures Django for one workspace: SQLite beside the lake, or PostgreSQL by DATABASE_URL."""

from __future__ import annotations

import os
from pathlib import Path

import dj_database_url
import django
from django.conf import settings
from django.core.management import call_command
from django.db import DatabaseError, connection, connections

from almoner.kernel.errors import WorkspaceError

LATEST_MIGRATION = "0016_rights"
_SQLITE_OPTIONS = {
    "timeout": 60,
    "transaction_mode": "IMMEDIATE",
    "init_command": (
        "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA secure_delete=ON; PRAGMA foreign_keys=ON;"
    ),
}


def database_of(file: Path) -> dict[str, object]:
    """Give Django's settings of the database that holds the records of a workspace."""
    if url := os.environ.get("DATABASE_URL"):
        return dict(dj_database_url.parse(url))
    return {"ENGINE": "django.db.backends.sqlite3", "NAME": str(file), "OPTIONS": _SQLITE_OPTIONS}


def configure(file: Path) -> None:
    """Point Django at the records of a workspace. One process serves one workspace."""
    database = database_of(file)
    if settings.configured:
        if settings.DATABASES["default"]["NAME"] != database["NAME"]:
            _switch(database)
        return
    settings.configure(
        DATABASES={"default": database},
        INSTALLED_APPS=["almoner.records.apps.RecordsConfig"],
        USE_TZ=True,
        TIME_ZONE="UTC",
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
        LOGGING_CONFIG=None,
    )
    django.setup()


def _switch(database: dict[str, object]) -> None:
    """Serve another workspace from now on (tests, and programs that open several in turn)."""
    connection.close()
    settings.DATABASES["default"].update(database)  # never cleared: Django has put its own defaults into it
    wanted = connection.settings_dict
    wanted.update({"NAME": database["NAME"], "ENGINE": database["ENGINE"], "OPTIONS": database.get("OPTIONS", {})})


def prepare(file: Path) -> None:
    """Bring the records to the present shape, if they are not.

    Raises: WorkspaceError where the database can't be opened.
    """
    try:
        if not _is_current():
            call_command("migrate", "records", verbosity=0, interactive=False)
    except DatabaseError as error:
        raise WorkspaceError(
            "The records of this workspace can't be opened.",
            where=str(file) if not os.environ.get("DATABASE_URL") else "DATABASE_URL",
            why=type(error).__name__,
            todo="Check that the file is not damaged or read-only, or that the database server runs.",
        ) from error
    if not os.environ.get("DATABASE_URL") and file.exists():
        file.chmod(0o600)


def _is_current() -> bool:
    with connection.cursor() as cursor:
        if "django_migrations" not in connection.introspection.table_names(cursor):
            return False
        cursor.execute("SELECT 1 FROM django_migrations WHERE app = 'records' AND name = %s", [LATEST_MIGRATION])
        return cursor.fetchone() is not None


def release() -> None:
    """Close the connections: what SQLite has written ahead then stands in its one file."""
    connections.close_all()
