"""Settings: their sources, which wins, and what is said of wrong ones."""

from __future__ import annotations

from pathlib import Path

import pytest

from marketplace import settings as settings_module
from marketplace.errors import SettingsError
from marketplace.settings import Settings, bytes_of, load_settings


def test_the_defaults_follow_home(tmp_path: Path) -> None:
    settings = load_settings({"OPYARD_HOME": str(tmp_path)})
    assert settings.database == f"sqlite:///{tmp_path}/opyard.db"
    assert settings.artifacts == f"file://{tmp_path}/artifacts"
    assert settings.logs == tmp_path / "logs"
    assert settings.files == tmp_path / "files"
    assert (settings.host, settings.port, settings.language) == ("127.0.0.1", 8501, "auto")
    assert settings.workers >= 1
    assert settings.step_seconds is None


def test_the_caller_beats_the_environment_beats_the_file_beats_the_defaults(tmp_path: Path) -> None:
    (tmp_path / "opyard.toml").write_text('port = 1111\nhost = "10.0.0.1"\nworkers = 7\nstep_memory = "2GiB"\n')
    environ = {"OPYARD_HOME": str(tmp_path), "OPYARD_PORT": "2222", "OPYARD_HOST": "10.0.0.2"}
    settings = load_settings(environ, port=3333, host=None)
    assert (settings.port, settings.host, settings.workers) == (3333, "10.0.0.2", 7)
    assert settings.step_memory == 2 * 2**30
    assert settings.language == "auto"


def test_relative_paths_in_a_file_start_at_its_folder(tmp_path: Path) -> None:
    file = tmp_path / "conf" / "mine.toml"
    file.parent.mkdir()
    file.write_text('home = "data"\nartifacts = "kept"\noperator_folders = ["ours", "/abs"]\n')
    settings = load_settings({"OPYARD_SETTINGS": str(file)})
    assert settings.home == tmp_path / "conf" / "data"
    assert settings.database == f"sqlite:///{tmp_path}/conf/data/opyard.db"
    assert settings.artifacts == f"file://{tmp_path}/conf/kept"
    assert settings.operator_folders == (tmp_path / "conf" / "ours", Path("/abs"))


def test_variables_hold_lists_objects_and_sizes(tmp_path: Path) -> None:
    settings = load_settings(
        {
            "OPYARD_HOME": str(tmp_path),
            "OPYARD_OPERATOR_FOLDERS": "/a:/b",
            "OPYARD_ARTIFACTS": "s3://bucket/prefix",
            "OPYARD_ARTIFACT_OPTIONS": '{"endpoint_url": "http://127.0.0.1:9"}',
            "OPYARD_LOG_BYTES": "1 MB",
            "OPYARD_STEP_SECONDS": "1.5",
            "OPYARD_LANGUAGE": "zh",
        }
    )
    assert settings.operator_folders == (Path("/a"), Path("/b"))
    assert settings.artifacts == "s3://bucket/prefix"
    assert settings.artifact_options == {"endpoint_url": "http://127.0.0.1:9"}
    assert (settings.log_bytes, settings.step_seconds, settings.language) == (1_000_000, 1.5, "zh")


def test_variables_that_are_no_settings_are_let_be(tmp_path: Path) -> None:
    environ = {
        "OPYARD_HOME": str(tmp_path),
        "OPYARD_SECRET_PORT": "x",
        "OPYARD_SECRETS": "/s",
        "OPYARD_OTHER_THING": "1",
    }
    assert load_settings(environ).port == 8501


@pytest.mark.parametrize(
    ("variable", "value", "said"),
    [
        ("OPYARD_DATABSE", "x", "OPYARD_DATABASE"),
        ("OPYARD_port", "1", "OPYARD_PORT"),
        ("OPYARD_PORT", "70000", "a whole number from 0 to 65535, found '70000'"),
        ("OPYARD_PORT", "many", "OPYARD_PORT in the environment"),
        ("OPYARD_WORKERS", "0", "from 1"),
        ("OPYARD_LANGUAGE", "fr", "'en', 'zh' or 'auto', found 'fr'"),
        ("OPYARD_STEP_MEMORY", "lots", "'2GiB'"),
        ("OPYARD_STEP_SECONDS", "-1", "above 0"),
        ("OPYARD_STEP_SECONDS", "nan", "above 0"),
        ("OPYARD_ARTIFACT_OPTIONS", "[1]", "JSON object"),
        ("OPYARD_DATABASE", "", "expected text"),
    ],
)
def test_a_wrong_variable_is_named_with_what_it_takes(tmp_path: Path, variable: str, value: str, said: str) -> None:
    with pytest.raises(SettingsError) as caught:
        load_settings({"OPYARD_HOME": str(tmp_path), variable: value})
    assert said in str(caught.value)
    assert variable in str(caught.value)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("prot = 1", "'port'"),
        ("port = 1.5", "'port'"),
        ("port = true", "'port'"),
        ("port = ", "not TOML"),
    ],
)
def test_a_wrong_file_is_named(tmp_path: Path, content: str, said: str) -> None:
    file = tmp_path / "opyard.toml"
    file.write_text(content)
    with pytest.raises(SettingsError) as caught:
        load_settings({"OPYARD_HOME": str(tmp_path)})
    assert said in str(caught.value)
    assert str(file) in str(caught.value)


def test_a_settings_file_that_is_named_must_be_there(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="No such file"):
        load_settings({"OPYARD_SETTINGS": str(tmp_path / "no.toml")})


def test_an_unknown_override_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="Did you mean 'port'"):
        load_settings({"OPYARD_HOME": str(tmp_path)}, prt=1)


def test_every_setting_is_described() -> None:
    described = settings_module.__doc__ or ""
    assert [name for name in Settings.__struct_fields__ if f"``{name}``" not in described] == []
    assert set(settings_module._READERS) == set(Settings.__struct_fields__)


@pytest.mark.parametrize(
    ("text", "expected"),
    [("4096", 4096), (7, 7), ("2GiB", 2**31), ("1.5 MB", 1_500_000), ("3k", 3072), ("1 TiB", 2**40)],
)
def test_sizes(text: int | str, expected: int) -> None:
    assert bytes_of(text) == expected


@pytest.mark.parametrize("text", ["", "GiB", "-1", "1 XB", "1e3", True])
def test_what_is_no_size(text: int | str) -> None:
    with pytest.raises(ValueError, match="2GiB"):
        bytes_of(text)
