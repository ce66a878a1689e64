from __future__ import annotations

import pytest

from alma.core.language.vocabulary.gazetteer import Gazetteer, Sort
from alma.core.language.vocabulary.lexicon import load_data
from alma.core.language.words.tokens import Kind, tokenize
from alma.core.model.blueprint import ResourceType
from alma.core.model.conversation import Intent


def norms(gazetteer: Gazetteer, message: str) -> list[str]:
    return [token.norm for token in gazetteer.prepare(tokenize(message)).tokens]


@pytest.mark.parametrize(
    ("typo", "meant"),
    [
        ("databse", "database"),
        ("kuberntes", "kubernetes"),
        ("postgers", "postgres"),
        ("reddis", "redis"),
        ("ngnix", "nginx"),
        ("sverers", "server"),
        ("deplyo", "deploy"),
    ],
)
def test_typos_are_mended_against_the_vocabulary_and_said(
    gazetteer: Gazetteer, typo: str, meant: str
) -> None:
    prepared = gazetteer.prepare(tokenize(f"a {typo}"))
    assert prepared.tokens[1].norm == meant
    assert prepared.mended == ((typo, meant),)


@pytest.mark.parametrize(
    "word", ["cache", "search", "several", "serve", "purpose", "rails", "mode", "has", "this"]
)
def test_ordinary_words_are_left_alone(gazetteer: Gazetteer, word: str) -> None:
    assert norms(gazetteer, word) == [word]
    assert gazetteer.prepare(tokenize(word)).mended == ()


@pytest.mark.parametrize(
    ("plural", "one"), [("VMs", "vm"), ("caches", "cache"), ("boxes", "box"), ("dbs", "db")]
)
def test_plurals_are_found_without_being_listed(
    gazetteer: Gazetteer, plural: str, one: str
) -> None:
    (item,) = gazetteer.tag(gazetteer.prepare(tokenize(plural)).tokens)
    assert item.norm == one
    assert item.plural


def test_the_longest_phrase_wins(gazetteer: Gazetteer) -> None:
    items = gazetteer.tag(gazetteer.prepare(tokenize("a highly-available key value store")).tokens)
    assert [item.text for item in items] == ["a", "highly available", "key value store"]
    assert items[2].id_of(Sort.TYPE) == "cache"


def test_a_name_may_be_any_word(gazetteer: Gazetteer) -> None:
    tokens = gazetteer.prepare(tokenize("a cache called web and a VM named db-1")).tokens
    assert [token.value for token in tokens if token.kind is Kind.QUOTED] == ["web", "db-1"]


def test_resources_are_found_by_their_names_whatever_the_case(gazetteer: Gazetteer) -> None:
    items = gazetteer.tag(gazetteer.prepare(tokenize("resize WEB-1"), ["web-1"]).tokens, ["web-1"])
    assert items[-1].existing == "web-1"


def test_general_words_are_no_software_even_as_an_alias(gazetteer: Gazetteer) -> None:
    items = gazetteer.tag(gazetteer.prepare(tokenize("web server")).tokens)
    assert all(Sort.SOFTWARE not in item.terms for item in items)


def test_the_data_file_speaks_of_known_things_only() -> None:
    data = load_data()
    kinds = {str(kind) for kind in ResourceType}
    assert set(data["types"]) == kinds
    assert {entry["type"] for entry in data["software"].values()} <= kinds
    assert {
        kind for entry in data["capabilities"].values() for kind in entry.get("on", ())
    } <= kinds
    assert {*data["topics"], *data["reports"]} <= {str(intent) for intent in Intent}


def test_templates_of_products_exist(catalogue: object) -> None:
    from alma.config import load_templates

    named = {
        entry[key]
        for entry in load_data()["products"].values()
        for key in ("template", "ha_template")
        if key in entry
    }
    assert named <= set(load_templates())
