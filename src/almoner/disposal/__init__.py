"""Disposal with proof: finds what is past its time, takes it out of every file, and certifies what was done."""
