"""How long `opyard up` takes to its first page, and what it needs while it is idle, as JSON.

From the start of the command: `answers` until GET / gives 200, `page` until headless Chromium shows the heading of the
first page (the browser has been started before). `second_page` is the same page in a new browser context afterwards.
Idle memory is the proportional set size of the command's whole process tree, that is pages, engine and what workers
are forked from, shared pages counted once, five seconds after the pages were left.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

from measure import machine, middle, tree, tree_memory, versions

ROUNDS = 5
CALM = 5.0
GOALS = {"page_seconds": 6.0, "idle_bytes": 500_000_000}
ARGUMENTS = ["--no-sandbox", "--disable-dev-shm-usage"]


def main() -> None:
    """Measure and print; fails where a goal is missed."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=ARGUMENTS)
        rounds = [_round(browser) for _ in range(ROUNDS)]
        browser.close()
    keys = [key for key in rounds[0] if key != "heading"]
    figures: dict[str, Any] = {key: middle([found[key] for found in rounds], 3) for key in keys}
    figures |= {
        "page_seconds_each": [round(found["page_seconds"], 2) for found in rounds],
        "heading": rounds[0]["heading"],
        "rounds": ROUNDS,
        "goals": GOALS,
        "versions": versions("streamlit", "uvicorn", "playwright"),
        "machine": machine(),
    }
    print(json.dumps(figures, indent=2))
    sys.exit(any(figures[key] >= goal for key, goal in GOALS.items()))


def _round(browser: Any) -> dict[str, Any]:
    with tempfile.TemporaryDirectory(prefix="opyard-bench-") as home, _up(Path(home)) as (process, began, address):
        answers = time.perf_counter() - began
        heading, page = _open(browser, address), time.perf_counter() - began
        again = time.perf_counter()
        _open(browser, address)
        second = time.perf_counter() - again
        time.sleep(CALM)
        idle, private = tree_memory([process.pid])
        processes = len(tree([process.pid]))
    return {
        "answers_seconds": answers,
        "page_seconds": page,
        "second_page_seconds": second,
        "idle_bytes": idle,
        "idle_private_bytes": private,
        "processes": processes,
        "heading": heading,
    }


@contextmanager
def _up(home: Path) -> Iterator[tuple[subprocess.Popen[str], float, str]]:
    """`opyard up` on a free port, from the moment that it was started until it answers."""
    command = [sys.executable, "-c", "from ui.cli.main import main; main()", "up", "--port", "0", "--json"]
    environment = {**os.environ, "OPYARD_HOME": str(home), "PYTHONUNBUFFERED": "1"}
    began = time.perf_counter()
    process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)
    try:
        address = _address(process)
        while not _answers(address):
            time.sleep(0.02)
        yield process, began, address
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=30)


def _address(process: subprocess.Popen[str]) -> str:
    if process.stdout is None:
        raise RuntimeError("The output of `opyard up` is not read.")
    for line in process.stdout:
        said = json.loads(line)
        if said["event"] == "ready":
            return str(said["address"])
    raise RuntimeError("`opyard up` ended before it was ready.")


def _answers(address: str) -> bool:
    with suppress(URLError, OSError), urlopen(address, timeout=10) as answer:
        return bool(answer.status == 200)
    return False


def _open(browser: Any, address: str) -> str:
    """The text of the first heading that a new visitor sees."""
    context = browser.new_context()
    try:
        page = context.new_page()
        page.goto(address)
        heading = page.locator("h1, h2, h3").first
        heading.wait_for(state="visible", timeout=60_000)
        return str(heading.inner_text())
    finally:
        context.close()


if __name__ == "__main__":
    main()
