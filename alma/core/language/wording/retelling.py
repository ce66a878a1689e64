"""Everything that is told of several things at once, told of each: before a request for something new is read.

The steps stand in the order in which one prepares the next.
"""

from __future__ import annotations

import re

from alma.core.language.vocabulary.gazetteer import Gazetteer
from alma.core.language.vocabulary.terms import Sort
from alma.core.language.wording.apiece import apiece
from alma.core.language.wording.asked_for import sufficing, wished
from alma.core.language.wording.blocks import in_blocks
from alma.core.language.wording.counted_earlier import by_count
from alma.core.language.wording.denials import denied
from alma.core.language.wording.environments_each import in_environments
from alma.core.language.wording.exposure import exposed_alone
from alma.core.language.wording.fields import in_fields
from alma.core.language.wording.gapped import ungapped
from alma.core.language.wording.hedges import named, plainly
from alma.core.language.wording.intros import without_intro
from alma.core.language.wording.likewise import likewise
from alma.core.language.wording.of_all import of_all
from alma.core.language.wording.portions import in_portions
from alma.core.language.wording.purposes import by_purpose
from alma.core.language.wording.restated import restated
from alma.core.language.wording.second_thoughts import settled
from alma.core.language.wording.standing_in import named_again
from alma.core.language.wording.told import without_remarks

# Characters. Longer messages are pasted rather than told, and would take their time.
_LONGEST = 4000
_THINGS = {Sort.SOFTWARE, Sort.TYPE, Sort.COMPUTE, Sort.ENGINE}
# A long run of blanks says no more than a short one, and would be tried from each of its places.
_WIDE = 12
_BLANK = re.compile(r"\s{13,}")


def retold(message: str, gazetteer: Gazetteer) -> str:
    """The message with what is denied, doubted, or said of parts or of all, said where the grammar looks for it."""
    if len(message) > _LONGEST:
        return message

    def program(word: str) -> bool:
        return Sort.SOFTWARE in gazetteer.meaning(word)

    def kind(word: str) -> str | None:
        term = gazetteer.meaning(word).get(Sort.SOFTWARE)
        return str(term.data.get("type")) if term is not None else None

    def thing(word: str) -> bool:
        return bool(gazetteer.meaning(word).keys() & _THINGS)

    message = told_of_each(in_environments(message), gazetteer)
    message = exposed_alone(without_remarks(sufficing(message, thing), gazetteer))
    message = likewise(in_fields(message, gazetteer.means, program))
    message = wished(named(settled(message, kind), program))
    message = in_blocks(plainly(denied(without_intro(message, gazetteer))), gazetteer.means)
    return of_all(in_portions(message), program)


def told_of_each(message: str, gazetteer: Gazetteer) -> str:
    """The message with the numbers of things that it tells in other ways: of each of several, by what they are for."""
    if len(message) > _LONGEST:
        return message
    message = _BLANK.sub(lambda found: found[0][:_WIDE], message)
    counted = by_count(apiece(restated(message), gazetteer), gazetteer)
    return by_purpose(named_again(ungapped(counted, gazetteer), gazetteer), gazetteer)
