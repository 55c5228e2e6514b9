"""Linux process trees: what descends from a process, what memory it holds, and how all of it ends."""

from __future__ import annotations

import ctypes
import os
import signal
from pathlib import Path

_PR_SET_PDEATHSIG = 1
_PR_SET_CHILD_SUBREAPER = 36
_PAGE = os.sysconf("SC_PAGE_SIZE")

_libc = ctypes.CDLL(None, use_errno=True)


def die_with_parent(parent: int, signal_number: int = signal.SIGKILL) -> None:
    """Have this process end when `parent` does, however that ends."""
    _libc.prctl(_PR_SET_PDEATHSIG, signal_number, 0, 0, 0)
    if os.getppid() != parent:
        os._exit(1)


def adopt_orphans() -> None:
    """Become the parent of descendants whose own parent ends, so that none escapes `descendants`."""
    _libc.prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def children(pid: int) -> list[int]:
    """The children of a process, over all of its threads."""
    found: list[int] = []
    try:
        for thread in os.listdir(f"/proc/{pid}/task"):  # noqa: PTH208 - on the way of every step
            with open(f"/proc/{pid}/task/{thread}/children", "rb") as file:  # noqa: PTH123 - on the way of every step
                found += [int(child) for child in file.read().split()]
    except OSError:
        return found
    return found


def descendants(pid: int) -> list[int]:
    """All processes below a process, nearest first."""
    found = children(pid)
    for child in found:
        found.extend(children(child))
    return found


def private_memory(pid: int) -> int:
    """Bytes of memory that a process holds beyond what is mapped from files; 0 if it has gone."""
    try:
        _, resident, shared, *_ = Path(f"/proc/{pid}/statm").read_text().split()
    except (OSError, ValueError):
        return 0
    return (int(resident) - int(shared)) * _PAGE


def kill_tree(pid: int) -> None:
    """Kill a process and all that descends from it. Stops them first, so that none forks out of the way."""
    tree = [pid, *descendants(pid)]
    for signal_number in (signal.SIGSTOP, signal.SIGKILL):
        tree = list(dict.fromkeys([*tree, *descendants(pid)]))
        for member in tree:
            send(member, signal_number)


def send(pid: int, signal_number: int) -> None:
    """Send a signal; nothing happens if the process has gone."""
    try:
        os.kill(pid, signal_number)
    except ProcessLookupError:
        return


def _has_children() -> bool:
    try:
        os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
    except ChildProcessError:
        return False
    return True


def reap_strays(keep: frozenset[int]) -> None:
    """Kill and reap the children of this process that are not in `keep`, until none is left."""
    own = os.getpid()
    if not _has_children():
        return
    while strays := [child for child in children(own) if child not in keep]:
        for child in strays:
            kill_tree(child)
            try:
                os.waitpid(child, 0)
            except ChildProcessError:
                continue
