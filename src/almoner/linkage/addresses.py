"""Resolves what services write as an address into one address: by UPRN, else by what the text says.

Services hold UPRNs for some rows only, misspell streets and leave postcodes out, so a text without a UPRN
takes the address of the text that it plainly is. It never guesses between two: an address that could be
either stays its own.
"""

from __future__ import annotations

import duckdb

from almoner.kernel.steps import Step
from almoner.linkage.steps import drop_tables, run_steps

SAME_STREET = 0.9
"""Jaro-Winkler similarity above which two street names at one house number and postcode are one street."""

_TEXT = "postcode, flat, house_number, street"

WRITTEN = "uprn, postcode, flat, house_number, street, address"
"""What tells one way of writing a place from another. A line without parts stands in `street` as well."""

WRITTEN_STEP = Step(
    "address_written",
    "Each way of writing a place, with its UPRN, and how often.",
    f"""
    SELECT CAST(row_number() OVER () - 1 AS INTEGER) AS text, {WRITTEN}, times
    FROM (
        SELECT uprn, postcode, flat, house_number, coalesce(street, address) AS street, address,
               CAST(count(*) AS INTEGER) AS times
        FROM mention
        WHERE uprn IS NOT NULL OR coalesce(street, address) IS NOT NULL
           OR (postcode IS NOT NULL AND house_number IS NOT NULL)
        GROUP BY ALL
    )
    """,
    ("text", "uprn", "postcode", "flat", "house_number", "street", "address", "times"),
)

RESOLVING_STEPS = (
    Step(
        "address_text",
        "Each text once, with the UPRN that more than half of its rows with a UPRN give.",
        f"""
        SELECT {_TEXT}, sum(times) AS times, min(address) AS address,
               CASE WHEN 2 * max(with_uprn) > sum(with_uprn)
                    THEN min(uprn ORDER BY with_uprn DESC, uprn) END AS uprn
        FROM (
            SELECT {_TEXT}, uprn, sum(times) AS times, min(address) AS address,
                   CASE WHEN uprn IS NULL THEN 0 ELSE sum(times) END AS with_uprn
            FROM address_written WHERE house_number IS NOT NULL OR street IS NOT NULL
            GROUP BY {_TEXT}, uprn
        )
        GROUP BY {_TEXT}
        """,
        ("postcode", "flat", "house_number", "street", "times", "address", "uprn"),
    ),
    Step(
        "address_leader",
        "For each postcode, house and flat, the text that leads: with a UPRN first, then the most frequent.",
        f"""
        SELECT {_TEXT}, uprn
        FROM address_text
        WHERE postcode IS NOT NULL AND house_number IS NOT NULL
        QUALIFY row_number() OVER (
            PARTITION BY postcode, house_number, flat
            ORDER BY uprn IS NULL, times DESC, street NULLS LAST
        ) = 1
        """,
        ("postcode", "flat", "house_number", "street", "uprn"),
    ),
    Step(
        "address_led",
        "The texts that follow their leader: the same street, or one misspelt, or none.",
        f"""
        SELECT t.postcode, t.flat, t.house_number, t.street AS text_street, l.street, l.uprn
        FROM address_text t
        JOIN address_leader l
          ON l.postcode = t.postcode AND l.house_number = t.house_number
         AND l.flat IS NOT DISTINCT FROM t.flat
        WHERE coalesce(jaro_winkler_similarity(t.street, l.street) >= {SAME_STREET}, true)
        """,
        ("postcode", "flat", "house_number", "text_street", "street", "uprn"),
    ),
    Step(
        "address_anywhere",
        "Texts that name one place even without the postcode: house, flat and street of one postcode only.",
        """
        SELECT flat, house_number, street, min(postcode) AS postcode, min(uprn) AS uprn
        FROM address_text
        WHERE postcode IS NOT NULL AND house_number IS NOT NULL AND street IS NOT NULL
        GROUP BY flat, house_number, street
        HAVING count(DISTINCT postcode) = 1 AND count(DISTINCT uprn) <= 1
        """,
        ("flat", "house_number", "street", "postcode", "uprn"),
    ),
    Step(
        "address_misplaced",
        "Texts with a UPRN that stands in another postcode one slip away, once only.",
        """
        SELECT t.postcode, t.flat, t.house_number, t.street, min(o.postcode) AS right_postcode,
               min(o.uprn) AS uprn
        FROM address_text t
        JOIN address_text o
          ON o.house_number = t.house_number AND o.street = t.street AND o.flat IS NOT DISTINCT FROM t.flat
         AND o.uprn IS NOT NULL AND o.postcode <> t.postcode
         AND damerau_levenshtein(o.postcode, t.postcode) = 1
        WHERE t.uprn IS NULL
        GROUP BY t.postcode, t.flat, t.house_number, t.street
        HAVING count(DISTINCT o.uprn) = 1
        """,
        ("postcode", "flat", "house_number", "street", "right_postcode", "uprn"),
    ),
    Step(
        "address_unnumbered",
        "Texts with a building's name for its number: the only place with a UPRN of that flat, street and postcode.",
        """
        SELECT t.postcode, t.flat, t.street, min(o.uprn) AS uprn
        FROM address_text t
        JOIN address_text o
          ON o.postcode = t.postcode AND o.street = t.street AND o.flat = t.flat
         AND o.house_number IS NOT NULL AND o.uprn IS NOT NULL
        WHERE t.uprn IS NULL AND t.house_number IS NULL
        GROUP BY t.postcode, t.flat, t.street
        HAVING count(DISTINCT o.uprn) = 1
        """,
        ("postcode", "flat", "street", "uprn"),
    ),
    Step(
        "address_of_text",
        "The place of each text: its own UPRN, its leader's or its only namesake's; else itself.",
        """
        SELECT t.postcode, t.flat, t.house_number, t.street,
               CASE
                   WHEN t.uprn IS NOT NULL THEN 'U' || t.uprn
                   WHEN l.uprn IS NOT NULL THEN 'U' || l.uprn
                   WHEN m.uprn IS NOT NULL THEN 'U' || m.uprn
                   WHEN n.uprn IS NOT NULL THEN 'U' || n.uprn
                   WHEN a.uprn IS NOT NULL THEN 'U' || a.uprn
                   WHEN a.postcode IS NOT NULL
                   THEN 'T' || concat_ws('|', a.postcode, a.house_number, coalesce(a.flat, ''), a.street)
                   WHEN l.postcode IS NOT NULL
                   THEN 'T' || concat_ws('|', l.postcode, l.house_number, coalesce(l.flat, ''),
                                         coalesce(l.street, ''))
                   ELSE 'T' || concat_ws('|', coalesce(t.postcode, ''), coalesce(t.house_number, ''),
                                         coalesce(t.flat, ''), coalesce(t.street, ''))
               END AS place
        FROM address_text t
        LEFT JOIN address_led l
          ON l.text_street IS NOT DISTINCT FROM t.street
         AND l.postcode = t.postcode AND l.house_number = t.house_number
         AND l.flat IS NOT DISTINCT FROM t.flat
        LEFT JOIN address_misplaced m
          ON m.postcode = t.postcode AND m.house_number = t.house_number
         AND m.flat IS NOT DISTINCT FROM t.flat AND m.street = t.street
        LEFT JOIN address_unnumbered n
          ON n.postcode = t.postcode AND n.flat = t.flat AND n.street = t.street AND t.house_number IS NULL
        LEFT JOIN address_anywhere a
          ON a.house_number = t.house_number AND a.street = t.street
         AND a.flat IS NOT DISTINCT FROM t.flat AND t.postcode IS NULL
        """,
        ("postcode", "flat", "house_number", "street", "place"),
    ),
    Step(
        "written_place",
        "The place of each way of writing one. Its own UPRN speaks first.",
        f"""
        SELECT w.text, coalesce('U' || w.uprn, t.place) AS place,
               {", ".join("w." + name for name in WRITTEN.split(", "))}, w.times
        FROM address_written w
        LEFT JOIN address_of_text t
          ON t.postcode IS NOT DISTINCT FROM w.postcode AND t.flat IS NOT DISTINCT FROM w.flat
         AND t.house_number IS NOT DISTINCT FROM w.house_number AND t.street IS NOT DISTINCT FROM w.street
        """,
        ("text", "place", "uprn", "postcode", "flat", "house_number", "street", "address", "times"),
    ),
)

PLACE_STEP = Step(
    "place",
    "Each place once, as it is most often written, with a postcode if any row gives one.",
    f"""
    WITH written AS (
        SELECT place, max(uprn) AS uprn, {_TEXT}, address, sum(times) AS times
        FROM written_place WHERE place IS NOT NULL GROUP BY place, {_TEXT}, address
    )
    SELECT place, max(uprn) OVER (PARTITION BY place) AS uprn, postcode, flat, house_number, street, address
    FROM written
    QUALIFY row_number() OVER (
        PARTITION BY place
        ORDER BY postcode IS NULL, house_number IS NULL, street IS NULL, times DESC,
                 postcode, house_number, flat NULLS LAST, street, address
    ) = 1
    """,
    ("place", "uprn", "postcode", "flat", "house_number", "street", "address"),
)

MENTION_PLACE_STEP = Step(
    "mention_place",
    "The place of each mention, and the way in which it is written.",
    """
    SELECT m.mention, w.place, w.text
    FROM mention m
    LEFT JOIN written_place w
      ON w.uprn IS NOT DISTINCT FROM m.uprn AND w.postcode IS NOT DISTINCT FROM m.postcode
     AND w.flat IS NOT DISTINCT FROM m.flat AND w.house_number IS NOT DISTINCT FROM m.house_number
     AND w.street IS NOT DISTINCT FROM coalesce(m.street, m.address)
     AND w.address IS NOT DISTINCT FROM m.address
    """,
    ("mention", "place", "text"),
)


def resolve_addresses(engine: duckdb.DuckDBPyConnection) -> None:
    """Give each mention its place.

    In: table mention (mention, uprn, address, flat, house_number, street, postcode).
    Out: tables mention_place (mention, place or NULL, text), written_place (the ways of writing a place, with how
    often) and place (place, uprn, postcode, flat, house_number, street, address). `place` is a key of the linker's own;
    lasting ids come from `identity`.
    """
    run_steps(engine, (WRITTEN_STEP, *RESOLVING_STEPS, PLACE_STEP, MENTION_PLACE_STEP))
    drop_tables(engine, *_PASSING)


_PASSING = (
    "address_written", "address_text", "address_leader", "address_led", "address_anywhere", "address_misplaced",
    "address_of_text",
)  # fmt: skip
"""Tables that nothing later reads."""
