"""Where the embedded engine keeps the logs of steps: a file for each attempt, under the logs folder."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote

from operators.logs import LogChunk, read_log


def log_path(folder: Path, run: str, node: str, attempt: int) -> Path:
    """The log file of one attempt."""
    return folder / "runs" / run / f"{quote(node, safe='')}.{attempt}.jsonl"


class LocalLogs:
    """Logs under a folder of this machine."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def read(self, run: str, node: str, attempt: int, after: int = 0) -> LogChunk:
        return read_log(log_path(self._folder, run, node, attempt), after)
