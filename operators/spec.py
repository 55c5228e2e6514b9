"""OperatorSpec: what `operator.json` says, as data."""

from __future__ import annotations

from typing import Any, Literal

import msgspec
from msgspec import Struct, field

from operators.errors import SpecError
from operators.ports import PortType

SPEC_VERSION = 1

LocalizedText = str | dict[str, str]


class PortSpec(Struct, frozen=True, forbid_unknown_fields=True):
    """A named, typed input or output.

    `handover` says how a table is given to `run`: as a `pyarrow.Table`, or as a `polars.LazyFrame` that reads
    only what the operator asks of it. `many` lets several wires end in one input, which is then a list.
    """

    name: str
    type: PortType
    title: LocalizedText = ""
    summary: LocalizedText = ""
    required: bool = True
    many: bool = False
    handover: Literal["arrow", "lazy"] = "arrow"


class Resources(Struct, frozen=True, forbid_unknown_fields=True):
    """What a step asks for: CPU cores, memory in bytes or as '2GiB', GPUs (may be a fraction)."""

    cpu: float = 1.0
    memory: int | str | None = None
    gpu: float = 0.0
    gpu_memory: int | str | None = None


class Change(Struct, frozen=True, forbid_unknown_fields=True):
    """One change of saved parameters.

    `rename` and `remove` act on what is at `path`, `set` writes `value` where nothing is, `map` replaces by `values`.
    """

    op: Literal["rename", "remove", "set", "map"]
    path: str
    to: str | None = None
    value: Any = None
    values: dict[str, Any] = field(default_factory=dict)


class Migration(Struct, frozen=True, forbid_unknown_fields=True, rename={"from_version": "from"}):
    """How parameters saved for `from` become parameters of `to`."""

    from_version: str
    to: str
    changes: tuple[Change, ...] = ()


class OperatorSpec(Struct, frozen=True, forbid_unknown_fields=True):
    """One version of one operator, as `operator.json` describes it.

    `reuse` is 'always' where equal inputs and parameters give equal outputs, and 'never' for steps that act on the
    world (a writer) or read what changes unseen (a database): those run again in every new run.
    """

    spec_version: int
    id: str
    version: str
    title: LocalizedText
    summary: LocalizedText
    category: str
    inputs: tuple[PortSpec, ...] = ()
    outputs: tuple[PortSpec, ...] = ()
    parameters: dict[str, Any] = field(default_factory=lambda: {"type": "object", "properties": {}})
    tags: tuple[str, ...] = ()
    icon: str | None = None
    resources: Resources = Resources()
    requirements: tuple[str, ...] = ()
    extra: str | None = None
    image: str | None = None
    reuse: Literal["always", "never"] = "always"
    deprecated: LocalizedText | None = None
    migrations: tuple[Migration, ...] = ()

    @property
    def reference(self) -> str:
        """`id@version`, the name by which a version is called."""
        return f"{self.id}@{self.version}"

    @property
    def warm(self) -> tuple[str, ...]:
        """The packages that a step of this operator imports: those it requires, and pyarrow where it has tables."""
        tables = any(port.type not in _WITHOUT_ARROW for port in (*self.inputs, *self.outputs))
        return (*self.requirements, "pyarrow") if tables else self.requirements

    def input(self, name: str) -> PortSpec | None:
        return next((port for port in self.inputs if port.name == name), None)

    def output(self, name: str) -> PortSpec | None:
        return next((port for port in self.outputs if port.name == name), None)


_WITHOUT_ARROW = frozenset({"text", "metrics", "report", "file"})

_decoder = msgspec.json.Decoder(OperatorSpec)


def decode_spec(document: bytes, origin: str) -> OperatorSpec:
    """The spec in the bytes of an `operator.json`.

    Checks shapes only, so that a catalogue is listed quickly; `operators.lint` checks all the rest.

    Raises:
        SpecError: no JSON, or a field that is missing, unknown or of the wrong type. Names `origin`.
    """
    try:
        return _decoder.decode(document)
    except msgspec.DecodeError as error:
        raise SpecError(f"{origin}: {error}. `opyard operators check` says how to mend it.") from error
