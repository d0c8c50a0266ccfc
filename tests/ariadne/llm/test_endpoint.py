"""Endpoints with a local server that is busy, slow, faulty or limited; the log of calls."""

from __future__ import annotations

import json
import random
import socket
import time
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from pydantic import BaseModel
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from ariadne.errors import BudgetExceeded, InvalidInput, ModelError, ReplyError, RunError
from ariadne.llm.call_log import CallLog, Usage, price_of, read_calls, read_prices
from ariadne.llm.chat import ChatModel, schema_of
from ariadne.llm.chat import Request as ChatRequest
from ariadne.llm.endpoint import Endpoint
from ariadne.llm.scripted import ScriptedChat, ScriptedModel
from ariadne.llm.settings import Limits, Price

KEY = "sk-secret-0123456789"
HELLO = ({"role": "system", "content": "Be brief."}, {"role": "user", "content": "Which?"})


class Choice(BaseModel):
    """A reply."""

    action: int
    reason: str = ""


REQUEST = ChatRequest(HELLO, "Choice", schema_of(Choice))
REPLY = '{"action": 3, "reason": ""}'
Answer = Callable[[dict[str, Any]], Response]


def completion(text: str | None = REPLY, **more: Any) -> Response:
    choice = {"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": "stop"}
    body = {"model": "small-1", "choices": [choice], "usage": {"prompt_tokens": 7, "completion_tokens": 5}}
    return Response(json.dumps(body | more), content_type="application/json")


def refusal(status: int, message: str, **headers: str) -> Response:
    return Response(json.dumps({"error": {"message": message}}), status, headers, content_type="application/json")


class Server:
    """Gives answers in their order, the last one ever after."""

    def __init__(self, http: HTTPServer) -> None:
        self.answers = list[Answer]()
        self.bodies = list[dict[str, Any]]()
        http.expect_request("/v1/chat/completions", method="POST").respond_with_handler(self._answer)
        self.url = http.url_for("/v1")

    def _answer(self, request: Request) -> Response:
        self.bodies.append(request.get_json())
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        return answer(self.bodies[-1] | {"socket": request.environ["werkzeug.socket"]})


@pytest.fixture
def server(httpserver: HTTPServer, monkeypatch: pytest.MonkeyPatch) -> Server:
    monkeypatch.setenv("NO_PROXY", "*")
    return Server(httpserver)


def endpoint(server: Server, **more: Any) -> Endpoint:
    return Endpoint("small", server.url, KEY, **more)


def test_a_request_has_the_schema_of_its_reply_and_the_server_counts_tokens(server: Server) -> None:
    server.answers = [lambda _: completion()]
    response = endpoint(server).complete(REQUEST)
    assert (response.text, response.model, response.prompt_tokens, response.completion_tokens) == (
        REPLY,
        "small-1",
        7,
        5,
    )
    assert (response.estimated, response.cut_off) == (False, False)
    (body,) = server.bodies
    shape = body["response_format"]["json_schema"]
    assert (shape["name"], shape["strict"]) == ("Choice", True)
    assert shape["schema"]["required"] == ["action", "reason"]
    assert shape["schema"]["additionalProperties"] is False
    assert body["messages"] == list(HELLO)


def test_the_limits_of_a_server_are_learned_once(server: Server) -> None:
    def able(body: dict[str, Any]) -> Response:
        if "temperature" in body:
            return refusal(400, "Unsupported value: 'temperature' does not support 0 with this model.")
        kind = body.get("response_format", {}).get("type")
        return refusal(400, f"response_format {kind} is not supported") if kind else completion()

    server.answers = [able]
    chat = endpoint(server)
    assert chat.complete(REQUEST).text == REPLY
    assert [body.get("response_format", {}).get("type") for body in server.bodies] == [
        "json_schema", "json_schema", "json_object", None,
    ]  # fmt: skip
    assert chat.complete(REQUEST).text == REPLY
    assert len(server.bodies) == 5
    assert '"additionalProperties":false' in server.bodies[-1]["messages"][0]["content"]


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (401, "Incorrect API key provided"), (403, "not allowed"), (404, "The model `small` does not exist"),
        (400, "maximum context length is 10 tokens"), (429, "You exceeded your quota: insufficient_quota"),
    ],
)  # fmt: skip
def test_a_permanent_error_fails_at_once_with_the_servers_message_and_without_the_key(
    status: int, words: str, server: Server
) -> None:
    server.answers = [lambda _: refusal(status, f"{words} ({KEY})")]
    with pytest.raises(ModelError, match=f"{status}: ") as error:
        endpoint(server).complete(REQUEST)
    assert words in str(error.value)
    assert KEY not in str(error.value)
    assert len(server.bodies) == 1


def raw(*parts: bytes, wait: float = 0) -> Answer:
    """What sends these bytes, waits after each, and hangs up."""

    def answer(body: dict[str, Any]) -> Response:
        with suppress(OSError):  # the client may have gone
            for part in parts:
                body["socket"].sendall(part)
                time.sleep(wait)
            body["socket"].shutdown(socket.SHUT_RDWR)
        return Response("")

    return answer


HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 4000\r\n"
dropped = raw(HEAD + b"\r\n" + b'{"model": "small", "choi')


TROUBLE: list[Answer] = [
    lambda _: refusal(429, "slow down"), lambda _: refusal(500, "oops"), lambda _: refusal(502, "bad gateway"),
    lambda _: refusal(503, "overloaded"), lambda _: Response("<html>504</html>", 504), lambda _: completion(choices=[]),
    lambda _: completion(None), lambda _: completion(" "), lambda _: Response("not JSON"), lambda _: Response("null"),
    lambda _: completion(choices=[{"message": {"content": ""}, "finish_reason": "content_filter"}]),
    lambda _: completion(choices=[{"message": {"content": None, "refusal": "I will not."}}]), dropped, raw(HEAD),
    raw(b""), raw(HEAD + b"Content-Encoding: gzip\r\n\r\n" + b"x" * 4000), lambda _: Response("[" * 200_000),
    lambda _: refusal(429, "slow down", **{"Retry-After": "0"}),
    lambda _: refusal(503, "busy", **{"Retry-After": "nan"}), lambda _: refusal(400, "flagged content_filter"),
    lambda _: refusal(400, "Failed to generate JSON json_validate_failed"),
    lambda _: completion(choices=None, error={"message": f"upstream {KEY}"}),
]  # fmt: skip


@pytest.mark.parametrize("answer", TROUBLE)
def test_a_temporary_error_is_retried_and_announced(answer: Answer, server: Server) -> None:
    server.answers, waits = [answer, lambda _: completion()], list[str]()
    assert endpoint(server, waiting=waits.append).complete(REQUEST).text == REPLY
    (line,) = waits
    assert line.startswith(f"small at {server.url}: ")
    assert "; retry in " in line
    assert KEY not in line


def test_unusable_responses_are_retried_a_few_times_and_their_tokens_counted(server: Server) -> None:
    server.answers = [lambda _: completion(None), lambda _: completion(" "), lambda _: completion()]
    response = endpoint(server).complete(REQUEST)
    assert (response.prompt_tokens, response.completion_tokens) == (21, 15)
    assert endpoint(server).complete(REQUEST).prompt_tokens == 7
    server.answers, server.bodies = [lambda _: completion(None)], []
    with pytest.raises(ModelError, match=r"gave up after 5 attempts in \d+ s: an empty response"):
        endpoint(server).complete(REQUEST)
    assert len(server.bodies) == 5


def test_a_permanent_error_names_its_remedy(server: Server) -> None:
    waits = list[str]()
    server.answers = [lambda _: Response("<!doctype html><title>Home</title>", content_type="text/html")]
    with pytest.raises(ModelError, match=r"not JSON: '<!doctype html>.*check the address"):
        endpoint(server, waiting=waits.append).complete(REQUEST)
    server.answers = [lambda _: refusal(404, "not found")]
    with pytest.raises(ModelError, match=r"404: not found; check the address; most end in /v1"):
        endpoint(server, waiting=waits.append).complete(REQUEST)
    server.answers = [lambda _: refusal(401, "who are you?")]
    with pytest.raises(ModelError, match="401: who are you\\?; OPENAI_API_KEY is not set"):
        Endpoint("small", server.url, waiting=waits.append).complete(REQUEST)
    server.answers = [lambda _: refusal(400, "the context length is 10 tokens")]
    with pytest.raises(ModelError, match="a smaller --context shortens the prompts"):
        endpoint(server, waiting=waits.append).complete(REQUEST)
    with pytest.raises(InvalidInput, match="not allowed in a header"):
        Endpoint("small", server.url, "sk-\u20ac")
    assert waits == []


def test_retries_end_after_the_patience(server: Server) -> None:
    server.answers = [lambda _: refusal(503, "busy")]
    began = time.monotonic()
    with pytest.raises(ModelError, match=r"gave up after \d+ attempts? in \d+ s: 503: busy"):
        endpoint(server, patience=2).complete(REQUEST)
    assert time.monotonic() - began < 2.5


def test_a_reply_is_limited_by_either_name_of_the_parameter(server: Server) -> None:
    def newer(body: dict[str, Any]) -> Response:
        words = "Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens' instead."
        return refusal(400, words) if "max_tokens" in body else completion()

    server.answers = [newer]
    chat = endpoint(server, max_reply=300)
    assert [chat.complete(REQUEST).text for _ in range(2)] == [REPLY, REPLY]
    assert [body.get("max_completion_tokens") for body in server.bodies] == [None, 300, 300]
    assert server.bodies[1]["temperature"] == 0


def test_a_server_that_fails_at_the_response_format_gets_requests_without_it(server: Server) -> None:
    def older(body: dict[str, Any]) -> Response:
        return refusal(500, "failed to parse grammar of json_schema") if "response_format" in body else completion()

    server.answers = [older]
    assert endpoint(server, patience=5).complete(REQUEST).text == REPLY
    assert len(server.bodies) == 3


def test_a_wait_requested_by_the_server_is_kept(server: Server) -> None:
    server.answers = [lambda _: refusal(429, "slow down", **{"Retry-After": "1"}), lambda _: completion()]
    began = time.monotonic()
    endpoint(server).complete(REQUEST)
    assert time.monotonic() - began >= 1
    for many, within in ((3, 3), (-60, 1)):  # to the second, as a date has it; one that has passed
        when = format_datetime(datetime.now(UTC) + timedelta(seconds=many), usegmt=True)
        server.answers = [lambda _, when=when: refusal(503, "busy", **{"Retry-After": when}), lambda _: completion()]  # type: ignore[misc]
        waits = list[str]()
        endpoint(server, waiting=waits.append).complete(REQUEST)
        assert max(many - 2, 0) <= float(waits[0].removesuffix(" s").rpartition(" ")[2]) <= within
    server.answers = [lambda _: refusal(429, "slow down", **{"Retry-After": "3600"})]
    with pytest.raises(ModelError, match="slow down; the server requests a wait of 3600 s"):
        endpoint(server).complete(REQUEST)


def test_a_response_without_end_is_abandoned(server: Server) -> None:
    def drip() -> Iterator[bytes]:
        while True:
            time.sleep(0.1)
            yield b" "

    server.answers = [lambda _: Response(drip())]
    with pytest.raises(ModelError, match=r"no response within 0\.3 s"):
        endpoint(server, seconds=0.3, patience=0.1).complete(REQUEST)


@pytest.mark.parametrize(
    "drips",
    [
        [HEAD[:20], *[b"x"] * 30], [HEAD, b"\r\n", *[b" "] * 30],
        [HEAD.replace(b"200 OK", b"500 No"), b"\r\n", *[b" "] * 30],
    ],
)  # fmt: skip
def test_a_slow_response_is_abandoned_after_the_timeout(drips: list[bytes], server: Server) -> None:
    server.answers, waits = [raw(*drips, wait=0.1), lambda _: completion()], list[str]()
    chat = endpoint(server, seconds=0.5, waiting=waits.append)
    began = time.monotonic()
    with suppress(ModelError):  # the server, of one thread, may still drip at the next request
        assert chat.complete(REQUEST).text == REPLY
    assert "no response within 0.5 s" in waits[0]
    assert time.monotonic() - began < 60


def test_content_in_parts_is_read_as_its_texts(server: Server) -> None:
    parts = [{"type": "thinking", "thinking": [{"text": "hm"}]}, {"type": "text", "text": REPLY}]
    server.answers = [lambda _: completion(choices=[{"message": {"content": parts}, "finish_reason": "stop"}])]
    assert endpoint(server).complete(REQUEST).text == REPLY


@pytest.mark.parametrize(
    ("status", "words", "requests"),
    [
        (400, "invalid information in the messages", 1),
        (404, "No endpoints found that can handle the requested parameters", 3),
        (400, "x" * 400 + " response_format is not supported", 3),
        (429, "exceeded your current quota, see billing; retry", 0),
    ],
)  # fmt: skip
def test_kinds_of_refusals_are_distinguished(status: int, words: str, requests: int, server: Server) -> None:
    server.answers = [lambda _: refusal(status, words)]
    with pytest.raises(ModelError):
        endpoint(server, patience=1 if requests else 3, temperature=None).complete(REQUEST)
    assert len(server.bodies) == requests or not requests
    assert bool(requests) or len(server.bodies) > 1


def test_the_address_of_openai_does_not_depend_on_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """A run goes on at the server that it was begun at."""
    monkeypatch.setenv("OPENAI_BASE_URL", "http://localhost:1/v1")
    assert str(Endpoint("small", None, KEY)._client.base_url) == "https://api.openai.com/v1/"


def test_attempts_end_after_a_while(server: Server) -> None:
    server.answers = [lambda _: refusal(500, "oops")]
    with pytest.raises(ModelError, match=r"gave up after \d+ attempts? in \d+ s: 500: oops"):
        endpoint(server, patience=1).complete(REQUEST)
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{unused.getsockname()[1]}/v1"
    with pytest.raises(ModelError, match=r"no connection \(.*\); is the server running\?"):
        Endpoint("small", url, patience=0.5).complete(REQUEST)
    server.answers = [lambda _: time.sleep(1) or completion()]  # type: ignore[func-returns-value]
    with pytest.raises(ModelError, match="no response within"):
        endpoint(server, seconds=0.2, patience=0.5).complete(REQUEST)


def test_tokens_that_the_server_does_not_count_are_estimated_and_marked(server: Server) -> None:
    server.answers = [lambda _: completion(usage=None)]
    response = endpoint(server).complete(REQUEST)
    assert response.estimated
    assert response.prompt_tokens > 2
    assert response.completion_tokens > 5


def test_a_key_in_a_response_is_redacted(server: Server) -> None:
    server.answers = [lambda _: completion(f'{{"action": 3, "reason": "{KEY}"}}', model=KEY)]
    response = endpoint(server).complete(REQUEST)
    assert KEY not in repr(response)
    assert KEY not in repr(endpoint(server))
    key = 'sk-a"b/c=&d'
    ways = [key, quote(key, safe=""), quote(key, safe="").lower(), json.dumps(key)[1:-1], key.replace("/", "\\/")]
    ways += ["".join(f"\\u{ord(letter):04x}" for letter in key), key.replace("-", "\\u002D")]
    for way in ways:
        server.answers = [lambda _, way=way: completion(f"It is {way}.")]  # type: ignore[misc]
        assert Endpoint("small", server.url, f" {key}\n").complete(REQUEST).text == "It is [key]."
    for before in ("", "a", "ab", "Bearer "):
        coded = b64encode(f"{before}{key} and more".encode()).decode()
        server.answers = [lambda _, coded=coded: completion(coded)]  # type: ignore[misc]
        text = Endpoint("small", server.url, key).complete(REQUEST).text
        assert "[key]" in text
    server.answers = [lambda _: refusal(400, "x" * 281 + KEY)]
    with pytest.raises(ModelError) as error:
        endpoint(server).complete(REQUEST)
    assert KEY[:6] not in str(error.value)


def test_a_key_that_is_a_word_of_the_request_is_kept_in_the_reply(server: Server) -> None:
    server.answers = [lambda _: completion('{"action": 3, "reason": "The key is in the box."}')]
    request = ChatRequest((HELLO[0], {"role": "user", "content": "Where is the key?"}), "Choice", REQUEST.schema)
    assert "The key is" in Endpoint("small", server.url, "key").complete(request).text


def test_an_endpoint_needs_a_name_an_address_and_for_openai_a_key(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    with pytest.raises(InvalidInput, match="no key"):
        Endpoint("small")
    with pytest.raises(InvalidInput, match="no model is named"):
        Endpoint(" ", "http://localhost:1/v1")
    odd = ("http://localhost:80x/v1", "http://localhost:99999/v1", "http://[::1/v1", "http://a b/v1", "http://a\x00/v1")
    for url in ("localhost:1", "http://a:b@localhost/v1", "http://localhost/v1?key=1", *odd):
        with pytest.raises(InvalidInput):
            Endpoint("small", url)


# -- a Model -----------------------------------------------------------------------------------------------------------


def test_an_unreadable_reply_is_requested_once_more_with_its_problem() -> None:
    script = ScriptedChat(["I'd take three.", REPLY])
    assert ChatModel(script).ask(HELLO, Choice) == Choice(action=3)
    *before, reply, again = script.requests[1].messages
    assert before == list(HELLO)
    assert reply == {"role": "assistant", "content": "I'd take three."}
    assert "there is no JSON object in it" in again["content"]
    with pytest.raises(ReplyError) as refused:
        ScriptedModel("Three.", "Four.").ask(HELLO, Choice)
    assert refused.value.content == "Four."
    assert ScriptedModel(Choice(action=2)).ask(HELLO, Choice).action == 2
    assert ScriptedModel(lambda request: {"action": len(request.messages)}).ask(HELLO, Choice).action == 2
    with pytest.raises(ModelError, match="the script ends before request 1 \\(Choice\\)"):
        ScriptedModel().ask(HELLO, Choice)


# -- calls -------------------------------------------------------------------------------------------------------------


@pytest.fixture
def path(tmp_path: Path) -> Iterator[Path]:
    return tmp_path / "calls.jsonl"  # type: ignore[return-value]


def test_a_call_is_on_disk_before_its_reply_is_used_and_answers_the_same_request_again(path: Path) -> None:
    script = ScriptedChat([REPLY, '{"action": 4}'])
    calls = CallLog(path, script, prices={"script": Price(prompt=1e6, completion=2e6)})
    response = calls.complete(REQUEST)
    (call,) = read_calls(path)
    assert (call.number, call.step, call.shape, call.completion) == (1, 1, "Choice", response)
    assert call.cost == response.prompt_tokens + 2 * response.completion_tokens
    calls.step = 2
    other = ChatRequest((HELLO[0], {"role": "user", "content": "Which now?"}), "Choice", REQUEST.schema)
    calls.complete(other)
    assert calls.usage.calls == 2
    calls.close()
    again = CallLog(path.with_name("again.jsonl"), None, recorded_calls=read_calls(path))
    assert again.complete(REQUEST) == response
    with pytest.raises(ModelError, match=r"the most similar is call 2: message 2 was 'Which now\?', is 'Which then\?'"):
        again.complete(ChatRequest((HELLO[0], {"role": "user", "content": "Which then?"}), "Choice", REQUEST.schema))
    with pytest.raises(ModelError, match="its reply is a Choice"):
        again.complete(ChatRequest(other.messages, "Other", REQUEST.schema))
    again.complete(other)
    with pytest.raises(ModelError, match="the recorded calls end before call 3"):
        again.complete(other)
    again.close()
    assert [call.completion for call in read_calls(path)] == [
        call.completion for call in read_calls(path.with_name("again.jsonl"))
    ]


def test_a_call_with_an_incomplete_line_is_repeated(path: Path) -> None:
    calls = CallLog(path, ScriptedChat([REPLY, REPLY]))
    calls.complete(REQUEST)
    calls.complete(REQUEST)
    calls.close()
    path.write_bytes(path.read_bytes()[:-20])
    calls = CallLog(path, ScriptedChat([REPLY]), first_step=2)
    assert calls.usage.calls == 1
    calls.complete(REQUEST)
    calls.close()
    assert [call.number for call in read_calls(path)] == [1, 2]
    path.write_text("{}\n")
    with pytest.raises(RunError, match="line 1 is not a call"):
        read_calls(path)


@pytest.mark.parametrize(
    ("limits", "made"),
    [(Limits(calls=2), 2), (Limits(calls=0), 0), (Limits(tokens=1), 1), (Limits(cost=0.5), 1), (Limits(), 5)],
)
def test_a_limit_stops_before_the_next_call(limits: Limits, made: int, path: Path) -> None:
    calls = CallLog(path, ScriptedChat([REPLY] * 5), prices={"scr": Price(prompt=1e6, completion=0)}, limits=limits)
    for _ in range(made):
        calls.complete(REQUEST)
    if made < 5:
        with pytest.raises(BudgetExceeded, match="are used"):
            calls.complete(REQUEST)
    calls.close()
    assert len(read_calls(path)) == made


def test_calls_are_priced_by_the_requested_model_and_by_current_prices(path: Path) -> None:
    """Where the name that answered has no price; or where none was known then."""
    calls = CallLog(
        path, ScriptedChat([REPLY] * 2), model="requested", prices={"requested": Price(prompt=1e6, completion=0)}
    )
    calls.complete(REQUEST)
    assert calls.calls[0].cost == calls.calls[0].completion.prompt_tokens
    calls.close()
    calls = CallLog(path.with_name("unpriced"), ScriptedChat([REPLY] * 2), limits=Limits(cost=5))
    calls.complete(REQUEST)
    with pytest.raises(BudgetExceeded, match="the limit of 5 dollars cannot be checked"):
        calls.complete(REQUEST)
    calls.close()
    prices = {"script": Price(prompt=1e6, completion=0)}
    calls = CallLog(
        path.with_name("unpriced"), ScriptedChat([REPLY] * 2), first_step=2, limits=Limits(cost=1), prices=prices
    )
    with pytest.raises(BudgetExceeded, match=r"\d+ of 1 dollars are used"):
        calls.complete(REQUEST)
    calls.close()


def test_a_price_is_that_of_the_longest_matching_name(tmp_path: Path) -> None:
    file = tmp_path / "prices.json"
    file.write_text('{"gpt": {"prompt": 1, "completion": 2}, "gpt-4": {"prompt": 3, "completion": 4, "cached": 1}}')
    prices = read_prices(file)
    assert price_of(prices, "gpt-4-0125") == Price(prompt=3, completion=4, cached=1)
    assert price_of(prices, "gpt-3.5") == Price(prompt=1, completion=2)
    assert price_of(prices, "llama") is None
    assert Usage.of([]).cost == 0
    file.write_text('{"gpt": 3}')
    with pytest.raises(InvalidInput, match=r"no prices \(gpt: "):
        read_prices(file)
    file.write_text('{"gpt": {"prompt": 3}}')
    with pytest.raises(InvalidInput, match=r"no prices \(gpt\.completion: Field required\)"):
        read_prices(file)


def test_a_server_with_a_third_of_faulty_responses_is_usable(server: Server) -> None:
    chance = random.Random(3)

    def moody(_: dict[str, Any]) -> Response:
        return chance.choice(TROUBLE)(_) if chance.random() < 1 / 3 else completion()

    server.answers = [moody]
    chat = endpoint(server)
    assert all(chat.complete(REQUEST).text == REPLY for _ in range(12))
