"""Schema flow: what every output of a pipeline will hold, from source to sink, before anything has run."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from threading import Lock
from typing import Any

import msgspec
from msgspec import Struct

from form_specs.pointers import replaced, split
from marketplace.catalogue import Catalogue
from marketplace.pipelines.checks import check_params
from marketplace.pipelines.document import End, Pipeline
from marketplace.pipelines.parameters import placeholders, with_default_parameters
from marketplace.pipelines.problems import Problem
from marketplace.pipelines.wiring import Wiring, wire
from operators.configure import Answer, ConfigureProcess, Question
from operators.documents import OperatorRef
from operators.package import Package
from operators.parameters import with_defaults
from operators.schemas import PortSchema

Schemas = dict[str, PortSchema | None]

_KEPT = 4096

# How bad it is, and what it is called, when an operator does not say what comes out of it.
_FINDINGS: Mapping[str, tuple[str, Any]] = {
    "parameter": ("refused_parameter", "error"),
    "input": ("refused_input", "error"),
    "requirement": ("missing_requirement", "error"),
    "failed": ("configure_failed", "warning"),
    "timed_out": ("configure_timed_out", "warning"),
    "crashed": ("configure_crashed", "warning"),
    "unavailable": ("configure_unavailable", "warning"),
}


class Flow(Struct, frozen=True):
    """The schema of every output, by node and port (None: known only when it has run), and what operators refused."""

    schemas: dict[str, Schemas]
    problems: tuple[Problem, ...] = ()


class SchemaFlow:
    """Asks operators, through a process of their own, what comes out of them; keeps what they said.

    What an operator without inputs says is not kept, as it may have looked at a file.
    """

    def __init__(self, process: ConfigureProcess) -> None:
        self._process = process
        self._kept: OrderedDict[bytes, Schemas] = OrderedDict()
        self._lock = Lock()

    def start(self) -> None:
        """Begin to start the process, so that it is there when it is needed."""
        self._process.start()

    def run(self, pipeline: Pipeline, catalogue: Catalogue, *, base: Path | None = None) -> Flow:
        """The schemas of all outputs of a pipeline, whatever else is wrong with it.

        Args:
            base: the folder that relative paths in parameters start from; None for the current one.
        """
        self.start()
        pipeline = with_default_parameters(pipeline)
        wiring = wire(pipeline, catalogue)
        return self.of(wiring, base)

    def of(self, wiring: Wiring, base: Path | None = None) -> Flow:
        """The schemas of all outputs of a wired pipeline."""
        asked = _Asked(wiring, base)
        sources = [id for id in wiring.order if not wiring.feeds[id]]
        if self._kept:
            # Sources are always asked; what hangs on them need not be, once it is known what they say.
            self._ask(sources, asked)
        self._ask([id for id in wiring.order if id not in asked.schemas], asked)
        return Flow(asked.complete(), tuple(asked.problems))

    def _ask(self, ids: Sequence[str], asked: _Asked) -> None:
        asked.questions.clear()
        for answer in self._process.ask(self._questions(ids, asked), asked.schemas):
            asked.take(answer)
            # Only now are the schemas known that go into it, and with them what it is kept under.
            if answer.finding is None:
                self._keep(asked.key(asked.questions[answer.id], answered=True), answer.schemas)

    def _questions(self, ids: Sequence[str], asked: _Asked) -> Iterator[Question]:
        """What must be asked; made while the first ones are being answered."""
        for id in ids:
            if asked.can_ask(id):
                question = asked.question(id)
                kept = self._recall(asked.key(question))
                if kept is None:
                    asked.questions[id] = question
                    yield question
                else:
                    asked.schemas[id] = kept

    def _recall(self, key: bytes | None) -> Schemas | None:
        with self._lock:
            if key is None or key not in self._kept:
                return None
            self._kept.move_to_end(key)
            return self._kept[key]

    def _keep(self, key: bytes | None, schemas: Schemas) -> None:
        if key is not None:
            with self._lock:
                self._kept[key] = schemas
                while len(self._kept) > _KEPT:
                    self._kept.popitem(last=False)


class _Asked:
    """One flow on its way: what is known, what is asked."""

    def __init__(self, wiring: Wiring, base: Path | None) -> None:
        self._wiring = wiring
        self._unsound = wiring.unsound()
        self._base = (base or Path()).absolute()
        self._digests: dict[str, str] = {}
        self.schemas: dict[str, Schemas] = {}
        self.questions: dict[str, Question] = {}
        self.problems: list[Problem] = []

    def can_ask(self, id: str) -> bool:
        """Whether all is there that `configure` may rely on: sound parameters, and a wire into every required port."""
        package, node = self._wiring.packages.get(id), self._wiring.nodes[id]
        if package is None or id in self._unsound or next(placeholders(node.params), None):
            return False
        if not all(self._wiring.feeds[id].get(port.name) for port in package.spec.inputs if port.required):
            return False
        return not check_params(node, package.spec.parameters)

    def question(self, id: str) -> Question:
        package, node = self._wiring.packages[id], self._wiring.nodes[id]
        spec = package.spec
        params = _with_absolute_paths(spec.parameters, with_defaults(spec.parameters, node.params), self._base)
        operator = OperatorRef(spec.id, spec.version, package.source, self._digest(package))
        inputs = {port: [(end.node, end.port) for end in ends] for port, ends in self._wiring.feeds[id].items()}
        return Question(id, operator, params, inputs)

    def key(self, question: Question, answered: bool = False) -> bytes | None:
        """Under what the answer is kept; None where it is not, or its inputs are still being asked for."""
        if not question.inputs:
            return None
        inputs: dict[str, list[PortSchema | None]] = {}
        for port, feeds in question.inputs.items():
            if not answered and any(node in self.questions for node, _ in feeds):
                return None
            inputs[port] = [self.schemas.get(node, {}).get(output) for node, output in feeds]
        return msgspec.json.encode([question.operator, question.params, inputs])

    def take(self, answer: Answer) -> None:
        self.schemas[answer.id] = answer.schemas
        if answer.finding is not None:
            code, severity = _FINDINGS[answer.finding.kind]
            facts = {"detail": answer.finding.message, "operator": self.questions[answer.id].operator.id}
            pointer = answer.finding.pointer if answer.finding.kind == "parameter" else None
            self.problems.append(Problem(code, severity, node=answer.id, parameter=pointer, values=facts))

    def complete(self) -> dict[str, Schemas]:
        """The schemas of every output of every node whose operator is known."""
        return {
            id: {port.name: self.schemas.get(id, {}).get(port.name) for port in package.spec.outputs}
            for id, package in self._wiring.packages.items()
        }

    def _digest(self, package: Package) -> str:
        if package.source not in self._digests:
            self._digests[package.source] = package.code_digest()
        return self._digests[package.source]


def columns_into(wiring: Wiring, schemas: Mapping[str, Schemas], id: str) -> dict[str, Sequence[Any]]:
    """The columns that arrive at each input port of a node, for the ports of which they are known."""
    from operators.artifacts.formats import delivered_schema
    from operators.schemas import columns_of

    known: dict[str, Sequence[Any]] = {}
    for port in wiring.packages[id].spec.inputs:
        ends: Sequence[End] = wiring.feeds[id].get(port.name, ())
        columns = [columns_of(delivered_schema(schemas.get(end.node, {}).get(end.port), port.type)) for end in ends]
        if columns and all(each is not None for each in columns):
            merged = {column.name: column for each in reversed(columns) for column in each or ()}
            known[port.name] = tuple(merged.values())
    return known


def _with_absolute_paths(schema: Mapping[str, Any], params: dict[str, Any], base: Path) -> dict[str, Any]:
    """`params` with relative paths of files made absolute: the process that looks at them is somewhere else."""
    if b"x-file" not in msgspec.json.encode(schema):
        return params
    from form_specs.annotations import walk_parameters

    for pointer, subschema, value in list(walk_parameters(schema, params)):
        if subschema.get("x-file") and isinstance(value, str) and "://" not in value:
            params = replaced(params, split(pointer), str(base / Path(value).expanduser()))
    return params
