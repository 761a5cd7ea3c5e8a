"""All pages as they are declared, for who writes or checks the reference: no workspace has to be served for it."""

from __future__ import annotations

from pathlib import Path

from almoner.web.pages import PAGES, Page


def all_pages() -> dict[str, Page]:
    """Give every page by its name."""
    from django.conf import settings

    from almoner.records.database import configure

    if not settings.configured:
        configure(Path("records.sqlite"))  # named and never opened; whoever opens a workspace names its own
    from almoner.web import urls

    return {each.name: PAGES[each.name] for each in urls.urlpatterns}
