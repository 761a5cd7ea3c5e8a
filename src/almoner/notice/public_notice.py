"""The public privacy notice: nine sections, in the order that the specification has them.

It states what the registry declares, all of it and nothing else. It must never be edited by hand after it is
built: `drift` finds a page that says something other than the registry.
"""

from __future__ import annotations

import datetime as dt

from almoner.notice import wording, wording_law
from almoner.notice.blocks import Document, one_line
from almoner.notice.content import notice_content
from almoner.registry.registry import Registry


def public_notice(registry: Registry, *, as_of: dt.date) -> Document:
    """Make the public notice of a registry.

    Raises: RegistryError when a declaration refers to one that is missing.
    """
    content = notice_content(registry)
    return Document(
        page="notice",
        title=f"{one_line(content.controller.service)} privacy notice",
        council=one_line(content.controller.title),
        service=one_line(content.controller.service),
        brand_colour=content.controller.brand_colour,
        sections=(
            wording.summary(content),
            wording.kinds_of_data(content),
            wording.purposes(content),
            wording_law.lawful_bases(content),
            wording.sources(content),
            wording_law.recipients(content),
            wording_law.retention(content),
            wording_law.rights(content),
            wording_law.contacts(content),
        ),
        registry_digest=registry.digest,
        as_of=as_of,
    )
