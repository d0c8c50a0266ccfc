"""A language model plays over real HTTP: the replies of a published model win its games by both protocols."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from ariadne.llm.call_log import read_calls
from ariadne.runs.record import CALLS, STEPS, Run
from ariadne.runs.verify import verify
from ariadne.tokens import count, is_estimate
from tests.published import OffRecordError, Published, as_text

ARIADNE = (sys.executable, "-m", "ariadne")
KEY = "sk-test-0123456789abcdef"


class Server:
    """Answers with the replies of a published run and with numbers of tokens."""

    def __init__(self, http: HTTPServer, published: Published) -> None:
        self.published, self.requests = published, list[dict[str, Any]]()
        http.expect_request("/v1/chat/completions", method="POST").respond_with_handler(self.answer)
        self.url = http.url_for("/v1")

    def answer(self, request: Request) -> Response:
        request_body = request.get_json()
        self.requests.append(request_body)
        assert request.headers["Authorization"] == f"Bearer {KEY}"
        try:
            shape = request_body["response_format"]["json_schema"]["name"]
            text = as_text(self.published.reply(shape, request_body["messages"]))
        except OffRecordError as error:
            return Response(json.dumps({"error": {"message": str(error)}}), 400, content_type="application/json")
        message = {"role": "assistant", "content": text}
        body = {
            "id": "1", "object": "chat.completion", "created": 1, "model": request_body["model"],
            "choices": [{"index": 0, "message": message, "finish_reason": "stop"}],
            "usage": {"prompt_tokens": 1000, "completion_tokens": 100, "total_tokens": 1100},
        }  # fmt: skip
        return Response(json.dumps(body), content_type="application/json")


@pytest.fixture
def environment() -> dict[str, str]:
    return {**os.environ, "OPENAI_API_KEY": KEY, "NO_PROXY": "*"}


@pytest.mark.parametrize(
    ("name", "points", "protocol", "attempt"),
    [
        pytest.param("hunt", 7, "merged", 1, marks=pytest.mark.sample),
        pytest.param("cook", 11, "paper", 1, marks=pytest.mark.sample),
        *(
            pytest.param(name, points, protocol, attempt, marks=pytest.mark.soak)
            for name, points in (("hunt", 7), ("cook", 11))
            for protocol in ("merged", "paper")
            for attempt in (1, 2, 3)
            if (name, protocol, attempt) not in {("hunt", "merged", 1), ("cook", "paper", 1)}
        ),
    ],
)
def test_the_replies_of_gpt_4_win_its_games_over_http(
    name: str, points: int, protocol: str, attempt: int, shared: Path, tmp_path: Path, httpserver: HTTPServer,
    environment: dict[str, str],
) -> None:  # fmt: skip
    server = Server(httpserver, Published(shared / "published-runs" / f"{name}.jsonl", attempt))
    task, run = f"{shared / 'games' / 'tasks.json'}:{name}", tmp_path / "run"
    command = [
        *ARIADNE, "play", "--task", task, "--mind", "llm", "--model", "gpt-4", "--base-url", server.url,
        "--protocol", protocol, "--free-actions", "--run", run, "--json",
    ]  # fmt: skip
    done = subprocess.run(list(map(str, command)), env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    result = json.loads(done.stdout)
    assert (result["score"], result["won"], result["steps"]) == (points, True, len(server.published.turns))
    calls = read_calls(run / CALLS)
    assert result["model_calls"] == len(calls) == len(server.requests)
    assert result["prompt_tokens"] == 1000 * len(calls)
    assert len(calls) <= (2 if protocol == "merged" else 6.2) * result["steps"]
    assert not any(KEY.encode() in file.read_bytes() for file in run.iterdir())
    with Run.open(run) as opened:
        assert verify(opened) is None
    if protocol == "merged":
        bench = [*ARIADNE, "bench", "calls", run, "--json"]
        done = subprocess.run(list(map(str, bench)), capture_output=True, text=True, check=True)
        (row,) = json.loads(done.stdout)["runs"]
        own = sum(map(count, server.published.own())) / result["steps"]
        assert row["calls"] <= 2
        assert row["prompt_tokens"] <= (2600 if is_estimate() else 2500)  # the estimate errs high, by half
        assert row["completion_tokens"] <= 0.6 * own
    again = [*command[:5], task, "--mind", "llm", "--model", "gpt-4", "--protocol", protocol, "--free-actions"]
    again += ["--run", tmp_path / "again", "--json", "--replies", run / CALLS]
    done = subprocess.run(list(map(str, again)), env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert len(server.requests) == len(calls)
    assert (tmp_path / "again" / STEPS).read_bytes() == (run / STEPS).read_bytes()
