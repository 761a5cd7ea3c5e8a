"""Everything that leaves: drafts, the check against all that is out, two people, publication, withdrawal.

Products write drafts; only here does a draft become a release.
"""
