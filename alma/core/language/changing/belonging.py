"""What the parts of a blueprint are labelled with, and whose and for what environment the whole is said to be."""

from __future__ import annotations

import re
from collections.abc import Sequence

from alma.core.language.changing.hosting import hosted, tagged
from alma.core.language.changing.targets import Targets
from alma.core.language.changing.variables import variables
from alma.core.language.editing.outcome import Asks, Outcome
from alma.core.language.intent.act import Act
from alma.core.language.parsing.grammar import parse
from alma.core.language.vocabulary.defaults import ENVIRONMENTS, listed
from alma.core.language.vocabulary.gazetteer import Gazetteer, Sort
from alma.core.language.words.seldom import seldom
from alma.core.language.words.tokens import tokenize
from alma.core.model.base import slug
from alma.core.model.blueprint import Blueprint, Resource
from alma.core.model.conversation import Intent, SetBlueprint, SetField

_WHO = r"(?P<who>[^\s,;!?][^,;!?\n]{0,60}?)(?=[.!?,;]*$|[,;]|\s+(?:and|but|please|now)\b)"
_OWNER = seldom(
    rf"\b(?:belongs?|assign(?:ed)?) (?:it |this |everything )?to {_WHO}|"
    rf"^{_WHO.replace('who', 'who1')} (?:owns (?:it|this|everything)|is (?:now )?the (?:new )?owner|is responsible)",
    re.IGNORECASE,
)
_LABELLING = seldom(
    r"^(?:(?:please|also|then|and|can you|could you)\s+)*(?:label|tag|annotate|mark|flag|"
    r"(?:add|put|set|attach|give|remove|drop|delete)\b.{0,40}?\b(?:labels?|tags?))\b",
    re.IGNORECASE,
)
_PAIR = seldom(r"\b([A-Za-z][\w./-]{0,60})\s*(?:=|:|\bis\b|\bset to\b)\s*([\w][\w.@/-]{0,80})")
_BESIDE = seldom(r"\bwith\s+(?!the\b|a\b)([A-Za-z][\w-]{1,60})\s+([\w][\w.@/-]{0,80})\W*$")
_SINGLE = seldom(
    r"\b(?:as|with|labels?|tags?)\s+[\"'`]?([A-Za-z][\w.-]{0,60})[\"'`]?", re.IGNORECASE
)
_TELLING = {"this", "it", "that", "everything", "mark", "flag", "treat", "it's", "we", "consider"}


def belonging(act: Act, text: str, gazetteer: Gazetteer, draft: Blueprint | None) -> Outcome | None:
    """What a clause (as written: `text`) says about owners and labels, None if it says nothing of the kind. Raises
    Asks."""
    if draft is None or act.forbidden or (act.asks and act.verb is None):
        return None
    outcome = Outcome(intent=Intent.CHANGE)
    _labels(text, gazetteer, draft, outcome)
    if not outcome.edits:
        hosted(text, draft, outcome)
        tagged(text, draft, outcome)
        variables(text, draft, outcome)
    if not outcome.edits:
        _owner(text, outcome)
    if not outcome.edits:
        _environment(act, text, gazetteer, outcome)
    return outcome if outcome.edits else None


def _owner(text: str, outcome: Outcome) -> None:
    owner = _OWNER.search(text)
    if owner is not None:
        who = next(value for value in owner.groups() if value)
        name = re.sub(r"^(?:the|our|my)\s+", "", who.strip(" .'\"")).strip()
        outcome.edits.append(SetBlueprint(metadata={"owner": name}))
        outcome.understood.append(f"owner {name}")


def _environment(act: Act, text: str, gazetteer: Gazetteer, outcome: Outcome) -> None:
    """ "This is our production environment", "mark it as staging"."""
    items = gazetteer.tag(act.body)
    said = [
        item.id_of(Sort.MODIFIER) for item in items if item.id_of(Sort.MODIFIER) in ENVIRONMENTS
    ]
    things = any(item.terms.keys() & {Sort.TYPE, Sort.COMPUTE, Sort.SOFTWARE} for item in items)
    words = set(text.casefold().split()[:4])
    if len(said) == 1 and act.verb is None and not things and words & _TELLING:
        outcome.edits.append(SetBlueprint(metadata={"environment": said[0]}))
        outcome.understood.append(f"for {said[0]}")


def _labels(text: str, gazetteer: Gazetteer, draft: Blueprint, outcome: Outcome) -> None:
    if not _LABELLING.search(text):
        return
    pairs = {key.casefold(): value.rstrip(".") for key, value in _PAIR.findall(text)}
    if not pairs and (beside := _BESIDE.search(text)) is not None:  # "tag web with cost-center 42"
        pairs, text = {beside[1].casefold(): beside[2]}, text[: beside.start()]
    single = _SINGLE.search(text)
    word = _word(single[1] if single else None, text, draft) if not pairs or "=" in text else None
    if not pairs and word is not None and word.casefold() not in ENVIRONMENTS:
        pairs = {slug(word): "true"}
    if not pairs:
        return
    taken = re.match(r"(?:remove|drop|delete)\b", text.strip(), re.IGNORECASE) is not None
    spoken = _PAIR.sub(" ", text)
    if word is not None and "=" not in text:
        spoken = re.sub(rf"\b{re.escape(word)}\b", " ", spoken)
    owners = _owners(spoken, gazetteer, draft)
    for resource in owners:
        outcome.edits += [
            SetField(name=resource.name, path=f"labels.{key}", value=None if taken else value)
            for key, value in pairs.items()
        ]
    said = listed([f"{key}={value}" for key, value in pairs.items()])
    outcome.understood.append(
        f"{'no label' if taken else 'label'} {said} on {listed([r.name for r in owners])}"
    )


def _word(said: str | None, text: str, draft: Blueprint) -> str | None:
    """The label of `mark db-1 as critical`, `label db-1 critical`."""
    names = {resource.name.casefold() for resource in draft.resources}
    if said is not None and said.casefold() not in names:
        return said
    last = text.rsplit(maxsplit=1)[-1].strip(".!\"'`") if len(text.split()) > 2 else ""
    return last if last.isalpha() and last.casefold() not in names else None


def _owners(text: str, gazetteer: Gazetteer, draft: Blueprint) -> Sequence[Resource]:
    names = [resource.name for resource in draft.resources]
    parsed = parse(gazetteer.prepare(tokenize(text), names).tokens, gazetteer, names=names)
    targets = Targets(draft)
    found = [
        r for phrase in parsed.phrases for r in targets.one_or_all(phrase) if targets.find(phrase)
    ]
    if not found and not draft.resources:
        raise Asks("There is nothing to label yet. What would you like to run?")
    return list({resource.name: resource for resource in found}.values()) or draft.resources
