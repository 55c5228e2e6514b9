"""`opyard operators`: list, show and check."""

from __future__ import annotations

from typing import Any

import click

from operators.ports import PORT_TYPES
from ui.cli.console import Console, json_option, print_json
from ui.cli.opening import catalogue


@click.group()
def operators() -> None:
    """List, show and check operators."""


@operators.command("list")
@click.argument("words", nargs=-1)
@click.option("--category", help="Only operators of this category.")
@click.option("--tag", help="Only operators with this tag.")
@click.option("--takes", type=click.Choice(PORT_TYPES), help="Only operators with an input that takes this port type.")
@click.option("--gives", type=click.Choice(PORT_TYPES), help="Only operators with an output of this port type.")
@json_option
@click.pass_obj
def list_operators(console: Console, /, words: tuple[str, ...], as_json: bool, **filters: Any) -> None:
    """List the operators whose id, title, summary or tags have all WORDS, newest versions."""
    from ui.views.operators import operator_card

    shelf = catalogue()
    found = shelf.search(" ".join(words), language=console.language, **filters)
    cards = [operator_card(shelf.get(each.id, each.version), console.language) for each in found]
    if as_json:
        print_json({"operators": cards, "broken": shelf.broken})
        return
    heads = ("ui.operator.id", "ui.operator.version", "ui.operator.title", "ui.operator.summary")
    console.table(heads, [(card["id"], card["version"], card["title"], card["summary"]) for card in cards])
    for broken in shelf.broken:
        click.secho(console.text("ui.operator.broken", source=broken.source, reason=broken.reason), fg="red", err=True)


@operators.command("show")
@click.argument("identifier", metavar="ID[@VERSION]")
@json_option
@click.pass_obj
def show_operator(console: Console, identifier: str, as_json: bool) -> None:
    """Show one operator: ports, parameters and documentation."""
    from ui.views.operators import operator_page

    name, _, version = identifier.partition("@")
    shelf = catalogue()
    page = operator_page(shelf.get(name, version or None), shelf.versions(name), console.language)
    if as_json:
        print_json(page)
    else:
        _print_page(console, page)


def _print_page(console: Console, page: dict[str, Any]) -> None:
    click.secho(f"{page['title']}  {page['id']}@{page['version']}", bold=True)
    click.echo(f"{page['summary']}\n")
    console.facts(
        [
            ("ui.operator.category", page["category"]),
            ("ui.operator.tags", ", ".join(page["tags"])),
            ("ui.operator.versions", ", ".join(page["versions"])),
            ("ui.operator.source", page["source"]),
        ]
    )
    for head, ports in (("ui.operator.inputs", page["inputs"]), ("ui.operator.outputs", page["outputs"])):
        if ports:
            click.secho(f"\n{console.text(head)}", bold=True)
            console.table(
                ("ui.port.name", "ui.port.type", "ui.port.about"),
                [(port["name"], port["type"], port["summary"] or port["title"]) for port in ports],
            )
    _print_parameters(console, page["parameters"])
    if page["readme"]:
        click.echo(f"\n{page['readme'].strip()}")


def _print_parameters(console: Console, schema: dict[str, Any]) -> None:
    from form_specs.form import Form
    from ui.views.fields import field_lines

    lines = field_lines(Form.from_schema(schema), console.language)
    if lines:
        click.secho(f"\n{console.text('ui.operator.parameters')}", bold=True)
        heads = ("ui.field.name", "ui.field.label", "ui.field.kind", "ui.field.default", "ui.field.about")
        console.table(heads, [tuple(line.values()) for line in lines])


@operators.command("check")
@click.argument("target", metavar="[ID | FOLDER]", required=False)
@json_option
@click.pass_context
def check_operators(ctx: click.Context, target: str | None, as_json: bool) -> None:
    """Run the conformance suite: over one operator, a package's folder, or all that are installed."""
    from ui.cli.checking import check_packages

    ctx.exit(check_packages(ctx.obj, catalogue(), target, as_json))
