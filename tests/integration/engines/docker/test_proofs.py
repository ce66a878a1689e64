"""Verification asks what really runs, and tells what came back."""

from __future__ import annotations

import pytest

from alma.core.model.blueprint import SecretRef
from alma.core.model.plan import Action
from tests.contract.harness import CANARY
from tests.integration.engines.docker.conftest import DockerWorld
from tests.integration.engines.docker.resources import balancer, web, wish

pytestmark = pytest.mark.docker


async def test_a_load_balancer_proves_every_backend_and_takes_in_a_third_without_a_restart(
    world: DockerWorld,
) -> None:
    for name in ("web-1", "web-2"):
        await world.create(web(name))
    await world.create(balancer("web-1", "web-2"))
    details = await world.passes(balancer("web-1", "web-2"))
    assert any("answered by web-1, web-2" in detail for detail in details)
    before = await world.see("lb-1")
    (endpoint,) = before.endpoints
    assert endpoint.startswith("http://127.0.0.1:")

    await world.create(web("web-3"))
    three = balancer("web-1", "web-2", "web-3")
    await world.apply(Action.UPDATE, three)
    details = await world.passes(three)
    assert any("answered by web-1, web-2, web-3" in detail for detail in details)
    after = await world.see("lb-1")
    assert (after.object_id, after.endpoints) == (before.object_id, before.endpoints)
    assert dict(after.properties) == world.shape(three)
    assert after.depends_on == ("web-1", "web-2", "web-3")


async def test_a_replaced_load_balancer_stays_at_its_port(world: DockerWorld) -> None:
    await world.create(web("web-1"))
    before = (await world.create(balancer("web-1"))).resource
    after = (await world.apply(Action.REPLACE, balancer("web-1", env={"MODE": "b"}))).resource
    assert before is not None
    assert after is not None
    assert before.object_id != after.object_id
    assert before.endpoints == after.endpoints


async def test_a_configuration_edited_inside_is_drift_and_is_put_right(world: DockerWorld) -> None:
    desired = balancer("web-1")
    path = "files./usr/local/etc/haproxy/haproxy.cfg"
    await world.create(web("web-1"))
    await world.create(desired)
    container = await world.docker.containers.get(world.name("lb-1"))
    execution = await container.exec(
        ["sh", "-c", "echo '# mine' >> /usr/local/etc/haproxy/haproxy.cfg"], user="root"
    )
    async with execution.start(detach=False) as stream:
        await stream.read_out()
    seen = await world.see("lb-1")
    assert seen.properties[path] != world.shape(desired)[path]
    await world.apply(Action.UPDATE, desired)
    assert dict((await world.see("lb-1")).properties) == world.shape(desired)
    await world.passes(desired)


async def test_a_backend_that_never_answers_is_named(world: DockerWorld) -> None:
    await world.create(web("web-1"))
    health = {"kind": "http", "port": 80, "start_period": 3}
    desired = balancer("web-1", "web-2", health=health)
    await world.create(desired)
    failed = [c for c in await world.engine.verify(desired, world.stack) if not c.passed]
    assert [check.name for check in failed] == ["backends"]
    assert "web-2 never answered" in failed[0].detail


async def test_a_container_that_ends_says_how_and_what_it_printed_without_secrets(
    world: DockerWorld,
) -> None:
    desired = wish(
        "box",
        command=("sh", "-c", 'echo "the password is $PASSWORD"; exit 7'),
        env={"PASSWORD": SecretRef(secret="box.password")},
        health={"kind": "command", "command": ("true",), "start_period": 10, "interval": 0.5},
    )
    await world.create(desired)
    (check,) = await world.engine.verify(desired, world.stack)
    assert not check.passed
    assert "exit code 7" in check.detail
    assert "the password is ********" in check.detail
    assert CANARY not in check.detail
    logs = "\n".join(await world.engine.logs(await world.see("box")))  # type: ignore[attr-defined]
    assert "the password is" in logs
    assert CANARY not in logs


ANSWERS = 'while :; do printf "HTTP/1.0 500 no\\r\\n\\r\\n%s" "$SAID" | nc -l -p 80; done'


@pytest.mark.parametrize("where", ["probe", "inside", "http"])
async def test_what_a_health_check_says_is_shown_without_secrets_also_where_it_is_cut(
    world: DockerWorld, where: str
) -> None:
    # The beginning is shown, or the end of what was asked inside: at the 200th character there is a secret.
    padding = "$(printf '%0188d' 0)"
    said = f"SAID={f'$PASSWORD={padding}' if where == 'inside' else f'{padding}=$PASSWORD'}; "
    check = f'{said} echo "$SAID"; exit 4'
    if where == "inside":  # Docker's own check passes once, and the container counts as healthy
        check = f"test -e /tmp/asked || {{ touch /tmp/asked; exit 0; }}; {check}"
    health: dict[str, object] = {"kind": "command", "command": ("sh", "-c", check)}
    if where == "http":
        health = {"kind": "http", "port": 80}
    desired = wish(
        "box",
        command=("sh", "-c", said + ANSWERS) if where == "http" else (),
        ports=(80,),
        env={"PASSWORD": SecretRef(secret="box.password")},
        health=health | {"start_period": 1.5, "interval": 60 if where == "http" else 0.5},
    )
    await world.create(desired)
    failed = [c for c in await world.engine.verify(desired, world.stack) if not c.passed]
    assert "***" in failed[0].detail
    assert CANARY[:4] not in failed[0].detail
    assert "word" not in failed[0].detail


async def test_a_container_that_uses_too_much_memory_is_called_that(world: DockerWorld) -> None:
    desired = wish(
        "box",
        memory="16MiB",
        command=("sh", "-c", "tail /dev/zero"),
        health={"kind": "command", "command": ("true",), "start_period": 20},
    )
    await world.create(desired)
    (check,) = await world.engine.verify(desired, world.stack)
    assert not check.passed
    assert "specs.memory" in check.detail


async def test_an_unhealthy_container_tells_what_its_check_said(world: DockerWorld) -> None:
    health = {
        "kind": "command",
        "command": ("sh", "-c", "echo no such table; exit 4"),
        "interval": 0.3,
        "start_period": 1,
    }
    desired = wish("box", health=health)
    await world.create(desired)
    (check,) = await world.engine.verify(desired, world.stack)
    assert not check.passed
    assert "no such table" in check.detail
