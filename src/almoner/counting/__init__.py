"""Counts of common facts by area, as steps of SQL that the gate runs: what every product of figures shares."""
