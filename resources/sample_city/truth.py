"""What is right to make of every emitted row and file, for tests and benchmarks to compare with."""

from __future__ import annotations

import shutil
from pathlib import Path

import duckdb
import pyarrow as pa

from resources.duck import identifier, quote
from resources.sample_city.export import Task, quarantine_pattern

_HOUSE_LOST = "house_incomplete|room_damaged"
FILES = pa.schema([("company", pa.string()), ("feed", pa.string()), ("file", pa.string()), ("outcome", pa.string()),
                   ("code", pa.string())])  # fmt: skip


def write_row_truth(con: duckdb.DuckDBPyConnection, task: Task, parts: dict[int, str], folder: Path) -> int:
    """Write ``rows/night=<k>/<company>__<feed>.parquet`` from the table ``rows``; returns the number of rows.

    ``house_id`` is the house that the row names, where it can be told from the row.

    A row whose mapped values equal an earlier row's of the same delivery is its duplicate, whatever made it so; in
    events, so is any later telling of a pass that an earlier row already tells.
    """
    dataset = task.export.dataset
    # what a row says of its house is lost with the cell, not with the row
    house = f"CASE WHEN NOT regexp_matches(array_to_string(reasons, ' '), {quote(_HOUSE_LOST)}) THEN _house END"
    if dataset == "access_events":
        house = "NULL::VARCHAR"
    con.register("parts", pa.table({"part": list(parts), "file": list(parts.values())}))
    fields = ", ".join(identifier(f) for f in task.export.fields)
    once_told = "kind = 'record' AND twin_row IS NULL AND NOT quarantined" if dataset == "access_events" else "false"
    target = folder / "rows" / f"night={task.night}"
    target.mkdir(parents=True, exist_ok=True)
    quarantined = f"regexp_matches(r, {quote(quarantine_pattern(dataset))})"
    query = f"""
        WITH told AS (
            SELECT r.* EXCLUDE (reasons, mess, row_number, day), p.file, r.row_number,
                coalesce(r.day, DATE '2026-11-20') AS day,
                kind IN ('ragged', 'cut') AS malformed,
                CASE WHEN malformed THEN ['row_malformed:row'] ELSE reasons END AS reasons,
                CASE WHEN malformed THEN list_append(mess, kind) ELSE mess END AS mess,
                malformed OR len(list_filter(reasons, lambda r: {quarantined})) > 0 AS quarantined
            FROM rows r JOIN parts p USING (part)),
        twins AS (
            SELECT *, kind = 'record' AND row_number() OVER same > 1 AS is_twin,
                CASE WHEN is_twin THEN first_value(file) OVER same END AS twin_file,
                CASE WHEN is_twin THEN first_value(row_number) OVER same END AS twin_row
            FROM told
            WINDOW same AS (PARTITION BY kind, day, {fields} ORDER BY file, row_number
                            ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING)),
        passes_told AS (
            SELECT *, {once_told} AND row_number() OVER pass > 1 AS is_told,
                CASE WHEN is_told THEN first_value(file) OVER pass END AS pass_file,
                CASE WHEN is_told THEN first_value(row_number) OVER pass END AS pass_row
            FROM twins
            WINDOW pass AS (PARTITION BY entity, {once_told} ORDER BY day, file, row_number
                            ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING)),
        judged AS (
            SELECT *, coalesce(twin_file, pass_file) AS duplicate_of_file,
                coalesce(twin_row, pass_row) AS duplicate_of_row,
                CASE WHEN kind IN ('blank', 'footer') THEN kind WHEN is_twin OR is_told THEN 'duplicate'
                     WHEN quarantined THEN 'quarantined' WHEN len(reasons) > 0 THEN 'warning'
                     ELSE 'accepted' END AS outcome
            FROM passes_told)
        SELECT {quote(task.company)} AS company, {quote(task.export.name)} AS feed, {quote(dataset)} AS dataset, file,
            row_number, nullif(entity, '') AS entity_id, {house} AS house_id, mess, outcome,
            CASE WHEN outcome IN ('warning', 'quarantined') THEN list_sort(reasons) ELSE []::VARCHAR[] END AS reasons,
            duplicate_of_file, duplicate_of_row
        FROM judged ORDER BY file, row_number"""
    path = target / f"{task.company}__{task.export.name}.parquet"
    con.execute(f"COPY ({query}) TO {quote(path)} (FORMAT parquet, COMPRESSION zstd)")
    con.unregister("parts")
    return int(con.sql("SELECT count(*) FROM rows").fetchall()[0][0])


_ENTITIES = {
    "communities": """
        SELECT community_entity AS entity_id, {company} AS company, * EXCLUDE (c_idx, community_entity)
        FROM communities ORDER BY c_idx""",
    "houses": """
        SELECT house_entity AS entity_id, {company} AS company, c.community_entity AS community_id, building, unit,
            floor, room, area_m2, use, tenure, status
        FROM place p JOIN communities c USING (c_idx) ORDER BY h_idx""",
    "residents": """
        SELECT person_entity AS entity_id, {company} AS company, name, sex, birth AS birth_date, id_type, id_number,
            phone, population_type
        FROM persons WHERE p_idx IN (SELECT p_idx FROM occupancies) ORDER BY p_idx""",
    "vehicles": """
        SELECT vehicle_entity AS entity_id, {company} AS company, plate, plate_class, vehicle_type, body_colour, brand,
            vin, p.person_entity AS holder_id, firm, h.house_entity AS house_id, from_night, to_night
        FROM vehicles v LEFT JOIN persons p USING (p_idx) JOIN houses h USING (h_idx) ORDER BY v_idx, from_night""",
    "occupancies": """
        SELECT p.person_entity AS resident_id, h.house_entity AS house_id, {company} AS company, role, relation,
            lives_there, valid_from, valid_to, from_night, to_night
        FROM occupancies o JOIN persons p USING (p_idx) JOIN houses h USING (h_idx)
        -- somebody registered again at home lives there once
        QUALIFY row_number() OVER (PARTITION BY p_idx, h_idx, from_night ORDER BY o_idx) = 1
        ORDER BY o_idx""",
}


def write_entities(con: duckdb.DuckDBPyConnection, company: str, folder: Path) -> None:
    """Write the company's part of ``entities/``: true residents, houses, vehicles, communities, occupancies."""
    for name, query in _ENTITIES.items():
        target = folder / "entities" / ".parts" / name
        target.mkdir(parents=True, exist_ok=True)
        sql = query.format(company=quote(company))
        con.execute(f"COPY ({sql}) TO {quote(target / f'{company}.parquet')} (FORMAT parquet, COMPRESSION zstd)")


def write_passes(con: duckdb.DuckDBPyConnection, company: str, night: int, folder: Path) -> None:
    """Write ``entities/passes/<company>_night<k>.parquet`` from the table ``passes``."""
    target = folder / "entities" / "passes"
    target.mkdir(parents=True, exist_ok=True)
    query = """
        SELECT pass_entity AS pass_id, c.community_entity AS community_id,
            list_extract(getvariable('gates'), gate_index + 1) AS gate, occurred_at, direction, method, subject_kind,
            p.person_entity AS resident_id, v.vehicle_entity AS vehicle_id, visitor_plate
        FROM passes e JOIN communities c USING (c_idx) LEFT JOIN persons p USING (p_idx)
        LEFT JOIN (SELECT DISTINCT v_idx, vehicle_entity FROM vehicles) v ON v.v_idx = e.v_idx
        ORDER BY occurred_at, pass_entity"""
    path = target / f"{company}_night{night}.parquet"
    con.execute(f"COPY ({query}) TO {quote(path)} (FORMAT parquet, COMPRESSION zstd)")


def gather_entities(con: duckdb.DuckDBPyConnection, folder: Path) -> None:
    """Join the companies' parts to ``entities/<name>.parquet``; people of the pool, known to several, appear once."""
    parts = folder / "entities" / ".parts"
    orders = {"occupancies": "resident_id, house_id, from_night", "vehicles": "entity_id, from_night"}
    once = "QUALIFY row_number() OVER (PARTITION BY entity_id ORDER BY company) = 1"
    for source in sorted(parts.iterdir()):
        files = f"read_parquet({quote(source / '*.parquet')})"
        order = orders.get(source.name, "entity_id")
        query = f"SELECT * FROM {files} {once if source.name == 'residents' else ''} ORDER BY {order}"
        target = folder / "entities" / f"{source.name}.parquet"
        con.execute(f"COPY ({query}) TO {quote(target)} (FORMAT parquet, COMPRESSION zstd)")
    shutil.rmtree(parts)


def gather_files(con: duckdb.DuckDBPyConnection, folder: Path, nights: int) -> None:
    """Join the companies' parts to ``files/night=<k>.parquet``."""
    parts = folder / "files" / ".parts"
    for night in range(1, nights + 1):
        source = parts / f"night={night}" / "*.parquet"
        query = f"SELECT * FROM read_parquet({quote(source)}) ORDER BY company, feed, file"
        con.execute(f"COPY ({query}) TO {quote(folder / 'files' / f'night={night}.parquet')} (FORMAT parquet)")
    shutil.rmtree(parts)
