"""What people say of groups of workers, of engines and of "the app": nothing is invented."""

from __future__ import annotations

import pytest

from alma.core.language.interpreter import Interpreter
from alma.core.model.blueprint import ResourceType
from alma.core.model.conversation import AddResource, Intent, SetBlueprint, SetField
from tests.unit.core.language.conversing import held, shop

_CLUSTER = {"name": "k8s-1", "type": "kubernetes_cluster", "specs": {"nodes": 3, "memory": "4GB"}}
_SMALL = {"name": "small", "type": "vm", "count": 2, "specs": {"cpu": 2, "memory": "4GB"}}
_SHOP = ({"name": "web-1", "type": "vm", "specs": {"cpu": 2, "memory": "4GB"}},
         {"name": "db-1", "type": "database", "engine": "postgresql"})  # fmt: skip


# ── groups of workers ────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "said",
    [
        "add a second worker pool",
        "add another node group",
        "we need another worker pool with 8 cores",
        "add a worker pool called big with 4 nodes",
        "please create an additional worker group",
        "the small group should have 4",
    ],
)
def test_workers_of_another_kind_are_asked_about(interpreter: Interpreter, said: str) -> None:
    read = interpreter.interpret(said, blueprint=shop(_CLUSTER))

    assert read.edits == ()
    assert read.question is not None
    assert "k8s-1 are all of one kind" in read.question


def test_a_cluster_is_not_made_of_some_of_several_groups(interpreter: Interpreter) -> None:
    read = interpreter.interpret("a k8s cluster with two node pools: one with 3 and one with 2")

    assert read.edits == ()
    assert read.question is not None
    assert "a cluster for each group" in read.question


@pytest.mark.parametrize(
    "said",
    [
        "the small group should have 4",
        "small should have 4",
        "small should get 4",
        "the small pool should have 4 machines",
    ],
)
def test_a_group_by_its_name_has_as_many_as_are_said(interpreter: Interpreter, said: str) -> None:
    read = interpreter.interpret(said, blueprint=shop(_SMALL, _CLUSTER))

    assert read.edits == (SetField(name="small", path="count", value=4),)


@pytest.mark.parametrize(
    ("said", "missing"),
    [("small should have 4", "small"), ("the big pool needs 6", "big pool"), ("blue must have 3", "blue")],
)  # fmt: skip
def test_whom_a_wish_is_about_is_asked_where_there_is_no_such_thing(
    interpreter: Interpreter, said: str, missing: str
) -> None:
    read = interpreter.interpret(said, blueprint=shop(_CLUSTER))

    assert read.edits == ()
    assert read.intent is Intent.CHANGE
    assert read.question is not None
    assert f"no '{missing}'" in read.question


# ── engines ──────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("drafted", [True, False])
@pytest.mark.parametrize(
    ("said", "engine"),
    [
        ("use kubernetes as the engine", "kubernetes"),
        ("please use docker as our engine", "docker"),
        ("make k8s the target engine", "kubernetes"),
        ("engine: kubernetes", "kubernetes"),
        ("set the engine to kubernetes", "kubernetes"),
        ("kubernetes should be the engine", "kubernetes"),
        ("make proxmox the engine", "proxmox"),
    ],
)
def test_what_is_called_the_engine_is_where_it_goes_and_no_thing(
    interpreter: Interpreter, said: str, engine: str, drafted: bool
) -> None:
    read = interpreter.interpret(said, blueprint=shop(*_SHOP) if drafted else None)

    assert [edit.engine for edit in read.edits if isinstance(edit, SetBlueprint)] == [engine]
    assert not any(isinstance(edit, AddResource) for edit in read.edits)


def test_a_form_with_an_engine_among_its_fields_keeps_the_others(interpreter: Interpreter) -> None:
    read = interpreter.interpret("name: shop\nengine: docker\n2 web servers")

    assert [e.name for e in read.edits if isinstance(e, SetBlueprint) and e.name] == ["shop"]


# ── the app ──────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("drafted", [True, False])
@pytest.mark.parametrize(
    ("said", "nodes"),
    [
        ("deploy the app on a kubernetes cluster with 3 nodes", 3),
        ("ship the application to a k8s cluster with 5 nodes", 5),
        ("roll out our app on a kubernetes cluster of 4 nodes", 4),
    ],
)
def test_the_app_that_goes_on_a_cluster_is_no_machine_beside_it(
    interpreter: Interpreter, said: str, nodes: int, drafted: bool
) -> None:
    read = interpreter.interpret(said, blueprint=shop(*_SHOP) if drafted else None)
    made = [edit.resource for edit in read.edits if isinstance(edit, AddResource)]

    assert [resource.type for resource in made] == [ResourceType.KUBERNETES_CLUSTER]
    assert made[0].specs.nodes == nodes
    assert any("was not said" in told for told in read.assumptions) is not drafted


@pytest.mark.parametrize("said", ["deploy the app", "deploy our application", "ship my app"])
def test_the_app_is_what_is_drafted(interpreter: Interpreter, said: str) -> None:
    read = interpreter.interpret(said, blueprint=shop(*_SHOP))

    assert read.intent is Intent.DEPLOY
    assert read.edits == ()


# ── members told apart ───────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("turns", "expected"),
    [
        (("go from 1 control plane node to 3",), (3, 4)),
        (("go from 1 control plane node to 3 on k8s-1",), (3, 4)),
        (("go from 4 worker nodes to 6",), (1, 6)),
        (("make the control plane 3", "and the workers to 5"), (3, 5)),
        (("make the control plane 3", "and workers 5"), (3, 5)),
    ],
)
def test_a_number_is_of_the_members_it_is_said_of(
    interpreter: Interpreter, turns: tuple[str, ...], expected: tuple[int, int]
) -> None:
    members = {"control_plane": 1, "workers": 4}
    draft, _ = held(interpreter, turns, shop({**_CLUSTER, "specs": members}))
    assert draft.resources[0].specs.roles == expected
