"""Standardisation: one spelling for what identifies, as SQL over batches; the original is kept beside it.

A builder takes the SQL of a text column and gives the SQL of its standard form, or `Staged`: parts that are computed
in rounds, for `select_staged`. None of them ever looks at a value: they write SQL, and the engine runs it.
"""

from almoner.intake.standardise.addresses import ADDRESS_PARTS, address_parts
from almoner.intake.standardise.codes import BROAD_GROUPS, ETHNIC_GROUPS, STANDARD_MAPPINGS, map_codes
from almoner.intake.standardise.contact import email, phone
from almoner.intake.standardise.dates import PLACEHOLDER_DATES, is_placeholder_date, parse_date
from almoner.intake.standardise.identifiers_sql import nhs_number, nino, uln, upn, uprn
from almoner.intake.standardise.names import (
    NameKind,
    looks_like_formula,
    name_part,
    name_title,
    split_forenames,
)
from almoner.intake.standardise.organisations import is_organisation
from almoner.intake.standardise.postcodes import postcode
from almoner.intake.standardise.staging import Staged, select_staged
from almoner.intake.standardise.whole_names import NAME_PARTS, NameOrder, split_name

__all__ = [
    "ADDRESS_PARTS",
    "BROAD_GROUPS",
    "ETHNIC_GROUPS",
    "NAME_PARTS",
    "PLACEHOLDER_DATES",
    "STANDARD_MAPPINGS",
    "NameKind",
    "NameOrder",
    "Staged",
    "address_parts",
    "email",
    "is_organisation",
    "is_placeholder_date",
    "looks_like_formula",
    "map_codes",
    "name_part",
    "name_title",
    "nhs_number",
    "nino",
    "parse_date",
    "phone",
    "postcode",
    "select_staged",
    "split_forenames",
    "split_name",
    "uln",
    "upn",
    "uprn",
]
