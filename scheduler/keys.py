"""Content keys: equal keys mean equal results, so a step whose key is there already need not run."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from form_specs.annotations import walk_parameters
from operators.artifacts.store import local_path

KEY_VERSION = 1

# Up to this size a file is known by its content; beyond it, by its size and time of change.
HASHED_BYTES = 16 * 2**20


def step_key(
    operator: tuple[str, str, str],
    params: Mapping[str, Any],
    inputs: Mapping[str, Sequence[tuple[str, str]]],
    seed: int,
    files: Mapping[str, str],
    nonce: str,
) -> str:
    """The key of a step: 64 hexadecimal digits.

    Args:
        operator: id, version and digest of the code.
        params: all parameters, defaults filled in.
        inputs: for each input port, the keys and output ports that feed it.
        seed: the seed it runs with.
        files: for each file that a parameter names, what `fingerprint` said.
        nonce: empty, or something that no other run has, for steps that must not be re-used by another.
    """
    content = [KEY_VERSION, operator, params, inputs, seed, files, nonce]
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def files_read(schema: Mapping[str, Any], params: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    """The parameters that name files: pointer, 'read' or 'write', and the path or URI."""
    if "x-file" in json.dumps(schema):
        for pointer, subschema, value in walk_parameters(schema, params):
            if subschema.get("x-file") and isinstance(value, str):
                yield pointer, str(subschema["x-file"]), value


def secrets_named(schema: Mapping[str, Any], params: Mapping[str, Any]) -> tuple[str, ...]:
    """The names of the secrets that parameters ask for."""
    if "x-secret" not in json.dumps(schema):
        return ()
    named = (value for _, subschema, value in walk_parameters(schema, params) if subschema.get("x-secret"))
    return tuple(sorted({value for value in named if isinstance(value, str) and value}))


def fingerprint(uri: str) -> str:
    """What tells one state of a file or folder from another; 'missing' where there is none."""
    path = local_path(uri)
    if path is None:
        return _remote_fingerprint(uri)
    try:
        if path.is_dir():
            parts = [
                f"{entry.relative_to(path)}:{_state(entry)}" for entry in sorted(path.rglob("*")) if entry.is_file()
            ]
            return hashlib.sha256("\n".join(parts).encode()).hexdigest()
        return _state(path)
    except OSError:
        return "missing"


def _state(path: Path) -> str:
    facts = path.stat()
    if facts.st_size > HASHED_BYTES:
        return f"{facts.st_size}-{facts.st_mtime_ns}"
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _remote_fingerprint(uri: str) -> str:
    import fsspec

    try:
        filesystem, path = fsspec.core.url_to_fs(uri)
        return str(filesystem.ukey(path))
    except (OSError, ValueError, ImportError):
        # Where it cannot be looked at from here, the step itself says why.
        return "missing"
