"""The client's address is the peer's unless a proxy that was named says otherwise."""

from typing import Any

import pytest

from alma.core.model.errors import InvalidInput
from alma.middleware.addresses import client_address, is_secure, networks

PROXIES = networks(["10.0.0.0/8", "::1"])


def scope(peer: str | None, *forwarded: str, **more: str) -> dict[str, Any]:
    headers = [(b"x-forwarded-for", line.encode()) for line in forwarded]
    headers += [(name.replace("_", "-").encode(), value.encode()) for name, value in more.items()]
    return {
        "type": "http",
        "scheme": "http",
        "client": (peer, 1234) if peer else None,
        "headers": headers,
    }


def test_without_proxies_a_header_says_nothing() -> None:
    assert client_address(scope("203.0.113.9", "1.2.3.4"), ()) == "203.0.113.9"


def test_a_stranger_that_pretends_to_be_a_proxy_is_itself() -> None:
    assert client_address(scope("203.0.113.9", "1.2.3.4"), PROXIES) == "203.0.113.9"


def test_a_trusted_proxy_names_the_client() -> None:
    assert client_address(scope("10.0.0.1", "203.0.113.9"), PROXIES) == "203.0.113.9"


def test_what_the_client_itself_wrote_is_not_believed() -> None:
    assert client_address(scope("10.0.0.1", "6.6.6.6, 203.0.113.9"), PROXIES) == "203.0.113.9"


def test_several_proxies_and_several_lines_are_one_list() -> None:
    asked = scope("10.0.0.1", "6.6.6.6", "203.0.113.9, 10.0.0.2")
    assert client_address(asked, PROXIES) == "203.0.113.9"


@pytest.mark.parametrize("hop", ["unknown", "_hidden", "1.2.3.4.5", "<script>"])
def test_a_hop_that_is_no_address_leaves_the_peer(hop: str) -> None:
    assert client_address(scope("10.0.0.1", f"203.0.113.9, {hop}"), PROXIES) == "10.0.0.1"


@pytest.mark.parametrize(
    ("hop", "address"),
    [
        ("203.0.113.9:4711", "203.0.113.9"),
        ("[2001:db8::1]:443", "2001:db8::1"),
        ("::ffff:203.0.113.9", "203.0.113.9"),
    ],
)
def test_ports_and_brackets_are_left_out(hop: str, address: str) -> None:
    assert client_address(scope("::1", hop), PROXIES) == address


def test_a_unix_socket_has_no_address() -> None:
    assert client_address(scope(None, "1.2.3.4"), PROXIES) is None


def test_https_is_what_a_trusted_proxy_says_and_nobody_else() -> None:
    assert is_secure(scope("10.0.0.1", x_forwarded_proto="https"), PROXIES)
    assert not is_secure(scope("203.0.113.9", x_forwarded_proto="https"), PROXIES)
    assert is_secure({**scope("203.0.113.9"), "scheme": "https"}, ())


def test_what_is_no_address_is_refused_at_the_start() -> None:
    with pytest.raises(InvalidInput, match="trusted proxy"):
        networks(["the-proxy"])
