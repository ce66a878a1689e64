"""What is said of a blueprint that is looked at."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from alma.core.model.errors import AlmaError, ArgumentsInvalid, InvalidInput, NotFound
from tests.unit.core.tools.kit import SHOP, calling

WEB: dict[str, Any] = {"name": "web", "type": "container", "image": "nginx:1.27"}


def document(*resources: dict[str, Any], **own: Any) -> dict[str, Any]:
    return {"name": "shop", "resources": list(resources), **own}


def codes(items: list[dict[str, Any]]) -> list[tuple[str, str]]:
    return [(item["code"], item["path"]) for item in items]


async def validated(home: Path, *resources: dict[str, Any], **arguments: Any) -> dict[str, Any]:
    own = arguments.pop("own", {})
    async with calling(home) as calls:
        return await calls.use(
            "validate_blueprint", blueprint=document(*resources, **own), **arguments
        )


async def test_a_sound_blueprint_is_valid_inline_and_saved(tmp_path: Path) -> None:
    async with calling(tmp_path) as calls:
        inline = await calls.use("validate_blueprint", blueprint=SHOP)
        saved = await calls.use("validate_blueprint", blueprint_id=calls.saved())
    assert inline == saved
    assert (inline["valid"], inline["resources"], inline["instances"]) == (True, 3, 5)


async def test_a_fault_is_an_answer_with_its_place(tmp_path: Path) -> None:
    broken = {"name": "web", "type": "vm", "specs": {"memory": "4 pints"}}
    found = await validated(tmp_path, broken)
    assert found["valid"] is False
    assert [item["path"] for item in found["errors"]] == ["resources.0.specs.memory"]


async def test_a_blueprint_that_does_not_exist_is_not_found(tmp_path: Path) -> None:
    async with calling(tmp_path) as calls:
        with pytest.raises(NotFound):
            await calls.use("validate_blueprint", blueprint_id=4711)


async def test_strict_takes_warnings_for_errors(tmp_path: Path) -> None:
    lonely = {"name": "lb", "type": "load_balancer"}
    easy = await validated(tmp_path, lonely)
    assert (easy["valid"], codes(easy["warnings"])) == (
        True,
        [("no_backends", "resources.0.backends")],
    )
    strict = await validated(tmp_path, lonely, strict=True)
    assert (strict["valid"], codes(strict["errors"]), strict["warnings"]) == (
        False,
        [("no_backends", "resources.0.backends")],
        [],
    )


async def test_every_engine_says_what_it_does_not_do_exactly_and_why(tmp_path: Path) -> None:
    wall = {"name": "wall", "type": "firewall", "rules": [{"target": "web", "ports": [80]}]}
    found = await validated(tmp_path, WEB | {"count": 2, "backup": True}, wall)
    assert found["valid"] is True, "nobody asked for Docker"
    engines = {item["engine"]: item for item in found["engines"]}
    docker = engines["docker"]
    assert docker["level"] == "unsupported"
    notes = {(note["resource"], note["path"]): note for note in docker["notes"]}
    assert notes["wall", ""]["level"] == "unsupported"
    assert notes["web", "backup"]["instances"] == 2
    assert all(note["reason"] for note in docker["notes"])
    assert docker["unsupported"] == 2
    assert engines["simulation"]["level"] in {"equal", "approximated"}


async def test_an_engine_that_is_asked_for_has_to_be_able_to_make_it(tmp_path: Path) -> None:
    wall = {"name": "wall", "type": "firewall", "rules": [{"target": "web", "ports": [80]}]}
    found = await validated(tmp_path, WEB | {"backup": True}, wall, engine="Docker")
    assert [item["engine"] for item in found["engines"]] == ["docker"]
    assert found["valid"] is False
    assert codes(found["errors"]) == [("unsupported", "resources.1")]
    assert ("unsupported", "resources.0.backup") in codes(found["warnings"])
    fine = await validated(tmp_path, WEB | {"backup": True}, engine=["docker", "simulation"])
    assert fine["valid"] is True
    assert [item["engine"] for item in fine["engines"]] == ["docker", "simulation"]


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ({"engine": "abacus"}, InvalidInput),
        ({"engine": 5}, ArgumentsInvalid),
        ({"strict": "perhaps"}, ArgumentsInvalid),
        ({"limit": 0}, ArgumentsInvalid),
        ({"stric": True}, ArgumentsInvalid),
    ],
)
async def test_arguments_that_make_no_sense_are_refused(
    tmp_path: Path, arguments: dict[str, Any], error: type[AlmaError]
) -> None:
    with pytest.raises(error):
        await validated(tmp_path, WEB, **arguments)


async def test_a_budget_that_cannot_hold_is_told_with_what_would_fit(tmp_path: Path) -> None:
    big = {
        "name": "app",
        "type": "vm",
        "image": "debian:12",
        "specs": {"cpu": 16, "memory": "64GiB"},
    }
    async with calling(tmp_path) as calls:
        cost = (await calls.use("estimate_resources", blueprint=document(big), provider="proxmox"))[
            "monthly_cost"
        ]["proxmox"]
    held = await validated(tmp_path, big, own={"constraints": {"max_monthly_cost": cost + 1}})
    assert held["warnings"] == []
    (over,) = (await validated(tmp_path, big, own={"constraints": {"max_monthly_cost": 1}}))[
        "warnings"
    ]
    assert (over["code"], over["path"]) == ("over_budget", "constraints.max_monthly_cost")
    assert f"${cost:,.2f}" in over["message"]
    assert "even the smallest" in over["hint"]


async def test_what_names_a_resource_that_is_gone_is_remarked_on_without_its_value(
    tmp_path: Path,
) -> None:
    app = {
        "name": "app",
        "type": "container",
        "image": "app:1",
        "env": {"DSN": "postgres://u:hunter2@db:5432/x"},
    }
    async with calling(tmp_path) as calls:
        number = calls.saved(
            document(app, {"name": "db", "type": "database", "engine": "postgresql"})
        )
        before = await calls.use("validate_blueprint", blueprint_id=number)
        calls.alma.blueprints.update(calls.call.principal, number, document(app))
        after = await calls.use("validate_blueprint", blueprint_id=number)
    assert "refers_to_removed" not in {item["code"] for item in before["warnings"]}
    assert ("refers_to_removed", "resources.0.env.DSN") in codes(after["warnings"])
    assert "hunter2" not in str(after)


async def test_thousands_of_remarks_are_bounded_and_counted(tmp_path: Path) -> None:
    many = [{"name": f"lb{n}", "type": "load_balancer"} for n in range(300)]
    found = await validated(tmp_path, *many, limit=10)
    assert len(found["warnings"]) == 10
    assert found["left_out"] >= 290
