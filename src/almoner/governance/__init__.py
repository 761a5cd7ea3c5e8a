"""Who may read what, for which purpose, and the record of every read."""
