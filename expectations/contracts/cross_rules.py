"""Rules that span rows or tables, each as a query that returns references to the rows which break it.

``{db}`` is the database's name and a dot; ``{rows}`` the rows of the rule's own table that are looked at: all of them,
or for a table of days the days that a release is the first to carry. A rule is declared here and nowhere else; it runs
in the audit of its database, and in the Great Expectations suite of its table (as ``UnexpectedRowsExpectation``). Its
query selects keys and nothing else, because what it returns is shown to people.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from expectations.contracts.model import Severity


@dataclass(frozen=True)
class CrossRule:
    """One rule of a table. ``holds`` says in words what must be; ``broken`` selects the rows where it is not."""

    name: str
    table: str
    holds: str
    broken: str
    severity: Severity = "error"
    database: Literal["curated", "restricted"] = "curated"


_ENTITIES = (
    "(SELECT resident_id AS entity_id FROM {db}residents UNION ALL SELECT house_id FROM {db}houses"
    " UNION ALL SELECT vehicle_id FROM {db}vehicles)"
)

CROSS_RULES: tuple[CrossRule, ...] = (
    CrossRule(
        "house_count",
        "communities",
        "house_count is the number of houses of the community",
        "SELECT c.community_id FROM {db}communities c LEFT JOIN (SELECT community_id, count(*) AS n FROM {db}houses"
        " GROUP BY community_id) h ON h.community_id = c.community_id WHERE c.house_count <> coalesce(h.n, 0)",
    ),
    CrossRule(
        "resident_count",
        "communities",
        "resident_count is the number of residents with a current occupancy there",
        "SELECT c.community_id FROM {db}communities c LEFT JOIN (SELECT community_id, count(*) AS n"
        " FROM {db}inhabitants GROUP BY community_id) i ON i.community_id = c.community_id"
        " WHERE c.resident_count <> coalesce(i.n, 0)",
    ),
    CrossRule(
        "lives_there",
        "inhabitants",
        "the inhabitants of a community are the residents with a current occupancy in a house of it, each once",
        "SELECT community_id, resident_id FROM (SELECT h.community_id, o.resident_id, 1 AS lives, 0 AS listed"
        " FROM {db}occupancies o JOIN {db}houses h ON h.house_id = o.house_id WHERE o.is_current"
        " UNION ALL SELECT community_id, resident_id, 0, 1 FROM {db}inhabitants)"
        " GROUP BY community_id, resident_id HAVING max(lives) <> sum(listed)",
    ),
    CrossRule(
        "once_in_a_district",
        "inhabitants",
        "one row of a resident is the first of each district",
        "SELECT min(community_id) AS community_id, resident_id FROM {db}inhabitants GROUP BY resident_id, district"
        " HAVING count_if(first_in_district) <> 1",
    ),
    CrossRule(
        "as_the_community",
        "inhabitants",
        "the district is the community's",
        "SELECT i.community_id, i.resident_id FROM {db}inhabitants i JOIN {db}communities c"
        " ON c.community_id = i.community_id WHERE c.district IS DISTINCT FROM i.district",
    ),
    CrossRule(
        "as_the_resident",
        "inhabitants",
        "sex, birth year and population type are the resident's",
        "SELECT i.community_id, i.resident_id FROM {db}inhabitants i JOIN {db}residents r"
        " ON r.resident_id = i.resident_id WHERE i.sex IS DISTINCT FROM r.sex"
        " OR i.birth_year IS DISTINCT FROM r.birth_year OR i.population_type IS DISTINCT FROM r.population_type",
    ),
    CrossRule(
        "vehicle_count",
        "communities",
        "vehicle_count is the number of vehicles with a current holding there",
        "SELECT c.community_id FROM {db}communities c LEFT JOIN (SELECT community_id, count(DISTINCT vehicle_id) AS n"
        " FROM {db}vehicle_holdings WHERE is_current GROUP BY community_id) v ON v.community_id = c.community_id"
        " WHERE c.vehicle_count <> coalesce(v.n, 0)",
    ),
    CrossRule(
        "one_row_per_address",
        "houses",
        "no two houses have the same community, building, unit and room",
        "SELECT min(house_id) AS house_id, max(house_id) AS other_id FROM {db}houses"
        " GROUP BY community_id, building, unit, room HAVING count(*) > 1",
    ),
    CrossRule(
        "resident_count",
        "houses",
        "resident_count is the number of residents with a current occupancy",
        "SELECT h.house_id FROM {db}houses h LEFT JOIN (SELECT house_id, count(DISTINCT resident_id) AS n"
        " FROM {db}occupancies WHERE is_current GROUP BY house_id) o ON o.house_id = h.house_id"
        " WHERE h.resident_count <> coalesce(o.n, 0)",
    ),
    CrossRule(
        "same_community",
        "vehicle_holdings",
        "the house of a holding lies in the holding's community",
        "SELECT v.vehicle_id FROM {db}vehicle_holdings v JOIN {db}houses h ON h.house_id = v.house_id"
        " WHERE h.community_id <> v.community_id",
    ),
    CrossRule(
        "one_person_per_number",
        "residents",
        "no two residents hold the same verified ID number",
        "SELECT min(resident_id) AS resident_id, max(resident_id) AS other_id FROM {db}residents WHERE id_verified"
        " GROUP BY id_number HAVING count(*) > 1",
        database="restricted",
    ),
    CrossRule(
        "one_vehicle_per_plate",
        "vehicles",
        "no two vehicles have the same plate and plate class",
        "SELECT min(vehicle_id) AS vehicle_id, max(vehicle_id) AS other_id FROM {db}vehicles"
        " GROUP BY plate, plate_class HAVING count(*) > 1",
        "warning",
        database="restricted",
    ),
    *(
        CrossRule(
            "sources_of_every_row",
            table,
            "source_count is the number of records in sources",
            f"SELECT e.{key} FROM {{db}}{table} e LEFT JOIN (SELECT entity_id, count(*) AS n FROM {{db}}sources"
            f" WHERE entity_type = '{kind}' GROUP BY entity_id) s ON s.entity_id = e.{key}"
            " WHERE e.source_count <> coalesce(s.n, 0)",
            database="restricted",
        )
        for table, kind, key in (
            ("houses", "house", "house_id"),
            ("residents", "resident", "resident_id"),
            ("vehicles", "vehicle", "vehicle_id"),
        )
    ),
    CrossRule(
        "evidence_of_every_entity",
        "evidence",
        "an entity of several records has a link that holds them",
        "SELECT entity_id FROM {db}sources GROUP BY entity_id HAVING count(*) > 1"
        " EXCEPT SELECT entity_id FROM {db}evidence WHERE verdict = 'accepted'",
        database="restricted",
    ),
    CrossRule(
        "ledger_knows_every_id",
        "id_ledger",
        "every entity was created (or split off) in the ledger and its last entry there does not end it",
        f"SELECT e.entity_id FROM {_ENTITIES} e ANTI JOIN {{db}}id_ledger l"
        " ON l.entity_id = e.entity_id AND l.event IN ('created', 'split')"
        f" UNION SELECT e.entity_id FROM {_ENTITIES} e SEMI JOIN (SELECT entity_id FROM {{db}}id_ledger"
        " WHERE event IN ('retired', 'restored', 'merged') GROUP BY entity_id HAVING count_if(event = 'merged') > 0"
        " OR count_if(event = 'retired') > count_if(event = 'restored')) l ON l.entity_id = e.entity_id",
        database="restricted",
    ),
    # An unsent valid_from is the first delivery of a record, never before its entity's first_seen.
    CrossRule(
        "pass_after_registration",
        "events_identified",
        "no pass lies before the earliest valid_from of its resident's occupancies or its vehicle's holdings, where the"
        " export sent that date (it lies before first_seen)",
        "SELECT p.event_id FROM {rows} p JOIN ("
        + " UNION ALL ".join(
            f"SELECT '{kind}' AS entity_type, e.{kind}_id AS entity_id, min(l.valid_from) AS valid_from"
            f" FROM {{db}}{kind}s e JOIN {{db}}{links} l ON l.{kind}_id = e.{kind}_id AND l.valid_from < e.first_seen"
            f" GROUP BY e.{kind}_id"
            for kind, links in (("resident", "occupancies"), ("vehicle", "vehicle_holdings"))
        )
        + ") r ON r.entity_type = p.entity_type AND r.entity_id = p.entity_id WHERE p.event_date < r.valid_from",
        "warning",
        database="restricted",
    ),
    CrossRule(
        "no_lone_hidden_cell",
        "community_profile",
        "no community hides exactly one cell (its total would tell it)",
        "SELECT community_id FROM {db}community_profile WHERE measure <> 'vehicles_per_house'"
        " GROUP BY community_id, measure HAVING count(*) FILTER (WHERE coalesce(residents, houses) IS NULL) = 1",
    ),
)
"""Every rule that spans rows or tables."""
