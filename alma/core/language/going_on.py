"""Whether a message only says to go on with what was decided before it: "please start it", "try again", "ok, do it".

None of these names a deed, and before anything is decided they decide nothing; right after an approval or an order to
deploy they mean that the deployment should run.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from alma.core.language.consent import names_decision

_OPENING = r"^\W*(?:(?:please|ok|okay|yes|yep|yeah|sure|great|fine|alright|well|then|so|and|now|just|let's|pls)\W+)*"
_CLOSING = r"(?:\W+(?:please|now|then|thanks|thank you|pls|ok|alma|already))*\W*$"
_AGAIN = re.compile(
    _OPENING + r"(?:retry(?: (?:it|that|this|the deployment))?|"
    r"(?:try|do|run|start|deploy) (?:(?:it|that|this) )?(?:again|once more|one more time|another time)|"
    r"give it another (?:try|go|shot)|(?:start|run|launch|begin|execute)(?: (?:it|that|this|them|everything))?"
    r"(?: up)?|get (?:it )?(?:going|started)|kick (?:it )?off)" + _CLOSING,
    re.IGNORECASE,
)
_ON = re.compile(
    _OPENING
    + r"(?:go(?: on| ahead)?|do (?:it|that|so)|proceed|continue|carry on|make it so)"
    + _CLOSING,
    re.IGNORECASE,
)
_DEPLOYED = re.compile(_OPENING + r"(?:deploy|redeploy|ship|roll out|apply)\b", re.IGNORECASE)
_HELD = re.compile(r"\b(?:not|don't|never|if|unless|until|tomorrow|later|\?)|\?", re.IGNORECASE)


def goes_on(message: str, history: Sequence[str]) -> bool:
    """Whether it does. Words that only agree go on with the last message, those that start or repeat with any of the
    recent ones."""
    decided = [_decides(said) for said in history]
    if _AGAIN.match(message):
        return any(decided)
    return bool(decided) and decided[-1] and _ON.match(message) is not None


def _decides(said: str) -> bool:
    plain = _HELD.search(said.replace("’", "'")) is None
    return plain and (names_decision(said) or _DEPLOYED.match(said) is not None)
