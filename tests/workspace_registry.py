"""The registry of the tiny workspace (`workspace_builder`): small enough to read, complete enough to be law."""

from __future__ import annotations

SETTINGS = """
[engine]
memory = "1GB"
threads = 1

[first_user]
roles = ["analyst", "front_line", "linkage_steward", "governance"]
"""

_COUNCIL = """
[controller]
title = "Tiny Council"
service = "Research"
address = "Town Hall"
place = "Tinytown"
website = "https://tiny.example.org"

[data_protection_officer]
title = "Data Protection Officer"
email = "dpo@tiny.example.org"

[category]
name = { title = "name", kind = "ordinary", tier = "identity" }
address = { title = "address", kind = "ordinary", tier = "identity", reveals_whereabouts = true }
gender = { title = "gender", kind = "ordinary", tier = "identity" }
date_of_birth = { title = "date of birth", kind = "ordinary", tier = "identity" }
identifiers = { title = "reference numbers", kind = "ordinary", tier = "identity" }
contact = { title = "telephone and e-mail", kind = "ordinary", tier = "identity", reveals_whereabouts = true }
gp_clinic = { title = "GP clinic", kind = "ordinary", tier = "general", reveals_whereabouts = true }
financial = { title = "financial information", kind = "ordinary", tier = "general" }
employment = { title = "employment", kind = "ordinary", tier = "general" }
record = { title = "states of records", kind = "ordinary", tier = "general" }
health = { title = "health", kind = "special", tier = "special", harm_test = true }
criminal_history = { title = "criminal history", kind = "criminal", tier = "criminal" }
place = { title = "facts about places", kind = "not_personal", tier = "general" }
anonymised = { title = "anonymised answers", kind = "not_personal", tier = "general" }

[lawful_basis.public_task]
title = "Public task"
article = "Art 6(1)(e) UK GDPR"
notice = "We use it for our public tasks."
[lawful_basis.vital_interests]
title = "Vital interests"
article = "Art 6(1)(d) UK GDPR"
notice = "To protect someone in an emergency."
[condition.public_interest]
title = "Substantial public interest"
kind = "special"
article = "Art 9(2)(g) UK GDPR"
schedule = "Schedule 1 paragraph 6 DPA 2018"
policy_document = "Appropriate policy document"
notice = "In the substantial public interest."
[condition.statutory]
title = "Statutory purposes"
kind = "criminal"
article = "Art 10 UK GDPR"
schedule = "Schedule 1 paragraph 6 DPA 2018"
policy_document = "Appropriate policy document"
notice = "Under the law."

[retention.long]
title = "Long"
years = 100
authority = "Council"
[retention.from_start]
title = "Twenty years from the start"
years = 20
counted_from = "starts"
authority = "Council"

[codes.sex]
title = "Sex"
standard = "sex"
values = { F = "F", M = "M" }
closed = true
[codes.yes_no]
title = "Yes or no"
values = { Y = "Yes", N = "No" }
closed = true

[geography.ward]
title = "Ward"
plural = "Wards"
postcode_column = "ward_code"
[postcode_directory]
dataset = "open_data.postcodes"
postcode = "postcode"

[indicator.population]
title = "Residents"
topic = "Population"
unit = "count"
numerator = { fact = "residents", count = "persons" }
geographies = ["ward"]
definition = "People with a current address."
[indicator.burglaries]
title = "Accused of burglary"
topic = "Crime"
unit = "count"
numerator = { fact = "event", names = ["Accused of an offence"], count = "persons" }
geographies = ["ward"]
definition = "People accused."
[indicator.referrals]
title = "Referrals"
topic = "Health"
unit = "count"
numerator = { fact = "event", names = ["Referral"], count = "persons" }
geographies = ["ward"]
definition = "People referred."
"""

_PURPOSES = """
[purpose.research]
title = "Research"
notice = "Research."
lawful_basis = "public_task"
special_category_condition = "public_interest"
criminal_offence_condition = "statutory"
form = "pseudonymised"
scope = "project"
project = "required"
permit_days = 60
categories = ["gp_clinic", "financial", "record", "health", "criminal_history", "place", "anonymised"]

[purpose.front_line]
title = "Front line"
notice = "Front line."
lawful_basis = "public_task"
form = "identifiable"
scope = "one_person"
permit_days = 1
categories = ["name", "address", "gender", "date_of_birth", "identifiers", "contact", "gp_clinic", "financial", "record"]

[purpose.monitoring]
title = "Monitoring"
notice = "Monitoring."
lawful_basis = "public_task"
special_category_condition = "public_interest"
criminal_offence_condition = "statutory"
form = "aggregate"
scope = "all"
permit_days = 60
categories = ["gp_clinic", "financial", "record", "health", "criminal_history", "place"]

[purpose.planning]
title = "Planning"
notice = "Planning."
lawful_basis = "public_task"
form = "pseudonymised"
scope = "all"
permit_days = 60
categories = ["gender", "financial", "record", "place"]

[purpose.requests]
title = "Subject access"
notice = "Subject access."
lawful_basis = "public_task"
special_category_condition = "public_interest"
criminal_offence_condition = "statutory"
form = "identifiable"
scope = "one_person"
permit_days = 30
sees_whereabouts = true
despite_restriction = true
categories = ["name", "address", "gender", "date_of_birth", "identifiers", "contact", "gp_clinic", "financial", "employment", "record", "health", "criminal_history"]

[purpose.emergency]
title = "Emergency"
notice = "Emergency."
lawful_basis = "vital_interests"
special_category_condition = "public_interest"
criminal_offence_condition = "statutory"
form = "identifiable"
scope = "one_person"
permit_days = 1
standing = false
sees_whereabouts = true
despite_restriction = true
categories = ["name", "address", "gender", "date_of_birth", "identifiers", "contact", "gp_clinic", "financial", "record", "health", "criminal_history"]

[purpose.statutory]
title = "Statutory sharing"
notice = "Statutory sharing."
lawful_basis = "public_task"
form = "identifiable"
scope = "all"
permit_days = 10
standing = false
categories = ["name", "address", "date_of_birth", "financial", "record"]

[purpose.matching]
title = "Matching"
notice = "Matching."
lawful_basis = "public_task"
special_category_condition = "public_interest"
criminal_offence_condition = "statutory"
form = "identifiable"
scope = "all"
permit_days = 31
joins_records = true
sees_whereabouts = true
despite_restriction = true
categories = ["name", "address", "gender", "date_of_birth", "identifiers", "contact", "record"]

[purpose.data_quality]
title = "Data quality"
notice = "Data quality."
lawful_basis = "public_task"
form = "identifiable"
scope = "all"
permit_days = 1
mends_quarantine = true
despite_restriction = true
categories = ["record"]

[role.front_line]
title = "Front-line worker"
purposes = ["front_line", "emergency"]
rights = ["share_emergency"]
[role.analyst]
title = "Analyst"
purposes = ["research", "monitoring", "planning", "statutory"]
rights = ["workspace", "release", "share"]
[role.output_checker]
title = "Output checker"
purposes = ["research", "monitoring"]
rights = ["release", "release_approve"]
[role.linkage_steward]
title = "Linkage steward"
purposes = ["matching", "data_quality"]
rights = ["intake", "link", "link_export", "quarantine"]
[role.governance]
title = "Governance officer"
purposes = ["requests"]
rights = ["grant", "audit", "break_glass_review", "notice", "rectify", "requests", "requests_approve", "retention", "retention_approve", "share_approve", "carry_out"]
[role.requests_officer]
title = "Information requests officer"
purposes = ["requests"]
rights = ["requests"]
[role.auditor]
title = "Auditor"
rights = ["audit"]

[release]
publication_agreement = "publication"

[breakdown.sen]
title = "Special educational needs"
lists = { sen = { none = ["none"], support = ["support"], plan = ["plan"] }, any_sen = { yes = ["support", "plan"] } }

[population.new_plans]
title = "New plans"
counts = "A pupil who gets a plan"
dataset = "housing.tenancies"

[project.alpha]
title = "Alpha"
purpose = "research"
asked_by = "Director"
approved_by = "Head of Research"
dpia = "DPIA-1"
starts_on = 2026-01-01
ends_on = 2090-12-31
[project.beta]
title = "Beta"
purpose = "research"
asked_by = "Director"
approved_by = "Head of Research"
dpia = "DPIA-2"
starts_on = 2026-01-01
ends_on = 2090-12-31
datasets = ["housing.tenancies", "health.referrals"]
"""

_AGREEMENTS = "".join(
    f"""
[agreement.{name}]
title = "{name}"
parties = ["Tiny Council", "{name}"]
signed_on = 2020-01-01
expires_on = 2090-12-31
purposes = [{purposes}]
owner = "Head of {name}"
"""
    for name, purposes in {
        "housing": '"research", "front_line", "monitoring", "planning", "requests", "emergency", "statutory", "matching"',
        "elections": '"requests", "matching"',
        "health": '"research", "monitoring", "requests", "emergency", "matching"',
        "police": '"research", "monitoring", "requests", "emergency", "matching"',
        "council": '"requests", "front_line"',
        "survey": '"research"',
        "open_data": "",
        "publication": '"research", "monitoring"',
    }.items()
)

_PEOPLE = """
forename = { from = "Forename", category = "name", identifies = "forename" }
surname = { from = "Surname", category = "name", identifies = "surname" }
born = { from = "Born", type = "date", category = "date_of_birth", identifies = "date_of_birth" }
sex = { from = "Sex", category = "gender", identifies = "sex", codes = "sex" }
"""


def _source(name: str, organisation: str = "council", retention: str = "long") -> str:
    return f"""
[source]
title = "{name.title()}"
organisation = "{organisation}"
owner = "Head of {name}"
agreement = "{name}"
retention = "{retention}"
"""


_HOUSING = (
    _source("housing", retention="from_start")
    + """
[dataset.tenancies]
title = "Tenancies"
files = "tenancies_{sent}.csv"
format = { csv = {} }
delivery = "snapshot"
key = ["tenancy"]
address_register = true
purposes = ["research", "front_line", "monitoring", "planning", "requests", "emergency", "statutory", "matching"]
[dataset.tenancies.people.tenant]
safety = { column = "safety", values = ["Y"] }
sealed = { column = "sealed", values = ["Y"] }
[dataset.tenancies.people.joint]
suffix = "#JNT"
[dataset.tenancies.columns]
tenancy = { from = "Tenancy", category = "record", required = true }
forename = { from = "Forename", category = "name", identifies = "forename", person = "tenant" }
surname = { from = "Surname", category = "name", identifies = "surname", person = "tenant" }
born = { from = "Born", type = "date", category = "date_of_birth", identifies = "date_of_birth", person = "tenant" }
sex = { from = "Sex", category = "gender", identifies = "sex", codes = "sex", person = "tenant" }
nino = { from = "NINO", category = "identifiers", identifies = "nino", person = "tenant" }
phone = { from = "Phone", category = "contact", identifies = "phone", person = "tenant" }
email = { from = "Email", category = "contact", identifies = "email", person = "tenant" }
joint_forename = { from = "JointForename", category = "name", identifies = "forename", person = "joint" }
joint_surname = { from = "JointSurname", category = "name", identifies = "surname", person = "joint" }
joint_born = { from = "JointBorn", type = "date", category = "date_of_birth", identifies = "date_of_birth", person = "joint" }
address = { from = "Address", category = "address", identifies = "address" }
postcode = { from = "Postcode", category = "address", identifies = "postcode" }
uprn = { from = "UPRN", category = "address", identifies = "uprn" }
safety = { from = "Safety", category = "record", codes = "yes_no" }
sealed = { from = "Sealed", category = "record", codes = "yes_no" }
rent = { from = "Rent", type = "decimal", category = "financial" }
practice = { from = "Practice", category = "gp_clinic" }
starts = { from = "Starts", type = "date", category = "record" }
note = { from = "Note", category = "financial" }
[[dataset.tenancies.facts]]
residence = { person = "tenant", starts = "starts" }
[[dataset.tenancies.facts]]
residence = { person = "joint", starts = "starts" }
[[dataset.tenancies.facts]]
involvement = { person = "tenant", service = "Tenancy", detail = "practice", starts = "starts" }
[[dataset.tenancies.facts]]
attribute = { of = "tenant", name = "weekly_rent", value = "rent" }
[[dataset.tenancies.facts]]
relationship = { person = "joint", other = { slot = "tenant" }, kind = "joint tenant" }
"""
)

_ELECTIONS = (
    _source("elections")
    + """
[dataset.register]
title = "Register of electors"
files = "register_{sent}.csv"
format = { csv = { delimiter = ";", encoding = "cp1252" } }
delivery = "snapshot"
key = ["elector"]
address_register = true
purposes = ["requests", "matching"]
[dataset.register.people.elector]
[dataset.register.columns]
elector = { from = "Elector", category = "identifiers", required = true }
name = { from = "Name", category = "name", identifies = "full_name", order = "surname_comma" }
address = { from = "Address", category = "address", identifies = "address" }
postcode = { from = "Postcode", category = "address", identifies = "postcode" }
uprn = { from = "UPRN", category = "address", identifies = "uprn" }
votes = { from = "Votes", type = "integer", category = "record" }
[[dataset.register.facts]]
residence = { person = "elector" }
"""
)

_HEALTH = (
    _source("health", "partner")
    + """
[dataset.referrals]
title = "Referrals"
files = "referrals_{sent}.jsonl"
format = { jsonl = {} }
delivery = "delta"
action = { column = "action" }
key = ["referral"]
floor = "health"
purposes = ["research", "monitoring", "requests", "emergency", "matching"]
[dataset.referrals.people.patient]
event_on = "referred"
[dataset.referrals.columns]
referral = { from = "Referral", category = "record", required = true }
"""
    + _PEOPLE
    + """
nhs_number = { from = "NHS", category = "identifiers", identifies = "nhs_number" }
postcode = { from = "Postcode", category = "address", identifies = "postcode" }
referred = { from = "Referred", type = "date", category = "health" }
team = { from = "Team", category = "health" }
summary = { from = "Summary", category = "health" }
action = { from = "Action", category = "record", required = true }
[[dataset.referrals.facts]]
event = { person = "patient", kind = "Referral", on = "referred", detail = "team" }
"""
)

_POLICE = (
    _source("police", "partner")
    + """
[dataset.incidents]
title = "Incidents"
files = "incidents_{sent}.csv"
format = { csv = { delimiter = "|" } }
delivery = "append"
key = ["incident"]
floor = "criminal_history"
purposes = ["research", "monitoring", "requests", "emergency", "matching"]
[dataset.incidents.people.suspect]
event_on = "happened"
[dataset.incidents.columns]
incident = { from = "Incident", category = "record", required = true }
forename = { from = "Forename", category = "name", identifies = "forename" }
surname = { from = "Surname", category = "name", identifies = "surname" }
born = { from = "Born", type = "date", category = "date_of_birth", identifies = "date_of_birth" }
address = { from = "Address", category = "address", identifies = "address" }
postcode = { from = "Postcode", category = "address", identifies = "postcode" }
uprn = { from = "UPRN", category = "address", identifies = "uprn" }
offence = { from = "Offence", category = "criminal_history" }
happened = { from = "Happened", type = "date", category = "record" }
[[dataset.incidents.facts]]
event = { person = "suspect", kind = "Accused of an offence", on = "happened", detail = "offence" }
"""
)

_STAFF = (
    _source("council")
    + """
[dataset.staff]
title = "Staff of the council"
files = "staff_{sent}.csv"
format = { csv = {} }
delivery = "snapshot"
key = ["employee"]
employer = true
purposes = ["requests", "front_line"]
[dataset.staff.people.employee]
[dataset.staff.columns]
employee = { from = "Employee", category = "identifiers", required = true }
"""
    + _PEOPLE
    + """
salary = { from = "Salary", type = "integer", category = "financial" }
"""
)

_SURVEY = (
    _source("survey")
    + """
[dataset.answers]
title = "Anonymised answers"
files = "answers_{sent}.csv"
format = { csv = {} }
delivery = "snapshot"
key = ["respondent"]
anonymised = true
purposes = ["research"]
[dataset.answers.columns]
respondent = { from = "Respondent", category = "anonymised", required = true }
health = { from = "Health", category = "anonymised" }
"""
)

_OPEN = (
    _source("open_data", "open")
    + """
[dataset.postcodes]
title = "Postcodes"
files = "postcodes.csv"
format = { csv = {} }
key = ["postcode"]
open = true
[dataset.postcodes.columns]
postcode = { from = "Postcode", category = "place", required = true }
ward_code = { from = "Ward", category = "place" }
"""
)

FILES = {
    "council.toml": _COUNCIL,
    "purposes.toml": _PURPOSES,
    "agreements.toml": _AGREEMENTS,
    "sources/housing.toml": _HOUSING,
    "sources/elections.toml": _ELECTIONS,
    "sources/health.toml": _HEALTH,
    "sources/police.toml": _POLICE,
    "sources/council.toml": _STAFF,
    "sources/survey.toml": _SURVEY,
    "sources/open_data.toml": _OPEN,
}
"""Every file of the registry, by its path below `registry/`."""
