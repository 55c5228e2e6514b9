"""JSON Pointers (RFC 6901): the names of places in an instance."""

from collections.abc import Iterable, Sequence
from typing import Any

ANY = "*"
"""The token that stands for any index or key, in the pointer of a field that describes every item."""


def join(parent: str, *tokens: str | int) -> str:
    """Return the pointer to the place below `parent` that `tokens` lead to."""
    return parent + "".join(f"/{escape(str(token))}" for token in tokens)


def escape(token: str) -> str:
    """Return `token` as it is written inside a pointer."""
    return token.replace("~", "~0").replace("/", "~1")


def split(pointer: str) -> tuple[str, ...]:
    """Return the tokens of `pointer`, `()` for the root.

    Raises:
        ValueError: `pointer` is neither empty nor begins with a slash.
    """
    if not pointer:
        return ()
    if not pointer.startswith("/"):
        raise ValueError(f"{pointer!r} is no JSON Pointer: expected the empty string or '/name/0/...'")
    tokens = pointer[1:].split("/")
    if "~" not in pointer:
        return tuple(tokens)
    return tuple(token.replace("~1", "/").replace("~0", "~") for token in tokens)


def parent(pointer: str) -> str:
    """Return the pointer to the place that holds `pointer`; the root is its own parent."""
    return pointer.rpartition("/")[0]


def follow(instance: object, tokens: Iterable[str]) -> object:
    """Return the value that `tokens` lead to in `instance`.

    Raises:
        LookupError: there is no such place.
    """
    for token in tokens:
        instance = step(instance, token)
    return instance


def replaced(instance: Any, tokens: Sequence[str], new: Any) -> Any:
    """Return a copy of `instance` with `new` at the place that `tokens` lead to; what is beside the way is shared.

    Raises:
        LookupError: there is no such place.
    """
    if not tokens:
        return new
    head, *rest = tokens
    inner = replaced(step(instance, head), rest, new)
    if isinstance(instance, list):
        at = int(head)
        return [*instance[:at], inner, *instance[at + 1 :]]
    return {**instance, head: inner}


def step(instance: object, token: str) -> object:
    """Return the value directly below `instance` at `token`; raises LookupError when there is none."""
    if isinstance(instance, dict):
        return instance[token]
    if isinstance(instance, list) and token.isascii() and token.isdigit():
        return instance[int(token)]
    raise LookupError(f"nothing at {token!r} in a {type(instance).__name__}")
