"""Names of the code mappings that the product ships; `intake.standardise` holds what they map."""

STANDARD_CODES = frozenset({"sex", "ethnicity_dfe", "ethnicity_nhs", "ethnicity_numeric", "ethnicity_text"})
