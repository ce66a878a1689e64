"""Reading blueprints: everything that is wrong is said at once, where it is and what to do; what is right survives."""

from __future__ import annotations

import json
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from alma.core.model import yaml_reader
from alma.core.model.blueprint import (
    Blueprint,
    ClusterPolicies,
    NetworkPolicy,
    PodSecurity,
    ResourceType,
)
from alma.core.model.diagnostic import Diagnostic
from alma.core.model.document import (
    SERVER_FIELDS,
    blueprint_schema,
    dump_yaml,
    parse_blueprint,
    parse_text,
    read_text,
)
from alma.core.model.errors import BlueprintInvalid, DocumentTooLarge


def faults(data: object) -> list[Diagnostic]:
    with pytest.raises(BlueprintInvalid) as caught:
        parse_text(data) if isinstance(data, str | bytes) else parse_blueprint(data)
    return list(caught.value.diagnostics)


def texts(data: object) -> list[str]:
    return [str(item) for item in faults(data)]


def one(data: object) -> Diagnostic:
    found = faults(data)
    assert len(found) == 1, [str(item) for item in found]
    return found[0]


def with_resource(**fields: Any) -> dict[str, Any]:
    return {"name": "shop", "resources": [{"name": "web", "type": "vm", **fields}]}


# ── what is accepted ──

ANSWERED_BY_CHAT = {
    "name": "little-shop",
    "resources": [
        {"name": "front-1", "type": "vm", "specs": {"cpu": 2, "memory": "4GB"}},
        {"name": "front-2", "type": "vm", "specs": {"cpu": 2, "memory": "4GB"}},
        {"name": "store-1", "type": "database", "engine": "postgresql"},
    ],
}
KEPT_IN_GIT = """\
version: "1.0"
name: shop-live
description: What customers see

resources:
  - name: front-server-1
    type: vm
    specs:
      cpu: 4
      memory: 8GB
      disk: 100GB
    network:
      private_ip: 10.0.1.10
      public_ip: true

  - name: store-1
    type: database
    engine: postgresql
    version: "15"
    specs:
      cpu: 8
      memory: 16GB
      storage: 500GB
    backup:
      enabled: true
      retention_days: 30

metadata:
  environment: production
  owner: shop-team
  cost_center: sales
"""


def test_a_blueprint_as_the_chat_answers_it_is_valid() -> None:
    blueprint = parse_blueprint(ANSWERED_BY_CHAT)
    assert [r.type for r in blueprint.resources] == ["vm", "vm", "database"]


def test_a_blueprint_as_people_keep_it_in_git_is_valid() -> None:
    blueprint = parse_text(KEPT_IN_GIT)
    front, store = blueprint.resources
    assert front.network.public_ip is True
    assert front.network.private_ip == "10.0.1.10"
    assert store.specs.disk_size is not None
    assert store.specs.disk_size.bytes == 500 * 10**9
    assert store.backup is not None
    assert store.backup.retention_days == 30
    assert blueprint.metadata["cost_center"] == "sales"


def test_json_and_yaml_read_the_same() -> None:
    text = json.dumps(ANSWERED_BY_CHAT)
    assert parse_text(text) == parse_blueprint(ANSWERED_BY_CHAT)
    assert parse_text(text.encode(), format="yaml") == parse_text(text, format="json")


def test_an_exported_blueprint_can_be_sent_back() -> None:
    exported = dict.fromkeys(SERVER_FIELDS, "made by the server") | ANSWERED_BY_CHAT
    assert parse_blueprint(exported) == parse_blueprint(ANSWERED_BY_CHAT)


def test_server_fields_are_dropped_at_the_top_only() -> None:
    assert texts(with_resource(id=5)) == ["resources.0.id: unknown field"]


def test_flow_style_yaml_is_taken_when_it_is_no_json() -> None:
    assert parse_text("{name: shop, resources: [{name: web, type: vm}]}").name == "shop"


def test_a_byte_order_mark_is_no_part_of_the_document() -> None:
    assert parse_text(b"\xef\xbb\xbfname: shop").name == "shop"
    assert parse_text('\ufeff{"name": "shop"}').name == "shop"


def test_yaml_1_2_keeps_no_and_dates_as_text() -> None:
    read = parse_text("name: no\nmetadata: {since: 2024-01-01, on: yes, octal: 0o17, plain: 010}")
    assert read.name == "no"
    assert read.metadata == {"since": "2024-01-01", "on": "yes", "octal": 15, "plain": 10}


def test_anchors_and_merge_keys_save_repetition() -> None:
    text = """
name: shop
metadata: {small: &small {cpu: 1, memory: 1GB}}
resources:
  - {name: a, type: vm, specs: *small}
  - {name: b, type: vm, specs: {<<: *small, cpu: 2}}
"""
    first, second = parse_text(text).resources
    assert (first.specs.cpu, second.specs.cpu) == (1, 2)
    assert first.specs.memory == second.specs.memory


# ── all at once, each with its path and a hint ──


def test_a_bad_size_is_reported_in_the_documented_words() -> None:
    assert texts(with_resource(specs={"memory": "lots"})) == [
        "resources.0.specs.memory: invalid format"
    ]


@pytest.mark.parametrize(
    "size", ["16", 8, 8.5, True, "-1GB", "0GB", "8XB", "1.5B", "", "9" * 99 + "GB"]
)
def test_every_bad_size_has_a_hint(size: Any) -> None:
    found = one(with_resource(specs={"memory": size}))
    assert (found.message, found.path) == ("invalid format", "resources.0.specs.memory")
    assert found.hint


def test_all_mistakes_are_found_at_once() -> None:
    data = {
        "name": "shop",
        "colour": "red",
        "resources": [
            {"name": "web", "type": "vm", "specs": {"memory": "8XB"}, "depends_on": ["dbb"]},
            {"name": "db", "type": "databse"},
            {"name": "net", "type": "network", "cidr": "10.0.0.1/24"},
            {"name": "WEB", "type": "vm", "count": 0},
        ],
    }
    assert texts(data) == [
        "colour: unknown field",
        "resources.0.specs.memory: invalid format",
        "resources.0.depends_on.0: there is no resource 'dbb'",
        "resources.1.type: unknown type 'databse'",
        "resources.2.cidr: invalid network",
        "resources.3.count: must be at least 1",
        "resources.3.name: name 'WEB' is taken by resources.0 ('web': case makes no difference)",
    ]


def test_a_reference_to_a_resource_that_could_not_be_read_is_no_second_mistake() -> None:
    data = {
        "name": "shop",
        "resources": [
            {"name": "web", "type": "vm", "depends_on": ["db"]},
            {"name": "db", "type": "databse"},
        ],
    }
    assert texts(data) == ["resources.1.type: unknown type 'databse'"]


@pytest.mark.parametrize(
    ("fields", "path", "hint"),
    [
        ({"specs": {"memroy": "1GB"}}, "specs.memroy", "did you mean 'memory'?"),
        ({"netwrok": {}}, "netwrok", "did you mean 'network'?"),
        ({"type": "databse"}, "type", "did you mean 'database'?"),
        ({"type": "lxc"}, "type", "did you mean 'container'?"),
        ({"type": "load balancer"}, "type", "did you mean 'load_balancer'?"),
        ({"env": {"A": {"secrt": "x"}}}, "env.A.secret", "is 'secrt' meant to be it?"),
        (
            {"policies": {"pod_securty": "baseline"}},
            "policies.pod_securty",
            "did you mean 'pod_security'?",
        ),
        ({"policies": {"network": "deny"}}, "policies.network", "write open or default-deny"),
        ({"backup": {"retention": 3}}, "backup.retention", "did you mean 'retention_days'?"),
    ],
)
def test_a_typing_error_is_answered_with_the_nearest_word(
    fields: dict[str, Any], path: str, hint: str
) -> None:
    found = {item.path: item.hint for item in faults(with_resource(**fields))}
    assert found[f"resources.0.{path}"] == hint


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"env": {"A": [1]}}, "env.A: must be a single value"),
        ({"env": {"1A": "x"}}, "env: invalid variable name '1A'"),
        ({"env": {"A\n": "x"}}, "env: invalid variable name 'A\n'"),
        ({"network": {"public_ip": "everywhere"}}, "network.public_ip: invalid address"),
        ({"network": {"ports": ["http"]}}, "network.ports.0: invalid format"),
        ({"network": "open"}, "network: must be a mapping"),
        ({"depends_on": "db"}, "depends_on: must be a list"),
        ({"name": "-web"}, "name: invalid name"),
        ({"name": "web\n"}, "name: invalid name"),
        ({"labels": {"tier": 1}}, "labels.tier: must be a text"),
        ({"specs": {"cpu": -2}}, "specs.cpu: invalid format"),
        ({"specs": {"disk": "1GB", "storage": "2GB"}}, "specs: disk and storage differ"),
        ({"backup": {"retention_days": 0}}, "backup.retention_days: must be at least 1"),
        ({"policies": {"pod_security": "strict"}}, "policies.pod_security: unknown value 'strict'"),
        ({"policies": "restricted"}, "policies: must be a mapping"),
        ({"count": 1.5}, "count: must be a whole number"),
        ({"mounts": [{"volume": "v", "path": "data"}]}, "mounts.0.path: invalid format"),
    ],
)
def test_one_mistake_gives_one_message(fields: dict[str, Any], expected: str) -> None:
    own = [text for text in texts(with_resource(**fields)) if "no resource" not in text]
    assert own == [f"resources.0.{expected}"]


@pytest.mark.parametrize("data", [None, [], "text", 5, [{"name": "x"}]])
def test_what_is_no_mapping_is_no_blueprint(data: object) -> None:
    with pytest.raises(BlueprintInvalid) as caught:
        parse_blueprint(data)
    assert caught.value.diagnostics[0].code == "not_a_blueprint"


def test_resources_as_a_mapping_are_explained() -> None:
    found = one({"name": "shop", "resources": {"web": {"type": "vm"}}})
    assert (str(found), found.hint) == (
        "resources: must be a list",
        "begin each entry with '- name:'",
    )


def test_a_clusters_policies_come_back_as_they_were_written() -> None:
    policies = {"network": "default-deny", "pod_security": "restricted"}
    document = with_resource(type="kubernetes_cluster", policies=policies)
    blueprint = parse_blueprint(document)
    assert blueprint.resources[0].policies == ClusterPolicies(
        network=NetworkPolicy.DEFAULT_DENY, pod_security=PodSecurity.RESTRICTED
    )
    assert blueprint.dump()["resources"][0]["policies"] == policies


# ── text: syntax, places, limits ──


def test_a_mistake_in_a_text_has_its_line_and_column() -> None:
    found = one(KEPT_IN_GIT.replace("memory: 8GB", "memory: 8XB"))
    assert (found.path, found.line, found.column) == ("resources.0.specs.memory", 10, 7)


def test_a_mistake_in_json_has_its_line_and_column() -> None:
    text = json.dumps(with_resource(specs={"cpu": 1, "memory": "8XB"}), indent=2)
    found = one(text)
    line = text.splitlines()[(found.line or 0) - 1]
    assert line[(found.column or 0) - 1 :].startswith('"memory"')


def test_a_missing_field_is_shown_at_what_lacks_it() -> None:
    found = one("name: shop\nresources:\n  - type: vm\n")
    assert (found.path, found.line, found.column) == ("resources.0.name", 3, 5)


@pytest.mark.parametrize(
    ("text", "code", "line", "column"),
    [
        ("name: shop\n\tx: 1", "yaml_syntax", 2, 1),
        ("name: a: b", "yaml_syntax", 1, 8),
        ("name: [1, 2\nx: 3", "yaml_syntax", 2, 2),
        ("name: *shop", "yaml_syntax", 1, 7),
        ("name: &a [*a]", "yaml_syntax", 1, 11),
        ("name: \x01", "yaml_syntax", 1, 7),
        ("name: a\nname: b", "duplicate_key", 2, 1),
        ("name: a\n---\nname: b", "several_documents", 2, 1),
        ("name: .nan", "not_finite", 1, 7),
        ("name: 1e999", "not_finite", 1, 7),
        ("name: !!python/object:os.system x", "yaml_tag", 1, 7),
        ("name: !secret x", "yaml_tag", 1, 7),
        ('{"name": "a"', "json_syntax", 1, 13),
        ('{"name": "a",\n "name": "b"}', "duplicate_key", 2, 2),
        ('{"x": {"name": "a"}, "y": [{"b": 1, "b": 2}]}', "duplicate_key", 1, 37),
    ],
)
def test_what_is_no_text_of_one_document_is_refused_where_it_goes_wrong(
    text: str, code: str, line: int, column: int
) -> None:
    found = one(text)
    assert (found.code, found.line, found.column) == (code, line, column)


@pytest.mark.parametrize("number", ["NaN", "-Infinity", "1e999"])
def test_json_numbers_that_are_none_are_refused_where_they_stand(number: str) -> None:
    found = one(f'{{"a": "{number}",\n "b": {number}}}')
    assert (found.code, found.line, found.column) == ("not_finite", 2, 7)


def test_a_number_of_thousands_of_digits_is_refused() -> None:
    assert one(f'{{"a": {"9" * 5000}}}').code == "too_large"
    assert one(f"a: {'9' * 5000}\nname: x").code == "too_large"


def test_text_that_is_no_utf8_is_refused() -> None:
    found = one(b"name: a\ndescription: \xff")
    assert (found.code, found.line, found.column) == ("not_utf8", 2, 14)


def test_a_document_beyond_the_limit_is_not_even_read() -> None:
    with pytest.raises(DocumentTooLarge, match="larger than 5 MB") as caught:
        parse_text(b"[" * 5_000_001)
    assert caught.value.code == "document_too_large"
    with pytest.raises(DocumentTooLarge):
        parse_text("é" * 60, max_bytes=100)


@pytest.mark.parametrize("text", ["[" * 100_000, "- " * 100, "a: " + "{b: " * 40 + "}" * 40])
@pytest.mark.parametrize("format", ["auto", "yaml"])
def test_deep_nesting_is_refused(text: str, format: Any) -> None:
    with pytest.raises(BlueprintInvalid) as caught:
        read_text(text, format=format)
    assert caught.value.diagnostics[0].code == "too_deep"


def test_deeply_nested_values_are_refused_however_they_arrive() -> None:
    value: Any = 1
    for _ in range(40):
        value = {"a": value}
    assert one({"name": "shop", "metadata": value}).code == "too_deep"


def test_an_alias_bomb_is_refused_before_it_goes_off() -> None:
    lines = ["l0: &l0 [x, x, x, x, x, x, x, x, x, x]"]
    for level in range(1, 10):
        aliases = ", ".join([f"*l{level - 1}"] * 10)
        lines.append(f"l{level}: &l{level} [{aliases}]")
    assert one("\n".join(lines)).code == "too_many_values"


@pytest.mark.parametrize(
    ("value", "code"),
    [
        (float("nan"), "not_finite"),
        (float("inf"), "not_finite"),
        (2**70, "too_large"),
        ("a\x00b", "invalid_text"),
        ("\ud800", "invalid_text"),
        ({1: "x"}, "invalid_key"),
    ],
)
def test_values_that_no_store_takes_are_refused(value: object, code: str) -> None:
    found = one({"name": "shop", "metadata": {"x": value}})
    assert (found.code, found.path) == (code, "metadata.x")


# ── writing ──


def test_the_written_yaml_is_what_a_person_would_write() -> None:
    assert dump_yaml(parse_text(KEPT_IN_GIT)) == KEPT_IN_GIT.replace("\n\n", "\n")


def test_unset_and_empty_fields_are_not_written() -> None:
    assert dump_yaml(Blueprint(name="shop")) == 'version: "1.0"\nname: shop\n'


def test_texts_that_look_like_something_else_are_quoted() -> None:
    labels = {
        "a": "no",
        "b": "1.0",
        "c": "2024-01-01",
        "d": "12:30",
        "e": "0x1f",
        "f": "",
        "on": "~",
    }
    blueprint = parse_blueprint(with_resource(labels=labels, network={"ports": ["8443:43"]}))
    written = dump_yaml(blueprint)
    assert 'a: "no"' in written
    assert '"on": "~"' in written
    assert '["8443:43"]' in written
    assert parse_text(written) == blueprint


# ── schema ──


def test_the_schema_is_a_schema_and_takes_what_the_parser_takes() -> None:
    schema = blueprint_schema()
    Draft202012Validator.check_schema(schema)
    validator = Draft202012Validator(schema)
    for document in (
        ANSWERED_BY_CHAT,
        read_text(KEPT_IN_GIT),
        with_resource(backup=True),
        with_resource(type="kubernetes_cluster", policies={"network": "open"}),
    ):
        assert list(validator.iter_errors(document)) == []
    assert schema["$id"]
    assert schema["title"]


@pytest.mark.parametrize(
    "fields",
    [
        {"type": "server"},
        {"colour": "red"},
        {"policies": {"network": "shut"}},
        {"specs": {"memory": "8"}},
        {"name": "-"},
    ],
)
def test_the_schema_refuses_what_the_parser_refuses(fields: dict[str, Any]) -> None:
    document = with_resource(**fields)
    assert list(Draft202012Validator(blueprint_schema()).iter_errors(document))
    assert faults(document)


def test_the_schema_explains_every_field_of_a_resource() -> None:
    properties = blueprint_schema()["$defs"]["Resource"]["properties"]
    assert set(properties["type"].get("enum", ResourceType)) == set(ResourceType)
    assert [name for name, field in properties.items() if not _explained(field)] == []


def _explained(field: dict[str, Any]) -> bool:
    return bool(field.get("description"))


@pytest.mark.parametrize("as_yaml", [True, False])
def test_a_list_longer_than_any_can_be_ends_the_reading(as_yaml: bool) -> None:
    entry = "  - {name: a, type: vm}\n" if as_yaml else '{"name": "a", "type": "vm"},'
    many = entry * 10_001
    text = (
        f"name: x\nresources:\n{many}"
        if as_yaml
        else f'{{"name": "x", "resources": [{many[:-1]}]}}'
    )
    fault = one(text)
    assert (fault.code, fault.path) == ("too_many_values", "resources")
    assert (fault.line, fault.column) == ((10_003, 5) if as_yaml else (1, 15))


@pytest.mark.parametrize("text", ["words } and ] more", "", "17", "# nothing\n---\n"])
def test_a_text_without_any_value_to_point_at_points_at_its_beginning(text: str) -> None:
    fault = one(text)
    assert (fault.code, fault.line, fault.column) == ("not_a_blueprint", 1, 1)


def test_yaml_is_read_once_even_when_something_is_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[str] = []

    real = yaml_reader.read_yaml

    def counted(text: str, **more: Any) -> Any:
        read.append(text)
        return real(text, **more)

    monkeypatch.setattr(yaml_reader, "read_yaml", counted)
    assert one("name: x\nresources:\n  - name: a\n    type: vmm").line == 4
    assert len(read) == 1


WRONG: list[dict[str, Any]] = [
    {"name": "", "version": "2", "engine": "e" * 65, "metadata": 5, "description": 5},
    {"name": "x" * 101, "constraints": {"max_monthly_cost": -1, "region": "r" * 65}},
    {"resources": "none"},
    with_resource(count=0, specs={"gpu": -1, "memory": -5, "cpu": "many", "nodes": 0}),
    with_resource(count=1001, image="", command="ls", backup="daily", mounts={}, labels=[]),
    with_resource(backup={"retention_days": 0, "schedule": "sometimes"}, env={"1A": "x", "B": []}),
    with_resource(vlan=5000, cidr="10.0.0.1/24", network={"private_ip": "x", "ports": [0]}),
    with_resource(type="vmm", rules=[{"action": "maybe", "source": "nobody"}], depends_on=5),
    with_resource(policies={"network": "shut", "pod_security": 3, "images": "signed"}),
    with_resource(policies=["network"], type="kubernetes_cluster"),
    with_resource(version="", engine="", mounts=[{"volume": "v", "path": "here"}], rules=7),
    {"name": "x", "resources": [5, {}, {"name": "a b", "type": "vm"}]},
]


@pytest.mark.parametrize("document", WRONG, ids=range(len(WRONG)))
def test_every_error_says_where_it_is_and_what_to_do(document: dict[str, Any]) -> None:
    for fault in faults(document):
        assert fault.path
        assert fault.hint, f"{fault.path}: {fault.message}"


def test_a_negative_bare_size_is_not_repeated_as_advice() -> None:
    assert "-5" not in (one(with_resource(specs={"memory": -5})).hint or "")
