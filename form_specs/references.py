"""Where a local `$ref` leads inside one schema document: pointers, anchors and embedded `$id`s."""

import urllib.parse
from collections.abc import Iterator, Mapping
from typing import Any

from form_specs import pointers

Schema = Mapping[str, Any] | bool
"""A JSON Schema: an object, or `True` (anything) or `False` (nothing)."""


class References:
    """The targets of one document's references. Built once for a schema; the index is made when first needed."""

    def __init__(self, root: Schema) -> None:
        self.root = root
        self._targets: dict[str, Schema] = {}
        self._index: dict[str, Schema] | None = None

    def resolve(self, reference: str) -> Schema | None:
        """Return the schema that `reference` names in this document, or None when it leads outside or nowhere."""
        if reference not in self._targets:
            target = self._find(reference)
            if target is None:
                return None
            self._targets[reference] = target
        return self._targets[reference]

    def _find(self, reference: str) -> Schema | None:
        base, _, fragment = reference.partition("#")
        fragment = urllib.parse.unquote(fragment)
        if not base:
            target = self._find_within(self.root, fragment)
            return self._find_in_embedded(fragment) if target is None else target
        resource = self._named().get(base)
        if resource is None:
            resource = self._named().get(base.rsplit("/", 1)[-1])
        return None if resource is None else self._find_within(resource, fragment)

    def _find_within(self, resource: Schema, fragment: str) -> Schema | None:
        if fragment and not fragment.startswith("/"):
            return self._named().get(f"#{fragment}")
        try:
            target = pointers.follow(resource, pointers.split(fragment))
        except (LookupError, ValueError):
            return None
        return target if isinstance(target, (Mapping, bool)) else None

    def _find_in_embedded(self, fragment: str) -> Schema | None:
        # A '#/...' inside an embedded resource is relative to that resource. Which one a schema sits in is not
        # tracked here: the first resource in which the pointer leads somewhere is the one.
        for name, resource in self._named().items():
            if not name.startswith("#") and fragment.startswith("/"):
                target = self._find_within(resource, fragment)
                if target is not None:
                    return target
        return None

    def _named(self) -> dict[str, Schema]:
        if self._index is None:
            self._index = dict(_names(self.root))
        return self._index


def _names(node: object) -> Iterator[tuple[str, Schema]]:
    """Yield each `$id` (whole, and its last segment) and each anchor (as `#anchor`) with the schema that has it."""
    if isinstance(node, Mapping):
        for keyword in ("$id", "id"):
            name = node.get(keyword)
            if isinstance(name, str) and name:
                yield from _names_of_id(name, node)
        for keyword in ("$anchor", "$dynamicAnchor"):
            if isinstance(node.get(keyword), str):
                yield f"#{node[keyword]}", node
    children = node.values() if isinstance(node, Mapping) else node if isinstance(node, list) else ()
    for child in children:
        yield from _names(child)


def _names_of_id(name: str, node: Schema) -> Iterator[tuple[str, Schema]]:
    if name.startswith("#"):
        yield name, node
        return
    base = name.rstrip("#")
    yield base, node
    yield base.rsplit("/", 1)[-1], node
