"""Which version of a kind is written, for any server: chosen from what it serves."""

from __future__ import annotations

from typing import Any

import pytest

from alma.engines.kubernetes.discovery import Api, MissingKind, Served, version_order


def served(**kinds: str) -> Served:
    """`policy_v1="PodDisruptionBudget"` as a server's lists would say it."""
    lists: dict[str, Any] = {}
    for name, listed in kinds.items():
        group, _, version = name.rpartition("_")
        resources = [
            {"name": f"{kind.lower()}s", "kind": kind, "namespaced": True, "verbs": ["get"]}
            for kind in listed.split()
        ]
        lists[f"{group.replace('_', '.')}/{version}".lstrip("/")] = {"resources": resources}
    return Served.of(lists)


@pytest.mark.parametrize(
    ("kinds", "kind", "version"),
    [
        ({"policy_v1beta1": "PodDisruptionBudget"}, "PodDisruptionBudget", "policy/v1beta1"),
        (
            {"policy_v1beta1": "PodDisruptionBudget", "policy_v1": "PodDisruptionBudget"},
            "PodDisruptionBudget",
            "policy/v1",
        ),
        (
            {"extensions_v1beta1": "Ingress", "networking_k8s_io_v1": "Ingress"},
            "Ingress",
            "networking.k8s.io/v1",
        ),
        ({"extensions_v1beta1": "Ingress"}, "Ingress", "extensions/v1beta1"),
        ({"events_k8s_io_v1": "Event", "v1": "Event"}, "Event", "v1"),
    ],
)
def test_a_stable_version_is_preferred_and_an_older_one_is_taken_where_it_is_all(
    kinds: dict[str, str], kind: str, version: str
) -> None:
    assert served(**kinds).version(kind) == version


@pytest.mark.parametrize(
    ("versions", "best"),
    [
        (("v1", "v2beta1", "v2beta2"), "v2beta2"),
        (("v1", "v2beta2", "v2"), "v2"),
        (("v1",), "v1"),
    ],
)
def test_an_autoscaler_is_written_in_the_version_that_can_say_most(
    versions: tuple[str, ...], best: str
) -> None:
    kind = "HorizontalPodAutoscaler"
    apis = Served(Api("autoscaling", version, kind, "hpas") for version in versions)
    assert apis.version(kind) == f"autoscaling/{best}"


def test_versions_are_ordered_as_kubernetes_orders_them() -> None:
    """The list in Kubernetes' own documentation of CustomResourceDefinitions."""
    best_first = ["v10", "v2", "v1", "v11beta2", "v10beta3", "v3beta1", "v12alpha1", "v11alpha2"]
    assert sorted(best_first, key=version_order, reverse=True) == best_first
    assert min(*best_first, "foo1", key=version_order) == "foo1"


def test_a_kind_of_a_strange_group_is_found_only_with_its_group() -> None:
    apis = served(postgresql_cnpg_io_v1="Cluster", cluster_x_k8s_io_v1beta1="Cluster")
    assert not apis.serves("Cluster")
    assert apis.version("Cluster.postgresql.cnpg.io") == "postgresql.cnpg.io/v1"
    assert apis.version("Cluster.cluster.x.k8s.io") == "cluster.x.k8s.io/v1beta1"


def test_a_foreign_group_takes_no_kind_of_the_cluster_s_own() -> None:
    apis = served(v1="Service", serving_knative_dev_v1="Service")
    assert apis.version("Service") == "v1"


def test_subresources_are_no_kinds() -> None:
    resources = [
        {"name": "pods", "kind": "Pod", "namespaced": True},
        {"name": "pods/eviction", "kind": "Eviction", "group": "policy", "version": "v1"},
        {"name": "pods/log", "kind": "Pod", "namespaced": True},
    ]
    apis = Served.of({"v1": {"resources": resources}})
    assert apis.kinds == {"Pod"}
    assert apis.api("Pod").plural == "pods"


def test_a_manifest_is_taken_in_just_its_own_version() -> None:
    apis = served(policy_v1="PodDisruptionBudget", policy_v1beta1="PodDisruptionBudget")
    manifest = {"apiVersion": "policy/v1beta1", "kind": "PodDisruptionBudget"}
    assert apis.of_manifest(manifest).version == "v1beta1"
    with pytest.raises(MissingKind):
        apis.of_manifest(manifest | {"apiVersion": "policy/v2"})


def test_a_missing_kind_says_what_would_bring_it() -> None:
    with pytest.raises(MissingKind, match="no kind VirtualMachine") as raised:
        served(v1="Pod").version("VirtualMachine")
    assert "KubeVirt" in str(raised.value.hint)
    with pytest.raises(MissingKind) as raised:
        served(v1="Pod").version("Toy.example.org")
    assert raised.value.message == "The cluster has no kind Toy of example.org"
    assert "CustomResourceDefinition" in str(raised.value.hint)


def test_without_a_cluster_the_present_day_versions_hold() -> None:
    apis = Served.standard(Api("kubevirt.io", "v1", "VirtualMachine", "virtualmachines"))
    wanted = {
        "Deployment": "apps/v1",
        "HorizontalPodAutoscaler": "autoscaling/v2",
        "PodDisruptionBudget": "policy/v1",
        "Ingress": "networking.k8s.io/v1",
        "VirtualMachine": "kubevirt.io/v1",
    }
    assert {kind: apis.version(kind) for kind in wanted} == wanted
    plurals = {kind: apis.api(kind).plural for kind in ("Ingress", "NetworkPolicy", "Endpoints")}
    assert plurals == {
        "Ingress": "ingresses",
        "NetworkPolicy": "networkpolicies",
        "Endpoints": "endpoints",
    }
    assert not apis.api("Namespace").namespaced
    assert apis.api("Pod").namespaced
