"""What a cluster of guests refuses by itself: the files of its servers, and the script that makes its network policies.
The cluster itself is imitated: `k3s` is a script that keeps namespaces and policies as files."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from alma.config import load_catalogue
from alma.core.model.blueprint import Blueprint
from alma.core.model.state import DesiredResource
from alma.core.planning.resolve import resolve
from alma.engines.proxmox.engine import ProxmoxEngine

ADMISSION = "/etc/rancher/k3s/admission.yaml"
CONFIG = "/etc/rancher/k3s/config.yaml"
POLICY = "/etc/alma/software/k3s-default-deny.yaml"
SCRIPT = "/etc/alma/software/k3s-policies.sh"

K3S = r"""#!/bin/sh
# Namespaces are the folders beside this file; a policy is a file in one of them.
set -eu
cd "$(dirname "$0")/namespaces"
[ "$1 $2" = "kubectl --request-timeout=20s" ]; shift 2
echo "$*" >>../asked
[ ! -e ../down ] || exit 1
case "$*" in
    "get namespace default") [ -d default ] ;;
    "get namespaces "*) echo * ;;
    "get networkpolicies "*) find . -type f ;;
    "delete networkpolicies "*) find . -type f -delete ;;
    diff*) cmp "$5" "$3/policy" ;;
    apply*) cp "$5" "$3/policy" ;;
    *) exit 64 ;;
esac
"""


read = YAML(typ="safe").load


def nodes(policies: dict[str, str] | None) -> dict[str, DesiredResource]:
    """A cluster of two servers and a worker, by address."""
    cluster: dict[str, Any] = {"name": "k", "type": "kubernetes_cluster"}
    cluster["specs"] = {"control_plane": 2, "workers": 1}
    if policies is not None:
        cluster["policies"] = policies
    blueprint = Blueprint.model_validate({"name": "test", "resources": [cluster]})
    return {
        node.address: node
        for node in resolve(blueprint, load_catalogue(), ProxmoxEngine.traits).resources
    }


def files(policies: dict[str, str] | None, address: str = "k") -> dict[str, str]:
    return {file.path: file.content for file in nodes(policies)[address].files}


# ── pod security ──


@pytest.mark.parametrize("address", ["k", "k-server-2"])
@pytest.mark.parametrize("level", ["privileged", "baseline", "restricted"])
def test_every_server_holds_new_pods_to_the_level_of_the_blueprint(
    address: str, level: str
) -> None:
    found = files({"pod_security": level}, address)
    config = read(found[CONFIG])
    assert config["kube-apiserver-arg"] == [f"admission-control-config-file={ADMISSION}"]
    admission = read(found[ADMISSION])
    assert (admission["apiVersion"], admission["kind"]) == (
        "apiserver.config.k8s.io/v1",
        "AdmissionConfiguration",
    )
    (plugin,) = admission["plugins"]
    assert plugin["name"] == "PodSecurity"
    configuration = plugin["configuration"]
    assert configuration["apiVersion"] == "pod-security.admission.config.k8s.io/v1"
    assert configuration["kind"] == "PodSecurityConfiguration"
    modes = dict.fromkeys(("enforce", "audit", "warn"), level)
    assert configuration["defaults"] == modes | {f"{mode}-version": "latest" for mode in modes}
    assert configuration["exemptions"] == {
        "usernames": [],
        "runtimeClasses": [],
        "namespaces": ["kube-system"],
    }


def test_a_cluster_that_nobody_gave_a_level_keeps_the_one_it_is_shipped_with() -> None:
    assert "kube-apiserver-arg" not in read(files(None)[CONFIG])
    assert "kube-apiserver-arg" not in read(files({"network": "open"})[CONFIG])


# ── who does what ──


def test_another_level_changes_every_server_and_no_worker() -> None:
    before, after = nodes({"pod_security": "baseline"}), nodes({"pod_security": "restricted"})
    assert {a: before[a] != after[a] for a in before} == {
        "k": True,
        "k-server-2": True,
        "k-worker-1": False,
    }


def test_the_networks_policy_is_the_first_servers_to_make() -> None:
    before, after = nodes({"network": "open"}), nodes({"network": "default-deny"})
    assert [address for address in before if before[address] != after[address]] == ["k"]


# ── network policies ──


class Cluster:
    """A pretended cluster, and the first server's script in it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.namespaces = folder / "namespaces"
        for name in ("default", "shop", "kube-system", "kube-public"):
            (self.namespaces / name).mkdir(parents=True)
        k3s = folder / "k3s"
        k3s.write_text(K3S)
        k3s.chmod(0o755)

    def run(self, policies: dict[str, str] | None, *words: str, address: str = "k") -> int:
        """The exit code of the script for these policies."""
        found = files(policies, address)
        policy = self.folder / "policy.yaml"
        policy.write_text(found.get(POLICY, ""))
        return subprocess.run(
            ["sh", "-s", *words],
            input=found[SCRIPT].replace(POLICY, str(policy)),
            text=True,
            env={"PATH": f"{self.folder}:{os.environ['PATH']}"},
            capture_output=True,
            check=False,
        ).returncode

    def closed(self) -> list[str]:
        """The namespaces that have the policy."""
        return sorted(path.parent.name for path in self.namespaces.glob("*/policy"))

    def asked(self) -> str:
        """What was asked of it."""
        log = self.folder / "asked"
        return log.read_text() if log.exists() else ""


@pytest.fixture
def cluster(tmp_path: Path) -> Cluster:
    return Cluster(tmp_path)


DENY, OPEN = {"network": "default-deny"}, {"network": "open"}


def test_default_deny_closes_every_namespace_but_those_of_kubernetes(cluster: Cluster) -> None:
    assert cluster.run(DENY, "check") != 0
    assert cluster.run(DENY) == 0
    assert cluster.closed() == ["default", "shop"]
    assert cluster.run(DENY, "check") == 0


def test_what_is_closed_lets_nothing_in_and_only_questions_for_names_out() -> None:
    policy = read(files(DENY)[POLICY])
    assert (policy["apiVersion"], policy["kind"]) == ("networking.k8s.io/v1", "NetworkPolicy")
    assert "namespace" not in policy["metadata"], "it goes into each"
    spec = policy["spec"]
    assert spec["podSelector"] == {}
    assert set(spec["policyTypes"]) == {"Ingress", "Egress"}
    assert "ingress" not in spec
    (out,) = spec["egress"]
    assert {(port["protocol"], port["port"]) for port in out["ports"]} == {("UDP", 53), ("TCP", 53)}
    assert out["to"] == [
        {
            "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "kube-system"}},
            "podSelector": {"matchLabels": {"k8s-app": "kube-dns"}},
        }
    ]


def test_a_namespace_that_came_later_is_closed_at_the_next_run(cluster: Cluster) -> None:
    cluster.run(DENY)
    (cluster.namespaces / "later").mkdir()
    assert cluster.run(DENY, "check") != 0
    assert cluster.run(DENY) == 0
    assert "later" in cluster.closed()


def test_a_policy_that_somebody_changed_is_put_right(cluster: Cluster) -> None:
    cluster.run(DENY)
    (cluster.namespaces / "shop" / "policy").write_text("everybody may")
    assert cluster.run(DENY, "check") != 0
    cluster.run(DENY)
    assert cluster.run(DENY, "check") == 0


@pytest.mark.parametrize("policies", [OPEN, {"pod_security": "baseline"}, None])
def test_a_cluster_that_is_opened_again_loses_almas_policies_and_no_others(
    cluster: Cluster, policies: dict[str, str] | None
) -> None:
    cluster.run(DENY)
    assert cluster.run(policies, "check") != 0
    assert cluster.run(policies) == 0
    assert cluster.closed() == []
    assert cluster.run(policies, "check") == 0
    asked = [line for line in cluster.asked().splitlines() if "networkpolicies" in line]
    assert asked
    assert all(line.split("-l ")[1].startswith("alma.policy") for line in asked)
    assert "alma.policy" in read(files(DENY)[POLICY])["metadata"]["labels"]


@pytest.mark.parametrize("policies", [OPEN, DENY])
def test_a_cluster_that_does_not_answer_is_never_taken_for_one_in_order(
    cluster: Cluster, policies: dict[str, str]
) -> None:
    (cluster.folder / "down").touch()
    assert cluster.run(policies, "check") != 0


def test_the_other_servers_leave_the_clusters_policies_alone(cluster: Cluster) -> None:
    cluster.run(DENY)
    before = cluster.asked()
    for words in (("check",), ()):
        assert cluster.run(DENY, *words, address="k-server-2") == 0
    assert cluster.closed() == ["default", "shop"]
    assert cluster.asked() == before
