"""Blue-green: three valid blueprints, and blue is not touched before people are on green."""

from __future__ import annotations

from typing import Any

import pytest

from alma.core.model.blueprint import Blueprint
from alma.core.model.checks import diagnose
from alma.core.model.diagnostic import Severity
from alma.core.model.errors import InvalidInput
from alma.core.planning.blue_green import BlueGreen, blue_green

WEB: dict[str, Any] = {
    "name": "web",
    "type": "vm",
    "engine": "nginx",
    "version": "1.27",
    "count": 2,
    "network": {"ports": ["8080:80"], "private_ip": None},
    "depends_on": ["db"],
}
API: dict[str, Any] = {"name": "api", "type": "service", "image": "api:1", "depends_on": ["web"]}
DB: dict[str, Any] = {"name": "db", "type": "database", "engine": "postgresql"}
LB: dict[str, Any] = {"name": "lb", "type": "load_balancer", "backends": ["web"]}
WALL: dict[str, Any] = {
    "name": "wall",
    "type": "firewall",
    "rules": [{"source": "lb", "target": "web", "ports": [80]}],
}


def shop(*resources: dict[str, Any]) -> Blueprint:
    return Blueprint.model_validate({"name": "shop", "resources": list(resources)})


WEB1 = WEB | {"count": 1}
NEWER = WEB1 | {"version": "1.28"}


def names(found: BlueGreen) -> list[set[str]]:
    return [{item.name for item in stage.blueprint.resources} for stage in found.stages]


def test_green_stands_beside_blue_is_switched_to_and_blue_goes() -> None:
    found = blue_green(shop(WEB1, DB, LB, WALL), shop(NEWER, DB, LB, WALL))
    assert found.switched == {"web": "web-green"}
    rest = {"db", "lb", "wall"}
    assert names(found) == [
        rest | {"web", "web-green"},
        rest | {"web", "web-green"},
        rest | {"web-green"},
    ]
    backends = [stage.blueprint.resource("lb").backends for stage in found.stages]  # type: ignore[union-attr]
    assert backends == [("web",), ("web-green",), ("web-green",)]
    versions = [
        (item.name, item.version)
        for item in found.stages[0].blueprint.resources
        if item.name.startswith("web")
    ]
    assert versions == [("web-green", "1.28"), ("web", "1.27")]


def test_firewalls_let_both_colours_through_while_both_are_there() -> None:
    found = blue_green(shop(WEB1, DB, LB, WALL), shop(NEWER, DB, LB, WALL))
    targets = [
        [rule.target for rule in stage.blueprint.resource("wall").rules]  # type: ignore[union-attr]
        for stage in found.stages
    ]
    assert targets == [["web-green", "web"], ["web-green", "web"], ["web-green"]]


def test_every_stage_is_a_valid_blueprint_and_green_publishes_no_port_of_blue() -> None:
    found = blue_green(shop(WEB1, API, DB, LB), shop(NEWER, API, DB, LB))
    for stage in found.stages:
        errors = [d for d in diagnose(stage.blueprint) if d.severity is Severity.ERROR]
        assert errors == []
    green = found.stages[0].blueprint.resource("web-green")
    assert green is not None
    assert [str(port) for port in green.network.ports] == ["80"]
    assert any("publishes no port" in note for note in found.notes)
    depends = [stage.blueprint.resource("api").depends_on for stage in found.stages]  # type: ignore[union-attr]
    assert depends == [("web",), ("web-green",), ("web-green",)]


def test_the_next_time_the_colours_change_back() -> None:
    running = shop(WEB1 | {"name": "web-green"}, DB, LB | {"backends": ["web-green"]})
    wanted = shop(NEWER | {"name": "web-green"}, DB, LB | {"backends": ["web-green"]})
    assert blue_green(running, wanted).switched == {"web-green": "web-blue"}


def test_what_keeps_data_changes_in_place_and_what_is_not_wanted_goes_last() -> None:
    old = {"name": "old", "type": "cache", "engine": "redis"}
    bigger = DB | {"specs": {"memory": "8GB"}}
    found = blue_green(shop(WEB1, DB, LB, old), shop(NEWER, bigger, LB))
    assert found.in_place == ("db",)
    assert ["old" in stage for stage in names(found)] == [True, True, False]
    assert all(str(s.blueprint.resource("db").specs.memory) == "8GB" for s in found.stages)  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("running", "wanted"),
    [
        (shop(WEB1, DB, LB), shop(WEB1, DB, LB)),
        (shop(WEB1, DB), shop(NEWER, DB)),
        (shop(WEB1, DB, LB), shop(WEB1, DB | {"version": "16"}, LB)),
        (
            shop(
                WEB1 | {"mounts": [{"volume": "v", "path": "/v"}]},
                DB,
                LB,
                {"name": "v", "type": "volume"},
            ),
            shop(
                NEWER | {"mounts": [{"volume": "v", "path": "/v"}]},
                DB,
                LB,
                {"name": "v", "type": "volume"},
            ),
        ),
    ],
)
def test_where_nothing_can_stand_twice_there_are_no_stages_and_a_reason(
    running: Blueprint, wanted: Blueprint
) -> None:
    found = blue_green(running, wanted)
    assert found.stages == ()
    assert found.why_not


def test_a_colour_that_is_taken_is_refused() -> None:
    taken = {"name": "web-green", "type": "vm"}
    with pytest.raises(InvalidInput, match="web-green"):
        blue_green(shop(WEB1, DB, LB, taken), shop(NEWER, DB, LB, taken))
