"""Standardisation: one spelling for what identifies, as SQL over batches; the original is always kept beside it."""

from almoner.intake.standardise.addresses import address_parts
from almoner.intake.standardise.codes import map_codes
from almoner.intake.standardise.contact import email, phone
from almoner.intake.standardise.dates import is_placeholder_date, parse_date
from almoner.intake.standardise.identifiers_sql import nhs_number, nino, uln, upn, uprn
from almoner.intake.standardise.names import looks_like_formula, name_part, name_title, split_forenames
from almoner.intake.standardise.organisations import is_organisation
from almoner.intake.standardise.postcodes import postcode
from almoner.intake.standardise.whole_names import split_name

__all__ = [
    "address_parts", "email", "is_organisation", "is_placeholder_date", "looks_like_formula", "map_codes", "name_part",
    "name_title", "nhs_number", "nino", "parse_date", "phone", "postcode", "split_forenames", "split_name", "uln", "upn",
    "uprn",
]  # fmt: skip
