"""A map of which each area is a link: choosing areas without a script. Also the same map to look at.

It is hidden from screen readers and passed over by the keyboard: a list of the same areas with the same effect has to
stand beside it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from markupsafe import Markup

from almoner.charts.geometry import Drawing
from almoner.charts.svg import decoration, element

NEAREST = 8
"""How often larger than the whole a map gets."""
_EDGE = 4


@dataclass(frozen=True)
class View:
    """Which part of a map is seen: how much larger than the whole (1, 2, 4, 8), and its middle in per cent."""

    nearness: int = 1
    across: int = 50
    down: int = 50

    def moved(self, across: int, down: int) -> View:
        """Move by so many quarters of what is seen."""
        step = 100 / self.nearness / 4
        return self._within(round(self.across + across * step), round(self.down + down * step))

    def nearer(self) -> View:
        """Come nearer by one step."""
        return replace(self, nearness=min(self.nearness * 2, NEAREST))._within(self.across, self.down)

    def farther(self) -> View:
        """Go back by one step."""
        return replace(self, nearness=max(self.nearness // 2, 1))._within(self.across, self.down)

    def _within(self, across: int, down: int) -> View:
        """Keep the middle where the edge of the map is not left."""
        edge = round(50 / self.nearness)
        return replace(self, across=min(max(across, edge), 100 - edge), down=min(max(down, edge), 100 - edge))

    def box(self, drawing: Drawing) -> str:
        """Give the part of a drawing that is seen, as SVG writes it."""
        width, height = drawing.width + 2 * _EDGE, drawing.height + 2 * _EDGE
        left = width * (self.across / 100 - 0.5 / self.nearness) - _EDGE
        top = height * (self.down / 100 - 0.5 / self.nearness) - _EDGE
        return f"{left:.0f} {top:.0f} {width / self.nearness:.0f} {height / self.nearness:.0f}"


def view_of(nearness: str, across: str, down: str) -> View:
    """Read a view as an address gives it; what can't be read is the whole."""
    if nearness not in ("2", "4", "8"):
        return View()
    numbers = [int(text) if text.isascii() and text.isdigit() and len(text) <= 3 else 50 for text in (across, down)]
    return View(int(nearness), *numbers).moved(0, 0)


def choice_map(
    drawing: Drawing, names: Mapping[str, str], chosen: frozenset[str], view: View, *,
    around: Drawing | None = None, link: Callable[[str], str] | None = None,
) -> Markup:  # fmt: skip
    """Draw areas, those that are chosen in another colour.

    In: names: code → name. around: outlines of larger areas, to be laid over. link: where a press on an area leads.
    """
    shapes = [_shape(code, path, names.get(code, code), code in chosen, link) for code, path in drawing.paths.items()]
    over = [element("path", d=path, class_="around") for path in around.paths.values()] if around is not None else []
    return decoration(*shapes, *over, class_="app-map", viewBox=view.box(drawing))


def _shape(code: str, path: str, name: str, chosen: bool, link: Callable[[str], str] | None) -> Markup:
    title = element("title", f"{name}: {'chosen' if chosen else 'not chosen'}")
    shape = element("path", title, d=path, class_="in" if chosen else "out")
    return shape if link is None else element("a", shape, href=link(code), tabindex="-1")
