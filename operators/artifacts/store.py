"""Where artifacts are kept: step folders under a root URI, which appear whole or not at all.

A step writes into a staging folder on the local disk. `commit` makes it visible under its final URI: by one
rename where the store is this machine's disk, else by uploading every file and `result.json` last. A step's folder
is there if and only if its `result.json` is.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit
from uuid import uuid4

from operators.documents import RESULT_FILE
from operators.errors import ArtifactError

if TYPE_CHECKING:
    from fsspec import AbstractFileSystem


def local_path(uri: str) -> Path | None:
    """The path that a `file://` URI or a plain path names; None for every other scheme."""
    if "://" not in uri:
        return Path(uri)
    parts = urlsplit(uri)
    return Path(unquote(parts.path)) if parts.scheme == "file" else None


class ArtifactStore:
    """Artifacts under one root, on any file system that fsspec knows.

    Stateless but for its connection, so any number of processes may share a root. Not for use by several threads
    at once.

    Args:
        root: `file:///folder`, a plain path, `s3://bucket/prefix`, `memory://prefix` (one process only), …
        options: passed to the fsspec file system, such as an endpoint. Never logged.
    """

    def __init__(self, root: str, options: dict[str, Any] | None = None) -> None:
        self.root = root.rstrip("/")
        self._options = options or {}
        self._local = local_path(self.root)
        self._remote: AbstractFileSystem | None = None

    def step_uri(self, key: str) -> str:
        """The URI under which the step with that key lies, or will lie."""
        return f"{self.root}/steps/{key[:2]}/{key}"

    def attempt_uri(self, run: str, node: str, number: int) -> str:
        """The URI for what is left of an attempt that did not finish."""
        return f"{self.root}/attempts/{run}/{node}.{number}"

    def finished(self, uri: str) -> bool:
        """Whether a step has finished there."""
        return self.exists(f"{uri}/{RESULT_FILE}")

    def exists(self, uri: str) -> bool:
        path = local_path(uri)
        if path is not None:
            return path.exists()
        return bool(self._filesystem().exists(uri))

    def read(self, uri: str) -> bytes | None:
        """The bytes of a file, or None where there is none."""
        path = local_path(uri)
        try:
            if path is not None:
                return path.read_bytes()
            return bytes(self._filesystem().cat_file(uri))
        except FileNotFoundError:
            return None
        except OSError as error:
            raise ArtifactError(f"{uri} cannot be read: {error}.") from error

    def write(self, uri: str, data: bytes) -> None:
        """Write one small file, whole or not at all."""
        path = local_path(uri)
        if path is None:
            self._filesystem().pipe_file(uri, data)
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = path.with_name(f".{path.name}.{uuid4().hex}")
        try:
            temporary.write_bytes(data)
            temporary.replace(path)
        finally:
            temporary.unlink(missing_ok=True)

    def stage(self) -> Path:
        """A new, empty folder on the local disk to write a step's outputs into."""
        if self._local is None:
            return Path(tempfile.mkdtemp(prefix="opyard-stage-"))
        folder = self._local / "staging" / f"{os.getpid()}-{uuid4().hex}"
        try:
            folder.mkdir()
        except FileNotFoundError:
            folder.mkdir(parents=True)
        return folder

    def commit(self, staged: Path, uri: str) -> None:
        """Make a staged folder appear under `uri`, whole. Where a step finished there before, that one stays."""
        target = local_path(uri)
        if target is None:
            self._upload(staged, uri)
        else:
            _rename(staged, target)

    def discard(self, staged: Path) -> None:
        """Forget a staged folder."""
        shutil.rmtree(staged, ignore_errors=True)

    def sweep(self, older_than: float = 0.0) -> int:
        """Delete staged folders that a crash left behind, `older_than` seconds or more ago; says how many."""
        if self._local is None:
            return 0
        staging = self._local / "staging"
        limit = time.time() - older_than
        left = [entry for entry in staging.glob("*") if entry.stat().st_mtime <= limit]
        for entry in left:
            self.discard(entry)
        return len(left)

    def fetch(self, uri: str, scratch: Path) -> Path:
        """A local path of the file at `uri`: itself where it is local, else a copy under `scratch`."""
        path = local_path(uri)
        if path is None:
            path = scratch / f"{uuid4().hex}-{uri.rsplit('/', 1)[-1]}"
            try:
                self._filesystem().get_file(uri, str(path))
            except FileNotFoundError as error:
                raise _gone(uri) from error
        elif not path.exists():
            raise _gone(uri)
        return path

    def _upload(self, staged: Path, uri: str) -> None:
        filesystem = self._filesystem()
        files = sorted(
            (path for path in staged.rglob("*") if path.is_file()), key=lambda path: path.name == RESULT_FILE
        )
        filesystem.makedirs(uri, exist_ok=True)
        for path in files:
            filesystem.put_file(str(path), f"{uri}/{path.relative_to(staged)}")
        self.discard(staged)

    def _filesystem(self) -> AbstractFileSystem:
        if self._remote is None:
            import fsspec

            self._remote, _ = fsspec.core.url_to_fs(self.root, **self._options)
        return self._remote


def _rename(staged: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        staged.rename(target)
    except OSError as error:
        if not (target / RESULT_FILE).exists():
            raise ArtifactError(f"{staged} cannot be moved to {target}: {error}.") from error
        shutil.rmtree(staged, ignore_errors=True)


def _gone(uri: str) -> ArtifactError:
    return ArtifactError(f"{uri} is gone from the artifact store. Run the step that makes it again.")
