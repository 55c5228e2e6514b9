"""Keeps the rows for which an expression is true."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from operators.errors import ParameterError
from operators.frames import check_expression, coarse_type, empty_frame, known_table, parse_expression


def run(inputs: Mapping[str, Any], params: Mapping[str, Any], context: Any) -> dict[str, Any]:
    condition = _condition(inputs["table"], params)
    if params["keep"] == "false":
        condition = ~condition.fill_null(False)
    return {"table": inputs["table"].filter(condition)}


def configure(schemas: Mapping[str, Any], params: Mapping[str, Any]) -> dict[str, Any]:
    schema = known_table(schemas, "table")
    if schema is None:
        parse_expression(params["expression"], "/expression")
    else:
        _condition(empty_frame(schema), params)
    return {"table": schema}


def _condition(frame: Any, params: Mapping[str, Any]) -> Any:
    text = params["expression"]
    expression = parse_expression(text, "/expression")
    found = coarse_type(check_expression(expression, text, frame, "/expression"))
    if found not in ("boolean", "unknown"):
        raise ParameterError(
            f"{text!r} gives a value of type {found}; a condition must be true or false. Compare it with something,"
            f" such as {text} > 0.",
            "/expression",
        )
    return expression
