"""Image artifacts: Parquet with each picture as PNG, its size, and the attribute columns; and a contact sheet."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from operators.artifacts.arrow_types import table_schema
from operators.artifacts.attributes import check_attributes
from operators.artifacts.contact_sheet import contact_sheet
from operators.artifacts.pixels import EncodedPixels, check_pixels, encode_png
from operators.artifacts.summary.table import summarize_attributes
from operators.artifacts.table import MEDIA_TYPE, read_table
from operators.documents import Artifact
from operators.errors import OutputError
from operators.schemas import ImagesSchema
from operators.spec import PortSpec
from operators.values import Images

if TYPE_CHECKING:
    import pyarrow as pa

IMAGE = "image"
SIZES = ("width", "height", "channels")
_GROUP_BYTES = 64 * 2**20
_GROUP_PICTURES = 4096


def write(port: PortSpec, value: object, folder: Path, name: str) -> Artifact:
    """Write `Images`, a row group of pictures at a time, and a contact sheet of up to 64 of them."""
    if not isinstance(value, Images):
        raise OutputError(
            f"The output {port.name!r} must be images (operators.values.Images); found {type(value).__name__}."
        )
    attributes = check_attributes(port, value.table, len(value.pixels), (IMAGE, *SIZES))
    path = folder / f"{name}.parquet"
    sizes = _write_pictures(port, value.pixels, attributes, path)
    preview = contact_sheet(value.pixels, folder / f"{name}.preview.png")
    schema = ImagesSchema(table_schema(attributes.schema).columns)
    summary = {"count": len(value.pixels), **_size_facts(sizes), **summarize_attributes(attributes)}
    size = path.stat().st_size
    return Artifact("images", "parquet", path.name, size, schema, summary, preview, media_type=MEDIA_TYPE)


def read(artifact: Artifact, path: Path, port: PortSpec) -> Any:
    """`Images` whose pictures are decoded when they are asked for; for a table port all but the pictures."""
    if port.type == "table":
        return _attribute_table(path, port)
    table = read_table(path)
    return Images(EncodedPixels(table.column(IMAGE)), table.drop_columns([IMAGE, *SIZES]))


def _attribute_table(path: Path, port: PortSpec) -> Any:
    if port.handover == "lazy":
        import polars as pl

        return pl.scan_parquet(path, glob=False, hive_partitioning=False).drop(IMAGE)
    import pyarrow.parquet as pq

    return read_table(path, [name for name in pq.read_schema(path).names if name != IMAGE])


def _write_pictures(port: PortSpec, pixels: Sequence[Any], attributes: pa.Table, path: Path) -> pa.Table:
    """Write all rows; give back the columns `width`, `height` and `channels`."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    own = pa.schema([(name, pa.int32()) for name in SIZES] + [(IMAGE, pa.binary())])
    schema = pa.schema([*attributes.schema, *own])
    sizes = []
    with pq.ParquetWriter(path, schema, compression="none", use_dictionary=False, write_statistics=False) as writer:
        for start, pictures in _groups(port, pixels):
            encoded = pa.table(list(zip(*pictures, strict=True)), schema=own)
            rows = attributes.slice(start, len(pictures))
            writer.write_table(pa.table([*rows.columns, *encoded.columns], schema=schema))
            sizes.append(encoded.select(SIZES))
    return pa.concat_tables(sizes) if sizes else own.empty_table().select(SIZES)


def _groups(port: PortSpec, pixels: Sequence[Any]) -> Iterator[tuple[int, list[tuple[int, int, int, bytes]]]]:
    """Pictures as (width, height, channels, PNG), in groups that fit well into memory, each with its first place."""
    start, group, weight = 0, [], 0
    for place, (png, picture) in enumerate(_encoded(pixels)):
        height, width, channels = check_pixels(port, picture, place)
        group.append((width, height, channels, png or encode_png(picture)))
        weight += len(group[-1][3])
        if weight >= _GROUP_BYTES or len(group) >= _GROUP_PICTURES:
            yield start, group
            start, group, weight = place + 1, [], 0
    if group:
        yield start, group


def _encoded(pixels: Sequence[Any]) -> Iterator[tuple[bytes | None, Any]]:
    """Each picture, with its PNG where it has come from an artifact and is encoded already."""
    if isinstance(pixels, EncodedPixels):
        for place in range(len(pixels)):
            yield pixels.png(place), pixels[place]
    else:
        for picture in pixels:
            yield None, picture


def _size_facts(sizes: pa.Table) -> dict[str, Any]:
    import pyarrow.compute as pc

    if not sizes.num_rows:
        return {"width": None, "height": None, "channels": []}
    ends = {name: pc.min_max(sizes.column(name)).as_py() for name in ("width", "height")}
    return {**ends, "channels": sorted(pc.unique(sizes.column("channels")).to_pylist())}
