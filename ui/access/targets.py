"""Where to go after a page of ours: only to paths of this server."""

from __future__ import annotations


def local_target(target: str) -> str:
    """`target` if it is a path of ours, else `/`: a login must not send people to another site."""
    harmless = target.startswith("/") and not target.startswith("//") and "\\" not in target
    return target if harmless and target.isprintable() else "/"
