"""Parameters of an operator, completed by the defaults of their schema."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from typing import Any

Schema = Mapping[str, Any]


def with_defaults(schema: Schema, params: Mapping[str, Any]) -> dict[str, Any]:
    """`params` with every default of `schema` that applies and is not given.

    Looks into nested objects, lists of objects, local `$ref`, `allOf`, the branch of a `oneOf` or `anyOf` whose
    constants fit, and `if`/`then`/`else` whose condition names constants. What is given is never changed.
    """
    filled = _fill(schema, dict(params), schema)
    return filled if isinstance(filled, dict) else dict(params)


def _fill(schema: Any, value: Any, root: Schema) -> Any:
    if not isinstance(schema, Mapping):
        return value
    if "$ref" in schema:
        value = _fill(_target(root, schema["$ref"]), value, root)
    if isinstance(value, dict):
        value = _fill_object(schema, value, root)
    elif isinstance(value, list) and isinstance(schema.get("items"), Mapping):
        value = [_fill(schema["items"], item, root) for item in value]
    for part in schema.get("allOf", ()):
        value = _fill(part, value, root)
    for keyword in ("oneOf", "anyOf"):
        branch = next((branch for branch in schema.get(keyword, ()) if _fits(branch, value, root)), None)
        value = _fill(branch, value, root)
    if "if" in schema:
        value = _fill(schema.get("then" if _fits(schema["if"], value, root) else "else"), value, root)
    return value


def _fill_object(schema: Schema, value: dict[str, Any], root: Schema) -> dict[str, Any]:
    filled = dict(value)
    for name, part in schema.get("properties", {}).items():
        if not isinstance(part, Mapping):
            continue
        if name not in filled and "default" in part:
            filled[name] = deepcopy(part["default"])
        if name in filled:
            filled[name] = _fill(part, filled[name], root)
    return filled


def _fits(schema: Any, value: Any, root: Schema) -> bool:
    """Whether the types and constants that `schema` names are those of `value`; a quick test, not a validation."""
    if isinstance(schema, bool):
        return schema
    if "$ref" in schema and not _fits(_target(root, schema["$ref"]), value, root):
        return False
    if "const" in schema and value != schema["const"]:
        return False
    if "enum" in schema and value not in schema["enum"]:
        return False
    if "type" in schema and not _is_type(value, schema["type"]):
        return False
    if isinstance(value, dict):
        if any(name not in value for name in schema.get("required", ())):
            return False
        properties = schema.get("properties", {})
        return all(_fits(part, value[name], root) for name, part in properties.items() if name in value)
    return True


_TYPES: dict[str, tuple[type, ...]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "boolean": (bool,),
    "number": (int, float),
    "integer": (int,),
    "null": (type(None),),
}


def _is_type(value: Any, names: str | list[str]) -> bool:
    listed = [names] if isinstance(names, str) else names
    if isinstance(value, bool):
        return "boolean" in listed
    return any(isinstance(value, _TYPES.get(name, ())) for name in listed)


def _target(root: Schema, reference: str) -> Any:
    """The part of `root` that a local reference such as ``#/$defs/size`` names; True (anything) where it names none."""
    part: Any = root
    for token in reference.removeprefix("#").strip("/").split("/"):
        key = token.replace("~1", "/").replace("~0", "~")
        if not key:
            continue
        if not isinstance(part, Mapping) or key not in part:
            return True
        part = part[key]
    return part
