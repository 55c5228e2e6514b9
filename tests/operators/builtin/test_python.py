"""Python: errors show the author's own lines."""

import traceback

import pyarrow as pa
import pytest

from operators.errors import ParameterError

CODE = """
def deeper(values):
    return values[0] / 0


def run(table):
    return deeper([1])
"""


def test_a_traceback_shows_the_lines_of_the_code(run_operator):
    with pytest.raises(ZeroDivisionError) as caught:
        run_operator("code.python", {"table": pa.table({"x": [1]})}, code=CODE)
    shown = "".join(traceback.format_exception(caught.value))
    assert "line 7, in run\n    return deeper([1])" in shown
    assert "line 3, in deeper\n    return values[0] / 0" in shown


def test_wrong_syntax_is_found_before_the_run(configure_operator):
    with pytest.raises(ParameterError, match="line 2") as caught:
        configure_operator("code.python", code="def run(table):\n    return (\n")
    assert caught.value.pointer == "/code"


def test_two_nodes_do_not_share_what_they_define(run_operator):
    run_operator("code.python", code="import builtins\nnumber = 1\n\ndef run():\n    return None\n")
    with pytest.raises(NameError):
        run_operator("code.python", code="def run():\n    return number\n")
