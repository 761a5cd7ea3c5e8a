"""Statutory clocks: when an answer is due, and why then, in words. Pure: no clock of the machine's, no records."""
