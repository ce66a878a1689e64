"""What a clause says of the blueprint as a whole, and the draft there is before anything was said."""

from __future__ import annotations

from collections.abc import Sequence

from alma.core.language.intent.act import Act
from alma.core.language.parsing.phrases import Parsed
from alma.core.model.blueprint import (
    Blueprint,
    Constraints,
    Origin,
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


def _says_lxc(words: Sequence[str]) -> bool:
    return any(word.casefold() in _LXC for text in words for word in text.split())
