"""Writes the linkage quality report and the algorithmic transparency record of the last run: HTML, Markdown, JSON.

It reads what the run measured and what the registry declares. Only where equality monitoring is asked for does it read
people, through the gate. Nothing it writes is about one person.
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
from importlib import metadata
from pathlib import Path
from typing import Any

from almoner.kernel.errors import NotFound, WorkspaceError
from almoner.linkage.quality_document import with_reviews
from almoner.notice.blocks import Document
from almoner.notice.linkage_figures import published
from almoner.notice.linkage_quality import quality_report
from almoner.notice.rendering import render_html, render_markdown
from almoner.notice.transparency_record import STANDARD, ModelFacts, record_entries, transparency_record
from almoner.wiring.kept_model import KeptModel
from almoner.wiring.link_equality import EthnicQuality, quality_by_ethnic_group
from almoner.wiring.sampling import reviewed_quality
from almoner.wiring.workspace import Workspace, utc_now

COUNTS = ("records", "persons", "households", "families", "relationships", "relationship_conflicts", "review_queue")


def write_link_report(workspace: Workspace, out: Path, *, equality: bool, reason: str) -> list[Path]:
    """Write both documents of the last run into a folder; give their paths.

    In: equality: also by ethnic group, which needs the purpose `equality`. Raises: AccessRefused; NotFound where
    nothing has been joined yet; WorkspaceError where a file can't be written.
    """
    workspace.require("link")
    spine = workspace.lake.catalogue.spine()
    if spine is None:
        raise NotFound("No records have been joined yet.", todo="Run 'almoner link' first.")
    metrics: dict[str, Any] = dict(spine.metrics)
    quality = with_reviews(metrics.get("quality") or {}, reviewed_quality(workspace))
    run = {name: int(metrics[name]) for name in COUNTS if name in metrics}
    ethnic = _rows(quality_by_ethnic_group(workspace, reason)) if equality else None
    registry, today, model = workspace.registry, utc_now().date(), _model_facts(workspace)
    report = quality_report(registry, quality, run, ethnic, as_of=today)
    record = transparency_record(registry, model, quality, run, as_of=today)
    told = {"made_on": today.isoformat(), "council": registry.controller.title, "run": run}
    document = {**told, "quality": published(quality), "ethnic_groups": published(ethnic)}
    entries = {
        title: {name: words for _, group in groups for name, words in group}
        for _, title, groups in record_entries(registry, model, quality, run)
    }
    pages = {
        "linkage-quality.html": render_html(report),
        "linkage-quality.md": render_markdown(report),
        "linkage-quality.json": _json(document),
        "transparency-record.html": render_html(record),
        "transparency-record.md": render_markdown(record),
        "transparency-record.json": _json({**told, "standard": STANDARD, "record": entries}),
    }
    paths = _write(out, pages)
    workspace.note("link.report", files=len(paths), equality=int(equality))
    return paths


def linkage_record(workspace: Workspace) -> Document | None:
    """Make the transparency record of the last run, for anybody: it is about nobody. None: there was no run."""
    spine = workspace.lake.catalogue.spine()
    if spine is None:
        return None
    metrics: dict[str, Any] = dict(spine.metrics)
    quality = with_reviews(metrics.get("quality") or {}, reviewed_quality(workspace))
    run = {name: int(metrics[name]) for name in COUNTS if name in metrics}
    return transparency_record(workspace.registry, _model_facts(workspace), quality, run, as_of=utc_now().date())


def _rows(found: list[EthnicQuality]) -> list[dict[str, Any]]:
    """Give ethnic groups as rows of figures; a group that is withheld has figures of nobody, which read as withheld."""
    nobody = {"value": 0.0, "low": 0.0, "high": 0.0, "n": 0}
    rows = []
    for each in found:
        row: dict[str, Any] = {"name": each.name, "precision": nobody, "recall": nobody, "below": []}
        if each.quality is not None:
            for name in ("precision", "recall"):
                estimate = getattr(each.quality, name)
                row[name] = None if estimate is None else {k: getattr(estimate, k) for k in nobody}
            row["below"] = list(each.quality.below)
        rows.append(row)
    return rows


def _model_facts(workspace: Workspace) -> ModelFacts:
    declared = workspace.registry.linkage
    document = json.loads(KeptModel(workspace.root).present() or "{}")
    models: dict[str, Any] = document.get("models", {})
    names = [each["output_column_name"].replace("_", " ") for each in models.get("anywhere", {}).get("comparisons", ())]
    return ModelFacts(
        name="Almoner linkage model (declared by the council)" if declared.model else "Almoner linkage model",
        version=f"format {document.get('format', 'not known')}, written by Almoner {_version()}",
        comparisons=tuple(names),
        link_probability=declared.link_probability,
        review_probability=declared.review_probability,
    )


def _version() -> str:
    try:
        return metadata.version("almoner")
    except metadata.PackageNotFoundError:
        return "from its source"


def _json(document: dict[str, Any]) -> str:
    return json.dumps(document, ensure_ascii=False, indent=1) + "\n"


def _write(out: Path, pages: dict[str, str]) -> list[Path]:
    """Write each page beside its place and rename it: a reader sees the old one or the new one."""
    try:
        out.mkdir(parents=True, exist_ok=True)
        for name, words in pages.items():
            draft = out / f".{name}.{secrets.token_hex(4)}"
            try:
                draft.write_text(words, encoding="utf-8")
                os.replace(draft, out / name)
            finally:
                with contextlib.suppress(OSError):
                    draft.unlink(missing_ok=True)
    except OSError as error:
        raise WorkspaceError(
            "The report can't be written.",
            where=str(out),
            why=str(error.strerror or "the system refused"),
            todo="Name a folder that this user may write to.",
        ) from error
    return [out / name for name in pages]
