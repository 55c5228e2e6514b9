"""The REST API over a server that was really started."""

import json
from pathlib import Path
from typing import Any

import httpx2 as httpx
import pytest

from tests.ui.conftest import Installation, Server, counting, failing, run_to_end


@pytest.fixture(scope="module")
def done(api: httpx.Client) -> dict[str, Any]:
    return run_to_end(api, counting())


def test_operators_are_found(api: httpx.Client) -> None:
    found = api.get("/operators", params={"words": "slowly", "language": "zh"}).json()
    assert [each["title"] for each in found["operators"]] == ["缓慢计数"]
    page = api.get("/operators/tests.slow").json()
    assert (page["versions"], page["parameters"]["type"]) == (["1.0.0"], "object")


@pytest.mark.parametrize(
    ("path", "status", "kind"),
    [
        ("/operators/tests.slwo", 404, "OperatorUnknown"),
        ("/runs/nope", 404, "RunNotFound"),
        ("/runs/nope/events", 404, "RunNotFound"),
        ("/examples/nope", 404, "NotThere"),
    ],
)
def test_what_is_not_there_is_404(api: httpx.Client, path: str, status: int, kind: str) -> None:
    answer = api.get(path)
    assert (answer.status_code, answer.json()["error"]) == (status, kind)


def test_a_run_is_submitted_listed_and_shown(api: httpx.Client, done: dict[str, Any]) -> None:
    assert done["state"] == "done"
    assert done["steps"][0]["outputs"]["table"]["type"] == "table"
    listed = api.get("/runs", params={"state": "done", "limit": 500}).json()["runs"]
    assert done["id"] in [run["id"] for run in listed]
    assert api.get("/runs", params={"state": "failed"}).json()["runs"] == [
        run for run in api.get("/runs").json()["runs"] if run["state"] == "failed"
    ]
    assert api.get(f"/runs/{done['id']}/pipeline").json()["name"] == "counting"


def test_events_can_be_taken_up_again(api: httpx.Client, done: dict[str, Any]) -> None:
    whole = events(api, done["id"])
    assert [data["state"] for kind, data in whole if kind == "run"] == ["queued", "running", "done"]
    assert "progress" in [kind for kind, _ in whole]
    middle = whole[2]
    rest = events(api, done["id"], {"Last-Event-ID": str(middle[1]["id"])})
    assert rest == whole[3:]


def events(api: httpx.Client, id: str, headers: dict[str, str] | None = None) -> list[tuple[str, dict[str, Any]]]:
    text = api.get(f"/runs/{id}/events", headers=headers or {}).text
    blocks = [dict(line.split(": ", 1) for line in block.splitlines()) for block in text.strip().split("\n\n")]
    assert blocks[-1]["event"] == "end"
    found = [(block["event"], json.loads(block["data"])) for block in blocks[:-1]]
    return [(kind, {"id": data["id"], **data["data"]}) for kind, data in found]


def test_logs_are_read_from_where_one_stopped(api: httpx.Client, done: dict[str, Any]) -> None:
    path = f"/runs/{done['id']}/steps/count/log"
    first = api.get(path).json()
    assert "counted 4" in [line["text"] for line in first["lines"]]
    assert api.get(path, params={"after": first["next"]}).json()["lines"] == []
    assert api.get(f"/runs/{done['id']}/steps/nowhere/log").status_code == 404


def test_artifacts_are_described_and_downloaded(api: httpx.Client, done: dict[str, Any]) -> None:
    base = f"/runs/{done['id']}/artifacts/count"
    summary = api.get(f"{base}/table").json()["summary"]
    assert summary["rows"] == 5
    file = api.get(f"{base}/table/data")
    assert file.content[:4] == b"PAR1"
    assert file.headers["content-disposition"] == 'attachment; filename="count-table.parquet"'
    assert "sandbox" in file.headers["content-security-policy"]
    assert api.get(f"{base}/report/data").text.startswith("# All counted")
    assert api.get(f"{base}/table/preview").status_code == 404
    assert api.get(f"{base}/nothing").status_code == 404


def test_a_failed_run_tells_the_authors_traceback_and_is_resumed(api: httpx.Client, tmp_path: Path) -> None:
    unless = tmp_path / "there"
    failed = run_to_end(api, failing(unless))
    error = failed["steps"][1]["error"]
    assert (failed["state"], error["kind"]) == ("failed", "ValueError")
    assert "in look" in error["traceback"]
    unless.touch()
    assert api.post(f"/runs/{failed['id']}/resume").status_code == 200
    with api.stream("GET", f"/runs/{failed['id']}/events") as stream:
        stream.read()
    again = api.get(f"/runs/{failed['id']}").json()
    assert again["state"] == "done"
    assert api.post(f"/runs/{failed['id']}/resume").status_code == 409


def test_a_run_is_cancelled(api: httpx.Client) -> None:
    id = api.post("/runs", json={"pipeline": counting(600, 0.1)}).json()["id"]
    with api.stream("GET", f"/runs/{id}/events") as stream:
        for line in stream.iter_lines():
            if line == "event: progress":
                api.post(f"/runs/{id}/cancel")
                break
        stream.close()
    events(api, id)
    assert api.get(f"/runs/{id}").json()["state"] == "cancelled"


def test_a_pipeline_is_checked(api: httpx.Client, tmp_path: Path) -> None:
    good = api.post("/pipelines/validate", json=counting()).json()
    assert good["valid"]
    assert "count" in good["schemas"]
    bad = failing(tmp_path)
    bad["nodes"][0]["operator"] = "tests.slwo"
    found = api.post("/pipelines/validate", params={"language": "zh"}, json=bad).json()
    assert not found["valid"]
    assert all(problem["message"] and problem["mend"] for problem in found["problems"])
    refused = api.post("/runs", json={"pipeline": bad})
    assert (refused.status_code, refused.json()["error"]) == (422, "PipelineInvalid")
    assert refused.json()["problems"]


@pytest.mark.parametrize(
    "body",
    [{}, {"pipeline": {}, "example": "x"}, {"pipeline": {"name": 3}}, {"pipelin": {}}, {"pipeline": {}, "seed": "x"}],
)
def test_a_wrong_request_is_422(api: httpx.Client, body: dict[str, Any]) -> None:
    assert api.post("/runs", json=body).status_code == 422


def test_examples_are_listed_and_given(api: httpx.Client) -> None:
    listed = api.get("/examples").json()["examples"]
    assert listed
    assert api.get(f"/examples/{listed[0]['name']}").json()["nodes"]


def test_the_api_page_names_every_route_and_asks_nothing_outside(api: httpx.Client) -> None:
    page = api.get("/docs").text
    document = api.get("/openapi.json").json()
    for path in document["paths"]:
        assert f"/api{path}" in page
    assert "http://" not in page
    assert "https://" not in page


def test_other_sites_are_refused(server: Server) -> None:
    assert httpx.get(f"{server.address}/api/health", headers={"Host": "evil.example"}).status_code == 421
    evil = {"Origin": "http://evil.example"}
    assert httpx.post(f"{server.address}/api/runs", json={}, headers=evil).status_code == 403


def test_an_event_stream_is_not_held_back(api: httpx.Client, installation: Installation) -> None:
    id = api.post("/runs", json={"pipeline": counting(600, 0.1)}).json()["id"]
    with api.stream("GET", f"/runs/{id}/events", headers={"Accept-Encoding": "gzip"}) as stream:
        assert "content-encoding" not in stream.headers
        assert next(stream.iter_lines()).startswith("id: ")
        stream.close()
    api.post(f"/runs/{id}/cancel")
