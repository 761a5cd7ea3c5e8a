"""Brings deliveries in: reads, checks and standardises them, and lands each whole or not at all."""
