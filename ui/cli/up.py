"""`opyard up`: start pages, API and engine."""

from __future__ import annotations

import click

from ui.cli.console import Console, json_option


@click.command()
@click.option("--host", help="Address to listen on; anything but loopback asks for a login.")
@click.option("--port", type=click.IntRange(0, 65535), help="Port to listen on; 0 takes a free one.")
@json_option
@click.pass_obj
def up(console: Console, host: str | None, port: int | None, as_json: bool) -> None:
    """Start the web pages, the REST API and the engine, until Ctrl-C."""
    import msgspec

    from marketplace.settings import load_settings
    from ui.server import serve

    def announce(event: str, address: str) -> None:
        if as_json:
            click.echo(msgspec.json.encode({"event": event, "address": address}).decode())
        else:
            console.say(f"ui.up.{event}", address=address)

    serve(load_settings(host=host, port=port), announce)
