"""The linkage model from one run to the next, so that the same records are weighed the same and ids stay steady.

A model is probabilities alone: how often people's records agree. It must never hold a value of anybody's.
"""

from __future__ import annotations

import json
import os
import secrets
from pathlib import Path

FILE = "linkage_model.json"

MOST_GROWTH = 2.0
"""A model learnt from less than half, or more than twice, as many mentions is learnt anew."""


def model_in(text: str) -> str:
    """Give the model of a kept file, or the text itself where it is a model alone."""
    try:
        return str(json.loads(text)["model"])
    except (ValueError, KeyError, TypeError):
        return text


class KeptModel:
    """The model file of one workspace. It is no record of anybody: who removes it has a new model learnt."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / FILE

    def for_records(self, mentions: int) -> str | None:
        """Give the model, or None where there is none or it was learnt from far fewer or far more mentions."""
        try:
            document = json.loads(self._path.read_text(encoding="utf-8"))
            learnt_from, model = int(document["mentions"]), str(document["model"])
        except (OSError, ValueError, KeyError, TypeError):
            return None
        fits = learnt_from <= mentions * MOST_GROWTH and mentions <= learnt_from * MOST_GROWTH
        return model if fits else None

    def present(self) -> str | None:
        """Give the model of the last run, however many mentions there are now; None where there is none."""
        try:
            return str(json.loads(self._path.read_text(encoding="utf-8"))["model"])
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def keep(self, model: str, mentions: int) -> None:
        """Keep a model that was learnt from so many mentions, whole or not at all."""
        temporary = self._path.with_name(f".{FILE}.{secrets.token_hex(4)}")
        temporary.write_text(json.dumps({"mentions": mentions, "model": model}), encoding="utf-8")
        os.replace(temporary, self._path)
