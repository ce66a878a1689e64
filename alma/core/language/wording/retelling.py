"""Everything that is told of several things at once, told of each: before a request for something new is read.

The steps stand in the order in which one prepares the next.
"""

from __future__ import annotations

from collections.abc import Callable

from alma.core.language.wording.blocks import in_blocks
from alma.core.language.wording.hedges import plainly
from alma.core.language.wording.of_all import of_all
from alma.core.language.wording.portions import in_portions


def retold(message: str, means: Callable[[str], bool]) -> str:
    """The message with what is said of parts, of all or again, said where the grammar looks for it. `means` tells words
    of the vocabulary."""
    return of_all(in_portions(in_blocks(plainly(message), means)))
