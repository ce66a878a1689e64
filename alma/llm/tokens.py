"""How many tokens were used where nobody has counted them: answers that broke off, servers that don't say."""

from __future__ import annotations

from collections.abc import Mapping

from alma.core.model.base import Json, canonical_json
from alma.core.model.dialogue import Ask, Usage

# English prose and JSON have 3.5 to 4.5 characters to a token in the vocabularies in use. An assumption, used for
# estimates only.
CHARACTERS_PER_TOKEN = 4


def estimated(ask: Ask, document: Mapping[str, Json] | None) -> Usage:
    """What an ask and as much of its answer as has come took, by the length of their texts."""
    read = len(ask.system) + sum(len(part.text) for part in ask.parts)
    read += len(canonical_json(dict(ask.schema_)))
    written = 0 if document is None else len(canonical_json(dict(document)))
    return Usage(
        consumed=-(-read // CHARACTERS_PER_TOKEN), generated=-(-written // CHARACTERS_PER_TOKEN)
    )
