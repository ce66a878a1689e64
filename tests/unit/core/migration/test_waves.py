from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from alma.core.migration.waves import Stage, _levels, needs, waves_of
from alma.core.model.blueprint import Blueprint
from alma.core.model.document import parse_blueprint


def blueprint(*resources: dict[str, object]) -> Blueprint:
    return parse_blueprint({"name": "x", "resources": list(resources)})


def told(document: Blueprint) -> list[tuple[str, tuple[str, ...]]]:
    return [(str(group.stage), group.resources) for group in waves_of(document)]


def test_ground_comes_before_data_before_work_before_traffic() -> None:
    made = blueprint(
        {"name": "lb", "type": "load_balancer", "backends": ["web"]},
        {"name": "web", "type": "vm", "network": {"attach": ["net"]}},
        {"name": "db", "type": "database", "network": {"attach": ["net"]}},
        {"name": "net", "type": "network"},
    )
    assert told(made) == [
        ("foundation", ("net",)),
        ("data", ("db",)),
        ("workloads", ("web",)),
        ("traffic", ("lb",)),
    ]


def test_what_data_needs_moves_with_it() -> None:
    made = blueprint(
        {"name": "web", "type": "vm"},
        {"name": "db", "type": "database", "depends_on": ["vault"]},
        {"name": "vault", "type": "container", "image": "v:1"},
    )
    assert told(made) == [("data", ("vault",)), ("data", ("db",)), ("workloads", ("web",))]


def test_a_volume_that_is_written_moves_with_the_data() -> None:
    made = blueprint(
        {"name": "disk", "type": "volume"},
        {"name": "spare", "type": "volume"},
        {
            "name": "app",
            "type": "container",
            "image": "a:1",
            "mounts": [{"volume": "disk", "path": "/d"}],
        },
    )
    assert told(made) == [("foundation", ("spare",)), ("data", ("disk",)), ("data", ("app",))]


def test_a_balancer_that_others_need_is_no_end() -> None:
    made = blueprint(
        {"name": "lb", "type": "load_balancer", "backends": ["a"]},
        {"name": "a", "type": "vm"},
        {"name": "b", "type": "vm", "depends_on": ["lb"]},
    )
    assert [names for _, names in told(made)] == [("a",), ("lb",), ("b",)]


KINDS = st.sampled_from(
    "vm container database cache queue load_balancer network volume object_store firewall kubernetes_cluster".split()
)


@given(st.lists(st.tuples(KINDS, st.lists(st.integers(0, 30), max_size=3)), max_size=12))
def test_every_resource_is_in_one_wave_after_all_that_it_needs(
    plan: list[tuple[str, list[int]]],
) -> None:
    resources: list[dict[str, object]] = []
    for number, (kind, wanted) in enumerate(plan):
        before = sorted({f"r{other % number}" for other in wanted}) if number else []
        resources.append({"name": f"r{number}", "type": kind, "depends_on": before})
    made = blueprint(*resources)
    groups = waves_of(made)
    names = [name for group in groups for name in group.resources]
    assert sorted(names) == sorted(resource.name for resource in made.resources)
    place = {name: number for number, group in enumerate(groups) for name in group.resources}
    for resource in made.resources:
        for need in needs(resource):
            same = groups[place[resource.name]].stage is Stage.GROUND
            assert place[need] < place[resource.name] or (
                same and place[need] == place[resource.name]
            )


def test_long_chains_are_put_in_order_without_asking_everybody_at_every_link() -> None:
    class Counted(frozenset[str]):
        asked = 0

        def __and__(self, other: object) -> frozenset[str]:
            Counted.asked += 1
            assert isinstance(other, set | frozenset)
            return super().__and__(other)

    names = [f"n{number}" for number in range(500)]
    wanted = {
        name: Counted(names[number - 1 : number] if number else ())
        for number, name in enumerate(names)
    }
    assert _levels(names[::-1], wanted, whole=False) == [(name,) for name in names]
    assert Counted.asked <= 2 * len(names)


def test_names_that_wait_for_each_other_are_not_lost() -> None:
    wanted = {"a": frozenset({"b"}), "b": frozenset({"a"}), "c": frozenset[str]()}
    assert _levels(["a", "b", "c"], wanted, whole=False) == [("c",), ("a", "b")]
