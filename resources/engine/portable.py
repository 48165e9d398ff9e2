"""From DuckDB's SQL to Spark's, or a refusal: what is not known to mean the same is never let through.

SQLGlot does most of the work. What it would leave different without a word, or does not know, is put right by one short
list, :data:`VARIANTS`. A function that is neither in :data:`SAME` nor
written by a variant is refused.
In a model ``len`` is of a list, ``length`` of a text; ``list`` is of values that are not null.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from sqlglot import exp, parse
from sqlglot.dialects.duckdb import DuckDB
from sqlglot.dialects.spark import Spark
from sqlglot.errors import ErrorLevel, ParseError, UnsupportedError

Files = Callable[[list[str]], str]
"""Names the view over some Parquet files."""

WIDE = 1_000_000
"""Integers from this on are 64 bits wide on Spark: a product with one may leave 32 bits, where DuckDB has more."""


class NotPortable(ValueError):
    """A statement that means something else on Spark, or nothing; the message says which part of it."""


class _Models(DuckDB):
    class Parser(DuckDB.Parser):  # type: ignore[valid-type, misc]
        FUNCTIONS: ClassVar = {**DuckDB.Parser.FUNCTIONS, "LEN": exp.ArraySize.from_arg_list}


class _Spark(Spark):
    class Generator(Spark.Generator):  # type: ignore[valid-type, misc]
        TRANSFORMS: ClassVar = {
            **Spark.Generator.TRANSFORMS,
            exp.ArraySize: lambda self, e: self.func("ARRAY_SIZE", e.this),
            exp.ArrayOverlaps: lambda self, e: self.func("ARRAYS_OVERLAP", e.this, e.expression),
        }


SAME = frozenset(
    {
        "Abs", "And", "AnyValue", "ArgMax", "ArgMin", "Array", "ArrayAgg", "ArrayConcat", "ArrayContains",
        "ArrayFilter", "ArrayOverlaps", "ArrayPrepend", "ArraySize", "ArraySort", "ArrayToString", "BitwiseLeftShift",
        "Case", "Cast", "Chr", "Coalesce", "Concat", "ConcatWs", "Contains", "Count", "Day", "DenseRank", "Exists",
        "Explode", "FirstValue", "GenerateSeries", "Greatest", "GroupConcat", "If", "Lag", "Lead", "Least", "Left",
        "Length", "LogicalAnd", "LogicalOr", "MD5", "Max", "Min", "Month", "Nullif", "Or", "RegexpExtract",
        "RegexpLike", "RegexpReplace", "Replace", "Right", "Round", "RowNumber", "SplitPart", "StartsWith", "Struct",
        "Substring", "Sum", "TimestampTrunc", "Translate", "TryCast", "Upper", "Year",
    }
)  # fmt: skip
"""Functions, by SQLGlot's names, held to mean the same on both engines once translated. ``make spark`` compares
what they make."""

_WRITTEN = frozenset(
    {"array_sort", "collect_list", "add_months", "slice", "named_struct", "transform", "unix_micros", "xxhash64"}
)


def statements(sql: str) -> list[exp.Expr]:
    """The statements of a model. Raises :class:`NotPortable` where it cannot be read."""
    try:
        return [s for s in parse(sql, read=_Models) if s is not None]
    except ParseError as e:
        raise NotPortable(f"not understood: {e}") from e


def query_of(statement: exp.Expr) -> exp.Expr | None:
    """The query that a statement runs; None for one without. Raises :class:`NotPortable` for a statement of a kind that
    Spark's connection does not have."""
    match statement:
        case exp.Query():
            return statement
        case exp.Create(kind="TABLE", this=exp.Schema()) | exp.Drop() | exp.Set():
            return None
        case exp.Alter(kind="TABLE", args={"actions": [exp.AlterRename()]}) if not statement.args.get("options"):
            return None
        case exp.Create(kind="TABLE" | "VIEW", expression=exp.Query() as query):
            return query
        case exp.Insert(this=exp.Table(), expression=exp.Query() as query):
            return query
        case exp.Copy(this=exp.Subquery(this=query)):
            return query
    raise NotPortable(f"no such statement on Spark: {shown(statement)}")


def inserted_into(sql: str) -> tuple[str, list[str]]:
    """The table of ``INSERT INTO … VALUES``, and its columns where they are named. Raises :class:`NotPortable`."""
    (insert,) = statements(sql)
    if not (isinstance(insert, exp.Insert) and isinstance(insert.expression, exp.Values)):
        raise NotPortable(f"many times over only INSERT … VALUES is portable: {shown(insert)}")
    target = insert.this
    if isinstance(target, exp.Schema):
        return target.this.name, [c.name for c in target.expressions]
    return target.name, []


def to_spark(query: exp.Expr, files: Files) -> str:
    """A query in Spark's SQL. Raises :class:`NotPortable`."""
    query = query.copy()
    for table in list(query.find_all(exp.Table)):
        if isinstance(table.this, exp.ReadParquet):
            table.set("this", exp.to_identifier(files(_paths(table.this))))
    for kinds, rewrite in VARIANTS:
        # the innermost first, so that what is put around others holds them rewritten
        for node in reversed(list(query.find_all(*kinds))):
            new = rewrite(node)
            if node is query:
                query = new
            elif new is not node:
                node.replace(new)
    _refuse_unknown(query)
    try:
        return query.sql(dialect=_Spark, comments=False, unsupported_level=ErrorLevel.RAISE)
    except UnsupportedError as e:
        raise NotPortable(str(e)) from e


def condition_to_spark(condition: str) -> str:
    """A condition by itself, as one of a query's."""

    def no_files(paths: list[str]) -> str:
        raise NotPortable(f"a condition that reads {len(paths)} files")

    (query,) = statements(f"SELECT {condition}")
    return to_spark(query, no_files).removeprefix("SELECT ")


def _refuse_unknown(query: exp.Expr) -> None:
    for function in query.find_all(exp.Func, exp.Unnest, exp.Pivot, exp.Columns, exp.Comprehension):
        name = function.name.lower() if isinstance(function, exp.Anonymous) else type(function).__name__
        if name not in (_WRITTEN if isinstance(function, exp.Anonymous) else SAME):
            raise NotPortable(f"{name} is not known to mean the same on Spark: {shown(function)}")
    for union in query.find_all(exp.SetOperation):
        if union.args.get("by_name"):
            raise NotPortable(f"columns are put together by place on Spark: {shown(union)}")
    for join in query.find_all(exp.Join):
        if join.method:
            raise NotPortable(f"{join.method} joins are DuckDB's only: {shown(join)}")


def shown(node: exp.Expr) -> str:
    """The form of a part of a statement; what stands in quotes may be a value, and is left out."""
    bare = node.copy()
    for literal in list(bare.find_all(exp.Literal)):
        if literal.is_string:
            literal.set("this", "…")
    return bare.sql(dialect=_Models)[:120]


def _paths(read: exp.ReadParquet) -> list[str]:
    (argument,) = read.expressions
    literals = argument.expressions if isinstance(argument, exp.Array) else [argument]
    if not all(isinstance(v, exp.Literal) and v.is_string for v in literals):
        raise NotPortable("read_parquet of anything but paths")
    return [v.this for v in literals]


def _call(name: str, *arguments: exp.Expr) -> exp.Expr:
    return exp.Anonymous(this=name, expressions=list(arguments))


def _distinct_before_qualify(select: exp.Expr) -> exp.Expr:
    """QUALIFY chooses rows before DISTINCT; SQLGlot's subquery would turn the two around."""
    if not (select.args.get("qualify") and select.args.get("distinct")):
        return select
    inner = select.copy()
    inner.set("distinct", None)
    chosen = exp.Subquery(this=inner, alias=exp.TableAlias(this=exp.to_identifier("qualified")))
    return exp.Select(expressions=[exp.Star()], distinct=exp.Distinct()).from_(chosen)


def _unnested(select: exp.Expr) -> exp.Expr:
    """``unnest`` among the columns, inside an expression too, becomes a lateral view."""
    found = [u for column in select.expressions for u in column.find_all(exp.Explode) if u.parent_select is select]
    if not found:
        return select
    if len(found) > 1 or select.args.get("group") or any(isinstance(c, exp.Star) for c in select.expressions):
        raise NotPortable(f"unnest beside a star, a GROUP BY or another unnest: {shown(select)}")
    (unnest,) = found
    name = "unnested"
    lateral = exp.Lateral(
        this=exp.Explode(this=unnest.this.copy()),
        view=True,
        outer=False,
        alias=exp.TableAlias(this=exp.to_identifier(f"{name}_rows"), columns=[exp.to_identifier(name)]),
    )
    column = exp.column(name)
    unnest.replace(column if unnest.parent is not select else exp.alias_(column, "unnest"))
    select.set("laterals", [*select.args.get("laterals", []), lateral])
    return select


def _replaced(star: exp.Expr) -> exp.Expr:
    """``* REPLACE (x AS c)`` becomes all columns but c, and c at the end."""
    replaced = star.args.get("replace")
    if not replaced:
        return star
    select, column = star.parent_select, star.parent if isinstance(star.parent, exp.Column) else star
    if select is None:
        raise NotPortable("REPLACE outside a query")
    star.set("except_", [exp.to_identifier(r.alias) for r in replaced])
    star.set("replace", None)
    place = next(n for n, e in enumerate(select.expressions) if e is column)
    columns = list(select.expressions)
    select.set("expressions", [*columns[: place + 1], *replaced, *columns[place + 1 :]])
    return star


def _of_values(aggregate: exp.Expr) -> exp.Expr:
    """``arg_min`` passes over rows whose value is null; Spark's ``min_by`` answers null."""
    has_value = exp.Not(this=exp.Is(this=aggregate.this.copy(), expression=exp.Null()))
    if isinstance(aggregate.parent, exp.Filter):
        where = aggregate.parent.expression
        where.set("this", exp.and_(where.this.copy(), has_value))
        return aggregate
    return exp.Filter(this=aggregate.copy(), expression=exp.Where(this=has_value))


def _as_texts(concat: exp.Expr) -> exp.Expr:
    """``concat`` takes nulls for empty and any type for text; Spark would take an empty text for a bad number."""
    concat.set(
        "expressions",
        [v if isinstance(v, exp.Literal) and v.is_string else exp.cast(v.copy(), "text") for v in concat.expressions],
    )
    return concat


def _from_one(filtered: exp.Expr) -> exp.Expr:
    """A list's places begin with 1; those of Spark's ``filter`` with 0."""
    function = filtered.expression
    if isinstance(function, exp.Lambda) and len(function.expressions) == 2:
        place = function.expressions[1].name
        for used in list(function.this.find_all(exp.Identifier, exp.Column)):
            if used.name == place and not isinstance(used.parent, exp.Column):
                used.replace(exp.paren(exp.Add(this=used.copy(), expression=exp.Literal.number(1)), copy=False))
    return filtered


def _sliced(bracket: exp.Expr) -> exp.Expr:
    """``list[1:n]``; a single place beyond the end is null in DuckDB and an error on Spark."""
    (part,) = bracket.expressions
    if not (isinstance(part, exp.Slice) and part.this and part.expression and part.this.name == "1"):
        raise NotPortable(f"of lists only [1:n] is portable: {shown(bracket)}")
    return _call("slice", bracket.this.copy(), exp.Literal.number(1), part.expression.copy())


def _listed(aggregate: exp.Expr) -> exp.Expr:
    """``list`` of no rows is null, not empty; its order is Spark's to be asked for."""
    order = aggregate.this
    whole = aggregate.parent if isinstance(aggregate.parent, exp.Filter) else aggregate
    if whole is not aggregate:
        return aggregate  # told again with its filter
    return _null_when_empty(_collected(aggregate)) if not isinstance(order, exp.Order) else _ordered(order)


def _filtered_list(node: exp.Expr) -> exp.Expr:
    if not isinstance(node.this, exp.ArrayAgg):
        return node
    return _null_when_empty(exp.Filter(this=_collected(node.this), expression=node.expression.copy()))


def _collected(aggregate: exp.Expr) -> exp.Expr:
    return _call("collect_list", aggregate.this.copy())


def _ordered(order: exp.Order) -> exp.Expr:
    keys = [o.this.copy() for o in order.expressions if not o.args.get("desc")]
    if len(keys) != len(order.expressions):
        raise NotPortable(f"a list in falling order: {shown(order)}")
    # a struct without names of its own would take those of the columns
    fields = [
        part for n, value in enumerate([*keys, order.this.copy()], 1) for part in (exp.Literal.string(f"col{n}"), value)
    ]
    pairs = _call("collect_list", _call("named_struct", *fields))
    last = exp.Lambda(this=exp.column(f"col{len(keys) + 1}", table="pair"), expressions=[exp.to_identifier("pair")])
    return _null_when_empty(_call("transform", _call("array_sort", pairs), last))


def _null_when_empty(listed: exp.Expr) -> exp.Expr:
    return exp.Nullif(this=listed, expression=exp.Array(expressions=[]))


_RENAMED = {"hash": "xxhash64", "epoch_us": "unix_micros"}


def _as_text(cast: exp.Expr) -> exp.Expr:
    """An enumeration is DuckDB's way to hold texts as numbers; Spark holds the texts (one that is not listed, an error
    in DuckDB, too)."""
    if not cast.to.is_type(exp.DataType.Type.ENUM):  # type: ignore[attr-defined]
        return cast
    if isinstance(cast, exp.TryCast):
        raise NotPortable(f"null for a text that is not listed: {shown(cast)}")
    return exp.cast(cast.this.copy(), "text")


def _renamed(function: exp.Expr) -> exp.Expr:
    """``hash`` is another number on each engine: models may group by it, never keep it."""
    if function.name.lower() in _RENAMED:
        return _call(_RENAMED[function.name.lower()], *(a.copy() for a in function.expressions))
    return function


def _years_later(add: exp.Expr) -> exp.Expr:
    years = add.expression
    if isinstance(years, exp.Anonymous) and years.name.lower() == "to_years":
        return _call(
            "add_months", add.this.copy(), exp.Mul(this=years.expressions[0].copy(), expression=exp.Literal.number(12))
        )
    return add


def _wide_places(window: exp.Expr) -> exp.Expr:
    """Ranks are 64 bits wide in DuckDB, 32 on Spark."""
    return exp.cast(window.copy(), "bigint") if isinstance(window.this, (exp.RowNumber, exp.DenseRank)) else window


def _wide(literal: exp.Expr) -> exp.Expr:
    return exp.cast(literal.copy(), "bigint") if literal.is_int and int(literal.name) >= WIDE else literal


def _divided(quotient: exp.Expr) -> exp.Expr:
    """``/`` is of floating-point numbers; Spark would round decimals."""
    return exp.Div(
        this=exp.cast(quotient.this.copy(), "double"), expression=exp.cast(quotient.expression.copy(), "double")
    )


def _replaced_everywhere(function: exp.Expr) -> exp.Expr:
    if "g" not in str(function.args.get("modifiers") or ""):
        raise NotPortable(f"regexp_replace without 'g' replaces once in DuckDB, all on Spark: {shown(function)}")
    return function


Rewrite = Callable[[exp.Expr], exp.Expr]
VARIANTS: tuple[tuple[tuple[type[exp.Expr], ...], Rewrite], ...] = (
    ((exp.Select,), _distinct_before_qualify),
    ((exp.Select,), _unnested),
    ((exp.Star,), _replaced),
    ((exp.ArgMin, exp.ArgMax), _of_values),
    ((exp.Cast,), _as_text),
    ((exp.Concat,), _as_texts),
    ((exp.ArrayFilter,), _from_one),
    ((exp.Filter,), _filtered_list),
    ((exp.ArrayAgg,), _listed),
    ((exp.Bracket,), _sliced),
    ((exp.Add,), _years_later),
    ((exp.Anonymous,), _renamed),
    ((exp.Window,), _wide_places),
    ((exp.Literal,), _wide),
    ((exp.Div,), _divided),
    ((exp.RegexpReplace,), _replaced_everywhere),
)
"""What is said otherwise on Spark, in the order in which it is."""
