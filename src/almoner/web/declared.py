"""All pages as they are declared, for who writes or checks the reference: no workspace has to be served for it."""

from __future__ import annotations

from almoner.web.pages import PAGES, Page


def all_pages() -> dict[str, Page]:
    """Give every page by its name."""
    from django.conf import settings

    if not settings.configured:
        settings.configure()
    from almoner.web import urls

    return {each.name: PAGES[each.name] for each in urls.urlpatterns}
