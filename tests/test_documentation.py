"""The documents name what there is, and what they show works."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import click
import msgspec
import pytest

from form_specs.dialect import META_SCHEMA
from marketplace.pipelines.document import Node, Pipeline, read_pipeline
from marketplace.pipelines.validation import validate
from marketplace.settings import Settings
from operators.builtin import provider
from operators.context import RunContext
from operators.package import FolderPackage
from operators.ports import PORT_TYPES
from operators.spec import OperatorSpec, PortSpec, Resources
from operators.testing import CHECKS, check_package, step_runner
from operators.testing.cases import Case, Expected
from scheduler.application import Application, open_application
from ui.cli.main import cli

CHECKOUT = Path(__file__).parents[1]
DOCUMENTS = {
    path.relative_to(CHECKOUT).as_posix(): path.read_text(encoding="utf-8")
    for path in (*CHECKOUT.glob("*.md"), *CHECKOUT.glob("docs/*.md"))
}
README = DOCUMENTS["README.md"]
BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def _blocks(language: str, text: str = README) -> list[str]:
    return [content for kind, content in BLOCK.findall(text) if kind == language]


def _section(head: str) -> str:
    """The README from one of its heads to the next that is not below it."""
    found = re.search(rf"^(#+) {re.escape(head)}$", README, re.MULTILINE)
    assert found, f"README.md has no section {head!r}"
    return re.split(rf"^#{{1,{len(found[1])}}} ", README[found.end() :], maxsplit=1, flags=re.MULTILINE)[0]


def _rows(text: str) -> list[list[str]]:
    """The cells of every row of the tables in `text`, heads left out, code marks taken off."""
    lines = [line for line in BLOCK.sub("", text).splitlines() if line.startswith("|")]
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    heads = {index - 1 for index, row in enumerate(rows) if set(row[0]) == {"-"}}
    return [row for index, row in enumerate(rows) if index not in heads and set(row[0]) != {"-"}]


def _named(text: str) -> set[str]:
    """What stands in code marks in the first cells of the tables in `text`."""
    return {name for row in _rows(text) for name in re.findall(r"`([^`]+)`", row[0])}


def _leaves(group: click.Group, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if isinstance(command, click.Group):
            yield from _leaves(command, (*path, name))
        else:
            yield (*path, name)


def test_every_setting_is_in_the_readme_and_no_other():
    settings = {f"OPYARD_{name.upper()}" for name in Settings.__struct_fields__}
    assert _named(_section("Settings")) == settings


def test_every_command_is_in_the_readme_and_no_other():
    commands = {" ".join(("opyard", *path)) for path in _leaves(cli)}
    shown = _named(_section("A tour of the command line"))
    assert {re.sub(r" \[?[A-Z].*", "", each) for each in shown if each.startswith("opyard")} == commands


def test_every_operator_is_in_the_readme_as_it_calls_itself():
    rows = {tuple(row) for row in _rows(_section("What comes with Opyard"))}
    specs = [package.spec for package in provider()]
    assert rows == {(f"`{spec.id}`", spec.title["en"], spec.summary["en"]) for spec in specs}


def test_every_extra_is_in_the_readme():
    import tomllib

    extras = tomllib.loads((CHECKOUT / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    assert _named(_section("Install it elsewhere")) == set(extras)


def test_every_route_of_the_api_is_in_the_readme(application):
    from ui.api.app import PREFIX, create_api

    paths = create_api(application).openapi()["paths"]
    routes = {f"{method.upper()} {PREFIX}{path}" for path, methods in paths.items() for method in methods}
    assert _named(_section("The REST API")) == routes


@pytest.mark.parametrize(
    ("document", "head", "names"),
    [
        ("docs/operators.md", "operator.json", OperatorSpec.__struct_fields__),
        ("docs/operators.md", "Ports", PORT_TYPES),
        ("docs/operators.md", "What the suite checks", CHECKS),
        ("docs/pipelines.md", "The document", (*Pipeline.__struct_fields__, *Node.__struct_fields__)),
    ],
)
def test_tables_name_all_there_is_and_nothing_else(document, head, names):
    section = DOCUMENTS[document].split(f"\n## {head}\n")[1].split("\n## ")[0]
    assert _named(section) == set(names)


@pytest.mark.parametrize("structure", [PortSpec, Resources, Case, Expected])
def test_the_guide_names_every_field(structure):
    for field in structure.__struct_fields__:
        assert re.search(rf'[`"]{field}["`]', DOCUMENTS["docs/operators.md"]), f"docs/operators.md lacks {field}"


def test_the_guide_names_all_that_run_is_given():
    public = {name for name in dir(RunContext) if not name.startswith("_")} - {"watch_signals"}
    assert set(re.findall(r"`context\.(\w+)", DOCUMENTS["docs/operators.md"])) >= public


def test_the_guide_names_every_word_of_the_form_dialect():
    dialect = json.loads(META_SCHEMA.read_text(encoding="utf-8"))
    words = set(dialect["$defs"]["annotations"]["properties"])
    section = DOCUMENTS["docs/operators.md"].split("\n## Parameters and their form\n")[1].split("\n## ")[0]
    assert _named(section) == words


def test_every_make_target_is_in_the_guide_for_contributors():
    targets = re.findall(r"^([a-z]+):.*## ", (CHECKOUT / "Makefile").read_text(), re.MULTILINE)
    assert _named(DOCUMENTS["CONTRIBUTING.md"]) == {f"make {target}" for target in targets}


@pytest.mark.parametrize("document", DOCUMENTS)
def test_links_lead_somewhere(document):
    for target in re.findall(r"\]\(([^)]+)\)", BLOCK.sub("", DOCUMENTS[document])):
        if "://" in target:
            continue
        path, _, anchor = target.partition("#")
        file = (CHECKOUT / document).parent / path
        assert file.exists(), f"{document} links to {target}"
        if anchor:
            heads = re.findall(r"^#+ (.+)$", file.read_text(encoding="utf-8"), re.MULTILINE)
            assert anchor in {re.sub(r"[^\w -]", "", head.lower()).replace(" ", "-") for head in heads}


def _shown_commands() -> list[str]:
    shown = [
        line.removeprefix("$ ")
        for text in DOCUMENTS.values()
        for block in _blocks("console", text)
        for line in block.splitlines()
        if line.startswith("$ opyard")
    ]
    called = re.findall(r"^\t\$\(BIN\)/(opyard .+)$", (CHECKOUT / "Makefile").read_text(), re.MULTILINE)
    return list(dict.fromkeys([*shown, *called]))


@pytest.mark.parametrize("line", _shown_commands())
def test_commands_that_are_shown_or_called_can_be_called(line):
    command, words = cli, shlex.split(line)[1:]
    context = click.Context(command)
    while isinstance(command, click.Group):
        name, *words = words
        command = command.get_command(context, name)
        assert command is not None, f"there is no command {name!r}"
    command.make_context(command.name, words)


@pytest.fixture
def application(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Application]:
    monkeypatch.setenv("OPYARD_HOME", str(tmp_path / "home"))
    with open_application(start_engine=False) as opened:
        yield opened


def test_the_pipeline_that_is_shown_has_no_problems(application):
    pipeline = read_pipeline(_blocks("json", _section("A pipeline"))[0], "README.md")
    assert validate(pipeline, application.catalogue, application.flow) == ()


def test_the_operator_that_is_shown_passes_the_conformance_suite(tmp_path):
    shown = re.findall(r"^`top_values/(\S+)`.*?^```\w+\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)
    assert {name for name, _ in shown} == {"operator.json", "operator.py", "tests.json", "README.md"}
    for name, content in shown:
        (tmp_path / name).write_text(content, encoding="utf-8")
    with step_runner() as run_step:
        report = check_package(FolderPackage(tmp_path), run_step)
    assert [(check.name, check.problems) for check in report.failures] == []


def test_the_program_in_the_design_runs_a_pipeline(tmp_path, monkeypatch, capsys):
    (program,) = _blocks("python", DOCUMENTS["docs/design.md"])
    pipeline = msgspec.json.decode(_blocks("json", _section("A pipeline"))[0])
    (tmp_path / "wines.json").write_bytes(msgspec.json.encode(pipeline))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("OPYARD_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("OPYARD_WORKERS", "1")
    exec(compile(program, "docs/design.md", "exec"), {})
    assert capsys.readouterr().out == "done\n"
