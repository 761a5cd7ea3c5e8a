"""Benchmarks, run side by side with the named peers in one go: machines are noisy, ratios less so."""
