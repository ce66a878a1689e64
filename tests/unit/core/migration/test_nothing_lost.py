"""Whatever stands in a file, every object of it has an account, and nothing that nobody understood goes unsaid."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from alma.core.migration.conversion import Conversion, Fate
from alma.core.migration.reading.terraform import known_types
from alma.core.model.document import parse_blueprint
from alma.core.model.errors import AlmaError, BlueprintInvalid, DocumentTooLarge, InvalidInput
from tests.unit.core.migration.reading import converted
from tests.unit.core.migration.states import STATES, instance, state

WORDS = st.sampled_from(
    [
        "web",
        "db",
        "data",
        "80",
        "8080:80",
        "10.0.0.0/24",
        "512M",
        "x" * 80,
        "",
        "a=b",
        "../x",
        "Ä ö",
    ]
)
PLAIN = (
    st.none()
    | st.booleans()
    | st.integers(-5, 70_000)
    | st.floats(allow_nan=False, allow_infinity=False)
    | WORDS
)
ANY = st.recursive(
    PLAIN,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=3),
    max_leaves=8,
)
SERVICE_KEYS = st.sampled_from(
    "image build ports expose volumes networks depends_on environment env_file command deploy labels links healthcheck "
    "restart cpus mem_limit scale zz_new".split()
)
POD_KEYS = st.sampled_from(
    "name image args command env envFrom ports resources volumeMounts livenessProbe zz_new".split()
)
STATE_KEYS = st.sampled_from(
    "id name tags labels cidr_block subnet_id vpc_id size instance_type ingress egress ports volumes disk cpu memory "
    "network network_interface initialization settings boot_disk default_action security_rule rootfs env command "
    "ip_configuration storage zz_new".split()
)
SERVICES = st.dictionaries(
    WORDS, st.dictionaries(SERVICE_KEYS, ANY, max_size=6) | ANY, min_size=1, max_size=4
)
CONTAINERS = st.lists(st.dictionaries(POD_KEYS, ANY, max_size=5), max_size=3)
RARELY = settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def accounted(made: Conversion, addresses: list[str]) -> None:
    assert sorted(item.address for item in made.objects) == sorted(addresses)
    owned = {name for item in made.objects for name in item.resources}
    assert {resource.name for resource in made.blueprint.resources} <= owned
    for item in made.objects:
        if item.fate is Fate.LEFT_OUT:
            assert item.reason
            assert not item.resources
        else:
            assert item.resources
    parse_blueprint(made.blueprint.dump())


@RARELY
@given(SERVICES)
def test_every_service_of_a_compose_file_has_an_account(services: dict[str, Any]) -> None:
    made = converted({"services": services}, form="compose")
    accounted(
        made,
        [f"services.{key}" for key in services]
        + [o.address for o in made.objects if not o.address.startswith("services.")],
    )


@RARELY
@given(CONTAINERS, ANY)
def test_every_manifest_has_an_account(containers: list[Any], more: Any) -> None:
    spec = {
        "replicas": more,
        "template": {
            "metadata": {"labels": {"app": "a"}},
            "spec": {"containers": containers, "volumes": more},
        },
    }
    manifests = [
        {"apiVersion": "apps/v1", "kind": "StatefulSet", "metadata": {"name": "a"}, "spec": spec},
        {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "a"},
         "spec": {"type": "LoadBalancer", "selector": {"app": "a"}, "ports": more}},
        {"apiVersion": "v1", "kind": "ConfigMap", "metadata": more, "data": more},
        {"apiVersion": "networking.k8s.io/v1", "kind": "Ingress", "metadata": {"name": "i"}, "spec": more},
    ]  # fmt: skip
    made = converted({"apiVersion": "v1", "kind": "List", "items": manifests})
    assert len(made.objects) == len(manifests)
    accounted(made, [item.address for item in made.objects])


@RARELY
@given(
    st.lists(
        st.tuples(st.sampled_from(known_types()), st.dictionaries(STATE_KEYS, ANY, max_size=6)),
        min_size=1,
        max_size=4,
    )
)
def test_every_object_of_a_state_has_an_account(found: list[tuple[str, dict[str, Any]]]) -> None:
    items = [instance(kind, f"n{number}", values) for number, (kind, values) in enumerate(found)]
    accounted(
        converted(state(*items)), [f"{kind}.n{number}" for number, (kind, _) in enumerate(found)]
    )


@pytest.mark.parametrize("platform", sorted(STATES))
def test_an_attribute_that_nobody_knows_is_named_wherever_it_stands(platform: str) -> None:
    source = json.loads(json.dumps(STATES[platform]))
    resources = source.get("resources") or source["values"]["root_module"]["resources"]
    for item in resources:
        for holder in item.get("instances", [item]):
            holder.get("attributes", holder.get("values", {}))["zz_new"] = {"deep": [1]}
    made = converted(source)
    named = {remark.path for remark in made.remarks} | {
        remark.path + ".zz_new" for remark in made.remarks if "zz_new" in remark.message
    }
    for item in made.objects:
        if item.fate is not Fate.LEFT_OUT:
            assert any(path.startswith(item.address) and "zz_new" in path for path in named), item


# ── hostile ──────────────────────────────────────────────────────────────────────────────────────

LAUGHS = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 8)
)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        (LAUGHS, BlueprintInvalid),
        (f"services: {{web: {{image: x, x-a: {'[' * 60}{']' * 60}}}}}", BlueprintInvalid),
        ("services: " + "x" * 6_000_000, DocumentTooLarge),
        ("apiVersion: v1\nkind: Pod\n---\n" * 11_000, AlmaError),
        ("services: {web: {image: !!python/object/apply:os.system [id]}}", BlueprintInvalid),
        ("services: [a, b]", InvalidInput),
        ("", InvalidInput),
        ("just words", InvalidInput),
        ("[]", InvalidInput),
        ("{", BlueprintInvalid),
        (b"\xff\xfe\x00", BlueprintInvalid),
        ('resource "aws_instance" "web" {\n  ami = "x"\n}\n', InvalidInput),
    ],
)
def test_what_can_not_be_read_is_refused_and_nothing_else_happens(
    text: str | bytes, kind: type[AlmaError]
) -> None:
    with pytest.raises(kind) as refused:
        converted(text)
    assert refused.value.message


def test_modules_within_modules_end_somewhere() -> None:
    root: dict[str, Any] = {"resources": []}
    for _ in range(12):
        root = {"child_modules": [root], "resources": []}
    with pytest.raises(InvalidInput, match="no resources"):
        converted({"format_version": "1.0", "values": {"root_module": root}})


def test_an_unknown_form_names_the_known_ones() -> None:
    with pytest.raises(InvalidInput) as refused:
        converted("services: {}", form="pulumi")
    assert refused.value.hint == "use one of auto, compose, kubernetes, terraform"


def test_hcl_is_told_what_to_give_instead() -> None:
    with pytest.raises(InvalidInput) as refused:
        converted('# main\nterraform {\n  required_version = ">= 1.9"\n}\n')
    assert "show -json" in str(refused.value.hint)
