"""The templates that promise to run on any Docker host do: every check passes, data is copied, keys are shared out."""

from __future__ import annotations

import asyncio
import secrets
import subprocess
import urllib.error
import urllib.request
import uuid
from collections.abc import AsyncIterator, Sequence
from typing import Any

import pytest

from alma.config import load_catalogue, load_templates
from alma.core.model.blueprint import Blueprint
from alma.core.model.deployment import Check
from alma.core.model.plan import Action, Plan, Target
from alma.core.model.state import ObservedResource, StackRef
from alma.core.planning.order import waves
from alma.core.planning.planner import make_plan
from alma.core.planning.resolve import resolve
from alma.core.services.templates import Templates
from alma.engines.docker import DockerEngine
from tests.contract import harness

pytestmark = [pytest.mark.docker, pytest.mark.slow]

# The checks are the template's; the sizes are a test machine's.
SMALL: dict[str, Any] = {"cpu_per_instance": 0.5, "memory_per_instance": "512MB"}


class Context(harness.Context):
    """Secrets as a deployment would have them: made once, the same ever after."""

    def __init__(self, stack: StackRef) -> None:
        super().__init__(stack)
        self.secrets: dict[str, str] = {}

    def secret(self, name: str) -> str:
        return self.secrets.setdefault(name, secrets.token_urlsafe(24))


class Deployed:
    """A template's blueprint on Docker."""

    def __init__(self, engine: DockerEngine) -> None:
        self.engine = engine
        self.stack = StackRef(id=uuid.uuid4().hex, name=f"t{uuid.uuid4().hex[:8]}", engine="docker")
        self.context = Context(self.stack)

    async def plan(self, blueprint: Blueprint) -> Plan:
        resolution = resolve(blueprint, load_catalogue(), self.engine.traits)
        return make_plan(
            target=Target(blueprint_id=1, revision=1, engine="docker"),
            blueprint_name=blueprint.name,
            revision_digest="",
            desired=resolution.resources,
            observation=await self.engine.read(self.stack),
            records=(),
            engine=self.engine,
            diagnostics=resolution.diagnostics,
        )

    async def deploy(self, blueprint: Blueprint) -> Sequence[Check]:
        plan = await self.plan(blueprint)
        assert not plan.blocked
        changes = {change.address: change for change in plan.changes}
        checks: list[Check] = []
        for wave in waves(plan):
            await asyncio.gather(
                *(self.engine.apply(changes[a], f"key-{a}", self.context) for a in wave)
            )
            found = [changes[a].desired for a in wave]
            answers = await asyncio.gather(
                *(self.engine.verify(d, self.stack) for d in found if d is not None)
            )
            checks += [check for answer in answers for check in answer]
        return checks

    async def observed(self, address: str) -> ObservedResource:
        found = (await self.engine.read(self.stack)).resources
        return next(item for item in found if item.address == address)

    async def run(self, address: str, script: str) -> str:
        """What a shell inside prints."""
        object_id = (await self.observed(address)).object_id
        return await docker("exec", object_id, "sh", "-c", script)


async def docker(*arguments: str) -> str:
    done = await asyncio.to_thread(
        subprocess.run,
        ["docker", *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return done.stdout.strip() or done.stderr.strip()


async def until(deployed: Deployed, address: str, script: str, expected: str) -> None:
    """Asks inside until the answer is the expected one, for at most three minutes: a cluster goes by its own clocks,
    and the machine may be busy."""
    deadline = asyncio.get_running_loop().time() + 180
    while (found := await deployed.run(address, script)) != expected:
        assert asyncio.get_running_loop().time() < deadline, f"{address} still answers {found!r}"


@pytest.fixture
async def deployed() -> AsyncIterator[Deployed]:
    engine = DockerEngine()
    made = Deployed(engine)
    try:
        yield made
    finally:
        await engine.wipe(made.stack)
        await engine.close()


def customized(id_: str, **parameters: Any) -> Blueprint:
    return Templates(load_templates()).customize(id_, {**SMALL, **parameters})


def failed(checks: Sequence[Check]) -> list[Check]:
    return [check for check in checks if not check.passed]


def answers(url: str, times: int) -> list[tuple[int, str]]:
    found: list[tuple[int, str]] = []
    for _ in range(times):
        try:
            with urllib.request.urlopen(url, timeout=10) as reply:
                found.append((reply.status, reply.headers.get("X-Served-By", "")))
        except urllib.error.HTTPError as error:
            found.append((error.code, ""))
    return found


async def test_a_simple_web_app_answers_with_both_servers_in_turn(deployed: Deployed) -> None:
    blueprint = customized("simple-web-app")
    assert failed(await deployed.deploy(blueprint)) == []
    (endpoint,) = (await deployed.observed("load-balancer")).endpoints
    found = await asyncio.to_thread(answers, endpoint, 4)
    assert sorted(found) == [(200, "web"), (200, "web"), (200, "web-2"), (200, "web-2")]
    again = await deployed.plan(blueprint)
    assert [c.address for c in again.changes if c.action is not Action.NO_OP] == []


async def test_a_highly_available_web_app_copies_its_database_and_hides_it(
    deployed: Deployed,
) -> None:
    assert failed(await deployed.deploy(customized("ha-web-app"))) == []
    psql = 'psql -h 127.0.0.1 -U alma -d app -Atc "{}"'
    table = psql.format("create table t as select 42 as n")
    await deployed.run("database", f"PGPASSWORD=$(cat /run/secrets/password) {table}")
    await until(deployed, "database-standby", psql.format("select n from t"), "42")
    assert "read-only" in await deployed.run("database-standby", psql.format("drop table t"))
    reach = "(exec 3<>/dev/tcp/{}/{}) 2>/dev/null && echo yes || echo no"
    bash = "bash -c '{}'"
    assert await deployed.run("web", bash.format(reach.format("database", 5432))) == "yes"
    assert await deployed.run("load-balancer", bash.format(reach.format("database", 5432))) == "no"
    assert await deployed.run("web", bash.format(reach.format("cache", 6379))) == "yes"


async def test_postgres_ha_serves_reads_from_all_standbys_and_dumps(deployed: Deployed) -> None:
    assert failed(await deployed.deploy(customized("postgres-ha"))) == []
    ask = 'psql -h read -U alma -d app -Atc "select pg_is_in_recovery(), inet_server_addr()"'
    found = {await deployed.run("dump", ask) for _ in range(6)}
    assert len(found) == 2
    assert all(line.startswith("t|") for line in found)
    following = "select count(*) from pg_stat_replication where state = 'streaming'"
    psql = f'PGPASSWORD=$(cat /run/secrets/password) psql -h 127.0.0.1 -U alma -d app -Atc "{following}"'
    assert await deployed.run("primary", psql) == "2"
    listed = await deployed.run("dump", "pg_restore --list /backups/*.dump | head -1; ls /backups")
    assert ".dump" in listed


@pytest.mark.timeout(420)
async def test_redis_cluster_shares_keys_out_and_survives_a_lost_primary(
    deployed: Deployed,
) -> None:
    assert failed(await deployed.deploy(customized("redis-cluster"))) == []
    auth = "export REDISCLI_AUTH=$REDIS_PASSWORD;"
    known = f"{auth} redis-cli -h shard-b cluster info | tr -d '\\r' | grep -E 'state|size'"
    await until(deployed, "keeper", known, "cluster_state:ok\ncluster_size:3")
    for key in ("one", "two", "three", "four"):
        answer = await deployed.run("keeper", f"{auth} redis-cli -c -h shard-a set {key} {key}")
        assert answer.splitlines()[-1] == "OK"

    linked = f"{auth} redis-cli info replication | tr -d '\\r' | grep master_link_status"
    for shard in "abc":
        await until(deployed, f"shard-{shard}-2", linked, "master_link_status:up")
    # Who follows whom is gossip: shard-a may hear of it somewhat after the replica has it.
    for role in ("master", "slave"):
        count = (
            f"{auth} redis-cli -h shard-a cluster nodes | cut -d' ' -f3 | grep -c {role} || true"
        )
        await until(deployed, "keeper", count, "3")

    lost = (await deployed.observed("shard-b")).object_id
    await docker("stop", "-t", "0", lost)
    await until(deployed, "shard-b-2", f"{auth} redis-cli role | head -1", "master")
    await until(deployed, "keeper", f"{auth} redis-cli -c -h shard-a get two | tail -1", "two")


async def test_a_cache_makes_room_before_it_is_killed(deployed: Deployed) -> None:
    document = {
        "name": "full",
        "resources": [
            {
                "name": "cache",
                "type": "cache",
                "engine": "redis",
                "specs": {"memory": "64MB"},
                "env": {"REDIS_MAXMEMORY_POLICY": "allkeys-lru"},
            }
        ],
    }
    assert failed(await deployed.deploy(Blueprint.model_validate(document))) == []
    cli = "REDISCLI_AUTH=$(cat /run/secrets/password) redis-cli"
    assert "48000000" in await deployed.run("cache", f"{cli} config get maxmemory")
    fill = "for i in $(seq 0 9); do for k in $(seq 1 900); do echo SET $i-$k $(printf %09000d 0); done; done"
    await deployed.run("cache", f"( {fill} ) | {cli} --pipe >/dev/null")
    info = await deployed.run("cache", f"{cli} info stats | tr -d '\\r' | grep ^evicted_keys")
    assert int(info.partition(":")[2]) > 0


async def test_a_load_balancer_leads_a_path_to_servers_of_its_own(deployed: Deployed) -> None:
    document = {
        "name": "paths",
        "resources": [
            {"name": "web", "type": "service", "engine": "nginx"},
            {"name": "pages", "type": "service", "engine": "nginx"},
            {
                "name": "lb",
                "type": "load_balancer",
                "backends": ["web"],
                "depends_on": ["pages"],
                "env": {"ROUTES": "/docs/=pages:80"},
                "network": {"public_ip": True, "ports": [80]},
            },
        ],
    }
    assert failed(await deployed.deploy(Blueprint.model_validate(document))) == []
    await deployed.run(
        "pages", "mkdir /usr/share/nginx/html/docs && echo here > /usr/share/nginx/html/docs/a"
    )
    (endpoint,) = (await deployed.observed("lb")).endpoints
    found = await asyncio.to_thread(answers, f"{endpoint.rstrip('/')}/docs/a", 2)
    assert found == [(200, ""), (200, "")]
    assert await asyncio.to_thread(answers, endpoint, 1) == [(200, "web")]


async def test_an_api_gateway_limits_each_client(deployed: Deployed) -> None:
    assert failed(await deployed.deploy(customized("api-gateway", rate_limit=20))) == []
    (endpoint,) = (await deployed.observed("gateway")).endpoints
    found = await asyncio.to_thread(answers, endpoint, 30)
    assert {server for status, server in found if status == 200} == {"api", "api-2"}
    assert found[-1][0] == 429
