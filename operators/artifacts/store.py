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
from collections.abc import Iterator
from contextlib import contextmanager
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
        """Whether there is a file or folder; `ArtifactError` where the store does not answer."""
        path = local_path(uri)
        if path is not None:
            return path.exists()
        with _answering(uri):
            # What was listed before is no answer: other processes share the store.
            self._filesystem().invalidate_cache()
            return bool(self._filesystem().exists(uri))

    def read(self, uri: str) -> bytes | None:
        """The bytes of a file, or None where there is none; `ArtifactError` where it cannot be read."""
        path = local_path(uri)
        try:
            with _answering(uri):
                return path.read_bytes() if path is not None else bytes(self._filesystem().cat_file(uri))
        except FileNotFoundError:
            return None

    def write(self, uri: str, data: bytes) -> None:
        """Write one small file, whole or not at all.

        Raises:
            OSError: the disk is full, or the store does not answer.
        """
        path = local_path(uri)
        if path is None:
            try:
                with _answering(uri):
                    self._filesystem().pipe_file(uri, data)
            except ArtifactError as error:
                raise OSError(str(error)) from error
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
        folder = self._staging / f"{os.getpid()}-{uuid4().hex}"
        try:
            folder.mkdir()
        except FileNotFoundError:
            folder.mkdir(parents=True)
        return folder

    def commit(self, staged: Path, uri: str) -> None:
        """Make a staged folder appear under `uri`, whole. Where a step finished there before, that one stays.

        Raises:
            ArtifactError: it could not be moved; nothing appears under `uri`, and `staged` is as it was.
        """
        if not (staged / RESULT_FILE).is_file():
            raise ArtifactError(f"{staged} holds no {RESULT_FILE}, so the step in it has not finished.")
        target = local_path(uri)
        if target is None:
            if not self.finished(uri):
                self._upload(staged, uri)
            self.discard(staged)
        else:
            _rename(staged, target)

    def discard(self, staged: Path) -> None:
        """Forget a staged folder."""
        shutil.rmtree(staged, ignore_errors=True)

    def sweep(self, older_than: float = 0.0) -> int:
        """Delete staged folders that a crash left behind, `older_than` seconds or more ago; says how many.

        Those of processes of this machine that live are left alone.
        """
        limit = time.time() - older_than
        left = [
            entry
            for entry in self._staging.glob("*-*")
            if _changed(entry) <= limit and not _lives(entry.name.partition("-")[0])
        ]
        for entry in left:
            self.discard(entry)
        return len(left)

    def fetch(self, uri: str, scratch: Path) -> Path:
        """A local path of the file at `uri`: itself where it is local, else a copy under `scratch`.

        Raises:
            ArtifactError: it is gone, or the store does not answer.
        """
        path = local_path(uri)
        if path is None:
            path = scratch / f"{uuid4().hex}-{uri.rsplit('/', 1)[-1]}"
            try:
                with _answering(uri):
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
        with _answering(uri):
            filesystem.makedirs(uri, exist_ok=True)
            for path in files:
                filesystem.put_file(str(path), f"{uri}/{path.relative_to(staged)}")

    @property
    def _staging(self) -> Path:
        """Beside the artifacts where they are local, so that a rename is enough; else among the temporary files."""
        return self._local / "staging" if self._local else Path(tempfile.gettempdir(), f"opyard-staging-{os.getuid()}")

    def _filesystem(self) -> AbstractFileSystem:
        if self._remote is None:
            import fsspec

            self._remote, _ = fsspec.core.url_to_fs(self.root, **self._options)
        return self._remote


@contextmanager
def _answering(uri: str) -> Iterator[None]:
    """Whatever a client of a store raises, but for a missing file, is an `ArtifactError` that names `uri`."""
    try:
        yield
    except (FileNotFoundError, ArtifactError):
        raise
    except Exception as error:
        raise ArtifactError(
            f"{uri} cannot be reached: {type(error).__name__}: {error}. Is the artifact store up, and may we use it?"
        ) from error


def _changed(entry: Path) -> float:
    try:
        return entry.stat().st_mtime
    except FileNotFoundError:  # its own process was quicker
        return float("inf")


def _lives(process: str) -> bool:
    try:
        os.kill(int(process), 0)
    except (ValueError, ProcessLookupError):
        return False
    except PermissionError:
        return True
    return True


def _rename(staged: Path, target: Path) -> None:
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        staged.rename(target)
    except OSError as error:
        if not (target / RESULT_FILE).exists():
            raise ArtifactError(f"{staged} cannot be moved to {target}: {error}.") from error
        shutil.rmtree(staged, ignore_errors=True)


def _gone(uri: str) -> ArtifactError:
    return ArtifactError(f"{uri} is gone from the artifact store. Run the step that makes it again.")
