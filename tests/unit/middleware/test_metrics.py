from contextlib import suppress

import pytest

from alma.middleware.metrics import Metrics
from alma.telemetry.prometheus import PrometheusMeters

ROUTE = "/things/{id}"


@pytest.fixture
def meters():
    return PrometheusMeters()


def shown(meters, name):
    return {
        tuple(sample.labels.values()): sample.value
        for sample in meters.samples()
        if sample.name == name
    }


async def ask(meters, app, *, kind="http", method="GET", headers=(), ready=True):
    scope = {"type": kind, "path": "/things/7", "headers": headers}
    if kind == "http":
        scope["method"] = method
    sent = []

    async def send(message):
        sent.append(message)

    async def receive():
        return {"type": "http.request", "body": b""}

    wrapped = Metrics(app, meters=lambda: meters if ready else None, template=lambda scope: ROUTE)
    with suppress(ZeroDivisionError):
        await wrapped(scope, receive, send)
    return sent


def answering(status, *bodies, complete=True, content_type=b"application/json"):
    async def app(scope, receive, send):
        await send(
            {
                "type": "http.response.start",
                "status": status,
                "headers": [(b"content-type", content_type)],
            }
        )
        for number, body in enumerate(bodies, 1):
            more = number < len(bodies) or not complete
            await send({"type": "http.response.body", "body": body, "more_body": more})

    return app


@pytest.mark.parametrize("status", [200, 404, 429, 500, 503])
async def test_every_status_is_counted_under_its_template(meters, status):
    await ask(meters, answering(status, b"x"))
    assert shown(meters, "http_requests_total") == {("GET", ROUTE, str(status)): 1}
    assert shown(meters, "http_request_duration_seconds_count") == {("GET", ROUTE): 1}


async def test_sizes_are_those_of_the_bodies(meters):
    headers = [(b"content-length", b"12")]
    await ask(meters, answering(200, b"abc", b"de"), method="POST", headers=headers)
    assert shown(meters, "http_request_size_bytes_sum") == {("POST", ROUTE): 12}
    assert shown(meters, "http_response_size_bytes_sum") == {("POST", ROUTE): 5}


@pytest.mark.parametrize("length", [b"-1", b"many", b"9" * 40])
async def test_an_absurd_length_is_not_believed(meters, length):
    await ask(meters, answering(200, b""), headers=[(b"content-length", length)])
    assert shown(meters, "http_request_size_bytes_sum") == {("GET", ROUTE): 0}


async def test_a_method_that_somebody_made_up_is_other(meters):
    await ask(meters, answering(405, b""), method="BREW")
    assert shown(meters, "http_requests_total") == {("other", ROUTE, "405"): 1}


async def test_an_answer_that_was_not_waited_for_is_a_disconnect(meters):
    await ask(meters, answering(200, b"abc", complete=False))
    assert shown(meters, "http_disconnects_total") == {(ROUTE,): 1}


async def test_a_caller_who_left_before_the_answer_is_499(meters):
    async def app(scope, receive, send):
        return

    await ask(meters, app)
    assert shown(meters, "http_requests_total") == {("GET", ROUTE, "499"): 1}
    assert shown(meters, "http_disconnects_total") == {}


async def test_a_stream_counts_as_open_and_is_timed_to_its_beginning(meters):
    seen = []

    async def app(scope, receive, send):
        headers = [(b"content-type", b"text/event-stream; charset=utf-8")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        seen.append(shown(meters, "active_streams"))
        seen.append(shown(meters, "http_request_duration_seconds_count"))
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    await ask(meters, app)
    assert seen == [{(): 1}, {("GET", ROUTE): 1}]
    assert shown(meters, "active_streams") == {(): 0}
    assert shown(meters, "http_request_duration_seconds_count") == {("GET", ROUTE): 1}


async def test_a_fault_is_counted_and_goes_on_its_way(meters):
    async def app(scope, receive, send):
        raise ZeroDivisionError

    await ask(meters, app)
    assert shown(meters, "http_requests_total") == {("GET", ROUTE, "499"): 1}
    assert shown(meters, "active_connections") == {(): 0}


async def test_a_websocket_counts_as_open_while_it_is(meters):
    seen = []

    async def app(scope, receive, send):
        await send({"type": "websocket.accept"})
        seen.extend((shown(meters, "active_websockets"), shown(meters, "active_connections")))
        await send({"type": "websocket.close"})

    await ask(meters, app, kind="websocket")
    assert seen == [{(): 1}, {(): 1}]
    assert shown(meters, "active_websockets") == shown(meters, "active_connections") == {(): 0}
    assert shown(meters, "http_requests_total") == {("GET", ROUTE, "101"): 1}


async def test_a_websocket_that_was_refused_was_never_open(meters):
    async def app(scope, receive, send):
        await send({"type": "websocket.close"})

    await ask(meters, app, kind="websocket")
    assert shown(meters, "http_requests_total") == {("GET", ROUTE, "403"): 1}
    assert shown(meters, "active_websockets") == {(): 0}


async def test_before_the_start_everything_passes_uncounted(meters):
    sent = await ask(meters, answering(200, b"x"), ready=False)
    assert sent[0]["status"] == 200
    assert shown(meters, "http_requests_total") == {}
