"""JSON Schema in, a form out. Knows no operator, no database and no web page.

    form = Form.from_schema(schema, columns={"table": [Column("age", "integer")]})
    for section in form.sections():
        for field in section.fields:
            print(field.pointer, field.kind, field.label("en"))
    for error in form.check({"age": 7}):
        print(error.pointer, error.message)

The names below are imported on first use.
"""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from form_specs.annotations import walk_parameters
    from form_specs.columns import Column, ColumnInfo
    from form_specs.dialect import SchemaProblem, lint
    from form_specs.errors import FormError, PlaceError, SchemaError, ValuesError
    from form_specs.fields import Branch, ColumnOptions, Field, Option, Section
    from form_specs.findings import FieldError
    from form_specs.form import Form
    from form_specs.text import Text, localized
    from form_specs.values import Values

_HOMES = {
    "Branch": "fields",
    "Column": "columns",
    "ColumnInfo": "columns",
    "ColumnOptions": "fields",
    "Field": "fields",
    "FieldError": "findings",
    "Form": "form",
    "FormError": "errors",
    "Option": "fields",
    "PlaceError": "errors",
    "SchemaError": "errors",
    "SchemaProblem": "dialect",
    "Section": "fields",
    "Text": "text",
    "Values": "values",
    "ValuesError": "errors",
    "lint": "dialect",
    "localized": "text",
    "walk_parameters": "annotations",
}

__all__ = [
    "Branch",
    "Column",
    "ColumnInfo",
    "ColumnOptions",
    "Field",
    "FieldError",
    "Form",
    "FormError",
    "Option",
    "PlaceError",
    "SchemaError",
    "SchemaProblem",
    "Section",
    "Text",
    "Values",
    "ValuesError",
    "lint",
    "localized",
    "walk_parameters",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)
