"""Subject access: everything held on one person, what of it is somebody else's, and the pack that they are given."""
