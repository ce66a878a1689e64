"""What is asked, and where."""

from __future__ import annotations

from typing import Any

import pytest

from alma.engines.docker.ask import addresses_of, program_of


@pytest.mark.parametrize(
    ("command", "program"),
    [
        (("pg_isready", "-q"), "pg_isready"),
        (("/usr/bin/redis-cli", "ping"), "redis-cli"),
        (("sh", "-c", 'pg_isready -q -U "$POSTGRES_USER"'), "pg_isready"),
        (("sh", "-c", 'REDISCLI_AUTH="$(cat /run/secrets/password)" redis-cli ping'), "redis-cli"),
        (("sh", "-c", 'test "$(psql -Atc x)" = t'), "psql"),
        (("bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/80"), "bash"),
        (("sh",), "sh"),
        ((), ""),
    ],
)
def test_a_check_is_called_by_its_program_and_not_by_the_shell(
    command: tuple[str, ...], program: str
) -> None:
    assert program_of(command) == program


def _inspected(ports: Any) -> dict[str, Any]:
    networks = {"a": {"IPAddress": "172.18.0.2"}, "b": {"IPAddress": ""}}
    return {"NetworkSettings": {"Ports": ports, "Networks": networks}}


@pytest.mark.parametrize(
    ("ports", "hostname", "addresses"),
    [
        ({}, None, [("172.18.0.2", 80)]),
        ({}, "docker.example", []),
        ({"80/tcp": [{"HostIp": "127.0.0.1", "HostPort": "8080"}]}, None, [("127.0.0.1", 8080)]),
        ({"80/tcp": [{"HostIp": "0.0.0.0", "HostPort": "8080"}]}, None, [("127.0.0.1", 8080)]),
        (
            {"80/tcp": [{"HostIp": "0.0.0.0", "HostPort": "8080"}]},
            "docker.example",
            [("docker.example", 8080)],
        ),
    ],
)
def test_a_port_is_asked_where_users_would_find_it(
    ports: Any, hostname: str | None, addresses: list[tuple[str, int]]
) -> None:
    """Asking elsewhere could pass while the published port does not work."""
    assert addresses_of(_inspected(ports), 80, hostname=hostname) == addresses
