"""Estimates are of what would be deployed: resolved as a plan resolves it, on any engine."""

from __future__ import annotations

from alma.config import load_catalogue, load_prices, load_templates
from alma.core.model.blueprint import Blueprint
from alma.core.model.cost import Item
from alma.core.services.estimates import Estimates

ESTIMATES = Estimates(load_catalogue(), load_prices())


def blueprint(**resource: object) -> Blueprint:
    return Blueprint.model_validate({"name": "shop", "resources": [{"name": "x", **resource}]})


def test_the_catalogues_sizes_count_where_the_blueprint_says_none() -> None:
    software = load_catalogue().software["postgresql"]
    found = ESTIMATES.estimate(blueprint(type="database", engine="postgresql", count=3))
    assert found.amount(Item.CPU) == 3 * software.cpu
    assert found.amount(Item.DISK) > 0


def test_a_clusters_nodes_count() -> None:
    found = ESTIMATES.estimate(
        blueprint(type="kubernetes_cluster", specs={"control_plane": 3, "workers": 2, "cpu": 4})
    )
    assert found.amount(Item.CPU) == 20


def test_every_template_has_a_price() -> None:
    for template in load_templates().values():
        found = ESTIMATES.estimate(template.blueprint)
        workloads = [
            r for r in template.blueprint.resources if r.type not in {"network", "firewall"}
        ]
        assert all(found.of(resource.name) > 0 for resource in workloads)
        assert found.monthly == sum(found.of(r.name) for r in template.blueprint.resources)


def test_no_template_brings_prices_of_its_own() -> None:
    for template in load_templates().values():
        words = str(
            template.model_dump(mode="json", exclude={"description", "use_case"})
        ).casefold()
        assert not [word for word in ("price", "usd", "monthly_cost", "hourly") if word in words], (
            template.id
        )


def test_the_book_is_named_for_those_who_rely_on_its_prices() -> None:
    assert ESTIMATES.book == load_prices().version
    assert ESTIMATES.estimate(blueprint(type="vm")).book == ESTIMATES.book


def test_a_limit_may_be_a_binary_number() -> None:
    found = ESTIMATES.cheaper(blueprint(type="vm", specs={"cpu": 8}), 60.1)
    assert str(found.limit) == "60.1"
    assert found.within
