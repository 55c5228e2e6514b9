"""Leaves a line in a file each time that it runs, so that tests can count."""

import os
import time


def run(inputs, params, context):
    import pyarrow as pa

    with open(params["file"], "a") as file:
        file.write(f"{params['name']} {os.getpid()} {time.time()}\n")
    time.sleep(params["seconds"])
    return {"table": pa.table({"name": [params["name"]]})}
