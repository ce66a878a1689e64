"""A message as it would be written by somebody who takes it down from a call: no snippets, no slips, no
fillers, no ticket around it. It is the first that becomes of a message, before anything of it is judged."""

from __future__ import annotations

import re
from collections.abc import Callable

from alma.core.language.wording.fillers import without_fillers
from alma.core.language.wording.handwriting import legible
from alma.core.language.wording.snippets import in_words
from alma.core.language.wording.tickets import without_fields

# Characters. Longer messages are pasted rather than told, and would take their time.
_LONGEST = 4000
# No table and no indentation is that wide, and patterns take their time with what is empty.
_WIDE, _EMPTY = re.compile(r"[^\S\n]{24,}"), re.compile(r"(?:[^\S\n]*\n){4,}")


def taken_down(message: str, means: Callable[[str], bool]) -> str:
    """The message in plain words. `means` tells words of the vocabulary."""
    message = _EMPTY.sub("\n\n", _WIDE.sub("  ", message))
    if len(message) > _LONGEST:
        return message
    return without_fillers(legible(without_fields(in_words(message, means)), means))
