"""One suite that every artifact store passes: this machine's disk, memory, and S3."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from operators.artifacts.store import ArtifactStore, local_path
from operators.documents import RESULT_FILE
from operators.errors import ArtifactError


def staged(store: ArtifactStore, content: str = "1") -> Path:
    """A staged step: two data files and a result."""
    folder = store.stage()
    (folder / "out.parquet").write_text(content)
    (folder / "parts").mkdir()
    (folder / "parts" / "one.txt").write_text(content)
    (folder / RESULT_FILE).write_text(content)
    return folder


class StoreConformance:
    """What any store must do. Give a fixture `store`."""

    @pytest.fixture
    def uri(self, store: ArtifactStore) -> str:
        return store.step_uri(uuid4().hex)

    def test_a_step_appears_whole(self, store: ArtifactStore, uri: str) -> None:
        folder = staged(store)
        assert not store.finished(uri) and not store.exists(f"{uri}/out.parquet")
        store.commit(folder, uri)
        assert store.finished(uri)
        assert store.read(f"{uri}/out.parquet") == store.read(f"{uri}/parts/one.txt") == b"1"
        assert not folder.exists()

    def test_the_result_comes_last(self, store: ArtifactStore, uri: str, monkeypatch: pytest.MonkeyPatch) -> None:
        # Whoever looks while a step is being committed sees all of it or does not see it finished.
        folder = staged(store)
        broken: list[bool] = []
        stop = threading.Event()
        looker = ArtifactStore(store.root, store._options)

        def look() -> None:
            while not stop.is_set():
                if looker.finished(uri) and looker.read(f"{uri}/out.parquet") != b"1":
                    broken.append(True)

        thread = threading.Thread(target=look)
        thread.start()
        store.commit(folder, uri)
        stop.set()
        thread.join()
        assert store.finished(uri) and not broken

    def test_the_first_that_finished_stays(self, store: ArtifactStore, uri: str) -> None:
        store.commit(staged(store, "first"), uri)
        second = staged(store, "second")
        store.commit(second, uri)
        assert store.read(f"{uri}/out.parquet") == store.read(f"{uri}/{RESULT_FILE}") == b"first"
        assert not second.exists()

    def test_another_process_may_finish_it_unseen(self, store: ArtifactStore, uri: str) -> None:
        assert not store.finished(uri)
        other = ArtifactStore(store.root, store._options)
        other.commit(staged(other), uri)
        assert store.finished(uri)

    def test_a_folder_without_a_result_is_not_committed(self, store: ArtifactStore, uri: str) -> None:
        folder = staged(store)
        (folder / RESULT_FILE).unlink()
        with pytest.raises(ArtifactError, match=r"holds no result\.json"):
            store.commit(folder, uri)
        assert not store.exists(f"{uri}/out.parquet") and folder.exists()
        store.discard(folder)

    def test_small_files_are_written_and_replaced(self, store: ArtifactStore) -> None:
        uri = f"{store.attempt_uri('run', 'node', 1)}/{RESULT_FILE}"
        assert store.read(uri) is None
        store.write(uri, b"one")
        store.write(uri, b"two")
        assert store.read(uri) == b"two"

    def test_a_file_is_fetched(self, store: ArtifactStore, uri: str, tmp_path: Path) -> None:
        store.commit(staged(store, "data"), uri)
        assert store.fetch(f"{uri}/out.parquet", tmp_path).read_text() == "data"

    def test_what_is_gone_is_named(self, store: ArtifactStore, uri: str, tmp_path: Path) -> None:
        with pytest.raises(ArtifactError, match=r"out\.parquet is gone .* Run the step that makes it again"):
            store.fetch(f"{uri}/out.parquet", tmp_path)
        assert store.read(f"{uri}/out.parquet") is None

    def test_two_files_of_one_name_do_not_meet(self, store: ArtifactStore, tmp_path: Path) -> None:
        uris = [store.step_uri(uuid4().hex) for _ in range(2)]
        for content, uri in zip("ab", uris, strict=True):
            store.commit(staged(store, content), uri)
        paths = [store.fetch(f"{uri}/out.parquet", tmp_path) for uri in uris]
        assert [path.read_text() for path in paths] == ["a", "b"]

    def test_stages_are_empty_apart_and_discarded(self, store: ArtifactStore) -> None:
        one, two = store.stage(), store.stage()
        assert one != two and not list(one.iterdir())
        store.discard(one)
        store.discard(one)
        assert not one.exists() and two.exists()
        store.discard(two)

    def test_a_sweep_takes_what_a_dead_process_left(self, store: ArtifactStore) -> None:
        mine = store.stage()
        child = subprocess.Popen([sys.executable, "-c", ""])
        child.wait()
        left = mine.with_name(f"{child.pid}-{uuid4().hex}")
        left.mkdir()
        (left / "half").write_text("written")
        assert store.sweep(older_than=3600) == 0 and left.exists()
        assert store.sweep() == 1
        assert mine.exists() and not left.exists()
        store.discard(mine)

    def test_what_a_killed_process_left_is_not_a_finished_step(self, store: ArtifactStore, uri: str) -> None:
        folder = store.stage()
        (folder / "out.parquet").write_text("half")
        assert not store.finished(uri)
        store.commit(staged(store), uri)
        assert store.read(f"{uri}/out.parquet") == b"1"
        store.discard(folder)


@pytest.fixture(autouse=True)
def own_temporary_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Stages of remote stores lie among the temporary files; each test has its own."""
    folder = tmp_path / "tmp"
    folder.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(folder))


class TestFileStore(StoreConformance):
    @pytest.fixture(params=["path", "uri", "spaced"])
    def store(self, request: pytest.FixtureRequest, tmp_path: Path) -> ArtifactStore:
        roots = {"path": str(tmp_path / "a"), "uri": (tmp_path / "b").as_uri(), "spaced": (tmp_path / "c d").as_uri()}
        return ArtifactStore(roots[request.param] + "/")

    def test_files_are_read_where_they_lie(self, store: ArtifactStore, tmp_path: Path) -> None:
        uri = store.step_uri("abc")
        store.commit(staged(store), uri)
        assert store.fetch(f"{uri}/out.parquet", tmp_path) == local_path(f"{uri}/out.parquet")
        assert list(tmp_path.glob("*-out.parquet")) == []

    def test_a_stage_from_elsewhere_is_not_half_moved(self, store: ArtifactStore, tmp_path: Path) -> None:
        folder = staged(store)
        (tmp_path / "file").write_text("in the way")
        with pytest.raises(ArtifactError, match="cannot be moved"):
            store.commit(folder, str(tmp_path / "file" / "below"))
        assert (folder / RESULT_FILE).exists()


class TestMemoryStore(StoreConformance):
    @pytest.fixture
    def store(self) -> ArtifactStore:
        return ArtifactStore(f"memory://{uuid4().hex}")


@pytest.fixture(scope="module")
def s3_options() -> Iterator[dict[str, Any]]:
    """A server that speaks S3 on loopback, and how to reach it."""
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield {
        "key": "test",
        "secret": "test",
        "client_kwargs": {"endpoint_url": f"http://{host}:{port}", "region_name": "us-east-1"},
    }
    server.stop()


class TestS3Store(StoreConformance):
    @pytest.fixture
    def store(self, s3_options: dict[str, Any]) -> ArtifactStore:
        import boto3

        bucket = f"b{uuid4().hex}"
        client = boto3.client(
            "s3", aws_access_key_id="test", aws_secret_access_key="test", **s3_options["client_kwargs"]
        )
        client.create_bucket(Bucket=bucket)
        client.close()
        return ArtifactStore(f"s3://{bucket}/opyard", s3_options)

    def test_an_upload_that_breaks_off_is_not_finished_and_can_be_done_again(
        self, store: ArtifactStore, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        uri, folder, filesystem = store.step_uri("abc"), staged(store), store._filesystem()
        put = filesystem.put_file

        def put_some(source: str, target: str) -> None:
            if target.endswith("one.txt"):
                raise ConnectionResetError("the cable was pulled")
            put(source, target)

        with monkeypatch.context() as patch:
            patch.setattr(filesystem, "put_file", put_some)
            with pytest.raises(ArtifactError, match="cannot be reached: ConnectionResetError: the cable was pulled"):
                store.commit(folder, uri)
        assert not store.finished(uri) and folder.exists()
        store.commit(folder, uri)
        assert store.finished(uri)


def test_a_store_that_does_not_answer_is_named(tmp_path: Path) -> None:
    closed = {"client_kwargs": {"endpoint_url": "http://127.0.0.1:9", "region_name": "us-east-1"}}
    options = {"key": "k", "secret": "very secret", **closed, "config_kwargs": {"retries": {"max_attempts": 0}}}
    store = ArtifactStore("s3://bucket/prefix", options)
    for ask in (store.finished, store.read, lambda uri: store.fetch(uri, tmp_path)):
        with pytest.raises(ArtifactError, match=r"s3://bucket/prefix/x.* cannot be reached") as refusal:
            ask("s3://bucket/prefix/x")
        assert "very secret" not in str(refusal.value)
    with pytest.raises(OSError, match="cannot be reached"):
        store.write("s3://bucket/prefix/x", b"")


FULL_DISK = """
import resource, signal, sys
from pathlib import Path
import numpy as np, polars as pl, pyarrow as pa
from operators.artifacts.formats import write_value
from operators.artifacts.store import ArtifactStore
from operators.errors import ArtifactError
from operators.spec import PortSpec
from operators.values import Images, Vectors

store = ArtifactStore(sys.argv[1])
big = np.random.default_rng(0).random(400_000)
values = {
    "table": [pa.table({"x": big}), pa.table({"x": big[:50_000]}), pl.LazyFrame({"x": big}), pl.DataFrame({"x": big})],
    "vectors": [Vectors(big.reshape(-1, 4), pa.table({}))],
    "text": ["x" * 100_000],
    "metrics": [{str(number): float(number) for number in range(10_000)}],
    "report": ["# long " * 20_000],
    "file": [Path(pa.lib.__file__)],
    "images": [Images([(big[:90_000] * 255).astype(np.uint8).reshape(300, 300)] * 9, pa.table({}))],
}
store.write(f"{store.root}/attempts/kept", b"before")
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))
for kind, several in values.items():
    for value in several:
        folder = store.stage()
        try:
            write_value(PortSpec("out", kind), value, folder, "out")
        except ArtifactError as error:
            assert "'out'" in str(error) and str(folder) in str(error), error
        else:
            raise SystemExit(f"{kind} was written: {[(p.name, p.stat().st_size) for p in folder.iterdir()]}")
        store.discard(folder)
try:
    store.write(f"{store.root}/attempts/kept", b"x" * 100_000)
except OSError:
    pass
else:
    raise SystemExit("a file larger than the limit was written")
"""


def test_a_full_disk_is_one_clear_error_and_leaves_nothing_half_written(tmp_path: Path) -> None:
    root = tmp_path / "store"
    environment = {**os.environ, "POLARS_MAX_THREADS": "2"}
    done = subprocess.run([sys.executable, "-c", FULL_DISK, str(root)], capture_output=True, text=True, env=environment)
    assert done.returncode == 0, done.stdout + done.stderr
    left = [path for path in root.rglob("*") if path.is_file()]
    assert [path.name for path in left] == ["kept"] and left[0].read_bytes() == b"before"
