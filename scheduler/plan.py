"""A plan: a checked pipeline in order, with every operator version, parameter, input and key fixed. Engine-neutral."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from form_specs.pointers import replaced, split
from marketplace.catalogue import Catalogue
from marketplace.pipelines.document import Node, Pipeline
from marketplace.pipelines.parameters import resolve_parameters
from marketplace.settings import bytes_of
from operators.documents import Limits, OperatorRef
from operators.package import Package
from operators.parameters import with_defaults
from scheduler.errors import NodeUnknown
from scheduler.keys import files_read, fingerprint, secrets_named, step_key

PLAN_VERSION = 1


class Source(Struct, frozen=True):
    """Where an input comes from: an output port of an earlier step."""

    node: str
    port: str


class RetryPolicy(Struct, frozen=True):
    """How often a failed step is tried again, after `delay` seconds, each time `backoff` times longer."""

    count: int = 0
    delay: float = 1.0
    backoff: float = 2.0

    def wait(self, attempt: int) -> float:
        """Seconds to wait after the attempt of that number (from 1) has failed."""
        return self.delay * self.backoff ** (attempt - 1)


class Step(Struct, frozen=True):
    """One step of a plan. `title` is what people call it."""

    node: str
    title: str
    operator: OperatorRef
    params: dict[str, Any]
    inputs: dict[str, tuple[Source, ...]]
    outputs: tuple[str, ...]
    key: str
    seed: int = 0
    requirements: tuple[str, ...] = ()
    retries: RetryPolicy = RetryPolicy()
    limits: Limits = Limits()
    cpu: float = 1.0
    gpu: float = 0.0
    secrets: tuple[str, ...] = ()

    @property
    def needs(self) -> frozenset[str]:
        """The nodes that must have finished before."""
        return frozenset(source.node for sources in self.inputs.values() for source in sources)


class Plan(Struct, frozen=True):
    """Steps, each after those it needs."""

    steps: tuple[Step, ...]
    plan_version: int = PLAN_VERSION


class PlanOptions(Struct, frozen=True):
    """What to run of a pipeline, and how.

    Attributes:
        params: values of the pipeline's own parameters.
        to: run up to these nodes; empty for all.
        only: run these nodes even if their results are there already (and what they need, if it is not).
        seed: the seed of every step.
        fresh: run everything, whatever is there already.
    """

    params: dict[str, Any] = {}
    to: tuple[str, ...] = ()
    only: tuple[str, ...] = ()
    seed: int = 0
    fresh: bool = False


class Defaults(Struct, frozen=True):
    """What holds where neither pipeline nor options say anything."""

    base: Path = Path()
    limits: Limits = Limits()


def make_plan(pipeline: Pipeline, catalogue: Catalogue, options: PlanOptions, nonce: str, defaults: Defaults) -> Plan:
    """The plan of a pipeline that has passed validation.

    Args:
        nonce: something no other run has; joins the keys of steps that other runs must not re-use.

    Raises:
        NodeUnknown: `to` or `only` names a node that the pipeline has not.
        PipelineParametersWrong: a value that the pipeline's parameters refuse.
    """
    resolved = resolve_parameters(pipeline, options.params)
    maker = _PlanMaker(resolved, catalogue, options, nonce, defaults)
    for name in order_of(resolved, maker.selected()):
        maker.add(name)
    return Plan(tuple(maker.steps.values()))


def decode_plan(text: str) -> Plan:
    """A plan as it was kept with its run."""
    return msgspec.json.decode(text, type=Plan)


def order_of(pipeline: Pipeline, nodes: Collection[str]) -> list[str]:
    """`nodes` in an order in which each comes after those that feed it, else as the document has them."""
    feeders: dict[str, list[str]] = {name: [] for name in nodes}
    for edge in pipeline.edges:
        if edge.source.node in feeders and edge.target.node in feeders:
            feeders[edge.target.node].append(edge.source.node)
    ordered: dict[str, None] = {}
    for node in pipeline.nodes:
        _visit(node.id, feeders, ordered)
    return list(ordered)


def _visit(name: str, feeders: Mapping[str, Sequence[str]], ordered: dict[str, None]) -> None:
    """Put `name` after its feeders; without recursion, as a chain may be long. The pipeline has no cycle."""
    stack = [name]
    while stack:
        top = stack[-1]
        open_feeders = [feeder for feeder in feeders.get(top, ()) if feeder not in ordered]
        if open_feeders:
            stack.extend(reversed(open_feeders))
            continue
        stack.pop()
        if top in feeders:
            ordered[top] = None


class _PlanMaker:
    """Steps made so far, each from those before it."""

    def __init__(
        self, pipeline: Pipeline, catalogue: Catalogue, options: PlanOptions, nonce: str, defaults: Defaults
    ) -> None:
        self._nodes = {node.id: node for node in pipeline.nodes}
        self._feeds: dict[str, dict[str, list[Source]]] = {name: {} for name in self._nodes}
        for edge in pipeline.edges:
            source = Source(edge.source.node, edge.source.port)
            self._feeds[edge.target.node].setdefault(edge.target.port, []).append(source)
        self._catalogue = catalogue
        self._options = options
        self._nonce = nonce
        self._defaults = defaults
        self._digests: dict[str, str] = {}
        self.steps: dict[str, Step] = {}

    def selected(self) -> set[str]:
        """The nodes to run: what was asked for and what feeds it, less what is disabled or lacks an input then."""
        asked = [*self._options.to, *self._options.only]
        for name in asked:
            if name not in self._nodes:
                raise NodeUnknown(f"The pipeline has no node {name!r}. Its nodes are {', '.join(self._nodes)}.")
        chosen = self._with_feeders(asked) if asked else set(self._nodes)
        return chosen - self._unable(chosen)

    def add(self, name: str) -> None:
        """Make the step of a node whose feeders are there."""
        node = self._nodes[name]
        package = self._catalogue.get(node.operator, node.version)
        spec = package.spec
        params, files = self._params(package, node)
        sources = self._feeds[name]
        inputs = {port: tuple(source for source in sources[port] if source.node in self.steps) for port in sources}
        inputs = {port: found for port, found in inputs.items() if found}
        code = self._digest(package)
        wanted_again = spec.reuse == "never" or self._options.fresh or name in self._options.only
        key = step_key(
            (spec.id, spec.version, code),
            params,
            {port: [(self.steps[source.node].key, source.port) for source in found] for port, found in inputs.items()},
            self._options.seed,
            files,
            f"{self._nonce}/{name}" if wanted_again else "",
        )
        self.steps[name] = Step(
            node=name,
            title=node.label or name,
            operator=OperatorRef(spec.id, spec.version, package.source, code),
            params=params,
            inputs=inputs,
            outputs=tuple(port.name for port in spec.outputs),
            key=key,
            seed=self._options.seed,
            requirements=spec.warm,
            retries=RetryPolicy(node.retries.count, node.retries.delay, node.retries.backoff),
            limits=self._limits(node),
            cpu=node.resources.cpu or spec.resources.cpu,
            gpu=node.resources.gpu or spec.resources.gpu,
            secrets=secrets_named(spec.parameters, params),
        )

    def _with_feeders(self, names: Sequence[str]) -> set[str]:
        found: set[str] = set()
        stack = list(names)
        while stack:
            name = stack.pop()
            if name not in found:
                found.add(name)
                stack += [source.node for sources in self._feeds[name].values() for source in sources]
        return found

    def _unable(self, chosen: Collection[str]) -> set[str]:
        unable = {name for name in chosen if not self._nodes[name].enabled}
        while True:
            more = {name for name in chosen if name not in unable and self._lacks_input(name, unable)}
            if not more:
                return unable
            unable |= more

    def _lacks_input(self, name: str, unable: Collection[str]) -> bool:
        node = self._nodes[name]
        required = {port.name for port in self._catalogue.get(node.operator, node.version).spec.inputs if port.required}
        feeds = self._feeds[name]
        return any(all(source.node in unable for source in feeds.get(port, ())) for port in required)

    def _params(self, package: Package, node: Node) -> tuple[dict[str, Any], dict[str, str]]:
        """All parameters, paths made absolute, and the fingerprints of the files that they read."""
        schema = package.spec.parameters
        params = with_defaults(schema, node.params)
        files: dict[str, str] = {}
        for pointer, access, uri in list(files_read(schema, params)):
            absolute = uri if "://" in uri else str(self._defaults.base / Path(uri).expanduser())
            params = replaced(params, split(pointer), absolute)
            if access == "read":
                files[pointer] = fingerprint(absolute)
        return params, files

    def _limits(self, node: Node) -> Limits:
        memory = node.resources.memory
        return Limits(
            node.time_limit or self._defaults.limits.seconds,
            bytes_of(memory) if memory else self._defaults.limits.memory,
        )

    def _digest(self, package: Package) -> str:
        if package.source not in self._digests:
            self._digests[package.source] = package.code_digest()
        return self._digests[package.source]
