"""`almoner release`: everything that leaves, from its draft to its withdrawal.

What a check finds is named by cells and releases; no exact count is ever printed.
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from almoner.cli.opening import JsonOption, WorkspaceOption, opened, show, table

if TYPE_CHECKING:
    from almoner.methods.disclosure.findings import Finding
    from almoner.release.judging import Judgement
    from almoner.release.ports import Release

ReleaseArgument = Annotated[str, typer.Argument(help="The release, as 'almoner release list' names it.")]
MOST_FINDINGS = 20
"""How many findings are shown at once; all are counted."""
MOST_FILES = 10
HEADS = ("release", "state", "recipient", "author", "cells", "title")


def add_to(app: typer.Typer) -> None:
    """Add the commands."""
    group = typer.Typer(help="Release figures: draft, check, approve, publish, withdraw.", no_args_is_help=True)
    group.command("draft")(draft)
    group.command("check")(check)
    group.command("repair")(repair)
    group.command("approve")(approve)
    group.command("publish")(publish)
    group.command("withdraw")(withdraw)
    group.command("discard")(discard)
    group.command("verify")(verify)
    group.command("list")(list_releases)
    group.command("show")(show_release)
    app.add_typer(group, name="release")


def draft(
    plan: Annotated[
        Path | None, typer.Argument(help="A TOML file that declares tables or records.", show_default=False)
    ] = None,
    profiles: Annotated[bool, typer.Option("--profiles", help="Draft the neighbourhood profiles.")] = False,
    measures: Annotated[bool, typer.Option("--measures", help="Draft measures of performance.")] = False,
    measure: Annotated[
        list[str] | None, typer.Option("--measure", help="Measures: only this measure. Repeat it.")
    ] = None,
    indicator: Annotated[
        list[str] | None, typer.Option("--indicator", help="Profiles: only this indicator. Repeat it.")
    ] = None,
    geography: Annotated[
        list[str] | None, typer.Option("--geography", help="Profiles: only this geography. Repeat it.")
    ] = None,
    output: Annotated[
        list[str] | None, typer.Option("--format", help="csv, xlsx, json, html or pdf; else all. Repeat it.")
    ] = None,
    recipient: Annotated[str, typer.Option("--recipient", help="Who is to receive them, but for a plan.")] = "public",
    project: Annotated[str | None, typer.Option("--project", help="Profiles: the project that they are for.")] = None,
    replace: Annotated[
        str | None, typer.Option("--replace", help="A release that is not out yet: give it this content instead.")
    ] = None,
    reason: Annotated[str, typer.Option("--reason")] = "Drafting figures for release",
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Draft a release of a declared table, profiles or measures. An edit makes it unchecked and unapproved again."""
    from almoner.wiring.releasing import draft_of_plan, draft_of_profiles, office_of
    from almoner.wiring.releasing_measures import draft_of_measures

    opening = opened(workspace)
    office_of(opening)
    _one_source(plan, profiles, measures)
    if plan is not None:
        made = draft_of_plan(opening, plan, reason, replace)
    elif measures:
        made = draft_of_measures(
            opening, reason, recipient=recipient, measures=measure or (), formats=output or (), replacing=replace
        )
    else:
        made = draft_of_profiles(
            opening, reason, project=project, recipient=recipient, geographies=tuple(geography or ()),
            indicators=tuple(indicator or ()), formats=tuple(output or ()), replacing=replace,
        )  # fmt: skip
    show(
        _document(made),
        as_json,
        f"Release {made.id} is a draft of {made.cells:,} cells.\nNext: almoner release check {made.id}",
    )


def check(release: ReleaseArgument, workspace: WorkspaceOption = None, as_json: JsonOption = False) -> None:
    """Check a draft against everything ever released: what could anybody deduce?"""
    from almoner.wiring.releasing import office_of

    opening = opened(workspace)
    done = office_of(opening).check(release)
    _show_check(opening, done.release, done.judgement, as_json)


def repair(
    release: ReleaseArgument,
    apply: Annotated[
        str | None, typer.Option("--apply", help="Apply one: suppressed, rounded or coarser. It is then checked.")
    ] = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Offer ways to mend a draft, each of which passes; apply one on demand. It has to be approved anew."""
    from almoner.wiring.releasing import office_of

    opening = opened(workspace)
    office = office_of(opening)
    if apply is not None:
        done = office.repair(release, apply)
        _show_check(opening, done.release, done.judgement, as_json)
        return
    checked, found = office.offers(release)
    offers = [
        {"repair": each.kind, "suppressed": each.suppressed, "left_out": each.left_out, "what": each.description}
        for each in found
    ]

    def text() -> str:
        if checked.judgement.passes:
            return "Nothing has to be repaired: the draft passes."
        if not found:
            return "No repair helps: leave tables out, or make their areas coarser, and draft it again."
        rows = [(each.kind, each.suppressed, each.left_out, each.description) for each in found]
        laid = table(("repair", "suppressed", "left_out", "what"), rows, counts=("suppressed", "left_out"))
        return f"{laid}\nApply one: almoner release repair {release} --apply {found[0].kind}"

    show({**_document(checked.release), "passes": checked.judgement.passes, "repairs": offers}, as_json, text)


def approve(
    release: ReleaseArgument,
    digest: Annotated[str, typer.Option("--digest", help="The digest that 'almoner release show' showed you.")],
    reason: Annotated[str, typer.Option("--reason", help="What you looked at; it is kept with the approval.")],
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Approve exactly what you have looked at. Never for who has written in it."""
    from almoner.wiring.releasing import approving_office_of

    done = approving_office_of(opened(workspace)).approve(release, digest, reason)
    show(_document(done), as_json, f"Release {done.id} is approved.\nNext: almoner release publish {done.id}")


def publish(release: ReleaseArgument, workspace: WorkspaceOption = None, as_json: JsonOption = False) -> None:
    """Put an approved release out, and its cells into the ledger, after a last check."""
    from almoner.wiring.releasing import FOLDER, office_of

    opening = opened(workspace)
    done = office_of(opening).publish(release)
    folder = opening.root / FOLDER / done.id
    files = [str(folder / name) for name in done.files or {}]
    said = [f"Release {done.id} is out: {len(files)} files in {folder}"]
    show({**_document(done), "paths": files}, as_json, "\n".join([*said, *files[:MOST_FILES]]))


def withdraw(
    release: ReleaseArgument,
    reason: Annotated[str, typer.Option("--reason", help="Why; it is kept with the release.")],
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Withdraw a release: its files go, its cells stay in the ledger, for what was published stays known."""
    from almoner.wiring.releasing import office_of

    done = office_of(opened(workspace)).withdraw(release, reason)
    show(_document(done), as_json, f"Release {done.id} is withdrawn. Its cells stay in the ledger.")


def discard(
    release: Annotated[str | None, typer.Argument(help="The release; else --stale.", show_default=False)] = None,
    stale: Annotated[
        bool, typer.Option("--stale", help="Every draft untouched for as many days as the registry keeps drafts.")
    ] = False,
    reason: Annotated[str, typer.Option("--reason", help="Why; it is kept with the release.")] = "No longer needed",
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Give a draft up: what it held is destroyed, that there was one stays known."""
    from almoner.kernel.errors import UsageError
    from almoner.wiring.releasing import office_of

    if (release is None) is not stale:
        raise UsageError("Say what to discard.", todo="Name a release, or give --stale; one of the two.")
    office = office_of(opened(workspace))
    gone = office.discard_stale() if release is None else [office.discard(release, reason)]
    show(
        {"discarded": [_document(each) for each in gone]},
        as_json,
        "\n".join(f"Release {each.id} is discarded." for each in gone) or "There is nothing to discard.",
    )


def verify(
    release: Annotated[str | None, typer.Argument(help="The release; else all.", show_default=False)] = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Compare the files that are out with what was published: changed, missing, added, or left after a withdrawal."""
    from almoner.kernel.errors import ReleaseRefused
    from almoner.wiring.releasing import office_of

    found = office_of(opened(workspace)).verify(release)
    wrong = {name: files for name, files in found.items() if files}
    lines = [f"CHANGED {name}: {file}" for name, files in wrong.items() for file in files]
    show(
        {"looked_at": len(found), "changed_files": wrong},
        as_json,
        "\n".join(lines) or f"All files are as they were published ({len(found)} releases looked at).",
    )
    if wrong:
        raise typer.Exit(ReleaseRefused.exit_code)


def list_releases(workspace: WorkspaceOption = None, as_json: JsonOption = False) -> None:
    """List the releases, newest first."""
    from almoner.wiring.releasing import book_of, office_of

    opening = opened(workspace)
    office_of(opening)
    found = book_of(opening).releases()
    rows = [(each.id, each.state, each.recipient, each.author, each.cells, each.title) for each in found]
    show(
        {"releases": [_document(each) for each in found]},
        as_json,
        lambda: table(HEADS, rows, counts=("cells",)) if rows else "There is no release yet.",
    )


def show_release(
    release: ReleaseArgument,
    preview: Annotated[
        Path | None, typer.Option("--preview", help="A new folder for the files as they would be published.")
    ] = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show a release: its state, its digest, what happened to it, whether its files are as they were published."""
    from almoner.wiring.releasing import book_of, office_of, write_preview

    opening = opened(workspace)
    office = office_of(opening)
    found = office.find(release)
    steps = book_of(opening).steps(release)
    differing = office.differing(found)
    written = write_preview(office.preview(release), preview) if preview is not None else []
    history = [
        {"at": f"{each.at:%Y-%m-%d %H:%M}", "action": each.action, "state": each.state, "actor": each.actor,
         "digest": each.digest[:12], "reason": each.reason} for each in steps
    ]  # fmt: skip

    def text() -> str:
        facts = {**_document(found), "files": len(found.files or {})}
        lines = [f"{name:<14}{_plain(value)}" for name, value in facts.items() if value not in (None, "", [])]
        heads = ("at", "action", "state", "actor", "digest", "reason")
        lines += ["", table(heads, [[each[head] for head in heads] for each in history])]
        changed = "STILL THERE though withdrawn" if found.state == "withdrawn" else "CHANGED since it was published"
        lines += [f"{changed}: {name}" for name in differing]
        if written:
            lines.append(f"preview: {len(written)} files in {preview}")
        return "\n".join(lines)

    document = {
        **_document(found), "history": history, "changed_files": differing, "preview": [str(path) for path in written],
    }  # fmt: skip
    show(document, as_json, text)


def _plain(value: object) -> str:
    """Write a fact as people read it."""
    if isinstance(value, dt.datetime):
        return f"{value:%Y-%m-%d %H:%M}"
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _one_source(plan: Path | None, profiles: bool, measures: bool) -> None:
    from almoner.kernel.errors import UsageError

    if (plan is not None) + profiles + measures != 1:
        raise UsageError("Say what the draft is made of.", todo="Give a plan, --profiles or --measures; one of them.")


def _document(release: Release) -> dict[str, Any]:
    return {
        "release": release.id, "title": release.title, "state": release.state, "purpose": release.purpose,
        "recipient": release.recipient, "agreement": release.agreement, "project": release.project,
        "author": release.author, "editors": list(release.editors), "cells": release.cells, "digest": release.digest,
        "approved_by": release.approved_by, "released_at": release.released_at, "withdrawn_at": release.withdrawn_at,
        "files": release.files,
    }  # fmt: skip


def _show_check(opening: Any, release: Release, judgement: Judgement, as_json: bool) -> None:
    """Show what came of a check; a draft that fails ends the command with the exit code of a refused release."""
    from almoner.kernel.errors import ReleaseRefused
    from almoner.wiring.releasing import titles_of

    findings = judgement.findings()
    titles = titles_of(opening)
    document = {
        **_document(release), "passes": judgement.passes, "cells_checked": judgement.cells,
        "earlier_cells": judgement.earlier_cells, "findings": [_finding(each) for each in findings],
        "contradictions": judgement.contradictions(),
    }  # fmt: skip

    def text() -> str:
        against = f"{judgement.cells:,} cells against {judgement.earlier_cells:,} released before"
        if judgement.passes:
            return f"Release {release.id} passes ({against}).\nNext: a second person looks at it and approves it."
        lines = [f"Release {release.id} does not pass ({against}): {len(findings)} findings."]
        lines += [f"  {each}" for each in list(dict.fromkeys(each.text() for each in findings))[:MOST_FINDINGS]]
        earlier = dict.fromkeys(name for each in findings for name in each.releases)
        lines += [f"Earlier release {name}: {titles.get(name, '')}" for name in earlier]
        lines += [f"The figures of {name} contradict what was released before." for name in judgement.contradictions()]
        return "\n".join([*lines, f"Next: almoner release repair {release.id}"])

    show(document, as_json, text)
    if not judgement.passes:
        raise typer.Exit(ReleaseRefused.exit_code)


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "population": finding.population, "cell": dict(finding.cell), "releases": list(finding.releases),
        "shown": finding.shown, "text": finding.text(),
    }  # fmt: skip
