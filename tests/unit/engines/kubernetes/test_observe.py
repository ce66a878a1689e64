"""What is read of the objects that were made is what was asked for, and every change behind ALMA's back shows."""

from __future__ import annotations

import base64
import copy
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given

from alma.core.model.base import Json
from alma.core.model.blueprint import FirewallRule, ResourceType
from alma.core.model.plan import Effect
from alma.core.model.state import DesiredResource, ObservedResource, Status, differing
from alma.core.model.units import Port
from alma.engines.kubernetes import shape
from alma.engines.kubernetes.discovery import Served
from alma.engines.kubernetes.observe import observed
from alma.engines.kubernetes.settings import KubernetesSettings
from tests.unit.engines.kubernetes import wishes
from tests.unit.engines.kubernetes.wishes import (
    EVERYTHING,
    OLD,
    SERVED,
    SETTINGS,
    STACK,
    made,
    patient,
    wish,
)

Objects = list[dict[str, Any]]


def seen(
    desired: DesiredResource,
    *,
    change: Callable[[Objects], object] = lambda _: None,
    served: Served = SERVED,
    settings: KubernetesSettings = SETTINGS,
    pods: Objects | None = None,
    now: Served | None = None,
) -> ObservedResource:
    """How a resource is seen when all of it was made, after a change that somebody else made."""
    objects = [copy.deepcopy(item) for item in made(desired, served=served, settings=settings)]
    change(objects)
    (found,) = observed(STACK, objects, pods or [], served=now or served)
    return found


def changed(
    desired: DesiredResource, change: Callable[[Objects], object], **more: Any
) -> list[str]:
    """The paths at which that change shows."""
    settings = more.get("settings", SETTINGS)
    wanted = shape.shape_of(desired, settings)
    return differing(wanted, seen(desired, change=change, **more).properties)


def of_kind(objects: Objects, kind: str) -> dict[str, Any]:
    return next(item for item in objects if item["kind"] == kind)


def container(objects: Objects) -> Any:
    workload = next(item for item in objects if "template" in item.get("spec", {}))
    return workload["spec"]["template"]["spec"]["containers"][0]


# ── nothing shows ────────────────────────────────────────────────────────────────────────────────


@patient
@given(wishes.wishes())
@pytest.mark.parametrize("served", [SERVED, OLD], ids=["now", "1.20"])
def test_what_was_made_is_read_as_it_was_asked_for(
    served: Served, desired: DesiredResource
) -> None:
    assert changed(desired, lambda _: None, served=served) == []


@patient
@given(wishes.wishes((ResourceType.VM, ResourceType.SERVICE, ResourceType.LOAD_BALANCER)))
def test_it_is_so_behind_an_ingress_and_of_machines(desired: DesiredResource) -> None:
    settings = KubernetesSettings(ingress_class="nginx", public_service="NodePort")
    assert changed(desired, lambda _: None, served=EVERYTHING, settings=settings) == []


@pytest.mark.parametrize(
    "desired",
    [
        wishes.volume(disk="20GB", resource={"labels": {"tier": "data"}}),
        wishes.volume(options={"storage_class": "slow", "access_mode": "ReadWriteMany"}),
        wishes.network(resource={"labels": {"tier": "x"}, "cidr": "10.0.0.0/24"}),
        wish("load_balancer", ports=[80], public=True, backends=[{"address": "web", "port": 8080}]),
        wish("database", software="postgresql", options={"operator": "cloudnative-pg"}, cpu=1),
        wish("cache", software="redis", options={"operator": "redis"}, networks=["lan"]),
        wish(rules=[{"source": "web", "ports": [80]}], networks=["lan"]),
        wish(ports=[80], public=True, options={"gateway": "edge/main", "host": "a.example"}),
    ],
    ids=["volume", "shared", "network", "plain", "postgres", "redis", "guarded", "routed"],
)
def test_so_it_is_of_everything_else(desired: DesiredResource) -> None:
    assert changed(desired, lambda _: None, served=EVERYTHING) == []


def test_what_the_server_writes_in_its_own_way_is_no_change() -> None:
    def defaults(objects: Objects) -> None:
        inner = container(objects)
        inner["resources"] = {"limits": {"cpu": "1500m", "memory": "1Gi"}, "requests": {}}
        inner["imagePullPolicy"] = "IfNotPresent"
        inner["terminationMessagePath"] = "/dev/termination-log"
        of_kind(objects, "Service")["spec"] |= {"clusterIP": "10.96.0.9", "sessionAffinity": "None"}

    assert changed(wish(cpu=1.5, memory="1GiB", ports=[80]), defaults) == []


def test_what_others_put_beside_it_is_no_change() -> None:
    def injected(objects: Objects) -> None:
        spec = objects[-2]["spec"]["template"]["spec"] if "spec" in objects[-2] else {}
        spec["containers"].insert(0, {"name": "sidecar", "image": "proxy"})
        objects[-2]["metadata"]["labels"]["argocd.argoproj.io/instance"] = "x"

    assert changed(wish(ports=[80]), injected) == []


# ── made otherwise, as the cluster lacks something ───────────────────────────────────────────────

_LESS = Served([*wishes.PLAIN])
_BY_NAME = KubernetesSettings(ingress_class="nginx")
_OTHERWISE = [
    pytest.param(wish(ports=[80]), "options.pod_security", id="a low port"),
    pytest.param(
        wish(
            "database",
            software="postgresql",
            command=("postgres",),
            env={"POSTGRES_DB": "shop"},
            mounts=[{"volume": "db-data", "path": "/d"}],
            options={"operator": "cloudnative-pg"},
        ),
        "kind",
        id="an operator",
    ),
    pytest.param(
        wish(ports=[8080], public=True, options={"gateway": "edge/main", "host": "a.example"}),
        "options.gateway",
        id="a gateway",
    ),
]


@pytest.mark.parametrize(("desired", "path"), _OTHERWISE)
def test_what_a_cluster_made_otherwise_is_read_as_it_was_asked_for(
    desired: DesiredResource, path: str
) -> None:
    """So a plan is the same whether or not the cluster was looked at before."""
    settings = KubernetesSettings()
    made = shape.made_of(desired, settings, _LESS)
    assert path in differing(made, shape.shape_of(desired, settings))
    assert changed(desired, lambda _: None, served=_LESS, settings=settings) == []
    assert changed(desired, lambda _: None, served=EVERYTHING, settings=settings) == []


@pytest.mark.parametrize(("desired", "path"), _OTHERWISE)
def test_it_shows_as_soon_as_the_cluster_has_what_it_lacked(
    desired: DesiredResource, path: str
) -> None:
    assert path in changed(desired, lambda _: None, served=_LESS, now=EVERYTHING)


def test_an_ingress_that_there_is_none_of_is_read_as_asked_for_too() -> None:
    desired = wish(ports=[8080], public=True, options={"host": "a.example"})
    none = Served([api for api in wishes.PLAIN if api.kind != "Ingress"])
    assert changed(desired, lambda _: None, served=none, settings=_BY_NAME) == []
    assert changed(desired, lambda _: None, served=none, settings=_BY_NAME, now=OLD) == [
        "options.host"
    ]


def test_what_somebody_changes_of_what_was_made_otherwise_shows() -> None:
    open_ = put({}, "securityContext")
    assert changed(wish(ports=[80]), open_, served=OLD) == ["options.pod_security"]
    old = wish("database", software="postgresql", options={"operator": "cloudnative-pg"})
    assert changed(old, put("postgres:9", "image"), served=OLD) == ["image"]


def test_what_is_asked_of_an_operator_is_a_property_wherever_it_runs() -> None:
    """Or a cluster without the operator would never learn of a new image."""
    desired = wish("database", software="postgresql", options={"operator": "cloudnative-pg"})
    newer = desired.model_copy(update={"image": "postgres:18"})
    asked = shape.shape_of(newer, SETTINGS)
    for served in (OLD, EVERYTHING):
        assert differing(asked, seen(desired, served=served).properties) == ["image"]


# ── what shows ───────────────────────────────────────────────────────────────────────────────────

_WEB = wish(
    image="nginx:1.27",
    command=("nginx", "-g", "x"),
    cpu=1,
    memory="512MB",
    env={"MODE": "live", "TOKEN": {"secret": "db.password"}},
    ports=["8080:80"],
    files=({"path": "/a", "content": "x"}, {"path": "/b", "secret": "web-1.key"}),
    mounts=({"volume": "files", "path": "/f", "read_only": True},),
    networks=("lan",),
    public=True,
    replicas=3,
    resource={"labels": {"tier": "front"}},
    rules=[{"source": "web"}],
)


def put(value: Any, *path: str | int) -> Callable[[Objects], None]:
    """Sets a value inside of the container."""

    def change(objects: Objects) -> None:
        at = container(objects)
        for part in path[:-1]:
            at = at[part]
        at[path[-1]] = value

    return change


def drop(kind: str, name: str = "") -> Callable[[Objects], None]:
    """Removes an object."""

    def change(objects: Objects) -> None:
        objects[:] = [
            item
            for item in objects
            if item["kind"] != kind or (name and item["metadata"]["name"] != name)
        ]

    return change


def edit(kind: str, alter: Callable[[dict[str, Any]], object]) -> Callable[[Objects], object]:
    """Alters the first object of a kind."""
    return lambda objects: alter(of_kind(objects, kind))


def template(alter: Callable[[dict[str, Any]], object]) -> Callable[[Objects], object]:
    """Alters the pods' template."""
    return edit("Deployment", lambda item: alter(item["spec"]["template"]))


@pytest.mark.parametrize(
    ("change", "paths"),
    [
        (put("nginx:2", "image"), ["image"]),
        (put(["nginx"], "args"), ["command"]),
        (put("2", "resources", "limits", "cpu"), ["specs.cpu"]),
        (put("1Gi", "resources", "limits", "memory"), ["specs.memory"]),
        (put({}, "resources"), ["specs.cpu", "specs.memory"]),
        (put("test", "env", 0, "value"), ["env.MODE"]),
        (put([], "env"), ["env.MODE", "env.TOKEN"]),
        (put({"name": "TOKEN", "value": "mine"}, "env", 1), ["env.TOKEN"]),
        (put("/elsewhere", "volumeMounts", 0, "mountPath"), ["mounts"]),
        (put(False, "volumeMounts", 0, "readOnly"), ["mounts"]),
        (put([], "volumeMounts"), ["files./a", "files./b", "mounts"]),
        (put({"allowPrivilegeEscalation": False}, "securityContext"), ["options.pod_security"]),
        (put({}, "securityContext"), ["options.pod_security"]),
        (edit("Deployment", lambda item: item["spec"].update(replicas=1)), ["count"]),
        (
            edit("Deployment", lambda item: item["metadata"]["labels"].update(tier="x")),
            ["labels.tier"],
        ),
        (edit("Deployment", lambda item: item["metadata"]["labels"].pop("tier")), ["labels.tier"]),
        (
            template(lambda item: item["metadata"]["labels"].pop("network.alma.dev/lan")),
            ["networks"],
        ),
        (
            template(
                lambda item: item["spec"]["volumes"][0]["persistentVolumeClaim"].update(
                    claimName="x"
                )
            ),
            ["mounts"],
        ),
        (
            edit("ConfigMap", lambda item: item["data"].update(dict.fromkeys(item["data"], "y"))),
            ["files./a"],
        ),
        (drop("ConfigMap"), ["files./a"]),
        (drop("Secret"), ["env.TOKEN", "files./b"]),
        (edit("Secret", lambda item: item.update(data={})), ["env.TOKEN", "files./b"]),
        (drop("Service", "web-1"), ["ports"]),
        (drop("Service", "web-1--public"), ["ports", "public"]),
        (drop("Service"), ["ports", "public"]),
        (drop("NetworkPolicy"), ["rules"]),
    ],
)
def test_a_change_behind_alma_s_back_shows(
    change: Callable[[Objects], object], paths: list[str]
) -> None:
    assert changed(_WEB, change) == paths


def test_a_file_of_another_mode_shows() -> None:
    def change(objects: Objects) -> None:
        volumes = of_kind(objects, "Deployment")["spec"]["template"]["spec"]["volumes"]
        config = next(volume["configMap"] for volume in volumes if "configMap" in volume)
        config["items"][0]["mode"] = 0o777

    assert changed(_WEB, change) == ["files./a"]


def test_a_claim_that_somebody_let_grow_shows() -> None:
    def grown(objects: Objects) -> None:
        objects[0]["spec"]["resources"]["requests"]["storage"] = "30G"

    assert changed(wishes.volume(disk="20GB"), grown) == ["specs.disk"]


def test_another_scale_by_load_shows() -> None:
    desired = wish(cpu=1, options={"autoscale": {"max": 5}})
    more = edit("HorizontalPodAutoscaler", lambda item: item["spec"].update(maxReplicas=9))
    assert changed(desired, more) == ["options.autoscale"]
    assert changed(desired, drop("HorizontalPodAutoscaler")) == ["options.autoscale"]
    by_load = edit("Deployment", lambda item: item["spec"].update(replicas=4))
    assert changed(desired, by_load) == []


@pytest.mark.parametrize("type_", ["service", "database"])
@pytest.mark.parametrize(("count", "paths"), [(3, ["count"]), (1, []), (0, [])])
def test_what_is_one_and_was_scaled_by_hand_shows(type_: str, count: int, paths: list[str]) -> None:
    kind = "StatefulSet" if type_ == "database" else "Deployment"
    scaled = edit(kind, lambda item: item["spec"].update(replicas=count))
    assert changed(wish(type_, image="some:1", cpu=1), scaled) == paths


def test_a_service_that_chooses_other_pods_shows() -> None:
    desired = wish("load_balancer", ports=[80], backends=[{"address": "web", "port": 8080}])

    def stolen(objects: Objects) -> None:
        objects[0]["spec"]["selector"]["alma.dev/address"] = "other"

    assert changed(desired, stolen) == ["backends"]


# ── probes and policies ──────────────────────────────────────────────────────────────────────────

_ASKED = wish(
    ports=["8080:80"],
    networks=("lan",),
    health={"kind": "http", "port": 80, "path": "/ok", "interval": 2, "start_period": 10},
)
_RULED = _ASKED.model_copy(update={"rules": (FirewallRule(source="lan", ports=(Port("80"),)),)})


def let_in(objects: Objects) -> None:
    """Everybody, and not on one port only."""
    for item in objects:
        if item["kind"] == "NetworkPolicy":
            item["spec"]["ingress"] = [{}]


def sent_out(objects: Objects) -> None:
    """What ALMA says nothing about: where pods may go."""
    of_kind(objects, "NetworkPolicy")["spec"]["egress"] = [{}]


def test_health_is_told_as_it_is_asked() -> None:
    assert shape.shape_of(_ASKED, SETTINGS)["health"] == [
        "started: http 80 /ok, every 2 s, 5 s each, 5 times",
        "ready: http 80 /ok, every 2 s, 5 s each, 3 times",
        "alive: http 80 /ok, every 10 s, 5 s each, 6 times",
    ]


@pytest.mark.parametrize(
    "change",
    [
        lambda objects: container(objects).pop("readinessProbe"),
        lambda objects: container(objects).pop("livenessProbe"),
        put({"path": "/", "port": 80, "scheme": "HTTP"}, "readinessProbe", "httpGet"),
        put("HTTPS", "readinessProbe", "httpGet", "scheme"),
        put({"command": ["true"]}, "livenessProbe", "exec"),
        put(500, "livenessProbe", "failureThreshold"),
        put(5, "readinessProbe", "successThreshold"),
    ],
    ids=["not ready", "not alive", "path", "scheme", "way", "patience", "luck"],
)
def test_a_probe_that_somebody_took_away_or_changed_shows(
    change: Callable[[Objects], object],
) -> None:
    assert changed(_ASKED, change) == ["health"]


def test_what_the_server_adds_to_a_probe_is_no_change() -> None:
    def defaults(objects: Objects) -> None:
        inner = container(objects)
        inner["readinessProbe"]["terminationGracePeriodSeconds"] = 30

    assert changed(_ASKED, defaults) == []


@pytest.mark.parametrize(
    ("desired", "paths"),
    [
        (_ASKED, ["reach"]),
        (_RULED, ["rules"]),
        (wishes.network(), ["reach"]),
        (
            wish(
                "load_balancer",
                ports=[80],
                public=True,
                backends=[{"address": "web", "port": 8080}],
            ),
            ["reach"],
        ),
    ],
    ids=["published", "ruled", "network", "balanced"],
)
def test_a_policy_that_somebody_opened_shows(desired: DesiredResource, paths: list[str]) -> None:
    assert changed(desired, let_in) == paths
    assert changed(desired, sent_out) == []
    found = seen(desired, change=let_in).properties[paths[0]]
    assert "ingress: [{}]" in str(found)


def test_a_policy_that_holds_for_other_pods_or_is_gone_shows() -> None:
    aside = edit("NetworkPolicy", lambda item: item["spec"].update(podSelector={"a": "b"}))
    assert changed(wishes.network(), aside) == ["reach"]
    assert changed(_ASKED, drop("NetworkPolicy")) == ["reach"]


def test_a_health_check_or_a_way_in_that_changes_is_a_change_in_place() -> None:
    assert shape.effect_of(_ASKED, "health") is Effect.IN_PLACE
    assert shape.effect_of(_ASKED, "reach") is Effect.IN_PLACE
    assert shape.effect_of(wishes.network(), "reach") is Effect.IN_PLACE
    assert shape.effect_of(wish("database"), "health") is Effect.REBOOT
    assert shape.effect_of(wish("database"), "reach") is Effect.IN_PLACE


# ── what is there ────────────────────────────────────────────────────────────────────────────────


def test_an_address_is_read_with_its_marker() -> None:
    desired = wish("database", depends_on=("lan", "files"), retain=True)
    found = seen(desired, change=lambda objects: objects[0]["metadata"].update(uid="u-1"))
    assert (found.address, found.type, found.key) == ("web-1", "database", "k-1")
    assert found.object_id == "StatefulSet/shop/web-1/u-1"
    assert found.depends_on == ("lan", "files")
    assert found.retain


def test_what_carries_no_marker_or_another_stack_s_is_not_seen() -> None:
    objects = [copy.deepcopy(item) for item in made(wish(ports=[80]))]
    objects[0]["metadata"]["annotations"]["alma.dev/stack"] = "another"
    del objects[1]["metadata"]["labels"]["app.kubernetes.io/managed-by"]
    assert observed(STACK, objects) == ()
    assert observed(STACK, []) == ()


def test_a_companion_without_its_primary_is_left_over_under_its_address() -> None:
    found = seen(_WEB, change=drop("Deployment"))
    assert found.address == "web-1"
    assert found.status is Status.FAILED
    left = found.properties[shape.LEFTOVERS]
    assert isinstance(left, list)
    assert {"ConfigMap web-1--files", "Secret web-1--secret", "Service web-1"} <= {*map(str, left)}
    assert set(found.properties) == {shape.LEFTOVERS}


def test_of_two_primaries_the_elder_counts_and_the_other_is_left_over() -> None:
    def doubled(objects: Objects) -> None:
        old, new = of_kind(objects, "Deployment"), copy.deepcopy(of_kind(objects, "Deployment"))
        old["metadata"]["creationTimestamp"] = "2026-01-01T00:00:00Z"
        new["metadata"] |= {"creationTimestamp": "2026-01-02T00:00:00Z", "name": "other"}
        objects.append(new)

    found = seen(wish(), change=doubled)
    assert found.name == "web-1"
    assert found.properties[shape.LEFTOVERS] == ["Deployment other"]


def test_a_label_that_kubernetes_does_not_take_is_read_from_the_marker() -> None:
    found = seen(wish(resource={"labels": {"cost centre": "a b", "tier": "x"}}))
    assert found.properties["labels.cost centre"] == "a b"
    assert found.properties["labels.tier"] == "x"


def test_no_secret_is_in_what_is_read() -> None:
    text = seen(_WEB).model_dump_json()
    assert wishes.VALUE not in text
    assert base64.b64encode(wishes.VALUE.encode()).decode() not in text
    assert seen(_WEB).properties["env.TOKEN"] == "secret:db.password"


# ── how it stands ────────────────────────────────────────────────────────────────────────────────


def pod(address: str = "web-1", **status: Any) -> dict[str, Any]:
    labels = {"alma.dev/address": address}
    return {"metadata": {"name": f"{address}-x", "labels": labels}, "status": status}


def waiting(reason: str) -> dict[str, Any]:
    return {"state": {"waiting": {"reason": reason}}, "restartCount": 2}


_READY = {"observedGeneration": 2, "readyReplicas": 1, "updatedReplicas": 1}


@pytest.mark.parametrize(
    ("status", "pods", "expected"),
    [
        (_READY, [], Status.RUNNING),
        (_READY | {"observedGeneration": 1}, [], Status.STARTING),
        (_READY | {"updatedReplicas": 0}, [], Status.STARTING),
        ({}, [], Status.STARTING),
        ({}, [pod(containerStatuses=[waiting("ContainerCreating")])], Status.STARTING),
        ({}, [pod(containerStatuses=[waiting("CrashLoopBackOff")])], Status.UNHEALTHY),
        ({}, [pod(initContainerStatuses=[waiting("ErrImagePull")])], Status.UNHEALTHY),
        ({}, [pod(containerStatuses=[{"started": True, "ready": False}])], Status.UNHEALTHY),
        ({}, [pod("other", containerStatuses=[waiting("CrashLoopBackOff")])], Status.STARTING),
    ],
)
def test_how_a_workload_stands(status: dict[str, Any], pods: Objects, expected: Status) -> None:
    def stands(objects: Objects) -> None:
        of_kind(objects, "Deployment")["metadata"]["generation"] = 2
        of_kind(objects, "Deployment")["status"] = status

    assert seen(wish(), change=stands, pods=pods).status is expected


def test_one_that_somebody_scaled_to_nothing_is_stopped() -> None:
    none = edit("Deployment", lambda item: item["spec"].update(replicas=0))
    assert seen(wish(), change=none).status is Status.STOPPED


@pytest.mark.parametrize(
    ("phase", "expected"),
    [("Bound", Status.PRESENT), ("Pending", Status.PRESENT), ("Lost", Status.FAILED)],
)
def test_how_a_claim_stands(phase: str, expected: Status) -> None:
    def stands(objects: Objects) -> None:
        objects[0]["status"] = {"phase": phase}

    assert seen(wishes.volume(), change=stands).status is expected


def test_it_is_told_where_it_is_reached() -> None:
    desired = wish(ports=["8080:80"], public=True, health={"kind": "http", "port": 80})

    def balanced(objects: Objects) -> None:
        service = next(i for i in objects if i["metadata"]["name"] == "web-1--public")
        service["status"] = {"loadBalancer": {"ingress": [{"ip": "192.0.2.7"}, {"hostname": "a"}]}}

    def on_nodes(objects: Objects) -> None:
        service = next(i for i in objects if i["metadata"]["name"] == "web-1--public")
        service["spec"]["ports"][0]["nodePort"] = 31000

    assert seen(desired, change=balanced).endpoints == ("http://192.0.2.7:8080", "http://a:8080")
    there = [pod("other", hostIP="10.0.0.9"), pod(hostIP="fd00::1")]
    assert seen(desired, change=on_nodes, pods=there).endpoints == ("http://10.0.0.9:31000",)
    assert seen(desired).endpoints == ()
    assert seen(wish(ports=[80])).endpoints == ()


def test_what_has_a_name_is_reached_by_it() -> None:
    desired = wish(ports=[80], public=True, options={"host": "shop.example"})
    settings = KubernetesSettings(ingress_class="nginx")
    assert seen(desired, settings=settings).endpoints == ("http://shop.example",)


def test_people_are_told_of_the_pods() -> None:
    there = [pod(phase="Pending", containerStatuses=[waiting("ErrImagePull")])]
    extra = seen(wish(), pods=there).extra
    pods: Json = extra["pods"]
    assert pods == [
        {
            "name": "web-1-x",
            "phase": "Pending",
            "waits": "ErrImagePull",
            "restarts": 2,
            "node": None,
        }
    ]
