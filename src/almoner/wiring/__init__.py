"""Joins ports to implementations: opens a workspace and gives its gate, intake, linkage and records.

It imports nothing by itself: help and completion want its words without its engines.
"""
