"""Things for several environments in one first message are all made, and told apart by their names."""

from __future__ import annotations

import pytest

from alma.core.language.interpreter import Interpreter
from tests.unit.core.language.conversing import drafted


@pytest.mark.parametrize(
    ("message", "names"),
    [
        (
            "One pg for staging (2 cpu, 4 gb), one pg for prod (8 cpu, 32 gb). thx",
            {"db-staging", "db-prod"},
        ),
        ("a redis for test and a redis for production", {"cache-test", "cache-prod"}),
        ("postgres for staging and production, 8GB each", {"db-staging", "db-prod"}),
        ("I need a staging database and a production database", {"db-staging", "db-prod"}),
        ("dev and prod kubernetes clusters, 3 nodes each", {"k8s-dev", "k8s-prod"}),
        ("two VMs, one for dev with 4GB and one for prod with 16GB", {"vm-dev", "vm-prod"}),
        ("grafana for staging and grafana for production", {"grafana-staging", "grafana-prod"}),
        ("a dev mysql with 2GB and a prod mysql with 16GB", {"db-dev", "db-prod"}),
        (
            "two k8s clusters: one for staging with 3 nodes, one for prod with 7",
            {"k8s-staging", "k8s-prod"},
        ),
        (
            "two k8s clusters, a staging one with 3 nodes and a prod one with 7",
            {"k8s-staging", "k8s-prod"},
        ),
        ("dev: a postgres 16, prod: a postgres 16 with 8GB", {"db-dev", "db-prod"}),
    ],
)
def test_each_environment_has_its_thing(
    interpreter: Interpreter, message: str, names: set[str]
) -> None:
    blueprint = drafted(interpreter, message)
    assert {r.name for r in blueprint.resources} == names
    assert "environment" not in blueprint.metadata


def test_each_has_its_own_amounts(interpreter: Interpreter) -> None:
    blueprint = drafted(
        interpreter, "one pg for staging (2 cpu, 4 gb), one pg for prod (8 cpu, 32 gb)"
    )
    assert {r.name: r.specs.cpu for r in blueprint.resources} == {"db-staging": 2, "db-prod": 8}


def test_what_is_for_one_environment_is_not_joined_to_what_is_for_another(
    interpreter: Interpreter,
) -> None:
    message = "staging: 1 web vm, 1 postgres\nprod: 3 web vms, 1 postgres with 16GB"
    blueprint = drafted(interpreter, message)
    assert len(blueprint.resources) == 7
    for resource in blueprint.resources:
        mine, other = ("prod", "staging") if "prod" in resource.name else ("staging", "prod")
        assert not any(other in name for name in resource.depends_on), (mine, resource.name)
        assert not (
            {"staging", "prod"} <= {word for name in resource.backends for word in name.split("-")}
        )


@pytest.mark.parametrize(
    "message", ["a postgres for production", "production: 2 web vms and a postgres"]
)
def test_one_environment_is_that_of_the_whole(interpreter: Interpreter, message: str) -> None:
    assert drafted(interpreter, message).metadata["environment"] == "production"
