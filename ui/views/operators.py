"""Operators as the ways in show them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from form_specs.text import localized
from operators.package import Package
from operators.spec import PortSpec


def operator_card(package: Package, language: str) -> dict[str, Any]:
    """What a list says of an operator."""
    spec = package.spec
    return {
        "id": spec.id,
        "version": spec.version,
        "title": localized(spec.title, language),
        "summary": localized(spec.summary, language),
        "category": spec.category,
        "tags": list(spec.tags),
        "inputs": [_short_port(port) for port in spec.inputs],
        "outputs": [_short_port(port) for port in spec.outputs],
        "deprecated": localized(spec.deprecated, language) if spec.deprecated else None,
    }


def operator_page(package: Package, versions: Sequence[str], language: str) -> dict[str, Any]:
    """All that is said of one version of an operator: its card, ports, parameters, documentation, source."""
    spec = package.spec
    return {
        **operator_card(package, language),
        "versions": list(versions),
        "inputs": [port_view(port, language) for port in spec.inputs],
        "outputs": [port_view(port, language) for port in spec.outputs],
        "parameters": spec.parameters,
        "requirements": list(spec.requirements),
        "reuse": spec.reuse,
        "source": package.source,
        "readme": package.readme(),
    }


def port_view(port: PortSpec, language: str) -> dict[str, Any]:
    """A port with its title and summary in one language."""
    return {
        "name": port.name,
        "type": port.type,
        "title": localized(port.title, language),
        "summary": localized(port.summary, language),
        "required": port.required,
        "many": port.many,
    }


def _short_port(port: PortSpec) -> dict[str, Any]:
    return {"name": port.name, "type": port.type, "required": port.required, "many": port.many}
