"""Everything that is told of several things at once, told of each: before a request for something new is read.

The steps stand in the order in which one prepares the next.
"""

from __future__ import annotations

from alma.core.language.wording.hedges import plainly
from alma.core.language.wording.of_all import of_all
from alma.core.language.wording.portions import in_portions


def retold(message: str) -> str:
    """The message with what is said of parts, of all or again, said where the grammar looks for it."""
    return of_all(in_portions(plainly(message)))
