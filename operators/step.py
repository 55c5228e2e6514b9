"""Runs exactly one step from its document: the only way an operator is ever run.

`prepare` checks what is asked, without operator code; `execute` does the work in this process: use them through
`operators.workers`, which gives `execute` a process of its own with limits. As a command,
`python -m operators.step DOCUMENT` does both; DOCUMENT is a path, a URI that fsspec knows, or `-` for standard input.
Its exit code is 0 when the step is done, 1 when it is not, 2 when there was no document.
"""

from __future__ import annotations

import errno
import importlib.metadata
import resource
import sys
import time
import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from types import TracebackType
from typing import Any

import msgspec

from operators.artifacts.formats import read_value, write_value
from operators.artifacts.store import ArtifactStore
from operators.context import RunContext
from operators.documents import (
    RESULT_FILE,
    Artifact,
    StepDocument,
    StepError,
    StepResult,
    StepState,
    encode,
)
from operators.errors import (
    Cancelled,
    InputError,
    OutputError,
    PackageError,
    ParameterError,
    RequirementMissing,
)
from operators.kept import package_for
from operators.messages import emit, step_logger
from operators.package import LoadedOperator, Package
from operators.parameters import with_defaults
from operators.secrets import masked, values_of
from operators.spec import OperatorSpec, PortSpec


class OperatorFailed(Exception):
    """The error boundary: whatever operator code raised is its cause."""


def prepare(document: StepDocument) -> StepDocument:
    """The same document with all parameters filled in, once everything that needs no operator code has been checked.

    Raises:
        OperatorNotFound, SpecError, PackageError: the operator is not here, or its code is not what was planned with.
        RequirementMissing: a package that it needs is not installed.
        ParameterError: a parameter that its schema refuses.
    """
    package = package_for(document.operator)
    _require(package.spec)
    return msgspec.structs.replace(document, params=_params(package.spec, document.params))


def execute(document: StepDocument, store: ArtifactStore, staged: Path, scratch: Path) -> StepResult:
    """Run the step in this process. Never raises: what went wrong is in the result.

    Outputs and `result.json` are written into `staged`, which then becomes the folder `document.output`; of an attempt
    that did not finish only a `result.json` under `document.attempt` is left.
    """
    started = time.time()
    timings: dict[str, float] = {}
    context = RunContext(
        seed=document.seed,
        scratch=scratch,
        gpu=document.gpu,
        secrets=document.secrets,
        emit=emit,
        logger=step_logger(),
    )
    context.watch_signals()
    try:
        outputs = _outputs(document, store, staged, context, timings)
        result = _result("done", started, timings, context, outputs)
        (staged / RESULT_FILE).write_bytes(encode(result))
        store.commit(staged, document.output)
    except BaseException as error:
        store.discard(staged)
        told = _without_secrets(describe(error), document.secrets)
        result = _result(_state_of(error, context), started, timings, context, error=told)
        keep_attempt(store, document, result)
    return result


def failure(error: BaseException) -> StepResult:
    """The result of a step that could not even start."""
    return StepResult("failed", error=describe(error), started=time.time())


def keep_attempt(store: ArtifactStore, document: StepDocument, result: StepResult) -> None:
    """Leave the result of an attempt that did not finish where it can be looked up."""
    try:
        store.write(f"{document.attempt}/{RESULT_FILE}", encode(result))
    except OSError as error:
        # A full disk is why some attempts fail: the engine still gets the result itself.
        print(f"The result of this attempt cannot be kept: {error}", file=sys.stderr)


def describe(error: BaseException) -> StepError:
    """What to tell people about an error: the author's own traceback where operator code raised it, none of ours."""
    cause = error.__cause__ if isinstance(error, OperatorFailed) and error.__cause__ else error
    text = "" if cause is error else _author_traceback(cause)
    pointer = cause.pointer if isinstance(cause, ParameterError) else None
    return StepError(type(cause).__name__, _message(cause), text, pointer)


def _without_secrets(error: StepError, names: tuple[str, ...]) -> StepError:
    """The error as it may be kept: libraries like to quote the URL that they could not open."""
    values = values_of(names)
    message, text = masked(error.message, values), masked(error.traceback, values)
    return msgspec.structs.replace(error, message=message, traceback=text)


def _outputs(
    document: StepDocument, store: ArtifactStore, staged: Path, context: RunContext, timings: dict[str, float]
) -> dict[str, Artifact]:
    with _timed(timings, "load"):
        package = package_for(document.operator)
        _require(package.spec)
        operator = _load(package)
        inputs = _inputs(document, package.spec, store, context)
    with _timed(timings, "run"):
        values = _call(operator, inputs, document.params, context)
    with _timed(timings, "write"):
        return _written(package.spec, values, staged, context.scratch_folder)


def _require(spec: OperatorSpec) -> None:
    missing = [requirement for requirement in spec.requirements if not is_installed(requirement)]
    if missing:
        how = f"opyard[{spec.extra}]" if spec.extra else " ".join(missing)
        raise RequirementMissing(f"{spec.reference} needs {', '.join(missing)}. Install it: pip install '{how}'")


@cache
def is_installed(requirement: str) -> bool:
    """Whether a requirement such as ``polars>=1.20`` is met in this environment."""
    from packaging.requirements import Requirement

    wanted = Requirement(requirement)
    try:
        version = importlib.metadata.version(wanted.name)
    except importlib.metadata.PackageNotFoundError:
        return False
    return wanted.specifier.contains(version, prereleases=True)


def _load(package: Package) -> LoadedOperator:
    try:
        return package.load()
    except PackageError:
        raise
    except BaseException as error:
        raise OperatorFailed from error


def _params(spec: OperatorSpec, params: Mapping[str, Any]) -> dict[str, Any]:
    from form_specs import Form

    for problem in Form.from_schema(spec.parameters).check(dict(params)):
        raise ParameterError(problem.message, problem.pointer)
    return with_defaults(spec.parameters, params)


def _inputs(document: StepDocument, spec: OperatorSpec, store: ArtifactStore, context: RunContext) -> dict[str, Any]:
    inputs: dict[str, Any] = {}
    for name, references in document.inputs.items():
        port = spec.input(name)
        if port is None:
            raise InputError(f"{spec.reference} has no input {name!r}.")
        paths = [store.fetch(f"{ref.folder}/{ref.artifact.path}", context.scratch) for ref in references]
        values = [read_value(ref.artifact, path, port) for ref, path in zip(references, paths, strict=True)]
        if not port.many and len(values) != 1:
            raise InputError(f"The input {name!r} of {spec.reference} takes one artifact, found {len(values)}.")
        inputs[name] = values if port.many else values[0]
    missing = [port.name for port in spec.inputs if port.required and port.name not in inputs]
    if missing:
        raise InputError(f"{spec.reference} needs the input {missing[0]!r}. Wire something into it.")
    return inputs


def _call(
    operator: LoadedOperator, inputs: Mapping[str, Any], params: Mapping[str, Any], context: RunContext
) -> Mapping[str, Any]:
    try:
        values = operator.run(inputs, params, context)
    except BaseException as error:
        raise OperatorFailed from error
    if values is None:
        return {}
    if not isinstance(values, Mapping):
        raise OutputError(f"`run` must return a dict of port name to value; it returned {type(values).__name__}.")
    return values


def _written(spec: OperatorSpec, values: Mapping[str, Any], staged: Path, scratch: Path) -> dict[str, Artifact]:
    unknown = [name for name in values if spec.output(name) is None]
    if unknown:
        ports = ", ".join(port.name for port in spec.outputs) or "none"
        raise OutputError(f"`run` returned {unknown[0]!r}, which is no output of {spec.reference}. Outputs: {ports}.")
    return {port.name: _write(port, values, spec, staged, scratch) for port in spec.outputs if _is_there(port, values)}


def _is_there(port: PortSpec, values: Mapping[str, Any]) -> bool:
    return port.required or values.get(port.name) is not None


def _write(port: PortSpec, values: Mapping[str, Any], spec: OperatorSpec, staged: Path, scratch: Path) -> Artifact:
    if values.get(port.name) is None:
        raise OutputError(f"`run` of {spec.reference} returned nothing for its output {port.name!r}.")
    return write_value(port, values[port.name], staged, port.name, scratch)


def _result(
    state: StepState,
    started: float,
    timings: dict[str, float],
    context: RunContext,
    outputs: dict[str, Artifact] | None = None,
    error: StepError | None = None,
) -> StepResult:
    usage = [resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    timings["total"] = time.time() - started
    return StepResult(state, outputs or {}, context.metrics, timings, max(usage) * 1024, error, started)


def _state_of(error: BaseException, context: RunContext) -> StepState:
    cause = error.__cause__ if isinstance(error, OperatorFailed) else error
    if isinstance(cause, Cancelled) or context.cancelled:
        return "cancelled"
    return "out_of_memory" if isinstance(cause, MemoryError) else "failed"


def _message(error: BaseException) -> str:
    if getattr(error, "errno", None) == errno.ENOSPC or "os error 28" in str(error):
        return f"The disk is full: {error}. Free some space, or keep artifacts elsewhere, and resume the run."
    if isinstance(error, SystemExit):
        return f"The operator left by sys.exit({error.code!r}); `run` must return its outputs."
    return str(error) or type(error).__name__


def _author_traceback(error: BaseException) -> str:
    """The traceback of `error` from the first frame that is not Opyard's or the import system's own."""
    frames = error.__traceback__
    while frames is not None and _is_ours(frames):
        frames = frames.tb_next
    return "".join(traceback.format_exception(type(error), error, frames or error.__traceback__))


def _is_ours(frames: TracebackType) -> bool:
    name = frames.tb_frame.f_code.co_filename
    return name.startswith("<frozen importlib") or name in _OUR_FILES


_OUR_FILES = {__file__, str(Path(__file__).with_name("package.py"))}


@contextmanager
def _timed(timings: dict[str, float], name: str) -> Iterator[None]:
    begun = time.perf_counter()
    try:
        yield
    finally:
        timings[name] = time.perf_counter() - begun


if __name__ == "__main__":
    from operators.step_command import main

    sys.exit(main(sys.argv[1:]))
