"""Semantic versions in their order (semver.org, section 11)."""

from __future__ import annotations

import re
from typing import Any


def precedence(version: str) -> tuple[Any, ...]:
    """A key that sorts semantic versions; what follows a ``+`` does not count. Never fails: lint judges versions."""
    core, _, pre = version.partition("+")[0].partition("-")
    numbers = tuple(int(number) for number in re.findall(r"\d+", core))
    labels = tuple((0, int(part), "") if part.isdecimal() else (1, 0, part) for part in pre.split("."))
    return (numbers, not pre, labels)


def is_prerelease(version: str) -> bool:
    """Whether it is a version before a release, such as ``2.0.0-rc.1``."""
    return "-" in version.partition("+")[0]
