"""Pages for information governance: what is declared, held, done and left, and what somebody has to decide."""
