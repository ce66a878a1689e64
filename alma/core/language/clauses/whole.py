"""What a clause says of the blueprint as a whole, and the draft there is before anything was said."""

from __future__ import annotations

from collections.abc import Sequence

from alma.core.language.intent.act import Act
from alma.core.language.parsing.phrases import Determiner, Parsed, Phrase
from alma.core.model.blueprint import (
    Blueprint,
    Constraints,
    Origin,
    ResourceType,
)
from alma.core.model.conversation import (
    Edit,
    SetBlueprint,
)

# The draft of a conversation that has none yet.
NOTHING = Blueprint(name="nothing yet")

_LXC = {"lxc", "lxcs", "ct", "cts"}


def whole(act: Act, parsed: Parsed) -> list[Edit]:
    """What a clause says about the blueprint as a whole: limits, environment, where it goes."""
    if act.verb in {"remove", "destroy"}:
        return []
    edits: list[Edit] = []
    limits = {"max_monthly_cost": parsed.max_cost, "region": parsed.region}
    given = {key: value for key, value in limits.items() if value}
    if given:
        edits.append(SetBlueprint(constraints=Constraints.model_validate(given)))
    if parsed.environment is not None:
        edits.append(SetBlueprint(metadata={"environment": parsed.environment}))
    if parsed.engine is not None:
        edits.append(SetBlueprint(engine=parsed.engine))
    elif any(_says_lxc(phrase.words) for phrase in parsed.phrases):
        edits.append(SetBlueprint(engine="proxmox", origin=Origin.INFERRED))
    return edits


def leave_whole(act: Act, parsed: Parsed) -> None:
    """Leaves out "the app" where that means what is drafted: `deploy the app on a cluster with 3 nodes`. Where nothing
    is drafted yet, it means what nobody has told of, if it is to run on what the same words ask for."""
    hosts = any(phrase.type is ResourceType.KUBERNETES_CLUSTER for phrase in parsed.phrases)
    meant = [phrase for phrase in parsed.phrases if _is_whole(phrase)]
    if act.verb != "deploy" or not meant or (parsed.fresh and not hosts):
        return
    parsed.phrases = [phrase for phrase in parsed.phrases if not _is_whole(phrase)]
    if parsed.fresh:
        parsed.notes.append("what the app is was not said: nothing runs on the cluster yet")


def _is_whole(phrase: Phrase) -> bool:
    """`The app`, `our application`: no name, number, program or size makes it a thing of its own."""
    known = phrase.determiner in {Determiner.DEFINITE, Determiner.POSSESSIVE}
    said = phrase.names or phrase.attributes or phrase.software or phrase.image or phrase.count
    others = phrase.existing or phrase.plural or phrase.link or phrase.modifiers
    return known and phrase.role == "app" and not (said or others)


def _says_lxc(words: Sequence[str]) -> bool:
    return any(word.casefold() in _LXC for text in words for word in text.split())
