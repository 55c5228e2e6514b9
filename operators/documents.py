"""The two documents of a step: what is asked (StepDocument) and what came of it (StepResult)."""

from __future__ import annotations

from typing import Any, Literal

import msgspec
from msgspec import Struct, field

from operators.errors import StepDocumentError
from operators.ports import PortType
from operators.schemas import PortSchema

STEP_VERSION = 1
RESULT_FILE = "result.json"

StepState = Literal["done", "failed", "cancelled", "timed_out", "out_of_memory"]


class Artifact(Struct, frozen=True, omit_defaults=True):
    """A typed output that has been written: where it is beside its `result.json`, and what it is.

    `path` and `preview` are file names in the step's folder; `bytes` is the size of the data file. `summary` is
    made once, when the artifact is written, and is all that a page needs to show it.
    """

    type: PortType
    format: str
    path: str
    bytes: int
    schema: PortSchema | None = None
    summary: dict[str, Any] = field(default_factory=dict)
    preview: str | None = None
    name: str | None = None
    media_type: str | None = None


class InputRef(Struct, frozen=True):
    """An artifact that a step reads: the URI of the folder it lies in, and its description."""

    folder: str
    artifact: Artifact


class OperatorRef(Struct, frozen=True):
    """Which operator to run: its package folder on this machine, and the digest of the code that was planned with."""

    id: str
    version: str
    folder: str
    code: str


class Limits(Struct, frozen=True, omit_defaults=True):
    """What a step may use: wall time in seconds, resident memory in bytes; None is unlimited."""

    seconds: float | None = None
    memory: int | None = None


class StepDocument(Struct, frozen=True):
    """All that one step needs, so that it can be run anywhere the artifact store can be reached.

    `output` is the URI of the folder that appears when the step has finished; `attempt` the URI of the folder
    that keeps `result.json` of an attempt that did not. `store` is the URI of the artifact store both are in.
    `secrets` are names, never values.
    """

    operator: OperatorRef
    store: str
    output: str
    attempt: str
    params: dict[str, Any] = field(default_factory=dict)
    inputs: dict[str, list[InputRef]] = field(default_factory=dict)
    seed: int = 0
    limits: Limits = Limits()
    gpu: float = 0.0
    secrets: tuple[str, ...] = ()
    run: str = ""
    node: str = ""
    step_version: int = STEP_VERSION


class StepError(Struct, frozen=True, omit_defaults=True):
    """Why a step did not finish. `traceback` begins at the author's first line and holds none of ours."""

    kind: str
    message: str
    traceback: str = ""
    pointer: str | None = None


class StepResult(Struct, frozen=True, omit_defaults=True):
    """What came of one attempt. Times in seconds, memory in bytes (peak resident, of the step and its children)."""

    state: StepState
    outputs: dict[str, Artifact] = field(default_factory=dict)
    metrics: dict[str, float] = field(default_factory=dict)
    timings: dict[str, float] = field(default_factory=dict)
    peak_memory: int = 0
    error: StepError | None = None
    started: float = 0.0
    step_version: int = STEP_VERSION


_documents = msgspec.json.Decoder(StepDocument)
_results = msgspec.json.Decoder(StepResult)
encode = msgspec.json.Encoder().encode


def decode_document(data: bytes) -> StepDocument:
    """The step document in `data`; `StepDocumentError` says what is wrong with it."""
    try:
        document = _documents.decode(data)
    except msgspec.DecodeError as error:
        raise StepDocumentError(f"This is not a step document: {error}.") from error
    if document.step_version > STEP_VERSION:
        raise StepDocumentError(
            f"The step document has version {document.step_version}; this Opyard reads up to {STEP_VERSION}."
            " Update Opyard in the image that runs the step."
        )
    return document


def decode_result(data: bytes) -> StepResult:
    """The result in `data`; `StepDocumentError` where a file was damaged."""
    try:
        return _results.decode(data)
    except msgspec.DecodeError as error:
        raise StepDocumentError(f"This is not a step's result: {error}.") from error
