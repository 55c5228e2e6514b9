"""Asks one SQL query over up to four tables."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Mapping
from typing import Any

from operators.errors import InputError, ParameterError
from operators.frames import empty_frame
from operators.schemas import TableSchema

# The query reads the tables that are wired in and nothing else, so that equal inputs give equal results.
SETTINGS = {"enable_external_access": "false", "lock_configuration": "true"}
MOST_THREADS = 4


def run(inputs: Mapping[str, Any], params: Mapping[str, Any], context: Any) -> dict[str, Any]:
    return {"table": _answer(inputs, params["query"], context.seed)}


def configure(schemas: Mapping[str, Any], params: Mapping[str, Any]) -> dict[str, Any]:
    from operators.artifacts.table import table_schema

    if not all(isinstance(schema, TableSchema) for schema in schemas.values()):
        _statement(_connected({}), params["query"])
        return {"table": None}
    empty = {name: empty_frame(schema).collect().to_arrow() for name, schema in schemas.items()}
    answer = table_schema(_answer(empty, params["query"], 0).schema)
    if any(column.type == "unknown" for schema in schemas.values() for column in schema.columns):
        # What comes of a column whose type is not known is not known either.
        return {"table": None}
    return {"table": answer}


def _answer(tables: Mapping[str, Any], query: str, seed: int) -> Any:
    import duckdb

    connection = _connected(tables, query)
    statement = _statement(connection, query)
    try:
        connection.execute("SELECT setseed(?)", [(seed % 2_000_001) / 1_000_000 - 1]).fetchall()
        relation = connection.sql(statement.query)
        _require_different(relation.columns)
        return _plain_numbers(relation.arrow(), relation.types)
    except (duckdb.ProgrammingError, duckdb.PermissionException, duckdb.NotSupportedError) as error:
        raise ParameterError(_explained(error, tables), "/query") from error
    except duckdb.DataError as error:
        raise InputError(f"The query stopped at a value: {_explained(error, tables)}") from error


def _connected(tables: Mapping[str, Any], query: str = "") -> Any:
    import duckdb

    # Several threads take random numbers in an order that no seed decides.
    alone = "random" in query.lower() or "sample" in query.lower()
    threads = 1 if alone else min(len(os.sched_getaffinity(0)), MOST_THREADS)
    connection = duckdb.connect(config={**SETTINGS, "threads": threads})
    for name, table in tables.items():
        connection.register(name, table)
    return connection


def _statement(connection: Any, query: str) -> Any:
    import duckdb

    try:
        statements = connection.extract_statements(query)
    except duckdb.Error as error:
        raise ParameterError(_explained(error, {}), "/query") from error
    if len(statements) != 1 or statements[0].type != duckdb.StatementType.SELECT:
        found = ", ".join(statement.type.name for statement in statements) or "nothing"
        raise ParameterError(f"Expected one SELECT, found {found}. Write a single query without changes.", "/query")
    return statements[0]


def _require_different(names: list[str]) -> None:
    twice = [name for name, count in Counter(names).items() if count > 1]
    if twice:
        raise ParameterError(f"The query gives several columns called {twice[0]!r}. Name them apart with AS.", "/query")


def _plain_numbers(reader: Any, types: list[Any]) -> Any:
    """The table, with integers of 128 bits (as sums of integers are) made 64 bit ones and decimals made real."""
    import pyarrow as pa

    table = reader.read_all()
    for index, kind in enumerate(types):
        if pa.types.is_decimal(table.schema.field(index).type):
            wanted = pa.int64() if str(kind) in ("HUGEINT", "UHUGEINT") else pa.float64()
            table = table.set_column(index, table.column_names[index], table.column(index).cast(wanted))
    return table


def _explained(error: Exception, tables: Mapping[str, Any]) -> str:
    # DuckDB shows the query and guesses at tables of its own; what is wrong stands before that.
    lines = [line for line in str(error).split("\n\nLINE")[0].splitlines() if not line.startswith("Did you mean")]
    there = f" The tables are {', '.join(sorted(tables))}." if tables else ""
    return f"{' '.join(lines).strip().rstrip('.!')}.{there}"
