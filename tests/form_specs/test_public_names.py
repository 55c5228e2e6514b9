"""The names that other floors use, and what importing them costs."""

import subprocess
import sys

import pytest

import form_specs

NAMES = {
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
}


def test_exactly_these_names_are_public():
    assert set(form_specs.__all__) == NAMES
    for name in NAMES:
        assert getattr(form_specs, name) is not None


def test_an_unknown_name_is_an_attribute_error_that_names_it():
    with pytest.raises(AttributeError, match="Frm"):
        _ = form_specs.Frm


def _modules_after(code: str) -> set[str]:
    program = f"{code}\nimport sys; print(' '.join(sys.modules))"
    return set(
        subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout.split()
    )


def test_walking_a_plain_schema_and_reading_messages_does_not_import_the_validator():
    code = """
from form_specs import Column, Form, localized, walk_parameters
from form_specs.messages import message
schema = {"properties": {"path": {"type": "string", "x-file": "read"}}}
assert [shape.get("x-file") for _, shape, _ in walk_parameters(schema, {"path": "a.csv"})] == [None, "read"]
assert Form.from_schema(schema).fields({"path": "a.csv"})[0].file == "read"
message("forms.root")
"""
    assert "jsonschema" not in _modules_after(code)


def test_checking_does_not_build_the_grammar_of_an_optional_format():
    modules = _modules_after("from form_specs import Form; Form.from_schema({'type': 'object'}).check({})")
    assert "jsonschema" in modules
    assert "lark" not in modules
    assert "rfc3987_syntax" not in modules
