"""Alternatives that ask nothing of a person, made into plainer words: nullable values, options, suggestions."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from form_specs.references import Schema
from form_specs.shape import ALTERNATIVES, Shape, both, types_of
from form_specs.text import annotated_text

_CONSTRAINTS_ONLY = frozenset(
    ("required", "not", "minProperties", "maxProperties", "dependentRequired", "title", "description", "$comment")
)


def simplified(shape: Shape, shape_of: Callable[[Schema], Shape]) -> Shape:
    """Return `shape` without the alternatives that ask nothing of a person.

    Branches that only constrain go (validation sees to them). A null branch becomes the type null; constants, and a
    mixture of constants and free text, become `enum` and `examples`; a single branch is merged.
    `shape_of(schema)` gives the shape of a branch.
    """
    groups = shape.pop(ALTERNATIVES, [])
    kept = []
    for branches in groups:
        if all(_only_constrains(branch, shape) for branch in branches):
            continue
        simpler = _as_plain(shape, branches, shape_of)
        if simpler is None:
            kept.append(branches)
        else:
            shape = simpler
    if kept:
        shape[ALTERNATIVES] = [*shape.get(ALTERNATIVES, []), *kept]
    return shape


def _only_constrains(branch: Schema, base: Shape) -> bool:
    """Tell whether `branch` describes nothing that `base` does not, and only asks for keys or forbids them."""
    if not isinstance(branch, Mapping):
        return branch is False
    described = base.get("properties", {})
    named = branch.get("properties")
    named = named if isinstance(named, Mapping) else {}
    adds_nothing = all(name in described and entry in (True, False, {}) for name, entry in named.items())
    return all(key in _CONSTRAINTS_ONLY or (key == "properties" and adds_nothing) for key in branch)


def _as_plain(shape: Shape, branches: Sequence[Schema], shape_of: Callable[[Schema], Shape]) -> Shape | None:
    """Return the plain shape that `shape` with one of `branches` amounts to, None when it is a real choice."""
    shapes = [shape_of(branch) for branch in branches]
    others = [entry for entry in shapes if types_of(entry) != ("null",) and entry.get("const", 0) is not None]
    nullable = len(others) < len(shapes)
    if others and all(_constants(entry) is not None for entry in others):
        return _with_constants(shape, others, nullable)
    if len(others) > 1 and all(types_of(entry) == ("string",) for entry in others):
        return _with_suggestions(shape, others, nullable)
    if len(others) == 1:
        only = branches[shapes.index(others[0])]
        merged: Shape = shape_of(both({key: value for key, value in shape.items() if key != "type"}, only))
        return _made_nullable(merged) if nullable else _with_type(merged, shape)
    return None


def _constants(shape: Shape) -> list[Any] | None:
    if "const" in shape:
        return [shape["const"]]
    enum = shape.get("enum")
    return enum if isinstance(enum, list) else None


def _with_constants(shape: Shape, branches: Sequence[Shape], nullable: bool) -> Shape:
    options: list[Any] = []
    labels: list[Any] = []
    for branch in branches:
        for position, option in enumerate(_constants(branch) or []):
            options.append(option)
            labels.append(_label(branch, position, option))
    if nullable:
        options.append(None)
        labels.append("")
    return {**shape, "enum": options, "x-enum-labels": shape.get("x-enum-labels", labels)}


def _label(branch: Shape, position: int, option: object) -> Any:
    labels = branch.get("x-enum-labels")
    if isinstance(labels, list) and position < len(labels):
        return labels[position]
    if isinstance(labels, Mapping) and isinstance(option, str) and option in labels:
        return labels[option]
    if "const" not in branch and len(branch.get("enum", ())) > 1:
        return ""
    return annotated_text(branch, "title")


def _with_suggestions(shape: Shape, branches: Sequence[Shape], nullable: bool) -> Shape | None:
    """Return free text with suggestions, where one branch is any text and others name some."""
    free = [branch for branch in branches if _constants(branch) is None]
    if len(free) != 1 or len(free) == len(branches):
        return None
    suggested = [option for branch in branches for option in _constants(branch) or []]
    merged = {**free[0], **shape, "examples": [*shape.get("examples", []), *suggested], "type": "string"}
    # The free branch's own limits do not hold for the named values.
    for keyword in ("pattern", "minLength", "maxLength", "format"):
        if keyword not in shape:
            merged.pop(keyword, None)
    return _made_nullable(merged) if nullable else merged


def _made_nullable(shape: Shape) -> Shape:
    types = types_of(shape)
    if types and "null" not in types:
        shape["type"] = [*types, "null"]
    elif not types:
        shape["x--nullable"] = True
    if isinstance(shape.get("enum"), list) and None not in shape["enum"]:
        shape["enum"] = [*shape["enum"], None]
    return shape


def _with_type(shape: Shape, outer: Shape) -> Shape:
    if "type" in outer and "type" not in shape:
        shape["type"] = outer["type"]
    return shape
