from __future__ import annotations

import pytest

from alma.core.migration.conversion import Fate
from alma.core.model.blueprint import Origin
from alma.core.model.document import diagnose, dump_yaml, parse_text
from alma.core.model.errors import InvalidInput
from tests.unit.core.migration.reading import FILES, at, converted, everything, resource

SHOP = (FILES / "shop.compose.yaml").read_text()


def one(**service: object) -> dict[str, object]:
    return {"services": {"web": {"image": "example/web:1", **service}}}


def test_a_service_becomes_a_container_with_its_ports_sizes_networks_and_volumes() -> None:
    made = converted(SHOP)
    assert (made.form, made.platform, made.blueprint.name) == ("compose", "docker", "shop")
    assert resource(made, "web") == {
        "name": "web",
        "type": "container",
        "image": "registry.example.org/shop/web:2.4.1",
        "specs": {"cpu": 0.5, "memory": "512MiB"},
        "network": {"public_ip": True, "ports": ["80:8080", 9100], "attach": ["front", "back"]},
        "depends_on": ["db", "cache"],
        "env": {
            "DATABASE_HOST": "db",
            "DATABASE_PASSWORD": {"secret": "db.password"},
            "SESSION_SECRET": {"secret": "web-session-secret"},
            "LOG_LEVEL": "info",
        },
        "mounts": [{"volume": "uploads", "path": "/srv/uploads"}],
    }


def test_a_known_image_becomes_software_with_its_version() -> None:
    made = converted(SHOP)
    db = resource(made, "db")
    assert (db["type"], db["engine"], db["version"]) == ("database", "postgresql", "16")
    assert db["network"] == {"private_ip": "172.28.5.10", "attach": ["back"]}
    assert at(made, "services.db.image")[0].code == "approximated"


def test_no_secret_of_the_file_is_anywhere_in_the_answer() -> None:
    told = everything(converted(SHOP))
    assert "example-pw-1" not in told
    assert "other-example" not in told


def test_a_key_known_by_its_look_and_a_label_of_basic_auth_stay_behind() -> None:
    made = converted(
        one(
            environment={"STRIPE": "sk_live_" + "a1B2" * 6},
            labels={"traefik.http.middlewares.a.basicauth.users": "u:$$apr1$$planted"},
        )
    )
    told = everything(made)
    assert "a1B2a1B2" not in told
    assert "planted" not in told


def test_the_same_password_in_two_places_is_one_secret() -> None:
    env = {"API_TOKEN": "t-1", "OTHER_TOKEN": "t-1", "THIRD_TOKEN": "t-2"}
    found = resource(converted(one(environment=env)), "web")["env"]
    assert found["API_TOKEN"] == found["OTHER_TOKEN"] == {"secret": "web-api-token"}
    assert found["THIRD_TOKEN"] == {"secret": "web-third-token"}


@pytest.mark.parametrize(
    "command",
    [
        "serve --db-password=hunter2-x",
        ["sh", "-c", "redis-server --requirepass hunter2-x"],
        ["sh", "-c", "APP_SECRET=hunter2-x exec serve"],
        "mysqldump -u root -phunter2-x shop",
        "fetch https://ops:hunter2-x@example.org/file",
    ],
)
def test_a_command_with_a_secret_in_it_is_left_out_and_told(command: object) -> None:
    made = converted(one(command=command))
    assert "hunter2-x" not in everything(made)
    assert "command" not in resource(made, "web")
    assert at(made, "services.web.command")[0].code == "secret"


def test_a_port_that_only_the_machine_itself_reaches_is_not_opened_to_others() -> None:
    made = converted(one(ports=["127.0.0.1:5432:5432"]))
    assert resource(made, "web")["network"] == {"ports": [5432]}
    assert at(made, "services.web.ports.0")[0].code == "approximated"


@pytest.mark.parametrize(
    ("port", "wanted"),
    [
        ("80", [80]),
        ("8080:80", ["8080:80"]),
        ("53:53/udp", ["53:53/udp"]),
        ("3000-3002:4000-4002", ["3000:4000", "3001:4001", "3002:4002"]),
        ({"target": 80, "published": "8080"}, ["8080:80"]),
        (443, [443]),
    ],
)
def test_every_way_to_write_a_port_is_read(port: object, wanted: list[object]) -> None:
    assert resource(converted(one(ports=[port])), "web")["network"]["ports"] == wanted


def test_more_ports_than_a_list_is_good_for_are_told() -> None:
    made = converted(one(ports=["10000-20000:10000-20000"]))
    assert "network" not in resource(made, "web")
    assert "too many" in at(made, "services.web.ports.0")[0].message


def test_variables_take_their_default_and_others_are_told() -> None:
    text = (
        "services: {web: {image: 'web:${TAG:-7}', environment: {A: '${B}', C: '$$x', D: '${E-}'}}}"
    )
    made = converted(text)
    web = resource(made, "web")
    assert web["image"] == "web:7"
    assert web["env"] == {"C": "$x", "D": ""}
    assert "B is not known" in at(made, "services.web.environment.A")[0].message


def test_services_without_networks_stay_apart_from_those_with_some() -> None:
    made = converted({
        "services": {"a": {"image": "a:1", "networks": ["back"]}, "b": {"image": "b:1"}},
        "networks": {"back": None},
    })  # fmt: skip
    assert resource(made, "a")["network"]["attach"] == ["back"]
    assert resource(made, "b")["network"]["attach"] == ["default"]


def test_names_that_clash_are_told_apart_and_references_follow() -> None:
    made = converted({
        "services": {"data": {"image": "a:1", "volumes": ["data:/x"], "networks": ["data"]}},
        "volumes": {"data": {}},
        "networks": {"data": {}},
    })  # fmt: skip
    owner = next(r for r in made.blueprint.resources if r.type == "container")
    names: dict[str, str] = {r.type.value: r.name for r in made.blueprint.resources}
    assert len(set(names.values())) == 3
    assert owner.mounts[0].volume == names["volume"]
    assert owner.network.attach == (names["network"],)


def test_what_has_no_place_is_named() -> None:
    made = converted(SHOP)
    for path in ("services.web.healthcheck", "services.web.logging", "networks.back.internal"):
        assert at(made, path), path
    assert [item.address for item in made.objects if item.fate is Fate.LEFT_OUT] == ["secrets.tls"]


def test_every_value_is_marked_as_imported() -> None:
    made = converted(SHOP)
    assert made.origins["resources.web.specs.memory"] is Origin.IMPORTED
    assert set(made.origins.values()) == {Origin.IMPORTED}


def test_the_blueprint_can_be_written_and_read_again() -> None:
    made = converted(SHOP)
    assert parse_text(dump_yaml(made.blueprint)) == made.blueprint
    assert diagnose(made.blueprint) == ()


def test_a_cycle_is_opened_and_told() -> None:
    services = {
        "a": {"image": "a:1", "depends_on": ["b"]},
        "b": {"image": "b:1", "depends_on": ["a"]},
    }
    made = converted({"services": services})
    assert sum(len(r.depends_on) for r in made.blueprint.resources) <= 1
    assert any("cycle" in item.message for item in made.remarks)


def test_a_file_without_services_is_refused() -> None:
    with pytest.raises(InvalidInput, match="no services"):
        converted({"services": {}}, form="compose")
