"""Vega-Lite charts of the evaluation report; every function gives one spec with its data inline."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

SCHEMA = "https://vega.github.io/schema/vega-lite/v5.json"
HEIGHT = 300

Rows = Sequence[Mapping[str, Any]]
Spec = dict[str, Any]


def heat_map(cells: Rows, order: Sequence[str]) -> Spec:
    """A confusion matrix. `cells` have `actual`, `predicted`, `rows` and `share` (of the actual class)."""
    axes = {
        "x": {"field": "predicted", "type": "nominal", "sort": list(order), "title": "predicted"},
        "y": {"field": "actual", "type": "nominal", "sort": list(order), "title": "actual"},
    }
    shade = {"field": "share", "type": "quantitative", "scale": {"scheme": "blues", "domain": [0, 1]}}
    ink = {"condition": {"test": "datum.share > 0.5", "value": "white"}, "value": "black"}
    tiles = {"mark": "rect", "encoding": {"color": {**shade, "title": "share of actual"}}}
    layers: list[Spec] = [tiles]
    if len(order) <= 20:
        layers.append({"mark": "text", "encoding": {"text": {"field": "rows", "type": "quantitative"}, "color": ink}})
    return _spec(cells, encoding=axes, layer=layers)


def curves(points: Rows, x: str, y: str, diagonal: bool = False) -> Spec:
    """Lines over the unit square, one a `class`; `diagonal` draws the line of a guess."""
    line = {
        "mark": {"type": "line", "interpolate": "linear"},
        "encoding": {
            "x": {"field": x, "type": "quantitative", "scale": {"domain": [0, 1]}},
            "y": {"field": y, "type": "quantitative", "scale": {"domain": [0, 1]}},
            "color": {"field": "class", "type": "nominal"},
            "order": {"field": "order", "type": "quantitative"},
        },
    }
    return _spec(points, layer=[line, _diagonal(x, y, 0.0, 1.0)] if diagonal else [line])


def calibration(points: Rows) -> Spec:
    """How often a predicted probability came true: `predicted`, `observed`, `rows`, `class` for each bin."""
    encoding = {
        "x": {"field": "predicted", "type": "quantitative", "scale": {"domain": [0, 1]}},
        "y": {"field": "observed", "type": "quantitative", "scale": {"domain": [0, 1]}},
        "color": {"field": "class", "type": "nominal"},
    }
    line = {"mark": {"type": "line", "point": True}, "encoding": encoding}
    return _spec(points, layer=[line, _diagonal("predicted", "observed", 0.0, 1.0)])


def scatter(points: Rows, x: str, y: str, line: tuple[tuple[float, float], tuple[float, float]]) -> Spec:
    """Points, and the line on which perfect predictions lie, from one end to the other."""
    dots = {
        "mark": {"type": "point", "filled": True, "opacity": 0.5, "size": 25},
        "encoding": {
            "x": {"field": x, "type": "quantitative", "scale": {"zero": False}},
            "y": {"field": y, "type": "quantitative", "scale": {"zero": False}},
        },
    }
    return _spec(points, layer=[dots, _line(x, y, *line)])


def histogram(bins: Rows, title: str) -> Spec:
    """Bars from `from` to `to` as high as `rows`."""
    encoding = {
        "x": {"field": "from", "type": "quantitative", "bin": {"binned": True}, "title": title},
        "x2": {"field": "to"},
        "y": {"field": "rows", "type": "quantitative"},
    }
    return _spec(bins, mark="bar", encoding=encoding)


def _spec(rows: Rows, **parts: Any) -> Spec:
    return {"$schema": SCHEMA, "width": "container", "height": HEIGHT, "data": {"values": list(rows)}, **parts}


def _diagonal(x: str, y: str, low: float, high: float) -> Spec:
    return _line(x, y, (low, low), (high, high))


def _line(x: str, y: str, start: tuple[float, float], end: tuple[float, float]) -> Spec:
    return {
        "data": {"values": [{x: point[0], y: point[1]} for point in (start, end)]},
        "mark": {"type": "line", "strokeDash": [4, 4], "color": "gray"},
        "encoding": {"x": {"field": x, "type": "quantitative"}, "y": {"field": y, "type": "quantitative"}},
    }
