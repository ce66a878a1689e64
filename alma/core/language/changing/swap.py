"""Other software in the same place ("use MySQL instead"), and other versions of it."""

from __future__ import annotations

from alma.core.language.changing.change import Changer
from alma.core.language.changing.tags import has_tag, tagged
from alma.core.language.changing.targets import stem
from alma.core.language.editing.outcome import Asks
from alma.core.language.parsing.phrases import Determiner, Parsed, Phrase
from alma.core.language.vocabulary.defaults import TITLES, listed
from alma.core.language.vocabulary.gazetteer import Gazetteer, Sort
from alma.core.language.vocabulary.running import runs
from alma.core.model.blueprint import DATA, Resource, ResourceType
from alma.core.model.conversation import SetField


def swap(changer: Changer, parsed: Parsed) -> bool:
    """Replaces software by other software. Says whether the clause was about that; raises Asks when unclear of what."""
    new = _new(changer, parsed)
    if new is None or new.software is None or _points_at_missing(new, parsed):
        return False
    version = next(
        (attribute.value for attribute in new.attributes if attribute.path == "version"), None
    )
    owners = _owners(changer, parsed, new)
    for resource in owners:
        changer.outcome.edits.append(
            SetField(name=resource.name, path="engine", value=new.software)
        )
        if resource.image is not None and not is_system(changer.gazetteer, resource.image):
            changer.outcome.edits.append(SetField(name=resource.name, path="image"))
        if version is not None or resource.version is not None:
            changer.outcome.edits.append(
                SetField(name=resource.name, path="version", value=version)
            )
    named = changer.gazetteer.software[new.software].get("title", new.software)
    changer.outcome.understood.append(
        f"{named}{f' {version}' if version else ''} for {listed([r.name for r in owners])}"
    )
    if changer.catalogue.find(new.software) is None:
        changer.outcome.assumptions.append(
            f"{named} is not in the software catalogue yet, so a plan will need an image for it"
        )
    if any(resource.type in DATA for resource in owners):
        changer.outcome.assumptions.append(
            "data is not carried over: what is stored in the old software stays there until it is removed"
        )
    return True


def is_system(gazetteer: Gazetteer, image: str) -> bool:
    """Whether an image is an operating system's, which stays under other software."""
    said = gazetteer.meaning(image.casefold().partition(":")[0].partition("-")[0])
    return Sort.IMAGE in said


def _new(changer: Changer, parsed: Parsed) -> Phrase | None:
    """The software wanted: the one that nothing runs yet."""
    resources = changer.blueprint.resources
    said = [phrase.software for phrase in parsed.phrases if phrase.software and not phrase.negated]
    pointed = [r for p in parsed.phrases if p.link != "to" for r in changer.targets.find(p)]
    balancers = [r for r in pointed if r.type is ResourceType.LOAD_BALANCER]
    # nginx may balance what nginx serves: for a load balancer only its own software counts.
    places = balancers if balancers and len(balancers) == len(pointed) else resources
    fresh = {name for name in said if not any(runs(resource, name) for resource in places)}
    return next(
        (p for p in reversed(parsed.phrases) if p.software in fresh and not p.negated), None
    )


def _points_at_missing(new: Phrase, parsed: Parsed) -> bool:
    """`give the wiki another 2GB` where there is none: nobody wants a wiki in the place of something else."""
    pointing = new.determiner in {Determiner.DEFINITE, Determiner.POSSESSIVE}
    return pointing and new.link is None and not parsed.instead and bool(new.attributes)


def _owners(changer: Changer, parsed: Parsed, new: Phrase) -> list[Resource]:
    type_ = ResourceType(changer.gazetteer.software[new.software or ""]["type"])
    unwanted = [phrase for phrase in parsed.phrases if _unwanted(changer, phrase, type_)]
    for phrase in unwanted:
        if gone := changer.targets.find(phrase):
            changer.drop(parsed, gone)
    others = [phrase for phrase in parsed.phrases if phrase is not new and phrase not in unwanted]
    pointed = [resource for phrase in others for resource in changer.targets.find(phrase)]
    if pointed:
        return pointed
    if new.existing is None and others and not others[0].negated:
        raise Asks(changer.targets.nothing(others[0]))
    fitting = [
        resource for resource in changer.blueprint.resources if _runs(changer, resource, type_)
    ]
    if not fitting:
        raise Asks(
            f"There is no {TITLES[type_]} to run {new.software} instead of something. Should I add one?"
        )
    if len({(resource.type, resource.engine, stem(resource)) for resource in fitting}) == 1:
        return fitting
    return changer.targets.spoken_of(fitting, what="software")


def _unwanted(changer: Changer, phrase: Phrase, type_: ResourceType) -> bool:
    """`use mysql instead, and no cache`: what is to go besides, for it is nothing that mysql could replace."""
    software = changer.gazetteer.software.get(phrase.software or "", {}).get("type")
    besides = phrase.negated and phrase.type and software != type_
    found = changer.targets.find(phrase) if besides else []
    return bool(found) and all(resource.type is not type_ for resource in found)


def _runs(changer: Changer, resource: Resource, type_: ResourceType) -> bool:
    if resource.type is type_ and type_ is not ResourceType.SERVICE:
        return True
    known = changer.gazetteer.software
    return any(entry.get("type") == type_ and runs(resource, name) for name, entry in known.items())


def upgrade(changer: Changer, parsed: Parsed, *, tags: bool) -> bool:
    """ "Upgrade postgres to 16": another version of what runs. Says whether the clause was about that. With `tags` the
    number may be the tag of an image, too: elsewhere a plain one counts instances."""
    number = parsed.to_number if parsed.to_number is not None else parsed.bare_number
    if (number is None and parsed.to_text is None) or not parsed.phrases:
        return False
    owners = [
        r
        for phrase in parsed.phrases
        if not phrase.negated and phrase.link in {None, "and"}
        for r in changer.targets.find(phrase)
        if (r.engine and (phrase.software or r.version))
        or ((tags or parsed.to_text) and has_tag(r))
    ]
    if not owners:
        return False
    version = parsed.to_text or str(number)
    if images := [r for r in owners if r.engine is None and r.image]:
        changer.outcome.edits += [
            SetField(name=r.name, path="image", value=tagged(str(r.image), version)) for r in images
        ]
        changer.outcome.understood.append(f"tag {version} for {listed([r.name for r in images])}")
        owners = [r for r in owners if r not in images]
    if not owners:
        return True
    changer.outcome.edits += [SetField(name=r.name, path="version", value=version) for r in owners]
    changer.outcome.understood.append(f"version {version} for {listed([r.name for r in owners])}")
    return True
