"""What a reading of a change makes that nothing in the message asks for: a word in passing is no order.

"Images pile up, the registry wants 200GB" names images and a registry; whatever else a reading makes of it is wrong.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence

from alma.core.language.changing.targets import stem
from alma.core.language.vocabulary.defaults import listed
from alma.core.language.vocabulary.gazetteer import Item, Sort
from alma.core.language.words.seldom import seldom
from alma.core.model.blueprint import Blueprint, ResourceType
from alma.core.model.conversation import AddResource, Edit, Interpretation, UseTemplate

_ENDS = frozenset(", ; . : ! ? \n and but so because since while".split(" "))
# What asks for something new: a verb, a wish, an article, a number or a word that goes on with a list.
_LED = seldom(
    r"\b(?:add\w*|need\w*|want\w*|new|another|more|set(?:ting)? ?up|create|make|making|deploy|give|get|put|include|"
    r"plus|as well|second|extra|install|spin|run|host\w*|attach|like|also|too|introduce|bring|build|launch|provision|"
    r"use|using|uses|"
    r"place|stick|throw|duplicate|copy|clone|same|replicate|restore|replica|behind|front|should|must|start|"
    r"called|named|instead|swap|switch|replace|migrate|change|try|allow|block|next to|beside|alongside|move|"
    r"please|pls|a|an|one|two|three|four|five|six|for|with|onto|\d+x?)\b|^\W*(?:and|or|then|now|&|\+)",
    re.IGNORECASE,
)
# "We're paperless", "files will hold all the scans": how things are.
_TOLD = seldom(
    r"\b(?:we|i|they|he|she|you)(?:['’](?:re|m)| are| am| was| were)\b|\bwill (?:hold|contain|keep)\b",
    re.IGNORECASE,
)
_WISHED = seldom(
    r"\b(?:add\w*|need\w*|want\w*|like|set(?:ting)? ?up|creat\w*|mak\w+|deploy\w*|giv\w+|get\w*|put\w*|includ\w*|"
    r"install\w*|please|should|must|us(?:e|ing)|run\w*|host\w*|miss\w*|switch\w*|mov\w+|replac\w*|migrat\w*|go\w*|"
    r"plan\w*|forgot\w*|decid\w*|try\w*|introduc\w*|have to|look\w*|also|too)\b",
    re.IGNORECASE,
)
# "My neighbour has three boxes": whose they are decides what they are not wanted for.
_OF_OTHERS = seldom(
    r"\b(?:my|our|his|her|a) (?:old |former |last |previous |best |good )?(?:neighbou?r|friend|buddy|mate|brother|"
    r"sister|"
    r"cousin|uncle|aunt|dad|father|mum|mom|mother|son|daughter|wife|husband|colleague|roommate|flatmate|classmate|"
    r"competitor|employer|company|job|school)s?(?: at work)? "
    r"(?:already |also |just )?(?:has|have|had|owns?|owned|runs?|ran|uses?|used|got|keeps?|bought)\b",
    re.IGNORECASE,
)
_WANTED = seldom(
    r"\b(?:add\w*|need\w*|want\w*|like (?:that|his|hers|theirs)|same|please|pls|should|must|let['’]?s|let us|give|"
    r"set up|"
    r"create|make me|make us|i['’]d|we['’]d|can you|could you)\b",
    re.IGNORECASE,
)
# "We forgot alertmanager, add it": what was named before is what is asked for.
_ADD_IT = seldom(
    r"\b(?:add|include|create|need|want|have|set up|put|deploy|install) (?:it|that|them|those|both|this|one)\b",
    re.IGNORECASE,
)


def only_called_for(
    items: Sequence[Item], read: Interpretation, blueprint: Blueprint, common: Collection[str]
) -> Interpretation:
    """The reading without what nobody asked for; a question, where nothing else is in it. `common` are the words of
    plain English: a clause without any is only a list of things."""
    invented = list(_uncalled(items, read.edits, blueprint, common))
    if not invented:
        return read
    gone = {_titled(edit) for edit in invented}
    kept = tuple(
        edit
        for edit in read.edits
        if edit not in invented and getattr(edit, "name", None) not in gone
    )
    if kept:
        told = [t for t in read.understood if not any(title in t for title in gone)]
        return read.model_copy(update={"edits": kept, "understood": tuple(told)})
    said = listed([f"'add {_known_as(edit)}'" for edit in invented])
    question = f"Should something be added for that? If so, say: {said}. Nothing was changed."
    return read.model_copy(
        update={"edits": (), "understood": (), "assumptions": (), "question": question}
    )


def _titled(edit: Edit) -> str:
    if isinstance(edit, UseTemplate):
        return edit.template
    return edit.resource.name if isinstance(edit, AddResource) else ""


def _known_as(edit: Edit) -> str:
    if isinstance(edit, AddResource):
        return edit.resource.engine or str(edit.resource.type).replace("_", " ")
    return _titled(edit)


def _uncalled(
    items: Sequence[Item], edits: Sequence[Edit], blueprint: Blueprint, common: Collection[str]
) -> Iterator[Edit]:
    text = " ".join(item.text for item in items)
    if _OF_OTHERS.search(text) and not _WANTED.search(text):
        yield from (edit for edit in edits if isinstance(edit, AddResource | UseTemplate))
        return
    if _ADD_IT.search(text):
        return
    stems = {stem(resource) for resource in blueprint.resources}
    clauses = list(_clauses(items))
    for edit in edits:
        if isinstance(edit, AddResource):
            known = stem(edit.resource) in stems
            if known or edit.resource.type in {ResourceType.FIREWALL, ResourceType.LOAD_BALANCER}:
                continue
        elif not isinstance(edit, UseTemplate):
            continue
        naming = [clause for clause in clauses if any(_names(item, edit) for item in clause)]
        if not any(_led(clause, common) for clause in naming or clauses):
            yield edit


def _clauses(items: Sequence[Item]) -> Iterator[list[Item]]:
    found: list[Item] = []
    for item in items:
        if item.norm in _ENDS or item.text in _ENDS:
            if found:
                yield found
            found = [item] if item.norm == "and" else []
        else:
            found.append(item)
    if found:
        yield found


def _names(item: Item, edit: Edit) -> bool:
    if isinstance(edit, UseTemplate):
        return Sort.PRODUCT in item.terms
    if not isinstance(edit, AddResource):
        return False
    resource = edit.resource
    software = item.id_of(Sort.SOFTWARE)
    return (software is not None and software == resource.engine) or (
        resource.type in {item.id_of(Sort.TYPE), item.id_of(Sort.CONTENT)}
    )


def _led(clause: Sequence[Item], common: Collection[str]) -> bool:
    text = " ".join(item.text for item in clause)
    if _TOLD.search(text) and not _WISHED.search(text):
        return False
    telling = any(
        not item.terms and item.existing is None and item.norm in common for item in clause
    )
    return not telling or _LED.search(text) is not None
