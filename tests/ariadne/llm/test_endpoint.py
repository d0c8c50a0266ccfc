"""A server on loopback that is busy, slow, odd, or does less than OpenAI's: what is waited for, and what is told."""

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
from ariadne.llm.chat import Request as Asked
from ariadne.llm.endpoint import Endpoint
from ariadne.llm.scripted import ScriptedChat, ScriptedModel
from ariadne.llm.settings import Limits, Price

KEY = "sk-secret-0123456789"
HELLO = ({"role": "system", "content": "Be brief."}, {"role": "user", "content": "Which?"})


class Choice(BaseModel):
    """A reply."""

    action: int
    reason: str = ""


ASKED = Asked(HELLO, "Choice", schema_of(Choice))
SAID = '{"action": 3, "reason": ""}'
Answer = Callable[[dict[str, Any]], Response]


def completion(text: str | None = SAID, **more: Any) -> Response:
    choice = {"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": "stop"}
    told = {"model": "small-1", "choices": [choice], "usage": {"prompt_tokens": 7, "completion_tokens": 5}}
    return Response(json.dumps(told | more), content_type="application/json")


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


def test_a_reply_is_asked_for_by_its_schema_and_counted_by_the_server(server: Server) -> None:
    server.answers = [lambda _: completion()]
    said = endpoint(server).complete(ASKED)
    assert (said.text, said.model, said.prompt_tokens, said.completion_tokens) == (SAID, "small-1", 7, 5)
    assert (said.estimated, said.cut_off) == (False, False)
    (body,) = server.bodies
    shape = body["response_format"]["json_schema"]
    assert (shape["name"], shape["strict"]) == ("Choice", True)
    assert shape["schema"]["required"] == ["action", "reason"]
    assert shape["schema"]["additionalProperties"] is False
    assert body["messages"] == list(HELLO)


def test_what_a_server_cannot_do_is_found_out_once(server: Server) -> None:
    def able(body: dict[str, Any]) -> Response:
        if "temperature" in body:
            return refusal(400, "Unsupported value: 'temperature' does not support 0 with this model.")
        kind = body.get("response_format", {}).get("type")
        return refusal(400, f"response_format {kind} is not supported") if kind else completion()

    server.answers = [able]
    chat = endpoint(server)
    assert chat.complete(ASKED).text == SAID
    assert [body.get("response_format", {}).get("type") for body in server.bodies] == [
        "json_schema", "json_schema", "json_object", None,
    ]  # fmt: skip
    assert chat.complete(ASKED).text == SAID
    assert len(server.bodies) == 5
    assert '"additionalProperties":false' in server.bodies[-1]["messages"][0]["content"]


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (401, "Incorrect API key provided"), (403, "not allowed"), (404, "The model `small` does not exist"),
        (400, "maximum context length is 10 tokens"), (429, "You exceeded your quota: insufficient_quota"),
    ],
)  # fmt: skip
def test_what_will_not_pass_fails_at_once_with_the_servers_words_and_no_key(
    status: int, words: str, server: Server
) -> None:
    server.answers = [lambda _: refusal(status, f"{words} ({KEY})")]
    with pytest.raises(ModelError, match=f"{status}: ") as told:
        endpoint(server).complete(ASKED)
    assert words in str(told.value)
    assert KEY not in str(told.value)
    assert len(server.bodies) == 1


def raw(*parts: bytes, wait: float = 0) -> Answer:
    """What sends these bytes, waits after each, and hangs up."""

    def answer(body: dict[str, Any]) -> Response:
        with suppress(OSError):  # who asked may have gone
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
def test_trouble_that_passes_is_waited_for_and_told(answer: Answer, server: Server) -> None:
    server.answers, told = [answer, lambda _: completion()], list[str]()
    assert endpoint(server, waiting=told.append).complete(ASKED).text == SAID
    (line,) = told
    assert line.startswith(f"small at {server.url}: ")
    assert "; again in " in line
    assert KEY not in line


def test_answers_of_no_use_are_asked_for_again_a_few_times_and_their_tokens_counted(server: Server) -> None:
    server.answers = [lambda _: completion(None), lambda _: completion(" "), lambda _: completion()]
    said = endpoint(server).complete(ASKED)
    assert (said.prompt_tokens, said.completion_tokens) == (21, 15)
    assert endpoint(server).complete(ASKED).prompt_tokens == 7
    server.answers, server.bodies = [lambda _: completion(None)], []
    with pytest.raises(ModelError, match="gave up after 5 tries: an empty answer"):
        endpoint(server).complete(ASKED)
    assert len(server.bodies) == 5


def test_what_is_wrong_for_good_is_told_at_once_with_what_may_help(server: Server) -> None:
    told = list[str]()
    server.answers = [lambda _: Response("<!doctype html><title>Home</title>", content_type="text/html")]
    with pytest.raises(ModelError, match=r"no JSON: '<!doctype html>.*is the address right\?"):
        endpoint(server, waiting=told.append).complete(ASKED)
    server.answers = [lambda _: refusal(404, "not found")]
    with pytest.raises(ModelError, match=r"404: not found; is the address right\? most servers' ends in /v1"):
        endpoint(server, waiting=told.append).complete(ASKED)
    server.answers = [lambda _: refusal(401, "who are you?")]
    with pytest.raises(ModelError, match="401: who are you\\?; OPENAI_API_KEY is not set"):
        Endpoint("small", server.url, waiting=told.append).complete(ASKED)
    server.answers = [lambda _: refusal(400, "the context length is 10 tokens")]
    with pytest.raises(ModelError, match="a smaller --context shows less of memory"):
        endpoint(server, waiting=told.append).complete(ASKED)
    with pytest.raises(InvalidInput, match="no header can hold"):
        Endpoint("small", server.url, "sk-\u20ac")
    assert told == []


def test_one_waits_no_longer_than_patience_lasts(server: Server) -> None:
    server.answers = [lambda _: refusal(503, "busy")]
    began = time.monotonic()
    with pytest.raises(ModelError, match=r"gave up after \d+ tries: 503: busy"):
        endpoint(server, patience=2).complete(ASKED)
    assert time.monotonic() - began < 2.5


def test_a_reply_is_bounded_by_whatever_name_the_server_has_for_it(server: Server) -> None:
    def newer(body: dict[str, Any]) -> Response:
        words = "Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens' instead."
        return refusal(400, words) if "max_tokens" in body else completion()

    server.answers = [newer]
    chat = endpoint(server, max_reply=300)
    assert [chat.complete(ASKED).text for _ in range(2)] == [SAID, SAID]
    assert [body.get("max_completion_tokens") for body in server.bodies] == [None, 300, 300]
    assert server.bodies[1]["temperature"] == 0


def test_a_server_that_fails_over_the_format_is_asked_without_it(server: Server) -> None:
    def older(body: dict[str, Any]) -> Response:
        return refusal(500, "failed to parse grammar of json_schema") if "response_format" in body else completion()

    server.answers = [older]
    assert endpoint(server, patience=5).complete(ASKED).text == SAID
    assert len(server.bodies) == 3


def test_a_server_that_says_how_long_is_waited_for_as_long(server: Server) -> None:
    server.answers = [lambda _: refusal(429, "slow down", **{"Retry-After": "1"}), lambda _: completion()]
    began = time.monotonic()
    endpoint(server).complete(ASKED)
    assert time.monotonic() - began >= 1
    for many, within in ((2, 3), (-60, 1)):  # to the second, as a date has it; one that has passed
        when = format_datetime(datetime.now(UTC) + timedelta(seconds=many), usegmt=True)
        server.answers = [lambda _, when=when: refusal(503, "busy", **{"Retry-After": when}), lambda _: completion()]  # type: ignore[misc]
        told = list[str]()
        endpoint(server, waiting=told.append).complete(ASKED)
        assert max(many - 1, 0) <= float(told[0].removesuffix(" s").rpartition(" ")[2]) <= within
    server.answers = [lambda _: refusal(429, "slow down", **{"Retry-After": "3600"})]
    with pytest.raises(ModelError, match="slow down; it asks to come back in 3600 s"):
        endpoint(server).complete(ASKED)


def test_an_answer_that_comes_without_end_is_not_waited_for(server: Server) -> None:
    def drip() -> Iterator[bytes]:
        while True:
            time.sleep(0.1)
            yield b" "

    server.answers = [lambda _: Response(drip())]
    with pytest.raises(ModelError, match=r"no answer within 0\.3 s"):
        endpoint(server, seconds=0.3, patience=0.1).complete(ASKED)


@pytest.mark.parametrize(
    "drips",
    [
        [HEAD[:20], *[b"x"] * 30], [HEAD, b"\r\n", *[b" "] * 30],
        [HEAD.replace(b"200 OK", b"500 No"), b"\r\n", *[b" "] * 30],
    ],
)  # fmt: skip
def test_no_drop_by_drop_is_waited_for_longer_than_a_call_may_take(drips: list[bytes], server: Server) -> None:
    server.answers, told = [raw(*drips, wait=0.1), lambda _: completion()], list[str]()
    chat = endpoint(server, seconds=0.5, waiting=told.append)
    began = time.monotonic()
    with suppress(ModelError):  # the server, of one thread, may still drip when it is asked again
        assert chat.complete(ASKED).text == SAID
    assert "no answer within 0.5 s" in told[0]
    assert time.monotonic() - began < 60


def test_a_content_of_parts_is_its_texts(server: Server) -> None:
    parts = [{"type": "thinking", "thinking": [{"text": "hm"}]}, {"type": "text", "text": SAID}]
    server.answers = [lambda _: completion(choices=[{"message": {"content": parts}, "finish_reason": "stop"}])]
    assert endpoint(server).complete(ASKED).text == SAID


@pytest.mark.parametrize(
    ("status", "words", "requests"),
    [
        (400, "invalid information in the messages", 1),
        (404, "No endpoints found that can handle the requested parameters", 3),
        (400, "x" * 400 + " response_format is not supported", 3),
        (429, "exceeded your current quota, see billing; retry", 0),
    ],
)  # fmt: skip
def test_what_is_refused_is_told_apart(status: int, words: str, requests: int, server: Server) -> None:
    server.answers = [lambda _: refusal(status, words)]
    with pytest.raises(ModelError):
        endpoint(server, patience=1, temperature=None).complete(ASKED)
    assert len(server.bodies) == requests or not requests
    assert bool(requests) or len(server.bodies) > 1


def test_openais_own_address_is_asked_whatever_the_environment_says(monkeypatch: pytest.MonkeyPatch) -> None:
    """A run goes on at the server that it was begun at."""
    monkeypatch.setenv("OPENAI_BASE_URL", "http://localhost:1/v1")
    assert str(Endpoint("small", None, KEY)._client.base_url) == "https://api.openai.com/v1/"


def test_one_gives_up_after_a_while(server: Server) -> None:
    server.answers = [lambda _: refusal(500, "oops")]
    with pytest.raises(ModelError, match=r"gave up after \d+ tries: 500: oops"):
        endpoint(server, patience=1).complete(ASKED)
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{unused.getsockname()[1]}/v1"
    with pytest.raises(ModelError, match="no connection"):
        Endpoint("small", url, patience=0.5).complete(ASKED)
    server.answers = [lambda _: time.sleep(1) or completion()]  # type: ignore[func-returns-value]
    with pytest.raises(ModelError, match="no answer within"):
        endpoint(server, seconds=0.2, patience=0.5).complete(ASKED)


def test_tokens_that_the_server_does_not_count_are_estimated_and_said_to_be(server: Server) -> None:
    server.answers = [lambda _: completion(usage=None)]
    said = endpoint(server).complete(ASKED)
    assert said.estimated
    assert said.prompt_tokens > 2
    assert said.completion_tokens > 5


def test_a_key_that_a_server_sends_back_is_taken_out(server: Server) -> None:
    server.answers = [lambda _: completion(f'{{"action": 3, "reason": "{KEY}"}}', model=KEY)]
    said = endpoint(server).complete(ASKED)
    assert KEY not in repr(said)
    assert KEY not in repr(endpoint(server))
    key = 'sk-a"b/c=&d'
    ways = [key, quote(key, safe=""), quote(key, safe="").lower(), json.dumps(key)[1:-1], key.replace("/", "\\/")]
    ways += ["".join(f"\\u{ord(letter):04x}" for letter in key), key.replace("-", "\\u002D")]
    for way in ways:
        server.answers = [lambda _, way=way: completion(f"It is {way}.")]  # type: ignore[misc]
        assert Endpoint("small", server.url, f" {key}\n").complete(ASKED).text == "It is [key]."
    for before in ("", "a", "ab", "Bearer "):
        coded = b64encode(f"{before}{key} and more".encode()).decode()
        server.answers = [lambda _, coded=coded: completion(coded)]  # type: ignore[misc]
        text = Endpoint("small", server.url, key).complete(ASKED).text
        assert "[key]" in text
    server.answers = [lambda _: refusal(400, "x" * 281 + KEY)]
    with pytest.raises(ModelError) as told:
        endpoint(server).complete(ASKED)
    assert KEY[:6] not in str(told.value)


def test_a_key_that_is_a_word_of_what_was_asked_is_left_in_the_reply(server: Server) -> None:
    server.answers = [lambda _: completion('{"action": 3, "reason": "The key is in the box."}')]
    asked = Asked((HELLO[0], {"role": "user", "content": "Where is the key?"}), "Choice", ASKED.schema)
    assert "The key is" in Endpoint("small", server.url, "key").complete(asked).text


def test_an_endpoint_is_asked_for_with_a_name_an_address_and_where_that_is_openais_a_key(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    with pytest.raises(InvalidInput, match="no key"):
        Endpoint("small")
    with pytest.raises(InvalidInput, match="which model"):
        Endpoint(" ", "http://localhost:1/v1")
    odd = ("http://localhost:80x/v1", "http://localhost:99999/v1", "http://[::1/v1", "http://a b/v1", "http://a\x00/v1")
    for url in ("localhost:1", "http://a:b@localhost/v1", "http://localhost/v1?key=1", *odd):
        with pytest.raises(InvalidInput):
            Endpoint("small", url)


# -- a Model -----------------------------------------------------------------------------------------------------------


def test_an_unreadable_reply_is_asked_for_once_more_with_what_was_wrong() -> None:
    script = ScriptedChat(["I'd take three.", SAID])
    assert ChatModel(script).ask(HELLO, Choice) == Choice(action=3)
    *before, said, again = script.requests[1].messages
    assert before == list(HELLO)
    assert said == {"role": "assistant", "content": "I'd take three."}
    assert "there is no JSON object in it" in again["content"]
    with pytest.raises(ReplyError) as refused:
        ScriptedModel("Three.", "Four.").ask(HELLO, Choice)
    assert refused.value.content == "Four."
    assert ScriptedModel(Choice(action=2)).ask(HELLO, Choice).action == 2
    assert ScriptedModel(lambda request: {"action": len(request.messages)}).ask(HELLO, Choice).action == 2
    with pytest.raises(ModelError, match="the script ends before request 1, for Choice"):
        ScriptedModel().ask(HELLO, Choice)


# -- calls -------------------------------------------------------------------------------------------------------------


@pytest.fixture
def path(tmp_path: Path) -> Iterator[Path]:
    return tmp_path / "calls.jsonl"  # type: ignore[return-value]


def test_a_call_is_on_disk_before_its_reply_is_used_and_is_given_again_to_the_same_request(path: Path) -> None:
    script = ScriptedChat([SAID, '{"action": 4}'])
    calls = CallLog(path, script, prices={"script": Price(prompt=1e6, completion=2e6)})
    said = calls.complete(ASKED)
    (call,) = read_calls(path)
    assert (call.number, call.step, call.shape, call.completion) == (1, 1, "Choice", said)
    assert call.cost == said.prompt_tokens + 2 * said.completion_tokens
    calls.step = 2
    other = Asked((HELLO[0], {"role": "user", "content": "Which now?"}), "Choice", ASKED.schema)
    calls.complete(other)
    assert calls.usage.calls == 2
    calls.close()
    again = CallLog(path.with_name("again.jsonl"), None, recorded_calls=read_calls(path))
    assert again.complete(ASKED) == said
    with pytest.raises(ModelError, match=r"the nearest is call 2: message 2 was 'Which now\?', is 'Which then\?'"):
        again.complete(Asked((HELLO[0], {"role": "user", "content": "Which then?"}), "Choice", ASKED.schema))
    with pytest.raises(ModelError, match="it asked for Choice"):
        again.complete(Asked(other.messages, "Other", ASKED.schema))
    again.complete(other)
    with pytest.raises(ModelError, match="the recorded replies end before call 3"):
        again.complete(other)
    again.close()
    assert [call.completion for call in read_calls(path)] == [
        call.completion for call in read_calls(path.with_name("again.jsonl"))
    ]


def test_a_line_that_was_cut_off_is_made_again(path: Path) -> None:
    calls = CallLog(path, ScriptedChat([SAID, SAID]))
    calls.complete(ASKED)
    calls.complete(ASKED)
    calls.close()
    path.write_bytes(path.read_bytes()[:-20])
    calls = CallLog(path, ScriptedChat([SAID]), first_step=2)
    assert calls.usage.calls == 1
    calls.complete(ASKED)
    calls.close()
    assert [call.number for call in read_calls(path)] == [1, 2]
    path.write_text("{}\n")
    with pytest.raises(RunError, match="line 1 is no call"):
        read_calls(path)


@pytest.mark.parametrize(
    ("limits", "made"),
    [(Limits(calls=2), 2), (Limits(calls=0), 0), (Limits(tokens=1), 1), (Limits(cost=0.5), 1), (Limits(), 5)],
)
def test_a_budget_stops_before_the_next_call(limits: Limits, made: int, path: Path) -> None:
    calls = CallLog(path, ScriptedChat([SAID] * 5), prices={"scr": Price(prompt=1e6, completion=0)}, limits=limits)
    for _ in range(made):
        calls.complete(ASKED)
    if made < 5:
        with pytest.raises(BudgetExceeded, match="are spent, of"):
            calls.complete(ASKED)
    calls.close()
    assert len(read_calls(path)) == made


def test_calls_are_priced_by_the_name_that_was_asked_for_and_by_what_is_known_now(path: Path) -> None:
    """Where the name that answered has no price; or where none was known then."""
    calls = CallLog(path, ScriptedChat([SAID] * 2), model="asked", prices={"asked": Price(prompt=1e6, completion=0)})
    calls.complete(ASKED)
    assert calls.calls[0].cost == calls.calls[0].completion.prompt_tokens
    calls.close()
    calls = CallLog(path.with_name("unpriced"), ScriptedChat([SAID] * 2), limits=Limits(cost=5))
    calls.complete(ASKED)
    with pytest.raises(BudgetExceeded, match="what was spent of 5 dollars is not known"):
        calls.complete(ASKED)
    calls.close()
    prices = {"script": Price(prompt=1e6, completion=0)}
    calls = CallLog(
        path.with_name("unpriced"), ScriptedChat([SAID] * 2), first_step=2, limits=Limits(cost=1), prices=prices
    )
    with pytest.raises(BudgetExceeded, match=r"\d+ dollars are spent, of 1"):
        calls.complete(ASKED)
    calls.close()


def test_prices_are_those_of_the_longest_name_and_unknown_where_there_is_none(tmp_path: Path) -> None:
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


def test_a_server_at_fault_in_a_third_of_its_answers_is_borne(server: Server) -> None:
    chance = random.Random(3)

    def moody(_: dict[str, Any]) -> Response:
        return chance.choice(TROUBLE)(_) if chance.random() < 1 / 3 else completion()

    server.answers = [moody]
    chat = endpoint(server)
    assert all(chat.complete(ASKED).text == SAID for _ in range(12))
