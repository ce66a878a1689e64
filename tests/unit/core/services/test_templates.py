"""A template is found by few words, and customised by its documented parameters alone, on a copy."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alma.config import load_templates
from alma.core.model.blueprint import Origin
from alma.core.model.document import dump_yaml, parse_blueprint, parse_text
from alma.core.model.errors import BlueprintInvalid, InvalidInput, NotFound
from alma.core.services.templates import Templates, described

TEMPLATES = Templates(load_templates())
IDS = list(TEMPLATES.entries)
# What the user guide's example sends.
GUIDE: dict[str, Any] = {
    "instance_count": 3,
    "cpu_per_instance": 4,
    "memory_per_instance": "8GB",
    "database_size": "50GB",
    "backup_enabled": True,
    "environment": "production",
}


def refused(id_: str, parameters: dict[str, Any]) -> InvalidInput:
    with pytest.raises(InvalidInput) as caught:
        TEMPLATES.customize(id_, parameters)
    return caught.value


# ── finding ──


def test_a_template_is_got_by_its_id_whatever_the_case() -> None:
    assert TEMPLATES.get("Simple-Web-App").id == "simple-web-app"


def test_an_unknown_template_is_answered_with_the_nearest() -> None:
    with pytest.raises(NotFound, match="no template 'simple-webapp'") as caught:
        TEMPLATES.get("simple-webapp")
    assert caught.value.hint == "did you mean 'simple-web-app'?"


def test_templates_are_listed_by_category_and_complexity() -> None:
    assert [t.id for t in TEMPLATES.list()] == IDS
    assert [t.id for t in TEMPLATES.list(category="Web")] == ["simple-web-app", "ha-web-app"]
    assert [t.id for t in TEMPLATES.list(complexity="low")] == ["simple-web-app", "api-gateway"]
    assert [t.id for t in TEMPLATES.list("web", "medium")] == ["ha-web-app"]
    assert list(TEMPLATES.list(category="cooking")) == []


def test_an_unknown_complexity_is_refused_with_the_known_ones() -> None:
    with pytest.raises(InvalidInput, match="unknown complexity 'huge'") as caught:
        TEMPLATES.list(complexity="huge")
    assert caught.value.hint == "use one of: low, medium, high"


def test_categories_say_how_many_they_have() -> None:
    categories = TEMPLATES.categories()
    assert categories["web"] == 2
    assert list(categories) == sorted(categories)
    assert sum(categories.values()) == len(IDS)


@pytest.mark.parametrize(
    ("query", "best"),
    [
        ("kubernetes", "microservices-k8s"),
        ("k8s", "microservices-k8s"),
        ("postgres", "postgres-ha"),
        ("postgersql replication", "postgres-ha"),
        ("redis cluster", "redis-cluster"),
        ("simple web", "simple-web-app"),
        ("high availability web", "ha-web-app"),
        ("grafana prometheus", "observability-stack"),
        ("gpu training", "ml-training"),
        ("etl", "data-pipeline"),
        ("zero trust", "zero-trust-network"),
        ("api gatway", "api-gateway"),
    ],
)
def test_a_few_words_find_the_template_first(query: str, best: str) -> None:
    assert TEMPLATES.search(query)[0].id == best


def test_words_that_mean_nothing_here_find_nothing_and_no_words_find_all() -> None:
    assert list(TEMPLATES.search("xylophone")) == []
    assert [t.id for t in TEMPLATES.search("")] == IDS
    assert len(TEMPLATES.search("", limit=3)) == 3


@pytest.mark.parametrize("limit", [0, -1, 101])
def test_a_limit_has_its_limits(limit: int) -> None:
    with pytest.raises(InvalidInput, match="limit"):
        TEMPLATES.search("web", limit)


# ── customising ──


@pytest.mark.parametrize("id_", IDS)
def test_without_parameters_the_answer_is_the_template(id_: str) -> None:
    assert TEMPLATES.customize(id_) == TEMPLATES.get(id_).blueprint


@pytest.mark.parametrize("id_", ["simple-web-app", "ha-web-app"])
def test_the_six_parameters_of_the_user_guide_do_what_they_say(id_: str) -> None:
    blueprint = TEMPLATES.customize(id_, {**GUIDE, "environment": "staging"})
    web, database = blueprint.resource("web"), blueprint.resource("database")
    assert web is not None
    assert database is not None
    assert (web.count, web.specs.cpu, str(web.specs.memory)) == (3, 4, "8GB")
    assert (str(database.specs.storage), blueprint.metadata["environment"]) == ("50GB", "staging")
    assert database.backup is not None
    assert database.backup.enabled is True
    assert TEMPLATES.customize(id_, {"backup_enabled": False}).resource("database") != database


def test_every_copy_of_the_database_gets_the_size() -> None:
    blueprint = TEMPLATES.customize("ha-web-app", {"database_size": "50GB"})
    sizes = {r.name: str(r.specs.storage) for r in blueprint.resources if r.type == "database"}
    assert sizes == {"database": "50GB", "database-standby": "50GB"}


def test_the_original_stays_as_it_is() -> None:
    before = TEMPLATES.get("ha-web-app").blueprint.model_dump_json()
    TEMPLATES.customize("ha-web-app", GUIDE)
    assert TEMPLATES.get("ha-web-app").blueprint.model_dump_json() == before


def test_the_answer_can_be_sent_as_a_blueprint_unchanged() -> None:
    blueprint = TEMPLATES.customize("simple-web-app", GUIDE)
    assert parse_blueprint(blueprint.dump()) == blueprint
    assert parse_text(dump_yaml(blueprint)) == blueprint


def test_all_problems_are_named_at_once_with_what_is_allowed() -> None:
    error = refused(
        "simple-web-app", {"instance_cuont": 3, "memory_per_instance": "8", "colour": 1}
    )
    assert error.details["errors"] == [
        "instance_cuont: unknown parameter (did you mean 'instance_count'?)",
        "memory_per_instance: invalid format (write a number and a unit, such as 8GB (decimal) or 512MiB (binary))",
        "colour: unknown parameter",
    ]
    assert error.details["allowed"]["instance_count"] == "integer, 1 to 20"
    assert error.hint is not None
    assert "environment (one of development, staging, production)" in error.hint


@pytest.mark.parametrize(
    ("parameter", "value", "problem"),
    [
        ("instance_count", "3", "must be a whole number, not the text '3'"),
        ("instance_count", 2.5, "must be a whole number, not 2.5"),
        ("instance_count", True, "must be a whole number, not true"),
        ("instance_count", None, "must be a whole number, not null"),
        ("instance_count", 0, "must be 1 to 20, not 0"),
        ("instance_count", 21, "must be 1 to 20, not 21"),
        ("instance_count", [3], "must be a whole number, not a list"),
        ("cpu_per_instance", float("nan"), "must be 0.25 to 64, not nan"),
        ("cpu_per_instance", False, "must be a number, not false"),
        ("memory_per_instance", 8, "must be a size with its unit such as 8GB, not 8"),
        ("memory_per_instance", "1kB", "must be 128MB to 256GB, not 1kB"),
        ("memory_per_instance", "1TB", "must be 128MB to 256GB, not 1TB"),
        ("environment", "prod", "must be one of development, staging, production, not 'prod'"),
        ("environment", {}, "must be a text, not a mapping"),
        ("backup_enabled", "yes", "must be true or false, not the text 'yes'"),
        ("backup_enabled", 1, "must be true or false, not 1"),
    ],
)
def test_a_value_that_does_not_fit_is_refused_with_the_reason(
    parameter: str, value: Any, problem: str
) -> None:
    error = refused("simple-web-app", {parameter: value})
    assert error.details["errors"] == [f"{parameter}: {problem}"]


def test_a_customised_template_still_has_to_be_a_valid_blueprint() -> None:
    # Port 3000 of Grafana is published; nothing stops two names from meeting, and the cross-checks see it.
    document = load_templates()["observability-stack"].model_dump()
    targets = document["parameters"]["scrape_targets"]["sets"]
    document["parameters"]["scrape_targets"]["sets"] = [{**targets[0], "path": "name"}]
    broken = Templates(
        {"x": type(TEMPLATES.get("ha-web-app")).model_validate({**document, "id": "x"})}
    )
    with pytest.raises(BlueprintInvalid):
        broken.customize("x", {"scrape_targets": "grafana"})


# ── origins ──


def test_what_was_asked_for_is_told_apart_from_the_template() -> None:
    origins = TEMPLATES.origins("simple-web-app", {"instance_count": 3, "environment": "staging"})
    words = {path for path, origin in origins.items() if origin is Origin.WORDS}
    assert words == {"resources.web.count", "metadata.environment"}
    assert origins["resources.database.specs.storage"] is Origin.TEMPLATE
    assert origins["resources.load-balancer.backends"] is Origin.TEMPLATE
    assert origins["name"] is Origin.TEMPLATE


def test_a_parameter_for_many_resources_is_noted_at_each() -> None:
    origins = TEMPLATES.origins("redis-cluster", {"memory_per_instance": "1GB"})
    words = {path for path, origin in origins.items() if origin is Origin.WORDS}
    assert words == {f"resources.shard-{letter}.specs.memory" for letter in "abc"}


@settings(deadline=None)  # a busy machine is no fault
@given(st.sampled_from(IDS), st.data())
def test_every_set_of_fitting_values_gives_a_valid_blueprint_that_has_them(
    id_: str, data: st.DataObject
) -> None:
    template = TEMPLATES.get(id_)
    given_values: dict[str, Any] = {}
    for name, parameter in template.parameters.items():
        if data.draw(st.booleans()):
            given_values[name] = data.draw(fitting(parameter))
    blueprint = TEMPLATES.customize(id_, given_values)
    assert len(blueprint.resources) == len(template.blueprint.resources)
    again = parse_blueprint(blueprint.dump())
    assert again == blueprint


def fitting(parameter: Any) -> st.SearchStrategy[Any]:
    low, high = parameter.minimum, parameter.maximum
    match parameter.type:
        case "boolean":
            return st.booleans()
        case "integer":
            return st.integers(int(low), int(high))
        case "number":
            return st.sampled_from([low, high, (low + high) / 2])
        case "size":
            return st.sampled_from([str(low), str(high)])
        case _:
            return st.sampled_from(parameter.choices or ["grafana:3000"])


def test_a_bound_on_one_side_is_told_as_such() -> None:
    parameter = TEMPLATES.get("simple-web-app").parameters["instance_count"]
    assert described(parameter.model_copy(update={"maximum": None})) == "integer, at least 1"
    assert described(parameter.model_copy(update={"minimum": None})) == "integer, at most 20"
    unbounded = parameter.model_copy(update={"minimum": None, "maximum": None})
    assert described(unbounded) == "integer"


def test_what_a_template_has_not_may_be_left_out_or_given() -> None:
    without = TEMPLATES.customize("observability-stack", {"alert_webhook": None})
    assert without == TEMPLATES.customize("observability-stack")
    given = {"alert_webhook": "http://people:9000/wake"}
    alertmanager = TEMPLATES.customize("observability-stack", given).resource("alertmanager")
    assert alertmanager is not None
    assert alertmanager.env == {"ALERT_WEBHOOK": "http://people:9000/wake"}
    origins = TEMPLATES.origins("observability-stack", {"alert_webhook": None})
    assert Origin.WORDS not in origins.values()
