"""A workspace for benchmarks: one dataset of twelve columns, as a council's main feeds look."""

from __future__ import annotations

from pathlib import Path

import numpy as np

REGISTRY = """
[controller]
title = "Benchmark Council"
service = "Performance"
address = "Town Hall"
place = "Benchmark"
[data_protection_officer]
title = "Data Protection Officer"
email = "dpo@example.invalid"
[category]
name = { title = "name", kind = "ordinary", tier = "identity" }
date_of_birth = { title = "date of birth", kind = "ordinary", tier = "identity" }
address = { title = "address", kind = "ordinary", tier = "identity" }
identifiers = { title = "reference numbers", kind = "ordinary", tier = "identity" }
record = { title = "record", kind = "ordinary", tier = "general" }
financial = { title = "financial information", kind = "ordinary", tier = "general" }
ethnicity = { title = "ethnic origin", kind = "special", tier = "special" }
[lawful_basis]
public_task = { title = "Public task", article = "6(1)(e)", notice = "public task" }
[condition]
interest = { title = "Substantial public interest", kind = "special", article = "9(2)(g)", notice = "interest" }
[purpose.planning]
title = "Planning"
notice = "planning"
lawful_basis = "public_task"
special_category_condition = "interest"
form = "pseudonymised"
scope = "all"
reason = "optional"
categories = ["record", "financial", "ethnicity"]
[agreement.internal]
title = "Internal"
parties = ["Council"]
signed_on = 2020-01-01
expires_on = 2099-12-31
purposes = ["planning"]
owner = "Head of Service"
[retention.seven]
title = "Seven years"
years = 7
authority = "Limitation Act 1980"
[role.operator]
title = "Operator"
purposes = ["planning"]
rights = ["intake", "grant"]
[codes.ethnicity]
title = "Ethnicity"
standard = "ethnicity_nhs"
"""

SOURCE = """
[source]
title = "Benefits"
organisation = "council"
owner = "Head of Benefits"
agreement = "internal"
retention = "seven"
[dataset.claims]
title = "Claims"
files = "claims_{sent}.csv"
format = { csv = {}, dates = "%d/%m/%Y" }
key = ["claim"]
purposes = ["planning"]
[dataset.claims.people.claimant]
[dataset.claims.columns]
claim = { from = "CLAIM", category = "record", required = true }
forename = { from = "FORENAME", category = "name", identifies = "forename", person = "claimant" }
surname = { from = "SURNAME", category = "name", identifies = "surname", person = "claimant" }
born = { from = "DOB", type = "date", category = "date_of_birth", identifies = "date_of_birth", person = "claimant" }
nhs = { from = "NHS", category = "identifiers", identifies = "nhs_number", person = "claimant" }
postcode = { from = "POSTCODE", category = "address", identifies = "postcode" }
ethnicity = { from = "ETHNICITY", category = "ethnicity", codes = "ethnicity" }
status = { from = "STATUS", category = "record" }
started = { from = "STARTED", type = "date", category = "record" }
income = { from = "INCOME", type = "decimal", category = "financial" }
award = { from = "AWARD", type = "decimal", category = "financial" }
dependants = { from = "DEPENDANTS", type = "integer", category = "record" }
"""

SETTINGS = """
[engine]
memory = "1GB"
threads = 2
[first_user]
roles = ["operator"]
"""

HEADER = "CLAIM,FORENAME,SURNAME,DOB,NHS,POSTCODE,ETHNICITY,STATUS,STARTED,INCOME,AWARD,DEPENDANTS\n"


def make_workspace(root: Path) -> Path:
    """Write the workspace."""
    (root / "registry" / "sources").mkdir(parents=True)
    (root / "registry" / "council.toml").write_text(REGISTRY)
    (root / "registry" / "sources" / "benefits.toml").write_text(SOURCE)
    (root / "almoner.toml").write_text(SETTINGS)
    return root


def write_claims(file: Path, rows: int, seed: int = 1, block: int = 250_000) -> int:
    """Write a file of claims. Out: its size in bytes."""
    random = np.random.default_rng(seed)
    forenames = np.array([f"Forename{chr(97 + i % 26)}{chr(97 + i // 26 % 26)}" for i in range(400)])
    surnames = np.array([_surname(i) for i in range(6000)])
    numbers = np.array(_nhs_numbers(200_000))
    days = np.array([f"{d:02d}/{m:02d}/{y}" for y in range(1930, 2020) for m in range(1, 13) for d in range(1, 29)])
    letters = np.array(list("ABDEFGHJ"))
    with file.open("w") as out:
        out.write(HEADER)
        for start in range(0, rows, block):
            n = min(block, rows - start)
            columns = [
                np.char.add("C", np.arange(start, start + n).astype("U9")),
                random.choice(forenames, n),
                random.choice(surnames, n),
                random.choice(days, n),
                random.choice(numbers, n),
                np.char.add(np.char.add("M", random.integers(1, 99, n).astype("U2")),
                            np.char.add(np.char.add(" ", random.integers(1, 9, n).astype("U1")), random.choice(letters, n))),
                random.choice(np.array(list("ABCDEFGHJKLMNPRS")), n),
                random.choice(np.array(["LIVE", "CLOSED", "SUSPENDED"]), n),
                random.choice(days, n),
                np.char.mod("%.2f", random.random(n) * 900),
                np.char.mod("%.2f", random.random(n) * 200),
                random.integers(0, 6, n).astype("U1"),
            ]  # fmt: skip
            columns[5] = np.char.add(columns[5], random.choice(letters, n))
            out.write("\n".join(map(",".join, zip(*columns, strict=True))) + "\n")
    return file.stat().st_size


def _surname(i: int) -> str:
    """Make a surname; one in twenty has two barrels and one in fifty an apostrophe, as in a city's files."""
    plain = f"Surname{chr(97 + i % 26)}{chr(97 + i // 26 % 26)}{chr(97 + i // 676)}"
    return f"{plain}-Smith" if i % 20 == 0 else f"O'{plain}" if i % 50 == 1 else plain


def _nhs_numbers(count: int) -> list[str]:
    found, base = [], 999_000_000
    while len(found) < count:
        base += 1
        digits = str(base)
        check = 11 - sum(int(d) * w for d, w in zip(digits, range(10, 1, -1), strict=True)) % 11
        if check != 10:
            found.append(digits + str(check % 11))
    return found
