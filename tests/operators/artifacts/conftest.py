"""What tests of artifacts share: a value through its file and back."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from operators.artifacts.formats import read_value, write_value
from operators.documents import Artifact
from operators.ports import PortType
from operators.spec import PortSpec

PassOn = Callable[..., tuple[Artifact, Any]]


@pytest.fixture
def pass_on(tmp_path: Path) -> PassOn:
    """Write a value as one type, read it as another; the artifact goes through JSON between."""

    def through(value: Any, source: PortType, target: PortType | None = None, **port: Any) -> tuple[Artifact, Any]:
        written = write_value(PortSpec("out", source), value, tmp_path, "out")
        artifact = msgspec.json.decode(msgspec.json.encode(written), type=Artifact)
        return artifact, read_value(artifact, tmp_path / artifact.path, PortSpec("in", target or source, **port))

    return through
