"""What is read back are the properties ALMA set, with the values they really have."""

from __future__ import annotations

from typing import Any

import pytest

from alma.core.model.base import Json
from alma.core.model.blueprint import ResourceType
from alma.core.model.state import ObservedResource, Status
from alma.engines.base import Marker
from alma.engines.docker import names, observe
from alma.engines.docker.shape import declared_of, shape_of
from alma.engines.docker.spec import Surroundings
from alma.engines.redaction import HIDDEN, redacted
from tests.unit.engines.docker.wishes import STACK, wish

AROUND = Surroundings(
    {"network": {"Name": "shop-network", "Id": "n1"}}, {"data": {"Name": "shop-data"}}
)
RUNNING = {"Status": "running"}
WISH = wish(
    cpu=0.5,
    memory="64MiB",
    command=("serve",),
    env={"MODE": "a", "TOKEN": {"secret": "web-1.token"}},
    ports=("80", "8080:81"),
    networks=("network",),
    mounts=({"volume": "data", "path": "/srv", "read_only": True},),
    resource={"labels": {"team": "shop"}},
)


def _inspected(type_: ResourceType = ResourceType.SERVICE, **changes: Any) -> dict[str, Any]:
    desired = WISH.model_copy(update={"type": type_})
    marker = Marker.of(desired, STACK, key="k-1")
    labels = names.labels_of(marker, STACK, declared_of(shape_of(desired)))
    inspected: dict[str, Any] = {
        "Id": "c1",
        "Name": "/shop-web-1",
        "Image": "sha256:1",
        "State": RUNNING,
        "Config": {
            "Image": "nginx:1.27",
            "Cmd": ["serve"],
            "Env": ["PATH=/bin", "MODE=a", "TOKEN=hidden"],
            "Labels": {**labels, "team": "shop", "org.image": "x"},
        },
        "HostConfig": {
            "NanoCpus": 500_000_000,
            "CpuShares": 500,
            "Memory": 64 * 1024**2,
            "PortBindings": {"81/tcp": [{"HostIp": "127.0.0.1", "HostPort": "8080"}]},
        },
        "Mounts": [{"Type": "volume", "Name": "shop-data", "Destination": "/srv", "RW": False}],
        "NetworkSettings": {
            "Networks": {"shop-network": {"IPAddress": "172.18.0.2", "IPAMConfig": None}},
            "Ports": {"81/tcp": [{"HostIp": "127.0.0.1", "HostPort": "8080"}], "80/tcp": None},
        },
    }
    for path, value in changes.items():
        part, _, key = path.partition("__")
        if key:
            inspected[part][key] = value
        else:
            inspected[part] = value
    return inspected


def _observe(inspected: dict[str, Any], **how: Any) -> ObservedResource:
    seen = observe.container(inspected, around=AROUND, cpus=how.pop("cpus", 2), **how)
    assert seen is not None
    return seen


def test_an_untouched_container_has_exactly_its_shape() -> None:
    seen = _observe(_inspected())
    assert dict(seen.properties) == shape_of(WISH)
    assert (seen.address, seen.type, seen.name) == ("web-1", ResourceType.SERVICE, "shop-web-1")


@pytest.mark.parametrize(
    ("changes", "path", "value"),
    [
        ({"Config__Image": "nginx:1.26"}, "image", "nginx:1.26"),
        ({"Config__Cmd": ["other"]}, "command", ["other"]),
        ({"Config__Env": ["TOKEN=x", "MODE=b"]}, "env.MODE", "b"),
        ({"Config__Env": ["MODE=a"]}, "env.TOKEN", None),
        ({"HostConfig__NanoCpus": 1_000_000_000}, "specs.cpu", 1),
        ({"HostConfig__NanoCpus": 0}, "specs.cpu", None),
        ({"HostConfig__Memory": 1_000_000_000}, "specs.memory", "1GB"),
        ({"HostConfig__Memory": 0}, "specs.memory", None),
        ({"NetworkSettings__Networks": {"bridge": {}}}, "networks", None),
        ({"Mounts": []}, "mounts", None),
        (
            {"HostConfig__PortBindings": {"81/tcp": [{"HostIp": "", "HostPort": "9090"}]}},
            "ports",
            ["80", "9090:81"],
        ),
        ({"HostConfig__PortBindings": {}}, "ports", ["80", "81"]),
    ],
)
def test_what_was_changed_behind_our_back_shows_and_nothing_else(
    changes: dict[str, Any], path: str, value: Json
) -> None:
    seen, wanted = dict(_observe(_inspected(**changes)).properties), dict(shape_of(WISH))
    assert seen.pop(path, None) == value != wanted.pop(path)
    assert seen == wanted


def test_what_others_set_is_not_reported() -> None:
    seen = _observe(_inspected())
    assert "env.PATH" not in seen.properties
    assert "labels.org.image" not in seen.properties


def test_a_secret_is_read_back_as_its_name() -> None:
    seen = _observe(_inspected())
    assert seen.properties["env.TOKEN"] == "secret:web-1.token"
    assert "hidden" not in seen.model_dump_json()


def test_a_wish_for_more_cpus_than_the_host_has_is_remembered() -> None:
    capped = _inspected(HostConfig__NanoCpus=2_000_000_000, HostConfig__CpuShares=8000)
    assert _observe(capped, cpus=2).properties["specs.cpu"] == 8
    assert _observe(capped, cpus=4).properties["specs.cpu"] == 2, "a bigger host: it is a limit now"


def test_a_load_balancers_manifest_counts_more_than_its_label() -> None:
    kept = {"properties": {"backends": ["web-1:80", "web-2:80"]}, "depends_on": ["web-2"]}
    seen = _observe(_inspected(ResourceType.LOAD_BALANCER), kept=kept, files={"/a": "sha256:1"})
    assert dict(seen.properties) == {"backends": ["web-1:80", "web-2:80"], "files./a": "sha256:1"}
    assert seen.depends_on == ("web-2",)


def test_a_container_without_a_marker_is_not_ours() -> None:
    inspected = _inspected(Config__Labels={"alma.stack": "s-1"})
    assert observe.container(inspected, around=AROUND, cpus=2) is None


def test_a_leftover_shows_as_a_difference_so_that_the_next_change_removes_it() -> None:
    seen = _observe(_inspected(), leftovers=["shop-web-1.next"])
    assert seen.properties["leftovers"] == ["shop-web-1.next"]


@pytest.mark.parametrize(
    ("state", "status"),
    [
        ({"Status": "running"}, Status.RUNNING),
        ({"Status": "running", "Health": {"Status": "healthy"}}, Status.RUNNING),
        ({"Status": "running", "Health": {"Status": "starting"}}, Status.STARTING),
        ({"Status": "running", "Health": {"Status": "unhealthy"}}, Status.UNHEALTHY),
        ({"Status": "restarting"}, Status.UNHEALTHY),
        ({"Status": "created"}, Status.STOPPED),
        ({"Status": "paused"}, Status.STOPPED),
        ({"Status": "exited", "ExitCode": 0}, Status.STOPPED),
        ({"Status": "exited", "ExitCode": 1}, Status.FAILED),
        ({"Status": "dead"}, Status.FAILED),
        ({"Status": "new word"}, Status.UNKNOWN),
    ],
)
def test_states_have_words_of_ours(state: dict[str, Any], status: Status) -> None:
    assert observe.status_of(state) is status


@pytest.mark.parametrize(
    ("speaks", "ports", "hostname", "endpoints"),
    [
        (
            "http",
            {"80/tcp": [{"HostIp": "127.0.0.1", "HostPort": "32768"}]},
            None,
            ("http://127.0.0.1:32768",),
        ),
        (
            "http",
            {
                "443/tcp": [
                    {"HostIp": "0.0.0.0", "HostPort": "443"},
                    {"HostIp": "::", "HostPort": "443"},
                ],
                "53/udp": [{"HostIp": "127.0.0.1", "HostPort": "53"}],
            },
            None,
            ("udp://127.0.0.1:53", "https://127.0.0.1:443"),
        ),
        (
            "tcp",
            {"5432/tcp": [{"HostIp": "0.0.0.0", "HostPort": "5432"}], "80/tcp": None},
            "docker.example",
            ("tcp://docker.example:5432",),
        ),
    ],
)
def test_endpoints_are_addresses_to_try(
    speaks: str, ports: Any, hostname: str | None, endpoints: tuple[str, ...]
) -> None:
    inspected = _inspected(NetworkSettings__Ports=ports)
    assert observe.endpoints_of(inspected, speaks, hostname=hostname) == endpoints


def test_a_network_shows_the_range_it_really_has() -> None:
    desired = wish(ResourceType.NETWORK, address="lan", resource={"cidr": "10.0.1.0/24"})
    labels = names.labels_of(
        Marker.of(desired, STACK, key="k"), STACK, declared_of(shape_of(desired))
    )
    found = {"Id": "n1", "Name": "shop-lan", "Labels": labels}
    for subnet in ("10.0.1.0/24", "10.0.2.0/24"):
        seen = observe.network({**found, "IPAM": {"Config": [{"Subnet": subnet}]}})
        assert seen is not None
        assert dict(seen.properties) == {"cidr": subnet}


def test_printed_secrets_are_hidden_the_longest_first() -> None:
    lines = redacted(["pass=abcdef-abcd", "abcd", "nothing"], ["abcd", "abcdef-abcd", "", "no"])
    assert lines == [f"pass={HIDDEN}", HIDDEN, "nothing"]
