"""What the pages show, for programs: the same declarations, permits, refusals and audit, answered with documents."""
