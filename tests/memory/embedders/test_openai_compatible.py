"""Embedders behind an OpenAI-compatible address, over real HTTP on the loopback."""

from __future__ import annotations

import json
import pickle
import traceback
from base64 import b64encode
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from ariadne.errors import EmbedderError, InvalidInput
from ariadne.memory import AriGraph, EndpointEmbedder, HashEmbedder

pytest.importorskip("openai")

KEY = "sk-no-one-may-see-this"
WORDS = HashEmbedder(16)
Reply = Callable[[list[str]], list[dict[str, Any]]]


@pytest.fixture(autouse=True)
def _no_key_around(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)


def vectors(texts: list[str]) -> list[dict[str, Any]]:
    """An honest reply: three times too long, and last text first."""
    rows = [{"index": at, "embedding": (3 * WORDS.embed([text])[0]).tolist()} for at, text in enumerate(texts)]
    return rows[::-1]


def serve(server: HTTPServer, reply: Reply = vectors) -> list[Request]:
    """Every request gets what `reply` makes of its texts; gives the requests, as they come."""
    seen = list[Request]()

    def handle(request: Request) -> Response:
        seen.append(request)
        body = {"object": "list", "model": "m", "data": reply(request.get_json()["input"]), "usage": {}}
        return Response(json.dumps(body), content_type="application/json")

    server.expect_request("/v1/embeddings", method="POST").respond_with_handler(handle)
    return seen


def endpoint(server: HTTPServer, **more: Any) -> EndpointEmbedder:
    return EndpointEmbedder(server.url_for("/v1"), "m", **more)


def test_each_text_gets_its_own_vector_at_unit_length_and_is_requested_once(httpserver: HTTPServer) -> None:
    seen, embedder = serve(httpserver), endpoint(httpserver)
    texts = [f"door {number}" for number in range(300)]
    got = embedder.embed(texts)
    assert got.dtype == np.dtype("f4")
    assert np.abs(got - WORDS.embed(texts)).max() < 1e-6
    assert [len(request.get_json()["input"]) for request in seen] == [128, 128, 44]
    assert np.array_equal(embedder.embed(texts[::-1]), got[::-1])
    assert len(seen) == 3
    assert embedder.embed([]).shape == (0, 16)
    assert embedder.name == "m"


@pytest.mark.parametrize("size", [1e-320, 1e-30, 1e30, 1e300])
def test_vectors_of_any_length_come_to_unit_length(httpserver: HTTPServer, size: float) -> None:
    serve(httpserver, lambda texts: [{"index": 0, "embedding": [size, 0, -size, 0]}])
    assert endpoint(httpserver).embed(["x"])[0] == pytest.approx([0.5**0.5, 0, -(0.5**0.5), 0])


def test_an_empty_text_is_sent_as_a_blank(httpserver: HTTPServer) -> None:
    seen = serve(httpserver)
    endpoint(httpserver).embed([""])
    assert seen[0].get_json()["input"] == [" "]


def test_a_memory_recalls_through_an_endpoint(httpserver: HTTPServer) -> None:
    serve(httpserver)
    with AriGraph(embedder=endpoint(httpserver)) as memory:
        memory.remember("You open the box, revealing an apple.")
        assert "apple" in memory.recall("apple").text


def test_the_key_is_sent_and_is_seen_nowhere_else(httpserver: HTTPServer, monkeypatch: pytest.MonkeyPatch) -> None:
    httpserver.expect_request("/v1/embeddings").respond_with_json({"error": {"message": f"no such key: {KEY}"}}, 401)
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    for embedder in (endpoint(httpserver, api_key=KEY), endpoint(httpserver)):
        with pytest.raises(EmbedderError, match=r"no such key: \[key\]") as raised:
            embedder.embed(["x"])
        shown = "".join(traceback.format_exception(raised.value))
        assert KEY not in f"{embedder!r} {vars(embedder)} {shown} {vars(raised.value)}"
        with pytest.raises((pickle.PicklingError, TypeError, AttributeError)):
            pickle.dumps(embedder)
    assert {request.headers["Authorization"] for request, _ in httpserver.log} == {f"Bearer {KEY}"}
    coded = b64encode(f"Bearer {KEY}".encode()).decode()
    httpserver.clear()
    httpserver.expect_request("/v1/embeddings").respond_with_json({"error": {"message": f"bad header: {coded}"}}, 401)
    with pytest.raises(EmbedderError, match=r"bad header: .*\[key\]"):
        endpoint(httpserver, api_key=KEY).embed(["x"])


def test_a_local_server_needs_no_key(httpserver: HTTPServer) -> None:
    serve(httpserver)
    assert endpoint(httpserver).embed(["x"]).shape == (1, 16)


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_busy_server_is_requested_again_but_not_forever(httpserver: HTTPServer, status: int) -> None:
    soon = {"retry-after-ms": "1"}
    httpserver.expect_ordered_request("/v1/embeddings").respond_with_data("busy", status, soon)
    httpserver.expect_ordered_request("/v1/embeddings").respond_with_json({"data": vectors(["x"])})
    assert endpoint(httpserver).embed(["x"]).shape == (1, 16)
    httpserver.clear()
    httpserver.expect_request("/v1/embeddings").respond_with_data("busy", status, soon)
    with pytest.raises(EmbedderError, match=str(status)):
        endpoint(httpserver).embed(["x"])
    assert len(httpserver.log) == 4


def altered(**more: object) -> Reply:
    return lambda texts: [entry | (more if entry["index"] == 1 else {}) for entry in vectors(texts)]


@pytest.mark.parametrize(
    "reply",
    [
        lambda texts: vectors(texts)[1:],
        lambda texts: [*vectors(texts), *vectors(texts)],
        lambda texts: [],
        altered(index=0),
        altered(index=None),
        altered(index=7),
        altered(embedding=[1.0, 2.0]),
        altered(embedding=[]),
        altered(embedding=None),
        altered(embedding=[0.0] * 16),
        altered(embedding=[float("nan")] * 16),
        altered(embedding=[float("inf")] * 16),
        altered(embedding=["a"] * 16),
        altered(embedding=[[1.0]] * 16),
    ],
)
def test_a_reply_that_is_not_a_vector_to_each_text_is_an_error(httpserver: HTTPServer, reply: Reply) -> None:
    serve(httpserver, reply)
    with pytest.raises(EmbedderError, match="the endpoint gave no vectors"):
        endpoint(httpserver).embed(["a", "b", "c"])


def test_a_model_that_changes_its_dimensions_is_an_error(httpserver: HTTPServer) -> None:
    seen = serve(httpserver, lambda texts: [{"index": 0, "embedding": [1.0] * (3 + len(seen))}])
    embedder = endpoint(httpserver)
    embedder.embed(["a"])
    with pytest.raises(EmbedderError, match="different lengths"):
        embedder.embed(["b"])


@pytest.mark.parametrize("answer", ["<html>hello</html>", "null", "[]", '{"data": 3}', '{"data": [3]}', "{}"])
def test_a_page_that_is_no_endpoint_is_an_error(httpserver: HTTPServer, answer: str) -> None:
    httpserver.expect_request("/v1/embeddings").respond_with_data(answer, content_type="application/json")
    with pytest.raises(EmbedderError, match="the endpoint gave no vectors"):
        endpoint(httpserver).embed(["a"])


@pytest.mark.sample
def test_a_server_that_is_not_there_is_an_error() -> None:
    with pytest.raises(EmbedderError, match=r"127\.0\.0\.1:9/v1, model 'm'.*Connection error"):
        EndpointEmbedder("http://127.0.0.1:9/v1", "m").embed(["a"])


@pytest.mark.parametrize(
    "url", ["localhost:11434/v1", "ftp://host/v1", "http://", "http://me:secret@host/v1", "http://host/v1?key=secret"]
)
def test_an_invalid_address_is_refused_and_its_secret_is_not_repeated(url: str) -> None:
    with pytest.raises(InvalidInput) as raised:
        EndpointEmbedder(url, "m")
    assert "secret" not in str(raised.value)


def test_a_model_must_be_named() -> None:
    with pytest.raises(InvalidInput, match="the model's name is empty"):
        EndpointEmbedder("http://host/v1", " ")
