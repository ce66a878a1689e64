"""What the tests ask Docker for."""

from __future__ import annotations

from typing import Any

from alma.core.model.blueprint import Resource, ResourceType
from alma.core.model.state import DesiredResource

NETWORK = "network"


def wish(
    address: str,
    type_: ResourceType = ResourceType.CONTAINER,
    *,
    resource: dict[str, Any] | None = None,
    **fields: Any,
) -> DesiredResource:
    """A workload in the stack's network; `resource` are the fields of the blueprint's own entry."""
    entry = Resource.model_validate({"name": address, "type": type_, **(resource or {})})
    given = {"image": "alpine:3.20", "networks": (NETWORK,)} | fields
    return DesiredResource.model_validate(
        {"address": address, "type": type_, "resource": entry, **given}
    )


def web(address: str, **fields: Any) -> DesiredResource:
    """A web server."""
    health = {"kind": "http", "port": 80, "start_period": 30}
    given = {"image": "nginx:1.27", "software": "nginx", "ports": (80,), "health": health} | fields
    return wish(address, ResourceType.SERVICE, **given)


def database(**fields: Any) -> DesiredResource:
    """PostgreSQL with a generated password and a volume, as the catalogue resolves it."""
    given: dict[str, Any] = {
        "image": "postgres:16",
        "software": "postgresql",
        "env": {
            "POSTGRES_USER": "alma",
            "POSTGRES_DB": "app",
            "POSTGRES_PASSWORD_FILE": "/run/secrets/password",
            "PGDATA": "/var/lib/postgresql/data/pgdata",
        },
        "files": ({"path": "/run/secrets/password", "secret": "db-1.password", "mode": 0o444},),
        "secrets": {"db-1.password": 32},
        "ports": (5432,),
        "mounts": ({"volume": "db-1-data", "path": "/var/lib/postgresql/data"},),
        "health": {
            "kind": "command",
            "command": ("pg_isready", "-h", "127.0.0.1", "-U", "alma", "-d", "app"),
            "interval": 0.5,
        },
    }
    return wish("db-1", ResourceType.DATABASE, **(given | fields))


_CONFIG = """\
global
    log stdout format raw local0 info
defaults
    mode http
    timeout connect 2s
    timeout client 10s
    timeout server 10s
    retries 3
    option redispatch
resolvers docker
    nameserver dns 127.0.0.11:53
frontend public
    bind :80
    default_backend pool
backend pool
    balance roundrobin
    option httpchk GET /
    http-response set-header X-Served-By %s
    default-server check inter 500ms fall 1 rise 1 resolvers docker init-addr libc,none
"""


def balancer(*backends: str, **fields: Any) -> DesiredResource:
    """HAProxy over these web servers."""
    config = _CONFIG + "".join(f"    server {name} {name}:80\n" for name in backends)
    given: dict[str, Any] = {
        "image": "haproxy:3.0",
        "software": "haproxy",
        "ports": (80,),
        "backends": tuple({"address": name, "port": 80} for name in backends),
        "depends_on": backends,
        "files": ({"path": "/usr/local/etc/haproxy/haproxy.cfg", "content": config},),
        "health": {"kind": "http", "port": 80, "start_period": 30},
    }
    return wish("lb-1", ResourceType.LOAD_BALANCER, **(given | fields))
