"""Writes a table into a database, all rows or none."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from operators.builtin.data.database import check_url, database
from operators.errors import ColumnMissing, InputError

BATCH_ROWS = 5_000


def run(inputs: Mapping[str, Any], params: Mapping[str, Any], context: Any) -> dict[str, Any]:
    table = inputs["table"]
    with database(params, context, must_exist=False) as engine, engine.connect() as connection:
        if engine.dialect.name == "sqlite":
            # Else the driver begins a transaction only with the first row, after the old table is gone.
            connection.exec_driver_sql("BEGIN")
        target = _target(connection, table, params)
        done = 0
        for rows in _batches(table):
            connection.execute(target.insert(), rows)
            done += len(rows)
            context.progress(done / table.num_rows, f"{done:,} of {table.num_rows:,} rows")
        connection.commit()
    return {"metrics": {"rows": table.num_rows, "columns": table.num_columns, "table": params["name"]}}


def configure(schemas: Mapping[str, Any], params: Mapping[str, Any]) -> dict[str, Any]:
    check_url(params)
    return {"metrics": None}


def _target(connection: Any, table: Any, params: Mapping[str, Any]) -> Any:
    """The database table to insert into, made or emptied as the parameters say."""
    import sqlalchemy

    schema, _, name = params["name"].rpartition(".")
    there = sqlalchemy.inspect(connection).has_table(name, schema=schema or None)
    if there and params["existing"] == "fail":
        raise InputError(
            f"There is a table {params['name']!r} already. Choose another name, or say that it is to be replaced or"
            " added to."
        )
    if there and params["existing"] == "append":
        return _existing(connection, name, schema or None, table.column_names)
    columns = [sqlalchemy.Column(field.name, _type(field.type)) for field in table.schema]
    target = sqlalchemy.Table(name, sqlalchemy.MetaData(), *columns, schema=schema or None)
    if there:
        target.drop(connection)
    target.create(connection)
    return target


def _existing(connection: Any, name: str, schema: str | None, wanted: list[str]) -> Any:
    import sqlalchemy

    target = sqlalchemy.Table(name, sqlalchemy.MetaData(), schema=schema, autoload_with=connection)
    there = [column.name for column in target.columns]
    for column in wanted:
        if column not in there:
            raise ColumnMissing(column, there, "/name")
    return target


def _type(arrow: Any) -> Any:
    """The column type of a database that holds the values of an Arrow type."""
    import sqlalchemy

    from operators.artifacts.table import column_type

    types = {
        "integer": sqlalchemy.BigInteger,
        "number": sqlalchemy.Double,
        "boolean": sqlalchemy.Boolean,
        "date": sqlalchemy.Date,
        "datetime": sqlalchemy.DateTime,
        "time": sqlalchemy.Time,
        "duration": sqlalchemy.Interval,
        "binary": sqlalchemy.LargeBinary,
    }
    kind = column_type(arrow)
    if kind == "datetime" and arrow.tz is not None:
        return sqlalchemy.DateTime(timezone=True)
    return types.get(kind, sqlalchemy.Text)()


def _batches(table: Any) -> Iterator[list[dict[str, Any]]]:
    import pyarrow as pa

    nested = [field.name for field in table.schema if pa.types.is_nested(field.type)]
    for batch in table.to_batches(max_chunksize=BATCH_ROWS):
        rows = batch.to_pylist()
        for name in nested:
            _rewrite(rows, name, lambda value: json.dumps(value, ensure_ascii=False, default=str))
        if rows:
            yield rows


def _rewrite(rows: list[dict[str, Any]], name: str, convert: Callable[[Any], Any]) -> None:
    for row in rows:
        if row[name] is not None:
            row[name] = convert(row[name])
