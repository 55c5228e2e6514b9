"""How a pipeline is wired: its nodes with their operators, what feeds each port, an order; what is wrong with it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from msgspec import Struct

from form_specs.columns import closest
from form_specs.text import LANGUAGES, localized
from marketplace.catalogue import Catalogue
from marketplace.errors import OperatorUnknown
from marketplace.pipelines.document import Edge, End, Node, Pipeline
from marketplace.pipelines.problems import Problem
from operators.package import Package
from operators.ports import may_connect

Feeds = dict[str, dict[str, list[End]]]


class Wiring(Struct, frozen=True):
    """A pipeline whose ids have been looked up.

    Attributes:
        nodes: by id; of two with one id, the first.
        packages: by node id, where the catalogue has the operator.
        feeds: for each node and input port, the outputs that feed it. Edges that lead nowhere are left out.
        order: ids, each after those that feed it. Nodes on a cycle, or behind one, are not in it.
        idle: ids of nodes that do not run: disabled, or fed by such a node where they cannot do without.
        problems: everything that is wrong with nodes and edges.
    """

    nodes: dict[str, Node]
    packages: dict[str, Package]
    feeds: Feeds
    order: tuple[str, ...]
    idle: frozenset[str]
    problems: tuple[Problem, ...]

    def unsound(self) -> frozenset[str]:
        """Ids of nodes of which an input gets what it must not, so that their operators cannot be asked about it."""
        wrong = (problem.node for problem in self.problems if problem.code in ("several_wires", "wrong_type"))
        return frozenset(id for id in wrong if id is not None)


def wire(pipeline: Pipeline, catalogue: Catalogue) -> Wiring:
    """The wiring of a pipeline; never raises, whatever is wrong with it."""
    nodes: dict[str, Node] = {}
    problems: list[Problem] = []
    for node in pipeline.nodes:
        if node.id in nodes:
            problems.append(Problem("duplicate_node", node=node.id))
        nodes.setdefault(node.id, node)
    packages = _packages(nodes.values(), catalogue, problems)
    feeds = _feeds(pipeline.edges, nodes, packages, problems)
    order, cycles = _sorted(nodes, feeds)
    problems += [_cycle(members) for members in cycles]
    idle = _idle(order, nodes, packages, feeds)
    problems += _missing_inputs(nodes, packages, feeds)
    problems += _idle_warnings(order, nodes, feeds, idle)
    return Wiring(nodes, packages, feeds, order, idle, tuple(problems))


def _packages(nodes: Iterable[Node], catalogue: Catalogue, problems: list[Problem]) -> dict[str, Package]:
    packages = {}
    for node in nodes:
        try:
            package = catalogue.get(node.operator, node.version)
        except OperatorUnknown as error:
            problems.append(_unknown_operator(node, catalogue, error))
            continue
        packages[node.id] = package
        if package.spec.deprecated is not None:
            detail = {language: localized(package.spec.deprecated, language) for language in LANGUAGES}
            facts = {"operator": package.spec.reference, "detail": detail}
            problems.append(Problem("deprecated", "warning", node=node.id, values=facts))
    return packages


def _unknown_operator(node: Node, catalogue: Catalogue, error: OperatorUnknown) -> Problem:
    facts = {"operator": node.operator, "version": node.version, "closest": error.closest}
    if catalogue.versions(node.operator):
        return Problem("unknown_version", node=node.id, values=facts)
    code = "unknown_operator_similar" if error.closest else "unknown_operator"
    return Problem(code, node=node.id, values=facts)


def _feeds(
    edges: Iterable[Edge], nodes: Mapping[str, Node], packages: Mapping[str, Package], problems: list[Problem]
) -> Feeds:
    feeds: Feeds = {id: {} for id in nodes}
    for edge in edges:
        found = [*_end_problems(edge, nodes, packages), *_type_problems(edge, packages)]
        problems += found
        if not any(problem.code.startswith("unknown") for problem in found):
            feeds[edge.target.node].setdefault(edge.target.port, []).append(edge.source)
    for id, package in packages.items():
        for port in package.spec.inputs:
            ends = feeds[id].get(port.name, [])
            if len(ends) > 1 and not port.many:
                facts = {"sources": [_called(end) for end in ends]}
                problems.append(Problem("several_wires", node=id, port=port.name, values=facts))
    return feeds


def _end_problems(edge: Edge, nodes: Mapping[str, Node], packages: Mapping[str, Package]) -> Iterable[Problem]:
    ends = ((edge.source, edge.target, "output"), (edge.target, edge.source, "input"))
    for end, other, side in ends:
        if end.node not in nodes:
            meant = closest(end.node, nodes)
            facts: dict[str, Any] = {"missing": end.node, "wire": _wire_called(edge), "closest": meant or ""}
            code = "unknown_node_similar" if meant else "unknown_node"
            # The problem is led to the end that is there, so that a canvas can show it.
            yield Problem(code, node=other.node if other.node in nodes else None, values=facts)
        elif end.node in packages:
            spec = packages[end.node].spec
            names = [port.name for port in (spec.outputs if side == "output" else spec.inputs)]
            if end.port not in names:
                facts = {"missing": end.port, "operator": spec.reference, "wire": _wire_called(edge), "ports": names}
                code = f"unknown_{side}" if names else f"unknown_{side}_none"
                yield Problem(code, node=end.node, port=end.port, values=facts)


def _type_problems(edge: Edge, packages: Mapping[str, Package]) -> Iterable[Problem]:
    source, target = packages.get(edge.source.node), packages.get(edge.target.node)
    output = source.spec.output(edge.source.port) if source else None
    taken = target.spec.input(edge.target.port) if target else None
    if output and taken and not may_connect(output.type, taken.type):
        facts = {"expected": taken.type, "found": output.type, "source": _called(edge.source)}
        yield Problem("wrong_type", node=edge.target.node, port=taken.name, values=facts)


def _missing_inputs(nodes: Mapping[str, Node], packages: Mapping[str, Package], feeds: Feeds) -> Iterable[Problem]:
    for id, package in packages.items():
        if nodes[id].enabled:
            for port in package.spec.inputs:
                if port.required and not feeds[id].get(port.name):
                    yield Problem("missing_input", node=id, port=port.name, values={"expected": port.type})


def _idle(
    order: Sequence[str], nodes: Mapping[str, Node], packages: Mapping[str, Package], feeds: Feeds
) -> frozenset[str]:
    idle: set[str] = set()
    for id in order:
        required = [port.name for port in packages[id].spec.inputs if port.required] if id in packages else []
        lacks = (ends and all(end.node in idle for end in ends) for ends in map(feeds[id].get, required))
        if not nodes[id].enabled or any(lacks):
            idle.add(id)
    return frozenset(idle)


def _idle_warnings(
    order: Sequence[str], nodes: Mapping[str, Node], feeds: Feeds, idle: frozenset[str]
) -> Iterable[Problem]:
    for id in order:
        for port, ends in feeds[id].items():
            stopped = [end.node for end in ends if end.node in idle]
            if nodes[id].enabled and stopped:
                code = "idle_upstream" if id in idle else "idle_optional"
                yield Problem(code, "warning", node=id, port=port, values={"sources": stopped})
    if nodes and len(idle) == len(nodes):
        yield Problem("nothing_runs", "warning")


def _sorted(nodes: Mapping[str, Node], feeds: Feeds) -> tuple[tuple[str, ...], list[list[str]]]:
    """Ids in an order that follows the edges, and the cycles that keep the others out of it."""
    feeders = {id: {end.node for ends in ports.values() for end in ends} for id, ports in feeds.items()}
    followers: dict[str, list[str]] = {id: [] for id in nodes}
    for id, sources in feeders.items():
        for source in sources:
            followers[source].append(id)
    left = {id: len(sources) for id, sources in feeders.items()}
    order = [id for id in nodes if not left[id]]
    for id in order:  # Grows while it is read.
        for follower in followers[id]:
            left[follower] -= 1
            if not left[follower]:
                order.append(follower)
    rest = {id: feeders[id] - set(order) for id in nodes if left[id]}
    return tuple(order), _cycles(rest)


def _cycles(feeders: dict[str, set[str]]) -> list[list[str]]:
    """One cycle of each knot: its ids, along the edges, beginning with the first in the document.

    Args:
        feeders: nodes on cycles or behind one; so each has a feeder among them.
    """
    position = {id: at for at, id in enumerate(feeders)}
    cycles = []
    while feeders:
        path = {next(iter(feeders)): None}
        while (behind := min(feeders[next(reversed(path))], key=position.__getitem__)) not in path:
            path[behind] = None
        walked = list(path)
        cycle = walked[walked.index(behind) :][::-1]
        first = cycle.index(min(cycle, key=position.__getitem__))
        cycles.append(cycle[first:] + cycle[:first])
        feeders = _pruned({id: sources for id, sources in feeders.items() if id not in cycle})
    return cycles


def _pruned(feeders: dict[str, set[str]]) -> dict[str, set[str]]:
    """`feeders` without those that have left, and without the nodes that have no feeder any more."""
    while True:
        kept = {id: sources & feeders.keys() for id, sources in feeders.items()}
        kept = {id: sources for id, sources in kept.items() if sources}
        if kept == feeders:
            return kept
        feeders = kept


def _cycle(members: Sequence[str]) -> Problem:
    shown = " → ".join([*members, members[0]])
    return Problem("cycle", node=members[0], values={"nodes": list(members), "path": shown})


def _called(end: End) -> str:
    return f"{end.node}.{end.port}"


def _wire_called(edge: Edge) -> str:
    return f"{_called(edge.source)} → {_called(edge.target)}"
