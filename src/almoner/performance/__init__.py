"""Performance: measures over time against their targets, what their charts say, and the records behind a figure."""
