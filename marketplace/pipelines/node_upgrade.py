"""A node brought to another version of its operator: shown as a difference, and taken back by keeping what was."""

from __future__ import annotations

import msgspec
from msgspec import Struct

from form_specs.findings import FieldError
from marketplace.catalogue import Catalogue
from marketplace.pipelines.checks import check_params
from marketplace.pipelines.document import Node, Pipeline
from operators.migrations import Difference, differences, migrate
from operators.versions import is_prerelease, precedence


class NodeUpgrade(Struct, frozen=True):
    """A node before and after, what differs in its parameters, and what the new version refuses of them.

    Nothing is changed by it: `with_node(pipeline, upgrade.after)` makes the upgrade, the same with `before` takes it
    back.
    """

    before: Node
    after: Node
    differences: tuple[Difference, ...]
    refused: tuple[FieldError, ...]


def upgrade_node(node: Node, catalogue: Catalogue, version: str | None = None) -> NodeUpgrade:
    """The upgrade of a node to `version`, or to the latest one.

    Raises:
        OperatorUnknown: the catalogue has not that operator, or not that version.
        MigrationImpossible: that version is older than the node's.
    """
    spec = catalogue.get(node.operator, version).spec
    after = msgspec.structs.replace(node, version=spec.version, params=migrate(spec, node.params, node.version))
    return NodeUpgrade(node, after, differences(node.params, after.params), check_params(after, spec.parameters))


def upgrades(pipeline: Pipeline, catalogue: Catalogue) -> tuple[NodeUpgrade, ...]:
    """The upgrade of every node whose operator has a newer release, in the order of the document."""
    return tuple(upgrade_node(node, catalogue) for node in pipeline.nodes if _is_behind(node, catalogue))


def with_node(pipeline: Pipeline, node: Node) -> Pipeline:
    """The pipeline with `node` in place of the one of its id."""
    nodes = tuple(node if other.id == node.id else other for other in pipeline.nodes)
    return msgspec.structs.replace(pipeline, nodes=nodes)


def _is_behind(node: Node, catalogue: Catalogue) -> bool:
    newest = next(iter(catalogue.versions(node.operator)), None)
    return newest is not None and not is_prerelease(newest) and precedence(newest) > precedence(node.version)
