"""Makes the file that a recipient gets: tables as CSV with what they are and what is agreed, encrypted for them alone.

Only who has the other half of the recipient's key can open it: nobody here can, from the moment it is made.
"""

from __future__ import annotations

import csv
import datetime as dt
import hashlib
import hmac
import io
import json
import zipfile
from typing import Any

import pyrage

from almoner.kernel.errors import ShareRefused
from almoner.registry.registry import Registry
from almoner.registry.sharing import RESIDENT
from almoner.sharing.extracts import Share
from almoner.sharing.reading import PERSON, Content, Table

_MADE = (1980, 1, 1, 0, 0, 0)
"""The date of each file inside: the earliest that the format knows, so that it tells nothing."""


def digest_of(content: Content, key: bytes) -> str:
    """Give the keyed digest of exactly this content: without the key, no guess at it can be tried."""
    told = hmac.new(key, digestmod="sha256")
    for table in content.tables:
        told.update(hashlib.sha256(table.name.encode() + b"\0" + _csv(table)).digest())
    told.update(hashlib.sha256("\n".join(content.people).encode()).digest())
    return told.hexdigest()


def package(registry: Registry, share: Share, content: Content) -> bytes:
    """Make the package before it is encrypted."""
    files = {f"{table.name}.csv": _csv(table) for table in content.tables}
    about = _about(registry, share)
    tables = [
        {
            "file": f"{table.name}.csv", "rows": len(table.rows), "columns": _columns(registry, table, share),
            "sha256": hashlib.sha256(files[f"{table.name}.csv"]).hexdigest(),
        }
        for table in content.tables
    ]  # fmt: skip
    files["extract.json"] = json.dumps({**about, "tables": tables}, ensure_ascii=False, indent=1).encode()
    files["READ-ME-FIRST.txt"] = _terms(about).encode()
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(files):
            archive.writestr(zipfile.ZipInfo(name, _MADE), files[name], zipfile.ZIP_DEFLATED)
    return out.getvalue()


def encrypted(package: bytes, key: str) -> bytes:
    """Encrypt a package for a recipient. Raises: ShareRefused where the key is none."""
    try:
        return bytes(pyrage.encrypt(package, [pyrage.x25519.Recipient.from_str(key)]))
    except (pyrage.RecipientError, pyrage.EncryptError):
        raise ShareRefused(
            "The recipient's public key is none.", todo="Ask the recipient for it again; 'almoner check' tests it."
        ) from None


def _csv(table: Table) -> bytes:
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(table.columns)
    writer.writerows(table.rows)
    return out.getvalue().encode()


def _columns(registry: Registry, table: Table, share: Share) -> list[dict[str, str]]:
    dataset = next((name for name in share.fields if name.replace(".", "_") == table.name), RESIDENT)
    known = registry.dataset(dataset).columns if dataset != RESIDENT else {}
    told = []
    for name in table.columns:
        column = known.get(name)
        if name == PERSON:
            title = "The person's pseudonym: the same in everything that you are given, and known to nobody else"
        else:
            title = (column.title or column.source_name) if column is not None else name
        told.append({"name": name, "title": title, "unit": column.unit if column is not None else ""})
    return told


def _about(registry: Registry, share: Share) -> dict[str, Any]:
    sharing, agreement = registry.sharing[share.sharing], registry.agreement[share.agreement]
    return {
        "extract": share.id,
        "title": sharing.title,
        "from": registry.controller.title,
        "to": registry.recipient[share.recipient].title,
        "agreement": f"{agreement.name}: {agreement.title}",
        "purpose": registry.purpose[share.purpose].title,
        "law": sharing.law,
        "form": share.form,
        "destroy_by": share.destroy_by.isoformat() if isinstance(share.destroy_by, dt.date) else "",
        "questions_to": registry.data_protection_officer.email,
    }


def _terms(about: dict[str, Any]) -> str:
    lines = [f"{name.replace('_', ' ').capitalize()}: {value}" for name, value in about.items()]
    return "\n".join(
        [
            *lines,
            "",
            "Use it for this purpose only, and pass it on to nobody. When the purpose is reached, and at the latest on",
            "the day by which it has to be destroyed, destroy every copy, and tell us the extract's number and day.",
            "If somebody in it asks you to correct, restrict or erase their data, or a copy is lost, tell us at once.",
            "",
        ]
    )
