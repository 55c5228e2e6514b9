"""What is known of the data on a port without the data: what `configure` takes and gives.

A port whose data is not known before the run has the schema `None`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from msgspec import Struct

from form_specs.columns import Column
from operators.errors import ColumnMissing

__all__ = [
    "Column",
    "ImagesSchema",
    "ModelSchema",
    "PortSchema",
    "TableSchema",
    "VectorsSchema",
    "columns_of",
]


class TableSchema(Struct, frozen=True, tag="table"):
    """The columns of a table, in order."""

    columns: tuple[Column, ...]

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.columns)

    def column(self, name: str, pointer: str = "") -> Column:
        """The column of that name; `ColumnMissing`, led to `pointer`, where there is none."""
        for column in self.columns:
            if column.name == name:
                return column
        raise ColumnMissing(name, self.names, pointer)

    def with_columns(self, columns: Iterable[Column]) -> TableSchema:
        """The same table with `columns` set: replaced where the name is there, else added at the end."""
        merged = {column.name: column for column in self.columns}
        merged.update((column.name, column) for column in columns)
        return TableSchema(tuple(merged.values()))

    def without(self, names: Sequence[str]) -> TableSchema:
        return TableSchema(tuple(column for column in self.columns if column.name not in names))


class ImagesSchema(Struct, frozen=True, tag="images"):
    """What travels with each picture: the attribute columns, without the pixels."""

    columns: tuple[Column, ...] = ()


class VectorsSchema(Struct, frozen=True, tag="vectors"):
    """The length of every vector (None: not known yet) and the attribute columns beside it."""

    dimension: int | None = None
    columns: tuple[Column, ...] = ()


class ModelSchema(Struct, frozen=True, tag="model"):
    """What a model does: its task, the columns it reads, the column it predicts."""

    task: str
    features: tuple[Column, ...] | None = None
    target: Column | None = None


PortSchema = TableSchema | ImagesSchema | VectorsSchema | ModelSchema


def columns_of(schema: PortSchema | None) -> tuple[Column, ...] | None:
    """The columns that a column picker may offer for a port, or None where they are not known."""
    if isinstance(schema, ModelSchema):
        return schema.features
    return None if schema is None else schema.columns
