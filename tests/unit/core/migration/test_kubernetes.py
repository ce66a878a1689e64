from __future__ import annotations

from typing import Any

import pytest

from alma.core.migration.conversion import Fate
from alma.core.model.blueprint import Origin
from alma.core.model.errors import InvalidInput
from tests.unit.core.migration.reading import FILES, at, converted, everything, resource

SHOP = (FILES / "shop.kubernetes.yaml").read_text()


def deployment(**container: Any) -> dict[str, Any]:
    pod = {
        "metadata": {"labels": {"app": "x"}},
        "spec": {"containers": [{"name": "x", "image": "x:1", **container}]},
    }
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "x"},
        "spec": {"replicas": 1, "template": pod},
    }


def test_a_deployment_becomes_as_many_containers_with_what_they_need() -> None:
    made = converted(SHOP)
    assert (made.form, made.platform, made.blueprint.name) == ("kubernetes", "kubernetes", "shop")
    web = resource(made, "web")
    assert (web["type"], web["count"], web["specs"]) == (
        "container",
        3,
        {"cpu": 0.5, "memory": "512MiB"},
    )
    assert web["command"] == ["serve", "--port", "8080"]
    assert web["mounts"] == [{"volume": "uploads", "path": "/srv/uploads"}]
    assert web["labels"] == {"app": "web", "tier": "front"}


def test_settings_become_variables_and_secrets_references() -> None:
    made = converted(SHOP)
    assert resource(made, "web")["env"] == {
        "LOG_LEVEL": "info",
        "DATABASE_HOST": "postgres",
        "DATABASE_PASSWORD": {"secret": "postgres.password"},
    }
    assert "never-copy-me" not in everything(made)


def test_a_variable_that_names_a_service_says_what_waits_for_what() -> None:
    made = converted(SHOP)
    assert resource(made, "web")["depends_on"] == ["postgres"]
    assert made.origins["resources.web.depends_on"] is Origin.INFERRED


def test_a_stateful_set_brings_its_volumes() -> None:
    made = converted(SHOP)
    assert resource(made, "postgres-data")["specs"] == {"disk": "50GiB"}
    postgres = resource(made, "postgres")
    assert (postgres["type"], postgres["engine"]) == ("database", "postgresql")
    assert postgres["mounts"] == [{"volume": "postgres-data", "path": "/var/lib/postgresql/data"}]


def test_what_lets_the_outside_in_is_a_balancer_and_what_does_not_is_folded() -> None:
    made = converted(SHOP)
    front = resource(made, "shop")
    assert front == {
        "name": "shop",
        "type": "load_balancer",
        "network": {"public_ip": True, "ports": [80, 443]},
        "backends": ["web"],
    }
    fates = {item.address: item.fate for item in made.objects}
    assert fates["Service/web"] is Fate.FOLDED
    assert fates["Ingress/shop"] is Fate.MAPPED


def test_what_runs_now_and_then_is_left_out_with_its_times() -> None:
    made = converted(SHOP)
    job = next(item for item in made.objects if item.kind == "CronJob")
    assert job.fate is Fate.LEFT_OUT
    assert "0 3 * * *" in str(job.reason)


def test_what_ran_beside_becomes_a_resource_of_its_own() -> None:
    made = converted(SHOP)
    assert resource(made, "web-metrics")["engine"] == "node-exporter"
    assert at(made, "Deployment/web.spec.template.spec.containers.1")[0].code == "approximated"


def test_what_has_no_place_is_named() -> None:
    made = converted(SHOP)
    pod = "Deployment/web.spec.template.spec"
    for path in (
        "Deployment/web.spec.strategy",
        f"{pod}.serviceAccountName",
        f"{pod}.containers.0.livenessProbe",
        "PersistentVolumeClaim/uploads.spec.storageClassName",
        "Ingress/shop.metadata.annotations",
        "HorizontalPodAutoscaler/web",
    ):
        assert at(made, path), path


def test_a_list_of_kubectl_is_read_like_documents() -> None:
    made = converted({"apiVersion": "v1", "kind": "List", "items": [deployment()]})
    assert [r.name for r in made.blueprint.resources] == ["x"]


@pytest.mark.parametrize(
    ("memory", "wanted"),
    [("512Mi", "512MiB"), ("1G", "1GB"), ("134217728", "128MiB"), ("2Ti", "2TiB")],
)
def test_quantities_are_read(memory: str, wanted: str) -> None:
    made = converted(deployment(resources={"limits": {"memory": memory}}))
    assert resource(made, "x")["specs"]["memory"] == wanted


def test_two_services_that_name_each_other_make_no_cycle() -> None:
    documents = []
    for one, other in (("a", "b"), ("b", "a")):
        item = deployment(env=[{"name": "PEER", "value": f"http://{other}:80"}])
        item["metadata"]["name"] = one
        item["spec"]["template"]["metadata"]["labels"] = {"app": one}
        service = {"apiVersion": "v1", "kind": "Service", "metadata": {"name": one},
                   "spec": {"selector": {"app": one}, "ports": [{"port": 80}]}}  # fmt: skip
        documents += [item, service]
    made = converted({"apiVersion": "v1", "kind": "List", "items": documents})
    assert sorted(len(r.depends_on) for r in made.blueprint.resources) == [0, 1]


def test_nothing_to_convert_is_said() -> None:
    with pytest.raises(InvalidInput, match="no manifests"):
        converted({"apiVersion": "v1", "kind": "List", "items": []})
