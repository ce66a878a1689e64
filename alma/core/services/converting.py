"""Takes foreign descriptions in: the readers of `core.migration`, with what they ask of prices and of policy."""

from __future__ import annotations

from decimal import Decimal

from alma.core.migration.conversion import Conversion, Lookups
from alma.core.migration.reading.form import convert, form_named
from alma.core.model.plain import MAX_BYTES
from alma.core.model.software import Catalogue
from alma.core.policy.plaintext import inline_secrets
from alma.core.services.estimates import Estimates


class Converting:
    """Makes blueprints of what others have written. Nothing is stored."""

    def __init__(self, *, catalogue: Catalogue, estimates: Estimates) -> None:
        self._estimates = estimates
        self._lookups = Lookups(
            catalogue=catalogue, type_size=self._type_size, is_secret=_is_secret
        )

    def convert(
        self,
        content: object,
        *,
        form: str | None = None,
        name: str = "",
        max_bytes: int = MAX_BYTES,
    ) -> Conversion:
        """The blueprint and the account of a description, given as its text or as plain values. Raises InvalidInput for
        an unknown form and for what is none of them, BlueprintInvalid for what can't be read, DocumentTooLarge."""
        known = form_named(form)
        return convert(content, self._lookups, form=known, name=name, max_bytes=max_bytes)

    def _type_size(self, provider: str, name: str) -> tuple[Decimal, Decimal] | None:
        book = self._estimates.clouds.get(provider)
        found = book.types.get(name) if book else None
        return (found.vcpu, found.memory_gib) if found else None


def _is_secret(name: str, value: str) -> bool:
    return any(True for _ in inline_secrets({name: value}))
