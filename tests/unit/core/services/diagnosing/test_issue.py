"""What is affected is looked for where it is recorded."""

from __future__ import annotations

from datetime import UTC, datetime

from alma.core.model.blueprint import Blueprint, ResourceType
from alma.core.model.state import Stack, StackRef, StateRecord
from alma.core.services.diagnosing.issue import Issue

_NOW = datetime(2026, 1, 1, tzinfo=UTC)
_BLUEPRINT = Blueprint.model_validate(
    {"name": "shop", "resources": [{"name": "web", "type": "service", "count": 3}]}
)


def stack(**properties: int) -> Stack:
    record = StateRecord(
        address="web",
        type=ResourceType.SERVICE,
        object_id="1",
        properties=properties,
        deployment_id="d",
        updated_at=_NOW,
    )
    ref = StackRef(id="s", name="shop", engine="kubernetes")
    return Stack(ref=ref, blueprint_id=1, created_at=_NOW, records=(record,))


def test_an_instance_that_is_kept_with_its_like_is_looked_for_there() -> None:
    issue = Issue(blueprint=_BLUEPRINT, affected=("web-2", "web-3"))
    found = issue.as_recorded([stack(count=3)])
    assert found.affected == ("web",)
    assert found.concerns("web")


def test_an_instance_of_its_own_is_looked_for_under_its_own_address() -> None:
    issue = Issue(blueprint=_BLUEPRINT, affected=("web-2", "else"))
    found = issue.as_recorded([stack()])
    assert found.affected == ("web-2", "else")
    assert not found.concerns("web")
