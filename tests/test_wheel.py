"""The wheel works as the checkout does: built, unpacked elsewhere, and used from there."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from email.parser import Parser
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).parents[1]
FLOORS = ("form_specs", "marketplace", "operators", "scheduler", "ui")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of this checkout."""
    target = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "--no-cache-dir"]
    command += ["--disable-pip-version-check", "--no-index", "--wheel-dir", str(target), str(CHECKOUT)]
    built = subprocess.run(command, capture_output=True, text=True)
    assert built.returncode == 0, built.stderr
    (wheel,) = target.glob("opyard-*.whl")
    return wheel


@pytest.fixture(scope="module")
def unpacked(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with what the wheel would put into site-packages."""
    folder = tmp_path_factory.mktemp("site-packages")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder)
    return folder


def _python(unpacked: Path, home: Path, *arguments: str) -> str:
    """What Python prints in an empty folder, where the unpacked wheel comes before all else."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("OPYARD_", "PYTHON"))}
    environment |= {"PYTHONPATH": str(unpacked), "OPYARD_HOME": str(home / "home")}
    done = subprocess.run(
        [sys.executable, "-P", *arguments], cwd=home, env=environment, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def _opyard(unpacked: Path, home: Path, *arguments: str) -> str:
    return _python(unpacked, home, "-c", "from ui.cli.main import main; main()", *arguments)


def _files_of_the_checkout() -> set[str]:
    files = (path for floor in FLOORS for path in (CHECKOUT / floor).rglob("*") if path.is_file())
    return {path.relative_to(CHECKOUT).as_posix() for path in files if "__pycache__" not in path.parts}


def _examples_of_the_checkout() -> set[str]:
    return {path.name for path in (CHECKOUT / "examples").iterdir()}


def test_only_the_floors_land_in_site_packages(wheel):
    names = zipfile.ZipFile(wheel).namelist()
    version = wheel.name.split("-")[1]
    assert {name.split("/")[0] for name in names} == {*FLOORS, f"opyard-{version}.dist-info"}


def test_every_file_of_the_floors_is_in_it_and_nothing_else(wheel):
    names = {name for name in zipfile.ZipFile(wheel).namelist() if not name.split("/")[0].endswith(".dist-info")}
    examples = {f"ui/examples/{name}" for name in _examples_of_the_checkout()}
    assert names == _files_of_the_checkout() | examples


@pytest.mark.parametrize(
    "pattern",
    [
        "form_specs/dialect.schema.json",
        "form_specs/messages/*.json",
        "operators/operator.schema.json",
        "operators/builtin/*/*/operator.json",
        "operators/builtin/*/*/icon.svg",
        "marketplace/pipelines/pipeline.schema.json",
        "marketplace/store/migrations/versions/*.py",
        "marketplace/store/migrations/script.py.mako",
        "ui/access/login.css",
        "ui/api/documentation.js",
        "ui/web/*.svg",
        "ui/web/*.css",
        "ui/examples/*.json",
    ],
)
def test_data_that_is_read_beside_code_is_there(unpacked, pattern):
    assert list(unpacked.glob(pattern))


def test_the_licence_the_command_and_the_extras_are_declared(unpacked):
    (information,) = unpacked.glob("*.dist-info")
    metadata = Parser().parsestr((information / "METADATA").read_text(encoding="utf-8"))
    assert (metadata["Name"], metadata["License-Expression"]) == ("opyard", "Apache-2.0")
    assert {"tables", "ml", "vision", "web", "postgres", "s3", "all"} <= set(metadata.get_all("Provides-Extra"))
    assert metadata.get_payload().startswith("# Opyard"), "the README is its long description"
    assert (information / "licenses" / "LICENSE").is_file()
    assert "opyard = ui.cli.main:main" in (information / "entry_points.txt").read_text(encoding="utf-8")


def test_it_is_the_wheel_that_runs_and_not_the_checkout(unpacked, tmp_path):
    code = f"import {', '.join(FLOORS)}; print({', '.join(f'{floor}.__file__' for floor in FLOORS)}, sep='\\n')"
    for file in _python(unpacked, tmp_path, "-c", code).splitlines():
        assert Path(file).is_relative_to(unpacked)


def test_all_built_in_operators_are_listed_from_it(unpacked, tmp_path):
    listed = json.loads(_opyard(unpacked, tmp_path, "operators", "list", "--json"))
    specs = [json.loads(path.read_text()) for path in (CHECKOUT / "operators/builtin").glob("*/*/operator.json")]
    assert {each["id"] for each in listed["operators"]} == {spec["id"] for spec in specs}
    assert listed["broken"] == []


def test_messages_come_in_both_languages(unpacked, tmp_path):
    english = _opyard(unpacked, tmp_path, "--language", "en", "operators", "show", "opyard.data.read_csv")
    chinese = _opyard(unpacked, tmp_path, "--language", "zh", "operators", "show", "opyard.data.read_csv")
    assert english != chinese
    assert any("\u4e00" <= character <= "\u9fff" for character in chinese)


def test_its_examples_are_listed_and_valid(unpacked, tmp_path):
    listed = json.loads(_opyard(unpacked, tmp_path, "examples", "list", "--json"))["examples"]
    assert {Path(each["path"]).name for each in listed} == _examples_of_the_checkout()
    for each in listed:
        assert Path(each["path"]).is_relative_to(unpacked)
        answer = json.loads(_opyard(unpacked, tmp_path, "pipeline", "validate", each["path"], "--json"))
        assert answer["problems"] == []


def test_a_database_is_made_by_its_migrations(unpacked, tmp_path):
    assert json.loads(_opyard(unpacked, tmp_path, "runs", "list", "--json")) == {"runs": []}
    assert (tmp_path / "home" / "opyard.db").is_file()
