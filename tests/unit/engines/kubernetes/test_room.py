"""What a wish takes of a quota is known before anything is made, to the last thousandth of a core."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from alma.engines.kubernetes.room import needs, shortages, too_big


def workload(kind: str = "Deployment", **amounts: str) -> dict[str, Any]:
    container = {"name": "main", "resources": {"limits": amounts, "requests": amounts}}
    spec = {"replicas": 3, "template": {"spec": {"containers": [container]}}}
    return {"kind": kind, "metadata": {"name": "web"}, "spec": spec}


def quota(hard: dict[str, str], used: dict[str, str] | None = None, **spec: Any) -> dict[str, Any]:
    return {
        "metadata": {"name": "small"},
        "spec": {"hard": hard, **spec},
        "status": {"hard": hard, "used": used or {}},
    }


def test_a_workload_takes_what_all_of_its_pods_ask_for() -> None:
    found = needs([workload(cpu="300m", memory="256Mi")])
    assert found["pods"] == 3
    assert found["requests.cpu"] == Decimal("0.9")
    assert found["limits.memory"] == 3 * 256 * 1024**2
    assert found["count/deployments.apps"] == 1


def test_claims_services_and_secrets_are_counted() -> None:
    claim = {
        "kind": "PersistentVolumeClaim",
        "spec": {"resources": {"requests": {"storage": "5Gi"}}},
    }
    balancer = {"kind": "Service", "spec": {"type": "LoadBalancer", "ports": [{}, {}]}}
    found = needs([claim, claim, balancer, {"kind": "Service", "spec": {}}, {"kind": "Secret"}])
    assert found["requests.storage"] == 10 * 1024**3
    assert (found["persistentvolumeclaims"], found["services"], found["secrets"]) == (2, 2, 1)
    assert (found["services.loadbalancers"], found["services.nodeports"]) == (1, 2)


@pytest.mark.parametrize(
    ("hard", "used", "short"),
    [
        ({"limits.cpu": "1"}, {}, False),
        ({"limits.cpu": "1"}, {"limits.cpu": "100m"}, False),  # exactly what is left
        ({"limits.cpu": "1"}, {"limits.cpu": "101m"}, True),
        ({"cpu": "899m"}, {}, True),  # the short name means what is requested
        ({"pods": "10"}, {"pods": "8"}, True),
        ({"secrets": "0"}, {}, False),  # nothing of it is needed
    ],
)
def test_a_quota_is_too_small_when_less_is_left_than_is_needed(
    hard: dict[str, str], used: dict[str, str], short: bool
) -> None:
    found = shortages([quota(hard, used)], needs([workload(cpu="300m", memory="1Mi")]))
    assert bool(found) is short


def test_a_shortage_is_told_with_its_numbers() -> None:
    (found,) = shortages([quota({"limits.memory": "512Mi"})], needs([workload(memory="256Mi")]))
    assert str(found) == ("quota small has 512Mi of limits.memory left, and 768Mi more are needed")


def test_a_quota_for_some_pods_only_is_left_to_the_server() -> None:
    scoped = quota({"pods": "0"}, scopes=["BestEffort"])
    assert shortages([scoped], needs([workload(cpu="1")])) == []


def test_a_pod_that_no_node_could_take_is_told_with_the_most_that_one_has() -> None:
    nodes = [
        {"status": {"allocatable": {"cpu": "2", "memory": "24632896Ki"}}},
        {"status": {"allocatable": {"cpu": "3500m", "memory": "8Gi"}}},
    ]
    assert too_big(workload(cpu="3500m", memory="8Gi"), nodes) == {}  # three of them, on three
    assert too_big(workload(cpu="3501m", memory="1Gi"), nodes) == {
        "cpu": (Decimal("3.501"), Decimal("3.5"))
    }
    assert too_big(workload(cpu="99"), []) == {}, "nothing is known of the nodes"
    assert too_big({"kind": "Service", "spec": {}}, nodes) == {}
