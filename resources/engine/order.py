"""What a query is sorted by, told apart from the query: Spark makes the rows, DuckDB sorts what Spark wrote."""

from __future__ import annotations

from sqlglot import exp

from resources.duck import identifier
from resources.engine.portable import NotPortable, shown


def without_order(query: exp.Expr) -> tuple[exp.Expr, str, str]:
    """A query whose rows are to be sorted elsewhere: the same unsorted, with what it is sorted by even where that is
    not among its columns; its columns; and the terms to sort by, empty where it has none. DuckDB keeps the order of the
    one subquery that a query is of, so what sorts that sorts the query. Raises :class:`NotPortable`."""
    query = query.copy()
    outer: list[exp.Query] = []
    ordered = query
    while isinstance(ordered, exp.Query) and ordered.args.get("order") is None and _is_of_one_subquery(ordered):
        outer.append(ordered)
        ordered = ordered.args["from_"].this.this
    order = ordered.args.get("order")
    if order is None:
        return query, "*", ""
    names = _names(order)
    if not (isinstance(query, exp.Query) and isinstance(ordered, exp.Query)):
        raise NotPortable(f"sorted, yet no query: {shown(query)}")
    if not names or _leaves_out(names, ordered) or not all(_keeps(names, q) for q in outer):
        raise NotPortable(f"not to be sorted elsewhere: {shown(query)}")
    if not (ordered.args.get("limit") or ordered.args.get("offset")):  # else it decides which rows there are
        ordered.set("order", None)
    columns = "*"
    beside = [name for name in names if name not in query.named_selects]
    if beside and not query.is_star:
        plain = isinstance(query, exp.Select) and not (query.args.get("group") or query.args.get("distinct"))
        if not plain or outer:
            raise NotPortable(f"sorted by what is not among its columns: {shown(query)}")
        columns = ", ".join(map(identifier, query.named_selects))
        query = query.select(*(exp.column(name, quoted=True) for name in beside))
    return query, columns, ", ".join(f"{identifier(name)}{falling}" for name, falling in names.items())


def _names(order: exp.Expr) -> dict[str, str]:
    """The columns sorted by, each with `` DESC`` or nothing; none where one is no column or has nulls first."""
    if any(not isinstance(o.this, exp.Column) or o.args.get("nulls_first") for o in order.expressions):
        return {}
    return {o.this.name: " DESC" if o.args.get("desc") else "" for o in order.expressions}


def _keeps(names: dict[str, str], query: exp.Query) -> bool:
    """Whether the columns that its subquery is sorted by are called the same in a query's rows; no window may ask for
    the order."""
    return not _leaves_out(names, query) and not any(
        column.find(exp.Window) or (column.alias_or_name in names and not _is_itself(column))
        for column in query.selects
    )


def _leaves_out(names: dict[str, str], query: exp.Query) -> bool:
    """Whether a star leaves out a column sorted by, or puts another in its place."""
    stars = [star for column in query.selects for star in column.find_all(exp.Star)]
    listed = [c for star in stars for kind in ("except_", "replace") for c in star.args.get(kind) or ()]
    return any(c.alias_or_name in names for c in listed)


def _is_itself(column: exp.Expr) -> bool:
    """A column under its own name, or cast to another type, which the contracts do for every one of them."""
    inner = column.unalias()
    inner = inner.this if type(inner) is exp.Cast else inner
    return isinstance(inner, exp.Column) and inner.name == column.alias_or_name


def _is_of_one_subquery(query: exp.Expr) -> bool:
    """Whether a query is the rows of a subquery, one for one."""
    said = {name for name, value in query.args.items() if value}
    return said == {"expressions", "from_"} and isinstance(query.args["from_"].this, exp.Subquery)
