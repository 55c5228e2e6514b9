"""The Vega-Lite charts of the report; every function gives one spec with its data inline."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

SCHEMA = "https://vega.github.io/schema/vega-lite/v5.json"

Rows = Sequence[Mapping[str, Any]]
Spec = dict[str, Any]


def histogram(bars: Rows, title: str, times: bool = False) -> Spec:
    """Bars of `from`, `to` and `rows`, over numbers or over time (milliseconds since 1970)."""
    kind = "temporal" if times else "quantitative"
    scale = {} if times else {"scale": {"zero": False, "nice": False}}
    encoding = {
        "x": {"field": "from", "type": kind, "title": title, **scale},
        "x2": {"field": "to"},
        "y": {"field": "rows", "type": "quantitative", "title": "rows"},
        "tooltip": [{"field": name, "type": kind if name != "rows" else "quantitative"} for name in bars[0]],
    }
    return _spec(bars, mark={"type": "bar", "binSpacing": 1}, encoding=encoding, height=160)


def frequent(bars: Rows, title: str) -> Spec:
    """Bars of `value` and `rows`, the most frequent value on top."""
    encoding = {
        "y": {"field": "value", "type": "nominal", "sort": None, "title": title, "axis": {"labelLimit": 200}},
        "x": {"field": "rows", "type": "quantitative", "title": "rows"},
        "tooltip": [{"field": "value", "type": "nominal"}, {"field": "rows", "type": "quantitative"}],
    }
    return _spec(bars, mark="bar", encoding=encoding, height={"step": 18})


def heat_map(cells: Rows, order: Sequence[str]) -> Spec:
    """Correlations: `first`, `second` and `value` from -1 (blue) over 0 (white) to 1 (red)."""
    axis = {"type": "nominal", "sort": list(order), "title": None, "axis": {"labelLimit": 160}}
    color = {
        "field": "value",
        "type": "quantitative",
        "title": "correlation",
        "scale": {"domain": [1, -1], "scheme": "redblue"},
    }
    encoding = {"x": {"field": "first", **axis}, "y": {"field": "second", **axis}}
    tip = [{"field": name, "type": kind} for name, kind in TIP]
    tiles = {"mark": "rect", "encoding": {"color": color, "tooltip": tip}}
    layers: list[Spec] = [tiles]
    if len(order) <= 12:
        text = {"field": "value", "type": "quantitative", "format": ".2f"}
        ink = {"condition": {"test": "abs(datum.value) > 0.6", "value": "white"}, "value": "black"}
        layers.append({"mark": {"type": "text", "fontSize": 10}, "encoding": {"text": text, "color": ink}})
    return _spec(cells, encoding=encoding, layer=layers, height={"step": 28})


TIP = (("first", "nominal"), ("second", "nominal"), ("value", "quantitative"))


def scatter(points: Rows, x: str, y: str, color: str | None) -> Spec:
    """Points of `x` and `y`, coloured by `color` where there is one; the arguments are the titles."""
    encoding: Spec = {
        "x": {"field": "x", "type": "quantitative", "title": x, "scale": {"zero": False}},
        "y": {"field": "y", "type": "quantitative", "title": y, "scale": {"zero": False}},
    }
    if color is not None:
        encoding["color"] = {"field": "color", "type": "nominal", "title": color}
    return _spec(points, mark={"type": "point", "filled": True, "opacity": 0.5}, encoding=encoding, height=280)


def _spec(rows: Rows, **parts: Any) -> Spec:
    return {"$schema": SCHEMA, "data": {"values": list(rows)}, "width": "container", **parts}
