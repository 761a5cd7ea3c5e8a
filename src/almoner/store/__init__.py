"""The only place that opens an engine, a lake file or a key. No connection, path or key leaves it."""
