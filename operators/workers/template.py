"""A process that workers are forked from: it has imported what they need, so that they share it and start at once.

It runs no operator code. It takes commands as JSON datagrams over a socket, with the socket of the process to make:
`{"make": "worker"}` forks a worker, `{"make": "template", "requirements": […]}` a template that imports these
packages too, and `{"import": […]}` imports modules that steps were seen to need.
"""

from __future__ import annotations

import contextlib
import importlib
import importlib.metadata
import json
import os
import signal
import socket
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path

from operators.workers.slot import serve_orders

# What nearly every step needs; imported here once, shared by all workers. Where pandas is installed, pyarrow imports it
# to make an array of a list, which takes longer than most steps.
_BASE = (
    "operators.step",
    "form_specs.form",
    "form_specs.check",
    "operators.artifacts.table",
    "operators.artifacts.summary.table",
    "operators.artifacts.metrics",
    "packaging.requirements",
    "pyarrow.parquet",
    "pyarrow.compute",
    "pandas",
)


def serve_forks(control: socket.socket, modules: Iterable[str]) -> None:
    """Import `modules`, then fork what is asked for until the pool has gone."""
    import_quietly(modules)
    _exercise()
    while True:
        data, descriptors, _, _ = socket.recv_fds(control, 1 << 20, 1)
        _reap()
        if not data:
            return
        command = json.loads(data)
        if "import" in command:
            import_quietly(command["import"])
        for descriptor in descriptors:
            _fork(command, control, socket.socket(fileno=descriptor))


def _exercise() -> None:
    """Do once what every step does, without threads: what is made on first use is then made before the fork."""
    import pyarrow as pa

    from form_specs import Form
    from operators.artifacts.formats import read_value, write_value
    from operators.package import FolderPackage
    from operators.spec import PortSpec

    Form.from_schema({"type": "object", "properties": {"n": {"type": "integer"}}}).check({"n": 1})
    port = PortSpec("table", "table")
    table = pa.table({"number": [1, 2], "text": ["a", None], "share": [0.5, 1.5], "flag": [True, False]})
    with tempfile.TemporaryDirectory(prefix="opyard-warm-") as name:
        folder = Path(name)
        for value in (table, table.slice(1)):
            artifact = write_value(port, value, folder, "table")
        read_value(artifact, folder / artifact.path, port)
        folder.joinpath("operator.py").write_text("def run(inputs, params, context):\n    return {}\n")
        FolderPackage(folder).code_digest()


def import_quietly(modules: Iterable[str]) -> None:
    """Import what can be imported. What cannot is for the step that needs it to say."""
    for name in modules:
        with contextlib.suppress(Exception):
            importlib.import_module(name)


def modules_of(requirements: Iterable[str]) -> list[str]:
    """The importable top-level names of the packages that satisfy `requirements` here."""
    from packaging.requirements import Requirement

    names: list[str] = []
    for requirement in requirements:
        with contextlib.suppress(importlib.metadata.PackageNotFoundError):
            names += _top_level(importlib.metadata.distribution(Requirement(requirement).name))
    return names


def _top_level(distribution: importlib.metadata.Distribution) -> list[str]:
    listed = distribution.read_text("top_level.txt")
    if listed:
        return listed.split()
    files = distribution.files or ()
    return sorted({file.parts[0] for file in files if len(file.parts) == 2 and file.name == "__init__.py"})


def _fork(command: dict[str, object], control: socket.socket, connection: socket.socket) -> None:
    if os.fork() != 0:
        connection.close()
        return
    code = 1
    try:
        control.close()
        if command["make"] == "worker":
            serve_orders(connection)
        else:
            serve_forks(connection, modules_of(command["requirements"]))  # type: ignore[arg-type]
        code = 0
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _reap() -> None:
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            continue


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    serve_forks(socket.socket(fileno=int(sys.argv[1])), _BASE)
