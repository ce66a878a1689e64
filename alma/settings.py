"""Every setting, once. Each can be given as `ALMA_<NAME>` in the environment; nothing else reads the environment."""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict


def _default_home() -> Path:
    return Path.home() / ".local" / "share" / "alma"


def _prefixed(prefix: str) -> dict[str, str]:
    """What the environment sets under a prefix, by the rest of the name in lower case; empty is unset."""
    return {
        name[len(prefix) :].lower(): value
        for name, value in os.environ.items()
        if name.upper().startswith(prefix) and value
    }


def variable(name: str) -> str | None:
    """What a file of ALMA's refers to in the environment, such as a secret."""
    return os.environ.get(name)


def _separated(value: object) -> object:
    """`a, b` is two entries: what people write in an environment variable."""
    if not isinstance(value, str):
        return value
    return tuple(part.strip() for part in value.split(",") if part.strip())


def _unset(value: object) -> object:
    """An empty variable is one that is not set."""
    return None if value == "" else value


class Settings(BaseSettings):
    """How this installation runs. The defaults need no other service: SQLite, one process, simulation and Docker."""

    model_config = SettingsConfigDict(env_prefix="ALMA_", extra="ignore", frozen=True)

    home: Path = Field(default_factory=_default_home, description="Data directory.")
    database_url: str | None = Field(
        default=None, description="SQLAlchemy URL; SQLite in the data directory if unset."
    )
    api_host: str = "127.0.0.1"
    api_port: int = Field(default=8000, ge=0, le=65535)
    api_key: str | None = Field(
        default=None, repr=False, description="A key that may do everything, for the first steps."
    )
    api_keys: Annotated[tuple[str, ...], NoDecode, BeforeValidator(_separated)] = Field(
        default=(), repr=False, description="More of them, separated by commas."
    )
    auth_enabled: Annotated[bool | None, BeforeValidator(_unset)] = Field(
        default=None,
        description="Whether callers must be known; if unset, as soon as there is a key or an account.",
    )
    auth_demanded: bool = Field(
        default=False,
        description="Don't start while callers need not be known; a public address means this by itself.",
    )
    published_on: Annotated[str | None, BeforeValidator(_unset)] = Field(
        default=None,
        description="Within a container: the host's address that its port is published on; loopback is not public.",
    )
    trusted_proxies: Annotated[tuple[str, ...], NoDecode, BeforeValidator(_separated)] = Field(
        default=(),
        description="Addresses and ranges of proxies whose X-Forwarded-For is believed, separated by commas.",
    )
    public_url: Annotated[str | None, BeforeValidator(_unset)] = Field(
        default=None,
        pattern=r"^https?://[^\s/?#@]+$",
        description="How people's browsers reach this server, such as https://alma.example.org; as they say, if unset.",
    )
    oidc: Annotated[Mapping[str, str], NoDecode] = Field(
        default_factory=lambda: _prefixed("ALMA_OIDC_"),
        repr=False,
        description="Every ALMA_OIDC_<NAME>, by name: the identity provider. docs/signing-in.md says which there are.",
    )
    access_token_minutes: float = Field(
        default=15.0, gt=0, le=1440, description="How long an access token opens doors."
    )
    session_days: float = Field(
        default=30.0, gt=0, le=365, description="After how long everybody signs in again."
    )
    api_cors_origins: Annotated[tuple[str, ...], NoDecode, BeforeValidator(_separated)] = Field(
        default=(), description="Origins whose pages may call the API, separated by commas."
    )
    api_cors_credentials: bool = Field(
        default=False,
        description="Whether their pages may send what the browser keeps of a sign-in.",
    )
    trusted_hosts: Annotated[tuple[str, ...], NoDecode, BeforeValidator(_separated)] = Field(
        default=(),
        description="Names this server answers to besides addresses and localhost, separated by commas; * for any.",
    )
    max_body_bytes: int = Field(default=5_000_000, ge=1024, description="Largest request body.")
    max_header_bytes: int = Field(
        default=65_536, ge=4096, description="Largest head of a request: its line and its headers."
    )
    keep_alive_seconds: int = Field(
        default=5, ge=1, le=3600, description="How long a connection may wait for its next request."
    )
    request_seconds: float = Field(
        default=20.0,
        gt=0,
        le=3600,
        description="How long a client may take for the head of a request, and between two parts of its body.",
    )
    max_connections: int = Field(
        default=5_000, ge=10, description="Connections at once; further ones are answered 503."
    )
    rate_limit_enabled: bool = Field(default=True, description="Whether clients are limited.")
    rate_limit_rpm: int = Field(
        default=60, ge=1, description="Requests a minute of one client, but for those on nouns."
    )
    rate_limit_burst: int = Field(default=10, ge=1, description="How many of them at once.")
    rate_limit_stream_rpm: int = Field(default=20, ge=1, description="Streams of chat a minute.")
    rate_limit_generation_rpm: int = Field(
        default=30, ge=1, description="Generated blueprints a minute."
    )
    rate_limit_tools_rpm: int = Field(default=40, ge=1, description="Uses of tools a minute.")
    rate_limit_crud_rpm: int = Field(
        default=100, ge=1, description="Requests on nouns a minute: blueprints, requests and so on."
    )
    rate_limit_sign_in_rpm: int = Field(
        default=20, ge=1, description="Sign-ins and refreshed tokens a minute, by address."
    )
    rate_limit_clients: int = Field(
        default=10_000, ge=1, description="Clients that are remembered at most."
    )
    redis_url: Annotated[str | None, BeforeValidator(_unset)] = Field(
        default=None,
        repr=False,
        pattern=r"^(rediss?|unix)://",
        description="Redis in which several servers count requests together; each by itself if unset.",
    )
    default_engine: str = Field(
        default="simulation", description="Where a blueprint lands that names no engine."
    )
    ipr_require_review: bool = Field(
        default=False, description="An author's own approval does not count."
    )
    ipr_auto_approve: bool = Field(default=False, description="New requests are approved at once.")
    shared_engines: Annotated[tuple[str, ...] | None, NoDecode, BeforeValidator(_separated)] = (
        Field(
            default=None,
            description="Places of environment and file (`docker`, `proxmox@lab`) that projects beside the default one "
            "may use, separated by commas; all if unset.",
        )
    )
    docker_host: str | None = Field(
        default=None, description="Docker Engine's URL; DOCKER_HOST or the socket if unset."
    )
    docker_publish_address: str = Field(
        default="127.0.0.1", description="Where ports of non-public resources appear."
    )
    simulation_seed: int = 0
    simulation_time_scale: float = Field(
        default=0.0, ge=0, description="0: virtual time; 1: as slow as the real thing."
    )
    simulation_faults: Path | None = Field(
        default=None,
        description="A YAML or JSON file with the faults to rehearse, or the name of a rehearsal: proxmox-busy.",
    )
    proxmox: Annotated[Mapping[str, str], NoDecode] = Field(
        default_factory=lambda: _prefixed("ALMA_PROXMOX_"),
        repr=False,
        description="Every ALMA_PROXMOX_<NAME>, by name: the default cluster. The engine says which there are.",
    )
    kubernetes: Annotated[Mapping[str, str], NoDecode] = Field(
        default_factory=lambda: _prefixed("ALMA_KUBERNETES_"),
        repr=False,
        description="Every ALMA_KUBERNETES_<NAME>, by name: the default cluster. The engine says which there are.",
    )
    llm: Annotated[Mapping[str, str], NoDecode] = Field(
        default_factory=lambda: _prefixed("ALMA_LLM_"),
        repr=False,
        description="Every ALMA_LLM_<NAME>, by name: the language model. docs/models.md says which there are.",
    )
    secret_key: str | None = Field(
        default=None, repr=False, description="32 bytes in base64; a file at home if unset."
    )
    secret_key_command: str | None = Field(
        default=None,
        repr=False,
        description="A command that prints the secret key, such as a vault's: run once, its output is logged nowhere.",
    )
    audit_retention: float = Field(
        default=0.0,
        ge=0,
        le=36_500,
        description="Days for which entries of the audit log are kept; 0: for ever.",
    )
    worker_parallel: int = Field(
        default=4, ge=1, description="Deployments at once in this process."
    )
    worker: bool = Field(
        default=True,
        description="Whether this server runs deployments itself; false: workers beside it do (PostgreSQL only).",
    )
    drain_seconds: float = Field(
        default=25.0,
        ge=0,
        le=3_600,
        description="How long a process that is told to end (SIGTERM) lets the steps under way come to their end.",
    )
    shutdown_delay: float = Field(
        default=0.0,
        ge=0,
        le=300,
        description="Seconds for which a server that is told to end still answers, while it says that it is not ready.",
    )
    database_connections: int = Field(
        default=30,
        ge=5,
        le=1_000,
        description="Connections to PostgreSQL of one process at most, besides one that listens.",
    )
    workflow_retention: float = Field(
        default=30.0,
        ge=0,
        le=36_500,
        description="Days for which the steps of runs that have ended are kept; 0: for ever.",
    )
    executor_id: str | None = Field(
        default=None,
        description="Name of this worker among those sharing a database; made up if unset.",
    )
    metrics_enabled: bool = Field(default=True, description="Count what is done, for /metrics.")
    metrics_open: bool = Field(
        default=False, description="/metrics answers everybody, also with authentication on."
    )
    otlp_endpoint: str | None = Field(
        default=None,
        description="Where traces are sent: the base URL of an OTLP receiver over HTTP. OTEL_* if unset.",
    )
    log_format: Literal["text", "json"] = Field(
        default="text", description="Lines for people, or a JSON object a line."
    )
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        default="INFO", description="The least of ALMA's own that is logged."
    )
    log_max_bytes: int = Field(
        default=10_000_000, ge=10_000, description="alma.log is put aside when it gets larger."
    )
    log_files: int = Field(
        default=5, ge=1, le=1000, description="How many logs that were put aside are kept."
    )
    debug: bool = False
    web_directory: Path | None = Field(
        default=None,
        description="Where the dashboard was built; what the package carries if unset.",
    )
    graphql_page: bool = Field(
        default=False,
        description="Whether browsers that open /graphql are shown a page to ask from; `debug` shows it, too.",
    )

    @property
    def alone(self) -> bool:
        """Whether the database is a file, which one process owns."""
        return self.url.startswith("sqlite")

    @cached_property
    def url(self) -> str:
        """The database's URL."""
        return self.database_url or f"sqlite:///{self.home / 'alma.db'}"

    @property
    def configured_keys(self) -> tuple[str, ...]:
        """The keys of administrators that the configuration gives."""
        return tuple(key for key in (self.api_key, *self.api_keys) if key)

    @property
    def local_token_file(self) -> Path:
        """Where a server leaves the token of those who hold the data directory."""
        return self.home / "local.token"
