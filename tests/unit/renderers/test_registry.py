"""What can be rendered for is found by its name, whichever way people write it."""

from __future__ import annotations

import pytest

from alma.core.model.document import parse_blueprint
from alma.core.model.errors import BlueprintInvalid, InvalidInput
from alma.renderers import ALIASES, RENDERERS, RendererRegistry
from tests.unit.renderers.rendering import rendered, renderings

WEB = [{"name": "web", "type": "service", "engine": "nginx"}]


@pytest.mark.parametrize("name", [*RENDERERS, *ALIASES, "Docker", " PVE "])
def test_a_renderer_is_found(name: str) -> None:
    found = RendererRegistry().get(name)
    assert found.name in RENDERERS
    assert found.formats


def test_a_name_that_is_none_is_refused_with_the_nearest() -> None:
    with pytest.raises(InvalidInput, match="nothing is rendered for 'dokcer'") as refused:
        rendered(WEB, "dokcer")
    assert refused.value.hint == "did you mean 'docker'?"


def test_a_format_of_another_tool_is_refused_with_those_there_are() -> None:
    with pytest.raises(InvalidInput, match="'opentofu' is no format") as refused:
        rendered(WEB, "docker", "opentofu")
    assert refused.value.hint == "use compose or compose-inline"


def test_without_an_engine_the_blueprint_decides_and_else_one_has_to_be_named() -> None:
    own = parse_blueprint({"name": "shop", "engine": "proxmox@lab", "resources": WEB})
    assert renderings().document(own).engine == "proxmox"
    with pytest.raises(InvalidInput, match="for what to render") as refused:
        renderings().document(parse_blueprint({"name": "shop", "resources": WEB}))
    assert "docker" in (refused.value.hint or "")


def test_what_could_not_be_deployed_is_not_rendered() -> None:
    with pytest.raises(BlueprintInvalid) as refused:
        rendered([{"name": "db", "type": "database", "engine": "oracle"}], "aws")
    assert [fault.code for fault in refused.value.diagnostics] == ["unknown_software"]


def test_all_targets_are_known_with_their_formats() -> None:
    assert renderings().targets.keys() == RENDERERS.keys()
