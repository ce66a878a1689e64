"""Pages of other sites can't write through a visitor's browser; tools that are no browsers never notice."""

from __future__ import annotations

import pytest

from alma.middleware.same_origin import SameOrigin


async def passes(method="POST", *, origins=(), hosts=(), kind="http", **headers):
    reached = []

    async def app(scope, receive, send):
        reached.append("app")

    def answer(error):
        async def refuse(scope, receive, send):
            reached.append(error.message)

        return refuse

    scope = {
        "type": kind,
        "method": method,
        "headers": [(k.replace("_", "-").encode(), v.encode()) for k, v in headers.items()],
    }
    await SameOrigin(app, answer=answer, origins=origins, hosts=hosts)(scope, None, None)
    return reached == ["app"]


async def test_what_is_no_browser_passes():
    assert await passes(host="localhost:8000")
    assert await passes(host="192.168.1.20:8000")
    assert await passes()


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
async def test_a_foreign_page_can_t_write(method):
    assert not await passes(method, host="localhost:8000", origin="https://evil.example")


async def test_a_page_that_hides_its_origin_can_t_write():
    assert not await passes(host="localhost:8000", origin="null")
    assert not await passes(host="localhost:8000", sec_fetch_site="cross-site")
    assert not await passes(host="localhost:8000", sec_fetch_site="same-site")


async def test_another_port_of_the_same_machine_is_another_site():
    assert not await passes(host="localhost:8000", origin="http://localhost:3000")


async def test_a_foreign_page_can_t_open_a_web_socket():
    assert not await passes(kind="websocket", host="localhost:8000", origin="https://evil.example")


async def test_the_server_s_own_page_can_write():
    assert await passes(host="localhost:8000", origin="http://localhost:8000")
    assert await passes(host="localhost:8000", sec_fetch_site="same-origin")


async def test_a_page_that_was_let_in_can_write():
    assert await passes(
        host="localhost:8000", origin="https://ui.example", origins=["https://ui.example/"]
    )
    assert await passes(host="localhost:8000", origin="https://any.example", origins=["*"])


async def test_reading_is_left_to_the_browser_s_own_rules():
    assert await passes("GET", host="localhost:8000", origin="https://evil.example")


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_a_name_pointed_at_this_machine_reads_and_writes_nothing(method):
    assert not await passes(method, host="evil.example:8000")


@pytest.mark.parametrize(
    "host", ["localhost", "alma.localhost:8000", "127.0.0.1:8000", "[::1]:8000"]
)
async def test_addresses_and_localhost_are_always_ours(host):
    assert await passes("GET", host=host)


async def test_a_host_that_is_no_host_is_not_ours():
    assert not await passes("GET", host="[")


@pytest.mark.parametrize(
    "host",
    [
        "localhost:80/evil?",
        "localhost/x",
        "a@localhost",
        "localhost#",
        "localhost:80:80",
        "localhost, b",
    ],
)
async def test_a_host_is_a_name_and_a_port_and_nothing_more(host):
    """It stands in the addresses that people are sent to."""
    assert not await passes("GET", host=host, hosts=["*"])


async def test_a_trusted_name_is_ours():
    assert await passes("GET", host="alma.lan:8000", hosts=["alma.lan"])
    assert await passes("GET", host="whatever.example", hosts=["*"])
