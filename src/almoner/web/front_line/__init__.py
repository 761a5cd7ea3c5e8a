"""Pages for the front line: find one person, say why, see what is known of them. Never a list to browse."""
