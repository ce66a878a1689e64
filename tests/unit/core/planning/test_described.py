"""What is there already becomes entries of a blueprint: named apart, referring to each other, nothing written twice."""

from __future__ import annotations

from alma.core.model.blueprint import (
    Blueprint,
    Mount,
    Network,
    Origin,
    Resource,
    ResourceType,
    Specs,
)
from alma.core.model.checks import diagnose
from alma.core.model.document import parse_blueprint
from alma.core.model.engine import Candidate, Companion
from alma.core.model.units import Size
from alma.core.planning.described import described, fit

LAN = Resource(name="lan", type=ResourceType.NETWORK, options={"paper": {"bridge": "br0"}})
EMPTY = Blueprint(name="legacy")


def guest(object_id: str, name: str, *companions: Companion, **more: object) -> Candidate:
    resource = Resource(
        name=fit(name), type=ResourceType.VM, specs=Specs(cpu=2, memory=Size("4GiB"))
    ).model_copy(update=more)
    return Candidate(
        object_id=object_id,
        name=name,
        type=ResourceType.VM,
        resource=resource,
        companions=companions,
    )


def names(blueprint: Blueprint) -> list[str]:
    return [item.name for item in blueprint.resources]


def test_each_object_gets_the_name_asked_for_or_its_own_made_fit() -> None:
    found = described(EMPTY, [guest("105", "Old web (1)"), guest("106", "x")], {"106": "db-1"})
    assert found.addresses == {"Old-web-1": "105", "db-1": "106"}
    assert names(found.blueprint) == ["Old-web-1", "db-1"]
    assert diagnose(parse_blueprint(found.blueprint.dump())) == ()


def test_equal_names_and_names_that_are_taken_are_told_apart() -> None:
    before = parse_blueprint(
        {"name": "shop", "resources": [{"name": "web", "type": "vm", "count": 2}]}
    )
    chosen = [guest("1", "web"), guest("2", "WEB"), guest("3", "web-2")]
    found = described(before, chosen, {})
    assert sorted(found.addresses.values()) == ["1", "2", "3"]
    assert len({name.lower() for name in ["web", "web-2", *found.addresses]}) == 5


def test_a_name_asked_for_is_not_given_to_another() -> None:
    found = described(EMPTY, [guest("1", "web"), guest("2", "db")], {"2": "web"})
    assert found.addresses == {"web-2": "1", "web": "2"}


def test_what_was_described_before_and_not_made_is_not_described_twice() -> None:
    attached = {"network": Network(attach=("lan",))}
    companion = Companion(resource=LAN, object_id="n-1")
    chosen = [guest("1", "web", companion, **attached), guest("2", "db", companion, **attached)]
    first = described(EMPTY, chosen[:1], {})
    saved = parse_blueprint(first.blueprint.dump())
    again = described(saved, chosen, {})
    assert names(again.blueprint) == ["lan", "web", "db"]
    assert again.addresses == {"web": "1", "db": "2", "lan": "n-1"}


def test_an_equal_entry_that_is_made_already_is_another_thing() -> None:
    first = described(EMPTY, [guest("1", "web")], {})
    again = described(first.blueprint, [guest("2", "web")], {}, made={"web"})
    assert again.addresses == {"web-2": "2"}


def test_what_the_blueprint_says_of_an_address_stays_as_it_is_written() -> None:
    before = parse_blueprint(
        {"name": "shop", "resources": [{"name": "web", "type": "vm", "specs": {"cpu": 1}}]}
    )
    found = described(before, [guest("105", "old")], {"105": "web"})
    assert found.blueprint == before
    assert found.addresses == {"web": "105"}
    assert found.origins == {}


def test_an_instance_of_several_can_be_an_object_that_is_there() -> None:
    before = parse_blueprint(
        {"name": "shop", "resources": [{"name": "web", "type": "vm", "count": 2}]}
    )
    found = described(before, [guest("105", "old")], {"105": "web-2"})
    assert found.blueprint == before


def test_every_new_value_says_that_it_was_imported() -> None:
    found = described(EMPTY, [guest("105", "web")], {})
    assert found.origins == dict.fromkeys(
        [f"resources.web.{path}" for path in ("name", "type", "specs.cpu", "specs.memory")],
        Origin.IMPORTED,
    )


def test_an_equal_network_is_shared_and_another_of_its_name_is_renamed_with_its_references() -> (
    None
):
    attached = {"network": Network(attach=("lan",))}
    other = LAN.model_copy(update={"vlan": 20})
    chosen = [
        guest("1", "a", Companion(resource=LAN), **attached),
        guest("2", "b", Companion(resource=LAN), **attached),
        guest("3", "c", Companion(resource=other), **attached),
    ]
    found = described(EMPTY, chosen, {})
    assert names(found.blueprint) == ["lan", "a", "b", "lan-2", "c"]
    by_name = {item.name: item for item in found.blueprint.resources}
    assert [by_name[name].network.attach for name in "abc"] == [("lan",), ("lan",), ("lan-2",)]
    assert by_name["lan-2"].vlan == 20
    assert set(found.addresses) == {"a", "b", "c"}, "what is no object of its own is not adopted"


def test_the_disks_of_two_guests_are_two_volumes() -> None:
    disk = Resource(name="data", type=ResourceType.VOLUME, specs=Specs(disk=Size("8GiB")))
    mounted = {"mounts": (Mount(volume="data", path="/srv"),)}
    chosen = [guest(id_, id_, Companion(resource=disk), **mounted) for id_ in ("1", "2")]
    found = described(EMPTY, chosen, {})
    volumes = [item.mounts[0].volume for item in found.blueprint.resources if item.mounts]
    assert len(set(volumes)) == 2, "a disk belongs to one guest"


def test_a_companion_that_is_an_object_is_adopted_once_and_under_the_name_asked_for() -> None:
    attached = {"network": Network(attach=("lan",))}
    companion = Companion(resource=LAN, object_id="n-1")
    chosen = [guest("1", "a", companion, **attached), guest("2", "b", companion, **attached)]
    found = described(EMPTY, chosen, {})
    assert found.addresses == {"a": "1", "b": "2", "lan": "n-1"}

    lan = Candidate(object_id="n-1", name="lan", type=ResourceType.NETWORK, resource=LAN)
    found = described(EMPTY, [*chosen, lan], {"n-1": "front"})
    assert found.addresses == {"a": "1", "b": "2", "front": "n-1"}
    by_name = {item.name: item for item in found.blueprint.resources}
    assert by_name["a"].network.attach == ("front",)
