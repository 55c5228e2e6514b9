"""Runs a Python function that is written in the node."""

from __future__ import annotations

import ast
import linecache
from collections.abc import Callable, Mapping
from typing import Any

from operators.errors import InputError, ParameterError
from operators.schemas import Column, TableSchema

FILE = "<code of the node>"
INPUTS = ("table", "second", "other")
ARGUMENTS = (*INPUTS, "params", "context")
OUTPUTS = {"table", "value"}


def run(inputs: Mapping[str, Any], params: Mapping[str, Any], context: Any) -> dict[str, Any]:
    names = _arguments(params["code"])
    given: dict[str, Any] = {"params": dict(params["params"]), "context": context}
    for name in names:
        if name in INPUTS:
            if name not in inputs:
                raise InputError(f"The function takes {name!r}, and nothing is wired to that input. Wire it.")
            given[name] = _given(inputs[name], params["table_as"])
    returned = _defined(params["code"])(**{name: given[name] for name in names})
    outputs = _outputs(returned)
    _check_columns(outputs.get("table"), params["columns"])
    return outputs


def configure(schemas: Mapping[str, Any], params: Mapping[str, Any]) -> dict[str, Any]:
    _arguments(params["code"])
    columns = tuple(Column(column["name"], column["type"]) for column in params["columns"])
    return {"table": TableSchema(columns) if columns else None, "value": None}


def _arguments(code: str) -> list[str]:
    """The names of the arguments of `run`, found without running anything.

    Raises:
        ParameterError: the code is no Python, defines no `run`, or `run` takes what it is not given.
    """
    try:
        module = ast.parse(code, FILE)
    except (SyntaxError, ValueError) as error:
        where = f" in line {error.lineno}" if isinstance(error, SyntaxError) and error.lineno else ""
        told = error.msg if isinstance(error, SyntaxError) else str(error)
        raise ParameterError(f"The code is no Python{where}: {told}.", "/code") from error
    functions = [node for node in module.body if isinstance(node, ast.FunctionDef) and node.name == "run"]
    if not functions:
        raise ParameterError("The code defines no function `run`. Write `def run(table): …`.", "/code")
    taken = functions[-1].args
    names = [argument.arg for argument in (*taken.posonlyargs, *taken.args, *taken.kwonlyargs)]
    unknown = [name for name in names if name not in ARGUMENTS]
    if unknown or taken.posonlyargs:
        raise ParameterError(
            f"`run` in line {functions[-1].lineno} takes {', '.join(map(repr, unknown or names))}; it is given any of"
            f" {', '.join(ARGUMENTS)}, by name.",
            "/code",
        )
    return names


def _defined(code: str) -> Callable[..., Any]:
    # Known to linecache, so that a traceback shows the lines of the code.
    linecache.cache[FILE] = (len(code), None, code.splitlines(keepends=True), FILE)
    namespace: dict[str, Any] = {"__name__": "node"}
    exec(compile(code, FILE, "exec"), namespace)  # noqa: S102 - to run this code is what the operator is for
    function: Callable[..., Any] = namespace["run"]
    return function


def _given(value: Any, table_as: str) -> Any:
    """A table as it was asked for; everything else as it is."""
    import pyarrow as pa

    if not isinstance(value, pa.Table) or table_as == "arrow":
        return value
    if table_as == "pandas":
        return value.to_pandas()
    import polars as pl

    frame = pl.from_arrow(value)
    return frame.lazy() if table_as == "lazy" and isinstance(frame, pl.DataFrame) else frame


def _outputs(returned: Any) -> dict[str, Any]:
    from operators.artifacts.formats import type_of

    if returned is None:
        return {}
    if isinstance(returned, dict) and returned and returned.keys() <= OUTPUTS:
        return returned
    return {"table" if type_of(returned) == "table" else "value": returned}


def _check_columns(table: Any, declared: list[Mapping[str, Any]]) -> None:
    if not declared or table is None:
        return
    names = [str(name) for name in _names(table)]
    wanted = [column["name"] for column in declared]
    if names != wanted:
        raise InputError(
            f"The function was to return the columns {', '.join(map(repr, wanted))}; it returned"
            f" {', '.join(map(repr, names)) or 'none'}. Mend the code, or what is said of its columns."
        )


def _names(table: Any) -> Any:
    if hasattr(table, "column_names"):
        return table.column_names
    return table.collect_schema().names() if hasattr(table, "collect_schema") else table.columns
