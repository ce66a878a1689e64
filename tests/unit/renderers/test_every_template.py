"""Every shipped template can be taken along to every tool, and says of itself where it is from."""

from __future__ import annotations

import json

import pytest
from ruamel.yaml import YAML

from alma.core.model.base import digest_of
from alma.core.model.blueprint import WORKLOADS
from tests.unit.renderers.rendering import (
    ENGINES,
    TARGETS,
    TEMPLATES,
    rendered,
    template,
)


@pytest.mark.parametrize("name", TEMPLATES)
@pytest.mark.parametrize(("engine", "format"), TARGETS)
def test_a_template_is_rendered_for_every_tool(name: str, engine: str, format: str) -> None:
    made = rendered(name, engine, format)
    assert (made.engine, made.format) == (engine, format)
    assert made.files
    assert len({file.path for file in made.files}) == len(made.files)
    for file in made.files:
        if file.path.endswith(".json"):
            refused = {
                n.path for n in made.notes if n.code == "unsupported" and n.path.endswith(".type")
            }
            made_of = {f"{r.name}.type" for r in template(name).resources if r.type in WORKLOADS}
            nothing = refused >= made_of
            assert json.loads(file.content).get("resource") or nothing
        elif file.path.endswith(".yaml"):
            assert [*YAML(typ="safe").load_all(file.content)]


@pytest.mark.parametrize("engine", ENGINES)
def test_the_same_blueprint_gives_the_same_files(engine: str) -> None:
    first, second = rendered("data-pipeline", engine), rendered("data-pipeline", engine)
    assert first.model_dump_json() == second.model_dump_json()


@pytest.mark.parametrize(("engine", "format"), TARGETS)
def test_the_head_says_what_it_was_rendered_from(engine: str, format: str) -> None:
    digest = digest_of(template("simple-web-app").dump())
    head = rendered("simple-web-app", engine, format).files[0].content[:400]
    assert "blueprint 'simple-web-app'" in head
    assert digest in head


@pytest.mark.parametrize("name", TEMPLATES)
@pytest.mark.parametrize("engine", ENGINES)
def test_what_is_left_out_is_said_of_a_resource_of_the_blueprint(name: str, engine: str) -> None:
    known = {resource.name for resource in template(name).resources}
    for note in rendered(name, engine).notes:
        if note.code in {"unsupported", "approximated"} and not note.path.startswith("resources."):
            owner = note.path.partition(".")[0]
            assert (
                owner in known
                or any(owner.startswith(f"{one}-") for one in known)
                or owner.startswith("network")
            )
            assert note.message


@pytest.mark.parametrize("engine", ENGINES)
def test_a_secret_is_asked_for_and_never_written(engine: str) -> None:
    made = rendered("simple-web-app", engine)
    asked = [note for note in made.notes if note.code == "left_to_you"]
    assert any("database" in f"{note.path} {note.message}" for note in asked)
