"""The child: reads batches, calls `configure` of each node's operator, writes answers.

Operator code runs here, so the child trusts nothing of it: what it prints goes to nobody, and when the parent has
gone the child ends, whatever that code is doing.
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Mapping
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from queue import SimpleQueue
from typing import Any, BinaryIO

from operators.configure.protocol import READY, Answer, Batch, Finding, Question, Schemas, decode_batch, encode
from operators.discovery import discover, find
from operators.documents import OperatorRef
from operators.errors import InputError, OperatorsError, ParameterError, RequirementMissing
from operators.package import LoadedOperator, Package
from operators.schemas import ImagesSchema, ModelSchema, TableSchema, VectorsSchema
from operators.spec import OperatorSpec


def main() -> None:
    """Answer batches from standard input until it ends; the arguments are modules to import beforehand."""
    answers = os.fdopen(os.dup(1), "wb", buffering=0)
    os.dup2(2, 1)
    batches: SimpleQueue[bytes] = SimpleQueue()
    threading.Thread(target=_read, args=(sys.stdin.buffer, batches), daemon=True).start()
    answers.write(READY + b"\n")
    for name in sys.argv[1:]:
        if find_spec(name) is not None:
            import_module(name)
    known: dict[str, Schemas] = {}
    while True:
        _answer(decode_batch(batches.get()), known, answers)


def _read(source: BinaryIO, batches: SimpleQueue[bytes]) -> None:
    """Pass lines on. The end of the input is the end of the parent, and so of this process at once."""
    for line in source:
        batches.put(line)
    os._exit(0)


def _answer(batch: Batch, known: dict[str, Schemas], answers: BinaryIO) -> None:
    """Answer a batch. What was answered in earlier ones stays known, as one pipeline may come in several."""
    known.update(batch.known)
    for question in batch.nodes:
        answer = configured(question, known)
        known[question.id] = answer.schemas
        answers.write(encode(answer) + b"\n")


def configured(question: Question, known: Mapping[str, Schemas]) -> Answer:
    """The answer to one question; never raises."""
    try:
        operator = _load(question.operator.id, question.operator.version, question.operator.folder)
        unknown: Schemas = {port.name: None for port in operator.spec.outputs}
        if operator.configure is None:
            return Answer(question.id, unknown)
        result = operator.configure(_inputs(operator.spec, question, known), question.params)
        return Answer(question.id, unknown | _checked(operator.spec, result))
    except ParameterError as error:
        return Answer(question.id, finding=Finding("parameter", str(error), error.pointer))
    except InputError as error:
        return Answer(question.id, finding=Finding("input", str(error)))
    except (RequirementMissing, ModuleNotFoundError) as error:
        return Answer(question.id, finding=Finding("requirement", str(error)))
    except OperatorsError as error:
        return Answer(question.id, finding=Finding("failed", str(error)))
    except (Exception, SystemExit) as error:
        return Answer(question.id, finding=Finding("failed", f"{type(error).__name__}: {error}"))


@cache
def _load(identifier: str, version: str, folder: str) -> LoadedOperator:
    return _package(OperatorRef(identifier, version, folder, "")).load()


def _package(operator: OperatorRef) -> Package:
    reference = f"{operator.id}@{operator.version}"
    if not Path(operator.folder).is_dir() and reference in _discovered():
        return _discovered()[reference]
    return find(operator.id, operator.version, operator.folder)


@cache
def _discovered() -> dict[str, Package]:
    return {package.spec.reference: package for package in discover().packages}


def _inputs(spec: OperatorSpec, question: Question, known: Mapping[str, Schemas]) -> dict[str, Any]:
    from operators.artifacts.formats import delivered_schema

    inputs: dict[str, Any] = {}
    for port in spec.inputs:
        feeds = question.inputs.get(port.name, ())
        schemas = [delivered_schema(known.get(node, {}).get(source), port.type) for node, source in feeds]
        if port.many:
            inputs[port.name] = schemas
        elif schemas:
            inputs[port.name] = schemas[0]
    return inputs


def _checked(spec: OperatorSpec, result: Any) -> Schemas:
    if not isinstance(result, Mapping):
        raise TypeError(f"configure must return a mapping of output port to schema, found {type(result).__name__}")
    for name, schema in result.items():
        if spec.output(name) is None:
            raise ValueError(f"configure names the output {name!r}, which {spec.reference} has not")
        if not isinstance(schema, TableSchema | ImagesSchema | VectorsSchema | ModelSchema | None):
            raise TypeError(f"configure gives {type(schema).__name__} for the output {name!r}, not a schema or None")
    return dict(result)
