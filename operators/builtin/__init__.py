"""The built-in operators: packages like everyone else's, found through the same entry point."""

from __future__ import annotations

from pathlib import Path

from operators.package import FolderPackage, packages_in


def provider() -> list[FolderPackage]:
    """The built-in packages, for the entry point group `opyard.operators`."""
    return packages_in(Path(__file__).parent)
