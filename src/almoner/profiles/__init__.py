"""Neighbourhood profiles: figures by area, read through the gate, protected, written as unreleased drafts."""
