"""A message that only makes sense after those before it: taken back, begun again, one more, corrected, left incomplete.

Each of them is found by its own reader in `followups`. What they find is carried out here, by reading the request that
they put in full.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from alma.core.language.changing.targets import Focus
from alma.core.language.editing.edits import apply_edits
from alma.core.language.editing.outcome import Outcome
from alma.core.language.followups.amending import Amending
from alma.core.language.followups.another import Another, More, cloned, wants_another
from alma.core.language.followups.asked_about import one_of_it
from alma.core.language.followups.consent import refers_back
from alma.core.language.followups.considered import agrees_to_do, considered
from alma.core.language.followups.context import Context
from alma.core.language.followups.correcting import Correcting
from alma.core.language.followups.enquired import of_what_was_asked
from alma.core.language.followups.in_its_place import InItsPlace
