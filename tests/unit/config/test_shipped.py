"""What is shipped keeps its promises: ids and counts as documented, knobs that turn something, files that render."""

from __future__ import annotations

import re
from typing import Any

import pytest
from ruamel.yaml import YAML

from alma.config import load_catalogue, load_templates
from alma.core.model.blueprint import DATA, WORKLOADS, Resource, ResourceType
from alma.core.model.diagnostic import Severity
from alma.core.model.document import diagnose
from alma.core.model.engine import EngineTraits
from alma.core.model.software import Software
from alma.core.model.state import DesiredResource
from alma.core.model.template import Complexity, Template
from alma.core.model.units import Size
from alma.core.planning.resolve import resolve

CATALOGUE = load_catalogue()
WITH_IMAGE = [entry for entry in CATALOGUE.software.values() if entry.image]
TEMPLATES = load_templates()
TRAITS = EngineTraits(resource_types=frozenset(ResourceType))
DOCUMENTED = {
    "simple-web-app": ("low", 3),
    "ha-web-app": ("medium", 8),
    "postgres-ha": ("medium", 6),
    "data-pipeline": ("high", 12),
    "ml-training": ("high", 10),
    "zero-trust-network": ("medium", 9),
    "observability-stack": ("medium", 7),
    "api-gateway": ("low", 4),
    "redis-cluster": ("medium", 5),
}
ON_DOCKER = ["simple-web-app", "ha-web-app", "postgres-ha", "redis-cluster", "api-gateway"]


def instances(template: Template) -> list[DesiredResource]:
    resolution = resolve(template.blueprint, CATALOGUE, TRAITS)
    assert resolution.diagnostics == ()
    return list(resolution.resources)


# ── templates ──


def test_the_ten_templates_have_the_documented_sizes() -> None:
    found = {id_: (t.complexity, len(t.blueprint.resources)) for id_, t in TEMPLATES.items()}
    complexity, size = found.pop("microservices-k8s")
    assert found == DOCUMENTED
    assert complexity is Complexity.HIGH
    assert size >= 15


@pytest.mark.parametrize("template", TEMPLATES.values(), ids=TEMPLATES)
def test_a_template_is_valid_without_a_warning_and_all_of_it_resolves(template: Template) -> None:
    assert diagnose(template.blueprint) == ()
    made = instances(template)
    assert {item.resource.name for item in made} >= {r.name for r in template.blueprint.resources}


@pytest.mark.parametrize("template", TEMPLATES.values(), ids=TEMPLATES)
def test_a_template_explains_itself(template: Template) -> None:
    assert len(template.description) > 80
    assert template.use_case
    assert template.tags
    assert template.blueprint.name == template.id
    assert "$" not in template.description


@pytest.mark.parametrize("template", TEMPLATES.values(), ids=TEMPLATES)
def test_every_parameter_is_documented_bounded_and_turns_what_exists(template: Template) -> None:
    document = template.blueprint.dump()
    for name, parameter in template.parameters.items():
        assert parameter.title, name
        assert parameter.description.endswith("."), name
        bounded = parameter.choices or None not in (parameter.minimum, parameter.maximum)
        free = {"scrape_targets", "alert_webhook"}
        assert bounded or parameter.type == "boolean" or name in free, name
        assert parameter.sets, name
        for target in parameter.sets:
            found = targets(document, target.resource, target.types)
            assert found, f"{name} sets nothing"
            present = [value_at(place, target.path) for place in found]
            assert present == [parameter.default] * len(found), (
                f"{name}: the default is not what the template has"
            )


def targets(
    document: dict[str, Any], resource: str | None, types: tuple[str, ...]
) -> list[dict[str, Any]]:
    if resource is None:
        return [document]
    return [
        entry
        for entry in document["resources"]
        if entry["name"] == resource or (resource == "*" and entry["type"] in types)
    ]


def value_at(place: dict[str, Any], path: str) -> Any:
    found: Any = place
    for part in path.split("."):
        found = (found or {}).get(part)
    return found


@pytest.mark.parametrize("template", TEMPLATES.values(), ids=TEMPLATES)
def test_environment_is_a_choice_of_three_everywhere(template: Template) -> None:
    choices = template.parameters["environment"].choices
    assert choices == ("development", "staging", "production")


@pytest.mark.parametrize("id_", ["simple-web-app", "ha-web-app"])
def test_the_parameters_of_the_user_guide_exist(id_: str) -> None:
    documented = {
        "instance_count",
        "environment",
        "cpu_per_instance",
        "memory_per_instance",
        "database_size",
        "backup_enabled",
    }
    assert documented <= set(TEMPLATES[id_].parameters)


@pytest.mark.parametrize("template", TEMPLATES.values(), ids=TEMPLATES)
def test_what_runs_has_an_image_limits_and_a_check(template: Template) -> None:
    for item in instances(template):
        if item.type in WORKLOADS:
            assert item.image, item.address
            assert item.cpu, item.address
            assert item.memory, item.address
            assert item.health or item.type is ResourceType.VM, item.address


@pytest.mark.parametrize("template", TEMPLATES.values(), ids=TEMPLATES)
def test_data_is_neither_published_nor_without_a_volume(template: Template) -> None:
    for item in instances(template):
        if item.type in {ResourceType.DATABASE, ResourceType.OBJECT_STORE}:
            assert item.mounts, item.address
            assert not item.public
            assert all(port.published is None for port in item.ports)


@pytest.mark.parametrize("template", TEMPLATES.values(), ids=TEMPLATES)
def test_every_secret_that_is_referred_to_is_generated(template: Template) -> None:
    made = {item.address: item for item in instances(template)}
    for item in made.values():
        for value in item.env.values():
            if not isinstance(value, str):
                owner, _, secret = value.secret.rpartition(".")
                assert secret in made[owner].secrets, f"{item.address}: {value.secret}"


@pytest.mark.parametrize("template", TEMPLATES.values(), ids=TEMPLATES)
def test_names_in_variables_lead_to_resources_on_a_common_network(template: Template) -> None:
    made = {item.address: item for item in instances(template)}
    for item in made.values():
        for name, value in item.env.items():
            if name.endswith(("_HOST", "_URL")) and isinstance(value, str):
                host = host_of(value)
                assert host in made, f"{item.address}: {name}={value}"
                assert set(item.networks) & set(made[host].networks), f"{item.address} → {host}"


@pytest.mark.parametrize("template", TEMPLATES.values(), ids=TEMPLATES)
def test_whoever_is_told_where_data_is_can_sign_in(template: Template) -> None:
    made = {item.address: item for item in instances(template)}
    for item in made.values():
        secrets = {value.secret for value in item.env.values() if not isinstance(value, str)}
        for name, value in item.env.items():
            host = host_of(value) if name.endswith(("_HOST", "_URL")) else ""
            if host in made and "password" in made[host].secrets and made[host].type in DATA:
                assert f"{host}.password" in secrets, f"{item.address}: {name}={value}"


@pytest.mark.parametrize("template", TEMPLATES.values(), ids=TEMPLATES)
def test_data_that_nobody_is_told_of_is_of_no_use(template: Template) -> None:
    made = {item.address: item for item in instances(template)}
    told = {
        word
        for item in made.values()
        for value in item.env.values()
        if isinstance(value, str)
        for word in re.split(r"[^a-z0-9-]+", value)
    }
    data = {item.resource.name for item in made.values() if item.type in DATA}
    reached = {backend.address for item in made.values() for backend in item.backends}
    assert data <= told | reached


def host_of(value: object) -> str:
    return re.sub(r"^[a-z:]+//", "", str(value)).split(":")[0].split("/")[0]


@pytest.mark.parametrize("template", TEMPLATES.values(), ids=TEMPLATES)
def test_what_can_not_be_made_again_is_backed_up_unless_somebody_says_no(
    template: Template,
) -> None:
    originals = {"postgresql", "clickhouse", "minio", "mlflow"}
    kept = [r for r in template.blueprint.resources if r.engine in originals]
    assert [r.name for r in kept if not (r.backup and r.backup.enabled)] == []
    switch = template.parameters["backup_enabled"].sets
    document = template.blueprint.dump()
    switched = [e["name"] for s in switch for e in targets(document, s.resource, s.types)]
    assert {r.name for r in kept} <= set(switched)


@pytest.mark.parametrize("template", TEMPLATES.values(), ids=TEMPLATES)
def test_prometheus_watches_what_is_there_and_more_than_its_own_pages(template: Template) -> None:
    made = {item.address: item for item in instances(template)}
    for item in made.values():
        if item.software != "prometheus":
            continue
        watched = [
            t.partition("/")[0].split(":") for t in str(item.env["SCRAPE_TARGETS"]).split(",")
        ]
        assert {host for host, _ in watched} <= made.keys()
        assert {made[host].software for host, _ in watched} - {"grafana"}


def test_a_cache_that_evicts_knows_when_it_is_full() -> None:
    for template in TEMPLATES.values():
        for item in instances(template):
            if item.software not in {"redis", "redis-cluster"}:
                continue
            (limits,) = (f.content for f in item.files if f.secret is None)
            assert item.memory is not None
            (limit,) = re.findall(r"^maxmemory (\d+)$", limits, re.MULTILINE)
            assert int(limit) == item.memory.bytes // 4 * 3, item.address


@pytest.mark.parametrize("id_", ON_DOCKER)
def test_templates_for_any_docker_host_need_nothing_but_containers(id_: str) -> None:
    plain = WORKLOADS - {ResourceType.VM} | {ResourceType.NETWORK, ResourceType.VOLUME}
    assert {r.type for r in TEMPLATES[id_].blueprint.resources} <= plain


def test_a_firewall_of_a_template_ends_by_denying_the_rest() -> None:
    for template in TEMPLATES.values():
        for resource in template.blueprint.resources:
            if resource.type is ResourceType.FIREWALL:
                last = resource.rules[-1]
                assert (last.action, last.source, last.target) == ("deny", "any", "any")


# ── software ──


def test_every_type_that_runs_software_has_a_default() -> None:
    assert {str(kind): id_ for kind, id_ in CATALOGUE.defaults.items()} == {
        "service": "nginx",
        "database": "postgresql",
        "cache": "redis",
        "queue": "rabbitmq",
        "load_balancer": "haproxy",
        "object_store": "minio",
    }


@pytest.mark.parametrize("word", ["postgres", "PG", "mongo", "httpd", "s3", "rabbit", "kafka"])
def test_software_goes_by_the_names_people_use(word: str) -> None:
    assert CATALOGUE.find(word) is not None


def test_what_has_no_image_has_a_recipe_for_guests() -> None:
    without = [id_ for id_, entry in CATALOGUE.software.items() if not entry.image]
    assert without == ["container-host", "k3s-server", "k3s-agent"]
    assert all(CATALOGUE.software[id_].packages.known for id_ in without)


@pytest.mark.parametrize("entry", WITH_IMAGE, ids=[entry.id for entry in WITH_IMAGE])
def test_an_entry_is_complete(entry: Software) -> None:
    assert entry.title
    assert entry.description
    assert entry.image
    assert ":" not in entry.image.rpartition("/")[2], "the tag belongs to the version"
    assert entry.default_version != "latest"
    assert entry.health is not None
    assert entry.memory >= Size("128MB")
    assert entry.data is None or entry.storage is not None


@pytest.mark.parametrize("entry", WITH_IMAGE, ids=[entry.id for entry in WITH_IMAGE])
def test_a_check_asks_the_first_port(entry: Software) -> None:
    assert entry.health is not None
    if entry.health.kind != "command":
        assert entry.health.port == entry.ports[0].target


@pytest.mark.parametrize("entry", CATALOGUE.software.values(), ids=CATALOGUE.software)
def test_no_entry_contains_a_password(entry: Software) -> None:
    for name, value in entry.env.items():
        if re.search(r"PASSWORD|SECRET|TOKEN", name):
            assert value.startswith("/run/secrets/"), name
    files = {secret.path for secret in entry.secrets.values() if secret.path}
    named = {value for value in entry.env.values() if value.startswith("/run/secrets/")}
    assert named <= files
    assert set(entry.secret_env.values()) <= set(entry.secrets)


def desired(entry: Software, **fields: Any) -> DesiredResource:
    """One instance of an entry with two backends where the type takes some."""
    kind = entry.types[0]
    extra: dict[str, Any] = {"backends": ["web"]} if kind is ResourceType.LOAD_BALANCER else {}
    web = Resource.model_validate({"name": "web", "type": "service", "count": 2})
    own = Resource.model_validate(
        {"name": "it", "type": kind, "engine": entry.id, **extra, **fields}
    )
    blueprint = TEMPLATES["simple-web-app"].blueprint.model_copy(update={"resources": (web, own)})
    resolution = resolve(blueprint, CATALOGUE, TRAITS)
    assert not [d for d in resolution.diagnostics if d.severity is Severity.ERROR]
    return next(item for item in resolution.resources if item.address == "it")


@pytest.mark.parametrize("entry", CATALOGUE.software.values(), ids=CATALOGUE.software)
def test_every_file_renders_and_is_readable_in_its_own_format(entry: Software) -> None:
    for file in desired(entry).files:
        if file.secret is None:
            assert "{{" not in file.content.replace("{{ $labels.job }}", "")
            if file.path.endswith((".yml", ".yaml")):
                assert YAML(typ="safe", pure=True).load(file.content)


def content(id_: str, **fields: Any) -> str:
    (file,) = (f for f in desired(CATALOGUE.software[id_], **fields).files if f.secret is None)
    return file.content


def test_haproxy_spreads_over_all_backends_and_finds_them_again() -> None:
    text = content("haproxy", network={"ports": [8080]})
    assert "bind :8080" in text
    assert "server web web:80" in text
    assert "server web-2 web-2:80" in text
    assert "balance roundrobin" in text
    assert "parse-resolv-conf" in text
    assert "http-response set-header X-Served-By %s" in text
    assert "mode http" in text
    assert "stick-table" not in text


def test_haproxy_speaks_tcp_to_what_does_not_speak_http() -> None:
    standby = next(i for i in instances(TEMPLATES["postgres-ha"]) if i.address == "read")
    text = standby.files[0].content
    assert "mode tcp" in text
    assert "httpchk" not in text
    assert "X-Served-By" not in text


def test_the_gateway_limits_the_rate_that_was_asked_for() -> None:
    assert "sc_http_req_rate(0) gt 5" in content("haproxy-gateway", env={"RATE_LIMIT": 5})


def test_haproxy_leads_paths_to_servers_of_their_own() -> None:
    text = content("haproxy", env={"ROUTES": "/realms=sign-in:8080 /docs=pages:80"})
    assert "use_backend route-1 if { path_beg /realms }" in text
    assert "server server sign-in:8080" in text
    assert "use_backend route-2 if { path_beg /docs }" in text
    assert text.index("use_backend") < text.index("default_backend pool")


def test_the_sign_in_of_the_zero_trust_network_is_reached_through_its_door() -> None:
    gateway = next(i for i in instances(TEMPLATES["zero-trust-network"]) if i.address == "gateway")
    text = next(f.content for f in gateway.files)
    assert "path_beg /realms/" in text
    assert "identity:8080" in text
    assert "/admin" not in text


def test_software_uses_the_memory_it_is_given() -> None:
    assert "maxmemory 3221225472\n" in content("redis", specs={"memory": "4GiB"})
    assert content("memcached", specs={"memory": "1GiB"}) == "960\n"
    assert "maxmemory 100mb\n" in content("redis", env={"REDIS_MAXMEMORY": "100mb"})
    assert "ES_JAVA_OPTS" not in CATALOGUE.software["elasticsearch"].env


def test_prometheus_asks_each_target_where_its_figures_are() -> None:
    listed = "a:1,a:2, b:9000/minio/v2/metrics/cluster"
    item = desired(CATALOGUE.software["prometheus"], env={"SCRAPE_TARGETS": listed})
    text = next(f.content for f in item.files if f.path.endswith("prometheus.yml"))
    jobs = YAML(typ="safe", pure=True).load(text)["scrape_configs"]
    names = [job["job_name"] for job in jobs]
    assert len(names) == len(set(names)) == 4
    asked = [(job["static_configs"][0]["targets"], job.get("metrics_path")) for job in jobs[1:]]
    assert asked == [
        (["a:1"], None),
        (["a:2"], None),
        (["b:9000"], "/minio/v2/metrics/cluster"),
    ]


def test_no_value_breaks_out_of_a_file() -> None:
    nasty = 'x" }\n  evil: "yes'
    item = desired(CATALOGUE.software["alertmanager"], env={"ALERT_WEBHOOK": nasty})
    text = next(f.content for f in item.files)
    receiver = YAML(typ="safe", pure=True).load(text)["receivers"][0]
    assert receiver["webhook_configs"] == [{"url": nasty}]


def test_checks_from_inside_ask_the_port_that_was_chosen() -> None:
    item = desired(CATALOGUE.software["nginx"], network={"ports": [8080]})
    assert item.health is not None
    assert item.health.port == 8080
    assert item.health.inside[-1] == "http://127.0.0.1:8080/"
    assert "listen 8080;" in item.files[0].content


def test_secrets_of_the_software_become_files_or_variables_of_each_instance() -> None:
    item = desired(CATALOGUE.software["postgresql"])
    assert [(f.path, f.secret) for f in item.files if f.secret] == [
        ("/run/secrets/password", "it.password")
    ]
    item = desired(CATALOGUE.software["clickhouse"], count=1)
    assert item.model_dump(mode="json")["env"]["CLICKHOUSE_PASSWORD"] == {"secret": "it.password"}


def test_a_blueprint_may_give_a_variable_another_secret() -> None:
    item = desired(CATALOGUE.software["clickhouse"], env={"CLICKHOUSE_PASSWORD": {"secret": "own"}})
    value = item.env["CLICKHOUSE_PASSWORD"]
    assert not isinstance(value, str)
    assert value.secret == "own"


@pytest.mark.parametrize("software", WITH_IMAGE, ids=lambda entry: entry.id)
def test_directories_to_write_are_said_of_a_user_that_is_not_root(software: Software) -> None:
    if software.writable:
        assert software.user
        assert software.data not in software.writable


def test_haproxy_looks_names_up_itself_only_outside_of_a_cluster() -> None:
    item = desired(CATALOGUE.software["haproxy"], type="load_balancer")
    text = next(f.content for f in item.files if f.path.endswith("haproxy.cfg"))
    lines = [line.strip() for line in text.splitlines()]
    at = lines.index("default-server resolvers system")
    assert (lines[at - 1], lines[at + 1]) == (".if !defined(KUBERNETES_SERVICE_HOST)", ".endif")
