"""ALMA's chart on a real cluster: it takes what is rendered, and an installation does its work from beginning to end.

PostgreSQL and Redis run beside it there, from the test images."""

from __future__ import annotations

import base64
import json
import secrets
import subprocess
import tempfile
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from ruamel.yaml import YAML

from tests.charts.helm import CHART, Refused, helm, of_kind, rendered, written
from tests.conftest import required
from tests.kubernetes import kubeconfig, way
from tests.waiting import wait_until

pytestmark = [pytest.mark.kubernetes, pytest.mark.slow]

HERE = Path(__file__).parent
ALMA, POSTGRES, REDIS = "localhost/alma:test", "postgres:16", "redis:7"
KEY = "the-key-of-this-test-installation"
PATIENCE = 400  # seconds for what takes a few
LABELS = "app.kubernetes.io/instance=alma"
# What a cluster itself puts into every namespace, or keeps of what was.
OF_THE_CLUSTER = (
    "event",
    "endpoints",
    "endpointslice",
    "serviceaccount/default",
    "secret/default-token",
)
BLUEPRINT = {
    "name": "shop",
    "resources": [
        {"name": "web", "type": "service", "image": "nginx:1.27", "specs": {"cpu": 1}},
        {"name": "db", "type": "database", "specs": {"cpu": 1, "memory": "1GB"}},
    ],
}

# Something that serves as whoever it is run as: ALMA's image is there, and has a Python.
INTO_THE_CLUSTER = {
    "name": "store",
    "resources": [
        {
            "name": "web",
            "type": "service",
            "image": ALMA,
            "command": ["python", "-m", "http.server", "8000"],
            "specs": {"cpu": 0.1, "memory": "128MB"},
        }
    ],
}


def kubectl(*words: str, stdin: str | None = None, seconds: float = 120) -> str:
    done = subprocess.run(
        ["kubectl", "--kubeconfig", str(kubeconfig()), *words],
        input=stdin,
        capture_output=True,
        text=True,
        timeout=seconds,
        check=False,
    )
    assert done.returncode == 0, f"kubectl {' '.join(words)}: {done.stderr}"
    return done.stdout


@contextmanager
def a_namespace() -> Iterator[str]:
    name = f"alma-chart-{uuid.uuid4().hex[:8]}"
    kubectl("create", "namespace", name)
    try:
        wait_until(
            lambda: "default" in kubectl("-n", name, "get", "serviceaccounts", "-o", "name"),
            what="the namespace's own account",
        )
        yield name
    finally:
        kubectl("delete", "namespace", name, "--wait=false")


@pytest.fixture
def namespace() -> Iterator[str]:
    with a_namespace() as name:
        yield name


def secret(namespace: str, name: str, **content: str) -> None:
    kubectl(
        *("-n", namespace, "create", "secret", "generic", name),
        *(f"--from-literal={key}={value}" for key, value in content.items()),
    )


def chart(verb: str, namespace: str, values: dict[str, Any], *options: str) -> str:
    """`helm install` or `helm upgrade`, waited for to the end."""
    with tempfile.TemporaryDirectory() as scratch:
        given = ["--values", written(values, Path(scratch))]
        waited = ["--wait", "--timeout", f"{PATIENCE}s"]
        words = [verb, "alma", str(CHART), "--namespace", namespace, *given, *waited, *options]
        return helm(*words, seconds=PATIENCE, kubeconfig=str(kubeconfig()))


def test_the_cluster_takes_everything_that_can_be_rendered(namespace: str) -> None:
    """By the cluster's own versions of its APIs, which `helm` asks it for; but for kinds of others (Prometheus's
    operator), which only some clusters have. A cluster's own kinds are ALMA's to define only once."""
    full: Any = YAML(typ="safe").load(HERE / "full.yaml")
    full |= {"metrics": {"dashboard": {"enabled": True}}}
    kinds = of_kind(rendered(full), "CustomResourceDefinition")
    full["operator"]["crds"] = False
    alone = {"existingSecret": "settings", "database": {"kind": "sqlite"}, "api": {"replicas": 1}}
    secret(namespace, "settings", ALMA_API_KEY=KEY)
    for values in (full, alone):
        documents = rendered(
            values, "--dry-run=server", namespace=namespace, kubeconfig=str(kubeconfig())
        )
        documents += kinds
        listing = {"apiVersion": "v1", "kind": "List", "items": documents}
        told = kubectl("apply", "--dry-run=server", "-f", "-", stdin=json.dumps(listing))
        assert len(told.splitlines()) == len(documents)


def test_a_secret_that_lacks_something_is_told_before_anything_is_made(namespace: str) -> None:
    with pytest.raises(Refused, match=f"no Secret 'alma' in the namespace {namespace}"):
        chart("install", namespace, {"image": {"tag": "test"}})
    secret(namespace, "alma", ALMA_DATABASE_URL="postgresql://nobody@nowhere/alma")
    with pytest.raises(Refused, match="the Secret 'alma' has no key ALMA_SECRET_KEY"):
        chart("install", namespace, {"image": {"tag": "test"}})
    assert not kubectl("-n", namespace, "get", "deployments,jobs,services", "-o", "name").strip()


@pytest.mark.timeout(1200)  # a minute where nothing else runs; a busy machine is only slow
def test_an_installation_serves_deploys_is_upgraded_and_leaves_nothing(namespace: str) -> None:
    images_are_there(ALMA, POSTGRES, REDIS)
    url = databases(namespace)
    secret(
        namespace,
        "alma",
        ALMA_DATABASE_URL=url,
        ALMA_REDIS_URL="redis://data/0",
        ALMA_API_KEY=KEY,
    )
    master = base64.b64encode(secrets.token_bytes(32)).decode()
    secret(namespace, "master", **{"secret.key": master})
    before = there(namespace)
    values: dict[str, Any] = {
        "image": {"repository": "localhost/alma", "tag": "test"},
        "api": {"replicas": 1, "shutdownDelaySeconds": 20},
        "worker": {"replicas": 1},
        "secretKey": {"existingSecret": "master"},
        "drainSeconds": 5,
    }
    chart("install", namespace, values)
    with client(namespace) as alma:
        ready = alma.get("/monitoring/health/ready").raise_for_status().json()
        assert ready["components"]["database"]["status"] == "healthy"
        assert alma.get("/blueprints", headers={"X-API-Key": ""}).status_code == 401
        assert helm_test(namespace)

        first = deployed(alma, BLUEPRINT, engine="simulation")
        assert first["status"] == "succeeded", first["error"]

        with watched(namespace) as answers:
            values["settings"] = {"ALMA_LOG_FORMAT": "json"}
            values["config"] = {"files": {"engines.yaml": "simulation: {second: {seed: 7}}"}}
            values["engine"] = {"kubernetes": {"enabled": True, "namespace": namespace}}
            chart("upgrade", namespace, values)
        assert answers
        assert set(answers) == {200}
        assert all(
            {"name": "ALMA_LOG_FORMAT", "value": "json"} in env for env in running(namespace)
        )
        places = [one["engine"] for one in alma.get("/engines").json()["items"]]
        assert "simulation@second" in places
        # What was known is known, and what the workers do goes on.
        assert alma.get(f"/deployments/{first['id']}").json()["status"] == "succeeded"

        # By the account that it now has, into the cluster that it runs in.
        second = deployed(alma, INTO_THE_CLUSTER, engine="kubernetes")
        assert second["status"] == "succeeded", second["error"]
        stack = second["stack_id"]
        assert "deployment.apps/web" in there(namespace)
        ipr = posted(alma, f"/stacks/{stack}/destroy", {"volumes": True})
        assert carried_out(alma, ipr["id"])["status"] == "succeeded"

    helm(
        *("uninstall", "alma", "--namespace", namespace, "--wait", "--timeout", f"{PATIENCE}s"),
        seconds=PATIENCE,
        kubeconfig=str(kubeconfig()),
    )
    wait_until(
        lambda: there(namespace) == before, timeout=PATIENCE, what="nothing of it to be left"
    )


def images_are_there(*names: str) -> None:
    """Skips where an image was not loaded into the cluster, unless that was promised."""
    nodes = json.loads(kubectl("get", "nodes", "-o", "json"))["items"]
    held = {
        name
        for node in nodes
        for image in node["status"].get("images") or ()
        for name in image.get("names") or ()
    }
    missing = [name for name in names if not {name, f"docker.io/library/{name}"} & held]
    if missing:
        reason = f"the cluster has no image {', '.join(missing)} (python tests/images/alma.py makes ALMA's)"
        if "kubernetes" in required():
            pytest.fail(f"ALMA_TEST_REQUIRE names kubernetes, but {reason}", pytrace=False)
        pytest.skip(reason)


def databases(namespace: str) -> str:
    """A PostgreSQL and a Redis that this test alone uses. The first one's URL, with what it has to be asked for."""

    def container(name: str, image: str, port: int, *words: str, **variables: str) -> Any:
        return {
            "name": name,
            "image": image,
            "imagePullPolicy": "IfNotPresent",
            "args": list(words),
            "env": [{"name": key, "value": value} for key, value in variables.items()],
            "readinessProbe": {
                "tcpSocket": {"port": port},
                "periodSeconds": 1,
                "timeoutSeconds": 5,
                "failureThreshold": 60,
            },
        }

    password = secrets.token_hex(8)
    words = ("postgres", "-c", "fsync=off", "-c", "max_connections=300")
    postgres = container(
        *("postgres", POSTGRES, 5432), *words, POSTGRES_USER="alma", POSTGRES_PASSWORD=password
    )
    redis = container("redis", REDIS, 6379, "redis-server", "--save", "", "--protected-mode", "no")
    pod = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "data", "labels": {"app": "data"}},
        "spec": {"terminationGracePeriodSeconds": 0, "containers": [postgres, redis]},
    }
    ports = [{"name": "postgres", "port": 5432}, {"name": "redis", "port": 6379}]
    service = {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": "data"},
        "spec": {"selector": {"app": "data"}, "ports": ports},
    }
    both = {"apiVersion": "v1", "kind": "List", "items": [pod, service]}
    kubectl("-n", namespace, "apply", "-f", "-", stdin=json.dumps(both))
    waited = ("--for=condition=Ready", f"--timeout={PATIENCE}s")
    kubectl("-n", namespace, "wait", "pod/data", *waited, seconds=PATIENCE)
    return f"postgresql://alma:{password}@data/alma"


def address(namespace: str) -> str:
    """The Service, as the cluster's API passes requests on to it."""
    return f"{way().server}/api/v1/namespaces/{namespace}/services/alma:80/proxy/api/v1"


@contextmanager
def client(namespace: str) -> Iterator[httpx.Client]:
    with httpx.Client(
        base_url=address(namespace),
        verify=way().context,
        timeout=30,
        headers={"X-API-Key": KEY},
    ) as found:
        yield found


def helm_test(namespace: str) -> str:
    """From a pod, through the Service by its name."""
    words = ("test", "alma", "--namespace", namespace, "--timeout", f"{PATIENCE}s")
    return helm(*words, seconds=PATIENCE, kubeconfig=str(kubeconfig()))


def deployed(alma: httpx.Client, blueprint: dict[str, Any], *, engine: str) -> Any:
    """The deployment of a new blueprint, at its end."""
    saved = posted(alma, "/blueprints", blueprint)
    order = {"title": "New", "blueprint_id": saved["id"], "engine": engine}
    return carried_out(alma, posted(alma, "/iprs", order)["id"])


def carried_out(alma: httpx.Client, ipr: int) -> Any:
    """The deployment of a request, approved and followed to its end. No server runs any here: a worker does."""
    posted(alma, f"/iprs/{ipr}/review", {"action": "approve"})
    queued = posted(alma, f"/iprs/{ipr}/deploy", {})
    where = f"/deployments/{queued['deployment_id']}"
    wait_until(
        lambda: alma.get(where).json()["status"] in {"succeeded", "failed", "rolled_back"},
        timeout=PATIENCE,
        interval=0.3,
        what="the deployment to end",
    )
    return alma.get(where).json()


def posted(alma: httpx.Client, path: str, body: dict[str, Any]) -> Any:
    answer = alma.post(path, json=body)
    assert answer.is_success, answer.text
    return answer.json()


@contextmanager
def watched(namespace: str) -> Iterator[list[int]]:
    """The status of one request after the other, each over a connection of its own. Not whether it is ready: a server
    that is about to end says no to that, and goes on answering."""
    over, answers = threading.Event(), list[int]()

    def ask() -> None:
        while not over.wait(0.1):
            with client(namespace) as alma:
                answers.append(alma.get("/monitoring/health/live").status_code)

    asking = threading.Thread(target=ask)
    asking.start()
    try:
        yield answers
    finally:
        over.set()
        asking.join()


def running(namespace: str) -> list[Any]:
    """The variables of every pod of the release that is not about to end."""
    pods = json.loads(kubectl("-n", namespace, "get", "pods", "-l", LABELS, "-o", "json"))["items"]
    left = [pod for pod in pods if "deletionTimestamp" not in pod["metadata"]]
    assert len(left) == 2
    return [pod["spec"]["containers"][0]["env"] for pod in left]


def there(namespace: str) -> set[str]:
    """Everything in the namespace, and what of the release is outside of it."""
    kinds = kubectl("api-resources", "--verbs=list", "--namespaced", "-o", "name").split()
    own = sorted(kind for kind in kinds if not kind.startswith("event"))
    found = kubectl("-n", namespace, "get", ",".join(own), "-o", "name", "--ignore-not-found")
    roles = kubectl("get", "clusterroles,clusterrolebindings", "-l", LABELS, "-o", "name")
    names = {*found.split(), *(name for name in roles.split() if namespace in name)}
    return {name for name in names if not name.startswith(OF_THE_CLUSTER)}
