"""What is asked where a reading would change something, and what it leaves out shows that it is likely to be wrong."""

from __future__ import annotations

import re
from collections.abc import Sequence

from alma.core.language.vocabulary.defaults import listed
from alma.core.model.conversation import Interpretation

# Who corrects an amount says one that nothing becomes of.
_CORRECTED = re.compile(
    r"\b(?:no|nope|sorry|wait|actually|eh|rather|instead|make (?:it|that)|scratch|oops|correction|meant|mean|not|"
    r"n't|until|was|were|had|used|today|now|currently|ticket)\b|n't\b",
    re.IGNORECASE,
)


def asked_for_rest(text: str, read: Interpretation, left: Sequence[str]) -> Interpretation:
    """The question about amounts that nothing would become of; the reading, where they may be beside the point."""
    if not left or not read.edits or read.question or _CORRECTED.search(text):
        return read
    taken = f" I would take it as {listed(list(read.understood))}, and" if read.understood else ""
    amounts = listed([f"'{amount}'" for amount in dict.fromkeys(left)])
    question = (
        f"What is {amounts} for?{taken or ' It'} would leave that out. Nothing was changed: say it once more, "
        "each amount with what it is of."
    )
    return read.model_copy(update={"edits": (), "understood": (), "question": question})
