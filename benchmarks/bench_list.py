"""How long `opyard operators list` takes, and what it imports, as JSON.

`seconds` is the median wall time of the command, in a fresh process each time and with its files in the system's cache;
`python` is that of an interpreter that does nothing. What was imported is read from `-X importtime`: no library that
only running needs, no dialect that is not in use, and no operator's code may be among it.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
import time

from measure import machine, middle, versions

ROUNDS = 11
GOAL = 0.5
SLOWEST = 8
COMMAND = ("-c", "import sys; sys.argv = ['opyard', 'operators', 'list']; from ui.cli.main import main; main()")
UNWANTED = (
    r"(sklearn|streamlit|airflow|polars|pyarrow|pandas|duckdb|cv2|mlflow|jsonschema)(\.|$)",
    r"sqlalchemy\.dialects\.(?!sqlite)\w+",
    r"opyard_operator_|operators\.builtin\.\w+\.\w+\.operator",
)


def main() -> None:
    """Measure and print; fails where it takes 0.5 seconds or more, or imports what it need not."""
    with tempfile.TemporaryDirectory(prefix="opyard-bench-") as home:
        environment = {**os.environ, "OPYARD_HOME": home}
        output = _call(COMMAND, environment)[1]
        times = [_call(COMMAND, environment)[0] for _ in range(ROUNDS)]
        bare = [_call(("-c", ""), environment)[0] for _ in range(ROUNDS)]
        modules = _imported(environment)
    unwanted = sorted(name for name in modules if any(re.match(pattern, name) for pattern in UNWANTED))
    figures = {
        "seconds": middle(times),
        "worst_seconds": round(max(times), 4),
        "python_seconds": middle(bare),
        "goal": GOAL,
        "lines": len(output.splitlines()),
        "modules": len(modules),
        "unwanted_modules": unwanted,
        "slowest_modules_milliseconds": dict(sorted(modules.items(), key=lambda item: -item[1])[:SLOWEST]),
        "versions": versions("click", "msgspec", "sqlalchemy"),
        "machine": machine(),
    }
    print(json.dumps(figures, indent=2))
    sys.exit(bool(unwanted) or figures["seconds"] >= GOAL)


def _call(arguments: tuple[str, ...], environment: dict[str, str]) -> tuple[float, str]:
    began = time.perf_counter()
    done = subprocess.run([sys.executable, *arguments], env=environment, check=True, capture_output=True, text=True)
    return time.perf_counter() - began, done.stdout


def _imported(environment: dict[str, str]) -> dict[str, float]:
    """The modules that the command imports, with the milliseconds that each took itself."""
    command = [sys.executable, "-X", "importtime", *COMMAND]
    report = subprocess.run(command, env=environment, check=True, capture_output=True, text=True).stderr
    lines = re.findall(r"^import time:\s+(\d+) \|\s+\d+ \|\s+(\S+)$", report, flags=re.MULTILINE)
    return {name: int(microseconds) / 1000 for microseconds, name in lines}


if __name__ == "__main__":
    main()
