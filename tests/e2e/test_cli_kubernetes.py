"""The simple web application on a real cluster, by the command line: deployed, asked, changed and removed."""

from __future__ import annotations

import asyncio
import json
import shutil
import subprocess
import uuid
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from alma.config import load_templates
from alma.core.model.base import Json
from alma.core.services.templates import Templates
from alma.engines.base import until
from tests.e2e.server import serving
from tests.e2e.test_cli_simulation import alma, done
from tests.kubernetes import Outside, kubeconfig, outside
from tests.kubernetes_storage import storage

pytestmark = [pytest.mark.kubernetes, pytest.mark.slow]


@pytest.fixture
async def door() -> AsyncIterator[Outside]:
    async with outside() as found:
        yield found


@pytest.fixture
async def class_(door: Outside) -> AsyncIterator[str]:
    """A storage class with volumes to give away."""
    async with storage(door, volumes=1, size="20Gi") as name:
        yield name


@pytest.fixture
async def name(door: Outside) -> AsyncIterator[str]:
    """A stack's name that nobody else has; what a failed test leaves there is removed."""
    chosen = f"shop-{uuid.uuid4().hex[:8]}"
    yield chosen
    await door.remove(f"/api/v1/namespaces/{chosen}")


def document(name: str, *, database_memory: str) -> dict[str, Any]:
    """The template's blueprint, of a size that a test machine has."""
    asked: dict[str, Json] = {"cpu_per_instance": 0.25, "memory_per_instance": "128MB"}
    blueprint = Templates(load_templates()).customize("simple-web-app", asked)
    found: dict[str, Any] = blueprint.model_dump(mode="json", exclude_defaults=True)
    for resource in found["resources"]:
        if resource["name"] == "database":
            resource["specs"] |= {"cpu": 0.25, "memory": database_memory}
        elif resource["name"] == "load-balancer":
            resource["specs"] |= {"cpu": 0.1, "memory": "128MB"}
    return found | {"name": name}


def kubectl(*arguments: str) -> str:
    program = shutil.which("kubectl")
    assert program, "the test cluster brings kubectl"
    done = subprocess.run(
        [program, f"--kubeconfig={kubeconfig()}", *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def sql(namespace: str, statement: str) -> str:
    """What the database answers, asked inside its pod."""
    script = f'PGPASSWORD=$(cat /run/secrets/password) psql -h 127.0.0.1 -U alma -d app -Atc "{statement}"'
    return kubectl("exec", "-n", namespace, "statefulset/database", "--", "sh", "-c", script)


async def outer_address(door: Outside, namespace: str) -> str:
    """Where the load balancer is reached from outside of the cluster: at a port of its nodes."""
    services = await door.get(f"/api/v1/namespaces/{namespace}/services")
    (port,) = (
        port["nodePort"]
        for item in services["items"]
        for port in item["spec"].get("ports") or ()
        if "nodePort" in port
    )
    pods = await door.get(f"/api/v1/namespaces/{namespace}/pods")
    node = next(pod["status"]["hostIP"] for pod in pods["items"] if pod["status"].get("hostIP"))
    return f"http://{node}:{port}/"


async def answered(url: str) -> int | None:
    """The status of the first answer: each node's proxy learns of a new port a moment after it is there."""
    async with httpx.AsyncClient(timeout=10, trust_env=False) as client:

        async def probe() -> int | None:
            try:
                return (await client.get(url)).status_code
            except httpx.TransportError:
                return None

        return await until(probe, within=60)


@pytest.mark.timeout(500)
async def test_a_simple_web_app_is_deployed_asked_changed_with_its_data_and_removed(
    tmp_path: Path, door: Outside, class_: str, name: str
) -> None:
    home, file = tmp_path / "home", tmp_path / "shop.json"
    settings = {
        "ALMA_KUBERNETES_KUBECONFIG": str(kubeconfig()),
        "ALMA_KUBERNETES_STORAGE_CLASS": class_,
    }

    async def run(*words: str, code: int = 0) -> str:
        answer = await asyncio.to_thread(alma, home, *words, **settings)
        return done(answer, code)

    def write(memory: str) -> None:
        file.write_text(json.dumps(document(name, database_memory=memory)))

    deploy = ("deploy", str(file), "--engine", "kubernetes", "--yes")
    with serving(home, **settings):
        write("256MB")
        assert f"Deployed {name} on kubernetes" in await run(*deploy)

        assert await answered(await outer_address(door, name)) == 200
        sql(name, "create table t as select 42 as n")
        assert "No changes" in await run(*deploy)

        write("320MB")
        assert f"Deployed {name} on kubernetes" in await run(*deploy)
        assert sql(name, "select n from t") == "42", "the volume is the one it had"
        pods = await door.get(f"/api/v1/namespaces/{name}/pods/database-0")
        limits = pods["spec"]["containers"][0]["resources"]["limits"]
        assert limits["memory"] == "320M"
        assert "checks passed" in await run("verify", name)

        await run("destroy", name, "--yes")
        claims = await door.get(f"/api/v1/namespaces/{name}/persistentvolumeclaims")
        assert len(claims["items"]) == 1, "data stays unless it is asked for"
        await run("destroy", name, "--volumes", "--yes")
    left = await door.get(f"/api/v1/namespaces/{name}")
    assert left is None or left["status"]["phase"] == "Terminating"
