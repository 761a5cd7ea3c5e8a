"""What a front-line worker sees of one person: facts by service, each with source, date, coverage and confidence."""
