"""Names of what is not there: "set inventory-db to 32GB" where there is only `orders-db`, "4GB for romulus".

A name is said to be told apart from others. Where nothing is called so, its last part ("db") fits what is there all the
same, and an order would be carried out on what nobody meant. So it is asked which one is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from alma.core.language.editing.outcome import Asks
from alma.core.language.intent.act import Act
from alma.core.language.parsing.phrases import Parsed
from alma.core.language.vocabulary.defaults import listed
from alma.core.language.vocabulary.gazetteer import Gazetteer, Item, Sort
from alma.core.language.words.tokens import Kind
from alma.core.model.blueprint import Blueprint, Resource
from alma.core.model.conversation import AddResource, Edit, RemoveResource, RenameResource, SetField
from alma.core.model.suggest import nearest

_HEADS = {Sort.TYPE, Sort.ROLE, Sort.COMPUTE}
# What says which of its kind a thing is, and no name: "main-db", "prod-db".
_TELLING = frozenset(
    "main primary old new prod production staging stage dev development test big small single multi self non sub "
    "read write high low shared central our the master backup in first second other live current existing".split()
)
_SHORTEST = 3
_NEAR = 4
_FOR = {"for", "of", "on", "to"}


def absent(
    act: Act, parsed: Parsed, edits: Sequence[Edit], draft: Blueprint | None, gazetteer: Gazetteer
) -> Asks | None:
    """The question which one is meant, where a clause changes other things than the one that it names."""
    if draft is None or any(isinstance(edit, AddResource) for edit in edits):
        return None
    touched = {e.name for e in edits if isinstance(e, SetField | RemoveResource | RenameResource)}
    owners = [resource for resource in draft.resources if resource.name in touched]
    if not owners:
        return None
    items = gazetteer.tag(act.body, [resource.name for resource in draft.resources])
    known = _known(draft, owners)
    said = next((n for n in _compounds(items) if not _related(n, known, edits)), None)
    said = said or _unknown_owner(items, parsed, draft, gazetteer)
    if said is None:
        return None
    names = [resource.name for resource in draft.resources]
    return Asks(
        f"I find no {said} in this blueprint. There is {listed(names)}: which do you mean?",
        open=True,
        among=names,
        about=said,
    )


def _compounds(items: Sequence[Item]) -> Iterator[str]:
    """Names of several parts that end with what a thing is, and begin with a word that means nothing else."""
    for index in range(1, len(items)):
        first, head = items[index - 1], items[index]
        follows = index + 1 < len(items) and items[index + 1].tokens[0].glued
        if not head.tokens[0].glued or first.tokens[0].glued or follows or head.plural:
            continue
        plain = first.kind is Kind.WORD and not first.terms.keys() - {Sort.CONTENT}
        named = plain and first.existing is None and first.norm not in _TELLING
        if named and len(first.text) >= _SHORTEST and head.terms.keys() & _HEADS:
            yield f"{first.text}-{head.text}"


def _known(draft: Blueprint, owners: Sequence[Resource]) -> set[str]:
    """The words that say something of what would change: parts of names, labels, software, and of the whole."""
    told = [draft.name, *draft.metadata.values()]
    for owner in owners:
        told += [owner.name, owner.engine, owner.image, *owner.labels.values()]
        told += owner.metadata.values()
    return {part for text in told for part in re.split(r"[^a-z0-9]+", str(text).casefold()) if part}


def _related(name: str, known: set[str], edits: Sequence[Edit]) -> bool:
    """Whether a name is said of what would change in other words, or is a new one."""
    first = name.casefold().partition("-")[0]
    near = any(part[:_NEAR] == first[:_NEAR] for part in known)
    return near or any(name.casefold() in str(edit.model_dump()).casefold() for edit in edits)


def _unknown_owner(
    items: Sequence[Item], parsed: Parsed, draft: Blueprint, gazetteer: Gazetteer
) -> str | None:
    """`4GB ram for romulus`: nobody's name, where amounts have no other owner and several could have them."""
    owned = parsed.phrases or parsed.pronoun or parsed.everything or parsed.each
    if owned or not parsed.loose or len(draft.resources) == 1 or len(items) < 2:
        return None
    before, last = items[-2], items[-1]
    slip = nearest(last.text, [resource.name for resource in draft.resources])
    strange = last.kind is Kind.WORD and not (last.terms or last.existing or slip)
    if before.norm in _FOR and strange and last.norm not in gazetteer.common:
        return last.text if last.text in parsed.unused else None
    return None
