"""What is asked for and is there already: "put a load balancer in front of them", after one came with the web
servers.

A load balancer that spreads over the very same machines in the very same way is the one that was meant: a second would
do nothing. Whoever wants two says "another one", or says what is different about it.
"""

from __future__ import annotations

from collections.abc import Sequence

from alma.core.language.parsing.phrases import Phrase
from alma.core.language.vocabulary.defaults import listed
from alma.core.language.words.numerals import FURTHER
from alma.core.model.blueprint import Resource, ResourceType
from alma.core.model.conversation import AddResource, Edit

ANOTHER = FURTHER | {"second", "third", "other"}
"""What asks for one more of what is there."""


def already_there(
    edits: Sequence[Edit], known: Sequence[Resource], phrases: Sequence[Phrase]
) -> dict[str, Resource]:
    """The new resources by their names, and what is there in their place."""
    new = [edit.resource for edit in edits if isinstance(edit, AddResource)]
    balancers = [r for r in new if r.type is ResourceType.LOAD_BALANCER and r.backends]
    if len(balancers) != 1 or any(_one_more(phrase) for phrase in phrases):
        return {}
    (balancer,) = balancers
    same = [resource for resource in known if _same(resource, balancer)]
    return {balancer.name: same[0]} if same else {}


def told(there: Resource) -> str:
    """What is said of one that is there already."""
    return f"{there.name} is there already, in front of {listed(list(there.backends))}"


def _one_more(phrase: Phrase) -> bool:
    """`Another load balancer`, `a second one`, `two load balancers`, `one called edge`."""
    if phrase.type is not ResourceType.LOAD_BALANCER:
        return False
    return bool(phrase.more or phrase.names or (phrase.count or 1) > 1 or phrase.selector)


def _same(one: Resource, other: Resource) -> bool:
    return one.model_copy(update={"name": other.name}) == other
