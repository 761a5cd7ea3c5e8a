"""One slip between two texts is what the engine's own function says it is."""

from __future__ import annotations

from random import Random

import duckdb
import numpy as np

from almoner.linkage.slips import Texts


def test_one_slip_is_a_distance_of_one() -> None:
    random = Random(4)
    texts = sorted({"".join(random.choice("ABÉ") for _ in range(random.randint(0, 7))) for _ in range(400)})
    one, other = (side.ravel() for side in np.meshgrid(np.arange(len(texts)), np.arange(len(texts))))
    found = Texts(texts).one_slip(one, other)
    engine = duckdb.connect()
    engine.execute(
        "CREATE TABLE text AS SELECT unnest(?) AS text, generate_subscripts(?, 1) - 1 AS place", [texts, texts]
    )
    rows = engine.execute(
        "SELECT a.place, b.place FROM text a, text b WHERE damerau_levenshtein(a.text, b.text) = 1"
    ).fetchall()
    expected = np.zeros(len(one), dtype=bool)
    expected[[ours + theirs * len(texts) for ours, theirs in rows]] = True
    assert expected.sum() > 400
    assert (found == expected).all()
