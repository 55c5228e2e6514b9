"""The pipeline document: nodes that are operators, edges between their ports, and what is said about them."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct, field

from marketplace.errors import PipelineUnreadable
from marketplace.pipelines.diagnosis import kind_of, unreadable, where_in
from marketplace.pipelines.upgrade import SCHEMA_VERSION, upgraded

NODE_ID = "^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$"

NodeId = Annotated[str, Meta(pattern=NODE_ID)]
Name = Annotated[str, Meta(min_length=1, max_length=200)]
Count = Annotated[int, Meta(ge=0, le=100)]
Positive = Annotated[float, Meta(gt=0)]
NotNegative = Annotated[float, Meta(ge=0)]
AtLeastOne = Annotated[float, Meta(ge=1)]

LocalizedText = str | dict[str, str]


class Position(Struct, frozen=True, forbid_unknown_fields=True):
    """Where something lies on the canvas, in its units (pixels at zoom 1)."""

    x: float = 0.0
    y: float = 0.0


class Retries(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """How often a failed step is tried again: after `delay` seconds, then each time `backoff` times as long."""

    count: Count = 0
    delay: NotNegative = 1.0
    backoff: AtLeastOne = 2.0


class NodeResources(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """What a node asks for instead of what its operator asks for; None leaves it as the operator says.

    Sizes are bytes, or text such as '2GiB'; GPUs may be a fraction of one.
    """

    cpu: Positive | None = None
    memory: int | str | None = None
    gpu: NotNegative | None = None
    gpu_memory: int | str | None = None


class Node(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """One use of one version of an operator.

    `params` may hold `{"$param": name}` anywhere: it stands for the value of a parameter of the pipeline.
    `time_limit` is in seconds. A node that is not enabled does not run, and neither does what needs its outputs.
    """

    id: NodeId
    operator: str
    version: str
    label: str = ""
    params: dict[str, Any] = field(default_factory=dict)
    position: Position | None = None
    retries: Retries = Retries()
    time_limit: Positive | None = None
    resources: NodeResources = NodeResources()
    enabled: bool = True
    environment: str | None = None


class End(Struct, frozen=True, forbid_unknown_fields=True):
    """One end of an edge: a port of a node."""

    node: str
    port: str


class Edge(Struct, frozen=True, forbid_unknown_fields=True):
    """What comes out of `source` goes into `target`."""

    source: End
    target: End


class Note(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A note on the canvas, in Markdown."""

    id: str
    text: str
    position: Position = Position()
    width: Positive | None = None
    height: Positive | None = None
    color: str | None = None


class Group(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Nodes that belong together, by id."""

    id: str
    title: LocalizedText = ""
    nodes: tuple[str, ...] = ()
    color: str | None = None
    collapsed: bool = False


class Schedule(Struct, frozen=True, forbid_unknown_fields=True):
    """When the pipeline runs by itself: five cron fields, in a time zone of the IANA database."""

    cron: str
    timezone: str = "UTC"


class Pipeline(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, kw_only=True):
    """A pipeline. `parameters` is a JSON Schema of type object: what a run may be given."""

    # A factory, as msgspec leaves out plain defaults, and the version must be in every document.
    schema_version: int = field(default_factory=lambda: SCHEMA_VERSION)
    name: Name
    title: LocalizedText = ""
    description: LocalizedText = ""
    parameters: dict[str, Any] = field(default_factory=dict)
    nodes: tuple[Node, ...] = ()
    edges: tuple[Edge, ...] = ()
    notes: tuple[Note, ...] = ()
    groups: tuple[Group, ...] = ()
    environment: str | None = None
    schedule: Schedule | None = None

    def node(self, id: str) -> Node | None:
        """The (first) node of that id."""
        return next((node for node in self.nodes if node.id == id), None)


def read_pipeline(data: bytes | str, origin: str) -> Pipeline:
    """The pipeline in `data`, upgraded to the newest schema version.

    Args:
        origin: what to call it in messages: a file, a revision.

    Raises:
        PipelineUnreadable: not JSON, or not of a pipeline's shape; says where, for every place.
        PipelineTooNew: its schema version is unknown here.
    """
    raw = data.encode() if isinstance(data, str) else data
    try:
        document = msgspec.json.decode(raw.removeprefix(b"\xef\xbb\xbf"))
    except (msgspec.DecodeError, RecursionError) as error:
        raise PipelineUnreadable(f"{origin} is not JSON: {where_in(str(error), raw)}.") from error
    if not isinstance(document, dict):
        raise PipelineUnreadable(f"{origin} is not a pipeline: expected a JSON object, found {kind_of(document)}.")
    document = upgraded(document, origin)
    try:
        return msgspec.convert(document, Pipeline)
    except msgspec.ValidationError as error:
        raise unreadable(document, origin, str(error)) from error


def write_pipeline(pipeline: Pipeline) -> bytes:
    """The document as JSON to be read by people too: indented, keys in a fixed order, what is as always left out."""
    return msgspec.json.format(msgspec.json.encode(pipeline), indent=2) + b"\n"
