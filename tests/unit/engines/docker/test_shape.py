"""What becomes of a wish on Docker: nothing lost in silence, and no change dearer than it must be."""

from __future__ import annotations

from typing import Any

import pytest

from alma.core.model.blueprint import ResourceType
from alma.core.model.plan import Effect, SupportLevel
from alma.engines.docker.shape import declared_of, effect_of, shape_of, support_of
from tests.unit.engines.docker.wishes import wish


def _levels(desired: Any, *, cpus: int | None = None) -> dict[str, SupportLevel]:
    return {note.path: note.level for note in support_of(desired, cpus=cpus)}


def test_a_plain_service_is_honoured_exactly() -> None:
    desired = wish(cpu=0.5, memory="64MiB", ports=(80,), env={"MODE": "a"})
    assert support_of(desired, cpus=2) == []
    assert shape_of(desired) == {
        "env.MODE": "a",
        "image": "nginx:1.27",
        "ports": ["80"],
        "specs.cpu": 0.5,
        "specs.memory": "64MiB",
    }


@pytest.mark.parametrize(
    ("type_", "port"), [(ResourceType.SERVICE, "8080:80"), (ResourceType.LOAD_BALANCER, 80)]
)
def test_a_public_address_is_that_of_the_host_where_a_port_is_published(
    type_: ResourceType, port: str | int
) -> None:
    desired = wish(type_, resource={"network": {"public_ip": True}}, ports=(port,), public=True)
    assert "network.public_ip" not in _levels(desired)


@pytest.mark.parametrize("type_", [ResourceType.KUBERNETES_CLUSTER, ResourceType.FIREWALL])
def test_what_docker_cannot_make_is_refused_as_a_whole_with_another_way(
    type_: ResourceType,
) -> None:
    (note,) = support_of(wish(type_), cpus=None)
    assert (note.path, note.level) == ("type", SupportLevel.UNSUPPORTED)
    assert len(note.reason) > 40


@pytest.mark.parametrize(
    ("wanted", "path", "level"),
    [
        (wish(ResourceType.VM), "type", SupportLevel.APPROXIMATED),
        (wish(disk="10GB"), "specs.disk", SupportLevel.APPROXIMATED),
        (wish(ResourceType.VOLUME, disk="10GB"), "specs.disk", SupportLevel.APPROXIMATED),
        (wish(resource={"backup": True}), "backup", SupportLevel.UNSUPPORTED),
        (wish(resource={"specs": {"gpu": 1}}), "specs.gpu", SupportLevel.UNSUPPORTED),
        (
            wish(ResourceType.NETWORK, resource={"vlan": 7}),
            "vlan",
            SupportLevel.UNSUPPORTED,
        ),
        (
            wish(resource={"network": {"public_ip": "203.0.113.7"}}),
            "network.public_ip",
            SupportLevel.UNSUPPORTED,
        ),
        (
            wish(resource={"network": {"public_ip": True}}, ports=(80,), public=True),
            "network.public_ip",
            SupportLevel.APPROXIMATED,
        ),
        (
            wish(resource={"network": {"private_ip": "10.0.1.10"}}),
            "network.private_ip",
            SupportLevel.APPROXIMATED,
        ),
        (
            wish(resource={"labels": {"alma.stack": "another"}}),
            "labels.alma.stack",
            SupportLevel.UNSUPPORTED,
        ),
        (wish(ResourceType.VM, image=None), "image", SupportLevel.APPROXIMATED),
    ],
)
def test_what_is_not_exact_is_said(wanted: Any, path: str, level: SupportLevel) -> None:
    assert _levels(wanted)[path] is level


def test_more_cpus_than_the_host_has_is_said_once_the_host_is_known() -> None:
    desired = wish(cpu=8)
    assert "specs.cpu" not in _levels(desired)
    assert "specs.cpu" not in _levels(desired, cpus=8)
    assert _levels(desired, cpus=2)["specs.cpu"] is SupportLevel.APPROXIMATED


def test_a_volume_has_nothing_that_a_change_could_replace() -> None:
    labelled = wish(ResourceType.VOLUME, disk="10GB", resource={"labels": {"team": "shop"}})
    assert shape_of(labelled) == {}


def test_labels_that_would_pass_for_almas_own_stay_out() -> None:
    desired = wish(resource={"labels": {"alma.key": "x", "team": "shop"}})
    assert [path for path in shape_of(desired) if path.startswith("labels.")] == ["labels.team"]


def test_limits_change_in_place_and_everything_else_takes_a_new_container() -> None:
    desired = wish(cpu=1, memory="64MiB")
    assert effect_of(desired, "specs.cpu") is Effect.IN_PLACE
    assert effect_of(desired, "specs.memory") is Effect.IN_PLACE
    for path in ("image", "env.MODE", "ports", "networks", "mounts", "files./etc/motd", "labels.a"):
        assert effect_of(desired, path) is Effect.REPLACE


def test_a_limit_that_is_taken_away_takes_a_new_container() -> None:
    """Docker can move a limit of a container, but not remove it."""
    assert effect_of(wish(), "specs.memory") is Effect.REPLACE
    assert effect_of(wish(), "specs.cpu") is Effect.REPLACE
    assert effect_of(wish(cpu=1000), "specs.cpu") is Effect.REPLACE, (
        "nothing but a label can say it"
    )


def test_a_load_balancer_takes_in_a_new_configuration_without_a_new_container() -> None:
    desired = wish(ResourceType.LOAD_BALANCER, image="haproxy:3.0")
    for path in ("backends", "files./usr/local/etc/haproxy/haproxy.cfg"):
        assert effect_of(desired, path) is Effect.IN_PLACE
    for other in (
        desired.model_copy(update={"image": "traefik:3"}),
        desired.model_copy(update={"command": ("haproxy", "-f", "/other")}),
    ):
        assert effect_of(other, "backends") is Effect.REPLACE


def test_the_label_that_remembers_a_shape_repeats_no_plain_value() -> None:
    shape = {"env.A": "text", "env.B": "secret:db.password", "labels.c": "text", "image": "x:1"}
    assert declared_of(shape) == {
        "env.A": None,
        "env.B": "secret:db.password",
        "labels.c": None,
        "image": "x:1",
    }
