"""One feed of one company on one night: rendered, spoilt, put in order, numbered as the file will show it.

All of it is SQL over whole tables. The result is a table ``rows`` with one line a row of the file(s):
``part`` (which file or member), ``row_number``, the fields as text, and the truth about the row.
"""

from __future__ import annotations

from dataclasses import dataclass

import duckdb
import numpy as np
import pyarrow as pa

from resources.duck import identifier, quote
from resources.sample_city.dialects.model import Col, Export
from resources.sample_city.messes import Mess, cell_messes
from resources.sample_city.rates import RATES
from resources.sample_city.world import row_draws

_BASE_OF = {"relation_to_head": "relation"}
_HELPERS = {
    "residents": {"_id_kind": "_id_kind", "_birth": "birth", "_alias": "alias", "_community": "community",
                  "_a_zh": "a_zh", "_slips": "slips", "_house": "house_entity"},
    "houses": {"_alias": "alias", "_house": "house_entity"},
    "vehicles": {
        "_id_kind": "CASE WHEN owner_id IS NULL THEN 'none' ELSE 'id18' END",
        "_alias": "alias", "_community": "community", "_a_zh": "a_zh", "_house": "house_entity",
    },
    "access_events": {"_alias": "alias", "_method": "method", "_late": "late", "_other_gate": "other_gate",
                      "_file_day": "file_day", "_at": "occurred_at"},
}  # fmt: skip
_QUARANTINED = {
    "residents": "community_unknown|no_identity|row_malformed",
    "houses": "community_unknown|house_incomplete|room_damaged|row_malformed",
    "vehicles": "community_unknown|plate_missing|plate_invalid|row_malformed",
    "access_events": "community_unknown|time_unreadable|time_clock_reset|time_in_future|row_malformed",
}


@dataclass(frozen=True)
class Task:
    """What is exported: by whom, in which dialect, on which night; ``seed`` is the stream of its random draws."""

    company: str
    dialect: str
    export: Export
    night: int
    seed: tuple[int, ...]

    def rate(self, mess: str) -> float:
        return RATES[self.dialect].get(mess, 0.0)


def quarantine_pattern(dataset: str) -> str:
    """Regular expression of the reasons that set a record of the dataset aside."""
    return f"^({_QUARANTINED[dataset]}):"


def header_rows(export: Export) -> int:
    """Rows above the first record: titles, and one or two header rows. Records without header rows have none."""
    if export.format in ("json", "jsonl", "parquet"):
        return 0
    return len(export.titles) + (2 if export.groups else 1)


def render(con: duckdb.DuckDBPyConnection, task: Task) -> int:
    """Build the table ``rows`` from the dataset's view (``views.sql``); returns the number of records it came from."""
    rng = np.random.default_rng(task.seed)
    con.execute(f"CREATE OR REPLACE TEMP TABLE clean AS {_clean_sql(task.export)}")
    con.execute(f"CREATE OR REPLACE TEMP TABLE spoilt AS {_spoilt_sql(task)}")
    count = con.sql("SELECT count(*) FROM spoilt").fetchall()[0][0]
    con.register("draws", pa.table({"n": np.arange(1, count + 1), **_named(row_draws(rng, count))}))
    con.execute(f"CREATE OR REPLACE TEMP TABLE placed AS {_placed_sql(task, count)}")
    con.unregister("draws")
    con.execute(f"CREATE OR REPLACE TEMP TABLE rows AS {_numbered_sql(task)}")
    return int(count)


def _named(draws: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    return {f"d_{name}": values for name, values in draws.items()}


def _code_sql(column: str, mapping: dict[str, str]) -> str:
    arms = " ".join(f"WHEN {quote(canonical)} THEN {quote(sent)}" for canonical, sent in mapping.items())
    return f"CASE {column} {arms} END"


def _cell_sql(export: Export, col: Col) -> str:
    """The SQL of one clean cell."""
    if col.sql != "@":
        return f"({col.sql})::VARCHAR"
    if col.field == "occurred_at":
        assert export.time is not None
        return export.time.format(t="occurred_at")
    if col.field == "event_code":
        return "'E' || substr(md5(entity), 1, 14)"
    assert col.field is not None
    base = "vehicle_role" if (export.dataset, col.field) == ("vehicles", "role") else _BASE_OF.get(col.field, col.field)
    return _code_sql(base, export.codes.sent[col.field])


def extra_name(position: int) -> str:
    """The column of ``rows`` that holds the export's undeclared column at ``position``."""
    return f"_col{position}"


def _clean_sql(export: Export) -> str:
    """n, entity, draws, helper columns, the fields, and the undeclared columns as ``_col<i>``."""
    parts = ["n", "entity", "u", "w", "x"]
    for name, sql in _HELPERS[export.dataset].items():
        parts.append(f"{sql} AS {name}")
    if export.dataset == "residents":
        sexes = export.codes.sent.get("sex", {"male": "", "female": ""})
        parts.append(_code_sql("sex", {"male": sexes["female"], "female": sexes["male"]}) + " AS _other_sex")
    if export.time:
        # a vendor that counts seconds or milliseconds writes too few digits before September 2001 to be a time at all
        births = "'2004-01-01'" if "epoch" in export.time else "'1970-01-01 08:00:00', '2000-01-01', '2004-01-01'"
        reset = f"list_extract([{births}]::TIMESTAMP[], 1 + (x * {births.count(',')})::INT)"
        reset += " + to_seconds((w * 80000)::BIGINT)"
        future = "occurred_at + to_days(40 + (w * 400)::INT)"
        parts += [
            f"{export.time.format(t=f'({reset})')} AS _reset",
            f"{export.time.format(t=f'({future})')} AS _future",
        ]
    for position, col in enumerate(export.columns):
        parts.append(f"{_cell_sql(export, col)} AS {identifier(col.field or extra_name(position))}")
    natural = "[]::VARCHAR[]"
    if export.dataset == "residents" and "id_type" not in export.fields:
        natural = "CASE WHEN _id_kind = 'passport' THEN ['id_invalid:id_number'] ELSE []::VARCHAR[] END"
    # the inner query's names must not hide the view's columns of the same name
    return f"SELECT *, {natural} AS reasons FROM (SELECT {', '.join(parts)} FROM {export.name}_base)"


def _spoilt_sql(task: Task) -> str:
    """``clean`` with at most one cell mess a row, and the reasons it must lead to."""
    export = task.export
    messes = cell_messes(task.dialect, export)
    low, arms = 0.0, []
    for i, (mess, rate) in enumerate(messes):
        high = min(1.0, low + rate)
        needed = " AND ".join(
            f"{f} IS NOT NULL" for f in mess.sets if f not in ("community", "community_code", "address")
        )
        arms.append(
            f"WHEN u >= {low:.6f} AND u < {high:.6f} AND ({mess.when}) {'AND ' + needed if needed else ''} THEN {i}"
        )
        low = high
    chosen = f"CASE {' '.join(arms)} ELSE -1 END" if arms else "-1"
    replaced = []
    for name in export.fields:
        changes = [f"WHEN {i} THEN {m.sets[name]}" for i, (m, _) in enumerate(messes) if name in m.sets]
        if changes:
            replaced.append(f"CASE _mess {' '.join(changes)} ELSE {name} END AS {name}")
    replaced.append(f"{_reasons_sql(messes)} AS reasons")
    names = "[" + ", ".join(quote(m.name) for m, _ in messes) + "]::VARCHAR[]"
    label = f"CASE WHEN _mess < 0 THEN []::VARCHAR[] ELSE [list_extract({names}, _mess + 1)] END"
    if export.dataset == "access_events":
        label = f"list_concat(CASE WHEN _late THEN ['late'] ELSE []::VARCHAR[] END, {label})"
    if export.dataset == "residents":
        label = f"list_concat(_slips, {label})"
    return f"SELECT * REPLACE ({', '.join(replaced)}), {label} AS mess FROM (SELECT *, {chosen} AS _mess FROM clean)"


def _reasons_sql(messes: list[tuple[Mess, float]]) -> str:
    arms = []
    for i, (mess, _) in enumerate(messes):
        own = "[" + ", ".join(quote(r) for r in mess.reasons) + "]::VARCHAR[]"
        arms.append(f"WHEN {i} THEN " + (own if mess.drops_natural else f"list_concat(reasons, {own})"))
    return f"list_sort(CASE _mess {' '.join(arms)} ELSE reasons END)" if arms else "reasons"


def _placed_sql(task: Task, count: int) -> str:
    """``spoilt`` with repeated and blank rows, each row with its delivery day ``day`` and position ``pos``."""
    export = task.export
    events = export.dataset == "access_events"
    day = "_file_day::DATE" if events and export.daily else "NULL::DATE"
    pieces = [f"SELECT s.* EXCLUDE (kind), kind, n::DOUBLE AS pos, {day} AS day FROM s"]
    repeats = f"d_w < {task.rate('repeat')}"
    pieces.append(
        f"SELECT * EXCLUDE (kind) REPLACE (list_append(mess, 'repeat') AS mess), kind, "
        f"n + 0.5 + floor(d_x * 40) AS pos, {day} AS day FROM s WHERE kind = 'record' AND {repeats}"
    )
    if task.rate("ragged") and export.format in ("csv", "tsv"):
        pieces[0] = pieces[0].replace("s.* EXCLUDE (kind), kind", f"s.* EXCLUDE (kind), {_ragged_sql(task)} AS kind")
    if task.rate("blank") and export.format in ("csv", "tsv", "xlsx", "html"):
        pieces.append(
            f"SELECT * EXCLUDE (kind) REPLACE ('' AS entity, ['blank'] AS mess, []::VARCHAR[] AS reasons), "
            f"'blank' AS kind, n + 0.7 AS pos, {day} AS day FROM s WHERE d_x > {1 - task.rate('blank')}"
        )
    if events:
        pieces += _event_pieces(task, day)
    source = "SELECT *, 'record' AS kind FROM spoilt JOIN draws USING (n)"
    return f"WITH s AS MATERIALIZED ({source}) {' UNION ALL BY NAME '.join(pieces)}"


def _ragged_sql(task: Task) -> str:
    return f"CASE WHEN len(mess) = 0 AND d_u > {1 - task.rate('ragged')} THEN 'ragged' ELSE 'record' END"


def _event_pieces(task: Task, day: str) -> list[str]:
    """Rows that tell of a pass again: on the second reader, replayed after an outage, in an overlapping window."""
    export = task.export
    assert export.time is not None
    plain = "len(mess) = 0 AND (plate IS NOT NULL OR card_number IS NOT NULL)"
    fresh = ", 'E' || substr(md5(entity || {}), 1, 14) AS event_code" if "event_code" in export.fields else ""
    again = export.time.format(t="(_at + to_seconds(1 + (d_w * 2)::BIGINT))")
    pieces = [
        f"SELECT * EXCLUDE (kind) REPLACE (['second_reader'] AS mess, _other_gate AS gate, {again} AS occurred_at"
        f"{fresh.format(quote('second'))}), 'record' AS kind, n + 0.6 AS pos, {day} AS day FROM s "
        f"WHERE {plain} AND d_u > 0.5 AND d_u < {0.5 + task.rate('second_reader')}",
        f"SELECT * EXCLUDE (kind) REPLACE (['replay'] AS mess{fresh.format(quote('replay'))}), 'record' AS kind, "
        f"n + 0.8 + floor(d_w * 2000) AS pos, {day} AS day FROM s "
        f"WHERE {plain} AND d_u > 0.6 AND d_u < {0.6 + task.rate('replay')}",
    ]
    if task.rate("overlap") and export.daily:
        pieces.append(
            f"SELECT * EXCLUDE (kind) REPLACE (['overlap'] AS mess), 'record' AS kind, -1e9 + n AS pos, "
            f"{day} + 1 AS day FROM s "
            f"WHERE {plain} AND hour(_at) >= 22 AND {day} < (SELECT max(_file_day)::DATE FROM s)"
        )
    return pieces


def _numbered_sql(task: Task) -> str:
    """``placed`` with part and row number. A part is a day's file, or the next so many rows, or the whole."""
    export = task.export
    order = "ORDER BY day, pos, kind, entity"
    cap = export.part_rows or 1_000_000_000
    head = header_rows(export)
    return f"""
        SELECT *, {head} + row_number() OVER (PARTITION BY part ORDER BY seq) AS row_number
        FROM (SELECT *, CASE WHEN day IS NULL THEN (seq - 1) // {cap}
                             ELSE dense_rank() OVER (ORDER BY day) - 1 END AS part
              FROM (SELECT *, row_number() OVER ({order}) AS seq FROM placed))
        ORDER BY seq"""
