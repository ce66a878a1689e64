from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

from alma.core.model.document import parse_blueprint
from alma.core.model.errors import ArgumentsInvalid, InvalidInput, NotFound
from tests.unit.core.migration.reading import FILES
from tests.unit.core.tools.kit import calling

SHOP: dict[str, Any] = {
    "name": "shop",
    "resources": [
        {"name": "net", "type": "network", "cidr": "10.0.0.0/24"},
        {"name": "web", "type": "vm", "image": "debian:12", "specs": {"cpu": 2, "memory": "4GiB", "disk": "70GB"},
         "depends_on": ["db"], "network": {"attach": ["net"]}},
        {"name": "db", "type": "database", "engine": "postgresql",
         "specs": {"cpu": 2, "memory": "8GiB", "disk": "140GB"}, "network": {"attach": ["net"]}},
        {"name": "cache", "type": "cache"},
        {"name": "lb", "type": "load_balancer", "backends": ["web"]},
    ],
}  # fmt: skip
AWAY: dict[str, Any] = {"source_platform": "aws", "target_platform": "proxmox"}


async def migrated(home: Path, **arguments: Any) -> dict[str, Any]:
    async with calling(home) as calls:
        return await calls.use("migrate_infrastructure", **{**AWAY, "blueprint": SHOP, **arguments})


async def test_the_working_is_what_a_hand_would_get(tmp_path: Path) -> None:
    answer = await migrated(
        tmp_path, bandwidth="1 Gbit/s", efficiency=0.7, downtime_tolerance="2 hours"
    )
    # Lifted are the disks of web and db: 210 GB · 8 / 0.7 Gbit/s = 2,400 s; one start, one switch.
    assert answer["transfer"]["bytes"] == 210 * 10**9
    assert answer["transfer"]["seconds"] == 2400
    assert answer["downtime"]["seconds"] == 2400 + 120 + 60
    assert answer["downtime"]["met"] is True


async def test_a_tight_tolerance_makes_the_biggest_move_while_it_runs(tmp_path: Path) -> None:
    answer = await migrated(tmp_path, downtime_tolerance="20 minutes")
    methods = {move["resource"]: move["method"] for move in answer["moves"]}
    # db replicates; web's 70 GB are 800 s, and 800 + 120 + 60 is within 1,200.
    assert methods == {"web": "offline_copy", "db": "replication"}
    assert answer["downtime"]["seconds"] == 980
    assert (await migrated(tmp_path, downtime_tolerance="zero"))["downtime"]["met"] is False


async def test_only_machines_are_copied_with_their_system_and_only_when_lifted(
    tmp_path: Path,
) -> None:
    lifted = await migrated(tmp_path)
    rebuilt = await migrated(tmp_path, migration_strategy="replatform")
    assert [move["resource"] for move in lifted["moves"]] == ["web", "db"]
    assert [move["resource"] for move in rebuilt["moves"]] == ["db"]


async def test_every_resource_is_mapped_and_the_blueprint_for_the_target_is_valid(
    tmp_path: Path,
) -> None:
    answer = await migrated(tmp_path)
    assert [item["resource"] for item in answer["mapping"]] == [
        r["name"] for r in SHOP["resources"]
    ]
    made = parse_blueprint(answer["blueprint"])
    assert (made.engine, len(made.resources)) == ("proxmox", 5)
    moved = [name for wave in answer["waves"] for name in wave["resources"]]
    assert sorted(moved) == sorted(r["name"] for r in SHOP["resources"])
    assert all(wave["rollback"] for wave in answer["waves"])
    assert answer["waves"][0]["stage"] == "foundation"
    assert answer["waves"][-1]["resources"] == ["lb"]


async def test_the_engine_of_the_target_is_asked_what_it_can_not_do(tmp_path: Path) -> None:
    plain = {
        "name": "a",
        "resources": [{"name": "app", "type": "container", "image": "example/app:1"}],
    }
    answer = await migrated(tmp_path, blueprint=plain, source_platform="docker")
    assert answer["mapping"][0]["fidelity"] == "unsupported"
    assert "application image" in " ".join(answer["mapping"][0]["reasons"])
    assert answer["support"]["checked"] is True
    away = await migrated(tmp_path, target_platform="azure")
    assert away["support"]["checked"] is None


async def test_kubernetes_is_asked_what_it_can_not_do_where_no_cluster_is_configured_either(
    tmp_path: Path,
) -> None:
    fixed = {"name": "app", "type": "container", "image": "example/app:1"}
    plain = {"name": "a", "resources": [{**fixed, "network": {"private_ip": "10.0.0.5"}}]}
    answer = await migrated(tmp_path, target_platform="kubernetes", blueprint=plain)
    assert answer["support"]["checked"] is True
    assert answer["mapping"][0]["fidelity"] != "equal"
    assert "address" in " ".join(answer["mapping"][0]["reasons"])


async def test_an_engine_that_is_not_installed_is_said_not_to_be_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "alma.engines.kubernetes.engine", None)
    answer = await migrated(tmp_path, target_platform="kubernetes")
    assert answer["support"]["checked"] is False
    assert "kubernetes" in answer["support"]["reason"]


async def test_on_clouds_machines_have_a_type_and_the_costs_are_those_of_the_books(
    tmp_path: Path,
) -> None:
    async with calling(tmp_path) as calls:
        answer = await calls.use(
            "migrate_infrastructure",
            source_platform="proxmox",
            target_platform="GCP",
            blueprint=SHOP,
        )
        made = parse_blueprint(answer["blueprint"])
        before = calls.kit.estimates.estimate(parse_blueprint(SHOP))
        after = calls.kit.estimates.estimate(made, "gcp")
    types = {item["resource"]: item["instance_type"] for item in answer["mapping"]}
    assert types["web"]
    assert types["net"] is None
    costs = answer["costs"]
    assert (costs["before"], costs["after"]) == (float(before.monthly), float(after.monthly))
    assert costs["difference"] == pytest.approx(costs["after"] - costs["before"])


async def test_said_amounts_count_and_others_are_named_as_assumed(tmp_path: Path) -> None:
    answer = await migrated(
        tmp_path, data={"db": "14GB", "web": "7GB"}, bandwidth="100 Mbps", efficiency=1
    )
    assert answer["transfer"]["seconds"] == 8 * 21 * 10**9 / 10**8
    assumed = await migrated(tmp_path)
    assert any("1 Gbit/s" in text for text in assumed["assumptions"])
    assert not any("1 Gbit/s" in text for text in answer["assumptions"])


async def test_a_store_whose_data_nobody_knows_is_named(tmp_path: Path) -> None:
    plain = {"name": "a", "resources": [{"name": "files", "type": "volume"},
             {"name": "app", "type": "container", "image": "debian:12",
              "mounts": [{"volume": "files", "path": "/f"}]}]}  # fmt: skip
    answer = await migrated(tmp_path, blueprint=plain, downtime_tolerance="1 day")
    assert answer["transfer"]["unknown"] == ["files"]
    assert answer["downtime"]["met"] is None
    assert "not known" in answer["summary"]


async def test_a_store_on_a_volume_is_copied_once(tmp_path: Path) -> None:
    plain = {"name": "a", "resources": [{"name": "disk", "type": "volume", "specs": {"disk": "35GB"}},
             {"name": "db", "type": "database",
              "mounts": [{"volume": "disk", "path": "/var/lib/postgresql/data"}]}]}  # fmt: skip
    answer = await migrated(tmp_path, blueprint=plain)
    assert [(move["resource"], move["bytes"]) for move in answer["moves"]] == [("db", 35 * 10**9)]


async def test_a_foreign_description_is_taken_instead_of_a_blueprint(tmp_path: Path) -> None:
    text = (FILES / "shop.compose.yaml").read_text()
    async with calling(tmp_path) as calls:
        answer = await calls.use(
            "migrate_infrastructure", source_platform="Docker Compose", target_platform="aws", source=text,
            migration_strategy="Re-Platform",
        )  # fmt: skip
    assert (answer["source_platform"], answer["migration_strategy"]) == ("docker", "replatform")
    assert len(answer["converted"]) == 8
    assert answer["remarks"]
    assert "example-pw-1" not in str(answer)


async def test_two_places_that_differ_get_two_answers(tmp_path: Path) -> None:
    one, other = [await migrated(tmp_path, target_platform=name) for name in ("azure", "gcp")]
    assert one["mapping"] != other["mapping"]
    assert one["costs"]["after"] != other["costs"]["after"]


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"target_platform": "mars"}, "aws, azure, gcp"),
        ({"target_platform": "Amazon"}, "another target"),
        ({"downtime_tolerance": "soon"}, "2 hours"),
        ({"bandwidth": "fast"}, "1 Gbit/s"),
        ({"data": {"nobody": "1GB"}}, "nobody"),
        ({"region": "here", "target_platform": "azure"}, "known are"),
        ({"region": "eu"}, "leave region out"),
        ({"source": "services: {}"}, "one of them"),
    ],
)
async def test_what_does_not_fit_is_refused_with_what_would(
    tmp_path: Path, wrong: dict[str, Any], told: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        await migrated(tmp_path, **wrong)
    assert told in f"{refused.value.message} {refused.value.hint}"


@pytest.mark.parametrize(
    "wrong",
    [
        {"migration_strategy": "teleport"},
        {"efficiency": 7},
        {"change_rate": -1},
        {"data": {"db": "much"}},
    ],
)
async def test_a_wrong_argument_is_named(tmp_path: Path, wrong: dict[str, Any]) -> None:
    with pytest.raises(ArgumentsInvalid) as refused:
        await migrated(tmp_path, **wrong)
    assert refused.value.diagnostics[0].path.startswith(next(iter(wrong)))


async def test_an_unknown_blueprint_is_not_found(tmp_path: Path) -> None:
    async with calling(tmp_path) as calls:
        with pytest.raises(NotFound):
            await calls.use("migrate_infrastructure", **AWAY, blueprint_id=99)
