"""The engine's lease: one holder at a time, and none after its death."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time

import pytest

from marketplace.errors import EngineAlreadyRunning
from marketplace.store import Store, open_store

HOLDER = """
import os, sys, time
from marketplace.store import open_store
store = open_store(sys.argv[1])
lease = store.engine_lease({"port": 7})
if "fork" in sys.argv:
    pid = os.fork()
    if pid == 0:
        print("ready", os.getpid(), flush=True)
        time.sleep(60)
        os._exit(0)
else:
    print("ready", os.getpid(), flush=True)
time.sleep(60)
"""


def start_holder(url: str, *arguments: str) -> tuple[subprocess.Popen[str], int]:
    process = subprocess.Popen([sys.executable, "-c", HOLDER, url, *arguments], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    return process, int(process.stdout.readline().split()[1])


def end(process: subprocess.Popen[str]) -> None:
    process.kill()
    process.wait()
    assert process.stdout is not None
    process.stdout.close()


def freed(store: Store) -> bool:
    until = time.monotonic() + 5
    while store.engine_holder() is not None and time.monotonic() < until:
        time.sleep(0.01)
    return store.engine_holder() is None


def test_only_one_holds_it_and_the_other_is_told_who(store: Store, database_url: str) -> None:
    assert store.engine_holder() is None
    with store.engine_lease({"port": 1234}) as lease:
        assert lease.held()
        holder = store.engine_holder()
        assert holder is not None
        assert (holder["pid"], holder["port"]) == (os.getpid(), 1234)
        with open_store(database_url) as other, pytest.raises(EngineAlreadyRunning) as caught:
            other.engine_lease({})
        message = str(caught.value)
        assert str(os.getpid()) in message
        assert str(holder["host"]) in message
        assert store.name in message
        assert caught.value.holder["port"] == 1234
    assert not lease.held()
    assert store.engine_holder() is None
    lease.release()
    store.engine_lease().release()


def test_killing_the_holder_frees_it(store: Store, database_url: str) -> None:
    process, pid = start_holder(database_url)
    holder = store.engine_holder()
    assert holder is not None
    assert holder["pid"] == pid
    with pytest.raises(EngineAlreadyRunning):
        store.engine_lease()
    end(process)
    assert freed(store)
    store.engine_lease().release()


def test_a_forked_child_does_not_keep_it(store: Store, database_url: str) -> None:
    """Workers forked by an engine outlive it by a moment; the next engine need not wait for them."""
    process, child = start_holder(database_url, "fork")
    try:
        assert store.engine_holder() is not None
        process.kill()
        process.wait()
        assert freed(store)
    finally:
        os.kill(child, signal.SIGKILL)
        end(process)


def test_a_forked_child_that_ends_does_not_free_it(store: Store, database_url: str) -> None:
    code = HOLDER.replace("time.sleep(60)\n        os._exit(0)", "os._exit(0)").replace(
        "time.sleep(60)\n", "os.wait(); print('reaped', flush=True); time.sleep(60)\n"
    )
    process = subprocess.Popen([sys.executable, "-c", code, database_url, "fork"], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline().startswith("ready")
    assert process.stdout.readline() == "reaped\n"
    time.sleep(0.1)
    assert store.engine_holder() is not None
    end(process)


def test_asking_all_the_time_who_holds_it_keeps_nobody_from_taking_it(store: Store) -> None:
    stop = threading.Event()

    def ask() -> None:
        while not stop.is_set():
            store.engine_holder()

    threads = [threading.Thread(target=ask) for _ in range(3)]
    for thread in threads:
        thread.start()
    try:
        for _ in range(10):
            store.engine_lease().release()
    finally:
        stop.set()
        for thread in threads:
            thread.join()


def test_a_lease_whose_connection_the_server_ended_is_not_held(postgres_url: str) -> None:
    import psycopg

    with open_store(postgres_url) as store:
        lease = store.engine_lease()
        assert lease.held()
        with psycopg.connect(postgres_url.replace("+psycopg", ""), autocommit=True) as server:
            server.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND pid <> pg_backend_pid()"
            )
        assert freed(store)
        assert not lease.held()
        lease.release()
