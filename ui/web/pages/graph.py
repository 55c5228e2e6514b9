"""The graph of a pipeline or run, drawn by streamlit-flow: to look at, not to edit."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st
from streamlit_flow import streamlit_flow
from streamlit_flow.elements import StreamlitFlowEdge, StreamlitFlowNode
from streamlit_flow.layouts import LayeredLayout, ManualLayout
from streamlit_flow.state import StreamlitFlowState

from marketplace.pipelines.document import Node, Pipeline
from ui.web.application import application
from ui.web.speech import language
from ui.web.states import paint

HEIGHT = 380
NODE_WIDTH = 180
LIGHT = {"background": "#ffffff", "color": "#1f2733"}
DARK = {"background": "#1c2027", "color": "#e4e8ee"}


def show_graph(pipeline: Pipeline, key: str, states: Mapping[str, str] | None = None) -> str | None:
    """Draw nodes and wires; nodes have the colours of their `states`. Gives the node that was clicked last."""
    nodes = [_node(node, (states or {}).get(node.id)) for node in pipeline.nodes]
    edges = [
        StreamlitFlowEdge(
            # The component takes one edge for each pair of ends, so ports are part of the id.
            f"{edge.source.node}.{edge.source.port}-{edge.target.node}.{edge.target.port}",
            edge.source.node,
            edge.target.node,
            edge_type="smoothstep",
            marker_end={"type": "arrowclosed"},
        )
        for edge in pipeline.edges
    ]
    placed = all(node.position is not None for node in pipeline.nodes)
    # The component keeps what it drew under a key until it is given another state.
    drawn = streamlit_flow(
        key,
        StreamlitFlowState(nodes, edges, timestamp=_stamp(key, states)),
        height=HEIGHT,
        fit_view=True,
        show_controls=False,
        get_node_on_click=True,
        hide_watermark=True,
        layout=ManualLayout() if placed else LayeredLayout("right", 40, 60),
    )
    selected: str | None = drawn.selected_id
    return selected if pipeline.node(selected or "") else None


def node_title(node: Node) -> str:
    """What people call a node: its label, else its operator's title."""
    if node.label:
        return node.label
    titles = {entry.id: entry.title for entry in application().catalogue.entries(language())}
    return titles.get(node.operator, node.id)


def _node(node: Node, state: str | None) -> StreamlitFlowNode:
    position = (node.position.x, node.position.y) if node.position else (0.0, 0.0)
    color = paint(state) if state else paint("queued")
    return StreamlitFlowNode(
        node.id,
        position,
        {"content": node_title(node)},
        source_position="right",
        target_position="left",
        draggable=False,
        selectable=True,
        style={
            "width": f"{NODE_WIDTH}px",
            "padding": "8px 10px",
            "fontSize": "13px",
            "border": f"1.5px solid {color}",
            "borderLeft": f"6px solid {color}",
            "borderRadius": "6px",
            **(DARK if st.context.theme.type == "dark" else LIGHT),
            "opacity": 1 if node.enabled else 0.5,
        },
    )


def _stamp(key: str, states: Mapping[str, str] | None) -> int:
    """A number that changes when the states do."""
    kept = st.session_state.setdefault(f"{key}.drawn", {"states": dict(states or {}), "stamp": 1})
    if kept["states"] != dict(states or {}):
        kept.update(states=dict(states or {}), stamp=kept["stamp"] + 1)
    return int(kept["stamp"])
