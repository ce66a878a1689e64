"""ALMA's chart, rendered: what it makes of which values, and what it refuses, and how it says so."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from ruamel.yaml import YAML

from alma import __version__
from alma.engines.kubernetes.discovery import Served
from alma.engines.kubernetes.rights import MADE
from alma.settings import Settings
from tests.charts.helm import (
    CHART,
    ROOT,
    Refused,
    containers,
    helm,
    named,
    of_kind,
    rendered,
    written,
)

HERE = Path(__file__).parent
FULL: dict[str, Any] = YAML(typ="safe").load(HERE / "full.yaml")
DEFAULTS: dict[str, Any] = YAML(typ="safe").load(CHART / "values.yaml")
SCHEMA = json.loads((CHART / "values.schema.json").read_text())
SQLITE = {"database": {"kind": "sqlite"}, "api": {"replicas": 1}}
ARRANGEMENTS = {
    "default": {},
    "full": FULL,
    "sqlite": SQLITE,
    "no workers": {"worker": {"enabled": False}},
    "one namespace": {"engine": {"kubernetes": {"enabled": True, "namespace": "shop"}}},
}


def refusal(values: dict[str, Any]) -> str:
    with pytest.raises(Refused) as caught:
        rendered(values)
    return str(caught.value)


def environment(container: Any) -> dict[str, Any]:
    return {one["name"]: one.get("value", one.get("valueFrom")) for one in container["env"]}


def api(documents: list[Any]) -> Any:
    return named(documents, "Deployment", "alma")["spec"]["template"]["spec"]


def worker(documents: list[Any]) -> Any:
    return named(documents, "Deployment", "alma-worker")["spec"]["template"]["spec"]


@pytest.mark.parametrize("values", ARRANGEMENTS.values(), ids=ARRANGEMENTS)
def test_it_lints_renders_and_passes_its_own_schema(values: dict[str, Any], tmp_path: Path) -> None:
    helm("lint", "--strict", str(CHART), "--values", written(values, tmp_path))
    jsonschema.Draft7Validator(SCHEMA).validate(values)
    documents = rendered(values)
    addresses = [(one["kind"], one["metadata"]["name"]) for one in documents]
    assert len(addresses) == len(set(addresses))
    assert ("Deployment", "alma") in addresses


def test_the_schema_knows_every_value_and_no_other() -> None:
    jsonschema.Draft7Validator(SCHEMA).validate(DEFAULTS)

    def keys(schema: Any, values: Any) -> None:
        if "properties" in schema:
            assert set(schema["properties"]) - {"global"} - set(values) <= {"claims"}
            for name, inner in values.items():
                keys(schema["properties"][name], inner)

    keys(SCHEMA, DEFAULTS)


def test_the_readme_has_every_value_with_its_default() -> None:
    rows = dict(
        line.split("|")[1:3]
        for line in (CHART / "README.md").read_text().splitlines()
        if line.startswith("| `")
    )
    listed = {name.strip(" `"): default.strip(" `") for name, default in rows.items()}

    def compare(values: dict[str, Any], prefix: str) -> None:
        for name, value in values.items():
            path = f"{prefix}{name}"
            if listed.get(path):
                if listed[path] != "see values.yaml":
                    assert json.loads(listed[path]) == value, path
            else:
                assert isinstance(value, dict), f"the README of the chart has no row for {path}"
                compare(value, f"{path}.")

    compare(DEFAULTS, "")


def test_it_is_of_this_version_and_carries_what_this_version_ships() -> None:
    about = YAML(typ="safe").load(CHART / "Chart.yaml")
    assert about["appVersion"] == __version__
    for copy, source in {
        "alerts.yml": "alerts.yml",
        "rules.yml": "docker/prometheus/rules.yml",
        "grafana-dashboard.json": "grafana-dashboard.json",
        "operator-crds.yaml": "deploy/operator/crds.yaml",
    }.items():
        there = (CHART / "files" / copy).read_bytes()
        assert there == (ROOT / source).read_bytes(), f"copy {source} to the chart's files/{copy}"


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"api": {"replica": 3}}, "additional properties 'replica' not allowed"),
        ({"api": {"replicas": "three"}}, "at '/api/replicas': got string, want integer"),
        ({"settings": {"LOG_FORMAT": "json"}}, "'LOG_FORMAT' does not match"),
        ({"image": {"digest": "sha256:12"}}, "at '/image/digest'"),
        ({"fullnameOverride": "Alma_One"}, "at '/fullnameOverride'"),
        ({"fullnameOverride": "1st"}, "at '/fullnameOverride'"),
        ({"nameOverride": "alma."}, "at '/nameOverride'"),
        ({"database": {"kind": "mysql"}}, "at '/database/kind'"),
        (
            {"existingSecret": ""},
            "Set existingSecret (or database.existingSecret) to a Secret with the key ALMA_DATABASE_URL",
        ),
        (
            {"existingSecret": "", "database": {"existingSecret": "db"}},
            "no Secret is named that has the master key",
        ),
        (
            {"database": {"kind": "sqlite"}, "api": {"replicas": 3}},
            "api.replicas is 3, but database.kind is sqlite: a file that one process owns",
        ),
        (
            {**SQLITE, "api": {"replicas": 1, "autoscaling": {"enabled": True}}},
            "api.autoscaling.enabled makes several servers",
        ),
        ({**SQLITE, "operator": {"enabled": True}}, "operator.enabled makes a second process"),
        ({"operator": {"grants": ["shop"]}}, "at '/operator/grants/0'"),
        ({"settings": {"ALMA_HOME": "/data"}}, "settings.ALMA_HOME is set by the chart itself"),
        (
            {"settings": {"ALMA_PROXMOX_TOKEN_SECRET": "x"}},
            "settings.ALMA_PROXMOX_TOKEN_SECRET would show a secret",
        ),
        ({"ingress": {"enabled": True}}, "ingress.enabled needs ingress.hosts"),
        (
            {"api": {"autoscaling": {"enabled": True, "minReplicas": 9}}},
            "api.autoscaling.minReplicas is 9, more than maxReplicas, 6",
        ),
        ({"metrics": {"serviceMonitor": {"enabled": True}}}, "metrics:read"),
        (
            {"config": {"files": {"a": "b"}, "existingConfigMap": "c"}},
            "config.files and config.existingConfigMap are both set",
        ),
    ],
)
def test_what_can_not_work_is_refused_with_what_to_do(values: dict[str, Any], said: str) -> None:
    assert said in refusal(values)


@pytest.mark.parametrize("values", ARRANGEMENTS.values(), ids=ARRANGEMENTS)
def test_every_pod_is_as_pod_security_restricted_asks(values: dict[str, Any]) -> None:
    found = containers(rendered(values))
    assert found
    for pod, container in found:
        assert pod["securityContext"]["runAsNonRoot"] is True
        assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
        own = container["securityContext"]
        assert own["allowPrivilegeEscalation"] is False
        assert own["readOnlyRootFilesystem"] is True
        assert own["capabilities"] == {"drop": ["ALL"]}
        assert {"cpu", "memory"} <= set(container["resources"]["requests"])
        assert "memory" in container["resources"]["limits"]
        for volume in pod.get("volumes", ()):
            assert set(volume) - {"name"} <= {
                "configMap",
                "emptyDir",
                "persistentVolumeClaim",
                "secret",
            }


@pytest.mark.parametrize("values", ARRANGEMENTS.values(), ids=ARRANGEMENTS)
def test_settings_are_settings_of_alma(values: dict[str, Any]) -> None:
    families = ("ALMA_KUBERNETES_", "ALMA_LLM_", "ALMA_OIDC_", "ALMA_OPERATOR_", "ALMA_PROXMOX_")
    for _, container in containers(rendered(values)):
        for name in (one["name"] for one in container.get("env", ())):
            known = name.removeprefix("ALMA_").lower() in Settings.model_fields
            assert known or name.startswith(families) or not name.startswith("ALMA_"), name


def test_no_secret_is_made_or_shown() -> None:
    documents = rendered(FULL)
    assert not of_kind(documents, "Secret")
    (_, server), *_ = [
        found
        for found in containers(documents)
        if found[1].get("args", [])[:2] == ["alma", "serve"]
    ]
    told = environment(server)
    assert told["ALMA_DATABASE_URL"] == {"secretKeyRef": {"name": "database", "key": "url"}}
    assert told["ALMA_REDIS_URL"] == {"secretKeyRef": {"name": "cache", "key": "url"}}
    assert told["ALMA_API_KEYS"] == {"secretKeyRef": {"name": "keys", "key": "administrators"}}
    assert told["ALMA_SECRET_KEY_COMMAND"] == "cat /etc/alma/master/secret.key"
    assert {"secretRef": {"name": "settings"}} in server["envFrom"]


def test_a_pod_has_time_for_what_it_does_before_it_ends() -> None:
    documents = rendered({"drainSeconds": 100, "api": {"shutdownDelaySeconds": 7}})
    assert environment(worker(documents)["containers"][0])["ALMA_DRAIN_SECONDS"] == "100"
    assert worker(documents)["terminationGracePeriodSeconds"] == 120
    # A server without a worker inside only waits until others have noticed.
    assert environment(api(documents)["containers"][0])["ALMA_SHUTDOWN_DELAY"] == "7"
    assert api(documents)["terminationGracePeriodSeconds"] == 27
    alone = rendered({**SQLITE, "drainSeconds": 100})
    assert api(alone)["terminationGracePeriodSeconds"] == 120


def test_servers_leave_deployments_to_workers_where_there_are_any() -> None:
    documents = rendered()
    assert api(documents)["containers"][0]["args"] == ["alma", "serve", "--no-worker"]
    assert worker(documents)["containers"][0]["args"][:2] == ["alma", "worker"]
    for values in (SQLITE, {"worker": {"enabled": False}}):
        alone = rendered(values)
        assert api(alone)["containers"][0]["args"] == ["alma", "serve"]
        assert not [one for one in of_kind(alone, "Deployment") if "worker" in str(one["metadata"])]


def test_one_process_on_sqlite_keeps_its_data_and_is_never_two() -> None:
    documents = rendered(SQLITE)
    assert named(documents, "Deployment", "alma")["spec"]["strategy"] == {"type": "Recreate"}
    claim = named(documents, "PersistentVolumeClaim", "alma")
    assert claim["metadata"]["annotations"] == {"helm.sh/resource-policy": "keep"}
    home = api(documents)["volumes"][0]
    assert home == {"name": "home", "persistentVolumeClaim": {"claimName": "alma"}}
    assert not of_kind(documents, "Job")
    assert not of_kind(documents, "PodDisruptionBudget")


def test_the_database_is_brought_up_to_date_before_anything_else_changes() -> None:
    job = named(rendered(FULL), "Job", "alma-migrate")
    assert job["metadata"]["annotations"]["helm.sh/hook"] == "pre-install,pre-upgrade"
    pod = job["spec"]["template"]["spec"]
    assert pod["containers"][0]["args"] == ["alma", "migrate"]
    # Nothing that the release itself makes is there yet.
    assert "serviceAccountName" not in pod
    assert "config" not in {volume["name"] for volume in pod["volumes"]}
    assert not of_kind(rendered({"migrations": {"enabled": False}}), "Job")


def test_versions_of_apis_are_those_that_the_cluster_serves() -> None:
    scaled = {"api": {"autoscaling": {"enabled": True}}}

    def versions(*options: str) -> dict[str, str]:
        return {one["kind"]: one["apiVersion"] for one in rendered(scaled, *options)}

    new = versions("--kube-version", "1.33.0")
    assert new["PodDisruptionBudget"] == "policy/v1"
    assert new["HorizontalPodAutoscaler"] == "autoscaling/v2"
    with pytest.raises(Refused, match="incompatible with Kubernetes"):
        rendered(scaled, "--kube-version", "1.19.0")


def test_it_answers_to_the_names_that_people_and_pods_use() -> None:
    told = environment(api(rendered(FULL))["containers"][0])
    assert told["ALMA_TRUSTED_HOSTS"].split(",") == [
        "alma",
        "alma.apps",
        "alma.apps.svc",
        "alma.apps.svc.cluster.local",
        "alma.example.org",
        "alma.example.net",
        "alma.internal",
    ]
    assert told["ALMA_TRUSTED_PROXIES"] == "10.0.0.0/8,192.168.1.7"
    assert told["ALMA_PUBLIC_URL"] == "https://alma.example.org"


def test_other_files_of_settings_make_other_pods() -> None:
    def mark(text: str) -> str:
        documents = rendered({"config": {"files": {"prices.yaml": text}}})
        template = named(documents, "Deployment", "alma")["spec"]["template"]
        return str(template["metadata"]["annotations"]["alma.dev/config"])

    assert mark("a: 1") == mark("a: 1") != mark("a: 2")


def test_policies_let_in_what_is_for_alma_and_nothing_else() -> None:
    documents = rendered(FULL)
    doors = {
        one["metadata"]["name"]: one["spec"]["ingress"]
        for one in of_kind(documents, "NetworkPolicy")
    }
    assert [door["ports"] for door in doors["alma"]] == [[{"protocol": "TCP", "port": "http"}]]
    assert doors["alma"][0]["from"] == FULL["networkPolicy"]["from"]
    assert [door["ports"] for door in doors["alma-worker"]] == [
        [{"protocol": "TCP", "port": "metrics"}]
    ]
    ways_out = named(documents, "NetworkPolicy", "alma")["spec"]["egress"]
    assert [way["ports"][0]["port"] for way in ways_out] == [53, 5432]


def test_prometheus_finds_all_and_has_the_alerts() -> None:
    documents = rendered(FULL)
    monitors = of_kind(documents, "ServiceMonitor")
    services = of_kind(documents, "Service")
    for monitor in monitors:
        wanted = monitor["spec"]["selector"]["matchLabels"].items()
        (service,) = (one for one in services if wanted <= one["metadata"]["labels"].items())
        ports = {port["name"] for port in service["spec"]["ports"]}
        assert {endpoint["port"] for endpoint in monitor["spec"]["endpoints"]} <= ports
        # The alerts go by names of jobs that begin so.
        job = service["metadata"]["labels"][monitor["spec"]["jobLabel"]]
        assert job.startswith("alma")
    assert len(monitors) == 3
    rules = named(documents, "PrometheusRule", "alma")["spec"]["groups"]
    alerts = YAML(typ="safe").load(ROOT / "alerts.yml")["groups"]
    assert [group for group in rules if group["name"] == "alma"] == alerts


def rights(rules: list[Any]) -> set[tuple[str, str, str]]:
    """Each verb on each resource of each group."""
    return {
        (verb, resource, group)
        for rule in rules
        for group in rule["apiGroups"]
        for resource in rule["resources"]
        for verb in rule["verbs"]
    }


def ruled(documents: list[Any], kind: str) -> set[tuple[str, str, str]]:
    return rights([rule for role in of_kind(documents, kind) for rule in role["rules"]])


def test_the_engine_has_the_rights_that_its_documentation_names_and_no_other() -> None:
    page = (ROOT / "docs" / "engines" / "kubernetes.md").read_text()
    blocks = [
        YAML(typ="safe").load(text) for text in re.findall(r"```yaml\n(.*?)```", page, re.DOTALL)
    ]
    (role,) = (block for block in blocks if block.get("kind") == "Role")
    (looks,) = (block for block in blocks if block.get("kind") == "ClusterRole")
    stacks = {(verb, "namespaces", "") for verb in ("create", "patch", "delete")}

    everywhere = rendered({"engine": {"kubernetes": {"enabled": True}}})
    told = rights(role["rules"]) | rights(looks["rules"]) | stacks
    assert ruled(everywhere, "ClusterRole") == told
    assert not of_kind(everywhere, "Role")

    within = rendered(ARRANGEMENTS["one namespace"])
    assert ruled(within, "Role") == rights(role["rules"])
    assert {one["metadata"]["namespace"] for one in of_kind(within, "Role")} == {"shop"}
    assert ruled(within, "ClusterRole") == rights(looks["rules"])
    assert environment(api(within)["containers"][0])["ALMA_KUBERNETES_NAMESPACE"] == "shop"


def test_the_engine_may_make_what_other_operators_serve_only_where_that_is_said() -> None:
    def created(also: list[str]) -> set[tuple[str, str]]:
        engine = {"kubernetes": {"enabled": True, "also": also}}
        told = ruled(rendered({"engine": engine}), "ClusterRole")
        return {(resource, group) for verb, resource, group in told if verb == "create"}

    theirs = {
        "cloudnative-pg": ("clusters", "postgresql.cnpg.io"),
        "gateway": ("httproutes", "gateway.networking.k8s.io"),
        "kubevirt": ("virtualmachines", "kubevirt.io"),
        "redis-operator": ("redis", "redis.redis.opstreelabs.in"),
    }
    assert created(list(theirs)) - created([]) == set(theirs.values())
    standard = Served.standard()
    own = {api for kind in MADE if (api := standard.find(kind))}
    assert created([]) == {(api.plural, api.group) for api in own} | {("namespaces", "")}
    assert len(MADE) == len(own) + len(theirs)


def test_the_operator_is_the_one_that_is_shipped_without_a_chart() -> None:
    documents = rendered({"operator": {"enabled": True}})
    apart = ROOT / "deploy" / "operator"
    shipped = [one for one in YAML(typ="safe").load_all(apart / "rbac.yaml") if one]
    ours = {
        "alma-operator": "apps-alma-operator",
        "alma-blueprint-editor": "apps-alma-blueprint-editor",
    }
    ours |= {
        "alma-viewer": "apps-alma-viewer",
        "alma-request-approver": "apps-alma-request-approver",
    }
    for role in of_kind(shipped, "ClusterRole"):
        same = named(documents, "ClusterRole", ours[role["metadata"]["name"]])
        assert rights(same["rules"]) == rights(role["rules"])
        prefix = "rbac.authorization.k8s.io/"
        for labels, others in (
            (role["metadata"]["labels"], same["metadata"]["labels"]),
            (same["metadata"]["labels"], role["metadata"]["labels"]),
        ):
            assert {
                k: v for k, v in labels.items() if k.startswith(prefix)
            }.items() <= others.items()
    for crd in YAML(typ="safe").load_all(apart / "crds.yaml"):
        there = named(documents, "CustomResourceDefinition", crd["metadata"]["name"])
        assert there["spec"] == crd["spec"]
        assert there["metadata"]["annotations"]["helm.sh/resource-policy"] == "keep"
    without = rendered({"operator": {"enabled": True, "crds": False, "roles": False}})
    assert not of_kind(without, "CustomResourceDefinition")
    assert len(of_kind(without, "ClusterRole")) == 1


def test_the_operator_looks_where_it_is_told_to_and_leaves_work_to_workers() -> None:
    told = environment(
        named(rendered(FULL), "Deployment", "alma-operator")["spec"]["template"]["spec"][
            "containers"
        ][0]
    )
    assert told["ALMA_WORKER"] == "false"
    assert told["ALMA_OPERATOR_NAMESPACES"] == "shop,store"
    assert told["ALMA_OPERATOR_GRANTS"] == "shop=shop,*=default"
    assert told["ALMA_OPERATOR_CLUSTER"] == "lab"
    assert told["ALMA_OPERATOR_APPROVALS"] == "false"
    assert told["ALMA_OPERATOR_DRIFT_MINUTES"] == "0.5"
    # It plans, and so it reads engines with the rights that they need.
    binding = named(rendered(FULL), "ClusterRoleBinding", "apps-alma-engine")
    assert [one["name"] for one in binding["subjects"]] == ["alma", "alma-operator"]


def test_nobody_has_a_token_of_the_cluster_who_does_not_deploy_into_it() -> None:
    for pod, _ in containers(rendered()):
        assert pod["automountServiceAccountToken"] is False
    assert not of_kind(rendered(), "ClusterRole")
    deploying = rendered({"engine": {"kubernetes": {"enabled": True}}})
    assert api(deploying)["automountServiceAccountToken"] is True
    assert worker(deploying)["automountServiceAccountToken"] is True
