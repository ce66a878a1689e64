"""Servers of a draft that goes to a cluster are services, unless they were called machines."""

import pytest

from alma.core.language.interpreter import Interpreter
from alma.core.model.blueprint import Blueprint, Origin, ResourceType
from alma.core.model.conversation import AddResource, Interpretation


def added(read: Interpretation) -> dict[str, AddResource]:
    return {edit.resource.name: edit for edit in read.edits if isinstance(edit, AddResource)}


def test_servers_known_by_their_program_are_services_on_a_cluster(interpreter: Interpreter) -> None:
    read = interpreter.interpret("2 web servers and postgres on kubernetes")
    made = added(read)
    assert [made[name].resource.type for name in ("web-1", "web-2")] == [ResourceType.SERVICE] * 2
    assert made["web-1"].resource.engine == "nginx"
    assert made["web-1"].resource.image is None, "a machine's system is nothing for a pod"
    assert made["web-1"].origins["type"] is Origin.INFERRED
    assert "web-1, web-2 are services, as a cluster runs pods and not machines" in read.assumptions


@pytest.mark.parametrize(
    "text",
    [
        "2 nginx VMs on kubernetes",
        "a debian 12 web server on kubernetes",
        "2 plain servers on kubernetes",
    ],
)
def test_what_was_called_a_machine_or_runs_no_program_stays_one(
    interpreter: Interpreter, text: str
) -> None:
    made = added(interpreter.interpret(text))
    assert made
    assert {edit.resource.type for edit in made.values()} == {ResourceType.VM}


def test_elsewhere_a_server_stays_a_machine(interpreter: Interpreter) -> None:
    made = added(interpreter.interpret("2 web servers on docker"))
    assert made["web-1"].resource.type is ResourceType.VM


def test_what_is_added_to_a_draft_that_goes_to_a_cluster_is_a_service_too(
    interpreter: Interpreter,
) -> None:
    draft = Blueprint.model_validate(
        {
            "name": "shop",
            "engine": "kubernetes@office",
            "resources": [{"name": "db-1", "type": "database"}],
        }
    )
    made = added(interpreter.interpret("add a web server", blueprint=draft))
    assert made["web-1"].resource.type is ResourceType.SERVICE
