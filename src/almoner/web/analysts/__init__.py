"""Pages for analysts and managers who ask: questions about indicators, areas that they draw, workspaces and permits."""
