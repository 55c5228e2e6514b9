"""The API's own page: its OpenAPI document as HTML, with a form that sends each request. Nothing comes from outside."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from html import escape
from pathlib import Path
from typing import Any

METHODS = ("get", "post", "put", "patch", "delete")

STYLE = Path(__file__).with_name("documentation.css").read_text(encoding="utf-8")

SCRIPT = Path(__file__).with_name("documentation.js").read_text(encoding="utf-8")


def documentation_page(document: Mapping[str, Any], prefix: str) -> str:
    """The page for an OpenAPI document whose paths are served under `prefix`."""
    info = document["info"]
    sections = "".join(_section(tag, document, prefix) for tag in _tags(document))
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(info['title'])}</title><style>{STYLE}</style></head><body>"
        f"<h1>{escape(info['title'])} <span class=soft>{escape(info['version'])}</span></h1>"
        f'<p>{escape(info.get("description", ""))} <a href="openapi.json">openapi.json</a></p>'
        f"{sections}<script>{SCRIPT}</script></body></html>"
    )


def _tags(document: Mapping[str, Any]) -> list[str]:
    return list(dict.fromkeys(operation["tags"][0] for _, _, operation in _operations(document)))


def _operations(document: Mapping[str, Any]) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    for path, methods in document["paths"].items():
        for method in METHODS:
            if method in methods:
                yield path, method, methods[method]


def _section(tag: str, document: Mapping[str, Any], prefix: str) -> str:
    shown = [
        _operation(path, method, operation, document, prefix)
        for path, method, operation in _operations(document)
        if operation["tags"][0] == tag
    ]
    return f"<h2>{escape(tag)}</h2>{''.join(shown)}"


def _operation(path: str, method: str, operation: Mapping[str, Any], document: Mapping[str, Any], prefix: str) -> str:
    parameters = operation.get("parameters", [])
    form = (
        f'<form data-method="{method.upper()}" data-path="{escape(path)}">{_parameters(parameters)}'
        f"{_body(operation, document)}<button>Send</button><output></output></form>"
    )
    about = escape(operation.get("description", "")).replace("\n", "<br>")
    return (
        f"<details><summary><span class=method>{method.upper()}</span> <code>{escape(prefix + path)}</code>"
        f" <span class=soft>{escape(operation.get('summary', ''))}</span></summary>"
        f"<div><p>{about}</p>{form}</div></details>"
    )


def _parameters(parameters: list[Mapping[str, Any]]) -> str:
    rows = "".join(
        f"<tr><td><code>{escape(each['name'])}</code></td><td class=soft>{each['in']}</td>"
        f'<td><input name="{escape(each["name"])}" data-in="{each["in"]}" aria-label="{escape(each["name"])}"'
        f"{' required' if each.get('required') else ''}></td><td>{escape(each.get('description', ''))}</td></tr>"
        for each in parameters
        if each["in"] in ("path", "query")
    )
    return f"<table>{rows}</table>" if rows else ""


def _body(operation: Mapping[str, Any], document: Mapping[str, Any]) -> str:
    content = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
    if not content:
        return ""
    schema = _resolved(content.get("schema", {}), document)
    rows = "".join(
        f"<tr><td><code>{escape(name)}</code></td><td>{escape(each.get('description', ''))}</td></tr>"
        for name, each in schema.get("properties", {}).items()
    )
    return f"<table>{rows}</table><textarea aria-label=body>{{}}</textarea>"


def _resolved(schema: Mapping[str, Any], document: Mapping[str, Any]) -> Mapping[str, Any]:
    name = schema.get("$ref", "").rsplit("/", 1)[-1]
    resolved: Mapping[str, Any] = document["components"]["schemas"][name] if name else schema
    return resolved
