"""`opyard examples`: list, copy and install the example pipelines."""

from __future__ import annotations

import shutil
from pathlib import Path

import click

from ui.cli.console import Console, json_option, print_json


@click.group()
def examples() -> None:
    """List, copy and install the example pipelines."""


@examples.command("list")
@json_option
@click.pass_obj
def list_examples(console: Console, as_json: bool) -> None:
    """List the examples; `opyard run NAME` runs one."""
    from ui import example_pipelines

    views = [example_pipelines.example_view(each, console.language) for each in example_pipelines.examples()]
    if as_json:
        print_json({"examples": views})
    else:
        heads = ("ui.example.name", "ui.example.title", "ui.example.about")
        console.table(heads, [(view["name"], view["title"], view["description"]) for view in views])


@examples.command("copy")
@click.argument("name")
@click.argument("target", type=click.Path(path_type=Path), default=".")
@json_option
@click.pass_obj
def copy_example(console: Console, name: str, target: Path, as_json: bool) -> None:
    """Copy an example's pipeline file to TARGET, a file or folder (default: here)."""
    from ui.errors import WrongUse
    from ui.example_pipelines import example

    source = example(name).path
    path = target / source.name if target.is_dir() else target
    if path.exists():
        raise WrongUse(f"{path} is there already. Name another file.")
    shutil.copyfile(source, path)
    if as_json:
        print_json({"path": str(path)})
    else:
        console.say("ui.example.copied", name=name, path=path)


@examples.command("install")
@json_option
@click.pass_obj
def install_examples(console: Console, as_json: bool) -> None:
    """Save the examples as pipelines of the first project; those that are there already stay as they are."""
    from ui.cli.opening import application
    from ui.example_pipelines import install

    with application() as opened:
        names = install(opened.store)
    if as_json:
        print_json({"installed": names})
    else:
        console.say("ui.example.installed", count=len(names), names=", ".join(names) or "–")
