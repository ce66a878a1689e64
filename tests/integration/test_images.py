"""The stand-in images are trusted by every Docker test, so they have to keep the official contract.

The same assertions hold for the official images, which is how a stand-in can be judged.
"""

import re
import subprocess
import urllib.error
import urllib.request
import uuid
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from tests.waiting import wait_until

pytestmark = pytest.mark.docker

COMMAND_LIMIT_SECONDS = 60
PASSWORD = "correct horse"


class Sandbox:
    """Containers, volumes and a network under names nobody else uses."""

    def __init__(self) -> None:
        self.name = f"alma-images-{uuid.uuid4().hex[:10]}"
        self.label = f"org.alma.test-sandbox={self.name}"
        docker("network", "create", "--label", self.label, self.name)

    def volume(self, role: str) -> str:
        name = f"{self.name}-{role}"
        docker("volume", "create", "--label", self.label, name)
        return name

    def create(self, alias: str, image: str, *command: str, options: tuple[str, ...] = ()) -> str:
        """A container that isn't started yet; others reach it by its alias."""
        name = f"{self.name}-{alias}-{uuid.uuid4().hex[:4]}"
        place = ("--network", self.name, "--network-alias", alias, "--label", self.label)
        docker("create", "--pull", "never", "--name", name, *place, *options, image, *command)
        return name

    def start(self, alias: str, image: str, *command: str, options: tuple[str, ...] = ()) -> str:
        name = self.create(alias, image, *command, options=options)
        docker("start", name)
        return name

    def once(self, image: str, *command: str, environment: Mapping[str, str]) -> str:
        """What a command in a new container on the network prints; raises if it fails."""
        settings = [part for key, value in environment.items() for part in ("-e", f"{key}={value}")]
        place = ("--network", self.name, "--label", self.label)
        return docker("run", "--rm", "--pull", "never", *place, *settings, image, *command)

    def close(self) -> None:
        mine = ("--quiet", "--filter", f"label={self.label}")
        for container in docker("ps", "--all", *mine).split():
            docker("rm", "--force", "--volumes", container)
        for volume in docker("volume", "ls", *mine).split():
            docker("volume", "rm", volume)
        docker("network", "rm", self.name)


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    made = Sandbox()
    try:
        yield made
    finally:
        made.close()


def docker(*arguments: str) -> str:
    return streams(*arguments)[0].strip()


def streams(*arguments: str) -> tuple[str, str]:
    done = subprocess.run(
        ["docker", *arguments],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=COMMAND_LIMIT_SECONDS,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"docker {' '.join(arguments)}: {done.stderr.strip()}")
    return done.stdout, done.stderr


def succeeds(container: str, *command: str) -> bool:
    try:
        docker("exec", container, *command)
    except RuntimeError:
        return False
    return True


def state(container: str, field: str) -> str:
    return docker("inspect", "--format", f"{{{{.State.{field}}}}}", container)


def logs(container: str) -> str:
    return "".join(streams("logs", container))


def published(container: str, port: int) -> str:
    return f"http://{docker('port', container, str(port)).splitlines()[0]}/"


def fetch(url: str) -> str:
    """The body, or nothing while nobody answers."""
    try:
        with urllib.request.urlopen(url, timeout=5) as response:
            return str(response.read(), "utf-8")
    except (urllib.error.URLError, ConnectionError, TimeoutError):
        return ""


# PostgreSQL


def query(container: str, statement: str, database: str = "shop") -> str:
    connect = ("psql", "-U", "keeper", "-d", database, "-tAc")
    return docker("exec", container, *connect, statement)


def start_postgres(sandbox: Sandbox, volume: str, *options: str) -> str:
    """Up and past its first start, during which only the Unix socket is served."""
    mount = ("-v", f"{volume}:/var/lib/postgresql/data")
    name = sandbox.start("db", "postgres:16", options=(*mount, *options))
    ready = ("pg_isready", "-q", "-h", "127.0.0.1", "-U", "keeper", "-d", "shop")
    wait_until(lambda: succeeds(name, *ready), 60, what=f"{name} accepts connections")
    return name


@pytest.fixture
def postgres(sandbox: Sandbox, tmp_path: Path) -> tuple[str, str]:
    """A server of user keeper with database shop, its password from a file, and its volume."""
    secret = tmp_path / "password"
    secret.write_text(f"{PASSWORD}\n")
    secret.chmod(0o600)
    volume = sandbox.volume("data")
    identity = ("-e", "POSTGRES_USER=keeper", "-e", "POSTGRES_DB=shop")
    password = ("-e", "POSTGRES_PASSWORD_FILE=/run/secrets/db", "-v", f"{secret}:/run/secrets/db")
    return start_postgres(sandbox, volume, *identity, *password), volume


def test_postgres_serves_the_network_to_those_who_know_the_password(
    sandbox: Sandbox, postgres: tuple[str, str]
) -> None:
    ask = ("psql", "-h", "db", "-U", "keeper", "-d", "shop", "-tAc", "select 40 + 2")
    assert sandbox.once("postgres:16", *ask, environment={"PGPASSWORD": PASSWORD}) == "42"
    with pytest.raises(RuntimeError, match="password authentication failed"):
        sandbox.once("postgres:16", *ask, environment={"PGPASSWORD": "guess"})


def test_postgres_is_healthy_and_runs_as_postgres(postgres: tuple[str, str]) -> None:
    name, _ = postgres
    assert succeeds(name, "pg_isready", "-U", "keeper")
    assert docker("exec", name, "stat", "-c", "%U %u", "/proc/1") == "postgres 999"
    assert query(name, "show data_directory") == "/var/lib/postgresql/data"


def test_postgres_keeps_its_data_when_the_volume_meets_a_new_container(
    sandbox: Sandbox, postgres: tuple[str, str]
) -> None:
    name, volume = postgres
    query(name, "create table orders as select 7 as id")
    docker("stop", name)
    assert state(name, "ExitCode") == "0"
    docker("rm", name)
    second = start_postgres(sandbox, volume)
    assert query(second, "select id from orders") == "7"


def test_postgres_refuses_a_first_start_without_a_password(sandbox: Sandbox) -> None:
    name = sandbox.start("db", "postgres:16")
    wait_until(lambda: state(name, "Status") == "exited", what="the container gives up")
    assert state(name, "ExitCode") == "1"
    assert "superuser password is not specified" in logs(name)


def test_postgres_takes_options_and_init_scripts(sandbox: Sandbox, tmp_path: Path) -> None:
    script = tmp_path / "seed.sql"
    script.write_text("create table seeded as select 'yes' as answer;")
    trust = ("-e", "POSTGRES_HOST_AUTH_METHOD=trust", "-e", "POSTGRES_USER=keeper")
    name = sandbox.create("db", "postgres:15", "-c", "max_connections=17", options=trust)
    docker("cp", str(script), f"{name}:/docker-entrypoint-initdb.d/seed.sql")
    docker("start", name)
    ready = ("pg_isready", "-q", "-h", "127.0.0.1")
    wait_until(lambda: succeeds(name, *ready), 60, what="postgres accepts connections")
    assert query(name, "select answer from seeded", database="keeper") == "yes"
    assert query(name, "show max_connections", database="keeper") == "17"


# nginx


def test_nginx_serves_a_page_put_into_it_and_stops_in_peace(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    page = tmp_path / "index.html"
    page.write_text("hello from a file")
    health = ("--health-cmd", "curl -fsS http://localhost/", "--health-interval", "1s")
    name = sandbox.create("web", "nginx:1.27", options=("-p", "127.0.0.1::80", *health))
    docker("cp", str(page), f"{name}:/usr/share/nginx/html/index.html")
    docker("start", name)
    assert wait_until(lambda: fetch(published(name, 80))) == "hello from a file"
    wait_until(lambda: state(name, "Health.Status") == "healthy", what="nginx is healthy")
    assert '"GET / HTTP/1.1" 200' in logs(name)
    docker("stop", name)
    assert state(name, "ExitCode") == "0"


def test_nginx_obeys_its_default_site(sandbox: Sandbox, tmp_path: Path) -> None:
    site = tmp_path / "default.conf"
    site.write_text('server { listen 80; location / { return 200 "mine"; } }')
    name = sandbox.create("web", "nginx:1.27", options=("-p", "127.0.0.1::80"))
    docker("cp", str(site), f"{name}:/etc/nginx/conf.d/default.conf")
    docker("start", name)
    assert wait_until(lambda: fetch(published(name, 80))) == "mine"


# Redis


def redis_ready(name: str, *authentication: str) -> bool:
    try:
        return docker("exec", name, "redis-cli", *authentication, "ping") == "PONG"
    except RuntimeError:
        return False


def test_redis_serves_the_network_and_keeps_what_it_was_told(sandbox: Sandbox) -> None:
    options = ("-v", f"{sandbox.volume('data')}:/data")
    name = sandbox.start("cache", "redis:7", "--appendonly", "yes", options=options)
    wait_until(lambda: redis_ready(name), what="redis answers")
    ask = ("redis-cli", "-h", "cache")
    assert sandbox.once("redis:7", *ask, "set", "colour", "blue", environment={}) == "OK"
    assert docker("exec", name, "stat", "-c", "%U", "/proc/1") == "redis"
    docker("restart", name)
    wait_until(lambda: redis_ready(name), what="redis answers again")
    assert sandbox.once("redis:7", *ask, "get", "colour", environment={}) == "blue"


def test_redis_takes_a_password_as_an_argument(sandbox: Sandbox) -> None:
    name = sandbox.start("cache", "redis:7", "redis-server", "--requirepass", "secret")
    wait_until(lambda: redis_ready(name, "-a", "secret"), what="redis answers")
    assert not redis_ready(name)


# HAProxy

BALANCER = """
defaults
    mode http
    timeout connect 2s
    timeout client 5s
    timeout server 5s
frontend web
    bind :80
    default_backend sites
backend sites
    balance roundrobin
    server one one:80
    server two two:80
"""


def test_haproxy_turns_from_one_nginx_to_the_other(sandbox: Sandbox, tmp_path: Path) -> None:
    for alias in ("one", "two"):
        page = tmp_path / alias
        page.write_text(alias)
        site = sandbox.create(alias, "nginx:1.27")
        docker("cp", str(page), f"{site}:/usr/share/nginx/html/index.html")
        docker("start", site)
    configuration = tmp_path / "haproxy.cfg"
    configuration.write_text(BALANCER)
    name = sandbox.create("entry", "haproxy:3.0", options=("-p", "127.0.0.1::80"))
    docker("cp", str(configuration), f"{name}:/usr/local/etc/haproxy/haproxy.cfg")
    docker("start", name)
    wait_until(lambda: fetch(published(name, 80)) in {"one", "two"}, what="a site answers")
    answers = [fetch(published(name, 80)) for _ in range(4)]
    assert answers in (["one", "two"] * 2, ["two", "one"] * 2)
    assert docker("exec", name, "bash", "-c", "id -un") == "haproxy"
    docker("kill", "--signal", "USR2", name)
    wait_until(lambda: fetch(published(name, 80)), what="haproxy answers after a reload")


# Plain systems


@pytest.mark.parametrize("image", ["debian:12", "alpine:3.20"])
def test_plain_systems_idle_until_they_are_told(sandbox: Sandbox, image: str) -> None:
    name = sandbox.start("idle", image, "sleep", "infinity", options=("--memory", "32m"))
    assert docker("exec", name, "sh", "-c", "echo $((6 * 7))") == "42"
    assert state(name, "Running") == "true"


def test_the_small_system_knows_its_addresses(sandbox: Sandbox) -> None:
    name = sandbox.start("idle", "alpine:3.20", "sleep", "infinity")
    assert re.search(r"inet \d+\.\d+\.\d+\.\d+/\d+ .*eth0", docker("exec", name, "ip", "addr"))
