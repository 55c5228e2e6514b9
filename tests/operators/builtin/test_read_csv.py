"""Read CSV: what is wrong with a file is said with its line, and what is right comes out as it is."""

import csv
import io

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from operators.errors import InputError


def table(made):
    return made["table"].lazy().collect()


def refusal(run_operator, path, **params):
    with pytest.raises(InputError) as caught:
        table(run_operator("data.read_csv", path=str(path), **params))
    assert str(path) in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize("encoding", ["utf-16", "gb18030", "big5", "shift_jis"])
def test_encodings_of_asia(run_operator, tmp_path, encoding):
    path = tmp_path / "a.csv"
    path.write_bytes("名,n\n東京,1\n山,2\n".encode(encoding))
    made = table(run_operator("data.read_csv", path=str(path), encoding=encoding))
    assert made.to_dict(as_series=False) == {"名": ["東京", "山"], "n": [1, 2]}


def test_utf8_with_a_mark(run_operator, tmp_path):
    path = tmp_path / "a.csv"
    path.write_bytes(b"\xef\xbb\xbfa,b\n1,2\n")
    assert table(run_operator("data.read_csv", path=str(path))).columns == ["a", "b"]


def test_a_byte_that_is_no_utf8_is_named_with_its_line(run_operator, tmp_path):
    path = tmp_path / "a.csv"
    path.write_bytes(b"a,b\n" + b"x,1\n" * 200_000 + "café,2\n".encode("latin-1"))
    message = refusal(run_operator, path)
    assert "line 200002" in message
    assert "0xE9" in message
    assert "expected utf-8" in message


def test_the_encoding_that_would_fit_is_named(run_operator, tmp_path):
    path = tmp_path / "a.csv"
    path.write_bytes("城市,n\n北京,1\n".encode("gb18030"))
    assert "gb18030 would fit" in refusal(run_operator, path)


def test_a_character_that_is_cut_off_at_the_end(run_operator, tmp_path):
    path = tmp_path / "a.csv"
    path.write_bytes(b"a,b\n1,\xe4\xba")
    assert "line 2" in refusal(run_operator, path)


def test_the_wrong_encoding_that_was_chosen(run_operator, tmp_path):
    path = tmp_path / "a.csv"
    path.write_bytes(b"a,b\n1,\xff\xff\n")
    assert "expected gb18030" in refusal(run_operator, path, encoding="gb18030")


@pytest.mark.parametrize("row, found", [("1,2", 2), ("1,2,3,4", 4)])
def test_a_ragged_row_far_down_is_named_with_its_line(run_operator, tmp_path, row, found):
    path = tmp_path / "a.csv"
    path.write_text("a,b,c\n" + '1,"x\ny",3\n' * 50_000 + row + "\n1,2,3\n")
    message = refusal(run_operator, path)
    assert "line 100002" in message
    assert f"expected 3 fields, found {found}" in message


def test_a_short_row_is_not_outweighed_by_a_long_one(run_operator, tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("a,b,c\n1,2\n1,2,3,4\n")
    with pytest.raises(InputError):
        run_operator("data.read_csv", path=str(path))


def test_a_quotation_mark_that_is_not_closed(run_operator, tmp_path):
    path = tmp_path / "a.csv"
    path.write_text('a,b\n1,"x\n2,y\n')
    assert "quotation marks" in refusal(run_operator, path)


def test_two_columns_of_one_name(run_operator, tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("id,name,id\n1,x,2\n")
    message = refusal(run_operator, path)
    assert "'id'" in message
    assert "fields 1, 3" in message


def test_only_blank_lines(run_operator, tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("\n\n\n")
    assert "holds no rows" in refusal(run_operator, path)


def test_a_later_value_that_does_not_fit(run_operator, tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("a,b\n" + "1,2\n" * 50 + "x,2\n")
    message = refusal(run_operator, path, infer_rows=10)
    assert "`x`" in message
    assert "Column types" in message


def test_what_is_beyond_the_limit_is_not_looked_at(run_operator, tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("a,b\n1,2\n\n3,4\n5\n")
    assert table(run_operator("data.read_csv", path=str(path), max_rows=2)).rows() == [(1, 2), (3, 4)]


def test_line_ends_of_windows_and_none_at_the_end(run_operator, tmp_path):
    path = tmp_path / "a.csv"
    path.write_bytes(b"a,b\r\n1,x\r\n\r\n2,y")
    assert table(run_operator("data.read_csv", path=str(path))).rows() == [(1, "x"), (2, "y")]


def test_a_quotation_mark_inside_a_field_is_itself(run_operator, tmp_path):
    path = tmp_path / "a.csv"
    path.write_text('size,n\n5" pipe,1\n6" pipe,2\n7" pipe,3\n')
    assert "switch 'Quoted fields' off" in refusal(run_operator, path)
    assert table(run_operator("data.read_csv", path=str(path), quoted=False))["n"].to_list() == [1, 2, 3]


def test_a_large_file_is_handed_on_without_being_read(run_operator, tmp_path):
    path = tmp_path / "a.csv"
    with path.open("w") as file:
        file.write("number,text\n")
        file.write('1234567,"a, longer text in quotes"\n' * 2_100_000)
    made = run_operator("data.read_csv", path=str(path))["table"]
    assert isinstance(made, pl.LazyFrame)
    assert made.select(pl.len()).collect().item() == 2_100_000


def test_configure_knows_the_columns(configure_operator, tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("id,day,price\n1,2024-01-31,1.5\n")
    schema = configure_operator("data.read_csv", path=str(path))["table"]
    assert [(column.name, column.type) for column in schema.columns] == [
        ("id", "integer"),
        ("day", "date"),
        ("price", "number"),
    ]


def test_configure_knows_the_names_in_other_encodings(configure_operator, tmp_path):
    path = tmp_path / "a.csv"
    path.write_bytes("城市,人口\n北京,2100\n".encode("gb18030"))
    made = configure_operator("data.read_csv", path=str(path), encoding="gb18030", types={"人口": "number"})
    assert [(column.name, column.type) for column in made["table"].columns] == [("城市", "unknown"), ("人口", "number")]


@pytest.mark.parametrize("content", [None, "", "a,a\n1,2\n"])
def test_configure_of_what_cannot_be_known(configure_operator, tmp_path, content):
    path = tmp_path / "a.csv"
    if content is not None:
        path.write_text(content)
    assert configure_operator("data.read_csv", path=str(path)) == {"table": None}


fields = st.text(st.characters(codec="utf-8", exclude_characters="\0\r", exclude_categories=["Cs"]), max_size=8)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(fields, fields, fields), min_size=1, max_size=12))
def test_texts_come_out_as_they_were_written(run_operator, tmp_path, rows):
    path = tmp_path / "a.csv"
    text = io.StringIO()
    writer = csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\n")
    writer.writerow(("one", "two", "three"))
    writer.writerows(rows)
    path.write_text(text.getvalue(), encoding="utf-8", newline="")
    types = dict.fromkeys(("one", "two", "three"), "string")
    made = table(run_operator("data.read_csv", path=str(path), separator=",", types=types, null_values=[]))
    assert [tuple(value or "" for value in row) for row in made.rows()] == rows
