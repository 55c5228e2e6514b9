"""Every way to behave badly."""

import os
import subprocess
import sys
import time


def run(inputs, params, context):
    return BEHAVIOURS[params["how"]](params, context)


def raises(params, context):
    values = {"a": 1}
    return values["missing"]


def hangs(params, context):
    while True:
        time.sleep(1)


def hangs_deaf(params, context):
    import signal

    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    while True:
        time.sleep(1)


def prints(params, context):
    line = "x" * 20 + "\n"
    for _ in range(1_000):
        sys.stdout.write(line * (params["count"] // 1_000))
    context.progress(1.0, "printed")
    print("the last line")
    return {"table": _table()}


def fills_memory(params, context):
    held = []
    while True:
        held.append(bytearray(b"x" * 10_000_000))


def exits(params, context):
    os._exit(3)


def leaves(params, context):
    sys.exit(4)


def crashes(params, context):
    os.kill(os.getpid(), 11)


def forks(params, context):
    code = "import time\nwhile True: time.sleep(1)  # " + params["mark"]
    subprocess.Popen([sys.executable, "-c", code])
    subprocess.Popen([sys.executable, "-c", code], start_new_session=True)
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            os.execv(sys.executable, [sys.executable, "-c", code])
        os._exit(0)
    return {"table": _table()}


def kills_parent(params, context):
    os.kill(os.getppid(), 9)
    time.sleep(5)


def wrong_output(params, context):
    return {"tabel": _table()}


def no_table(params, context):
    return {"table": 3}


def tells_secret(params, context):
    value = context.secret(params["secret"])
    print("the secret is", value)
    context.logger.warning("said again: %s", value)
    context.progress(0.5, "working with " + value)
    if params["mark"] == "raise":
        raise ValueError("cannot open " + value)
    return {"table": _table()}


def looks_for_secrets(params, context):
    known = [name for name in os.environ if name.startswith("OPYARD_")]
    with open("/proc/self/environ", "rb") as file:
        known += [line.decode() for line in file.read().split(b"\0") if line.startswith(b"OPYARD_")]
    if known:
        raise RuntimeError(f"These are not mine: {known}")
    return {"table": _table()}


def logs(params, context):
    context.logger.info("a line of the logger")
    print("a printed line")
    print("an error line", file=sys.stderr)
    for step in range(3):
        context.metric("loss", 1.0 / (step + 1), step)
    context.progress(1.0, "all of it")
    return {"table": _table()}


def _table():
    import pyarrow as pa

    return pa.table({"a": [1]})


BEHAVIOURS = {name: value for name, value in globals().items() if callable(value) and name != "run"}
