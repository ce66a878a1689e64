"""What is not exactly as asked is said, what is missing is missing from the shape, and changing costs what it says."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given

from alma.core.model.blueprint import ResourceType
from alma.core.model.plan import Effect, Support, SupportLevel
from alma.core.model.state import DesiredResource
from alma.engines import base
from alma.engines.kubernetes import shape
from alma.engines.kubernetes.discovery import Served
from alma.engines.kubernetes.settings import KubernetesSettings
from tests.unit.engines.kubernetes import wishes
from tests.unit.engines.kubernetes.wishes import (
    EVERYTHING,
    OLD,
    SERVED,
    SETTINGS,
    patient,
    wish,
)


def said(
    desired: DesiredResource,
    served: Served | None = SERVED,
    settings: KubernetesSettings = SETTINGS,
) -> dict[str, Support]:
    return {note.path: note for note in shape.support_of(desired, settings, served)}


def level(desired: DesiredResource, path: str, **more: Any) -> str | None:
    note = said(desired, **more).get(path)
    return note.level.value if note else None


# ── support ──────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("type_", ["kubernetes_cluster", "firewall"])
def test_a_type_that_a_cluster_has_not_is_refused_with_the_reason(type_: str) -> None:
    (note,) = shape.support_of(wish(type_), SETTINGS, SERVED)
    assert (note.path, note.level) == ("type", SupportLevel.UNSUPPORTED)


def test_a_machine_is_refused_where_nothing_makes_machines() -> None:
    assert level(wish("vm"), "type") == "unsupported"
    assert "KubeVirt is not installed" in said(wish("vm"))["type"].reason
    assert level(wish("vm"), "type", served=EVERYTHING) == "approximated"
    assert level(wish("vm"), "type", served=None) == "approximated"


def test_a_plain_service_of_the_catalogue_is_exactly_as_asked() -> None:
    desired = wish(ports=[80], cpu=1, memory="1GB", networks=["lan"], replicas=3)
    assert said(desired) == {}


@pytest.mark.parametrize(
    ("desired", "path", "expected"),
    [
        (wish(resource={"backup": True}), "backup", "unsupported"),
        (wish(resource={"labels": {"alma.dev/x": "1"}}), "labels.alma.dev/x", "unsupported"),
        (wish(resource={"labels": {"a b": "1"}}), "labels.a b", "approximated"),
        (wish(resource={"labels": {"a": "1"}}), "labels.a", None),
        (wish(resource={"specs": {"nodes": 3}}), "specs.nodes", "unsupported"),
        (wish(resource={"specs": {"disk": "9GB"}}), "specs.disk", "approximated"),
        (
            wish(
                "database",
                resource={"specs": {"disk": "9GB"}},
                mounts=[{"volume": "db-data", "path": "/d"}],
            ),
            "specs.disk",
            None,
        ),
        (wish(address="web.api"), "name", "approximated"),
        (wish(address="Web"), "name", None),
        (
            wish(resource={"network": {"private_ip": "10.0.0.1"}}),
            "network.private_ip",
            "unsupported",
        ),
        (
            wish(resource={"network": {"public_ip": "192.0.2.1"}}),
            "network.public_ip",
            "approximated",
        ),
        (wish(public=True), "network.public_ip", "approximated"),
        (wish(ports=["8080:80"]), "network.ports", "approximated"),
        (wish(ports=[80], public=True), "network.ports", None),
        (wish(user=None), "options.kubernetes.user", "approximated"),
        (wish(user=None, options={"user": 7}), "options.kubernetes.user", None),
        (wish(user=0), "options.kubernetes.pod_security", "approximated"),
        (wish(image=None), "image", "approximated"),
        (
            wish("database", options={"autoscale": {"max": 3}}),
            "options.kubernetes.autoscale",
            "unsupported",
        ),
        (wish(options={"autoscale": {"max": 3}}), "options.kubernetes.autoscale", "unsupported"),
        (wish(cpu=1, options={"autoscale": {"max": 3}}), "options.kubernetes.autoscale", None),
        (wish(options={"disk_image": "x"}), "options.kubernetes.disk_image", "unsupported"),
        (wishes.network(resource={"cidr": "10.0.0.0/24"}), "cidr", "approximated"),
        (wishes.network(resource={"vlan": 7}), "vlan", "unsupported"),
        (wishes.volume(), "specs.disk", "approximated"),
        (wishes.volume(disk="1GB"), "specs.disk", None),
    ],
)
def test_what_is_not_as_asked_is_said_where_it_was_asked(
    desired: DesiredResource, path: str, expected: str | None
) -> None:
    assert level(desired, path) == expected


def test_a_low_port_costs_the_standard_on_an_old_cluster_and_it_is_said() -> None:
    path = "options.kubernetes.pod_security"
    assert level(wish(ports=[80]), path, served=OLD) == "approximated"
    assert level(wish(ports=[80]), path) is None
    made = shape.made_of(wish(ports=[80]), SETTINGS, OLD)
    assert made["options.pod_security"] == "baseline"
    assert shape.shape_of(wish(ports=[80]), SETTINGS)["options.pod_security"] == "restricted"


def test_ports_of_nodes_are_said_to_be_chosen_by_the_cluster() -> None:
    settings = KubernetesSettings(public_service="NodePort")
    assert (
        level(wish(ports=[80], public=True), "network.ports", settings=settings) == "approximated"
    )


def test_an_operator_is_said_to_keep_the_data_or_not_to_be_there() -> None:
    desired = wish("database", software="postgresql", options={"operator": "cloudnative-pg"})
    path = "options.kubernetes.operator"
    assert "go away with it" in said(desired, EVERYTHING)["type"].reason
    assert "no kind Cluster of postgresql.cnpg.io" in said(desired)[path].reason
    other = wish("database", software="mysql", options={"operator": "cloudnative-pg"})
    assert "runs postgresql only" in said(other, EVERYTHING)[path].reason


@pytest.mark.parametrize(
    ("asked", "path"),
    [
        ({"options": {"operator": "redis", "user": 7}}, "options.kubernetes.user"),
        (
            {"options": {"operator": "redis", "pod_security": "baseline"}},
            "options.kubernetes.pod_security",
        ),
        (
            {"options": {"operator": "redis"}, "resource": {"specs": {"gpu": 1}}},
            "specs.gpu",
        ),
    ],
)
def test_what_an_operator_decides_itself_is_said(asked: dict[str, Any], path: str) -> None:
    desired = wish("cache", software="redis", **asked)
    assert level(desired, path, served=EVERYTHING) == "unsupported"


def test_a_service_that_spreads_is_said_to_be_no_proxy() -> None:
    plain = wish("load_balancer", ports=[80], backends=[{"address": "web", "port": 80}])
    assert level(plain, "type") == "approximated"
    assert "pods of web" in said(plain)["type"].reason
    assert "type" not in said(plain.model_copy(update={"backends": ()}))


@pytest.mark.parametrize(
    ("asked", "path"),
    [
        ({"resource": {"specs": {"cpu": 1}}}, "specs.cpu"),
        ({"resource": {"specs": {"memory": "1GB"}}}, "specs.memory"),
        ({"resource": {"specs": {"gpu": 1}}}, "specs.gpu"),
        ({"resource": {"command": ["haproxy"]}}, "command"),
        ({"resource": {"env": {"MODE": "a"}}}, "env"),
        ({"resource": {"mounts": [{"volume": "files", "path": "/f"}]}}, "mounts"),
        ({"rules": [{"source": "web"}]}, "rules"),
        ({"resource": {"count": 2}}, "count"),
        ({"options": {"user": 7}}, "options.kubernetes.user"),
        ({"options": {"node_selector": {"a": "b"}}}, "options.kubernetes.node_selector"),
    ],
)
def test_what_a_service_that_spreads_has_no_use_for_is_said(
    asked: dict[str, Any], path: str
) -> None:
    backends = [{"address": "web", "port": 80}]
    plain = wish("load_balancer", ports=[80], backends=backends, **asked)
    assert level(plain, path) == "unsupported"
    assert "name its software" in said(plain)[path].reason
    proxy = plain.model_copy(
        update={"resource": plain.resource.model_copy(update={"engine": "haproxy"})}
    )
    assert "name its software" not in getattr(said(proxy).get(path), "reason", "")


def test_what_only_defaults_say_of_a_service_that_spreads_is_not_missed() -> None:
    backends = [{"address": "web", "port": 80}]
    plain = wish("load_balancer", ports=[80], backends=backends, cpu=1, memory="1GB")
    assert {*said(plain)} == {"type"}


def test_a_rule_that_can_t_be_said_exactly_is_told() -> None:
    rules = [{"action": "deny", "source": "guest"}, {"source": "any", "ports": [80]}]
    assert "'guest' is denied" in said(wish(rules=rules))["rules"].reason
    assert "rules" not in said(wish(rules=[{"source": "web", "ports": [80]}]))


# ── shape ────────────────────────────────────────────────────────────────────────────────────────


@patient
@given(wishes.wishes())
def test_a_property_that_is_missing_is_one_that_support_names(desired: DesiredResource) -> None:
    wanted = base.base_shape(desired)
    found = shape.shape_of(desired, SETTINGS)
    notes = said(desired)
    expected = {"count"} if "options.autoscale" in found else set()
    for path in wanted.keys() - found.keys() - expected:
        assert path in notes or any(path.startswith(f"{note}.") for note in notes), path


@patient
@given(wishes.wishes())
def test_a_shape_is_the_same_each_time_and_sorted(desired: DesiredResource) -> None:
    found = shape.shape_of(desired, SETTINGS)
    assert [*found] == sorted(found)
    assert found == shape.shape_of(desired, SETTINGS)


def test_no_plain_value_of_a_variable_goes_into_what_is_declared() -> None:
    desired = wish(
        env={"MODE": "live", "TOKEN": {"secret": "db.password"}},
        resource={"labels": {"tier": "front", "a b": "c"}},
    )
    declared = shape.declared_of(shape.shape_of(desired, SETTINGS))
    assert declared["env.MODE"] is None
    assert declared["env.TOKEN"] == "secret:db.password"
    assert declared["labels.tier"] is None
    assert declared["labels.a b"] == "c"


def test_how_many_there_are_is_a_property_unless_load_decides() -> None:
    assert shape.shape_of(wish(replicas=3), SETTINGS)["count"] == 3
    scaled = shape.shape_of(wish(replicas=3, options={"autoscale": {"max": 5}}), SETTINGS)
    assert "count" not in scaled
    assert scaled["options.autoscale"] == "3 to 5 at 80 % of CPU"


# ── effects ──────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("path", ["image", "env.A", "files./a", "specs.cpu", "count", "ports"])
def test_a_deployment_changes_in_place(path: str) -> None:
    assert shape.effect_of(wish(), path) is Effect.IN_PLACE


@pytest.mark.parametrize(
    ("path", "effect"),
    [("image", Effect.REBOOT), ("env.A", Effect.REBOOT), ("ports", Effect.IN_PLACE)],
)
@pytest.mark.parametrize(
    "desired",
    [wish("database"), wish(mounts=[{"volume": "files", "path": "/f"}])],
    ids=["a set", "writes a volume"],
)
def test_what_there_is_one_of_is_gone_for_a_moment(
    desired: DesiredResource, path: str, effect: Effect
) -> None:
    assert shape.effect_of(desired, path) is effect


def test_only_what_kubernetes_never_changes_is_made_anew() -> None:
    assert shape.effect_of(wish(), "kind") is Effect.REPLACE
    assert shape.effect_of(wishes.volume(), "options.access_mode") is Effect.REPLACE
    assert shape.effect_of(wishes.volume(), "options.storage_class") is Effect.REPLACE
    assert shape.effect_of(wishes.volume(), "labels.tier") is Effect.IN_PLACE


def test_a_claim_grows_and_never_shrinks() -> None:
    claim = wishes.volume(disk="10GB")
    assert shape.effect_between(claim, "specs.disk", "10GB", "20GB") is Effect.IN_PLACE
    assert shape.effect_between(claim, "specs.disk", "20GB", "10GB") is Effect.REPLACE
    assert shape.effect_between(claim, "specs.disk", None, "10GB") is Effect.IN_PLACE
    assert shape.effect_between(wish("database"), "image", "a", "b") is Effect.REBOOT


def test_the_types_are_those_that_have_manifests() -> None:
    missing = set(ResourceType) - shape.TYPES
    assert missing == {ResourceType.KUBERNETES_CLUSTER, ResourceType.FIREWALL}
