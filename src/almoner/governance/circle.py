"""Who is near the people that a permit is about: what a permit about one person shows of the spine.

Writes SQL over tables that the views register; it must never let who only lived in the same establishment be near.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

CIRCLE = "_circle"
"""The view of everybody near."""

Spine = Callable[[str], str]
"""Gives the registered name of a table of the spine."""


def circle_sql(subjects: Sequence[str], spine: Spine) -> str:
    """Write who belongs to the subjects' circle: relations, family, who lives or lived with them.

    In: subjects, as literals.
    """
    about = ", ".join(subjects)
    relation, member, home, household = map(spine, ("relationship", "household_member", "residence", "household"))
    since, until = "coalesce({0}.starts_on, {0}.first_seen_on)", "coalesce({0}.ends_on, {0}.last_seen_on)"
    return f"""SELECT unnest([{about}]) AS person_id
        UNION SELECT other_person_id FROM {relation} WHERE person_id IN ({about})
        UNION SELECT person_id FROM {relation} WHERE other_person_id IN ({about})
        UNION SELECT person_id FROM {spine("family_member")} WHERE family_id IN ({_families(about, spine)})
        UNION SELECT b.person_id FROM {member} AS a JOIN {member} AS b USING (household_id)
              WHERE a.person_id IN ({about})
        UNION SELECT b.person_id FROM {home} AS a JOIN {home} AS b USING (address_id)
              WHERE a.person_id IN ({about}) AND a.standing <> 'disputed' AND b.standing <> 'disputed'
                AND (a.is_current OR {since.format("b")} <= {until.format("a")})
                AND (b.is_current OR {since.format("a")} <= {until.format("b")})
                AND address_id NOT IN (SELECT address_id FROM {household} WHERE kind = 'communal')"""


def near_sql(table: str, subjects: Sequence[str], spine: Spine) -> str:
    """Write the condition under which a row of a table of the spine is near the subjects, or about them."""
    about = ", ".join(subjects)
    circle = f"SELECT person_id FROM {CIRCLE}"
    homes = f"SELECT address_id FROM {spine('residence')} WHERE person_id IN"
    near = {
        "review": "FALSE",
        "person_record": f"person_id IN ({about})",
        "person_event": f"person_id IN ({about}) OR other_person_id IN ({about})",
        "relationship": f"person_id IN ({about}) OR other_person_id IN ({about})",
        "kinship": f"person_id IN ({circle}) AND other_person_id IN ({circle})",
        "family": f"family_id IN ({_families(about, spine)})",
        "family_member": f"family_id IN ({_families(about, spine)})",
        "address": f"address_id IN ({homes} ({circle}))",
        "household": f"address_id IN ({homes} ({about}))",
    }
    return near.get(table, f"person_id IN ({circle})")


def _families(about: str, spine: Spine) -> str:
    return f"SELECT family_id FROM {spine('family_member')} WHERE person_id IN ({about})"
