"""Writes a release as one HTML page that needs nothing else: no script, no font, no request to anybody."""

from __future__ import annotations

import functools

from jinja2 import Environment, PackageLoader, StrictUndefined

from almoner.methods.cells import MEANINGS
from almoner.release.publication import RELEASED, Publication

NAME = "release.html"


@functools.cache
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("almoner.release"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def html_files(publication: Publication) -> dict[str, bytes]:
    """Write the page."""
    page = _environment().get_template("release.html")
    text = page.render(
        release=publication, is_out=publication.status == RELEASED, meanings=MEANINGS, markers=publication.markers()
    )
    return {NAME: text.encode()}
