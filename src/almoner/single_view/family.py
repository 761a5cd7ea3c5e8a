"""The family of one person as the front line may see it: only what a given source states, nobody who is protected.

Statements of records that are not surely theirs are left out. A member two steps away is shown where the way
there is of statements that the purpose gives, through nobody protected.
"""

from __future__ import annotations

from almoner.governance.gate import Piece
from almoner.kernel.relations import PARENTS
from almoner.single_view.certainty import surely

_PARENTAL = ", ".join(f"'{word}'" for word in (*PARENTS, "step_parent"))
_CHILD = "'child', 'step_child', 'dependant'"
_TABLES = ("spine.kinship", "spine.family_member", "spine.person", "spine.protected", "spine.residence")


def family_piece() -> Piece:
    """Give how the members of a person's families are found.

    Out: person_id, forename, surname, date_of_birth; relation: what they are to the person, role: in the family;
    source: the datasets that say so; same_home: whether they live together, None where that is not known or withheld.
    """
    sql = f"""
        WITH safe AS (SELECT person_id FROM "spine.protected"),
        kin AS (SELECT person_id, other_person_id, relation, source FROM "spine.kinship"
                WHERE {surely()} AND person_id NOT IN (SELECT person_id FROM safe)),
        direct AS (SELECT other_person_id AS about, person_id, relation, source FROM kin),
        further AS (
            SELECT d.about, k.person_id, [k.source, d.source] AS sources, CASE
                WHEN d.relation IN ({_PARENTAL}) AND k.relation IN ({_CHILD}, 'sibling') THEN 'sibling'
                WHEN d.relation IN ({_PARENTAL}) AND k.relation = 'partner' THEN 'partner of a parent'
                WHEN d.relation IN ({_CHILD}) AND k.relation IN ({_PARENTAL}) THEN 'parent of their child'
                WHEN d.relation IN ({_CHILD}) AND k.relation = 'carer' THEN 'carer of their child'
                WHEN d.relation = 'partner' AND k.relation IN ({_CHILD}) THEN 'child of their partner'
                END AS relation
            FROM direct AS d JOIN kin AS k ON k.other_person_id = d.person_id
            WHERE k.person_id <> d.about AND NOT EXISTS (
                SELECT 1 FROM direct AS o WHERE o.about = d.about AND o.person_id = k.person_id)
        ),
        found AS (
            SELECT about, person_id, relation, source FROM direct
            UNION ALL
            SELECT about, person_id, relation, unnest(sources) FROM further WHERE relation IS NOT NULL
        ),
        home AS (SELECT person_id, address_id FROM "spine.residence" WHERE is_current AND {surely()})
        SELECT f.about, p.person_id, p.forename, p.surname, p.date_of_birth,
               string_agg(DISTINCT f.relation, ', ' ORDER BY f.relation) AS relation, any_value(m.role) AS role,
               string_agg(DISTINCT f.source, ', ' ORDER BY f.source) AS source,
               any_value(h.address_id = o.address_id) AS same_home
        FROM found AS f JOIN "spine.person" AS p ON p.person_id = f.person_id
        JOIN "spine.family_member" AS m ON m.person_id = f.person_id
        JOIN "spine.family_member" AS mine ON mine.family_id = m.family_id AND mine.person_id = f.about
        LEFT JOIN home AS o ON o.person_id = f.person_id
        LEFT JOIN home AS h ON h.person_id = f.about
        GROUP BY f.about, p.person_id, p.forename, p.surname, p.date_of_birth"""
    columns = ("person_id", "forename", "surname", "date_of_birth", "relation", "role", "source", "same_home")
    return Piece(
        "family", "Who belongs to their family, and by what relation", sql, columns, dict.fromkeys(_TABLES, ())
    )
