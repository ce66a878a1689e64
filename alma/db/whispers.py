"""Tells every process that shares a PostgreSQL something that need not last, such as the words of an answer while it is
made. Nothing of it is stored, and it may be lost.

Whoever may connect to the database could listen, and tell something, too, without a right to any table: so what is told
is sealed, and what is not ALMA's is not heard.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence

from sqlalchemy import Engine

from alma.core.model.credential import DerivedKeys
from alma.core.model.errors import AlmaError, InvalidInput, SecretUnreadable
from alma.db.errors import translated
from alma.db.keyring import Place, Sealed, seal
from alma.db.notifications import tell

WHISPERED = "alma_whispered"
PURPOSE = "what processes tell each other"
_FORMAT = "w1"
_PLACE: Place = ("whisper",)
_LONGEST = 7_999

logger = logging.getLogger(__name__)


class Whispers:
    """What is told, and heard, by one process."""

    def __init__(self, engine: Engine, keys: DerivedKeys) -> None:
        self._engine = engine
        self._keys = keys

    def tell(self, texts: Sequence[str]) -> None:
        """Says them in their order, each of at most 5,900 bytes. Raises InvalidInput, DatabaseUnavailable."""
        key = self._keys.lasting()
        sealed = [seal(_FORMAT, "-", key, text, _PLACE) for text in texts]
        if any(len(text) > _LONGEST for text in sealed):
            raise InvalidInput("this is too long to be told", hint="tell it in several pieces")
        with translated(), self._engine.begin() as connection:
            tell(connection, sealed, channel=WHISPERED)

    def hearing(self, hear: Callable[[str], None]) -> Callable[[str], None]:
        """What opens a text and gives it to `hear`."""

        def heard(sealed: str) -> None:
            try:
                text = Sealed.of(sealed, _PLACE).open(self._keys.lasting(), _PLACE)
            except SecretUnreadable:
                logger.warning("something was told that is not ALMA's, or under another key")
            except AlmaError as error:
                logger.warning("what another process told was not heard: %s", error.message)
            else:
                hear(text)

        return heard
