"""Elements of SVG as escaped text, and the two ways in which a drawing may stand in a page.

A drawing either says in words what it shows (a picture), or stands beside the table that holds its numbers and is
hidden from screen readers (a decoration). There is no third way. Ids and titles come from declared names,
never from values.
"""

from __future__ import annotations

from markupsafe import Markup, escape

Attribute = str | float | None

NAMESPACE = "http://www.w3.org/2000/svg"
NOTHING = Markup("")
"""Where there is nothing to draw."""


def element(tag: str, *inside: str, **attributes: Attribute) -> Markup:
    """Write one element: texts are escaped, numbers get one decimal, an attribute of None is left out.

    In: attributes: `class_` for class; an underscore within a name stands for a hyphen.
    """
    written = Markup("").join(
        Markup(' {}="{}"').format(name.rstrip("_").replace("_", "-"), _written(value))
        for name, value in attributes.items()
        if value is not None
    )
    body = Markup("").join(escape(part) for part in inside)
    return Markup("<{0}{1}>{2}</{0}>").format(tag, written, body) if body else Markup("<{}{}/>").format(tag, written)


def picture(name: str, title: str, description: str, *inside: str, **attributes: Attribute) -> Markup:
    """Write a drawing that says what it shows.

    In: name: unique in the page; description: what a reader who can't see it has to know, and where its numbers stand.
    """
    return element(
        "svg",
        element("title", title, id=f"{name}-t"), element("desc", description, id=f"{name}-d"), *inside,
        role="img", aria_labelledby=f"{name}-t", aria_describedby=f"{name}-d", **attributes,
    )  # fmt: skip


def decoration(*inside: str, **attributes: Attribute) -> Markup:
    """Write a drawing whose numbers all stand beside it in text."""
    return element("svg", *inside, aria_hidden="true", focusable="false", **attributes)


def percent(share: float) -> str:
    """Write a position along the width, so that a drawing grows with its place while its texts don't."""
    return f"{share:.1f}%"


def standalone(drawing: Markup, width: float, height: float, style: str) -> bytes:
    """Make a file of a drawing: a size, and the style that it has from its page otherwise."""
    return element(
        "svg", element("style", Markup(style)), drawing,  # noqa: S704 -- a style sheet of this layer  # nosec B704
        xmlns=NAMESPACE, width=width, height=height, viewBox=f"0 0 {width:g} {height:g}",
    ).encode()  # fmt: skip


def _written(value: str | float) -> str:
    return value if isinstance(value, str) else f"{value:.1f}".removesuffix(".0")
