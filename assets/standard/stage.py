"""One staged table for a delivery: every record read, judged once, ready to be written in parts.

landing → records and exact duplicates → distinct values read aside → joined back → layers → judged
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from itertools import zip_longest
from pathlib import Path

import duckdb
import pyarrow as pa

from assets.landing.delivery import Delivery
from assets.standard.rules import Context, Judgement, Layer, Part, Spellings, field_parts, record_part
from assets.standard.rules.identity import ROUNDED_SHARE
from assets.standard.rules.part import SPELLINGS
from assets.standard.sql import one_of
from expectations.contracts.datasets import PROVENANCE, WARNINGS
from expectations.contracts.model import Dataset
from expectations.contracts.reasons import ERASED
from resources.duck import identifier, one_value, quote
from resources.engine import Connection

RECORDS, DUPLICATES, STAGED = "std_records", "std_duplicates", "std_staged"
OF_DELIVERY = ("company", "feed", "delivery_id", "delivered_on")
"""Columns of a record's provenance that are the same in the whole delivery."""
OF_ROW = ("file", "row_number", "record_hash", "row_kind", "raw_line")
"""Columns of every landed row but those and the fields."""

_MAY_REPEAT = f"""hash(record_hash) IN (
    SELECT hash(record_hash) FROM {RECORDS} GROUP BY 1 HAVING count(*) > 1)"""
"""Whether a content may occur twice. Numbers stay inside the hash table's own slots: half the time of grouping by the
texts; two contents of one number are told apart afterwards."""


class Stage:
    """The temporary tables of one delivery on one connection; a context manager that drops them.

    ``std_records``: the landed records, fields as ``raw_<field>``. ``std_duplicates``: file, row_number and the
    surviving row. ``std_staged``: file, row_number, record_hash, the dataset's columns, ``reasons`` (NULL for none),
    ``warnings``; what of a record's provenance is the whole delivery's, it need not repeat.

    ``landed``: the landed rows, as a query names them; ``filled``: the fields of which any row has a value.
    """

    def __init__(self, con: duckdb.DuckDBPyConnection, landed: str, filled: Collection[str]) -> None:
        self.con = con
        self.landed = landed
        self.engine: Connection = con
        self._filled = filled
        self._made: list[tuple[str, str]] = []
        self._repeats = False

    def __enter__(self) -> Stage:
        return self

    def __exit__(self, *exc: object) -> None:
        for kind, name in reversed(self._made):
            self.con.execute(f"DROP {kind} IF EXISTS {name}")

    def _make(self, kind: str, name: str, query: str) -> None:
        self._made.append((kind, name))
        self.con.execute(f"CREATE TEMP {kind} {name} AS {query}")

    def _make_of_all(self, kind: str, name: str, query: str) -> None:
        """Make what needs the whole delivery."""
        self._make(kind, name, query)

    def records(self, dataset: Dataset) -> None:
        """Name the landed records. A field without any value is a constant NULL, which costs nothing further on."""
        provenance = ", ".join(c.name for c in PROVENANCE)
        fields = ", ".join(
            f"{identifier(f.name) if f.name in self._filled else 'CAST(NULL AS VARCHAR)'} AS raw_{f.name}"
            for f in dataset.fields
        )
        query = f"SELECT {provenance}, {fields} FROM {self.landed} WHERE row_kind = 'record'"
        self._make_of_all("VIEW", RECORDS, query)

    def rounded_files(self, dataset: Dataset) -> dict[str, tuple[str, ...]]:
        """Per ID field, the files in which more than a fifth of the 18-character numbers end in 000."""
        found = {}
        for name in (f.name for f in dataset.fields if f.kind == "id_number" and f.name in self._filled):
            rows = self.engine.execute(
                f"""SELECT file FROM {RECORDS} WHERE length(raw_{name}) = 18 GROUP BY file
                HAVING count(*) FILTER (WHERE right(raw_{name}, 3) = '000') > {ROUNDED_SHARE} * count(*)"""
            ).fetchall()
            found[name] = tuple(sorted(r[0] for r in rows))
        return found

    def duplicates(self) -> None:
        """Records of equal content within the delivery; the first by file and row stays."""
        self._make_of_all(
            "TABLE",
            DUPLICATES,
            f"""SELECT r.* EXCLUDE (first), r.first.file AS duplicate_of_file, r.first.row_number AS duplicate_of_row
            FROM (
                SELECT {", ".join(c.name for c in PROVENANCE)},
                    min({{'file': file, 'row_number': row_number}}) OVER (PARTITION BY record_hash) AS first
                FROM {RECORDS} WHERE {_MAY_REPEAT}
            ) r
            WHERE NOT (r.file = r.first.file AND r.row_number = r.first.row_number)""",
        )
        self._repeats = self.con.table(DUPLICATES).limit(1).fetchone() is not None

    def judge(self, ctx: Context) -> None:
        """Read and judge every record that is no duplicate."""
        fields, record = field_parts(ctx), record_part(ctx)
        self._spell(s for p in fields for s in p.spellings if p.reads in self._filled)
        joined = self._joined([p for p in fields if p.key is not None])
        inline = [p.layers for p in fields if p.key is None]
        known = set(self.con.sql(f"SELECT * FROM ({joined}) LIMIT 0").columns)
        stacked = ({k: v for layer in step if layer for k, v in layer.items()} for step in zip_longest(*inline))
        layered = layers_over(joined, [*stacked, *record.layers], known)
        judgements = [j for p in (*fields, record) for j in p.judgements]
        self._make("TABLE", STAGED, _judged(layered, ctx.dataset, judgements))

    def _spell(self, spellings: Iterable[Spellings]) -> None:
        """One table of all spellings, each folded its own way."""
        named = {s.name: s for s in spellings}
        if not named:
            return
        rows = [(s.name, *row, rank) for s in named.values() for rank, row in enumerate(s.rows)]
        types = (pa.string(), pa.string(), pa.string(), pa.int64())
        columns = [pa.array([r[n] for r in rows], t) for n, t in enumerate(types)]
        folds = " ".join(f"WHEN {quote(s.name)} THEN {s.fold}" for s in named.values())
        self.con.register("std_rows", pa.table(columns, names=["name", "spelling", "meaning", "rank"]))
        self._make(
            "TABLE",
            SPELLINGS,
            f"""SELECT name, spelling, arg_min(meaning, rank) AS meaning
            FROM (SELECT name, CASE name {folds} END AS spelling, meaning, rank FROM std_rows)
            GROUP BY name, spelling
            HAVING count(DISTINCT meaning) = 1 OR NOT {one_of("name", [n for n, s in named.items() if s.unique])}""",
        )
        self.con.unregister("std_rows")

    def _joined(self, parts: Iterable[Part]) -> str:
        """The records without duplicates, with the columns of every part that is read by distinct value."""
        gives, joins = [], []
        for n, part in enumerate(parts):
            table, alias = f"std_values_{n}", f"v{n}"
            if part.reads in self._filled:
                distinct = f"SELECT DISTINCT {part.key} AS key FROM {RECORDS} WHERE {part.key} IS NOT NULL"
                layered = layers_over(distinct, part.layers, {"key"})
                self._make("TABLE", table, f"SELECT key, {', '.join(part.gives)} FROM ({layered})")
                gives += [f"{alias}.{c}" for c in part.gives]
                joins.append(f"LEFT JOIN {table} {alias} ON {alias}.key = {part.key}")
            else:
                gives += [f"CAST(NULL AS {type_}) AS {c}" for c, type_ in part.gives.items()]
        return f"SELECT r.*, {', '.join(gives)} FROM {RECORDS} r {' '.join(joins)} {self._but_duplicates()}"

    def _but_duplicates(self) -> str:
        """What leaves the duplicates out of rows called r; nothing where there are none."""
        same = "d ON d.file = r.file AND d.row_number = r.row_number"
        return f"ANTI JOIN {DUPLICATES} {same}" if self._repeats else ""


def of_delivery(delivery: Delivery) -> str:
    """SQL of :data:`OF_DELIVERY`, to be written to Parquet with rows of this delivery."""
    texts = ", ".join(f"{one_value(getattr(delivery, name))} AS {name}" for name in OF_DELIVERY[:-1])
    return f"{texts}, DATE {quote(delivery.delivered_on.isoformat())} AS {OF_DELIVERY[-1]}"


def filled_fields(con: duckdb.DuckDBPyConnection, landed: Path) -> frozenset[str]:
    """The columns of a landed delivery's Parquet in which any row has a value, as its metadata tells."""
    counted = con.execute(
        f"""SELECT path_in_schema, sum(num_values - coalesce(stats_null_count, 0))
        FROM parquet_metadata({quote(landed)}) GROUP BY path_in_schema"""
    ).fetchall()
    return frozenset(name for name, values in counted if values)


def layers_over(query: str, layers: Iterable[Layer], known: Iterable[str]) -> str:
    """Nest the layers over a query that has the ``known`` columns; a layer may replace columns it has."""
    names = set(known)
    for layer in layers:
        if layer:
            replaced = names & set(layer)
            star = f"* EXCLUDE ({', '.join(sorted(replaced))})" if replaced else "*"
            query = f"SELECT {star}, {_columns(layer)} FROM ({query})"
            names |= set(layer)
    return query


def _columns(layer: Mapping[str, str]) -> str:
    return ", ".join(f"{expression} AS {name}" for name, expression in layer.items())


def _judged(layered: str, dataset: Dataset, judgements: Iterable[Judgement]) -> str:
    """The last layers: every condition once, then the lists of those that hold, sorted as text."""
    ranked = sorted(judgements, key=lambda j: j.key)
    flags = {f"j{n}": f"coalesce({j.condition}, false)" for n, j in enumerate(ranked)}

    def listed(quarantines: bool, none: str) -> str:
        chosen = [(f"j{n}", j.key) for n, j in enumerate(ranked) if j.quarantines is quarantines]
        if not chosen:
            return none
        held = ", ".join(f"CASE WHEN {flag} THEN {quote(key)} END" for flag, key in chosen)
        return f"""CASE WHEN {" OR ".join(flag for flag, _ in chosen)}
            THEN list_filter([{held}], lambda x: x IS NOT NULL) ELSE {none} END"""

    own = (c for c in PROVENANCE if c.name not in OF_DELIVERY)
    columns = [*own, *(c for c in dataset.columns if c.name != WARNINGS.name)]
    typed = ", ".join(f"CAST({c.name} AS {c.type}) AS {c.name}" for c in columns)
    extra = ", sex__compared" if dataset.name == "residents" else ""
    return f"""SELECT {typed}{extra}, {listed(True, "CAST(NULL AS VARCHAR[])")} AS reasons,
            {listed(False, "CAST([] AS VARCHAR[])")} AS warnings
        FROM (SELECT *, {_columns(flags)} FROM ({layered}))"""


def quarantine_rows(dataset: Dataset, landed: str) -> Iterator[str]:
    """Queries for the rows set aside: judged records, rows that could not be cut into cells, rows erased at landing.

    ``raw`` is a JSON object of what was sent.
    """
    provenance, landed_provenance = (", ".join(f"{x}.{c.name}" for c in PROVENANCE) for x in "rs")
    sent = ", ".join(
        f"""CASE WHEN r.raw_{f.name} IS NOT NULL THEN '"{f.name}":' || to_json(r.raw_{f.name}) END"""
        for f in dataset.fields
    )
    yield f"""SELECT {provenance}, {quote(dataset.name)} AS dataset, s.reasons, s.warnings,
            '{{' || concat_ws(',', {sent}) || '}}' AS raw
        FROM {STAGED} s JOIN {RECORDS} r ON r.file = s.file AND r.row_number = s.row_number
        WHERE s.reasons IS NOT NULL"""
    yield f"""SELECT {landed_provenance}, {quote(dataset.name)} AS dataset, ['row_malformed:row'] AS reasons,
            CAST([] AS VARCHAR[]) AS warnings, '{{"raw_line":' || coalesce(to_json(s.raw_line), 'null') || '}}' AS raw
        FROM {landed} s WHERE s.row_kind = 'malformed'"""
    yield f"""SELECT {landed_provenance}, {quote(dataset.name)} AS dataset, ['{ERASED}:row'] AS reasons,
            CAST([] AS VARCHAR[]) AS warnings, '{{}}' AS raw
        FROM {landed} s WHERE s.row_kind = 'erased'"""
