"""What a form holds while it is edited: the instance as it was given, and the branches that a person chose."""

import copy
from collections.abc import Mapping
from typing import Any

import msgspec

from form_specs import pointers
from form_specs.errors import PlaceError, ValuesError

ABSENT: msgspec.UnsetType = msgspec.UNSET
"""Stands for a value that is not there, which is something else than null."""


class Values(msgspec.Struct, frozen=True):
    """An instance being edited. Every change gives new values and leaves these as they are.

    `tree` is the instance, or `ABSENT`; `choices` maps a choice's id (`Field.choice`) to the branch chosen by hand.
    Nothing is added to what was loaded and nothing is rounded: the order of keys, `1` and `1.0`, null and absent stay.
    """

    tree: Any = ABSENT
    choices: Mapping[str, int] = {}

    def get(self, pointer: str, default: Any = ABSENT) -> Any:
        """Return the value at `pointer`, `default` when it is absent."""
        if self.tree is ABSENT:
            return default
        try:
            return pointers.follow(self.tree, pointers.split(pointer))
        except LookupError:
            return default

    def set(self, pointer: str, value: Any) -> "Values":
        """Return these values with `value` at `pointer`; absent objects on the way are made, a new key comes last.

        Raises:
            ValuesError: the place is below a value that is no object or list, or past the end of a list.
        """
        tokens = pointers.split(pointer)
        return msgspec.structs.replace(self, tree=_set(self.tree, tokens, copy.deepcopy(value), pointer))

    def remove(self, pointer: str) -> "Values":
        """Return these values without the one at `pointer` (later items of a list move up); absent stays absent."""
        if not pointer:
            return Values()
        if self.get(pointer) is ABSENT:
            return self
        return self._with_container(pointer, _remove)

    def insert(self, pointer: str, value: Any) -> "Values":
        """Return these values with `value` put into a list so that it is at `pointer`; later items move down.

        Raises:
            ValuesError: the parent is no list, or shorter than that.
        """
        if self.get(pointers.parent(pointer)) is ABSENT:
            return self.set(pointers.parent(pointer), []).insert(pointer, value)

        def put(container: Any, token: str) -> None:
            container.insert(_index(container, token, pointer, len(container) + 1), copy.deepcopy(value))

        return self._with_container(pointer, put)

    def move(self, pointer: str, to: int) -> "Values":
        """Return these values with the list item at `pointer` moved to index `to`."""

        def shift(container: Any, token: str) -> None:
            container.insert(to, container.pop(_index(container, token, pointer, len(container))))

        return self._with_container(pointer, shift)

    def rename(self, pointer: str, name: str) -> "Values":
        """Return these values with the key at `pointer` called `name`, in the same position.

        Raises:
            ValuesError: there is another key of that name.
        """

        def change(container: Any, token: str) -> None:
            if name in container and name != token:
                raise ValuesError(f"cannot rename {pointer!r}: there is another {name!r}; choose another name")
            entries = [(name if key == token else key, value) for key, value in container.items()]
            container.clear()
            container.update(entries)

        return self._with_container(pointer, change)

    def _with_container(self, pointer: str, change: Any) -> "Values":
        tree = copy.deepcopy(self.tree)
        *above, token = pointers.split(pointer)
        try:
            container = pointers.follow(tree, above)
        except LookupError as cause:
            raise PlaceError(f"there is nothing at {pointer!r} in these values") from cause
        if not isinstance(container, (dict, list)):
            raise ValuesError(f"{pointers.parent(pointer)!r} is neither an object nor a list, so nothing is below it")
        change(container, token)
        return msgspec.structs.replace(self, tree=tree)


def _set(tree: Any, tokens: tuple[str, ...], value: Any, pointer: str) -> Any:
    """Return `tree` with `value` at `tokens`, sharing what is not on the way."""
    if not tokens:
        return value
    token, *rest = tokens
    if tree is ABSENT:
        tree = {}
    if isinstance(tree, dict):
        return {**tree, token: _set(tree.get(token, ABSENT), tuple(rest), value, pointer)}
    if isinstance(tree, list):
        index = _index(tree, token, pointer, len(tree) + 1)
        below = tree[index] if index < len(tree) else ABSENT
        return [*tree[:index], _set(below, tuple(rest), value, pointer), *tree[index + 1 :]]
    raise ValuesError(f"cannot set {pointer!r}: there is {tree!r} on the way, which holds nothing below it")


def _remove(container: Any, token: str) -> None:
    del container[int(token) if isinstance(container, list) else token]


def _index(items: list[Any], token: str, pointer: str, below: int) -> int:
    if not (isinstance(items, list) and token.isascii() and token.isdigit() and int(token) < below):
        raise ValuesError(f"{pointer!r} is no place in a list of {len(items)} items")
    return int(token)
