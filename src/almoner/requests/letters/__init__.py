"""Letters to those who ask, in plain English, as tagged PDF."""
