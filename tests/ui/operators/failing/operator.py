"""Fails until somebody makes a file, so that resuming can be tested."""

from pathlib import Path


def run(inputs, params, context):
    context.logger.warning("about to look")
    return {"table": look(inputs["table"], params)}


def look(table, params):
    if not Path(params["unless"]).exists():
        raise ValueError("the file <is> missing")
    return table
