"""Extracts for recipients: asked for, checked, approved by a second person, encrypted, logged by person, ended."""
