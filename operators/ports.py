"""Port types and which output may feed which input."""

from __future__ import annotations

from typing import Literal, get_args

PortType = Literal["table", "images", "text", "vectors", "model", "metrics", "report", "file", "any"]

PORT_TYPES: tuple[PortType, ...] = get_args(PortType)

# What an input of the key's type also takes, beside its own type. Pictures and vectors are kept as tables with
# one special column, so whatever works on tables works on them.
_WIDENS: dict[PortType, frozenset[PortType]] = {
    "table": frozenset({"images", "vectors"}),
    "any": frozenset(PORT_TYPES),
}


def may_connect(source: PortType, target: PortType) -> bool:
    """Whether an output of type `source` may feed an input of type `target`.

    An output of type `any` may feed every input: what it really is shows when it has run, and the step
    checks it then.
    """
    return source == target or source == "any" or source in _WIDENS.get(target, frozenset())
