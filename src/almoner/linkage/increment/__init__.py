"""Linkage of what changed: in goes a delivery, out comes the whole spine, at the cost of the delivery."""

from almoner.linkage.increment.run import Fresh, update

__all__ = ["Fresh", "update"]
