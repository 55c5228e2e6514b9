"""Pictures come back pixel for pixel, with a contact sheet to look at."""

from __future__ import annotations

import cv2
import numpy as np
import polars as pl
import pyarrow as pa
import pytest

from form_specs.columns import Column
from operators.artifacts.formats import delivered_schema, write_value
from operators.artifacts.pixels import EncodedPixels
from operators.artifacts.table import table_schema
from operators.errors import OutputError
from operators.schemas import ImagesSchema
from operators.spec import PortSpec
from operators.values import Images

PORT = PortSpec("pictures", "images")


def pictures(count: int = 5) -> Images:
    noise = np.random.default_rng(3)
    pixels = [noise.integers(0, 256, (4 + place % 3, 6), dtype=np.uint8) for place in range(count)]
    if count:
        pixels[0] = noise.integers(0, 256, (90, 200, 3), dtype=np.uint8)
    return Images(pixels, pa.table({"label": pa.array(range(count), pa.int64())}))


def test_pixels_and_attributes_come_back(pass_on):
    given = pictures()
    artifact, read = pass_on(given, "images")
    assert len(read) == 5
    assert all(np.array_equal(before, after) for before, after in zip(given, read, strict=True))
    assert read.table == given.table
    assert artifact.schema == ImagesSchema((Column("label", "integer"),))
    summary = artifact.summary
    assert summary["count"] == 5 and summary["channels"] == [1, 3]
    assert (summary["width"], summary["height"]) == ({"min": 6, "max": 200}, {"min": 4, "max": 90})
    assert summary["columns"][0]["name"] == "label" and len(summary["sample"]) == 5


def test_pixels_are_stored_as_png_in_rgb(pass_on, tmp_path):
    red = np.zeros((2, 2, 3), np.uint8)
    red[..., 0] = 255
    artifact, read = pass_on(Images([red], pa.table({"n": [1]})), "images")
    stored = cv2.imdecode(np.frombuffer(read.pixels.png(0), np.uint8), cv2.IMREAD_COLOR)
    assert stored[0, 0].tolist() == [0, 0, 255]  # OpenCV's own order is BGR
    sheet = cv2.imread(str(tmp_path / artifact.preview))
    assert sheet[10, 10].tolist() == [0, 0, 255]


def test_pictures_are_decoded_when_asked_for_and_can_be_sliced(pass_on):
    given = pictures()
    _, read = pass_on(given, "images")
    part = read.pixels[1:4:2]
    assert isinstance(part, EncodedPixels) and len(part) == 2
    assert np.array_equal(part[1], given.pixels[3]) and np.array_equal(read.pixels[-1], given.pixels[-1])
    with pytest.raises(IndexError):
        read.pixels[5]


def test_pictures_pass_through_without_being_encoded_anew(pass_on):
    first, read = pass_on(pictures(), "images")
    again, second = pass_on(Images(read.pixels, read.table.append_column("x", pa.array(range(5)))), "images")
    assert [second.pixels.png(place) for place in range(5)] == [read.pixels.png(place) for place in range(5)]
    assert [column["name"] for column in again.summary["columns"]] == ["label", "x"]
    assert first.summary["width"] == again.summary["width"]


@pytest.mark.parametrize("handover", ["arrow", "lazy"])
def test_a_table_port_gets_attributes_and_sizes(pass_on, handover):
    artifact, table = pass_on(pictures(), "images", "table", handover=handover)
    table = table.collect().to_arrow() if isinstance(table, pl.LazyFrame) else table
    assert table.column_names == ["label", "width", "height", "channels"]
    assert table.column("channels").to_pylist() == [3, 1, 1, 1, 1]
    assert table_schema(table.schema) == delivered_schema(artifact.schema, "table")


def test_no_pictures_are_fine(pass_on):
    artifact, read = pass_on(pictures(0), "images")
    assert len(read) == 0 and read.table.num_rows == 0
    assert artifact.preview is None and artifact.summary["count"] == 0


def test_pictures_without_attributes_are_fine(pass_on):
    artifact, read = pass_on(Images(pictures(3).pixels, pa.table({})), "images")
    assert len(read) == 3 and artifact.schema == ImagesSchema(())
    assert pass_on(read, "images", "table")[1].num_rows == 3


@pytest.mark.parametrize(("count", "cells"), [(1, (1, 1)), (7, (3, 3)), (64, (8, 8)), (3000, (8, 8))])
def test_the_contact_sheet_has_at_most_64_cells(pass_on, tmp_path, count, cells):
    given = Images([np.full((8, 8), place % 256, np.uint8) for place in range(count)], pa.table({}))
    artifact, _ = pass_on(given, "images")
    sheet = cv2.imread(str(tmp_path / artifact.preview))
    down, across = cells
    assert sheet.shape == (down * 66 + 2, across * 66 + 2, 3)


def test_tiny_pictures_are_enlarged_with_sharp_edges(pass_on, tmp_path):
    checkers = np.array([[0, 200], [200, 0]], np.uint8)
    artifact, _ = pass_on(Images([checkers], pa.table({})), "images")
    sheet = cv2.imread(str(tmp_path / artifact.preview), cv2.IMREAD_GRAYSCALE)
    assert set(np.unique(sheet[2:66, 2:66])) == {0, 200}


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ([np.zeros((2, 2), np.uint8)], "must be images .*; found list"),
        (Images([np.zeros((2, 2))], pa.table({})), r"Picture 0 .* found float64 of shape \(2, 2\)"),
        (Images([np.zeros((2, 2, 4), np.uint8)], pa.table({})), r"found uint8 of shape \(2, 2, 4\)"),
        (Images([np.zeros((0, 2), np.uint8)], pa.table({})), "of at least one pixel"),
        (Images(["a.png"], pa.table({})), "found str of shape None"),
        (Images(pictures().pixels, pa.table({"a": [1]})), "5 items and 1 rows of attributes"),
        (Images(pictures(1).pixels, pa.table({"width": [1]})), "rename the attribute columns 'width'"),
        (Images(pictures(1).pixels, [{"a": 1}]), "must be a pyarrow.Table; found list"),
    ],
)
def test_what_are_no_images_is_refused(tmp_path, value, said):
    with pytest.raises(OutputError, match=said) as refusal:
        write_value(PORT, value, tmp_path, "pictures")
    assert "'pictures'" in str(refusal.value)


def test_many_pictures_are_written_group_by_group(pass_on):
    given = Images([np.full((1, 1), place % 251, np.uint8) for place in range(5000)], pa.table({"n": range(5000)}))
    _, read = pass_on(given, "images")
    assert [picture.item() for picture in read] == [place % 251 for place in range(5000)]
    assert read.table.column("n").to_pylist() == list(range(5000))
