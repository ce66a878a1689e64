"""The request that makes a container says everything at once, so that no half-made one is ever unmarked."""

from __future__ import annotations

import io
import json
import tarfile
from typing import Any

import pytest

from alma.core.model.base import canonical_json
from alma.core.model.blueprint import ResourceType, SecretRef
from alma.core.model.software import HealthCheck
from alma.core.model.state import DesiredResource, RenderedFile
from alma.engines.base import Marker
from alma.engines.docker import files, names, spec
from alma.engines.docker.images import ImageFacts
from alma.engines.docker.spec import Host, Surroundings
from tests.unit.engines.docker.wishes import STACK, wish

HOST = Host(cpus=2, api=(1, 41))
NETWORK = {
    "Name": "shop-network",
    "Id": "n1",
    "Labels": {names.DECLARED: '{"cidr": "10.0.1.0/24"}'},
}
AROUND = Surroundings({"network": NETWORK}, {"db-1-data": {"Name": "shop-db-1-data"}})
CANARY = "canary-of-a-password"


def _config(
    desired: DesiredResource,
    *,
    host: Host = HOST,
    image: ImageFacts = ImageFacts(idles=False, init=False),  # noqa: B008  # frozen
    ports: dict[str, str] | None = None,
) -> dict[str, Any]:
    return spec.container_config(
        desired,
        Marker.of(desired, STACK, key="k-1"),
        stack=STACK,
        host=host,
        image=image,
        around=AROUND,
        secret=lambda name: f"{CANARY} {name}",
        ports=ports,
    )


def test_the_marker_is_in_the_create_call() -> None:
    desired = wish(depends_on=("db-1", "network"))
    labels = _config(desired)["Labels"]
    assert Marker.from_labels(labels) == Marker.of(desired, STACK, key="k-1")


def test_the_network_and_the_name_in_it_are_in_the_create_call() -> None:
    config = _config(wish(networks=("network",)))
    assert config["HostConfig"]["NetworkMode"] == "shop-network"
    assert config["NetworkingConfig"] == {
        "EndpointsConfig": {"shop-network": {"Aliases": ["web-1"]}}
    }
    assert config["Hostname"] == "web-1"


@pytest.mark.parametrize(("address", "kept"), [("10.0.1.10", True), ("10.9.9.9", False)])
def test_a_fixed_address_is_asked_for_where_the_network_has_it(address: str, kept: bool) -> None:
    desired = wish(networks=("network",), resource={"network": {"private_ip": address}})
    endpoint = _config(desired)["NetworkingConfig"]["EndpointsConfig"]["shop-network"]
    assert endpoint.get("IPAMConfig") == ({"IPv4Address": address} if kept else None)
    assert bool(spec.misplaced(desired, AROUND)) is not kept


def test_limits_are_exact() -> None:
    limits = spec.limits(wish(cpu=1.5, memory="512MiB"), cpus=2)
    assert limits["NanoCpus"] == 1_500_000_000
    assert limits["Memory"] == limits["MemorySwap"] == 512 * 1024**2


def test_more_cpus_than_the_host_has_become_all_it_has() -> None:
    limits = spec.limits(wish(cpu=8), cpus=2)
    assert limits == {"NanoCpus": 2_000_000_000, "CpuShares": 8000}


def test_what_is_not_limited_is_not_mentioned() -> None:
    assert spec.limits(wish(), cpus=2) == {}


def test_containers_gain_no_privileges_and_come_back_after_a_restart_of_the_host() -> None:
    host = _config(wish())["HostConfig"]
    assert host["SecurityOpt"] == ["no-new-privileges:true"]
    assert host["RestartPolicy"] == {"Name": "unless-stopped"}


def test_docker_reaps_processes_unless_the_image_does() -> None:
    assert _config(wish())["HostConfig"]["Init"] is True
    with_init = _config(wish(), image=ImageFacts(idles=False, init=True))
    assert with_init["HostConfig"]["Init"] is False


def test_an_image_that_would_end_at_once_idles_unless_a_command_is_given() -> None:
    idle = ImageFacts(idles=True, init=False)
    assert _config(wish(), image=idle)["Cmd"] == ["sleep", "infinity"]
    assert _config(wish(command=("serve",)), image=idle)["Cmd"] == ["serve"]
    assert "Cmd" not in _config(wish())


def test_only_ports_that_ask_for_it_are_published() -> None:
    config = _config(wish(ports=("80", "8080:81")))
    assert set(config["ExposedPorts"]) == {"80/tcp", "81/tcp"}
    assert config["HostConfig"]["PortBindings"] == {
        "81/tcp": [{"HostIp": "127.0.0.1", "HostPort": "8080"}]
    }


def test_a_load_balancer_is_always_published_at_its_port_or_a_free_one() -> None:
    desired = wish(ResourceType.LOAD_BALANCER, ports=("80", "8443:443"))
    assert _config(desired)["HostConfig"]["PortBindings"] == {
        "80/tcp": [{"HostIp": "127.0.0.1", "HostPort": ""}],
        "443/tcp": [{"HostIp": "127.0.0.1", "HostPort": "8443"}],
    }


def test_a_replaced_load_balancer_asks_for_the_port_its_predecessor_was_given() -> None:
    desired = wish(ResourceType.LOAD_BALANCER, ports=("80", "8443:443"))
    bindings = _config(desired, ports={"80/tcp": "32768", "443/tcp": "1"})["HostConfig"][
        "PortBindings"
    ]
    assert bindings["80/tcp"][0]["HostPort"] == "32768"
    assert bindings["443/tcp"][0]["HostPort"] == "8443"


def test_only_a_public_resource_is_published_to_the_world() -> None:
    (binding,) = _config(wish(ports=("53:53/udp",), public=True))["HostConfig"]["PortBindings"][
        "53/udp"
    ]
    assert binding["HostIp"] == "0.0.0.0"


def test_volumes_are_mounted_by_their_names_on_the_host() -> None:
    mounts = _config(wish(mounts=({"volume": "db-1-data", "path": "/data", "read_only": True},)))[
        "HostConfig"
    ]["Mounts"]
    assert mounts == [
        {"Type": "volume", "Source": "shop-db-1-data", "Target": "/data", "ReadOnly": True}
    ]


def test_secrets_are_in_the_variables_that_ask_for_them_and_nowhere_else() -> None:
    desired = wish(
        env={"PASSWORD": SecretRef(secret="db-1.password"), "MODE": "a"},
        files=(RenderedFile(path="/run/secrets/password", secret="db-1.password", mode=0o444),),
    )
    config = _config(desired)
    assert config.pop("Env") == ["MODE=a", f"PASSWORD={CANARY} db-1.password"]
    assert CANARY not in json.dumps(config)


@pytest.mark.parametrize(
    ("health", "test"),
    [
        (HealthCheck(kind="command", command=("pg_isready",)), ["CMD", "pg_isready"]),
        (HealthCheck(kind="http", port=80, inside=("curl", "x")), ["CMD", "curl", "x"]),
    ],
)
def test_docker_checks_health_from_inside(health: HealthCheck, test: list[str]) -> None:
    config = _config(wish(health=health))["Healthcheck"]
    assert config["Test"] == test
    assert (config["Interval"], config["StartPeriod"]) == (2_000_000_000, 60_000_000_000)
    assert "StartInterval" not in config, "this daemon does not know it"


def test_a_newer_docker_looks_more_often_while_a_container_starts() -> None:
    health = HealthCheck(kind="command", command=("true",))
    config = _config(wish(health=health), host=Host(cpus=2, api=(1, 44)))["Healthcheck"]
    assert config["StartInterval"] == 500_000_000


def test_an_images_own_health_check_stays_when_nothing_can_be_asked_inside() -> None:
    assert "Healthcheck" not in _config(wish(health=HealthCheck(kind="tcp", port=80)))


def test_names_on_the_host_fit_what_linux_takes() -> None:
    assert names.object_name(STACK, "web-1") == "shop-web-1"
    assert len(names.host_name("a" * 62 + "-2")) <= 63
    assert names.is_in_passing(names.name_of_next(STACK, "web-1"))
    assert names.is_in_passing(names.name_of_previous(STACK, "web-1"))
    assert not names.is_in_passing(names.object_name(STACK, "web-1"))


def _unpacked(archive: bytes | None) -> dict[str, tuple[bytes, int]]:
    assert archive is not None
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        members = [(member, tar.extractfile(member)) for member in tar]
        return {
            member.name: (file.read() if file else b"", member.mode) for member, file in members
        }


def test_files_are_packed_with_their_modes_and_secrets_looked_up() -> None:
    desired = wish(
        files=(
            RenderedFile(path="/etc/app.sh", content="héllo", mode=0o755),
            RenderedFile(path="/run/secrets/password", secret="db-1.password", mode=0o444),
        )
    )
    assert _unpacked(files.archive_of(desired, lambda name: f"value of {name}")) == {
        "etc/app.sh": ("héllo".encode(), 0o755),
        "run/secrets/password": (b"value of db-1.password", 0o444),
    }


def test_a_load_balancer_remembers_what_was_declared_inside_itself() -> None:
    desired = wish(
        ResourceType.LOAD_BALANCER,
        image="haproxy:3.0",
        backends=({"address": "web-1", "port": 80},),
        depends_on=("web-1",),
    )
    packed = _unpacked(files.archive_of(desired, str, with_manifest=True))
    kept = names.parse_declared(packed[names.MANIFEST.lstrip("/")][0])
    assert kept["depends_on"] == ["web-1"]
    assert kept["properties"] == {"backends": ["web-1:80"], "image": "haproxy:3.0"}


def test_no_files_make_no_archive() -> None:
    assert files.archive_of(wish(), str, with_manifest=True) is None


@pytest.mark.parametrize("text", ["", "[1]", "{", "null", canonical_json("x")])
def test_a_label_somebody_else_wrote_is_read_as_nothing(text: str) -> None:
    assert names.parse_declared(text) == {}


@pytest.mark.parametrize(
    ("desired", "word"),
    [
        (wish(ResourceType.LOAD_BALANCER), "http"),
        (wish(ResourceType.LOAD_BALANCER, health={"kind": "tcp", "port": 5432}), "tcp"),
        (wish(ResourceType.DATABASE), "tcp"),
        (wish(ResourceType.OBJECT_STORE), "http"),
        (wish(health={"kind": "tcp", "port": 80}), "http"),
    ],
)
def test_an_endpoint_is_shown_as_what_a_client_speaks(desired: DesiredResource, word: str) -> None:
    assert _config(desired)["Labels"][names.SPEAKS] == word


def test_another_daemon_and_another_way_to_publish_are_another_place():
    open_to_all = Host(cpus=2, api=(1, 41), id="A", publish_address="0.0.0.0")
    places = {host.place for host in (HOST, Host(cpus=2, api=(1, 41), id="A"), open_to_all)}
    assert len(places) == 3
