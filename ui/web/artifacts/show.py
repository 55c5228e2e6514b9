"""An artifact of any type: heading, download, and the view of its type."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from html import escape
from pathlib import Path
from typing import Any

import streamlit as st

from operators.artifacts.report import report_parts
from operators.documents import Artifact
from operators.errors import ArtifactError
from ui.views.artifacts import facts_of, one_line
from ui.views.quantities import readable_value
from ui.web.application import application
from ui.web.artifacts.table import show_columns, show_sample
from ui.web.speech import t

Read = Callable[[str], bytes]

BIGGEST_TEXT = 2_000_000
CHART_HEIGHT = 280


def show_artifact(run: str, node: str, port: str, artifact: Artifact, *, alone: bool = False) -> None:
    """Show one output of a step; reports and texts are read, of everything else the summary is enough."""

    def read(name: str) -> bytes:
        opened = application()
        with tempfile.TemporaryDirectory() as scratch:
            folder = opened.runs.artifact(run, node, port).folder
            return opened.artifacts.fetch(f"{folder}/{name}", Path(scratch)).read_bytes()

    with st.container(border=not alone):
        with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
            st.markdown(f"**{port}** &nbsp; {t(f'ui.type.{artifact.type}')} · {one_line(artifact)}", width="content")
            address = f"/api/runs/{run}/artifacts/{node}/{port}/data"
            st.html(
                f'<a class="opyard-quiet" href="{escape(address)}" download>{t("ui.artifact.download")}</a>',
                width="content",
            )
        try:
            VIEWS[artifact.type](artifact, read)
        except ArtifactError as error:
            st.warning(str(error))


def _table(artifact: Artifact, read: Read) -> None:
    sample, columns = st.tabs([t("ui.artifact.sample"), t("ui.artifact.columns")])
    with sample:
        show_sample(artifact)
    with columns:
        show_columns(artifact)


def _images(artifact: Artifact, read: Read) -> None:
    _facts(artifact)
    if artifact.preview:
        st.image(read(artifact.preview), alt=t("ui.artifact.contact_sheet"))
    _attributes(artifact)


def _vectors(artifact: Artifact, read: Read) -> None:
    _facts(artifact)
    _attributes(artifact)


def _attributes(artifact: Artifact) -> None:
    if artifact.summary.get("columns"):
        with st.expander(t("ui.artifact.attributes")):
            show_sample(artifact)
            show_columns(artifact)


def _text(artifact: Artifact, read: Read) -> None:
    whole = artifact.bytes <= BIGGEST_TEXT
    text = read(artifact.path).decode("utf-8", "replace") if whole else artifact.summary.get("excerpt", "")
    st.code(text, language=None, wrap_lines=True, height=400 if len(text) > 2000 else "content")


def _report(artifact: Artifact, read: Read) -> None:
    for _, content in report_parts(read(artifact.path).decode("utf-8")):
        if isinstance(content, dict):
            _chart({**content})
        else:
            st.markdown(content)


def _chart(spec: dict[str, Any]) -> None:
    """A chart as wide as its spec says; one view without a width of its own is as wide as the page."""
    if spec.get("width") == "container":
        # Streamlit gives the chart its width; with this word as well, it would have none at all.
        del spec["width"]
    single = "mark" in spec or "layer" in spec
    if single:
        spec.setdefault("height", CHART_HEIGHT)
    st.vega_lite_chart(None, spec, width="stretch" if single and "width" not in spec else "content")


def _metrics(artifact: Artifact, read: Read) -> None:
    values = artifact.summary["values"]
    if len(values) <= 8:
        with st.container(horizontal=True, gap="large"):
            for name, value in values.items():
                st.metric(name, readable_value(value) or "—", width="content")
    else:
        st.dataframe(
            [{t("ui.fact.name"): name, t("ui.fact.value"): readable_value(value)} for name, value in values.items()]
        )


def _model(artifact: Artifact, read: Read) -> None:
    _facts(artifact)
    for head, values in (
        ("ui.artifact.facts", artifact.summary.get("facts")),
        ("ui.artifact.parameters", artifact.summary.get("parameters")),
    ):
        if values:
            with st.expander(t(head)):
                st.json(values)


def _file(artifact: Artifact, read: Read) -> None:
    _facts(artifact)


def _facts(artifact: Artifact) -> None:
    rows = "".join(f"<dt>{escape(t(name))}</dt><dd>{escape(value)}</dd>" for name, value in facts_of(artifact))
    st.html(f'<dl class="opyard-facts">{rows}</dl>')


def _any(artifact: Artifact, read: Read) -> None:
    _facts(artifact)


VIEWS: dict[str, Callable[[Artifact, Read], None]] = {
    "table": _table,
    "images": _images,
    "vectors": _vectors,
    "text": _text,
    "report": _report,
    "metrics": _metrics,
    "model": _model,
    "file": _file,
    "any": _any,
}
