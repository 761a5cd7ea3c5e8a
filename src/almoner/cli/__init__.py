"""The command line: parses, opens the workspace, makes the permit, calls, prints. No rule lives here."""
