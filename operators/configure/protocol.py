"""What is said between `ConfigureProcess` and its child: one JSON document a line, both ways.

A batch is answered node by node, in its order, so that the one that never answers is known by name.
"""

from __future__ import annotations

from typing import Any, Literal

import msgspec
from msgspec import Struct

from operators.documents import OperatorRef
from operators.schemas import PortSchema

Schemas = dict[str, PortSchema | None]

# What the child says once, when it can take questions.
READY = b'"ready"'

FindingKind = Literal["parameter", "input", "requirement", "failed", "timed_out", "crashed", "unavailable"]


class Question(Struct, frozen=True):
    """One node: what comes out of it? `inputs` are, by port, the (node, port) that feed it, in order."""

    id: str
    operator: OperatorRef
    params: dict[str, Any] = {}
    inputs: dict[str, list[tuple[str, str]]] = {}


class Batch(Struct, frozen=True):
    """Nodes, each after those that feed it, and what is known of nodes that feed these from outside the batch."""

    nodes: list[Question]
    known: dict[str, Schemas] = {}


class Finding(Struct, frozen=True):
    """Why the schemas are not known.

    `parameter` (at `pointer`), `input` and `requirement` are the operator's own refusals; `failed` is an error in
    its code; the rest are about the child process.
    """

    kind: FindingKind
    message: str
    pointer: str = ""


class Answer(Struct, frozen=True):
    """The schema of every output of one node, None where it is not known."""

    id: str
    schemas: Schemas = {}
    finding: Finding | None = None


encode = msgspec.json.Encoder().encode
decode_batch = msgspec.json.Decoder(Batch).decode
decode_answer = msgspec.json.Decoder(Answer).decode
