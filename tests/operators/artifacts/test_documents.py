"""Text, metrics, reports and files: what comes back, and what a page is told of them."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from operators.artifacts.formats import read_value, write_value
from operators.artifacts.report import report_parts
from operators.errors import ArtifactError, OutputError
from operators.spec import PortSpec
from operators.values import Report


@pytest.mark.parametrize("text", ["", "one", "two\nlines\r\n", "中文 🎲\n"])
def test_text_comes_back_to_the_byte(pass_on, text):
    artifact, read = pass_on(text, "text")
    assert read == text and artifact.bytes == len(text.encode())
    assert artifact.summary == {"characters": len(text), "lines": len(text.splitlines()), "excerpt": text}


def test_an_excerpt_is_cut(pass_on):
    artifact, _ = pass_on("x" * 1000, "text")
    assert artifact.summary["excerpt"] == "x" * 499 + "…"


def test_metrics_come_back_as_plain_numbers(pass_on):
    given = {
        "a": np.float32(0.5),
        "n": np.int64(7),
        "d": Decimal("1.5"),
        "best": "svm",
        "ok": np.bool_(True),
        "no": None,
    }
    artifact, read = pass_on(given, "metrics")
    assert read == {"a": 0.5, "n": 7, "d": 1.5, "best": "svm", "ok": True, "no": None}
    assert artifact.summary == {"values": read}


def test_a_metric_that_is_not_finite_is_null_and_said_to_be(pass_on):
    artifact, read = pass_on({"a": float("nan"), "b": -np.inf, "c": 1}, "metrics")
    assert read == {"a": None, "b": None, "c": 1}
    assert artifact.summary["not_finite"] == {"a": "nan", "b": "-inf"}


def test_a_report_comes_back_part_by_part(pass_on):
    chart = {"mark": "bar", "data": {"values": [{"x": 1}]}}
    report = Report("Title").text("Some **text**.").chart(chart).table([{"a": 1, "b": "x|y"}])
    artifact, read = pass_on(report, "report")
    assert read.title == "Title" and read.markdown() == report.markdown()
    assert artifact.summary["title"] == "Title" and artifact.summary["charts"] == 1
    assert report_parts(read.markdown()) == [
        ("markdown", "# Title\n\nSome **text**."),
        ("chart", chart),
        ("markdown", "| a | b |\n| --- | --- |\n| 1 | x\\|y |"),
    ]


def test_markdown_is_a_report_too(pass_on, tmp_path):
    artifact, read = pass_on("No title\n\n## Part\n\n```python\n# no heading\n```\n", "report")
    assert (tmp_path / artifact.path).read_text() == "No title\n\n## Part\n\n```python\n# no heading\n```\n"
    assert artifact.summary["headings"] == [{"level": 2, "text": "Part"}]
    assert read.parts == ["No title\n\n## Part\n\n```python\n# no heading\n```"]


def test_a_chart_may_hold_numpys_numbers():
    spec = {"mark": "bar", "data": {"values": [{"x": np.float64(1.5), "y": np.int32(2), "z": np.array([1, 2])}]}}
    ((kind, chart),) = report_parts(Report("t").chart(spec).parts[0])
    assert kind == "chart"
    assert chart == {"mark": "bar", "data": {"values": [{"x": 1.5, "y": 2, "z": [1, 2]}]}}


@pytest.mark.parametrize(
    "markdown",
    [
        "```vega-lite\nnot json\n```",
        "```vega-lite\n[1]\n```",
        "````markdown\n```vega-lite\n{}\n```\n````",
        '```vega-lite\n{"mark": "bar"}',
    ],
)
def test_what_is_no_chart_stays_to_be_read(markdown):
    assert report_parts(markdown) == [("markdown", markdown)]


@settings(deadline=None)
@given(st.lists(st.sampled_from(["```vega-lite", "```", "~~~", "{}", '{"a": 1}', "# h", "text", "", "````"])))
def test_no_line_of_a_report_is_lost(lines):
    shown = []
    for kind, part in report_parts("\n".join(lines)):
        shown += part.splitlines() if kind == "markdown" else ["```vega-lite", str(part), "```"]
    assert len([line for line in shown if line]) == len([line for line in lines if line])


def test_a_file_is_copied_under_the_ports_name(pass_on, tmp_path):
    source = tmp_path / "measurements of May.csv.gz"
    source.write_bytes(b"1,2\n")
    artifact, read = pass_on(source, "file")
    assert (artifact.path, artifact.name) == ("out.csv.gz", "measurements of May.csv.gz")
    assert artifact.summary == {"name": artifact.name, "bytes": 4, "media_type": "text/csv"}
    assert read.read_bytes() == b"1,2\n" and source.exists()


def test_a_file_in_scratch_is_moved_and_what_it_links_to_is_not(tmp_path):
    scratch, folder = tmp_path / "scratch", tmp_path / "staged"
    scratch.mkdir()
    folder.mkdir()
    (scratch / "made").write_text("made")
    (tmp_path / "theirs").write_text("theirs")
    (scratch / "link").symlink_to(tmp_path / "theirs")
    port = PortSpec("out", "file")
    for name in ("made", "link"):
        artifact = write_value(port, scratch / name, folder, name, scratch=scratch)
        assert not (folder / artifact.path).is_symlink()
    assert (folder / "made").read_text() == "made" and not (scratch / "made").exists()
    assert (folder / "link").read_text() == "theirs" and (tmp_path / "theirs").exists()


@pytest.mark.parametrize(
    ("kind", "value", "said"),
    [
        ("text", 3, "must be text .*; found int"),
        ("text", "half \ud800", "character 5 .*surrogate"),
        ("metrics", [1], "must be metrics .*; found list"),
        ("metrics", {"a": {"b": 1}}, "metric 'a' .* found dict"),
        ("metrics", {"a": np.zeros(2)}, "metric 'a' .* found ndarray"),
        ("report", {"a": 1}, "must be a report .*; found dict"),
        ("file", 3, "must be a file .*; found int"),
        ("any", object(), "takes any value that an artifact can hold.*found object"),
        ("any", None, "found NoneType"),
    ],
)
def test_a_wrong_value_is_refused_by_port_and_type(tmp_path, kind, value, said):
    with pytest.raises(OutputError, match=f"(?s){said}") as refusal:
        write_value(PortSpec("result", kind), value, tmp_path, "result")
    assert "'result'" in str(refusal.value)
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_none_is_refused(tmp_path):
    port = PortSpec("out", "file")
    with pytest.raises(OutputError, match="there is a folder"):
        write_value(port, tmp_path, tmp_path, "out")
    with pytest.raises(OutputError, match="there is nothing there"):
        write_value(port, tmp_path / "gone", tmp_path, "out")


@pytest.mark.parametrize(("kind", "value"), [("text", "x"), ("metrics", {"a": 1}), ("report", "# x")])
def test_a_damaged_document_is_named(tmp_path, pass_on, kind, value):
    artifact, _ = pass_on(value, kind)
    path = tmp_path / artifact.path
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(ArtifactError, match=f"{path.name} cannot be read"):
        read_value(artifact, path, PortSpec("in", kind))
    path.unlink()
    with pytest.raises(ArtifactError, match=f"{path.name} cannot be read"):
        read_value(artifact, path, PortSpec("in", kind))
