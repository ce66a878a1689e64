"""`We chose Valkey. Please set up one instance with 4GB`: an instance of what was just said, and no other machine."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from alma.core.language.intent.act import Act
from alma.core.language.intent.clausing import CREATING
from alma.core.language.parsing.phrases import Determiner, Parsed, Phrase
from alma.core.model.conversation import AddResource, Edit, Intent


def instance_of(act: Act, parsed: Parsed, edits: Sequence[Edit]) -> Act:
    """The act, about what the message has made already where it speaks of nothing but an instance of it. `edits` are
    those of the message so far; the phrase is changed in place."""
    made = [edit.resource for edit in edits if isinstance(edit, AddResource)]
    served = len(made) == 1 and made[0].engine is not None
    if not served or act.verb not in CREATING or len(parsed.phrases) != 1:
        return act
    phrase = parsed.phrases[0]
    if not _bare_instance(phrase):
        return act
    phrase.existing, phrase.count, phrase.type = made[0].name, None, None
    phrase.generic, phrase.determiner = False, Determiner.DEFINITE
    return replace(act, intent=Intent.CHANGE, verb="set", word="make")


def _bare_instance(phrase: Phrase) -> bool:
    plain = phrase.generic and not (phrase.role or phrase.software or phrase.image or phrase.names)
    one = phrase.count in {None, 1} and not phrase.plural and not phrase.more
    return plain and one and phrase.words[-1:] == ["instance"] and bool(phrase.attributes)
