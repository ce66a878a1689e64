"""Manifests are the same for the same wish, legal for any, and hold no secret where it could be read."""

from __future__ import annotations

import base64
import itertools
import json
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alma.core.model.blueprint import ResourceType
from alma.core.model.errors import AlmaError, ChangeRejected, NotFound
from alma.core.model.state import DesiredResource
from alma.engines.kubernetes import marker
from alma.engines.kubernetes.discovery import Api, MissingKind, Served
from alma.engines.kubernetes.manifests import Manifest, build, namespace
from alma.engines.kubernetes.settings import KubernetesSettings
from tests.unit.engines.kubernetes import wishes
from tests.unit.engines.kubernetes.wishes import (
    EVERYTHING,
    OLD,
    SETTINGS,
    STACK,
    VALUE,
    made,
    patient,
    wish,
)

_DNS_1035 = re.compile(r"[a-z]([-a-z0-9]*[a-z0-9])?")
_PART = re.compile(r"[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?")
_DOMAIN = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*")


def by_kind(desired: DesiredResource, kind: str, **more: Any) -> list[Manifest]:
    return [item for item in made(desired, **more) if item["kind"] == kind]


def one(desired: DesiredResource, kind: str, **more: Any) -> Manifest:
    (found,) = by_kind(desired, kind, **more)
    return found


def container(desired: DesiredResource, **more: Any) -> Manifest:
    found: Manifest = made(desired, **more).primary["spec"]["template"]["spec"]["containers"][0]
    return found


def pod(desired: DesiredResource, **more: Any) -> Manifest:
    found: Manifest = made(desired, **more).primary["spec"]["template"]["spec"]
    return found


# ── whatever is asked for ────────────────────────────────────────────────────────────────────────


@patient
@given(wishes.wishes())
def test_the_same_wish_gives_the_same_manifests(desired: DesiredResource) -> None:
    again = DesiredResource.model_validate_json(desired.model_dump_json())
    assert [*made(desired)] == [*made(again)]


@patient
@given(wishes.wishes(), st.randoms())
def test_the_order_of_what_is_in_a_wish_makes_no_difference(
    desired: DesiredResource, random: Any
) -> None:
    def shuffled(values: Any) -> Any:
        found = [*values]
        random.shuffle(found)
        return found

    plain = desired.model_dump(mode="json")
    for name in ("ports", "files", "mounts", "networks", "writable"):
        plain[name] = shuffled(plain[name])
    for holder, name in ((plain, "env"), (plain["resource"], "labels")):
        holder[name] = dict(shuffled(holder[name].items()))
    assert [*made(DesiredResource.model_validate(plain))] == [*made(desired)]


@patient
@given(wishes.wishes())
def test_every_name_and_label_is_legal(desired: DesiredResource) -> None:
    for item in made(desired, served=EVERYTHING):
        metadata = item["metadata"]
        assert len(metadata["name"]) <= 63
        assert _DNS_1035.fullmatch(metadata["name"])
        template = item.get("spec", {}).get("template", {}).get("metadata", {})
        for labels in (metadata["labels"], template.get("labels", {})):
            for key, value in labels.items():
                assert is_key(key), key
                assert len(value) <= 63
                assert value == "" or _PART.fullmatch(value), value
        for key in (*metadata["annotations"], *template.get("annotations", {})):
            assert is_key(key)


def is_key(key: str) -> bool:
    prefix, _, name = key.rpartition("/")
    legal = len(name) <= 63 and _PART.fullmatch(name) is not None
    return legal and (not prefix or _DOMAIN.fullmatch(prefix) is not None)


@patient
@given(wishes.wishes(), wishes.wishes())
def test_two_addresses_never_share_an_object(one: DesiredResource, other: DesiredResource) -> None:
    if one.address.lower() == other.address.lower():
        return
    found = [{(o["kind"], o["metadata"]["name"]) for o in made(item)} for item in (one, other)]
    assert not found[0] & found[1]


@patient
@given(wishes.wishes())
def test_the_names_inside_of_a_pod_are_its_own(desired: DesiredResource) -> None:
    spec = pod(desired)
    volumes = [volume["name"] for volume in spec.get("volumes", ())]
    assert len({*volumes}) == len(volumes)
    inner = spec["containers"][0]
    assert {mount["name"] for mount in inner.get("volumeMounts", ())} <= {*volumes}
    ports = [port["name"] for port in inner.get("ports", ())]
    assert len({*ports}) == len(ports)
    assert all(len(name) <= 15 for name in ports)


@patient
@given(wishes.wishes())
def test_a_secret_s_value_is_in_secrets_only(desired: DesiredResource) -> None:
    encoded = base64.b64encode(VALUE.encode()).decode()
    for item in made(desired, served=EVERYTHING):
        text = json.dumps(item)
        assert VALUE not in text
        if item["kind"] != "Secret":
            assert encoded not in text
    kept = [item["data"] for item in made(desired) if item["kind"] == "Secret"]
    assert bool(kept) is bool(desired.secret_names)


@patient
@given(wishes.wishes())
def test_every_object_carries_the_whole_marker(desired: DesiredResource) -> None:
    found = made(desired)
    for item in found:
        mark = marker.marker_of(item)
        assert mark is not None
        assert (mark.stack, mark.address, mark.type, mark.key) == (
            STACK.id,
            desired.address,
            desired.type,
            "k-1",
        )
        is_primary = item == found.primary
        expected = marker.Role.PRIMARY if is_primary else marker.Role.COMPANION
        assert marker.role_of(item) is expected
        chosen = marker.selector_of(STACK, desired.address).items()
        assert chosen <= item["metadata"]["labels"].items()


@patient
@given(wishes.wishes())
def test_what_is_selected_is_what_the_pods_have(desired: DesiredResource) -> None:
    found = made(desired)
    labels = found.primary["spec"]["template"]["metadata"]["labels"].items()
    assert found.primary["spec"]["selector"]["matchLabels"].items() <= labels
    for item in found:
        if item["kind"] == "Service":
            assert item["spec"]["selector"].items() <= labels


@patient
@given(wishes.wishes())
def test_nothing_is_shared_between_manifests(desired: DesiredResource) -> None:
    seen: set[int] = set()

    def parts(value: Any) -> Any:
        if isinstance(value, dict | list):
            yield value
            for inner in value.values() if isinstance(value, dict) else value:
                yield from parts(inner)

    for part in itertools.chain.from_iterable(parts(item) for item in made(desired)):
        assert id(part) not in seen
        seen.add(id(part))


@patient
@given(wishes.wishes())
def test_what_is_restricted_keeps_to_the_standard(desired: DesiredResource) -> None:
    found = made(desired).primary["spec"]["template"]["spec"]
    context, inner = found["securityContext"], found["containers"][0]
    if not context.get("runAsNonRoot"):
        return
    assert context.get("runAsUser") != 0
    assert context["seccompProfile"] == {"type": "RuntimeDefault"}
    assert inner["securityContext"]["allowPrivilegeEscalation"] is False
    capabilities = inner["securityContext"]["capabilities"]
    assert capabilities["drop"] == ["ALL"]
    assert {*capabilities.get("add", ())} <= {"NET_BIND_SERVICE"}
    safe = {"net.ipv4.ip_unprivileged_port_start"}
    assert {setting["name"] for setting in context.get("sysctls", ())} <= safe
    assert not any("hostPath" in volume for volume in found.get("volumes", ()))


# ── what becomes of what ─────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("type_", "kind"),
    [
        ("service", "Deployment"),
        ("container", "Deployment"),
        ("database", "StatefulSet"),
        ("cache", "StatefulSet"),
        ("queue", "StatefulSet"),
        ("object_store", "StatefulSet"),
        ("network", "NetworkPolicy"),
        ("volume", "PersistentVolumeClaim"),
        ("load_balancer", "Deployment"),
    ],
)
def test_each_type_becomes_a_kind(type_: str, kind: str) -> None:
    assert made(wish(type_)).primary["kind"] == kind


@pytest.mark.parametrize("type_", ["kubernetes_cluster", "firewall"])
def test_what_a_cluster_has_not_is_refused(type_: str) -> None:
    with pytest.raises(ChangeRejected, match="web-1 can't be made"):
        made(wish(type_))


def test_what_the_primary_needs_comes_before_it_and_what_is_about_it_after() -> None:
    files = ({"path": "/a", "content": "x"}, {"path": "/b", "secret": "web-1.key"})
    found = made(wish(files=files, ports=[80], replicas=2, public=True, networks=["lan"]))
    assert [item["kind"] for item in found.before] == ["ConfigMap", "Secret"]
    assert [item["kind"] for item in found.after] == [
        "Service",
        "Service",
        "PodDisruptionBudget",
        "NetworkPolicy",
    ]
    assert [*found] == [*found.before, found.primary, *found.after]


def test_a_secret_that_is_missing_stops_everything() -> None:
    def secret(name: str) -> str:
        raise NotFound(f"no {name}")

    desired = wish(env={"TOKEN": {"secret": "db.password"}})
    with pytest.raises(AlmaError, match=r"no db\.password"):
        build(desired, STACK, served=OLD, settings=SETTINGS, secret=secret, key="k")


def test_versions_are_those_the_cluster_serves() -> None:
    desired = wish(replicas=2, cpu=1, options={"autoscale": {"max": 5, "cpu": 70}})
    old = {item["kind"]: item["apiVersion"] for item in made(desired, served=OLD)}
    new = {item["kind"]: item["apiVersion"] for item in made(desired)}
    assert old["PodDisruptionBudget"] == "policy/v1beta1"
    assert old["HorizontalPodAutoscaler"].startswith("autoscaling/v")
    assert new["PodDisruptionBudget"] == "policy/v1"
    assert new["HorizontalPodAutoscaler"] == "autoscaling/v2"


def test_what_scales_by_load_is_not_told_how_many_there_are() -> None:
    desired = wish(replicas=2, cpu=1, options={"autoscale": {"max": 5, "cpu": 70}})
    assert "replicas" not in made(desired).primary["spec"]
    spec = one(desired, "HorizontalPodAutoscaler")["spec"]
    assert (spec["minReplicas"], spec["maxReplicas"]) == (2, 5)
    assert spec["metrics"][0]["resource"]["target"]["averageUtilization"] == 70


def test_the_oldest_way_to_scale_by_load_knows_nothing_but_cpu() -> None:
    oldest = Served(
        (
            *wishes.PLAIN,
            Api("autoscaling", "v1", "HorizontalPodAutoscaler", "horizontalpodautoscalers"),
        )
    )
    desired = wish(cpu=1, options={"autoscale": {"max": 5, "cpu": 70}})
    spec = one(desired, "HorizontalPodAutoscaler", served=oldest)["spec"]
    assert spec["targetCPUUtilizationPercentage"] == 70
    assert "metrics" not in spec


def test_several_of_one_are_spread_and_never_all_gone_at_once() -> None:
    spec = made(wish(replicas=3)).primary["spec"]
    assert spec["replicas"] == 3
    assert {s["topologyKey"] for s in spec["template"]["spec"]["topologySpreadConstraints"]} == {
        "topology.kubernetes.io/zone",
        "kubernetes.io/hostname",
    }
    assert one(wish(replicas=3), "PodDisruptionBudget")["spec"]["maxUnavailable"] == 1
    assert by_kind(wish(), "PodDisruptionBudget") == []


def test_new_pods_come_first_unless_both_would_write_a_volume() -> None:
    mount = {"volume": "files", "path": "/f"}
    assert made(wish()).primary["spec"]["strategy"]["type"] == "RollingUpdate"
    assert made(wish(mounts=[mount])).primary["spec"]["strategy"] == {"type": "Recreate"}
    read = made(wish(mounts=[mount | {"read_only": True}])).primary["spec"]
    assert read["strategy"]["type"] == "RollingUpdate"


def test_a_set_s_host_name_is_one_that_others_find() -> None:
    found = made(wish("queue", address="kafka", ports=[9092]))
    assert found.primary["spec"]["serviceName"] == "kafka-0"
    services = {
        item["metadata"]["name"]: item["spec"] for item in found if item["kind"] == "Service"
    }
    assert set(services) == {"kafka", "kafka-0"}
    assert services["kafka-0"]["clusterIP"] == "None"
    assert services["kafka-0"]["publishNotReadyAddresses"] is True


def test_a_service_without_ports_is_found_all_the_same() -> None:
    spec = one(wish(ports=[]), "Service")["spec"]
    assert spec["clusterIP"] == "None"
    assert "ports" not in spec


def test_what_tells_its_host_s_name_has_one_that_is_found() -> None:
    assert pod(wish(command=("run", "--host $(hostname)")))["hostname"] == "web-1"
    assert "hostname" not in pod(wish())


# ── the container ────────────────────────────────────────────────────────────────────────────────


def test_limits_are_what_is_asked_for_and_asked_for_they_are() -> None:
    resources = container(wish(cpu=0.5, memory="512MiB"))["resources"]
    assert resources["limits"] == {"cpu": "500m", "memory": str(512 * 2**20)}
    assert resources["requests"] == resources["limits"]
    assert "resources" not in container(wish())


def test_a_gpu_is_asked_for_by_its_maker_s_name() -> None:
    resources = container(wish(resource={"specs": {"gpu": 2}}))["resources"]
    assert resources["limits"] == {"nvidia.com/gpu": "2"}


def test_kubernetes_replaces_no_reference_in_what_is_the_program_s_own() -> None:
    inner = container(wish(command=("echo $(date) $$ $x",), env={"A": "$(B)", "C": "$x"}))
    assert inner["args"] == ["echo $$(date) $$$$ $$x"]
    assert inner["env"] == [{"name": "A", "value": "$$(B)"}, {"name": "C", "value": "$x"}]


def test_an_operating_system_alone_waits() -> None:
    assert container(wish(image="debian-12"))["args"] == ["sleep", "infinity"]
    assert "args" not in container(wish(image="nginx:1.27"))


def test_health_is_asked_to_start_to_serve_and_to_go_on() -> None:
    health = {"kind": "http", "port": 80, "path": "/ok", "interval": 2, "start_period": 60}
    inner = container(wish(health=health))
    assert inner["startupProbe"]["httpGet"] == {"path": "/ok", "port": 80, "scheme": "HTTP"}
    assert inner["startupProbe"]["failureThreshold"] * inner["startupProbe"]["periodSeconds"] == 60
    ready, alive = inner["readinessProbe"], inner["livenessProbe"]
    waits = [probe["failureThreshold"] * probe["periodSeconds"] for probe in (ready, alive)]
    assert waits[0] < waits[1]


def test_a_proxy_is_not_started_again_because_nothing_is_behind_it() -> None:
    inner = container(wish("load_balancer", health={"kind": "http", "port": 80}))
    assert "httpGet" in inner["readinessProbe"]
    assert inner["livenessProbe"]["tcpSocket"] == {"port": 80}
    assert "httpGet" in container(wish(health={"kind": "http", "port": 80}))["livenessProbe"]


@pytest.mark.parametrize("health", [None, {"kind": "tcp"}, {"kind": "command"}])
def test_what_can_t_be_asked_is_not(health: dict[str, Any] | None) -> None:
    assert "readinessProbe" not in container(wish(health=health))


def test_a_changed_file_rolls_the_pods_over() -> None:
    def annotations(content: str) -> Any:
        desired = wish(files=({"path": "/a", "content": content},))
        return made(desired).primary["spec"]["template"]["metadata"]["annotations"]

    assert annotations("one") != annotations("two")


def test_files_are_mounted_one_by_one_with_their_modes() -> None:
    files = ({"path": "/etc/a.conf", "content": "x", "mode": 0o600},)
    found = pod(wish(files=files))
    (mount,) = found["containers"][0]["volumeMounts"]
    (volume,) = found["volumes"]
    assert mount["mountPath"] == "/etc/a.conf"
    assert volume["configMap"]["items"] == [
        {"key": mount["subPath"], "path": mount["subPath"], "mode": 0o600}
    ]
    assert one(wish(files=files), "ConfigMap")["data"] == {mount["subPath"]: "x"}


# ── security ─────────────────────────────────────────────────────────────────────────────────────


def test_it_runs_as_the_user_of_its_software_with_its_directories_to_write() -> None:
    found = pod(wish("database", user=999, writable=("/var/cache/x",)))
    assert found["securityContext"]["runAsUser"] == 999
    assert found["securityContext"]["fsGroup"] == 999
    (volume,) = found["volumes"]
    assert volume["emptyDir"] == {}
    assert found["containers"][0]["volumeMounts"][0]["mountPath"] == "/var/cache/x"


def test_a_volume_at_a_directory_to_write_takes_its_place() -> None:
    mounts = ({"volume": "files", "path": "/var/run/"},)
    found = pod(wish(mounts=mounts, writable=("/var/cache", "/var/run")))
    paths = [mount["mountPath"] for mount in found["containers"][0]["volumeMounts"]]
    assert paths == ["/var/run/", "/var/cache"]
    assert len(found["volumes"]) == 2


@pytest.mark.parametrize(
    ("fields", "served", "user"),
    [
        ({"user": 101}, None, 101),
        ({"user": None}, None, 1000),
        ({"user": 0}, None, None),
        ({"user": 101, "options": {"user": 7}}, None, 7),
        ({"user": 101, "options": {"user": "image"}}, None, None),
        ({"user": 101, "options": {"pod_security": "baseline"}}, None, None),
        ({"user": 101, "ports": [80]}, None, 101),
        ({"user": 101, "ports": [80]}, OLD, 0),
        ({"user": 101, "ports": [8080]}, OLD, 101),
    ],
)
def test_who_it_runs_as(fields: dict[str, Any], served: Served | None, user: int | None) -> None:
    more = {"served": served} if served else {}
    assert pod(wish(**fields), **more)["securityContext"].get("runAsUser") == user


def test_a_low_port_takes_no_root_where_the_cluster_can_say_so() -> None:
    desired = wish(ports=[80])
    assert pod(desired)["securityContext"]["sysctls"] == [
        {"name": "net.ipv4.ip_unprivileged_port_start", "value": "0"}
    ]
    assert "sysctls" not in pod(desired, served=OLD)["securityContext"]
    assert "sysctls" not in pod(wish(ports=[8080]))["securityContext"]


def test_what_is_privileged_is_held_to_nothing() -> None:
    found = pod(wish(options={"pod_security": "privileged"}))
    assert "securityContext" not in found["containers"][0]
    assert "securityContext" not in found


def test_no_pod_may_ask_the_cluster_s_own_api() -> None:
    assert pod(wish())["automountServiceAccountToken"] is False


def test_a_namespace_holds_its_pods_to_a_level() -> None:
    found = namespace(STACK, SETTINGS, level="baseline")["metadata"]
    assert found["name"] == "shop"
    assert found["labels"]["pod-security.kubernetes.io/enforce"] == "baseline"
    assert found["labels"]["pod-security.kubernetes.io/warn"] == "restricted"


# ── reach ────────────────────────────────────────────────────────────────────────────────────────


def test_what_is_public_has_a_service_for_each_protocol() -> None:
    found = by_kind(wish(ports=["8080:80", "53/udp"], public=True), "Service")
    public = {item["metadata"]["name"]: item["spec"] for item in found[1:]}
    assert set(public) == {"web-1--public", "web-1--public-udp"}
    assert public["web-1--public"]["type"] == "LoadBalancer"
    (port,) = public["web-1--public"]["ports"]
    assert (port["port"], port["targetPort"], port["protocol"]) == (8080, 80, "TCP")


def test_what_is_not_public_has_none() -> None:
    assert len(by_kind(wish(ports=[80]), "Service")) == 1


def test_a_node_s_port_is_kept_where_it_is_one() -> None:
    settings = KubernetesSettings(public_service="NodePort")
    found = by_kind(wish(ports=["30080:80", "8080:81"]), "Service", settings=settings)[1]["spec"]
    assert found["type"] == "NodePort"
    assert [port.get("nodePort") for port in found["ports"]] == [30080, None]


def test_an_ingress_is_the_door_of_http_and_the_rest_stays_published() -> None:
    settings = KubernetesSettings(ingress_class="nginx")
    desired = wish(ports=[80, 9000], public=True, options={"host": "shop.example"})
    rule = one(desired, "Ingress", settings=settings)["spec"]["rules"][0]
    assert rule["host"] == "shop.example"
    assert rule["http"]["paths"][0]["backend"]["service"] == {
        "name": "web-1",
        "port": {"number": 80},
    }
    services = by_kind(desired, "Service", settings=settings)
    assert [p["port"] for p in services[1]["spec"]["ports"]] == [9000]
    assert by_kind(wish("database", ports=[5432], public=True), "Ingress", settings=settings) == []


def test_a_gateway_that_is_named_is_used_where_the_cluster_has_such() -> None:
    desired = wish(ports=[80], public=True, options={"gateway": "edge/main", "host": "a.example"})
    spec = one(desired, "HTTPRoute", served=EVERYTHING)["spec"]
    assert spec["parentRefs"] == [{"name": "main", "namespace": "edge"}]
    assert spec["hostnames"] == ["a.example"]
    assert len(by_kind(desired, "Service", served=EVERYTHING)) == 1
    assert by_kind(desired, "HTTPRoute") == []
    assert len(by_kind(desired, "Service")) == 2


def test_a_network_lets_its_members_in_and_nobody_else() -> None:
    spec = made(wishes.network("lan")).primary["spec"]
    labels = made(wish(networks=["lan"])).primary["spec"]["template"]["metadata"]["labels"]
    assert spec["podSelector"]["matchLabels"].items() <= labels.items()
    ((peer,),) = (rule["from"] for rule in spec["ingress"])
    (expression,) = peer["podSelector"]["matchExpressions"]
    assert expression["key"] in labels
    others = made(wish(networks=["dmz"])).primary["spec"]["template"]["metadata"]["labels"]
    assert expression["key"] not in others


def test_who_is_reached_from_outside_is_let_in_at_these_ports() -> None:
    (policy,) = by_kind(wish(ports=["8080:80", 9000], networks=["lan"]), "NetworkPolicy")
    assert policy["spec"]["ingress"] == [{"ports": [{"protocol": "TCP", "port": 80}]}]
    assert by_kind(wish(ports=[80], networks=["lan"]), "NetworkPolicy") == []
    assert by_kind(wish(ports=["8080:80"]), "NetworkPolicy") == []


def test_rules_of_its_own_take_the_place_of_what_its_networks_allow() -> None:
    rules = [{"source": "web", "ports": [5432]}]
    desired = wish("database", networks=["lan"], rules=rules, ports=[5432])
    lan = made(wishes.network("lan")).primary["spec"]["podSelector"]["matchLabels"]
    labels = made(desired).primary["spec"]["template"]["metadata"]["labels"]
    assert not lan.items() <= labels.items()
    (policy,) = by_kind(desired, "NetworkPolicy")
    assert policy["metadata"]["name"] == "web-1--rules"


# ── load balancers, volumes, operators, machines ─────────────────────────────────────────────────


def test_one_backend_and_no_software_is_kubernetes_own_service() -> None:
    desired = wish(
        "load_balancer", ports=[80, 443], public=True, backends=[{"address": "web", "port": 8080}]
    )
    found = made(desired)
    assert found.primary["kind"] == "Service"
    assert found.primary["spec"]["selector"] == marker.selector_of(STACK, "web")
    assert {p["targetPort"] for p in found.primary["spec"]["ports"]} == {8080}
    kinds = [item["kind"] for item in found.after]
    assert kinds == ["Service", "NetworkPolicy"]


def test_a_load_balancer_opens_no_backend_that_has_rules_of_its_own() -> None:
    balancer = wish(
        "load_balancer", ports=[80], public=True, backends=[{"address": "web", "port": 80}]
    )
    (policy,) = by_kind(balancer, "NetworkPolicy")
    (expression,) = policy["spec"]["podSelector"]["matchExpressions"]
    assert expression["operator"] == "DoesNotExist"

    def labels(**more: Any) -> Any:
        web = made(wish(address="web", ports=[80], **more)).primary
        return web["spec"]["template"]["metadata"]["labels"]

    assert expression["key"] in labels(rules=[{"source": "api"}])
    assert expression["key"] not in labels()


@pytest.mark.parametrize(
    ("resource", "backends"),
    [({"engine": "haproxy"}, 1), ({"image": "haproxy:3.0"}, 1), ({}, 2), ({}, 0)],
)
def test_a_proxy_is_one_where_it_is_asked_for_or_needed(
    resource: dict[str, Any], backends: int
) -> None:
    some = [{"address": f"web-{at}", "port": 80} for at in range(backends)]
    desired = wish("load_balancer", resource=resource, backends=some, ports=[80])
    assert made(desired).primary["kind"] == "Deployment"


def test_a_volume_is_a_claim_of_its_size_and_class() -> None:
    settings = KubernetesSettings(storage_class="fast")
    spec = made(wishes.volume(disk="20GB"), settings=settings).primary["spec"]
    assert spec["resources"]["requests"]["storage"] == "20000000000"
    assert spec["storageClassName"] == "fast"
    own = wishes.volume(options={"storage_class": "slow", "access_mode": "ReadWriteMany"})
    spec = made(own, settings=settings).primary["spec"]
    assert spec["storageClassName"] == "slow"
    assert spec["accessModes"] == ["ReadWriteMany"]
    assert "storageClassName" not in made(wishes.volume()).primary["spec"]


def postgres(**more: Any) -> DesiredResource:
    given: dict[str, Any] = {
        "address": "db",
        "software": "postgresql",
        "image": "postgres:16",
        "env": {"POSTGRES_USER": "alma", "POSTGRES_DB": "app"},
        "ports": [5432],
        "options": {"operator": "cloudnative-pg"},
    }
    return wish("database", **(given | more))


def test_an_operator_runs_a_database_where_it_is_asked_for_and_there() -> None:
    found = made(postgres(cpu=1, disk="5GB"), served=EVERYTHING)
    assert found.primary["apiVersion"] == "postgresql.cnpg.io/v1"
    assert found.primary["kind"] == "Cluster"
    spec = found.primary["spec"]
    assert spec["bootstrap"]["initdb"]["owner"] == "alma"
    assert spec["storage"]["size"] == "5000000000"
    (secret,) = found.before
    assert secret["type"] == "kubernetes.io/basic-auth"
    assert set(secret["data"]) == {"username", "password"}
    assert made(postgres()).primary["kind"] == "StatefulSet"
    assert made(postgres(options={}), served=EVERYTHING).primary["kind"] == "StatefulSet"


def test_a_redis_operator_makes_the_service_of_its_name_itself() -> None:
    desired = wish(
        "cache", software="redis", image="redis:7", ports=[6379], options={"operator": "redis"}
    )
    found = made(desired, served=EVERYTHING)
    assert (found.primary["kind"], found.primary["apiVersion"]) == (
        "Redis",
        "redis.redis.opstreelabs.in/v1beta2",
    )
    assert [item["kind"] for item in found] == ["Secret", "Redis"]


@pytest.mark.parametrize(
    ("type_", "software", "operator", "where"),
    [
        ("database", "postgresql", "cloudnative-pg", ("affinity",)),
        ("cache", "redis", "redis", ()),
    ],
)
def test_what_an_operator_runs_runs_on_the_nodes_that_are_named_with_the_logins_that_are_set(
    type_: str, software: str, operator: str, where: tuple[str, ...]
) -> None:
    desired = wish(
        type_,
        software=software,
        options={"operator": operator, "node_selector": {"disk": "ssd"}},
    )
    settings = KubernetesSettings(image_pull_secrets=("registry",))
    spec = made(desired, served=EVERYTHING, settings=settings).primary["spec"]
    assert spec.get("kubernetesConfig", spec)["imagePullSecrets"] == [{"name": "registry"}]
    for step in where:
        spec = spec[step]
    assert spec["nodeSelector"] == {"disk": "ssd"}


def test_a_machine_takes_kubevirt() -> None:
    desired = wish("vm", resource={"image": "ubuntu-22.04"}, cpu=1.5, memory="2GiB")
    whole = made(desired, served=EVERYTHING).primary["spec"]
    assert whole["runStrategy"] == "Always"
    assert "running" not in whole, "KubeVirt takes one of the two, and this one goes"
    spec = whole["template"]["spec"]
    assert spec["domain"]["cpu"] == {"cores": 2}
    assert spec["volumes"][0]["containerDisk"]["image"] == "quay.io/containerdisks/ubuntu:22.04"
    with pytest.raises(MissingKind):
        made(desired)


@patient
@given(wishes.wishes((ResourceType.VM,)))
def test_a_machine_s_disks_have_their_volumes(desired: DesiredResource) -> None:
    spec = made(desired, served=EVERYTHING).primary["spec"]["template"]["spec"]
    disks = [disk["name"] for disk in spec["domain"]["devices"]["disks"]]
    assert disks == [volume["name"] for volume in spec["volumes"]]
