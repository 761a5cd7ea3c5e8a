"""Signing in: with the council's identity provider, or, for a demonstration on one machine, by choosing a name."""
