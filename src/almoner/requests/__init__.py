"""Requests that people make: their clocks, the cases, the letters, and the log of what was disclosed."""
