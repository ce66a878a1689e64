"""Whether a message only says to go on with what was decided before it: "please start it", "try again", "ok, do it".

None of these names a deed, and before anything is decided they decide nothing; right after an approval or an order to
deploy they mean that the deployment should run.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from alma.core.language.followups.consent import names_decision
from alma.core.language.words.seldom import seldom

_OPENING = r"^\W*(?:(?:please|ok|okay|yes|yep|yeah|sure|great|fine|alright|well|then|so|and|now|just|let's|pls)\W+)*"
_CLOSING = r"(?:\W+(?:please|now|then|thanks|thank you|pls|ok|alma|already))*\W*$"
_AGAIN = seldom(
    _OPENING + r"(?:retry(?: (?:it|that|this|the deployment))?|"
    r"(?:try|do|run|start|deploy) (?:(?:it|that|this) )?(?:again|once more|one more time|another time)|"
    r"give it another (?:try|go|shot)|(?:start|run|launch|begin|execute)(?: (?:it|that|this|them|everything))?"
    r"(?: up)?|get (?:it )?(?:going|started)|kick (?:it )?off)" + _CLOSING,
    re.IGNORECASE,
)
_ON = seldom(
    _OPENING
    + r"(?:go(?: on| ahead)?|do (?:it|that|so)|proceed|continue|carry on|make it so)"
    + _CLOSING,
    re.IGNORECASE,
)
_DEPLOYED = seldom(_OPENING + r"(?:deploy|redeploy|ship|roll out|apply)\b", re.IGNORECASE)
_HELD = seldom(r"\b(?:not|don't|never|if|unless|until|tomorrow|later|\?)|\?", re.IGNORECASE)


def goes_on(message: str, history: Sequence[str]) -> bool:
    """Whether it does. Words that start or repeat go on with any recent decision or order to deploy; those that only
    agree with a decision just made: after an order to deploy they are about the plan that it has shown."""
    if _AGAIN.match(message):
        return any(_plain(said) and (names_decision(said) or _ordered(said)) for said in history)
    last = history[-1] if history else ""
    return _plain(last) and names_decision(last) and _ON.match(message) is not None


def _plain(said: str) -> bool:
    return _HELD.search(said.replace("’", "'")) is None


def _ordered(said: str) -> bool:
    return _DEPLOYED.match(said) is not None
