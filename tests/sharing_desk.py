"""What tests of sharing begin with: the made-up town, its recipients with keys of their own, and what was agreed."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyrage

from almoner.sharing.extracts import Share
from almoner.sharing.minimising import Wanted
from almoner.sharing.office import ShareOffice
from almoner.sharing.sealed_file import SealedFile
from almoner.wiring.serving import make_snapshot
from almoner.wiring.sharing import approving_office_of, emergency_office_of, office_of
from tests.workspace_builder import TinyWorkspace, finished_workspace

WHY = "A reason that explains enough"
REASONS = 'reasons = ["A visit to this person", "They asked for help"]\n'

AGREED = """
[agreement.sharing-charity]
title = "The charity and the council"
parties = ["Tiny Council", "The charity"]
signed_on = 2020-01-01
expires_on = 2090-12-31
purposes = ["statutory", "emergency", "planning"]
owner = "Head of Sharing"
[agreement.sharing-university]
title = "The university and the council"
parties = ["Tiny Council", "The university"]
signed_on = 2020-01-01
expires_on = 2090-12-31
purposes = ["research", "planning"]
owner = "Head of Research"

[recipient.charity]
title = "The Charity"
agreement = "sharing-charity"
purposes = ["statutory", "emergency", "planning"]
may_receive = ["name", "address", "date_of_birth", "financial", "record"]
form = "identifiable"
key = "CHARITY"
[recipient.university]
title = "The University"
agreement = "sharing-university"
purposes = ["research", "planning"]
may_receive = ["financial", "record", "gp_clinic", "gender", "date_of_birth"]
form = "pseudonymised"
key = "UNIVERSITY"
[recipient.keyless]
title = "Somebody without a key"
agreement = "sharing-charity"
purposes = ["planning"]
may_receive = ["financial", "record"]
form = "pseudonymised"

[sharing.tenants]
title = "Tenants whom the charity has to find"
recipient = "charity"
purpose = "statutory"
law = "Housing Act 1996"
form = "identifiable"
review_on = 2090-01-01
keep_days = 30
cohort = { dataset = "housing.tenancies", person = "tenant", where = [{ column = "rent", filled = true }], ages = "18-120" }
fields = { "housing.tenancies" = ["forename", "surname", "joint_surname", "rent", "starts"], resident = ["age", "ward_code"] }

[sharing.rents]
title = "Rents for the charity"
recipient = "charity"
purpose = "planning"
law = "Localism Act 2011"
form = "pseudonymised"
review_on = 2090-01-01
keep_days = 30
cohort = { dataset = "housing.tenancies" }
fields = { "housing.tenancies" = ["rent"] }

[sharing.rents_studied]
title = "Rents for the university"
recipient = "university"
purpose = "planning"
law = "Localism Act 2011"
form = "pseudonymised"
review_on = 2090-01-01
keep_days = 30
cohort = { dataset = "housing.tenancies" }
fields = { "housing.tenancies" = ["rent"] }

[sharing.study]
title = "A study of tenants"
recipient = "university"
purpose = "research"
project = "alpha"
law = "Localism Act 2011"
form = "anonymous"
k = 3
age_bands = ["0-15", "16-200"]
review_on = 2090-01-01
keep_days = 30
cohort = { dataset = "housing.tenancies" }
fields = { resident = ["age", "sex"], "housing.tenancies" = ["rent", "practice"] }
sensitive = ["practice"]

[sharing.keyless]
title = "Rents for nobody"
recipient = "keyless"
purpose = "planning"
law = "Localism Act 2011"
form = "pseudonymised"
review_on = 2090-01-01
keep_days = 30
cohort = { dataset = "housing.tenancies" }
fields = { "housing.tenancies" = ["rent"] }

[sharing.rescue]
title = "Where somebody in danger lives"
recipient = "charity"
purpose = "emergency"
law = "UK GDPR Art 6(1)(d)"
form = "identifiable"
kind = "emergency"
review_on = 2090-01-01
keep_days = 10
fields = { "housing.tenancies" = ["forename", "surname", "address"] }
"""


@dataclass(frozen=True)
class Desk:
    """A workspace in which something is shared, and the recipients' own keys."""

    tiny: TinyWorkspace
    keys: dict[str, Any]

    def office(self, actor: str = "analyst") -> ShareOffice:
        """Open the office as somebody."""
        opening = {"analyst": office_of, "worker": emergency_office_of}
        return opening.get(actor, approving_office_of)(self.tiny.open(actor))

    def approved(self, sharing: str, **wanted: Any) -> Share:
        """Ask for an extract, check it, and have it approved."""
        share = self.office().ask(Wanted(sharing, **wanted), WHY)
        checked = self.office().check(share.id)
        return self.office("officer").approve(share.id, checked.version, WHY)

    def sent(self, sharing: str, **wanted: Any) -> SealedFile:
        """Share an extract."""
        return self.office().send(self.approved(sharing, **wanted).id)

    def opened(self, content: bytes, recipient: str = "charity") -> dict[str, Any]:
        """Open a file as its recipient does: file → rows, or a document, or a text."""
        return opened(content, self.keys[recipient])


def opened(content: bytes, identity: Any) -> dict[str, Any]:
    """Open a file with a recipient's own key."""
    found: dict[str, Any] = {}
    with zipfile.ZipFile(io.BytesIO(pyrage.decrypt(content, [identity]))) as archive:
        for name in archive.namelist():
            text = archive.read(name).decode()
            if name.endswith(".csv"):
                found[name] = list(csv.DictReader(io.StringIO(text)))
            else:
                found[name] = json.loads(text) if name.endswith(".json") else text
    return found


def share_in(tiny: TinyWorkspace) -> Desk:
    """Agree on sharing in a workspace."""
    keys = {name: pyrage.x25519.Identity.generate() for name in ("charity", "university")}
    text = AGREED
    for name, identity in keys.items():
        text = text.replace(f'"{name.upper()}"', f'"{identity.to_public()}"')
    tiny.add("sharing.toml", text)
    return Desk(tiny, keys)


def desk_in(root: Path, *, web: bool = False) -> Desk:
    """Make a workspace with everything joined, in which something is shared. In: web = people are looked for on pages."""
    desk = share_in(finished_workspace(root))
    if web:
        desk.tiny.change("purposes.toml", "[purpose.front_line]\n", f"[purpose.front_line]\n{REASONS}")
        make_snapshot(desk.tiny.open("steward"), lambda _: None, purpose="matching")
    return desk
