"""The council's declarations: what is held, from whom, why, for whom and how long. Nothing here reads data."""

from almoner.registry.check import check_registry
from almoner.registry.load import load_registry
from almoner.registry.registry import Registry

__all__ = ["Registry", "check_registry", "load_registry"]
