"""A migration that is done whole or not at all, also if the process is killed."""

from __future__ import annotations

from typing import Any

from django.db.migrations.operations.base import Operation


class NothingLeftOver(Operation):
    """Do at once what the schema editor would do last: the last operation of every migration.

    Where something is left over, Django notes the migration only after its transaction: killed in between, the tables
    would be there and nobody would know.
    """

    reduces_to_sql = False
    reversible = True

    def state_forwards(self, app_label: str, state: Any) -> None:
        """Change nothing in what models look like."""

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        """Execute what was put off."""
        for statement in schema_editor.deferred_sql:
            schema_editor.execute(statement, None)
        schema_editor.deferred_sql.clear()

    def database_backwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        """Execute what was put off."""
        self.database_forwards(app_label, schema_editor, from_state, to_state)

    def describe(self) -> str:
        """Say what it does."""
        return "Leave nothing over"
