"""`almoner demo-data` and `almoner demo build`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from almoner.cli.opening import JsonOption, say, show


def add_to(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("demo-data")(demo_data)
    group = typer.Typer(help="The demonstration.", no_args_is_help=True)
    group.command("build")(build)
    group.callback()(_group)
    app.add_typer(group, name="demo")


def _group() -> None:
    """The demonstration."""


def demo_data(
    directory: Annotated[Path, typer.Argument(help="A new or empty directory.")],
    people: Annotated[int, typer.Option("--people", min=100, max=1_000_000)] = 10_000,
    seed: Annotated[int, typer.Option("--seed", min=0)] = 1,
    as_json: JsonOption = False,
) -> None:
    """Write a synthetic borough: two months of deliveries from all sources, open data, and the truth."""
    from dataclasses import asdict

    from almoner.demo import generate

    summary = generate(people, seed, directory)
    show(asdict(summary), as_json, f"A borough of {people:,} people is in {directory}.")


def build(
    directory: Annotated[Path, typer.Argument(help="The demonstration's workspace; made anew.")],
    people: Annotated[int, typer.Option("--people", min=100, max=1_000_000)] = 10_000,
    seed: Annotated[int, typer.Option("--seed", min=0)] = 1,
    as_json: JsonOption = False,
) -> None:
    """Build a workspace over a synthetic borough and run the whole flow on it."""
    from almoner.cli.demonstration import build_demonstration

    result = build_demonstration(directory, people, seed, say)
    show(result.document(), as_json, result.text)
