"""What a word is in a noun phrase, and what the next few words make of it. Facts about items, without any state."""

from __future__ import annotations

from collections.abc import Sequence

from rapidfuzz.distance import OSA

from alma.core.language.parsing.phrases import Attribute, Phrase
from alma.core.language.vocabulary.gazetteer import Item, Sort
from alma.core.language.words.tokens import Kind
from alma.core.model.blueprint import Origin, ResourceType

HEADS = frozenset({Sort.TYPE, Sort.COMPUTE, Sort.GROUP, Sort.PRODUCT})
BEFORE_HEADS = frozenset({Sort.MODIFIER, Sort.IMAGE, Sort.SOFTWARE, Sort.ROLE})
_LINKING = ("with", "for", "and", "running", "using", "having", "sized", "that", "each", "about")
_NEGATIONS = {"no", "not"}


def is_head(item: Item) -> bool:
    """Whether a phrase can end with it: `server`, `database`, `tier`."""
    return bool(item.terms.keys() & HEADS)


def noun_like(item: Item) -> bool:
    """Whether a determiner before it belongs to it."""
    return bool(item.terms) or item.existing is not None or item.kind is Kind.NUMBER


def is_identifier(text: str) -> bool:
    """Whether a word looks like a name rather than a word: `web-01`."""
    return any(char in "-_." or char.isdigit() for char in text) and any(
        char.isalpha() for char in text
    )


def slipped(word: str) -> bool:
    """Whether a word may be a slip of the finger for one that stands between things: `wiht`."""
    return any(OSA.distance(word, link) <= 1 for link in _LINKING)


def compounds(phrase: Phrase, following: Item) -> bool:
    """Whether the next head belongs to the same phrase: `postgres cluster`, `database server`."""
    if following.existing is not None or not following.terms.keys() & {
        Sort.TYPE,
        Sort.COMPUTE,
        Sort.GROUP,
    }:
        return False
    if phrase.product:
        return Sort.TYPE not in following.terms
    if phrase.type is ResourceType.FIREWALL and not phrase.plural:
        return (
            following.id_of(Sort.TYPE) == "vm" or Sort.COMPUTE in following.terms
        )  # "a firewall vm"
    if phrase.replica:
        return False
    if Sort.TYPE in following.terms and following.id_of(Sort.TYPE) == phrase.type:
        return not phrase.plural  # "container LXC"
    return not (Sort.TYPE in following.terms and phrase.type is not None and not phrase.generic)


def negate(attribute: Attribute) -> Attribute:
    """The attribute of "without …"."""
    return Attribute(attribute.path, None, op="remove", origin=Origin.WORDS)


def is_limit(ahead: Sequence[Item]) -> bool:
    """`no more than 2 servers` is a limit, and no wish to have none."""
    return len(ahead) > 2 and ahead[0].norm in _NEGATIONS and ahead[2].norm == "than"


def is_at_least(ahead: Sequence[Item]) -> bool:
    """`at least 3 servers`, of which 3 may be made; `at least 8GB` is an amount like any other."""
    if len(ahead) < 4 or ahead[0].norm != "at" or ahead[1].norm not in {"least", "most"}:
        return False
    counted = ahead[3].terms.keys() & (HEADS | BEFORE_HEADS)
    return ahead[2].kind is Kind.NUMBER and bool(counted)


def implies_cluster(items: Sequence[Item]) -> bool:
    """Whether `3 control planes and 5 workers` speaks of Kubernetes although nobody says so."""
    roles = {item.id_of(Sort.ROLE) for item in items}
    planes = any(item.norm.startswith("control plane") for item in items)
    programs = any(Sort.SOFTWARE in item.terms for item in items)
    cluster = any(item.norm == "cluster" and Sort.GROUP in item.terms for item in items)
    masters = any(item.norm == "master" for item in items)
    return planes or (masters and cluster and "worker" in roles and not programs)
