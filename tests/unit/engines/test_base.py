"""What engines share: the marker survives being a label, equal wishes have equal properties, waiting ends."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alma.core.model.blueprint import (
    Backup,
    ClusterPolicies,
    FirewallRule,
    Network,
    NetworkPolicy,
    PodSecurity,
    Resource,
    ResourceType,
    SecretRef,
    Specs,
)
from alma.core.model.errors import ChangeRejected
from alma.core.model.plan import Action, Change, Effect
from alma.core.model.state import (
    Backend,
    DesiredResource,
    RenderedFile,
    ResolvedMount,
    StackRef,
)
from alma.core.model.units import Port, Size
from alma.engines import base
from alma.engines.base import Marker

STACK = StackRef(id="s1", name="shop", engine="simulation")
_TEXT = st.text("abcdefghij-.0123456789", min_size=1, max_size=20)


def _desired(type_: ResourceType = ResourceType.SERVICE, **values: Any) -> DesiredResource:
    resource = values.pop("resource", Resource(name="web-1", type=type_))
    return DesiredResource(address="web-1", type=type_, resource=resource, **values)


@given(
    address=_TEXT,
    key=_TEXT,
    depends_on=st.lists(_TEXT, max_size=4),
    retain=st.booleans(),
    type_=st.sampled_from(ResourceType),
)
def test_a_marker_survives_being_labels(
    address: str, key: str, depends_on: list[str], retain: bool, type_: ResourceType
) -> None:
    marker = Marker(
        stack="s1",
        address=address,
        type=type_,
        key=key,
        depends_on=tuple(depends_on),
        retain=retain,
    )
    labels = marker.labels()
    assert all(isinstance(value, str) for value in labels.values())
    assert Marker.from_labels({**labels, "somebody.else": "x"}) == marker


def test_a_marker_says_what_the_resource_is() -> None:
    desired = _desired(depends_on=("db-1", "network"), retain=True)
    marker = Marker.of(desired, STACK, key="k1")
    assert marker.model_dump() == {
        "stack": "s1",
        "address": "web-1",
        "type": "service",
        "key": "k1",
        "depends_on": ("db-1", "network"),
        "retain": True,
    }


@pytest.mark.parametrize("missing", [base.STACK, base.ADDRESS, base.TYPE, base.KEY])
def test_labels_without_a_whole_marker_are_nobodys(missing: str) -> None:
    labels = Marker.of(_desired(), STACK, key="k1").labels()
    del labels[missing]
    assert Marker.from_labels(labels) is None


def test_a_marker_of_a_type_from_the_future_is_not_ours() -> None:
    labels = {**Marker.of(_desired(), STACK, key="k1").labels(), base.TYPE: "teapot"}
    assert Marker.from_labels(labels) is None


def test_the_shape_has_every_property_in_normal_form() -> None:
    desired = _desired(
        software="nginx",
        image="nginx:1.27",
        command=("nginx", "-g"),
        cpu=0.5,
        memory=Size("1000MB"),
        disk=Size("10 GiB"),
        env={"MODE": "a", "EMPTY": "", "PASSWORD": SecretRef(secret="db-1.password")},
        ports=(Port("8080:80"), Port("53/udp"), Port(443)),
        public=True,
        files=(
            RenderedFile(path="/etc/a.conf", content="x\n"),
            RenderedFile(path="/etc/token", secret="web-1.token", mode=0o600),
        ),
        mounts=(
            ResolvedMount(volume="logs", path="/logs"),
            ResolvedMount(volume="data", path="/data", read_only=True),
        ),
        networks=("b", "a"),
        backends=(Backend(address="web-2", port=80), Backend(address="web-1", port=80)),
        resource=Resource(name="web-1", type=ResourceType.SERVICE, labels={"team": "shop"}),
    )
    digest = "73cb3858a687a8494ca3323053016282f3dad39d42cf62ca4e79dda2aac7d9ac"
    assert base.base_shape(desired) == {
        "backends": ["web-1:80", "web-2:80"],
        "command": ["nginx", "-g"],
        "env.EMPTY": "",
        "env.MODE": "a",
        "env.PASSWORD": "secret:db-1.password",
        "files./etc/a.conf": f"sha256:{digest}",
        "files./etc/token": "secret:web-1.token 0600",
        "image": "nginx:1.27",
        "labels.team": "shop",
        "mounts": ["data:/data:ro", "logs:/logs"],
        "networks": ["a", "b"],
        "ports": ["443", "53/udp", "8080:80"],
        "public": True,
        "software": "nginx",
        "specs.cpu": 0.5,
        "specs.disk": "10GiB",
        "specs.memory": "1GB",
    }


def test_what_resolving_leaves_as_written_is_in_the_shape_too() -> None:
    network = Resource(name="net", type=ResourceType.NETWORK, cidr="10.0.1.0/24", vlan=7)
    assert base.base_shape(_desired(ResourceType.NETWORK, resource=network)) == {
        "cidr": "10.0.1.0/24",
        "vlan": 7,
    }
    rule = FirewallRule(action="deny", ports=(Port(22), Port("53/udp")))
    firewall = Resource(name="fw", type=ResourceType.FIREWALL, rules=(rule,))
    assert base.base_shape(_desired(ResourceType.FIREWALL, resource=firewall)) == {
        "rules": [{"action": "deny", "source": "any", "target": "any", "ports": [22, "53/udp"]}]
    }
    cluster = Resource(
        name="k8s",
        type=ResourceType.KUBERNETES_CLUSTER,
        specs=Specs(control_plane=3, workers=0, gpu=1),
        network=Network(private_ip="10.0.0.9"),
        backup=Backup(retention_days=7),
        policies=ClusterPolicies(
            network=NetworkPolicy.DEFAULT_DENY, pod_security=PodSecurity.BASELINE
        ),
    )
    assert base.base_shape(_desired(ResourceType.KUBERNETES_CLUSTER, resource=cluster)) == {
        "backup.retention_days": 7,
        "backup.schedule": "daily",
        "network.private_ip": "10.0.0.9",
        "policies.network": "default-deny",
        "policies.pod_security": "baseline",
        "specs.control_plane": 3,
        "specs.gpu": 1,
        "specs.workers": 0,
    }


def test_a_backup_that_is_off_is_no_property() -> None:
    resource = Resource(name="db", type=ResourceType.DATABASE, backup=Backup(enabled=False))
    assert base.base_shape(_desired(ResourceType.DATABASE, resource=resource)) == {}


def test_without_takes_away_a_path_or_all_below_it() -> None:
    shape = {"env.A": 1, "env.B": 2, "environment": 3, "image": 4}
    assert base.without(shape, "env.", "image") == {"environment": 3}


@pytest.mark.parametrize(
    ("path", "effect"),
    [
        ("specs.cpu", Effect.IN_PLACE),
        ("specs", Effect.REPLACE),
        ("files./etc/x.conf", Effect.REBOOT),
        ("filesystem", Effect.REPLACE),
        ("unheard.of", Effect.REPLACE),
    ],
)
def test_an_effect_is_that_of_the_nearest_path_above_or_a_replace(
    path: str, effect: Effect
) -> None:
    effects = {"specs.cpu": Effect.IN_PLACE, "files": Effect.REBOOT}
    assert base.effect_of(path, effects) is effect


def test_a_change_that_wants_nothing_or_the_impossible_is_refused() -> None:
    change = Change(
        address="web-1", type=ResourceType.VM, action=Action.CREATE, reason="", desired=None
    )
    with pytest.raises(ChangeRejected, match="does not say"):
        base.require_desired(change, frozenset(ResourceType), engine="docker")
    wanting = change.model_copy(update={"desired": _desired(ResourceType.VM)})
    with pytest.raises(ChangeRejected, match="no type 'vm'") as raised:
        base.require_desired(wanting, frozenset({ResourceType.CACHE}), engine="docker")
    assert "cache" in str(raised.value.hint)


def test_secret_names_are_those_of_variables_and_files_once() -> None:
    desired = _desired(
        env={"A": SecretRef(secret="db-1.password"), "B": "plain"},
        files=(RenderedFile(path="/a", secret="a.b"), RenderedFile(path="/b", secret="a.b")),
    )
    assert desired.secret_names == ("a.b", "db-1.password")


class _Time:
    """A clock that only moves when somebody sleeps."""

    def __init__(self) -> None:
        self.now = 0.0
        self.slept: list[float] = []

    async def sleep(self, seconds: float) -> None:
        self.now += seconds
        self.slept.append(seconds)

    def clock(self) -> float:
        return self.now


async def test_until_gives_back_the_first_answer() -> None:
    time, answers = _Time(), iter([None, None, "ready", "later"])

    async def probe() -> str | None:
        return next(answers)

    found = await base.until(probe, within=60, every=1, sleep=time.sleep, clock=time.clock)
    assert found == "ready"
    assert time.slept == [1, 1.5]


async def test_until_ends_when_the_time_is_over_and_asks_once_more_then() -> None:
    time, asked = _Time(), itertools.count()

    async def probe() -> str | None:
        next(asked)
        return None

    found = await base.until(
        probe, within=5, every=1, at_most=2, sleep=time.sleep, clock=time.clock
    )
    assert found is None
    assert time.slept == [1, 1.5, 2, 0.5], "never beyond the deadline"
    assert next(asked) == 5


async def test_until_asks_at_least_once() -> None:
    async def probe() -> bool:
        return False

    assert await base.until(probe, within=0) is False, "an answer that is not None is an answer"
