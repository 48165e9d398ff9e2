"""The evidence behind every entity: which links hold its records together, and which pairs were left for a person."""

from __future__ import annotations

from typing import TYPE_CHECKING

from assets.register.clusters import TRUST_ORDER
from assets.register.linking import PAIRS
from assets.register.linking.comparisons import COMPARISONS, gamma
from assets.register.stage import Connection, Counts, model, scratch, stage_path, take, write, write_table
from expectations.contracts.columns import ENTITY_TYPES
from resources.duck import quote

if TYPE_CHECKING:
    from assets.merge import Merge

EXACT_LINKS = "resident_exact_links"
"""Below ``stage/``: the edges of exact evidence."""

LEVELS: dict[str, dict[str, str]] = {
    "name": {
        "same": "name_same",
        "sounds alike": "name_homophone",
        "looks alike": "name_lookalike",
        "characters in another order": "name_order",
        "partial name fits, 2 characters known": "name_partial_long",
        "partial name fits": "name_partial",
        "one character differs": "name_one_character",
        "same surname": "name_surname",
        "else": "name_differs",
    },
    "birth_date": {
        "same": "birth_same",
        "day and month swapped": "birth_swapped",
        "one part differs": "birth_one_part",
        "same year": "birth_year",
        "else": "birth_differs",
    },
    "sex": {"same": "sex_same", "else": "sex_differs"},
    "id_number": {
        "first 15 digits": "id_first15",
        "one digit wrong": "id_one_digit",
        "masked number fits": "id_mask_fits",
        "else": "id_differs",
    },
    "phone": {
        "same, one person's": "phone_same",
        "same, a family's": "phone_family",
        "same, an agent's": "phone_agent",
        "masked number fits": "phone_mask_fits",
        "else": "phone_differs",
    },
    "place": {
        "same house": "house_same",
        "same household elsewhere": "household_same",
        "same building": "building_same",
        "same community": "community_same",
        "else": "community_differs",
    },
    "car": {"same": "car_same", "else": "car_differs"},
}
"""The finding that each level of each comparison of the linking model stands for."""

REASONS = {
    "too little besides the name": "held_too_little",
    "two ID numbers": "held_two_ids",
    "contradiction": "held_contradiction",
    "too large": "held_too_large",
    "ambiguous": "held_ambiguous",
}
"""The finding that each reason of linking not to join a likely pair stands for."""


def keep_exact_links(con: Connection, merge: Merge) -> None:
    """Leave the edges of the residents' exact evidence, before they make room for linking. Needs ``edges``."""
    links = f'SELECT "left", "right", arg_min(rule, {TRUST_ORDER}) AS rule FROM edges GROUP BY "left", "right"'
    write(con, links, stage_path(merge, EXACT_LINKS))


def keep_resident_evidence(con: Connection, merge: Merge) -> None:
    """Leave the residents' evidence: ``sql/evidence_residents.sql``. Needs ``resident_of``, ``ids``, ``reviewed``."""
    con.execute(f"CREATE TEMP VIEW exact_links AS FROM read_parquet({quote(stage_path(merge, EXACT_LINKS))})")
    con.execute(f"CREATE TEMP VIEW pairs AS {_pairs(merge)}")
    if not merge.verdicts:  # else they were needed before
        model(con, "record_names")
    model(con, "evidence_residents")
    write(con, "SELECT 'resident' AS entity_type, * FROM evidence", stage_path(merge, "resident_evidence"))
    con.execute("DROP TABLE evidence; DROP TABLE record_names")


def _pairs(merge: Merge) -> str:
    """What linking judged, its levels told as findings."""
    found = [
        f"CASE gamma_{c.name} "
        + " ".join(f"WHEN {gamma(c, v.name)} THEN {quote(LEVELS[c.name][v.name])}" for v in c.levels)
        + " END"
        for c in COMPARISONS
    ]
    held = "CASE reason " + " ".join(f"WHEN {quote(r)} THEN {quote(code)}" for r, code in REASONS.items()) + " END"
    return (
        f'SELECT "left", "right", probability, verdict, '
        f"list_filter([{', '.join([*found, held])}], lambda code: code IS NOT NULL) AS findings "
        f"FROM read_parquet({quote(merge.state / PAIRS)})"
    )


def keep_key_evidence(con: Connection, merge: Merge, entity_type: str, finding: str) -> None:
    """Leave the evidence of entities that one key makes: a star around each one's first record. Needs ``members`` and
    ``ids``."""
    query = f"""SELECT {quote(entity_type)} AS entity_type, i.entity_id, NULL::VARCHAR AS other_id, a.rid AS "left",
        m.rid AS "right", m.rule, m.probability::DOUBLE AS probability, 'accepted' AS verdict,
        [{quote(finding)}] AS findings, NULL::VARCHAR AS pair, NULL::VARCHAR[] AS left_names,
        NULL::VARCHAR[] AS right_names
        FROM members m
        JOIN (SELECT cluster, min(rid) AS rid FROM members GROUP BY cluster HAVING count(*) > 1) a
            ON a.cluster = m.cluster
        JOIN ids i ON i.cluster = m.cluster
        WHERE m.rid <> a.rid"""
    write(con, query, stage_path(merge, f"{entity_type}_evidence"))


def build_evidence(merge: Merge, con: Connection) -> Counts:
    """The table ``evidence`` from what the entity stages left. Returns its number of rows.

    A pair of two entities is named by their ids, which outlast deliveries; a link within one by its two records.
    """
    with scratch(con) as cur:
        take(cur, merge, "files")
        parts = ", ".join(quote(stage_path(merge, f"{t}_evidence")) for t in ENTITY_TYPES)
        record = "concat_ws('|', {0}_delivery_id, {0}_file, {0}_row_number)"
        query = f"""SELECT *, CASE
                WHEN pair IS NOT NULL OR left_names IS NULL THEN pair
                WHEN other_id IS NULL
                    THEN 'p_' || left(md5(concat_ws('|', {record.format("left")}, {record.format("right")})), 16)
                ELSE 'p_' || left(md5(concat_ws('|', least(entity_id, other_id), greatest(entity_id, other_id))), 16)
            END AS pair_id
            FROM (
                SELECT e.*, l.company AS left_company, l.delivery_id AS left_delivery_id, l.file AS left_file,
                    e."left" % 4294967296 AS left_row_number, r.company AS right_company,
                    r.delivery_id AS right_delivery_id, r.file AS right_file, e."right" % 4294967296 AS right_row_number
                FROM read_parquet([{parts}]) e
                JOIN files l ON l.file_no = e."left" // 4294967296
                JOIN files r ON r.file_no = e."right" // 4294967296)"""
        return {"evidence": write_table(cur, merge, "evidence", query)}
