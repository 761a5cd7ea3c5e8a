"""Decisions on people's rights carried out: what a case may lead to, and who else has to be told."""
