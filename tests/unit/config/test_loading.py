"""People add and change entries in their own folder; a mistake there is named so that it can be found."""

from __future__ import annotations

from pathlib import Path

import pytest

from alma.config import load_catalogue, load_templates
from alma.core.model.errors import InvalidInput

OWN_SOFTWARE = """
software:
  postgresql: {default_version: "17"}
  shop:
    title: Our shop
    types: [service]
    aliases: [our-shop]
    image: registry.example/shop
    default_version: "3"
    ports: [8080]
defaults: {service: shop}
"""
OWN_TEMPLATE = """
templates:
  shop:
    name: Shop
    description: Our shop
    category: web
    complexity: low
    blueprint:
      name: shop
      resources: [{name: web, type: service}]
"""


def folder(tmp_path: Path, name: str, *texts: str) -> Path:
    (tmp_path / name).mkdir()
    for number, text in enumerate(texts):
        (tmp_path / name / f"{number}.yaml").write_text(text)
    return tmp_path


def refusal(path: Path, *, templates: bool = False) -> str:
    with pytest.raises(InvalidInput) as caught:
        load_templates(path) if templates else load_catalogue(path)
    assert caught.value.hint
    return caught.value.message


def test_without_a_folder_the_shipped_data_is_used(tmp_path: Path) -> None:
    assert load_catalogue(tmp_path).software == load_catalogue().software
    assert dict(load_templates(tmp_path)) == dict(load_templates())


def test_what_was_read_once_is_kept() -> None:
    assert load_catalogue() is load_catalogue()
    assert load_templates() is load_templates()


def test_own_entries_are_added_and_known_ones_changed_field_by_field(tmp_path: Path) -> None:
    catalogue = load_catalogue(folder(tmp_path, "software.d", OWN_SOFTWARE))
    shipped = load_catalogue().software["postgresql"]
    assert catalogue.software["postgresql"].default_version == "17"
    assert catalogue.software["postgresql"].health == shipped.health
    assert catalogue.find("our-shop") == catalogue.software["shop"]
    assert dict(catalogue.defaults)["service"] == "shop"  # type: ignore[index]
    assert shipped.default_version == "16"


def test_the_last_file_has_the_last_word(tmp_path: Path) -> None:
    later = 'software: {postgresql: {default_version: "18"}}'
    catalogue = load_catalogue(folder(tmp_path, "software.d", OWN_SOFTWARE, later))
    assert catalogue.software["postgresql"].default_version == "18"


def test_own_templates_stand_beside_the_shipped_ones(tmp_path: Path) -> None:
    templates = load_templates(folder(tmp_path, "blueprints.d", OWN_TEMPLATE))
    assert list(templates) == [*load_templates(), "shop"]


def test_an_empty_file_changes_nothing(tmp_path: Path) -> None:
    path = folder(tmp_path, "software.d", "# nothing yet\n")
    assert load_catalogue(path).software == load_catalogue().software


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("software: {x: {title: X}}", "x.types: required field is missing"),
        (
            "software: {postgresql: {prots: [1]}}",
            "postgresql.prots: unknown field (did you mean 'ports'?)",
        ),
        ("software: {postgresql: {memory: much}}", "postgresql.memory: invalid format"),
        ("software: {postgresql: {health: {kind: magic}}}", "postgresql.health.kind:"),
        ("software: {postgresql: 5}", "postgresql: must be a mapping"),
        ("software: [postgresql]", "software: must be a mapping"),
        ("defaults: {databse: redis}", "defaults.databse: unknown type"),
        ("defaults: {database: nginx}", "defaults.database: 'nginx' is no software for a database"),
        ("defaults: {database: [x]}", "defaults.database:"),
        ("sofware: {}", "unknown key 'sofware'"),
        ("- x", "the file must be a mapping"),
        ("software: [", "line 1"),
        ("software: {a: 1, a: 2}", "'a' is given twice"),
        (
            'software: {pg: {title: X, types: [cache], default_version: "1"}}',
            "pg: 'pg' already means postgresql",
        ),
        (
            'software: {Big: {title: X, types: [cache], default_version: "1"}}',
            "Big: 'Big' must be in lower case",
        ),
    ],
)
def test_a_mistake_names_the_file_the_entry_and_the_field(
    tmp_path: Path, text: str, expected: str
) -> None:
    message = refusal(folder(tmp_path, "software.d", text))
    assert "0.yaml" in message
    assert expected in message


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (
            "type: service",
            "type: srevice",
            "shop.blueprint.resources.0.type: unknown type 'srevice'",
        ),
        (
            "type: service",
            "type: service, depends_on: [db]",
            "shop.blueprint.resources.0.depends_on.0:",
        ),
        (
            "type: service",
            "type: service, backup: {enabled: false, retention_days: 3}",
            "resources.0.backup",
        ),
        ("complexity: low", "complexity: tiny", "shop.complexity:"),
        (
            "category: web",
            "categroy: web",
            "shop.categroy: unknown field (did you mean 'category'?)",
        ),
        ("name: Shop", "name: 5", "shop.name: must be a text"),
    ],
)
def test_a_mistake_in_a_template_is_named_too(
    tmp_path: Path, old: str, new: str, expected: str
) -> None:
    path = folder(tmp_path, "blueprints.d", OWN_TEMPLATE.replace(old, new, 1))
    assert expected in refusal(path, templates=True)
