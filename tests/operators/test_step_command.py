"""`python -m operators.step DOCUMENT`: exit codes, SIGTERM, limits, and what is left in the artifact store."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from operators.artifacts.store import ArtifactStore
from operators.documents import Limits, OperatorRef, StepDocument, StepResult, decode_result, encode
from operators.package import FolderPackage

MakeDocument = Callable[..., StepDocument]

SPEC = {
    "spec_version": 1,
    "id": "test.step.one",
    "version": "1.0.0",
    "title": "One",
    "summary": "One.",
    "category": "test",
    "outputs": [{"name": "text", "type": "text"}],
    "parameters": {
        "type": "object",
        "properties": {
            "file": {"type": "string", "default": ""},
            "n": {"type": "integer", "minimum": 1, "default": 1},
            "door": {"type": "string", "x-secret": True},
        },
        "additionalProperties": False,
    },
}


@pytest.fixture
def make(tmp_path: Path) -> MakeDocument:
    """A document that asks for a step whose `run` has that body."""

    def make(body: str, **more: Any) -> StepDocument:
        folder = tmp_path / "package"
        folder.mkdir()
        (folder / "operator.json").write_text(json.dumps(SPEC))
        (folder / "operator.py").write_text("def run(inputs, params, context):\n" + textwrap.indent(body, "    "))
        code = FolderPackage(folder).code_digest()
        store = ArtifactStore((tmp_path / "store").as_uri())
        return StepDocument(
            operator=OperatorRef("test.step.one", "1.0.0", str(folder), code),
            store=store.root,
            output=store.step_uri("k" * 64),
            attempt=store.attempt_uri("run", "node", 1),
            **more,
        )

    return make


def command(source: str) -> list[str]:
    return [sys.executable, "-m", "operators.step", source]


def run_step(document: StepDocument, **environment: str) -> subprocess.CompletedProcess[str]:
    data = encode(document).decode()
    return subprocess.run(
        command("-"), input=data, capture_output=True, text=True, timeout=60, env={**os.environ, **environment}
    )


def result_at(folder: str) -> StepResult:
    data = ArtifactStore(folder).read(f"{folder}/result.json")
    assert data is not None
    return decode_result(data)


def log_of(document: StepDocument) -> str:
    data = ArtifactStore(document.store).read(f"{document.attempt}/log.jsonl")
    assert data is not None
    return data.decode()


def test_a_step_that_is_done(make: MakeDocument, tmp_path: Path) -> None:
    document = make("print('hello')\ncontext.metric('n', params['n'])\nreturn {'text': f'seed {context.seed}'}", seed=7)
    file = tmp_path / "document.json"
    file.write_bytes(encode(document))
    done = subprocess.run(command(str(file)), capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")
    assert "hello" in done.stdout and "hello" in log_of(document)
    result = result_at(document.output)
    assert (result.state, result.metrics) == ("done", {"n": 1.0})
    assert ArtifactStore(document.store).read(f"{document.output}/{result.outputs['text'].path}") == b"seed 7"
    assert ArtifactStore(document.store).read(f"{document.attempt}/result.json") is None


def test_what_has_finished_is_not_run_again(make: MakeDocument, tmp_path: Path) -> None:
    witness = tmp_path / "witness"
    document = make("open(params['file'], 'a').write('x')\nreturn {'text': ''}", params={"file": str(witness)})
    assert run_step(document).returncode == 0
    assert run_step(document).returncode == 0
    assert witness.read_text() == "x"


def test_a_step_that_fails_leaves_its_result_and_log_with_the_attempt(make: MakeDocument) -> None:
    document = make("print('before')\nraise ValueError('three legs')")
    ended = run_step(document)
    assert ended.returncode == 1
    assert "ValueError: three legs" in ended.stderr and "step_process" not in ended.stderr
    error = result_at(document.attempt).error
    assert error is not None and (error.kind, error.message) == ("ValueError", "three legs")
    assert "before" in log_of(document)
    assert not ArtifactStore(document.store).finished(document.output)


@pytest.mark.parametrize(
    ("params", "said", "pointer"),
    [({"n": 0}, "ParameterError", "/n"), ({"m": 1}, "ParameterError", "/m")],
)
def test_parameters_are_checked_before_any_code_runs(
    make: MakeDocument, params: dict[str, Any], said: str, pointer: str
) -> None:
    document = make("print('never')", params=params)
    ended = run_step(document)
    assert ended.returncode == 1 and said in ended.stderr and "never" not in ended.stdout
    error = result_at(document.attempt).error
    assert error is not None and error.pointer == pointer


@pytest.mark.parametrize("listens", [True, False])
def test_sigterm_cancels(make: MakeDocument, listens: bool) -> None:
    listening = "    context.check_cancelled()\n    time.sleep(0.01)"
    deaf = "    try:\n        time.sleep(0.01)\n    except BaseException:\n        pass"
    document = make(f"import time\nprint('begun', flush=True)\nwhile True:\n{listening if listens else deaf}")
    process = subprocess.Popen(command("-"), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdin and process.stdout and process.stderr
    process.stdin.write(encode(document))
    process.stdin.close()
    while b"begun" not in process.stdout.readline():
        assert process.poll() is None
    asked = time.monotonic()
    process.send_signal(signal.SIGTERM)
    assert process.wait(10) == 1
    assert time.monotonic() - asked < 3
    process.stdout.close()
    process.stderr.close()
    assert result_at(document.attempt).state == "cancelled"
    assert not ArtifactStore(document.store).finished(document.output)


@pytest.mark.parametrize(
    ("limits", "body", "state"),
    [
        (Limits(seconds=0.3), "while True:\n    pass", "timed_out"),
        (Limits(memory=100 * 2**20), "held = []\nwhile True:\n    held.append(b'x' * 5_000_000)", "out_of_memory"),
    ],
)
def test_limits_hold(make: MakeDocument, limits: Limits, body: str, state: str) -> None:
    document = make(body, limits=limits)
    assert run_step(document).returncode == 1
    assert result_at(document.attempt).state == state


def test_secrets_are_handed_over_by_name_and_written_nowhere(make: MakeDocument) -> None:
    body = "print(context.secret('front'))\nreturn {'text': str(len(context.secret('front')))}"
    document = make(body, params={"door": "front"}, secrets=("front",))
    done = run_step(document, OPYARD_SECRET_FRONT="swordfish")
    assert done.returncode == 0
    assert "swordfish" not in done.stdout + done.stderr + log_of(document)
    assert "******" in done.stdout and "******" in log_of(document)


def test_a_secret_of_several_lines_is_masked_line_by_line(make: MakeDocument) -> None:
    body = "print(context.secret('front'))\nraise ValueError(context.secret('front'))"
    document = make(body, secrets=("front",))
    ended = run_step(document, OPYARD_SECRET_FRONT="-----BEGIN-----\nswordfish\n-----END-----")
    assert ended.returncode == 1
    left = ArtifactStore(document.store).read(f"{document.attempt}/result.json")
    assert left is not None and b"ValueError" in left and b"swordfish" not in left
    assert "swordfish" not in ended.stdout + ended.stderr + log_of(document)


@pytest.mark.parametrize(
    ("secrets", "said"), [((), "not named by any of this step's parameters"), (("front",), "Set OPYARD_SECRET_FRONT")]
)
def test_a_secret_that_is_not_there(make: MakeDocument, secrets: tuple[str, ...], said: str) -> None:
    document = make("context.secret('front')", secrets=secrets)
    assert run_step(document).returncode == 1
    error = result_at(document.attempt).error
    assert error is not None and error.kind == "SecretMissing" and said in error.message


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "Usage"),
        (["a", "b"], "Usage"),
        (["none.json"], "no step document none.json"),
        (["/"], "cannot be reached"),
        (["wrong.json"], "not a step document"),
        (["newer.json"], "version 99"),
    ],
)
def test_without_a_document_it_is_wrong_use(tmp_path: Path, arguments: list[str], said: str) -> None:
    (tmp_path / "wrong.json").write_text("{}")
    reference = {"id": "a.b", "version": "1.0.0", "folder": "", "code": ""}
    newer = {"operator": reference, "store": "", "output": "", "attempt": "", "step_version": 99}
    (tmp_path / "newer.json").write_text(json.dumps(newer))
    ended = subprocess.run([*command("")[:3], *arguments], cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert ended.returncode == 2
    assert said in ended.stderr and "Traceback" not in ended.stderr
