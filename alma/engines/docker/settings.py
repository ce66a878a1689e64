"""What a person may decide about the Docker engine."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address

from pydantic import Field

from alma.core.model.base import Frozen


class DockerSettings(Frozen):
    """How to reach the Docker Engine, and how hard to work it.

    `host` is a URL as Docker writes it (`unix:///var/run/docker.sock`, `tcp://10.0.0.5:2376`, `ssh://me@host`); without
    it the rules of Docker's own client hold (`DOCKER_HOST`, the current context, the usual sockets).
    `publish_address` is where ports are published unless a resource asks for a public address. Times are seconds.
    """

    host: str | None = None
    publish_address: IPv4Address | IPv6Address = IPv4Address("127.0.0.1")
    max_parallel: int = Field(default=8, ge=1, le=256)
    request_timeout: float = Field(default=60.0, gt=0)
    stop_timeout: int = Field(default=20, ge=0, le=3600)

    @property
    def of_this_machine(self) -> tuple[str, ...]:
        """`host`, unless another machine is asked over TCP: a socket here is as good as root here, and over SSH it is
        this machine's keys that open the other one."""
        scheme = (self.host or "").partition("://")[0].lower()
        return () if scheme in _REMOTE else ("host",)


_REMOTE = frozenset({"tcp", "http", "https"})
